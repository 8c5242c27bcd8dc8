"""Labelled sets, for measuring only: Onisep's job sheets, job offers, MELO."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

from kb.errors import NotFound, UnreadableDocument
from kb.reference import JobOffer, JobSheet, NameMatching
from scrapers.tables.files import existing, field, load_json

_SECTION = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)


def read_sheets(folder: Path) -> tuple[JobSheet, ...]:
    """Onisep's job sheets, in the order of the file; a section that is missing is ""."""
    name = "onisep/job_sheets.json"
    return tuple(sheet(item, name) for item in load_json(folder, name))


def sheet(item: dict[str, object], name: str) -> JobSheet:
    """A sheet of Onisep. name: of the file, for messages.

    Raises:
        UnreadableDocument: it has no key, title or text.
    """
    parts = _SECTION.split(field(item, "sheet", name))
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    return JobSheet(
        key=field(item, "met", name),
        title=field(item, "title", name),
        rome=_texts(item.get("romes")),
        recommended=_texts(item.get("rncp")),
        presentation=_plain(sections.get("Présentation", "")),
        nature=_plain(sections.get("Nature du travail", "")),
        required=_plain(sections.get("Compétences requises", "")),
    )


def read_offers(folder: Path) -> tuple[JobOffer, ...]:
    """Job offers that bear a ROME code, in the order of the file."""
    name = "offers/france_travail_offers.json"
    return tuple(
        JobOffer(
            key=str(item.get("id_offre") or position),
            title=field(item, "intitule", name),
            description=field(item, "description", name),
            rome=field(item, "code_rome", name),
        )
        for position, item in enumerate(load_json(folder, name))
        if item.get("code_rome")
    )


def read_names(folder: Path) -> tuple[NameMatching, ...]:
    """Every data set under `folder/melo`, by name.

    Raises:
        NotFound: no folder there holds queries.
    """
    found = sorted(path.parent for path in folder.glob("melo/*/queries.tsv"))
    if not found:
        raise NotFound(
            f"no data set of MELO in {folder / 'melo'}",
            "Name the folder that holds the reference tables with --data.",
        )
    return tuple(_names(path) for path in found)


def _names(folder: Path) -> NameMatching:
    queries = tuple((row[0], row[1]) for row in _tabbed(folder, "queries.tsv", 2))
    names = tuple((row[0], row[1]) for row in _tabbed(folder, "corpus_elements.tsv", 2))
    gold: dict[str, set[str]] = defaultdict(set)
    for query, _, element, relevant in _tabbed(folder, "annotations.tsv", 4):
        if relevant != "0":
            gold[query].add(element)
    return NameMatching(
        folder.name, queries, names, {query: frozenset(right) for query, right in gold.items()}
    )


def _tabbed(folder: Path, name: str, columns: int) -> list[list[str]]:
    with existing(folder, name).open(encoding="utf-8", newline="") as file:
        found = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for number, row in enumerate(found, 1):
        if len(row) != columns:
            raise UnreadableDocument(
                f"{name} line {number} has {len(row)} columns, not {columns}",
                "Download the data set again.",
                where=str(folder),
            )
    return found


def _plain(markdown: str) -> str:
    """Headings become sentences; blanks are squeezed."""
    lines = (re.sub(r"^#+\s*", "", line.strip()) for line in markdown.splitlines())
    return "\n".join(line for line in lines if line)


def _texts(values: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(value) for value in values)) if isinstance(values, list) else ()
