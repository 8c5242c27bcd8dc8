"""What the views work out: words, numbers, dates, addresses, and one catalogue a language."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

import web.views
from kb.model import ACCESS_ROUTES, Certification, Job
from web.language import LANGUAGES, choose, language
from web.report import marked
from web.sheets import plain
from web.views import certification_href, entity_of, href, job_href, search_href

WEB = Path(web.views.__file__).parent
FR, EN = language("fr"), language("en")

# Keys made from a value: every value that the vocabulary has.
MADE = {
    *(f"field.{f.name}" for kind in (Certification, Job) for f in fields(kind)),
    *(f"route.{route}" for route in ACCESS_ROUTES),
    *(f"kind.{kind}" for kind in web.views.SEARCH_KINDS),
    *(f"month.{n}" for n in range(1, 13)),
    *(f"role.{role}" for role in ("train", "assess", "train_and_assess")),
    *(f"state.{state}" for state in ("active", "inactive", "removed")),
    *(f"period.{period}" for period in ("hour", "month", "year")),
    *(f"direction.{direction}" for direction in ("to", "from")),
    *(f"distance.{distance}" for distance in ("near", "medium", "far")),
}


def used() -> set[str]:
    """Keys written out in templates and views; those of `count` with both endings."""
    found = set()
    for path in (*WEB.glob("templates/*.html"), *WEB.glob("*.py")):
        text = path.read_text("utf-8")
        found |= set(re.findall(r"\bt\(\s*['\"]([a-z_.0-9]+)['\"]", text))
        for key in re.findall(r"\.count\(\s*\"([a-z_.]+)\"", text):
            found |= {f"{key}.one", f"{key}.other"}
    return found


def test_both_catalogues_have_the_same_keys() -> None:
    assert set(FR.strings) == set(EN.strings)


def test_both_catalogues_fill_in_the_same_names() -> None:
    for key, text in FR.strings.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", EN.strings[key])), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_key_in_use_exists(code: str) -> None:
    keys = used()
    assert len(keys) > 100
    assert (keys | MADE) - set(language(code).strings) == set()


def test_french_before_double_punctuation_takes_a_blank_that_does_not_break() -> None:
    for key, text in FR.strings.items():
        assert not re.search(r"\w[:;?!»](\s|$)| [:;?!»]|« ", text), key


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (0, "0", "0"),
        (1250, "1\u202f250", "1,250"),
        (42.5, "42,5", "42.5"),
        (1000.0, "1\u202f000", "1,000"),
        (1234567.25, "1\u202f234\u202f567,25", "1,234,567.25"),
        (None, None, None),
    ],
)
def test_numbers(value: float | None, french: str | None, english: str | None) -> None:
    assert FR.number(value) == french
    assert EN.number(value) == english


def test_dates() -> None:
    assert FR.date(date(2028, 9, 24)) == "24 septembre 2028"
    assert FR.date(date(2028, 8, 1)) == "1er août 2028"
    assert EN.date(date(2028, 8, 1)) == "1 August 2028"
    assert FR.date(None) is None


def test_hours_money_and_shares() -> None:
    assert FR.hours(52.5) == "52\u00a0h\u00a030"
    assert FR.hours(931) == "931\u00a0h"
    assert FR.hours(0.1) == "0\u00a0h\u00a006"
    assert FR.money(28000, "EUR") == "28\u202f000\u00a0€"
    assert EN.money(28000, "EUR") == "€28,000"
    assert FR.percent(100) == "100\u00a0%"
    assert EN.percent(42.5) == "42.5%"
    assert FR.share(0.505) == "50\u00a0%"


def test_zero_is_singular_in_french_and_plural_in_english() -> None:
    assert FR.count("search.count", 0) == "0 résultat"
    assert EN.count("search.count", 0) == "0 results"
    assert FR.count("search.count", 2) == "2 résultats"
    assert EN.count("search.count", 1) == "1 result"


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        (None, None, None, "fr"),
        ("en", "fr", "fr", "en"),
        (None, "en", "fr", "en"),
        (None, None, "en-GB,en;q=0.9,fr;q=0.8", "en"),
        (None, None, "de, fr;q=0.5, en;q=0.7", "en"),
        (None, None, "en;q=0", "fr"),
        (None, None, "de, es", "fr"),
        ("xx", "../en", ";;q=,", "fr"),
    ],
)
def test_choice_of_language(
    asked: str | None, kept: str | None, accepted: str | None, chosen: str
) -> None:
    assert choose(asked, kept, accepted).code == chosen


@pytest.mark.parametrize(
    ("identifier", "entity", "address"),
    [
        ("rncp:RNCP990001", "rncp:RNCP990001", "/certifications/RNCP990001"),
        ("rs:RS9900", "rs:RS9900", "/certifications/RS9900"),
        (
            "rncp:RNCP990001BC02",
            "rncp:RNCP990001",
            "/certifications/RNCP990001#RNCP990001BC02",
        ),
        (
            "rncp:RNCP990001/C1.2@RNCP990001BC02",
            "rncp:RNCP990001",
            "/certifications/RNCP990001#C1.2",
        ),
        ("titre:chef-de-serre", "titre:chef-de-serre", "/certifications/titre:chef-de-serre"),
        ("job:chef-de-serre", "job:chef-de-serre", "/metiers/chef-de-serre"),
        ("job:chef-de-serre/mission/0a1b", "job:chef-de-serre", "/metiers/chef-de-serre"),
    ],
)
def test_everything_with_an_identifier_has_an_address(
    identifier: str, entity: str, address: str
) -> None:
    assert entity_of(identifier) == entity
    assert href(identifier) == address


def test_addresses_are_quoted() -> None:
    assert search_href("chef & co") == "/recherche?q=chef%20%26%20co"
    assert job_href("job:a b") == "/metiers/a%20b"
    assert certification_href("RNCP1/2", 'a"b') == "/certifications/RNCP1%2F2#a%22b"


def test_marked_words() -> None:
    parts = marked("Planifier les arrosages", (10, 13))
    assert (parts.before, parts.mark, parts.after) == ("Planifier ", "les", " arrosages")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "non publié"),
        (True, "Oui"),
        (5, "5"),
        ("2028-09-24", "24 septembre 2028"),
        ("un texte", "un texte"),
        ([], "aucun"),
        (
            [{"code": "A1414", "label": None}, {"code": "A1415", "label": "Serre"}],
            "A1414 ; A1415 ; Serre",
        ),
    ],
)
def test_any_value_as_one_line(value: object, text: str) -> None:
    assert plain(FR, value) == text
