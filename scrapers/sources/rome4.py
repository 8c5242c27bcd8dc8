"""ROME 4.0: its tables of codes and appellations, its sheets as JSON, its trees as workbooks.

Left out, since no question is asked of it: the transitions (`transition_*`), `emploi_cadre` and
how much a name is used (`peu_usite`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kb.errors import IncompleteDocument, UnreadableDocument
from kb.identity import text_hash
from kb.model import Code, Document, OtherNames, Record, Remark, Term
from scrapers.nomenclatures import rome, workbook
from scrapers.nomenclatures.rome import occupation, text
from scrapers.rows import Row, Table, read_table, table_of

NAME = "rome4"
DESCRIPTION = "ROME 4.0: its tables (CSV), sheets (JSON) and trees (XLSX)"
EXPECTED = rome.EXPECTED
AUTHORITY = 0
PUBLISHER = rome.PUBLISHER

_YES_NO = {"O": True, "N": False, "": None}
_SHEET = ("code", "title", "job_titles", "definition", "access")


def recognise(document: Document) -> float:
    known = (
        table_of(document, _TABLES, ",")
        or _looks_like_sheets(document)
        or workbook.table_of(document, _TREES)
    )
    return 1.0 if known else 0.0


def parse(document: Document) -> Iterator[Record]:
    """Occupations (partial jobs) and terms, in the order of the table.

    Raises:
        IncompleteDocument: none of the tables, or one that is cut off.
        UnreadableDocument: no CSV, JSON or workbook.
    """
    if _looks_like_sheets(document):
        return _sheets(document)
    if workbook.is_workbook(document):
        return workbook.read(document, _TREES)
    return read_table(document, _TABLES, ",")


# ---- tables ----


def _codes(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        told, parent = row["emploi_reglemente"], row["code_rome_parent"]
        yield occupation(
            row["code_rome"],
            text(row["libelle_rome"]),
            parent=Code(parent) if parent else None,
            regulated=_YES_NO.get(told),
            places={"title": row.place, "regulated": row.place},
            warnings=()
            if told in _YES_NO
            else (Remark(row.place, f"emploi_reglemente is {told!r}; left unknown"),),
        )


def _appellations(rows: Iterator[Row]) -> Iterator[Record]:
    return rome.appellations(rows, _YES_NO)


_TABLES = (
    Table(("code_rome", "libelle_rome", "emploi_reglemente", "code_rome_parent"), _codes),
    Table(
        (
            "code_ogr",
            "libelle_appellation_long",
            "libelle_appellation_court",
            "code_rome",
            "emploi_reglemente",
            "classification",
        ),
        _appellations,
    ),
)


# ---- sheets ----


def _looks_like_sheets(document: Document) -> bool:
    head = document.content[:4096].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    return head.startswith("[") and all(f'"{key}"' in head for key in _SHEET)


def _sheets(document: Document) -> Iterator[Record]:
    try:
        listed = json.loads(document.content)
    except ValueError as error:
        raise UnreadableDocument(
            f"{document.name} is no JSON ({error}); it may be cut off", "Download it again."
        ) from error
    for position, sheet in enumerate(listed, 1):
        place = f"sheet {position}"
        missing = [key for key in _SHEET if key not in sheet] if isinstance(sheet, dict) else _SHEET
        if missing or not sheet["code"]:
            told = ", ".join(missing) or "code"
            raise IncompleteDocument(
                f"{document.name} {place} has no {told}", "Download it again.", where=place
            )
        yield _sheet(sheet, place)


def _sheet(sheet: dict[str, Any], place: str) -> Record:
    names = tuple(text(name) for name in sheet["job_titles"] or () if name)
    sectors = str(sheet.get("sectors") or "").splitlines()
    return occupation(
        sheet["code"],
        text(sheet["title"] or ""),
        other_names=OtherNames(fr=names),
        purpose=_lines(sheet["definition"]),
        access=_lines(sheet["access"]),
        sectors=tuple(text(line) for line in sectors if line.strip()),
        places=dict.fromkeys(("title", "purpose", "access"), place),
    )


def _lines(told: str | None) -> str | None:
    lines = (text(line) for line in (told or "").splitlines())
    return "\n".join(line for line in lines if line) or None


# ---- trees ----


def _contexts(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        yield _item(row, "context", row["Contexte de travail"], row["Type"])


def _knowledge(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        yield _item(
            row, "knowledge", row["Savoir"], f"{row['Catégorie']} > {row['Sous-catégorie']}"
        )


def _item(row: Row, kind: str, label: str, topic: str) -> Term:
    return Term(
        "rome", row["Code OGR"], kind, text(label), topic=topic, places={"label": row.place}
    )


def _competences(rows: Iterator[Row]) -> Iterator[Record]:
    """The tree gives its competences no number: their wording is their key."""
    found: dict[str, Term] = {}
    for row in rows:
        label = text(row["5 - Compétence"])
        levels = [text(row[level]) for level in ("1 - Domaine compétence", "2 - Enjeu")]
        levels += [text(row[level]) for level in ("3 - Objectif", "4 - Macro-compétence")]
        topic = " > ".join(levels)
        term = Term(
            "rome", text_hash(label), "activity", label, topic=topic, places={"label": row.place}
        )
        if term.code in found:
            first = found[term.code].places["label"]
            yield Remark(row.place, f"competence worded as in {first}; read once")
        else:
            found[term.code] = term
    yield from found.values()


def _codes_tree(rows: Iterator[Row]) -> Iterator[Record]:
    """Domains, sheets, and the names of each sheet under it; three cells make up the code."""
    names: dict[str, list[str]] = {}
    for row in rows:
        code, label = row["A"] + row["B"] + row["C"], text(row["D"])
        places = {"label": row.place}
        if not row["C"]:
            broader = (Code(row["A"]),) if row["B"] else ()
            yield Term("rome", code, "domain", label, broader=broader, places=places)
        elif code not in names:
            names[code] = []
            yield occupation(code, label, places={"title": row.place})
        else:
            names[code].append(label)
            yield Term("rome", row["Code OGR"], "name", label, broader=(Code(code),), places=places)
    for code, listed in names.items():
        yield occupation(code, other_names=OtherNames(fr=tuple(dict.fromkeys(listed))))


_TREES = (
    Table(("Type", "Contexte de travail", "Code OGR"), _contexts),
    Table(("Catégorie", "Sous-catégorie", "Savoir", "Code OGR"), _knowledge),
    Table(
        (
            "1 - Domaine compétence",
            "2 - Enjeu",
            "3 - Objectif",
            "4 - Macro-compétence",
            "5 - Compétence",
        ),
        _competences,
    ),
    Table(("A", "B", "C", "D", "Code OGR"), _codes_tree),
)
