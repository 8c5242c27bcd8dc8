"""ESCO in French: its tables of occupations and of skills (CSV)."""

from __future__ import annotations

from collections.abc import Iterator

from kb.model import Document, Job, OtherNames, Record, Remark, Term
from scrapers.rows import Row, Table, read_table, table_of
from scrapers.tables import vocabularies

NAME = "esco"
DESCRIPTION = "ESCO in French: its tables of occupations and of skills (CSV)"
EXPECTED = range(2_500, 20_000)  # occupations, or skills, of a whole table
AUTHORITY = 1
PUBLISHER = "ESCO (Commission européenne)"

_REGULATED = {"regulated": True, "unregulated": False, "": None}


def recognise(document: Document) -> float:
    return 1.0 if table_of(document, _TABLES, ",") else 0.0


def parse(document: Document) -> Iterator[Record]:
    """Occupations as jobs, skills as terms; the code is the last part of the published address.

    Raises:
        IncompleteDocument: neither table, or one that is cut off. UnreadableDocument: no CSV.
    """
    return read_table(document, _TABLES, ",")


def _occupations(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        told = vocabularies.occupation(row.values)
        code = _code(told.address, "occupation")
        if code is None or not told.label:
            yield Remark(row.place, "an occupation without an address or a label was left out")
            continue
        note = row.values.get("regulatedProfessionNote", "").rpartition("/")[2]
        yield Job(
            told.label,
            code=code,
            nomenclature="esco",
            family=f"ISCO-08 {told.group}" if told.group else None,
            other_names=OtherNames(fr=tuple(n for n in told.alternatives if n != told.label)),
            purpose=told.description or None,
            regulated=_REGULATED.get(note),
            places={"title": row.place, "purpose": row.place},
            warnings=()
            if note in _REGULATED
            else (Remark(row.place, f"regulatedProfessionNote {note!r} is unknown"),),
        )


def _skills(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        told = vocabularies.skill(row.values)
        code = _code(told.address, "skill")
        if code is None or not told.label:
            yield Remark(row.place, "a skill without an address or a label was left out")
            continue
        yield Term(
            "esco",
            code,
            "skill",
            told.label,
            other_names=tuple(n for n in told.alternatives if n != told.label),
            definition=row.values.get("description") or None,
            places={"label": row.place},
        )


def _code(address: str, kind: str) -> str | None:
    """`…/esco/skill/00090cc1-…` -> `00090cc1-…`."""
    head, _, code = address.rpartition("/")
    return code if code and head.endswith(f"/esco/{kind}") else None


_LABELS = ("conceptUri", "preferredLabel", "altLabels")
_TABLES = (
    Table((*_LABELS, "iscoGroup", "description"), _occupations),
    Table(_LABELS, _skills),
)
