"""Job sheet of the OPIIEC, the observatory of digital, engineering, consulting and event jobs.

One page is one job. HTML and copied text are read by the same rules: lines, and headings that
decide. The page prints some parts twice, and the copied text of its mobility chart has lost which
job is near or far and which way one goes: there nothing is guessed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from kb.errors import IncompleteDocument
from kb.identity import fold, text_key
from kb.model import (
    Document,
    Job,
    JobMove,
    MacroCompetency,
    OtherNames,
    Record,
    Remark,
    Section,
    Task,
)
from scrapers.lines import Line, decode, format_of, read_lines, squeeze

NAME = "opiiec"
DESCRIPTION = "OPIIEC job sheet (métier): missions, macro-competences with levels, mobility"
EXPECTED = range(80, 400)  # jobs described by the observatory
AUTHORITY = 2
PUBLISHER = "OPIIEC"

_SIGNS = (
    "macro competences",
    "niveau attendu",
    "finalite du metier",
    "proximite(s)/evolution(s)",
    "niveaux et competences attendues",
)
_RECOGNISED_BYTES = 400_000

# Folded heading -> the part that it opens. `None`: a heading whose parts have their own.
_HEADINGS: dict[str, str | None] = {
    "autres appellations en francais": "names_fr",
    "autres appellations en anglais": "names_en",
    "presentation du metier": None,
    "finalite du metier": "purpose",
    "missions principales": "missions",
    "contexte de travail": "context",
    "variables specifiques au metier": "context",
    "contextes organisationnels": "context",
    "conditions de travail": "conditions",
    "les relations professionnelles": None,
    "relations professionnelles": None,
    "relations internes": "internal",
    "relations externes": "external",
    "competences et niveaux attendus": "macro",
    "competences et niveaux attendus en 4 niveaux cumules": "macro",
    "certifications": "certifications",
    "liste des certifications": "certifications",
    "proximite(s)/evolution(s) envisageables": "moves",
    "tendances nationales sur le metier": "unread",
    "pour en savoir plus": "unread",
}
# Parts without which a sheet is still one, but says so.
_WANTED = {
    "purpose": "Finalité du métier",
    "missions": "Missions principales",
    "context": "Contexte de travail",
    "conditions": "Conditions de travail",
    "macro": "Compétences et niveaux attendus",
    "certifications": "Certifications",
    "moves": "Proximité(s)/évolution(s) envisageables",
}
_CHART_CAPTION = re.compile(
    r"(?:la )?proximite (?:des metiers|forte|moyenne|faible)|axes de mobilite professionnelle"
    r"|sens d'evolution|(?:autres )?(?:provenances|evolutions)"
    r"(?: (?:possibles|envisageables|lointaines|moyennes|proches))?"
)
_DISCLAIMER = "ces mobilites sont donnees a titre indicatif"
_LEVEL = re.compile(r"([1-4])(?:\s*[.):–-]?\s+(\S.*))?")
_SMALL_WORDS = frozenset(
    [
        "a",
        "à",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "ou",
        "par",
        "pour",
        "sur",
    ]
)


def recognise(document: Document) -> float:
    """Share of the sheet's own headings that occur, from two on; 0 for PDF and archives."""
    if format_of(document) not in ("html", "text"):
        return 0.0
    head = replace(document, content=document.content[:_RECOGNISED_BYTES])
    text = fold(html.unescape(decode(head)))
    found = sum(sign in text for sign in _SIGNS)
    return found / len(_SIGNS) if found >= 2 else 0.0


def parse(document: Document) -> Iterator[Record]:
    """The sheet's one Job; missing parts and lines not understood are in its `warnings`.

    Raises:
        IncompleteDocument: no title, or neither missions nor macro-competences.
        Those of `scrapers.lines.read_lines`.
    """
    lines = [part for line in read_lines(document) for part in _parts_of_row(line)]
    head = _head(lines)
    title, title_line = _title(lines, head, document)
    family = next((line for line in lines if _value(line, "famille")), None)
    parts, stray = _split(lines[head:], fold(title))

    missions = _titled(parts.lines("missions"))
    macro, macro_warnings, macro_stray = _macro_competencies(parts.lines("macro"))
    if not missions and not macro:
        raise IncompleteDocument(
            f"{document.name} has the head of a job sheet but neither missions nor "
            f"macro-competences; it may be cut off (last line {lines[-1].number})",
            "Save the whole page, or name its kind with --source.",
        )
    warnings = [
        Remark(None, f"heading '{heading}' is missing: its values are unknown")
        for part, heading in _WANTED.items()
        if part not in parts.found
    ]
    warnings += macro_warnings
    warnings += _unread(lines[:head], title_line, [*stray, *macro_stray], parts.lines("unread"))
    moves = tuple(_moves(parts.lines("moves"), title))
    if moves:
        warnings.append(
            Remark(moves[0].place, "the chart's text gives no distance and no direction of a move")
        )
    purpose = "\n".join(line.text for line in _once(parts.lines("purpose")))
    places = {part: found[0].place for part, found in parts.found.items() if found}
    yield Job(
        title=title,
        family=_value(family, "famille") if family else None,
        other_names=OtherNames(
            fr=_list(parts.lines("names_fr")),
            en=_list(parts.lines("names_en")),
        ),
        purpose=purpose or None,
        missions=tuple(Task(text, title, place) for title, text, place in missions),
        macro_competencies=tuple(macro),
        moves=moves,
        context=_sections(parts.lines("context")),
        conditions=_sections(parts.lines("conditions")),
        internal_relations=_list(parts.lines("internal")),
        external_relations=_list(parts.lines("external")),
        certifications=_list(parts.lines("certifications")),
        places={"title": title_line.place, **places},
        warnings=tuple(warnings),
    )


def _parts_of_row(line: Line) -> Iterator[Line]:
    """A table row's cells, one under the other, as the copied text has them."""
    if line.cells is None:
        yield line
        return
    texts = [squeeze(part) for cell in line.cells for part in cell.split("\n")]
    if len(line.cells) == 3 and not any(_label(text.split(" :")[0]) for text in texts):
        # A row without labels: its three columns are those of the table's head.
        labels = ("Macro compétences :", "Niveaux et compétences attendues :", "Exemple concret :")
        pairs = zip(labels, line.cells, strict=True)
        texts = [squeeze(x) for label, cell in pairs for x in (label, *cell.split("\n"))]
    for text in texts:
        if text:
            bullet = text.startswith("• ")
            yield Line(text.removeprefix("• "), line.number, line.page, bullet=bullet)


def _value(line: Line, label: str) -> str | None:
    """`Famille : X` -> `X` for the label "famille"; None for any other line."""
    name, colon, value = line.text.partition(":")
    return value.strip() or None if colon and fold(name.strip()) == label else None


def _heading(line: Line) -> str | None:
    """The folded heading that a line is, a colon after it aside."""
    text = fold(line.text).rstrip(" :").replace(" / ", "/")
    return text if text in _HEADINGS else None


def _head(lines: list[Line]) -> int:
    """Index of the sheet's first line: its title, under the page's menu.

    The menu names the sheet's headings too, so they cannot tell where it starts.
    """
    for index, line in enumerate(lines):
        if _value(line, "famille"):
            return max(index - 1, 0)
    for index, line in enumerate(lines):
        if _value(line, "presentation du metier"):
            return index
    return 0


def _title(lines: list[Line], head: int, document: Document) -> tuple[str, Line]:
    named = next((line for line in lines if _value(line, "presentation du metier")), None)
    if named is not None:
        return _value(named, "presentation du metier") or "", named
    line = lines[head]
    if _heading(line) or head + 1 >= len(lines) or not _value(lines[head + 1], "famille"):
        raise IncompleteDocument(
            f"{document.name} has the headings of a job sheet but no title; it may have lost its "
            f"head (first line {lines[0].number})",
            "Save the whole page, from the job's name on.",
        )
    if line.text.upper() != line.text:
        return line.text, line
    # Printed in capitals: the chart's centre and running text may have the true spelling.
    for other in lines:
        if fold(other.text) == fold(line.text) and other.text != line.text:
            return other.text, other
    return _from_capitals(line.text), line


def _from_capitals(text: str) -> str:
    """`CHARGÉ DE PROJET` -> `Chargé de Projet`."""
    words = re.split(r"(\W+)", text.lower())
    return "".join(
        word if index and word in _SMALL_WORDS else word[:1].upper() + word[1:]
        for index, word in enumerate(words)
    )


@dataclass(slots=True)
class _Parts:
    """The lines of each part of the sheet, without its headings."""

    found: dict[str, list[Line]] = field(default_factory=dict)

    def lines(self, part: str) -> list[Line]:
        return self.found.get(part, [])


def _split(lines: list[Line], title: str) -> tuple[_Parts, list[Line]]:
    """The sheet's parts, and the lines that stand in none. `title`: folded."""
    parts, stray = _Parts(), []
    part: str | None = None
    for line in lines:
        heading = _heading(line)
        if heading is not None:
            part = _HEADINGS[heading]
            if part:
                parts.found.setdefault(part, [])
        elif (
            (part == "moves" and fold(line.text).startswith(_DISCLAIMER))
            or _value(line, "famille")
            or _value(line, "presentation du metier")
        ):
            part = None
        elif part is None:
            if fold(line.text) != title:
                stray.append(line)
        else:
            parts.found[part].append(line)
    return parts, stray


def _once(lines: Iterable[Line]) -> list[Line]:
    """Lines without those said before: the page prints whole parts twice."""
    seen: set[str] = set()
    kept = []
    for line in lines:
        key = text_key(line.text)
        if key not in seen:
            kept.append(line)
        seen.add(key)
    return kept


def _titled(lines: list[Line]) -> list[tuple[str | None, str, str]]:
    """(title, text, place) of each titled text; a second printing adds nothing.

    The second printing has lost its first title, so paragraphs are compared, not titles.
    """
    found: list[tuple[str | None, list[Line], str]] = []
    kept = _once(lines)
    for index, line in enumerate(kept):
        following = kept[index + 1] if index + 1 < len(kept) else None
        if _is_title(line, following):
            found.append((line.text.rstrip(" :"), [], line.place))
        elif found:
            found[-1][1].append(line)
        else:
            found.append((None, [line], line.place))
    return [
        (title, "\n".join(line.text for line in body), place)
        if body
        else (None, title or "", place)
        for title, body, place in found
    ]


def _is_title(line: Line, following: Line | None) -> bool:
    if line.bullet:
        return False
    if line.heading or line.text.endswith(":"):
        return True
    short = len(line.text) <= 80 and not re.search(r"[.!?;,…]$", line.text)
    return short and following is not None and len(following.text) > len(line.text)


def _sections(lines: list[Line]) -> tuple[Section, ...]:
    return tuple(Section(text, title) for title, text, _ in _titled(lines))


def _list(lines: list[Line]) -> tuple[str, ...]:
    return tuple(line.text.rstrip(" ,;") for line in _once(lines))


def _label(text: str) -> str | None:
    """Which column of the table of macro-competences a label opens."""
    folded = fold(text).rstrip(" :")
    if folded in ("macro competences", "macro-competences"):
        return "title"
    if folded == "niveaux et competences attendues":
        return "levels"
    if folded.startswith("exemple concret"):
        return "example"
    return None


@dataclass(slots=True)
class _Row:
    """A macro-competence while its lines are gathered."""

    title: list[Line] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    example: list[str] = field(default_factory=list)
    expected: int | None = None


def _macro_competencies(
    lines: list[Line],
) -> tuple[list[MacroCompetency], list[Remark], list[Line]]:
    """Macro-competences, what they lack, and lines that belong to none."""
    rows: list[_Row] = []
    column: str | None = None
    stray: list[Line] = []
    for line in lines:
        name, colon, value = line.text.partition(":")
        label = _label(name) if colon else _label(line.text)
        if label is not None:
            column = label
            if label == "title":
                rows.append(_Row())
            if not value.strip():
                continue
            line = replace(line, text=value.strip())
        if not rows:
            stray.append(line)
        elif fold(name.strip()) == "niveau attendu":
            number = re.search(r"[1-4]", value)
            rows[-1].expected = int(number[0]) if number else None
        elif column == "title":
            rows[-1].title.append(line)
        elif column == "levels":
            _add_level(rows[-1].levels, line.text)
        else:
            rows[-1].example.append(line.text)
    # The table's head has the labels and nothing under them.
    rows = [row for row in rows if row.title]
    remarks = []
    for row in rows:
        missing = [
            name
            for name, value in (
                ("levels", row.levels),
                ("expected level", row.expected),
                ("example", row.example),
            )
            if not value
        ]
        if missing:
            what = " and ".join(missing)
            remarks.append(Remark(row.title[0].place, f"{row.title[0].text}: {what} not published"))
    found = [
        MacroCompetency(
            title=" ".join(line.text for line in row.title),
            levels=tuple(level for level in row.levels if level),
            expected=row.expected,
            example=" ".join(row.example) or None,
            place=row.title[0].place,
        )
        for row in rows
    ]
    return found, remarks, stray


def _add_level(levels: list[str], text: str) -> None:
    """A level's number opens it, on a line of its own or before its words."""
    numbered = _LEVEL.fullmatch(text)
    if numbered and int(numbered[1]) == len(levels) + 1:
        levels.append(numbered[2] or "")
    elif levels:
        levels[-1] = f"{levels[-1]} {text}".strip()
    else:
        levels.append(text)


def _moves(lines: list[Line], own: str) -> Iterator[JobMove]:
    """Every job of the chart but the one at its centre; captions and its menu are not jobs."""
    choosing = False
    seen = {text_key(own)}
    for line in lines:
        text = fold(line.text)
        if text.startswith("selection de secteur"):
            choosing = True
        elif choosing or text.startswith("cliquer "):
            # The list of sectors, and how to use it, end where the chart's captions start.
            choosing = _CHART_CAPTION.fullmatch(text) is None
        elif _CHART_CAPTION.fullmatch(text) is None and text_key(text) not in seen:
            seen.add(text_key(text))
            yield JobMove(line.text, place=line.place)


def _unread(
    before: list[Line], title: Line, stray: list[Line], unread: list[Line]
) -> Iterator[Remark]:
    """One remark for each group of lines that give no value."""
    before = [line for line in before if not _heading(line) and line.number != title.number]
    groups = (
        (before, "lines before the sheet, not read"),
        (stray, "lines under no known heading, not read"),
        (unread, "lines of trends and links, not read"),
    )
    for lines, what in groups:
        if lines:
            yield Remark(lines[0].place, f"{what}: {len(lines)}, from {lines[0].text[:60]!r} on")
