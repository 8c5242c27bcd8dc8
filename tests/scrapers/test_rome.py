"""ROME's workbooks, made here: the tables' golden cases cannot show an archive."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from kb.errors import IncompleteDocument, UnreadableDocument, UnsafeDocument
from kb.model import Code, Document, Job, Remark, Term
from scrapers.discovery import choose_source
from scrapers.nomenclatures import workbook
from scrapers.sources import rome4

CONTEXTS = [("Type", "Contexte de travail", "Code OGR"), ("Lieux", "En mer", 900003.0)]
COMPETENCES = [
    (
        "1 - Domaine compétence",
        "2 - Enjeu",
        "3 - Objectif",
        "4 - Macro-compétence",
        "5 - Compétence",
    ),
    ("Mer", "Signaler", "Veiller", "Tenir un phare", "Allumer la lampe"),
    ("Mer", "Signaler", "Veiller", "Tenir un bac", "Allumer la lampe"),
]
CODES = [
    (" ", " ", " ", " ", "Code OGR"),
    ("N", " ", " ", "Mer", " "),
    ("N", "99", " ", "Signaux", " "),
    ("N", "99", "01", "Gardien / Gardienne de phare", "6"),
    ("N", "99", "01", "Maître / Maîtresse de feu", "900011"),
]


def book(*sheets: list[tuple[object, ...]]) -> Document:
    made = openpyxl.Workbook()
    made.active.append(("Définition",))
    for rows in sheets:
        sheet = made.create_sheet()
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return Document(file.getvalue(), "arbre.xlsx")


def test_a_workbook_is_recognised_by_its_columns() -> None:
    assert choose_source(book(CONTEXTS)) is rome4
    assert rome4.recognise(book([("Autre", "Table")])) == 0
    assert rome4.recognise(Document(b"PK\x03\x04 cut", "arbre.xlsx")) == 0


def test_contexts_and_competences() -> None:
    context, first, repeated = sorted(
        rome4.parse(book(CONTEXTS, COMPETENCES)), key=lambda r: isinstance(r, Remark)
    )
    assert isinstance(context, Term)
    assert (context.code, context.label, context.topic) == ("900003", "En mer", "Lieux")
    assert isinstance(first, Term)
    assert first.topic == "Mer > Signaler > Veiller > Tenir un phare"
    assert isinstance(repeated, Remark)
    assert (repeated.place, "line 2" in repeated.text) == ("line 3", True)


def test_the_tree_of_codes() -> None:
    records = list(rome4.parse(book(CODES)))
    terms = [r for r in records if isinstance(r, Term)]
    assert [(t.kind, t.code, t.broader) for t in terms] == [
        ("domain", "N", ()),
        ("domain", "N99", (Code("N"),)),
        ("name", "900011", (Code("N9901"),)),
    ]
    jobs = [r for r in records if isinstance(r, Job)]
    assert jobs[0].title == "Gardien / Gardienne de phare"
    assert jobs[1].other_names.fr == ("Maître / Maîtresse de feu",)


def test_a_workbook_without_a_known_table() -> None:
    with pytest.raises(IncompleteDocument, match="no sheet"):
        list(rome4.parse(book([("Autre", "Table")])))


def test_a_damaged_workbook() -> None:
    whole = book(CONTEXTS).content
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as copy:
            for name in archive.namelist():
                copy.writestr(name, b"<" if "workbook.xml" in name else archive.read(name))
    damaged = Document(file.getvalue(), "arbre.xlsx")
    assert rome4.recognise(damaged) == 0
    with pytest.raises(UnreadableDocument, match="damaged"):
        list(rome4.parse(damaged))


def test_a_bomb() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a/>")
        archive.writestr("xl/bomb", b"\0" * 50_000_000)
    bomb = Document(file.getvalue(), "arbre.xlsx")
    assert workbook.is_workbook(bomb)
    with pytest.raises(UnsafeDocument, match="unpacks"):
        list(rome4.parse(bomb))
