"""Examination rules of a référentiel: who is admitted, what passes, what is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from kb.identity import fold
from kb.model import ExamRule, Remark
from scrapers.lines import Line
from scrapers.referentiels.cells import block_of, cells_of, is_rule, tidy

# What a statement rules, by its words (folded); one statement may rule several things.
_STATEMENTS = (
    ("pass", r"certification (?:totale )?est (?:delivree|obtenue|accordee)|obtention de la "
     r"certification a \d|(?:est|sont) admis.{0,40}moyenne"),
    ("block_minimum", r"inferieure? a \d+(?:[.,]\d+)?/20 (?:sur|dans|a) (?:l'un|un|chaque|chacun)"
     r"|(?:au moins|minimum de) \d+(?:[.,]\d+)?/20 "
     r"(?:sur|dans|a|pour) (?:chaque|chacun|l'un|tous)"),
    ("professional_minimum", r"(?:evaluation|epreuve|note) professionnelle d'au moins \d"
     r"|au moins \d+(?:[.,]\d+)?/20 (?:a|en|pour) l'(?:evaluation|epreuve) professionnelle"),
    ("keep_blocks", r"conserve(?:nt)? le benefice (?:des|du ou des) blocs"
     r"|blocs? (?:valides?|acquis) (?:est|sont|restent?) (?:conserves?|acquis)"
     r"|certification uniquement sur les blocs valides"),
    ("resit", r"repasser (?:les|le ou les|un) blocs? non[- ]valides?"),
    ("professional_resit", r"l'epreuve professionnelle, le candidat a la possibilite"),
    ("resit_session", r"epreuves? de rattrapage"),
    ("repeat_year", r"redoublement :"),
    ("block_absence", r"non[- ]presentation a au moins une evaluation de bloc"),
)  # fmt: skip
# What a titled section rules.
_SECTIONS = (
    ("prerequisites", r"niveau (?:initial )?requis|pre-?requis|conditions d'(?:acces|admission)"),
    ("award", r"conditions d'obtention|delivrance"),
    ("accommodation", r"amenagement|handicap"),
    ("falsification", r"falsification"),
    ("fraud", r"fraude"),
    ("block_assessment", r"evaluation des blocs"),
    ("module_assessment", r"evaluation des modules|controle continu"),
    ("jury", r"procedure de certification|jury"),
    ("results", r"divul\w+ des resultats|communication des resultats"),
    ("follow_up", r"suivi"),
    ("certifier", r"certificateur"),
)  # fmt: skip
_TITLE = re.compile(r"^(?:article\s+)?\d+\s?[.)–-]\s*(?=[A-ZÀ-Ý])(.{3,120})$", re.I)
_OPENS = re.compile(
    r"^r[eè]glement\s+(?:d['’]examens?|d['’][ée]valuation|de (?:la )?certification)", re.I
)
_GRID = re.compile(r"^grille (?:de synth[eè]se )?d['’][ée]valuation|^grille de synth[eè]se", re.I)
_COUNTED = re.compile(
    r"\b(?:des|les|ces|compos[ée]e?s? de|comporte|comprend|en)\s+"
    r"(\d+|deux|trois|quatre|cinq|six|sept|huit|neuf|dix)\s+blocs\b",
    re.I,
)
_WORDS = ("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
_MINIMUM = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:pts?|points?)\s*\(\s*moyenne\s+(?:de\s+)?"
    r"(\d+(?:[.,]\d+)?)\s*/\s*20",
    re.I,
)


@dataclass(slots=True)
class Rules:
    """entry: prerequisites as published, a line each. minima: block's number (None for the
    professional evaluation) -> points needed, average out of 20, place."""

    rules: list[ExamRule] = field(default_factory=list)
    entry: list[str] = field(default_factory=list)
    entry_place: str | None = None
    minima: list[tuple[str | None, float, float, str]] = field(default_factory=list)
    unread: list[Line] = field(default_factory=list)
    counted: list[tuple[int, str]] = field(default_factory=list)
    unknown: list[Line] = field(default_factory=list)  # headings of sections of no known kind
    pass_total: tuple[float, str] | None = None


@dataclass(slots=True)
class _Statement:
    """A paragraph with the list it opens."""

    lines: list[str]
    place: str
    in_list: bool = False


def opens_rules(line: Line) -> bool:
    return line.cells is None and bool(
        _OPENS.match(tidy(line.text)) or _GRID.match(tidy(line.text))
    )


def read_rules(lines: Iterable[Line]) -> Rules:
    """Every statement of the rules, named by what it rules, else by the section it stands in."""
    found = Rules()
    section = "other"
    statement: _Statement | None = None

    def close() -> None:
        nonlocal statement
        if statement is not None:
            _settle(found, statement, section)
        statement = None

    for line in lines:
        if is_rule(line) or opens_rules(line):
            continue
        if line.cells is not None:
            close()
            if not _read_minima(line, found):
                found.unread.append(line)
            continue
        text = tidy(line.text)
        title = None if line.bullet else _TITLE.match(text)
        if title:
            close()
            section = _section(title.group(1))
            if section == "other":
                found.unknown.append(line)
            continue
        for count in _COUNTED.finditer(text):
            found.counted.append((_number(count.group(1)), line.place))
        if section == "prerequisites":
            found.entry.append(f"- {text}" if line.bullet else text)
            found.entry_place = found.entry_place or line.place
            continue
        if section == "other" and text.isupper() and not found.rules:
            continue  # the title of the certification under the head of its rules
        # Points of a list that rule something of their own are told apart.
        alone = bool(_named(text))
        if line.bullet and statement is not None and not (alone and _is_list(statement)):
            statement.lines.append(f"- {text}")
            statement.in_list = True
            continue
        if line.bullet and alone and statement is not None:
            lead = statement.lines[0]
            if statement.in_list:
                close()
            statement = _Statement([lead, f"- {text}"], line.place, in_list=True)
            continue
        if statement is not None and not statement.in_list and _is_lead(statement.lines[-1]):
            statement.lines.append(text)
            continue
        close()
        statement = _Statement([text], line.place)
    close()
    return found


def check_rules(found: Rules, blocks: int) -> list[Remark]:
    """Where the rules count other blocks than the document describes."""
    return [
        Remark(place, f"the rules speak of {count} blocks, the document describes {blocks}")
        for count, place in found.counted
        if count != blocks
    ]


def check_minima(found: Rules, totals: dict[str | None, float | None]) -> list[Remark]:
    """Where the points needed are not the published average of the points there are."""
    remarks = []
    for number, points, average, place in found.minima:
        total = totals.get(number)
        if total is not None and abs(total * average / 20 - points) > 1e-6:
            what = f"block {number}" if number else "professional evaluation"
            remarks.append(
                Remark(
                    place,
                    f"{what}: {points:g} points are required for an average of {average:g}/20, of "
                    f"{total:g} points that is {total * average / 20:g}",
                )
            )
    return remarks


def _is_list(statement: _Statement) -> bool:
    return statement.in_list or statement.lines[-1].endswith(":")


def _is_lead(text: str) -> bool:
    """A line that opens what follows: a short one without an end."""
    return text.endswith((",", ":")) or (len(text) < 100 and not text.endswith((".", ")", "…")))


def _settle(found: Rules, statement: _Statement, section: str) -> None:
    text = "\n".join(statement.lines)
    names = _named(text) or [section]
    found.rules += [ExamRule(name, text, statement.place) for name in names]
    total = re.search(r"\d+ points? sur (\d+) points?", text)
    if total:
        found.pass_total = (float(total.group(1)), statement.place)


def _named(text: str) -> list[str]:
    folded = fold(text)
    return [name for name, words in _STATEMENTS if re.search(words, folded)]


def _section(title: str) -> str:
    folded = fold(title)
    return next((name for name, words in _SECTIONS if re.search(words, folded)), "other")


def _read_minima(line: Line, found: Rules) -> bool:
    """Rows of pairs: what is evaluated, then the points and the average that it takes."""
    cells = [tidy(cell) for cell in cells_of(line)]
    read = False
    for label, value in pairwise(cells):
        minimum = _MINIMUM.search(value)
        if not label or not minimum:
            continue
        read = True
        block = block_of(label)
        found.rules.append(
            ExamRule(
                "block_minimum" if block else "professional_minimum",
                f"{label} : {value}",
                line.place,
            )
        )
        points, average = (float(x.replace(",", ".")) for x in minimum.groups())
        found.minima.append((block[0] if block else None, points, average, line.place))
    return read


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS.index(word.lower()) + 2
