"""The référentiel's reader, on documents of our own."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from reportlab.pdfgen import canvas

from kb.errors import IncompleteDocument, UnreadableDocument
from kb.model import Certification, Document, Remark
from scrapers.referentiels.cells import items, paragraphs, split_codes, tidy
from scrapers.sources import referentiel

FIXTURES = Path(__file__).parent.parent / "fixtures" / "referentiel"


@pytest.fixture
def gardens() -> str:
    return (FIXTURES / "jardins" / "page.txt").read_text("utf-8")


def parsed(text: str) -> tuple[Certification, list[Remark]]:
    records = list(referentiel.parse(Document(text.encode(), "essai.txt")))
    found = [record for record in records if isinstance(record, Certification)]
    assert len(found) == 1
    return found[0], [record for record in records if isinstance(record, Remark)]


def warnings(certification: Certification) -> str:
    return "\n".join(remark.text for remark in certification.warnings)


def test_every_line_is_read_or_told(gardens: str) -> None:
    _, remarks = parsed(gardens)
    assert [remark.text for remark in remarks] == ["lines that were not understood: 1: line 81"]
    _, remarks = parsed(gardens.replace("Cette ligne ne dit rien que l'on sache lire.", ""))
    assert remarks == []


def test_dashes_are_zero_only_where_the_total_proves_it(gardens: str) -> None:
    points = {m.code: m.continuous_points for m in parsed(gardens)[0].modules}
    assert points == {"M1.1": 80, "M1.2": 0, "M2.1": 30, "M2.2": None}


def test_true_totals_give_no_warning(gardens: str) -> None:
    mended = (
        gardens.replace("410 pts", "400 pts")
        .replace("\t40h\t50 pts", "\t35h\t30 pts")
        .replace("\t50 pts\t100 pts", "\t70 pts\t100 pts")
        .replace("l'un des 3 blocs", "l'un des 2 blocs")
        .replace("30 pts (moyenne", "35 pts (moyenne")
        .replace("15 jours de formation soit 112H", "16 jours de formation soit 120H")
        .replace("C.2.2.1 & C.2.3.1", "C.2.2.1")
    )
    certification, _ = parsed(mended)
    assert len(certification.warnings) == 2
    assert "inferred" in warnings(certification)
    assert "A.2.2 is missing" in warnings(certification)


def test_running_headers_are_not_read_into_a_statement(gardens: str) -> None:
    certification, _ = parsed(gardens)
    texts = [c.text for c in certification.competencies]
    texts += [each for c in certification.competencies for each in c.criteria]
    assert not any("DOSSIER" in text for text in texts)


def test_a_document_without_number_names_its_blocks_by_order(gardens: str) -> None:
    certification, _ = parsed(gardens.replace("RNCP990042", "du registre"))
    assert certification.number is None
    assert [block.code for block in certification.blocks] == ["BC01", "BC02"]
    assert certification.competencies[0].id == (
        "titre:technicien-des-jardins-suspendus-chef-d-equipe/C.1.1.1"
    )


def test_published_block_codes_are_kept(gardens: str) -> None:
    text = gardens.replace("Bloc de compétences n° 1 :", "RNCP990042BC07 -").replace(
        "Bloc de compétences n° 2 :", "RNCP990042BC09 -"
    )
    certification, _ = parsed(text)
    assert [block.code for block in certification.blocks] == ["RNCP990042BC07", "RNCP990042BC09"]
    assert "inferred" not in warnings(certification)


def test_several_numbers_and_none_the_sheets_own(gardens: str) -> None:
    text = gardens.replace("Document mis à jour", "RNCP990001 puis RNCP990002, mis à jour")
    assert parsed(text)[0].number == "RNCP990042"  # called "fiche" in the text
    certification, _ = parsed(text.replace("la fiche correspondante", ""))
    assert certification.number is None
    assert "several sheets are named" in warnings(certification)


def test_without_title_nor_number(gardens: str) -> None:
    text = gardens[gardens.index("DOSSIER DE DEMANDE") :].replace("RNCP990042", "")
    with pytest.raises(IncompleteDocument, match="neither the title nor the number"):
        parsed(text)


def test_a_block_heading_that_a_page_repeats(gardens: str) -> None:
    heading = "<p>Bloc de compétences n° 2 : Encadrer une équipe de jardiniers</p>\t\n"
    assert heading in gardens
    row = "<p>1/ En relation avec les compétences C.2.1.1, C"
    once, again = parsed(gardens)[0], parsed(gardens.replace(row, heading + row))[0]
    assert [(b.code, b.competencies) for b in again.blocks] == [
        (b.code, b.competencies) for b in once.blocks
    ]


def test_a_certification_without_blocks() -> None:
    text = (
        "Tenir une volière\n\nFiche RS9901\n\n"
        "REFERENTIEL DE COMPETENCES\tMODALITÉS D'ÉVALUATION\tCRITÈRES D'ÉVALUATION\n"
        "C1.1 Nourrir les oiseaux\tUn oral\t- Rien ne manque\n"
        "C1.2 Abreuver les oiseaux\tUn écrit\t- L'eau est propre\n"
    )
    certification, remarks = parsed(text)
    assert remarks == []
    assert (certification.number, certification.blocks) == ("RS9901", ())
    assert [(c.block, c.activity) for c in certification.competencies] == [(None, None)] * 2
    assert certification.competencies[1].criteria == ("L'eau est propre",)
    assert certification.competencies[0].id == "rs:RS9901/C1.1"
    assert certification.assessments == ("C1.1\nUn oral", "C1.2\nUn écrit")
    assert certification.warnings == ()


def test_an_unknown_section_of_the_rules_is_told(gardens: str) -> None:
    certification, _ = parsed(gardens.replace("3. Fraude aux épreuves", "3. Tenue de soirée"))
    assert "of no known kind: 3. Tenue de soirée" in warnings(certification)


def test_cut_before_the_criteria(gardens: str) -> None:
    cut = gardens[: gardens.index("<p>1/ En relation avec les compétences C.2.1.1, C")]
    with pytest.raises(IncompleteDocument, match=r"criteria of C\.2\.1\.1, C\.2\.2\.1"):
        parsed(cut)


def test_without_competence(gardens: str) -> None:
    with pytest.raises(IncompleteDocument, match="without any competence"):
        parsed(gardens[: gardens.index("Bloc de compétences n° 1")])


@pytest.mark.parametrize(
    "text",
    [
        "Je connais le référentiel de compétences de mon équipe.",
        "2.2 Le référentiel de compétences\n2.1 Le référentiel d'activités, les fondations",
        "<?xml version='1.0'?><FICHES><FICHE/></FICHES>",
        "Bonjour",
    ],
)
def test_other_documents_are_not_recognised(text: str) -> None:
    assert referentiel.recognise(Document(text.encode(), "autre.txt")) == 0


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"%PDF-1.4 nothing", b"PK\x03\x04", b"\xff"])
def test_recognising_raises_nothing(content: bytes) -> None:
    assert referentiel.recognise(Document(content, "x")) == 0


def test_items_of_a_flattened_list() -> None:
    found = items("<ul>• Qualité :- premier point,- second (à part) - entier <p>- </p>")
    assert [(item.mark, item.text) for item in found] == [
        ("•", "Qualité :"),
        ("-", "premier point,"),
        ("-", "second (à part)"),
        ("-", "entier"),
    ]
    assert [item.text for item in items("les taxes – déductibles – sont vues, vice-versa")] == [
        "les taxes – déductibles – sont vues, vice-versa"
    ]


def test_wrapped_lines_of_a_cell_are_joined() -> None:
    assert paragraphs("C.1.1 Tenir les\nregistres et un en-\ntête\nC.1.2 Ranger") == [
        "C.1.1 Tenir les registres et un en-tête",
        "C.1.2 Ranger",
    ]
    assert paragraphs("En relation avec C.1.1 &\nC.1.2 Suite") == [
        "En relation avec C.1.1 & C.1.2 Suite"
    ]


def test_codes_that_are_named_do_not_start_a_statement() -> None:
    assert split_codes("C.1.1 Tenir. C.1.2 Ranger") == ["C.1.1 Tenir.", "C.1.2 Ranger"]
    assert split_codes("Compétences C.1.1, C.1.2 & C.1.3 Une étude") == [
        "Compétences C.1.1, C.1.2 & C.1.3 Une étude"
    ]


def test_tidy_drops_markup() -> None:
    assert tidy("**Gras** <i>et</i> l&apos;autre &amp; *lui*") == "Gras et l'autre & lui"


def test_docx_with_merged_cells() -> None:
    word = docx.Document()
    word.add_paragraph("Agent de volière")
    table = word.add_table(rows=5, cols=4)
    rows = [
        ["RÉFÉRENTIEL D'ACTIVITÉS", "RÉFÉRENTIEL DE COMPÉTENCES", "MODALITÉS", "CRITÈRES"],
        ["Bloc 1 - Soigner", "", "", ""],
        ["A1.1 Soins", "C1.1.1 Nourrir", "Un oral", "- Rien ne manque"],
        ["", "C1.1.2 Abreuver", "Un écrit", ""],
        ["", "C1.1.3 Nettoyer", "Un essai", "- Tout est sec"],
    ]
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    table.cell(1, 0).merge(table.cell(1, 3))
    table.cell(2, 0).merge(table.cell(4, 0))
    table.cell(2, 3).merge(table.cell(3, 3))
    stream = io.BytesIO()
    word.save(stream)
    document = Document(stream.getvalue(), "voliere.docx")
    assert referentiel.recognise(document) > 0.9
    (certification,) = referentiel.parse(document)
    assert isinstance(certification, Certification)
    assert certification.title == "Agent de volière"
    assert [a.code for a in certification.activities] == ["A1.1"]
    assert [(c.code, c.criteria) for c in certification.competencies] == [
        ("C1.1.1", ("Rien ne manque",)),
        ("C1.1.2", ("Rien ne manque",)),
        ("C1.1.3", ("Tout est sec",)),
    ]


def test_html_table() -> None:
    page = """<html><body><h1>Agent de volière</h1><table>
    <tr><th>RÉFÉRENTIEL D'ACTIVITÉS</th><th>RÉFÉRENTIEL DE COMPÉTENCES</th>
    <th>MODALITÉS D'ÉVALUATION</th><th>CRITÈRES D'ÉVALUATION</th></tr>
    <tr><td colspan="4">Bloc 1 - Soigner</td></tr>
    <tr><td><p>A1.1 Soins</p></td><td><p>C1.1.1 Nourrir</p><p>C1.1.2 Abreuver</p></td>
    <td>Un oral</td><td><ul><li>Rien ne manque</li><li>Tout est noté</li></ul></td></tr>
    </table></body></html>"""
    document = Document(page.encode(), "voliere.html")
    assert referentiel.recognise(document) > 0.9
    certification, remarks = parsed(page)
    assert remarks == []
    assert certification.title == "Agent de volière"
    assert [(c.code, c.criteria) for c in certification.competencies] == [
        ("C1.1.1", ("Rien ne manque", "Tout est noté")),
        ("C1.1.2", ("Rien ne manque", "Tout est noté")),
    ]
    assert certification.blocks[0].assessments == ("C1.1.1, C1.1.2\nUn oral",)


def test_cut_anywhere_it_gives_an_error_or_less_but_never_more(gardens: str) -> None:
    whole = {c.code: c.criteria for c in parsed(gardens)[0].competencies}
    table_end = gardens.index("REGLEMENT D'EXAMEN")
    for end in range(gardens.index("<p>C.1.1.1"), table_end, 37):
        try:
            certification, _ = parsed(gardens[:end])
        except IncompleteDocument:
            continue
        for competency in certification.competencies:
            assert competency.code in whole
            assert len(competency.criteria) <= len(whole[competency.code])


def test_a_damaged_pdf_and_one_without_text() -> None:
    with pytest.raises(UnreadableDocument, match="damaged"):
        list(referentiel.parse(Document(b"%PDF-1.4 nothing", "x.pdf")))
    stream = io.BytesIO()
    page = canvas.Canvas(stream)
    page.rect(10, 10, 50, 50)
    page.showPage()
    page.save()
    with pytest.raises(UnreadableDocument, match="without text"):
        list(referentiel.parse(Document(stream.getvalue(), "x.pdf")))


COLUMNS = (
    "Tenir une volière\n\nREFERENTIEL D'ACTIVITES\tREFERENTIEL DE COMPETENCES\t"
    "MODALITÉS D'ÉVALUATION\tCRITÈRES D'ÉVALUATION\nBloc 1 - Soigner\n"
)


def test_statements_that_a_page_end_breaks() -> None:
    text = COLUMNS + (
        "A1.1 Soins donnés\tC1.1.1 Nourrir les oiseaux\tUn oral devant\t- Le grain est pesé et\n"
        "aux oiseaux\tselon la saison\tdeux personnes\tnoté au registre\n"
    )
    certification, remarks = parsed(text)
    assert remarks == []
    assert certification.activities[0].text == "Soins donnés aux oiseaux"
    assert certification.competencies[0].text == "Nourrir les oiseaux selon la saison"
    assert certification.competencies[0].criteria == ("Le grain est pesé et noté au registre",)
    assert certification.blocks[0].assessments == ("C1.1.1\nUn oral devant\ndeux personnes",)


def test_modules_without_code_or_hours_and_parts_that_do_not_add_up() -> None:
    text = COLUMNS + (
        "A1.1 Soins\tC1.1.1 Nourrir\tUn oral\t- Rien ne manque\n\n"
        "Modules\tVolume\tContrôle continu\tExamen\tTotal bloc\n"
        "Bloc 1 - Soigner\t10h\t30 pts\t20 pts\t60 pts\n"
        "Le grain\t10h\t20\tÉcrit\t\n"
        "L'eau\t\t10\t\t\n"
        "Stage en entreprise\t\t\t\t40 pts\n"
        "Rapport\t15 pts\n"
        "Oral\t20 pts\n"
        "Volume total\t12h\n"
        "Hors évaluation\t11h\n"
    )
    certification, remarks = parsed(text)
    assert remarks == []
    assert [(m.code, m.title, m.hours) for m in certification.modules] == [
        (None, "Le grain", 10),
        (None, "L'eau", None),
    ]
    assert certification.points.professional == 40
    assert certification.points.total is None
    assert certification.hours.total == 12
    told = warnings(certification)
    assert "block 1: 60 points in all are announced, its parts sum to 50" in told
    assert "40 points of professional evaluation are announced, its parts sum to 35" in told


def test_columns_in_the_middle_of_nowhere_are_counted() -> None:
    certification, remarks = parsed(COLUMNS + "A1.1 Soins\tC1.1.1 Nourrir\t\t- Bien\nOubli\t\t\n")
    assert certification.competencies[0].criteria == ("Bien",)
    assert [remark.text for remark in remarks] == ["lines that were not understood: 1: line 6"]
