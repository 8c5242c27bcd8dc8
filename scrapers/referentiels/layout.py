"""The lines of a référentiel in order: columns kept, running lines dropped, parts told apart."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from kb.model import Document
from scrapers.lines import Line, decode
from scrapers.referentiels.calendar import opens_calendar
from scrapers.referentiels.cells import activity_of, block_of, cells_of, tidy
from scrapers.referentiels.programme import opens_programme
from scrapers.referentiels.rules import opens_rules
from scrapers.referentiels.skills import is_header

_CARTOUCHE = re.compile(r"\bPage$")  # the last column of the frame that numbers the pages


def keep_columns(document: Document, lines: list[Line]) -> list[Line]:
    """Rows whose only words stand in a later column keep the columns before it."""
    raw = decode(document).split("\n")
    return [
        replace(line, cells=tuple(cell.strip() for cell in raw[line.number - 1].split("\t")))
        if line.cells is None and raw[line.number - 1].startswith("\t\t")
        else line
        for line in lines
    ]


def merge_spans(lines: list[Line]) -> list[Line]:
    """DOCX repeats a merged cell in each place that it covers: it is said once, and rows whose
    last cell, what they are judged by, is one are one row."""
    found: list[Line] = []
    last: tuple[str, ...] | None = None  # the row before, as it stood
    for line in lines:
        if line.cells is None:
            found.append(line)
            last = None
            continue
        cells = [
            "" if index and _same(cell, line.cells[index - 1]) else cell
            for index, cell in enumerate(line.cells)
        ]
        before = last if last is not None and len(last) == len(cells) else None
        last = line.cells
        if before is None:
            found.append(replace(line, cells=tuple(cells)))
            continue
        fresh = [
            "" if _same(cell, above) else cell for cell, above in zip(cells, before, strict=True)
        ]
        if cells[-1] and not fresh[-1] and found[-1].cells:
            pairs = zip(found[-1].cells, fresh, strict=True)
            merged = tuple("\n".join(filter(None, pair)) for pair in pairs)
            found[-1] = replace(found[-1], cells=merged)
        else:
            found.append(replace(line, cells=tuple(fresh)))
    return found


def _same(cell: str, other: str) -> bool:
    """One merged cell; two equal figures or marks are no sign of it."""
    return cell == other and (len(cell) > 12 or activity_of(tidy(cell)) is not None)


def drop_running_lines(lines: list[Line]) -> list[Line]:
    """Without the headers and footers that stand on page after page."""
    times = Counter(run for line in lines if (run := _running(line)))
    return [line for line in lines if times[_running(line) or ""] < (2 if _pages(line) else 3)]


def _pages(line: Line) -> bool:
    return bool(re.search(r"\b\d+\s*/\s*\d+$|\bpage\s+\d+", line.text, re.I))


def _running(line: Line) -> str | None:
    """What a header or footer says on each page, None for a line that cannot be one.

    It numbers its page, or it is the same words in capitals or names of columns of a cartouche.
    """
    if line.cells is not None or line.bullet or block_of(line.text):
        return None
    if _pages(line):
        return re.sub(r"\d+", "#", line.text)
    return line.text if line.text.isupper() or _CARTOUCHE.search(line.text) else None


def sections(lines: list[Line]) -> dict[str, list[Line]]:
    """The lines by part: head, skills, rules, programme, calendar, and what is in between."""
    found: dict[str, list[Line]] = {
        name: [] for name in ("head", "skills", "rules", "programme", "tail", "calendar")
    }
    current = "head"
    for line in lines:
        first = next((text for cell in cells_of(line) if (text := tidy(cell))), "")
        if opens_programme(line):
            current = "programme"
        elif opens_calendar(line):
            current = "calendar"
        elif opens_rules(line):
            current = "rules"
        elif current == "head" and (
            (line.cells is not None and is_header(line)) or block_of(first)
        ):
            current = "skills"
        elif current == "tail" and line.cells is not None:
            current = "programme"  # the table goes on after what stood between its parts
        elif current == "programme" and line.cells is None and not _belongs_to_programme(first):
            current = "tail"
        found[current].append(line)
    return found


def _belongs_to_programme(text: str) -> bool:
    return block_of(text) is not None or bool(re.search(r"\d\s*(?:h|pts?|points?)\b", text))


def paragraphs(lines: list[Line]) -> list[list[Line]]:
    """Lines that follow each other without a blank line or a row between them."""
    found: list[list[Line]] = []
    for line in lines:
        before = found[-1][-1] if found else None
        if (
            before is not None
            and (line.page, line.number) == (before.page, before.number + 1)
            and line.cells is None
            and before.cells is None
        ):
            found[-1].append(line)
        else:
            found.append([line])
    return found
