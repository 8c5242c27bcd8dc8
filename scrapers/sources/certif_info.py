"""Certif-info: diplomas with their ROME, Formacode and NSF codes (CSV), and the list of the
certifications that are active (JSON)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kb.model import LEVELS, Certification, Code, Document, Organisation, Record, Remark
from scrapers.json_lists import load, objects, opens_with
from scrapers.registers.values import NUMBER
from scrapers.rows import Row, Table, read_table, table_of
from scrapers.tables import register

NAME = "certif_info"
DESCRIPTION = "certif-info: diplomas with their codes (CSV), active certifications (JSON)"
EXPECTED = range(4_000, 20_000)
AUTHORITY = 2  # it repeats the register, and adds to it
PUBLISHER = "Certif Info"

_ACTIVE = ("numero", "intitule", "niveau", "type_enregistrement")


def recognise(document: Document) -> float:
    known = table_of(document, _TABLES, ";") or opens_with(document, _ACTIVE)
    return 1.0 if known else 0.0


def parse(document: Document) -> Iterator[Record]:
    """Partial certifications, one a number of the register; diplomas without one are counted.

    Raises:
        IncompleteDocument: neither the table nor the list, or one that is cut off.
        UnreadableDocument: no CSV or JSON.
    """
    if opens_with(document, _ACTIVE):
        return _active(document)
    return read_table(document, _TABLES, ";")


def _diplomas(rows: Iterator[Row]) -> Iterator[Record]:
    """A certification may stand in several rows, one an option: codes are joined, the first
    row's title stands."""
    numbered: dict[str, list[Row]] = {}
    unnumbered = 0
    for row in rows:
        numbers = register.diploma(row.values).numbers
        unnumbered += not numbers
        for number in numbers:
            numbered.setdefault(number, []).append(row)
    for number, listed in numbered.items():
        yield _certification(number, listed)
    if unnumbered:
        yield Remark(None, f"{unnumbered} diplomas bear no number of the register; left out")


def _certification(number: str, rows: list[Row]) -> Certification:
    told = [register.diploma(row.values) for row in rows]
    topics = [Code(r["Code_FormaCode"], t.topic) for r, t in zip(rows, told, strict=True)]
    older = [f"RNCP{r['Code_Ancien_RNCP']}" for r in rows if r["Code_Ancien_RNCP"].isdecimal()]
    values: dict[str, Any] = {
        "title": told[0].title or None,
        "level": next((t.level for t in told if t.level), None),
        "rome": tuple(dict.fromkeys(Code(code) for t in told for code in t.rome)),
        "formacodes": tuple(dict.fromkeys(topic for topic in topics if topic.code)),
        "nsf": tuple(dict.fromkeys(Code(r["Code_Nsf"]) for r in rows if r["Code_Nsf"])),
        "certifiers": tuple(
            dict.fromkeys(Organisation(r["certificateur"]) for r in rows if r["certificateur"])
        ),
        "replaces": tuple(dict.fromkeys(old for old in older if old != number)),
    }
    stated = {name: value for name, value in values.items() if value}
    return Certification(number, **stated, places=dict.fromkeys(stated, rows[0].place))


def _active(document: Document) -> Iterator[Record]:
    for position, item in enumerate(objects(document, load(document), _ACTIVE), 1):
        place, number, level = f"object {position}", str(item["numero"]), item["niveau"]
        if not NUMBER.fullmatch(number):
            yield Remark(place, f"number {number!r} is neither RNCPn nor RSn; left out")
            continue
        known = isinstance(level, int) and level in LEVELS
        yield Certification(
            number,
            title=" ".join(str(item["intitule"] or "").split()) or None,
            level=level if known else None,
            active=True,
            registration_kind=item["type_enregistrement"] or None,
            places=dict.fromkeys(("title", "level", "active", "registration_kind"), place),
            warnings=()
            if known or level is None
            else (Remark(place, f"level is {level!r}, none of 3 to 8; left unknown"),),
        )


_TABLES = (
    Table(
        (
            "Libelle_Diplome",
            "Libelle_Type_Diplome",
            "Code_Niveau_Europeen",
            "Code_FormaCode",
            "Libelle_FormaCode",
            *register.ROME_COLUMNS,
            "Code_Nsf",
            "Code_RNCP",
            "Code_RS",
            "certificateur",
            "Code_Ancien_RNCP",
        ),
        _diplomas,
    ),
)
