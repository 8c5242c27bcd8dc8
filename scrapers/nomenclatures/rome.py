"""What both versions of ROME share: occupations by code, appellations, tables and sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kb.identity import nomenclature_id
from kb.model import Code, Job, JobMove, OtherNames, Record, Term
from scrapers.rows import Row

PUBLISHER = "France Travail"
EXPECTED = range(500, 40_000)  # codes, items or appellations of a whole table


def text(cell: str) -> str:
    """One line; the tables of version 3 double their apostrophes."""
    return " ".join(cell.replace("''", "'").split())


def occupation(code: str, title: str | None = None, **values: Any) -> Job:
    """The sheet of a code; without a title its code stands for it until its table is read."""
    return Job(title or code, code=code, nomenclature="rome", **values)


def move(code: str, *, near: bool, label: str | None = None, **values: Any) -> JobMove:
    """A published mobility to a code: `Proche`, else `Evolution`."""
    return JobMove(
        label or code,
        "to",
        "near" if near else None,
        target=nomenclature_id("rome", code),
        evolution=not near,
        **values,
    )


def appellations(rows: Iterable[Row], regulated: dict[str, bool | None]) -> Iterator[Record]:
    """Each appellation as a term, then each code with the names it covers.

    Args:
        regulated: reading of `emploi_reglemente`; empty where the table has no such column.
    """
    names: dict[str, list[str]] = {}
    for row in rows:
        long, short = text(row["libelle_appellation_long"]), text(row["libelle_appellation_court"])
        code = row["code_rome"]
        names.setdefault(code, []).append(long)
        yield Term(
            "rome",
            row["code_ogr"],
            "name",
            long,
            other_names=(short,) if short and short != long else (),
            broader=(Code(code),),
            regulated=regulated.get(row.values.get("emploi_reglemente", "")),
            places={"label": row.place},
        )
    for code, listed in names.items():
        yield occupation(code, other_names=OtherNames(fr=tuple(dict.fromkeys(listed))))
