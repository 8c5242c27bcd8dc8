"""Modules, hours and points of a référentiel, with every published total checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kb.identity import fold
from kb.model import ExamRule, Hours, Module, Points, Remark
from scrapers.lines import Line
from scrapers.referentiels.cells import block_of, cells_of, is_rule, key, tidy

_MODULE_CODE = re.compile(r"^([A-Z]{1,4}\s?\d+(?:\.\d+)*)\s*[:–—-]\s*(.+)")
_HOURS = re.compile(r"^(\d[\d\s]*(?:[.,]\d+)?)\s*(?:h|heures?)\s*(\d{2})?$", re.I)
_POINTS = re.compile(r"^(\d[\d\s]*(?:[.,]\d+)?)\s*(?:pts?|points?)?\.?$", re.I)
_TOTAL = re.compile(r"total\D*?(\d[\d\s]*)\s*(?:pts?|points?)", re.I)
_VOLUME = re.compile(r"^volume|\btotal\b|hors evaluation|evaluations de blocs")
_NUMBERED = re.compile(r"(?<![\d/])(?=\d\s?/\s*[A-ZÀ-Ý])")
_COLUMNS = (
    ("hours", re.compile(r"volume|heure|duree")),
    ("continuous", re.compile(r"controlecontinu|continu")),
    ("exams", re.compile(r"epreuve|examen|validation")),
    ("total", re.compile(r"total")),
)


@dataclass(slots=True)
class DraftTotals:
    """What the table publishes for a block. exams_label: the head of the column."""

    hours: float | None = None
    continuous: float | None = None
    exams: float | None = None
    total: float | None = None
    exam_texts: list[str] = field(default_factory=list)
    place: str = ""


@dataclass(slots=True)
class Programme:
    """blocks: number of the block -> its totals. modules: their `block` is that number."""

    modules: list[Module] = field(default_factory=list)
    blocks: dict[str, DraftTotals] = field(default_factory=dict)
    hours: Hours = field(default_factory=Hours)
    professional: float | None = None
    total: float | None = None
    exams_label: str | None = None
    rules: list[ExamRule] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    unread: list[Line] = field(default_factory=list)
    place: str | None = None

    def points(self, codes: dict[str, str]) -> Points:
        """The scale; `codes`: number of a block -> its code. A sum stands only where no part of
        it is unknown."""
        by_block = {
            codes[number]: block.total
            for number, block in self.blocks.items()
            if number in codes and block.total is not None
        }
        return Points(
            by_block=by_block,
            continuous=_sum(block.continuous for block in self.blocks.values()),
            block_exams=_sum(block.exams for block in self.blocks.values()),
            professional=self.professional,
            total=self.total,
        )

    def exams(self, number: str) -> tuple[str, ...]:
        """What the examinations of a block are, one text each, under the column's head."""
        if number not in self.blocks:
            return ()
        text = " ".join(self.blocks[number].exam_texts)
        parts = [part.strip() for part in _NUMBERED.split(text) if part.strip()]
        return tuple(f"{self.exams_label} : {part}" if self.exams_label else part for part in parts)


def opens_programme(line: Line) -> bool:
    """The header of the table of modules."""
    heads = [key(tidy(cell)) for cell in cells_of(line)]
    return (
        len(heads) > 1
        and "module" in heads[0]
        and any(re.search(r"volume|heure|duree", head) for head in heads[1:])
    )


def read_programme(lines: Iterable[Line]) -> Programme:
    """Read the table of modules, from its header on; check its totals."""
    reader = _Reader()
    for line in lines:
        if not is_rule(line):
            reader.row(line)
    reader.finish()
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found = Programme()
        self.columns: dict[str, int] = {}
        self.block: str | None = None
        self.pending: list[tuple[Module, bool]] = []  # module, its points are a dash
        self.volumes: list[tuple[str, float, Line]] = []
        self.parts: list[tuple[str, float]] = []
        self.professional_line: Line | None = None

    def row(self, line: Line) -> None:
        cells = [tidy(cell) for cell in cells_of(line)]
        if opens_programme(line):
            self._learn(cells)
            self.found.place = line.place
            return
        total = next((hit for cell in cells if (hit := _TOTAL.search(cell))), None)
        if total and not block_of(cells[0]):
            self.found.total = _number(total.group(1))
        if block := block_of(cells[0]):
            self._block(block[0], cells, line)
        elif (hours := self._hours(cells)) is not None:
            if _VOLUME.search(fold(cells[0])) and not _MODULE_CODE.match(cells[0]):
                self.block = None
            if self.block is not None:
                self._module(cells, hours, line)
            else:
                self.volumes.append((cells[0], hours, line))
        elif points := self._any_points(cells):
            self._professional(cells[0], points, line)
        elif self.block is not None and cells[0] and self._cell(cells, "continuous"):
            self._module(cells, None, line)
        elif self.block is not None and not cells[0] and self._cell(cells, "exams"):
            self.found.blocks[self.block].exam_texts.append(self._cell(cells, "exams"))
        elif key(cells[0]).startswith("volume"):
            self.block = None
        elif not total:
            self.found.unread.append(line)

    def finish(self) -> None:
        found = self.found
        for number, block in found.blocks.items():
            mine = [pair for pair in self.pending if pair[0].block == number]
            known = sum(module.continuous_points or 0 for module, _ in mine)
            # A dash is "none" where the others make up the published total, else unknown.
            dashes_are_zero = block.continuous is not None and known == block.continuous
            found.modules += [
                _with_points(module, 0.0) if dash and dashes_are_zero else module
                for module, dash in mine
            ]
            self._check_block(number, block, [module for module, _ in mine], known)
        self._settle_hours()
        self._check_points()

    def _learn(self, cells: list[str]) -> None:
        for index, cell in enumerate(cells[1:], 1):
            for name, words in _COLUMNS:
                if name not in self.columns and words.search(key(cell)):
                    self.columns[name] = index
                    if name == "exams":
                        self.found.exams_label = cell
                    break

    def _cell(self, cells: list[str], column: str) -> str:
        index = self.columns.get(column)
        return cells[index] if index is not None and index < len(cells) else ""

    def _hours(self, cells: list[str]) -> float | None:
        in_column = _read_hours(self._cell(cells, "hours"))
        if in_column is not None or self.block is not None:
            return in_column
        return next((h for cell in cells[1:] if (h := _read_hours(cell)) is not None), None)

    def _block(self, number: str, cells: list[str], line: Line) -> None:
        self.block = number
        self.found.blocks[number] = DraftTotals(
            hours=_read_hours(self._cell(cells, "hours")),
            continuous=_read_points(self._cell(cells, "continuous")),
            exams=_read_points(self._cell(cells, "exams")),
            total=_read_points(self._cell(cells, "total")),
            place=line.place,
        )

    def _module(self, cells: list[str], hours: float | None, line: Line) -> None:
        assert self.block is not None
        coded = _MODULE_CODE.match(cells[0])
        title = (coded.group(2) if coded else cells[0]).strip(" -–")
        points = self._cell(cells, "continuous")
        module = Module(
            title=title,
            code=coded.group(1).replace(" ", "") if coded else None,
            hours=hours,
            continuous_points=_read_points(points),
            block=self.block,
            place=line.place,
        )
        self.pending.append((module, points in ("-", "–", "—")))
        if exams := self._cell(cells, "exams"):
            self.found.blocks[self.block].exam_texts.append(exams)

    def _any_points(self, cells: list[str]) -> float | None:
        marked = [cell for cell in cells[1:] if re.search(r"\d\s*(?:pts?|points?)\b", cell, re.I)]
        return _read_points(marked[-1]) if marked else None

    def _professional(self, label: str, points: float, line: Line) -> None:
        self.block = None
        text = f"{label} : {points:g} points"
        if self.professional_line is None:
            if not re.search(r"profession|entreprise|stage|memoire", fold(label)):
                self.found.unread.append(line)
                return
            self.professional_line, self.found.professional = line, points
            self.found.rules.append(ExamRule("professional_points", text, line.place))
        else:
            self.parts.append((label, points))
            self.found.rules.append(ExamRule("professional_part", text, line.place))

    def _check_block(
        self, number: str, block: DraftTotals, modules: list[Module], continuous: float
    ) -> None:
        hours = _sum(module.hours for module in modules)
        if block.hours is not None and hours is not None and hours != block.hours:
            self._warn(
                block.place,
                f"block {number}: {block.hours:g} h are announced, its modules sum to {hours:g} h",
            )
        if block.continuous is not None and modules and continuous != block.continuous:
            self._warn(
                block.place,
                f"block {number}: {block.continuous:g} points of continuous assessment are "
                f"announced, those of its modules sum to {continuous:g}",
            )
        parts = _sum([block.continuous, block.exams])
        if block.total is not None and parts is not None and parts != block.total:
            self._warn(
                block.place,
                f"block {number}: {block.total:g} points in all are announced, its parts sum to "
                f"{parts:g}",
            )

    def _settle_hours(self) -> None:
        modules = _sum(module.hours for module in self.found.modules)
        taught = total = None
        other: list[float] = []
        last = None
        for label, hours, line in self.volumes:
            last = line
            if "total" in fold(label):
                total = hours
            elif taught is None and (
                hours == modules or re.search(r"hors evaluation|face a face|enseigne", fold(label))
            ):
                taught = hours
            else:
                other.append(hours)
        place = last.place if last else self.found.place
        if taught is not None and modules is not None and taught != modules:
            self._warn(place, f"{taught:g} h taught are announced, modules sum to {modules:g} h")
        taught = modules if taught is None else taught
        rest = sum(other) if other else None
        both = _sum([taught, rest])
        if total is not None and both is not None and both != total:
            self._warn(
                place,
                f"{total:g} h in all are announced, {taught:g} h and {rest:g} h sum to {both:g} h",
            )
        self.found.hours = Hours(taught=taught, other=rest, total=both if total is None else total)

    def _check_points(self) -> None:
        found = self.found
        if self.parts and self.professional_line:
            parts = sum(points for _, points in self.parts)
            if parts != found.professional:
                self._warn(
                    self.professional_line.place,
                    f"{found.professional:g} points of professional evaluation are announced, its "
                    f"parts sum to {parts:g}",
                )
        whole = _sum([*(block.total for block in found.blocks.values()), found.professional])
        if found.total is not None and whole is not None and whole != found.total:
            self._warn(
                found.place,
                f"{found.total:g} points in all are announced, blocks and professional evaluation "
                f"sum to {whole:g}",
            )

    def _warn(self, place: str | None, text: str) -> None:
        self.found.warnings.append(Remark(place, text))


def _with_points(module: Module, points: float) -> Module:
    return Module(module.title, module.code, module.hours, points, module.block, module.place)


def _sum(values: Iterable[float | None]) -> float | None:
    """None where a part is unknown, or where there is no part."""
    listed = list(values)
    known = [value for value in listed if value is not None]
    return sum(known) if listed and len(known) == len(listed) else None


def _number(text: str) -> float:
    return float(re.sub(r"\s", "", text).replace(",", "."))


def _read_hours(text: str) -> float | None:
    """`52h30` is 52.5."""
    found = _HOURS.match(text.strip())
    if not found:
        return None
    return _number(found.group(1)) + int(found.group(2) or 0) / 60


def _read_points(text: str) -> float | None:
    found = _POINTS.match(text.strip())
    return _number(found.group(1)) if found else None
