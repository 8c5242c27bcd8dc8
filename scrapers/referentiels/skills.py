"""The three columns of a référentiel: activities, competences, assessment and criteria."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kb.identity import text_key
from kb.model import Activity, Remark
from scrapers.lines import Line
from scrapers.referentiels.cells import (
    CODE,
    Item,
    activity_of,
    block_of,
    cells_of,
    codes_in,
    competency_of,
    digits,
    is_rule,
    items,
    join,
    key,
    paragraphs,
    split_codes,
    tidy,
)

_LIST = rf"{CODE}(?:\s*(?:,|&|/|;|et\b)?\s*{CODE})*"
_RELATION = re.compile(
    rf"^en relation avec (?:la |les )?comp[ée]tences?\s+(?P<codes>{_LIST})\s*:?\s*", re.I
)
_PRODUCTION = re.compile(
    rf"^(?:en relation avec (?:la |les )?)?comp[ée]tences?\s+(?P<codes>{_LIST})\s*:?\s*", re.I
)
_ASSESSMENT = re.compile(
    r"candidats? doi(?:ven)?t pr[ée]senter|modalit[ée]s d['’][ée]valuation"
    rf"|conditions de r[ée]alisation|(?:^|\d/\s*)comp[ée]tences?\s+{CODE}"
    r"|mise en situation professionnelle",
    re.I,
)
_NUMBERING = re.compile(r"^\d+\s?/\s*")
_HEADER = re.compile(r"^(?:modalites|criteres)(?:devaluation)?$")
_COLUMNS = (
    ("activity", "activit"),
    ("competency", "competence"),
    ("assessment", "modalite"),
    ("criteria", "critere"),
)


@dataclass(slots=True)
class DraftCompetency:
    code: str
    text: str
    place: str


@dataclass(slots=True)
class DraftBlock:
    """A block as it is being read. key: its number, or the code that the document publishes; ""
    where the document has no blocks."""

    key: str
    title: str
    place: str
    overall: str | None = None
    competencies: list[DraftCompetency] = field(default_factory=list)
    assessments: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class Skills:
    """What the table says. criteria: code of a competence -> its criteria, in order."""

    blocks: list[DraftBlock] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    criteria: dict[str, list[str]] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    unread: list[Line] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    last: Line | None = None

    def competencies(self) -> list[DraftCompetency]:
        return [each for block in self.blocks for each in block.competencies]


def is_header(line: Line) -> bool:
    """The heads of the columns, in one row or spread over the next ones."""
    cells = [each for cell in cells_of(line) if (each := tidy(cell))]
    if any(re.match(r"R[EÉ]F[EÉ]RENTIEL\b", cell) for cell in cells):
        return True
    heads = [key(cell) for cell in cells]
    return bool(heads) and all(
        _HEADER.match(head) or head in ("activites", "competences", "evaluation") for head in heads
    )


def read_skills(lines: Iterable[Line]) -> Skills:
    """Read the rows; the columns are told by what a cell says, then by where it stands."""
    return _Reader(list(lines)).read()


class _Reader:
    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.found = Skills()
        self.block = DraftBlock("", "", "")
        self.columns: dict[int, str] = {}
        self.width = 0
        self.relation: list[str] = []
        self.heading: str | None = None
        self.heading_used = True
        self.lead: list[str] = []
        self.last_kind: str | None = None
        # Where criteria name their competences they follow that, else the row they stand in.
        self.related = any(
            _RELATION.match(_NUMBERING.sub("", item.text))
            for line in self.lines
            for cell in cells_of(line)
            if "relation" in cell
            for item in items(cell)
        )

    def read(self) -> Skills:
        for line in self.lines:
            if is_rule(line):
                continue
            if is_header(line):
                self._learn_columns(line)
                continue
            self._row(line)
            self.found.last = line
        self._close_block()
        return self.found

    def _learn_columns(self, line: Line) -> None:
        cells = cells_of(line)
        columns = {
            index: kind
            for index, cell in enumerate(cells)
            for kind, word in _COLUMNS
            if re.match(rf"(?:referentiel(?:d|de|des)?)?{word}", key(cell))
        }
        if len(columns) >= 3:
            self.columns, self.width = columns, len(cells)

    def _row(self, line: Line) -> None:
        cells = cells_of(line)
        filled = [cell for cell in cells if tidy(cell)]
        block = block_of(tidy(filled[0])) if filled else None
        if block and len(filled) == 1:
            self._open_block(*block, line)
            return
        kinds = [self._kind(index, cell, len(cells)) for index, cell in enumerate(cells)]
        if not self.found.blocks:
            if "competency" not in kinds:
                self.found.unread.append(line)
                return
            self._open_block("", "", line)
        if kinds.count("criteria") == 2 and "assessment" not in kinds:
            # What to produce stands before how it is judged; both may name competences alike.
            kinds[kinds.index("criteria")] = "assessment"
        stated = [
            code
            for cell, kind in zip(cells, kinds, strict=True)
            if kind == "competency"
            for code in self._read_competencies(cell, line)
        ]
        if stated and not self.related:
            self._close_heading()
            self.relation = stated
        for cell, kind in zip(cells, kinds, strict=True):
            match kind:
                case "activity":
                    self._read_activities(cell, line)
                case "assessment":
                    self._read_assessment(items(cell), [] if self.related else stated, line)
                case "criteria":
                    self._read_criteria(items(cell), line)
                case "unknown":
                    self.found.unread.append(line)
                case _:
                    pass  # competences were read first; an empty cell says nothing
            if kind in ("assessment", "criteria"):
                self.last_kind = kind

    def _open_block(self, key_: str, title: str, line: Line) -> None:
        """A heading opens its block, or goes on with it where a page repeats it."""
        if self.found.blocks:
            if self.block.key == key_:
                return
            self._close_block()
        self.relation = []
        again = next((each for each in self.found.blocks if each.key == key_), None)
        self.block = again or DraftBlock(key_, title, line.place)
        if again is None:
            self.found.blocks.append(self.block)

    def _kind(self, index: int, cell: str, width: int) -> str:
        if not tidy(cell) or not re.search(r"\w", tidy(cell)):
            return "empty"
        parts = [part for each in paragraphs(cell) for part in split_codes(each)]
        if any(activity_of(part) for part in parts[:1]):
            return "activity"
        if any(competency_of(part) for part in parts):
            return "competency"
        if _ASSESSMENT.search(" ".join(parts)):
            return "assessment"
        if any(_RELATION.match(_NUMBERING.sub("", item.text)) for item in items(cell)):
            return "criteria"
        if width == self.width and index in self.columns:
            return self.columns[index]
        return self._kind_by_position(index, parts)

    def _kind_by_position(self, index: int, parts: list[str]) -> str:
        """What goes on with an earlier row bears no mark of its own: its column decides."""
        if index >= 3:
            return "criteria"
        if index == 2 or (index == 0 and self.last_kind and parts[0][:1] in "-•"):
            return self.last_kind or "unknown"
        if index == 1:
            return "competency"
        return "activity" if parts[0][:1].islower() and self.found.activities else "unknown"

    def _read_activities(self, cell: str, line: Line) -> None:
        for part in (each for text in paragraphs(cell) for each in split_codes(text)):
            stated = activity_of(part)
            if stated:
                self.found.activities.append(Activity(stated[1], stated[0], line.place))
            elif self.found.activities:
                last = self.found.activities[-1]
                self.found.activities[-1] = Activity(join(last.text, part), last.code, last.place)
            else:
                self.found.unread.append(line)

    def _read_competencies(self, cell: str, line: Line) -> list[str]:
        block = self.block
        codes = []
        for part in (each for text in paragraphs(cell) for each in split_codes(text)):
            stated = competency_of(part)
            if stated:
                codes.append(stated[0])
                if any(_same(each, *stated) for each in block.competencies):
                    continue  # said again on the next page
                block.competencies.append(DraftCompetency(stated[0], stated[1], line.place))
            elif block.competencies:
                block.competencies[-1].text = join(block.competencies[-1].text, part)
            else:
                block.overall = join(block.overall, part) if block.overall else part
        return codes

    def _read_assessment(self, found: list[Item], stated: list[str], line: Line) -> None:
        """What to produce and under which conditions, one list of lines for each production; it
        concerns the competences that it names, else those `stated` in its row."""
        block = self.block
        texts = [_NUMBERING.sub("", item.text) for item in found]
        if stated and not any(_PRODUCTION.match(text) for text in texts):
            block.assessments.append([", ".join(stated)])
        for item, text in zip(found, texts, strict=True):
            head = _PRODUCTION.match(text)
            if head:
                block.assessments.append([*self.lead, head.group().rstrip(" :")])
                self.lead = []
                self._name(head.group("codes"), line)
                text = text[head.end() :]
            if not text:
                continue
            written = f"- {text}" if item.mark else text
            if block.assessments and not self.lead and not _opens_assessment(text):
                block.assessments[-1].append(written)
            else:
                self.lead.append(written)

    def _read_criteria(self, found: list[Item], line: Line) -> None:
        for item in found:
            text = _NUMBERING.sub("", item.text)
            relation = _RELATION.match(text)
            if relation:
                self._close_heading()
                self.relation = codes_in(relation.group("codes"))
                self._name(relation.group("codes"), line)
                text = text[relation.end() :]
            text = text.rstrip(" ,;-")
            if not text:
                continue
            if not self.relation:
                self.found.unread.append(line)
            elif text.endswith(":"):
                self._close_heading()
                self.heading, self.heading_used = text.rstrip(" :"), False
            elif not item.mark and text[0].islower() and self._goes_on(text):
                continue
            else:
                if item.mark and item.mark != "-":
                    self._close_heading()  # a list mark of the first order ends the last heading
                self._add(f"{self.heading} : {text}" if self.heading else text)
                self.heading_used = True

    def _goes_on(self, text: str) -> bool:
        lists = [self.found.criteria.get(code) for code in self.relation]
        for each in lists:
            if each and self.heading_used:
                each[-1] = join(each[-1], text)
        return self.heading_used and any(lists)

    def _add(self, text: str) -> None:
        for code in self.relation:
            self.found.criteria.setdefault(code, []).append(text)

    def _close_block(self) -> None:
        """What waited for the competences it concerns, which the block does not name, stands."""
        self._close_heading()
        if self.lead:
            self.block.assessments.append(self.lead)
            self.lead = []

    def _close_heading(self) -> None:
        """A heading that nothing followed was a criterion itself."""
        if self.heading and not self.heading_used:
            self._add(self.heading)
        self.heading, self.heading_used = None, True

    def _name(self, codes: str, line: Line) -> None:
        for code in codes_in(codes):
            self.found.named.setdefault(code, line.place)


def _same(stated: DraftCompetency, code: str, text: str) -> bool:
    return stated.code == code and text_key(stated.text) == text_key(text)


def _opens_assessment(text: str) -> bool:
    return bool(re.search(r"candidats? doi(?:ven)?t pr[ée]senter", text, re.I))


def activity_for(code: str, activities: Iterable[Activity]) -> str | None:
    """The activity that a competence's code points at: C.1.2.3 -> A.1.2, where it is stated."""
    wanted = digits(code)[:-1]
    return next((a.code for a in activities if a.code and digits(a.code) == wanted), None)
