"""Where a certification stands in the register, as its page shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from fastapi.testclient import TestClient

from kb.merge import Difference
from kb.register import Succession, Validity
from kb.timeline import Event
from tests.web.conftest import DOSSIER, ORIGIN
from tests.web.reading import words
from web.language import LANGUAGES, language
from web.standing import standing
from web.views import field_label

FR, EN = language("fr"), language("en")


@pytest.fixture
def section(client: TestClient) -> Tag:
    page = BeautifulSoup(client.get("/certifications/RNCP990001").text, "html.parser")
    (found,) = page.select("section:has(#registre)")
    return found


def links(tag: Any) -> dict[str, str]:
    return {words(a): a["href"] for a in tag.select("a")}


def test_the_sheet_begins_with_whether_it_is_in_force(client: TestClient) -> None:
    page = BeautifulSoup(client.get("/certifications/RNCP990001").text, "html.parser")
    told = words(page.select("p.standing")[0])
    assert "N’est pas en vigueur au 5 mars 2026." in told
    assert "1er septembre 2029" in told
    assert "non publié" in told, "the last day of awarding is not"
    bare = BeautifulSoup(client.get("/certifications/RNCP990002").text, "html.parser")
    assert "Aucun document" in words(bare.select("p.standing")[0])
    assert not bare.select("ol.chain, ul.equivalences, details.near, details.events")


def test_the_chain_leads_to_the_one_in_force(section: Tag) -> None:
    steps = section.select("ol.chain > li")
    assert [words(step.select("span.tag")[0]) for step in steps] == [
        "plus en vigueur",
        "en vigueur",
        "absente de la base",
    ]
    assert links(steps[0]) == {
        "RNCP990001": "/certifications/RNCP990001",
        "RNCP990003": "/certifications/RNCP990003",
    }
    assert links(steps[2]) == {}, "what is not held has no page"
    assert "RNCP990009" in words(section.select("p.help")[0])


def test_official_and_computed_stand_apart(section: Tag) -> None:
    official = section.select("ul.equivalences > li")
    assert links(official[0]) == {
        "RNCP990001BC01": "/certifications/RNCP990001#RNCP990001BC01",
        "RNCP990002": "/certifications/RNCP990002",
    }
    assert "blocs non précisés" in words(official[0])
    assert links(official[1]) == {"RNCP990001BC02": "/certifications/RNCP990001#RNCP990001BC02"}
    assert "RNCP990008BC01" in words(official[1])
    assert "dit par la fiche RNCP990008" in words(official[1])
    (near,) = section.select("details.near li")
    assert links(near)["RS9904"] == "/certifications/RS9904"
    assert words(near.select("span.tag")[0]) == "calculé"


def test_the_history_tells_what_was_and_what_is(section: Tag) -> None:
    rows = [[words(cell) for cell in row.select("th, td")] for row in section.select("tbody tr")]
    assert rows == [
        ["1er février 2026", "Prise d’effet", "–", "–"],
        ["1er mars 2026", "Fiche désactivée", "–", "–"],
        ["1er mars 2026", "Intitulé", "Serriste", "Responsable de serre"],
        [
            "1er mars 2026",
            "Compétences (RNCP990001BC02)",
            "–",
            "Tenir le registre des ventes de plants",
        ],
    ]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("active", [True, False, None])
def test_every_state_and_event_has_words(code: str, active: bool | None) -> None:
    kinds = (
        "created", "changed", "deactivated", "reactivated", "replaced",
        "decided", "published", "in_effect", "registration_ends", "award_ends",
    )  # fmt: skip
    steps = tuple(replace(step, active=active, known=True) for step in DOSSIER.succession.steps)
    told = replace(
        DOSSIER,
        validity=Validity(active, "published_state", None, None, None, None),
        succession=Succession(steps, (), (), ("RNCP990001",)),
        equivalences=tuple(replace(DOSSIER.equivalences[0], stated_by=x) for x in ("this", "both")),
    )
    view = standing(language(code), told, [Event(date(2026, 1, 1), kind) for kind in kinds])
    assert len({event.what for event in view.events}) == len(kinds)
    assert any("no longer" in x or "ne peut plus" in x for x in view.bounds) is (active is False)
    assert "RNCP990001" in view.remarks[0]
    assert view.events_folded


def test_lists_and_records_are_told_in_words() -> None:
    events = [
        Event(date(2026, 1, 1), "changed", "nsf", '[{"code":"213","label":"Forêts"}]', "[]"),
        Event(date(2026, 1, 1), "changed", "title", "[Ancien] Chef", "2024"),
        Event(date(2026, 1, 1), "changed", "objectives", None, "mot " * 200),
    ]
    nsf, title, objectives = standing(FR, DOSSIER, events).events
    assert (nsf.before, nsf.after) == ("213 ; Forêts", "aucun")
    assert (title.before, title.after) == ("[Ancien] Chef", "2024")
    assert objectives.before is None
    assert objectives.after is not None
    assert objectives.after.endswith("…")


def test_a_field_within_a_field_has_a_name() -> None:
    assert field_label(EN, "blocks.RNCP990001BC01.title") == (
        f"{EN.t('field.blocks')} (RNCP990001BC01.title)"
    )
    assert field_label(EN, "title") == EN.t("field.title")


def test_a_sheet_whose_documents_differ_on_a_block_has_a_page(
    client: TestClient, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = service.certification("RNCP990001")
    differs = Difference("blocks.RNCP990001BC01.title", "Conduire", "Mener", ORIGIN)
    changed = replace(entry, differences=(differs,))
    monkeypatch.setattr(service, "certification", lambda _: changed)
    page = client.get("/certifications/RNCP990001")
    assert page.status_code == 200
    assert "(RNCP990001BC01.title)" in page.text
