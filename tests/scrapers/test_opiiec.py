"""The OPIIEC job sheet: what headings decide, and what is not guessed."""

from __future__ import annotations

import pytest

from kb.errors import IncompleteDocument
from kb.model import Document, Job
from scrapers.sources import opiiec

SHEET = """{head}
Famille : Conseil
Finalité du métier
Il tient les comptes d'un phare.
Missions principales
Tenir le registre :
Il note chaque passage de bateau dans le registre du phare.
{more}"""


def parse(text: str) -> Job:
    (job,) = opiiec.parse(Document(text.encode(), "memory"))
    assert isinstance(job, Job)
    return job


def sheet(head: str = "GARDIEN DE PHARE", more: str = "") -> Job:
    return parse(SHEET.format(head=head, more=more))


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("GARDIEN DE PHARE", "Gardien de Phare"),
        ("CHARGÉ D'ÉTUDES À L'EXPORT", "Chargé d'Études à l'Export"),
        ("Gardien de phare", "Gardien de phare"),
    ],
)
def test_title_in_capitals(head: str, title: str) -> None:
    assert sheet(head).title == title


def test_true_spelling_of_the_title_is_found_elsewhere_on_the_page() -> None:
    job = sheet("CHEF DE PROJET ERP", "Proximité(s)/évolution(s) envisageables\nChef de projet ERP")
    assert job.title == "Chef de projet ERP"
    assert job.moves == ()


def test_a_second_printing_without_its_first_title_adds_nothing() -> None:
    first = "Ranger :\nIl range les lampes chaque soir avant la nuit.\n"
    job = sheet(
        more=first + "Il note chaque passage de bateau dans le registre du phare.\n" + first
    )
    assert [(task.title, task.text[:8]) for task in job.missions] == [
        ("Tenir le registre", "Il note "),
        ("Ranger", "Il range"),
    ]


@pytest.mark.parametrize(
    "levels",
    ["1\nVoir\n2\nPrévoir", "1 Voir\n2 Prévoir", "1. Voir\n2. Prévoir", "1 - Voir\n2 - Prévoir"],
)
def test_levels_however_they_are_numbered(levels: str) -> None:
    job = sheet(
        more="Compétences et niveaux attendus\nMacro compétences :\nVeiller\n"
        f"Niveaux et compétences attendues :\n{levels}\nNiveau attendu : 2\n"
        "Exemple concret d'activité pour le niveau attendu : Il voit venir la brume."
    )
    (macro,) = job.macro_competencies
    assert macro.levels == ("Voir", "Prévoir")
    assert macro.expected == 2
    assert macro.example == "Il voit venir la brume."


def test_missing_level_is_unknown_and_said() -> None:
    job = sheet(
        more="Compétences et niveaux attendus\nMacro compétences :\nVeiller\n"
        "Niveaux et compétences attendues :\nNiveau attendu :\n"
        "Exemple concret d'activité pour le niveau attendu :\nIl veille."
    )
    assert job.macro_competencies[0].expected is None
    assert any("Veiller: levels and expected level" in each.text for each in job.warnings)


def test_missing_headings_are_warned_of() -> None:
    said = " ".join(each.text for each in sheet().warnings)
    for heading in ("Contexte de travail", "Certifications", "Proximité(s)"):
        assert heading in said
    assert "Missions principales" not in said


def test_lines_that_give_no_value_are_counted() -> None:
    job = parse("Menu du site\n" + SHEET.format(head="GARDIEN", more="Pour en savoir plus\nVidéo"))
    said = [each.text for each in job.warnings]
    assert "lines before the sheet, not read: 1, from 'Menu du site' on" in said
    assert "lines of trends and links, not read: 1, from 'Vidéo' on" in said


def test_a_sheet_cut_after_its_head_is_an_error() -> None:
    with pytest.raises(IncompleteDocument, match="neither missions nor"):
        parse("GARDIEN\nFamille : Conseil\nFinalité du métier\nIl garde.")


def test_recognised_by_two_of_its_headings_or_more() -> None:
    assert opiiec.recognise(Document(b"Niveau attendu : 3", "memory")) == 0
    assert opiiec.recognise(Document(b"%PDF-1.4 Niveau attendu", "memory")) == 0
    both = "Finalité du métier\nMacro compétences".encode()
    assert opiiec.recognise(Document(both, "memory")) > 0.3
