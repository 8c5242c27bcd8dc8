"""What becomes of those who leave a training: InserJeunes by diploma and title (JSON).

The tables of InserSup (type of diploma, discipline and region) and of the Céreq (levels and broad
fields) name no training: they are recognised, counted and left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from kb.errors import InvalidRecord
from kb.identity import insertion_id
from kb.model import Document, Insertion, InsertionFigures, Record, Remark
from scrapers.json_lists import load, objects, opens_with

NAME = "insertion"
DESCRIPTION = "employment after a training: InserJeunes by diploma and title (JSON)"
EXPECTED = range(300, 5_000)  # trainings
AUTHORITY = 1
PUBLISHER = "InserJeunes (DEPP)"

_COMMON = ("granularity", "type_diplome")
_RATES = {
    "employed_12m": "taux_emploi_12m_moyen",
    "employed_24m": "taux_emploi_24m_moyen",
    "further_study": "taux_poursuite_etudes_moyen",
}
_OTHERS = {
    "InserSup": ("type_diplome", "discipline", "nb_sortants"),
    "Céreq": ("libelle_menu", "horizon_3ans", "cohorte"),
}
_OF_TRAINING = frozenset(("formation_france", "formation_region_diplome"))
_OF_REGION = "region_diplome"
# MC5 is the same level in the older nomenclature.
_MENTIONS = {"MC3": 3, "MC4": 4, "MC5": 3}


def recognise(document: Document) -> float:
    known = opens_with(document, (*_COMMON, *_RATES.values())) or _other(document)
    return 1.0 if known else 0.0


def parse(document: Document) -> Iterator[Record]:
    """One Insertion a training, France before its regions; rows of anything else are counted.

    Raises:
        UnreadableDocument: no JSON. IncompleteDocument: empty, or a row that lacks a key.
    """
    listed, other = load(document), _other(document)
    if other:
        count = len(objects(document, listed, _OTHERS[other]))
        yield Remark(
            None,
            f"no document of the graph: {count} rows of {other} by type of diploma or level; "
            "none names a training",
        )
        return
    trainings: dict[tuple[str, str], list[tuple[str, dict[str, Any]]]] = {}
    left: Counter[str] = Counter()
    rows = objects(document, listed, (*_COMMON, *_RATES.values(), "n_records"))
    for position, row in enumerate(rows, 1):
        place, diploma = f"row {position}", str(row["type_diplome"])
        title = str(row.get("libelle_formation") or "")
        if row["granularity"] in _OF_TRAINING and title:
            trainings.setdefault((diploma, title), []).append((place, row))
        else:
            left[str(row["granularity"])] += 1
    silent = 0
    for (diploma, title), told in trainings.items():
        found = _insertion(diploma, title, told)
        if isinstance(found, Insertion) and not found.figures and not found.warnings:
            silent += 1
        else:
            yield found
    if silent:
        yield Remark(None, f"trainings without a published rate, left out: {silent}")
    for granularity, count in sorted(left.items()):
        which = "of a region as a whole" if granularity == _OF_REGION else f"{granularity!r}"
        yield Remark(None, f"rows {which}, which name no training, left out: {count}")


def _other(document: Document) -> str | None:
    return next((name for name, keys in _OTHERS.items() if opens_with(document, keys)), None)


def _insertion(
    diploma: str, title: str, told: list[tuple[str, dict[str, Any]]]
) -> Insertion | Remark:
    kind, level = ("MC", _MENTIONS[diploma]) if diploma in _MENTIONS else (diploma, None)
    if insertion_id(kind, title, level) is None:
        return Remark(told[0][0], f"kind of diploma {diploma!r} is unknown; {title!r} was left out")
    remarks: list[Remark] = []
    figures = [
        f for place, row in told if (f := _figures(f"{diploma} {title}", place, row, remarks))
    ]
    return Insertion(
        kind,
        title,
        level,
        figures=tuple(sorted(figures, key=lambda each: each.region or "")),
        warnings=tuple(remarks),
    )


def _figures(
    of: str, place: str, row: dict[str, Any], remarks: list[Remark]
) -> InsertionFigures | None:
    """None where no rate is published: the row then says nothing."""
    rates = {
        name: round(100 * row[key], 1)
        for name, key in _RATES.items()
        if isinstance(row[key], int | float)
    }
    if not rates:
        return None
    region, count = row.get("region"), row["n_records"]
    measured = row.get("n_with_emploi_data")
    try:
        return InsertionFigures(
            of,
            region or None,
            groups=count,
            measured=measured,
            place=place,
            **rates,
        )
    except InvalidRecord as error:
        remarks.append(Remark(place, f"{error.what}; the row was left out"))
        return None
