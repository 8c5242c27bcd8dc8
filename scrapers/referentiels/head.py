"""Who a référentiel is about: title, level and number, from what stands around its tables."""

from __future__ import annotations

import re
from itertools import takewhile

from kb.identity import text_key
from kb.model import LEVELS, Remark
from scrapers.lines import Line
from scrapers.referentiels.cells import tidy
from scrapers.referentiels.layout import paragraphs

_NUMBER = re.compile(r"\b(RNCP|RS)\s?(\d{3,6})(?!\d|\s?BC)")
_NUMBER_SAID = re.compile(r"fiche|num[ée]ro|n\s?°|enregistr", re.I)
_LABELLED_TITLE = re.compile(
    r"^(?:intitul[ée]|titre)(?: (?:de|du) (?:la )?(?:certification|titre|dipl[oô]me))?\s*:\s*(.+)",
    re.I,
)
_LEVEL = re.compile(
    r"^(?:(?:certification|titre|dipl[oô]me|dipl[oô]mante?)\s+)?(?:de |\()?niveau\s*:?\s*(\d)\b"
    r"(?!\s*/)(?:\s*\(.*)?[ .)]*$",
    re.I,
)
_NO_TITLE = re.compile(
    r"^(?:pr[ée]sentation|document|version|mis|maj|[ée]dit[ée]|page|annexe|\d+\s*[-–.]"
    r"|.*\br[ée]f[ée]rentiels?\b)",
    re.I,
)
_DATED = re.compile(r"^(?:document )?(?:mis|mise|maj|[ée]dit[ée]|version)\b.*\d{4}$", re.I)
_CAPTION = re.compile(r"^\d+\s?(?:[eè]re|er|[eè]?me|e)\s+promotion$", re.I)
ADDRESS = re.compile(r"https?://[^\s<>]+")


def find_title(head: list[Line]) -> tuple[str | None, str | None, list[Line]]:
    """The labelled title, else the first paragraph; its place, and the lines that it leaves."""
    for line in head:
        labelled = _LABELLED_TITLE.match(tidy(line.text))
        if labelled:
            return labelled.group(1), line.place, [other for other in head if other is not line]
    first = next(iter(paragraphs(head)), [])
    taken = list(takewhile(lambda line: not _NO_TITLE.match(tidy(line.text)), first))
    if not taken or taken[0].cells is not None:
        return None, None, head
    title = tidy(" ".join(line.text for line in taken)).strip("* ")
    return title, taken[0].place, head[len(taken) :]


def find_level(head: list[Line]) -> tuple[int | None, list[Line]]:
    """The level that a line of its own gives, and the lines without it."""
    for line in head:
        said = _LEVEL.match(tidy(line.text))
        if said and int(said.group(1)) in LEVELS:
            return int(said.group(1)), [other for other in head if other is not line]
    return None, head


def find_number(lines: list[Line], warnings: list[Remark]) -> tuple[str | None, str | None]:
    """The sheet's number: the only one named, else the only one that is called the sheet's."""
    named = [
        (found.group(1) + found.group(2), line)
        for line in lines
        for found in _NUMBER.finditer(line.text)
    ]
    said = [(number, line) for number, line in named if _NUMBER_SAID.search(line.text)]
    for pairs in (named, said):
        if len({number for number, _ in pairs}) == 1:
            return pairs[0][0], pairs[0][1].place
    if named:
        others = ", ".join(dict.fromkeys(number for number, _ in named))
        warnings.append(
            Remark(named[0][1].place, f"several sheets are named, none as this one's: {others}")
        )
    return None, None


def is_apparatus(text: str, title: str | None) -> bool:
    """Lines that say nothing of the certification: its title again, dates, captions, addresses."""
    if len(text) > 200:
        return False
    again = bool(text_key(text)) and text_key(text) in text_key(title or "")
    return (
        again
        or bool(_NUMBER.search(text) or ADDRESS.search(text))
        or bool(_DATED.match(text) or _CAPTION.match(text))
        or bool(re.search(r"r[ée]f[ée]rentiel", text, re.I))
    )
