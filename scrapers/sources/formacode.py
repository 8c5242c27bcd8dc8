"""Formacode: the thesaurus of training topics, with its tree and synonyms (CSV)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.model import Code, Document, Record, Remark, Term
from scrapers.rows import Row, Table, read_table, table_of
from scrapers.tables.files import parted

NAME = "formacode"
DESCRIPTION = "Formacode: the table of its descriptors (CSV)"
EXPECTED = range(2_000, 10_000)
AUTHORITY = 1
PUBLISHER = "Centre Inffo"

_LISTED = "###"
_CODED = re.compile(r"(.+?)\s+-\s+(\d{5})")
_RELATIONS = {
    "broader": "TG (Terme Générique)",
    "narrower": "TS (Termes Spécifiques)",
    "related": "TA (Termes Associés)",
}


def recognise(document: Document) -> float:
    return 1.0 if table_of(document, _TABLES, ";") else 0.0


def parse(document: Document) -> Iterator[Record]:
    """One term a descriptor, in the order of the table.

    Raises:
        IncompleteDocument: another table, or one that is cut off. UnreadableDocument: no CSV.
    """
    return read_table(document, _TABLES, ";")


def _descriptors(rows: Iterator[Row]) -> Iterator[Record]:
    for row in rows:
        code, label = row["Code du Terme"], row["Descripteur en typo riche"]
        if not re.fullmatch(r"\d{5}", code) or not label:
            yield Remark(row.place, f"code {code!r} is not five digits with a label; left out")
            continue
        remarks: list[Remark] = []
        topics = [re.sub(r"^\d+\s+", "", row["Champ sémantique"])]
        relations: dict[str, tuple[Code, ...]] = {}
        for kind, column in _RELATIONS.items():
            codes: dict[str, Code] = {}
            for part in parted(row[column], _LISTED):
                found = _CODED.fullmatch(part)
                if found and found[2] != code:
                    codes[found[2]] = Code(found[2], found[1])
                elif kind == "broader" and not found:
                    topics.insert(0, part)  # a domain: above the topmost descriptors, uncoded
                elif not found:
                    remarks.append(Remark(row.place, f"{column}: {part!r} has no code; left out"))
            relations[kind] = tuple(codes.values())
        notes = (row["NE (Note d’Explication)"], row["NA (Note d’Application)"])
        yield Term(
            "formacode",
            code,
            "descriptor",
            label,
            other_names=parted(f"{row['Synonymes']}{_LISTED}{row['Synonymes métier']}", _LISTED),
            definition="\n".join(note for note in notes if note) or None,
            topic=" > ".join(topic for topic in topics if topic) or None,
            places={"label": row.place},
            warnings=tuple(remarks),
            broader=relations["broader"],
            narrower=relations["narrower"],
            related=relations["related"],
        )


_TABLES = (
    Table(
        (
            "Code du Terme",
            "Descripteur en typo riche",
            "Champ sémantique",
            "Synonymes",
            "Synonymes métier",
            *_RELATIONS.values(),
            "NE (Note d’Explication)",
            "NA (Note d’Application)",
        ),
        _descriptors,
    ),
)
