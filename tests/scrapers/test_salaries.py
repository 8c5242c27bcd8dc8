"""Sentences about pay: amounts, period, experience and year, and amounts that are no pay."""

from __future__ import annotations

import pytest

from kb.model import Salary
from scrapers.jobs.salaries import PayContext, experience_in, read_salaries, year_in


def read(sentence: str, *, told: bool = True) -> list[Salary]:
    return list(read_salaries(sentence, "line 1", PayContext(in_section=told)))


@pytest.mark.parametrize(
    ("sentence", "low", "high", "period"),
    [
        ("De 1 700 à 2 050 euros par mois", 1700, 2050, "month"),
        ("entre 26 000 € et 31 000 € par an", 26000, 31000, "year"),
        ("Salaire : 36-41 K€ brut annuel", 36000, 41000, "year"),
        ("Salaire : 36k - 41k€/an", 36000, 41000, "year"),
        ("2.150 € nets mensuels", 2150, 2150, "month"),
        ("À partir de 1 830 euros brut par mois", 1830, None, "month"),
        ("jusqu'à 44 000 € par an", None, 44000, "year"),
        ("13,40 € de l'heure", 13.4, 13.4, "hour"),
        ("Taux horaire : 12,75 €", 12.75, 12.75, "hour"),
        ("Votre salaire sera de 2 701.33€ bruts mensuels", 2701.33, 2701.33, "month"),
        ("30 000EUR 35 000EUR bruts par an", 30000, 35000, "year"),
        ("2 200 € brut sur 13 mois", 2200, 2200, None),
        ("30 000 € annuels sur 13 mois", 30000, 30000, "year"),
        ("un salaire de 1\u202f900 € par mois".replace("\u202f", " "), 1900, 1900, "month"),
    ],
)
def test_amounts_and_period(
    sentence: str, low: float | None, high: float | None, period: str | None
) -> None:
    (salary,) = read(sentence)
    assert (salary.min, salary.max, salary.period) == (low, high, period)
    assert salary.text == sentence
    assert salary.currency == "EUR"


@pytest.mark.parametrize(
    "sentence",
    [
        "Tickets restaurant de 9 €",
        "une prime de 300 € par mois",
        "Une mutuelle à 40 € par mois",
        "Un chiffre d'affaires de 12 000 € par mois",
        "Il a 1 200 clients par an",
        "Si vous préférez, une formule à partir de 900 € par mois",
        "Le contrat dure 24 mois",
    ],
)
def test_amounts_that_are_no_pay(sentence: str) -> None:
    assert read(sentence) == []


def test_outside_a_part_about_pay_a_word_of_pay_is_needed() -> None:
    assert read("Le billet coûte 2 000 € par an", told=False) == []
    assert len(read("Un gardien gagne 2 000 € par mois", told=False)) == 1


def test_pay_before_its_extras() -> None:
    (salary,) = read("Rémunération : 2 300 € brut par mois, prime de 150 €, tickets restaurant")
    assert (salary.min, salary.max) == (2300, 2300)


def test_two_levels_of_experience_in_one_sentence() -> None:
    first, second = read("1 800 € par mois pour un débutant, 2 600 € par mois pour un confirmé")
    assert (first.experience, first.min) == ("débutant", 1800)
    assert (second.experience, second.min) == ("confirmé", 2600)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pour les débutants", "débutants"),
        ("les plus expérimentées", "expérimentées"),
        ("avec quelques années d'expérience", "quelques années d'expérience"),
        ("en fin de carrière", "fin de carrière"),
        ("au bout de dix ans", "au bout de dix ans"),
        ("selon l'entreprise", None),
    ],
)
def test_experience_as_said(text: str, said: str | None) -> None:
    assert experience_in(text) == said


def test_year_only_where_it_is_said() -> None:
    assert year_in("les salaires relevés en 2023 :") == 2023
    assert year_in("2023 euros") is None
    assert year_in("à partir de 2000 euros par mois") is None
    assert year_in("en 2000 euros constants") is None


def test_context_gives_what_the_sentence_leaves_out() -> None:
    context = PayContext(in_section=True, experience="débutant", year=2022)
    (salary,) = read_salaries("1 900 € par mois", "line 9", context)
    assert (salary.experience, salary.year, salary.place) == ("débutant", 2022, "line 9")
