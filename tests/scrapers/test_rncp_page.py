"""The register's page where it is incomplete, doubled, or laid out in another way."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import EmptyDocument, IncompleteDocument
from kb.model import AccessRoute, Certification, CohortStatistics, Document
from scrapers.sources import rncp_page

FIXTURES = Path(__file__).parent.parent / "fixtures" / "rncp_page"
TEXT = (FIXTURES / "copied_text" / "page.txt").read_text("utf-8")
HTML = (FIXTURES / "html_tables" / "page.html").read_text("utf-8")


def read(text: str) -> Certification:
    (record,) = rncp_page.parse(Document(text.encode(), "page.txt"))
    assert isinstance(record, Certification)
    return record


def remarks(text: str) -> list[str]:
    return [each.text for each in read(text).warnings]


def without(section: str, until: str) -> str:
    start = TEXT.index(section)
    return TEXT[:start] + TEXT[TEXT.index(until, start) :]


def test_the_fixture_has_no_remark() -> None:
    assert remarks(TEXT) == []


@pytest.mark.parametrize(
    ("section", "until", "field", "unknown"),
    [
        ("Objectifs et contexte", "Activités visées", "objectives", None),
        ("Activités visées", "Compétences attestées", "activities", ()),
        ("Compétences attestées", "Modalités d'évaluation", "attested", None),
        ("Nom légal", "Objectifs et contexte", "certifiers", ()),
        ("Secteurs d’activités", "Type d'emplois", "sectors", ()),
        ("Type d'emplois", "Code(s) ROME", "job_titles", ()),
        ("Code(s) ROME", "Références juridiques", "rome", ()),
        ("Statistiques :", "Lien internet", "statistics", ()),
    ],
)
def test_a_missing_heading_is_a_remark_and_an_unknown(
    section: str, until: str, field: str, unknown: object
) -> None:
    sheet = read(without(section, until))
    assert getattr(sheet, field) == unknown
    assert len([each for each in sheet.warnings if "no heading" in each.text]) == 1


def test_blocks_alone_suffice_and_give_the_competences() -> None:
    sheet = read(without("Compétences attestées", "Modalités d'évaluation"))
    assert [len(block.competencies) for block in sheet.blocks] == [2, 2]


def test_attested_competences_alone_suffice() -> None:
    text = without("RNCP990101BC01", "Description des modalités")
    sheet = read("RNCP990101 - Responsable d’étal\n" + text)
    assert sheet.blocks == ()
    assert [each.block for each in sheet.competencies] == [None] * 4


@pytest.mark.parametrize("line", [10, 30, 45, 55])
def test_a_page_cut_before_its_competences(line: int) -> None:
    cut = "\n".join(TEXT.split("\n")[:line])
    with pytest.raises(IncompleteDocument, match=r"may be cut off \(last line"):
        read(cut)


def test_a_page_cut_later_says_what_is_unknown() -> None:
    cut = TEXT[: TEXT.index("Secteurs d’activités")]
    assert len([text for text in remarks(cut) if "no heading" in text]) == 5


def test_a_page_of_nobody() -> None:
    with pytest.raises(IncompleteDocument, match="neither its number nor its title"):
        read(without("RNCP990101BC01", "Description des modalités"))


def test_an_empty_page() -> None:
    with pytest.raises(EmptyDocument):
        read("  \n")


def test_the_number_comes_from_the_blocks_and_no_title_is_made_up() -> None:
    sheet = read(TEXT)
    assert (sheet.number, sheet.title) == ("RNCP990101", None)


def test_a_number_alone_in_a_line() -> None:
    assert read("N° de fiche\nRNCP990199\n" + TEXT).number == "RNCP990199"


def test_blocks_of_two_sheets() -> None:
    assert any(
        "several sheets" in text for text in remarks(TEXT.replace("990101BC02", "990102BC02"))
    )


def test_a_block_told_twice() -> None:
    again = TEXT[TEXT.index("RNCP990101BC02") : TEXT.index("Description des modalités")]
    text = TEXT.replace("Description des modalités", again + "Description des modalités", 1)
    assert [len(block.competencies) for block in read(text).blocks] == [2, 2]
    assert any("told twice" in each for each in remarks(text))


def test_the_heading_between_competences_and_assessments_decides() -> None:
    text = TEXT.replace("Liste de compétences Modalités d'évaluation", "Liste de compétences")
    text = text.replace(
        "Étude de cas écrite.\n\nDesc", "Modalités d'évaluation\n\nUn fruit\n\nDesc"
    )
    block = read(text).blocks[1]
    assert len(block.competencies) == 2
    assert block.assessments == ("Un fruit",)


def test_assessments_are_told_apart_without_the_sheets_own_list() -> None:
    text = without("Compétences attestées", "RNCP990101BC01")
    assert [block.assessments for block in read(text).blocks] == [
        ("Mise en situation sur un étal reconstitué.",),
        ("Étude de cas écrite.",),
    ]


def test_statistics_that_cannot_be() -> None:
    text = TEXT.replace("2024 18 2 94 72,5 -", "2024 18 2 194 72,5 -\n2022 5 1")
    sheet = read(text)
    assert sheet.statistics[0] == CohortStatistics(2024, 18, 2, None, 72.5, None)
    told = [each.text for each in sheet.warnings]
    assert any("'194'" in each for each in told)
    assert any("'2022 5 1'" in each for each in told)


def test_a_certifier_without_siret() -> None:
    text = TEXT.replace("CHAMBRE IMAGINAIRE 00098765400019 - -", "CHAMBRE IMAGINAIRE - -")
    certifier = read(text).certifiers[1]
    assert (certifier.name, certifier.siret, certifier.trade_name) == (
        "CHAMBRE IMAGINAIRE",
        None,
        None,
    )
    assert any("no SIRET" in each for each in remarks(text))


def test_a_siret_with_a_wrong_digit_is_unknown() -> None:
    text = TEXT.replace("00098765400019", "00098765400018")
    assert read(text).certifiers[1].siret is None
    assert any("'00098765400018'" in each for each in remarks(text))


def test_text_that_kept_its_tabs_keeps_its_columns() -> None:
    start = TEXT.index("Voie d’accès")
    table = (
        "Voie d’accès à la certification\tOui\tNon\tComposition des jurys\n"
        "En contrat d’apprentissage\tX\t\tDeux personnes\n"
        "Par expérience\t\tX\t-\n"
        "\tOui\tNon\nInscrite au cadre de la Nouvelle Calédonie\tX\t\n"
    )
    sheet = read(TEXT[:start] + table + TEXT[TEXT.index("Statistiques :") :])
    assert sheet.access_routes == (
        AccessRoute("apprenticeship", True, "Deux personnes"),
        AccessRoute("vae", False),
    )
    assert sheet.territories.nouvelle_caledonie is True
    assert sheet.territories.polynesie_francaise is None


def test_marks_drawn_as_pictures_are_inferred_from_the_jury() -> None:
    sheet = read(HTML.replace("<td>X</td>", "<td><svg></svg></td>"))
    assert [(each.open, each.inferred) for each in sheet.access_routes] == [
        (None, False),
        (True, True),
        (None, False),
        (True, True),
        (None, False),
        (True, True),
    ]
    assert sheet.territories.nouvelle_caledonie is None


def test_partners_with_an_unknown_label() -> None:
    text = HTML.replace("HABILITATION_ORGA_FORM", "HABILITATION_NEUVE")
    assert read(text).partners[0].role is None
    assert any("HABILITATION_NEUVE" in each for each in remarks(text))


@pytest.mark.parametrize("text", [TEXT, HTML])
def test_pages_are_recognised(text: str) -> None:
    assert rncp_page.recognise(Document(text.encode(), "x")) >= 0.9


def test_a_cut_page_is_still_recognised() -> None:
    cut = (FIXTURES / "cut" / "page.txt").read_bytes()
    assert 0 < rncp_page.recognise(Document(cut, "x")) < 0.9


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour",
        "Nos titulaires de la RNCP990101BC01 - Tenir un étal sont demandés.",
        "Offre : les compétences attestées par un diplôme sont un plus ; voir RNCP990101.",
        "<?xml version='1.0'?><FICHES><FICHE/></FICHES>",
    ],
)
def test_a_mention_is_not_a_page(text: str) -> None:
    assert rncp_page.recognise(Document(text.encode(), "x")) == 0


def test_rows_that_are_none_are_told() -> None:
    text = HTML.replace("<td>ATELIER SANS NUMERO</td>", "<td>-</td>")
    text = text.replace("<td>ECOLE DES CRETES</td><td>00033344400016</td>", "<td></td><td>?</td>")
    told = remarks(text)
    assert any("a certifier without a name" in each for each in told)
    assert any("a row of partners was not understood" in each for each in told)


def test_lines_outside_of_the_access_routes_are_told() -> None:
    text = TEXT.replace("Oui Non\nInscrite", "Oui Non\nInscrite ailleurs\nInscrite")
    text = text.replace("Par candidature individuelle X", "Par expérience X - -")
    sheet = read(text)
    told = [each.text for each in sheet.warnings]
    assert any("'Inscrite ailleurs'" in each for each in told)
    assert any("vae is told twice" in each for each in told)
    assert len(sheet.access_routes) == 5
