"""Every way of listing that the registers show, in our own words."""

from __future__ import annotations

import time

import pytest

from scrapers.competences import Listed, split


def texts(text: str) -> list[str]:
    return [each.text for each in split(text)]


THREE = ["Trier les plis reçus", "Servir le comptoir", "Compter la caisse"]
CODED = [Listed(text, code) for text, code in zip(THREE, ("C1", "C2", "C3"), strict=True)]


@pytest.mark.parametrize(
    "text",
    [
        "Trier les plis reçus\nServir le comptoir\nCompter la caisse",
        "Trier les plis reçus\n\n\nServir le comptoir  \n \nCompter la caisse\n",
        "- Trier les plis reçus\n- Servir le comptoir\n- Compter la caisse",
        "-Trier les plis reçus\n-Servir le comptoir\n-Compter la caisse",
        "* Trier les plis reçus ;\n* Servir le comptoir ;\n* Compter la caisse",
        "    • Trier les plis reçus\n    • Servir le comptoir\n    • Compter la caisse",
        "·         Trier les plis reçus\n·         Servir le comptoir\n·    Compter la caisse",
        "\uf0b7 Trier les plis reçus\n\uf0b7 Servir le comptoir\n\uf0b7 Compter la caisse",
        "o   Trier les plis reçus\no   Servir le comptoir\no   Compter la caisse",
        # The open data: only runs of blanks are left.
        "Trier les plis reçus  Servir le comptoir  Compter la caisse",
        "Trier les plis reçus    Servir le comptoir        Compter la caisse",
        "Trier les   plis reçus    Servir le  comptoir    Compter la caisse",
        "- Trier les plis   reçus  - Servir le comptoir  - Compter la  caisse",
        "- Trier les plis reçus - Servir le comptoir - Compter la caisse",
        "  - Trier les plis reçus  - Servir le comptoir  - Compter la caisse      ",
        "* Trier les plis reçus      * Servir le comptoir      * Compter la caisse",
        "· Trier les plis reçus · Servir le comptoir · Compter la caisse",
        "● Trier les plis reçus ● Servir le comptoir ● Compter la caisse",
        "Trier les\u00a0plis reçus \u00a0 Servir le comptoir\u00a0\u00a0\u00a0Compter la caisse",
    ],
)
def test_plain_ways_of_listing(text: str) -> None:
    assert split(text) == [Listed(each) for each in THREE]


@pytest.mark.parametrize(
    "text",
    [
        "C1. Trier les plis reçus    C2. Servir le comptoir    C3. Compter la caisse",
        "C1.Trier les plis reçus  C2.Servir le comptoir  C3.Compter la caisse",
        "C1 - Trier les plis reçus\nC2 – Servir le comptoir\nC3 -Compter la caisse",
        "C1 Trier les plis reçus\nC2 Servir le comptoir\nC3 Compter la caisse",
        "C1 : Trier les plis   reçus     C2:Servir le comptoir     C3 : Compter la caisse",
        "* C1. Trier les plis reçus      * C2.  Servir le comptoir      * C3. Compter la caisse",
    ],
)
def test_codes_stand_apart_from_the_text(text: str) -> None:
    assert split(text) == CODED


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("A1C1. Trier les plis    A1C2.Servir le comptoir    A1C10. Compter", "A1C1 A1C2 A1C10"),
        ("C.1.2.3 Trier les plis\nC.1.2.4 Servir le comptoir", "C.1.2.3 C.1.2.4"),
        ("C. 2.1.1 – Trier les plis\nC.2.1.2 –Servir le comptoir", "C.2.1.1 C.2.1.2"),
        ("A5.C1. Trier les plis   A5.C2. Servir le comptoir", "A5.C1 A5.C2"),
        ("C1.3A Trier les plis\nC1.3B Servir le comptoir", "C1.3A C1.3B"),
        ("1 : Trier les plis    2 : Servir le comptoir", "1 2"),
        ("1. Trier les plis    2.Servir le comptoir", "1 2"),
        ("1) Trier les plis\n2) Servir le comptoir", "1 2"),
        ("Compétence 1 : Trier les plis    Compétence 2 : Servir le comptoir", "1 2"),
        ("Compétence C1.1 : Trier les plis\nCompétence C1.2 : Servir", "C1.1 C1.2"),
    ],
)
def test_published_codes(text: str, codes: str) -> None:
    assert [each.code for each in split(text)] == codes.split()
    assert split(text)[0].text == "Trier les plis"


def test_groups_by_code() -> None:
    text = (
        "1.1 Au guichet\n1.1.1 Servir le comptoir\n1.1.2 Peser les colis\n1.2 En salle\n1.2.1 Trier"
    )
    assert split(text) == [
        Listed("Servir le comptoir", "1.1.1", "Au guichet"),
        Listed("Peser les colis", "1.1.2", "Au guichet"),
        Listed("Trier", "1.2.1", "En salle"),
    ]


def test_a_heading_covers_only_what_its_code_begins() -> None:
    text = (
        "1. Servir    2. Secourir une personne :    2.1 qui tombe ;    2.2 qui saigne ;    "
        "3. Ranger"
    )
    assert split(text) == [
        Listed("Servir", "1"),
        Listed("qui tombe", "2.1", "Secourir une personne"),
        Listed("qui saigne", "2.2", "Secourir une personne"),
        Listed("Ranger", "3"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1. Au guichet    * Servir le comptoir    * Peser les colis    2. En salle    * Trier",
        "Au guichet :\n- Servir le comptoir\n- Peser les colis\nEn salle :\n- Trier",
        "Au guichet\n\n   * Servir le comptoir\n   * Peser les colis\n\nEn salle\n\n   * Trier",
        "Au guichet :    - Servir le comptoir  - Peser les colis    En salle :    - Trier",
    ],
)
def test_headings_over_bullets(text: str) -> None:
    assert [(each.text, each.group) for each in split(text)] == [
        ("Servir le comptoir", "Au guichet"),
        ("Peser les colis", "Au guichet"),
        ("Trier", "En salle"),
    ]


def test_short_lines_without_a_full_stop_are_headings_among_sentences() -> None:
    text = (
        "Tenir un guichet    Servir chaque personne en tenant compte de sa demande et du temps.    "
        "Peser les colis en respectant les règles de sécurité affichées au comptoir.    "
        "Clore la journée    Compter la caisse en notant chaque écart dans le registre prévu."
    )
    assert [each.group for each in split(text)] == [
        "Tenir un guichet",
        "Tenir un guichet",
        "Clore la journée",
    ]


def test_short_lines_without_a_verb_are_headings_among_verbs() -> None:
    text = (
        "Salle\nServir le comptoir\nPeser les colis\nS'accorder sur un prix\n"
        "Bureau\nTrier les plis\nClasser les reçus"
    )
    assert [each.group for each in split(text)] == ["Salle"] * 3 + ["Bureau"] * 2


def test_a_lone_mark_makes_no_heading() -> None:
    assert texts("Trier les plis reçus · Servir le comptoir") == THREE[:2]


def test_a_heading_that_says_nothing_is_no_group() -> None:
    text = "Les compétences attestées sont les suivantes :       C1. Trier les plis     C2. Servir"
    assert split(text) == [Listed("Trier les plis", "C1"), Listed("Servir", "C2")]


def test_an_unmarked_line_among_bullets_is_an_item() -> None:
    assert texts("• Trier les plis\nServir le comptoir\n• Compter la caisse") == [
        "Trier les plis",
        "Servir le comptoir",
        "Compter la caisse",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Servir le comptoir en tenant compte\nde la demande\nTrier les plis\nCompter la caisse",
        "* Servir le comptoir en tenant compte\n  de la demande\n* Trier les plis\n"
        "* Compter la caisse",
    ],
)
def test_wrapped_lines_are_put_together(text: str) -> None:
    assert texts(text) == [
        "Servir le comptoir en tenant compte de la demande",
        "Trier les plis",
        "Compter la caisse",
    ]


def test_lists_in_lower_case() -> None:
    assert texts("trier les plis\nservir le comptoir") == ["trier les plis", "servir le comptoir"]
    assert texts("trier les plis ;    servir le comptoir") == [
        "trier les plis",
        "servir le comptoir",
    ]


def test_details_stay_with_the_coded_competence() -> None:
    text = "C1. Rendre compte :\n- de la caisse\n- des colis\nC2. Trier les plis"
    assert split(text) == [
        Listed("Rendre compte : de la caisse des colis", "C1"),
        Listed("Trier les plis", "C2"),
    ]


def test_what_looks_like_a_mark_and_is_none() -> None:
    assert texts("Tenir un journal* privé et un registre - même court") == [
        "Tenir un journal* privé et un registre - même court"
    ]
    assert (
        split("Atteindre le niveau B1 du cadre commun    2 ans de caisse au moins")[1].code is None
    )


@pytest.mark.parametrize("text", ["", "   ", "\n\n", " - ", "• \n *"])
def test_nothing_in_nothing_out(text: str) -> None:
    assert split(text) == []


def test_a_full_export_is_split_in_seconds() -> None:
    text = "- " + "  - ".join(THREE * 7)
    start = time.perf_counter()
    for _ in range(500):
        split(text)
    assert time.perf_counter() - start < 5  # 10,500 items; an export has 300,000


def test_no_text_makes_it_slow() -> None:
    start = time.perf_counter()
    for hostile in (" " * 200_000, "- " * 50_000, "C1" * 50_000, "1." * 50_000, "a  " * 50_000):
        split(hostile)
    assert time.perf_counter() - start < 10
