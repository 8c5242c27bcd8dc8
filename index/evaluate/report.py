"""What was measured, as one page to look at: no script, and nothing loaded from elsewhere."""

from __future__ import annotations

import os
import platform
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

from index.encoder import Encoder
from index.evaluate import naming, plots
from index.evaluate.about import DOMAIN, FIELD, LEVEL
from index.evaluate.floors import FLOORS, LOWER_IS_BETTER, Floor, beside
from index.evaluate.metrics import summary
from index.evaluate.naming import DOMAINS, FIGURES, figure_name
from index.evaluate.results import Figures, Measured, Named, Question
from index.evaluate.run import RANKED

_FOLDER = Path(__file__).with_name("page")
_WORST = 50
_FEW = 5
"""Groups with fewer questions are put together."""
_SHOWN = 3
"""Right entries of a question that are named."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its name, interval and strip. note: what else is to be said of it."""

    label: str
    value: str
    interval: str
    strip: Markup
    note: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A line of the first table. link: the section's anchor."""

    link: str
    title: str
    what: str
    n: str
    figure: Row
    bm25: str
    random: str
    encoder: str
    over_bm25: str
    floor: str
    goal: str


@dataclass(frozen=True, slots=True)
class FloorRow:
    title: str
    figure: str
    value: str
    floor: str
    goal: str
    verdict: str
    fallen: bool


@dataclass(frozen=True, slots=True)
class GroupTable:
    heading: str
    known: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class WorstRow:
    rank: str
    text: str
    first: Named
    right: tuple[Named, ...]
    more: str


@dataclass(frozen=True, slots=True)
class RankedSection:
    link: str
    title: str
    question: str
    ranked: str
    right: str
    main: str
    n: str
    figures: tuple[Row, ...]
    halves: tuple[tuple[str, str, str], ...]
    ranks: tuple[Row, ...]
    groups: tuple[GroupTable, ...]
    worst: tuple[WorstRow, ...]
    worst_label: str
    speed: str
    language: str


@dataclass(frozen=True, slots=True)
class CalibrationSection:
    link: str
    title: str
    n: str
    figures: tuple[Row, ...]
    diagram: Markup
    bins: tuple[tuple[str, str, str, str, str], ...]
    bands: tuple[tuple[str, ...], ...]
    fields: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SegmentsSection:
    n: str
    figures: tuple[Row, ...]
    taken: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class View:
    """All that the template shows; it computes nothing."""

    made: str
    facts: tuple[tuple[str, str], ...]
    tasks: tuple[TaskRow, ...]
    legend: tuple[tuple[Markup, str], ...]
    floors: tuple[FloorRow, ...]
    fallen: str
    calibration: tuple[CalibrationSection, ...]
    segments: SegmentsSection | None
    ranked: tuple[RankedSection, ...]


def page(
    measured: Iterable[Measured],
    encoder: Encoder,
    made: datetime,
    machine: Mapping[str, str] | None = None,
    floors: Path = FLOORS,
) -> str:
    """The page, whole: HTML with its style and plots inside.

    Args:
        measured: as `index.evaluate.run.measured` gives it. made: when it was measured.
        machine: facts to name; None for those of this machine.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup((_FOLDER / "style.css").read_text("utf-8"))
    view = _view(tuple(measured), encoder, made, machine or this_machine(), floors)
    return environment.get_template("report.html").render(view=view, style=style)


def this_machine() -> dict[str, str]:
    """What the speeds depend on."""
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable else os.cpu_count() or 1
    return {
        "Machine": f"{platform.system()} {platform.machine()}, {_count(cores, 'core')}",
        "Software": f"Python {platform.python_version()}, NumPy {np.__version__}",
    }


def _view(
    measured: Sequence[Measured],
    encoder: Encoder,
    made: datetime,
    machine: Mapping[str, str],
    path: Path,
) -> View:
    floors = tuple(beside(measured, path))
    fallen = sum(each.fallen for each in floors)
    ranked = [one for one in measured if one.task in RANKED]
    cut = next((one.figures for one in measured if one.task == "segments"), None)
    return View(
        made=f"{made:%Y-%m-%d %H:%M %Z}".strip(),
        facts=(
            ("Model", encoder.name),
            ("Revision", encoder.revision or "not told"),
            ("Dimensions", str(encoder.dimension)),
            *machine.items(),
        ),
        tasks=tuple(_task_row(one, floors) for one in ranked),
        legend=(
            (plots.mark("found"), "as it ships, with its interval of 95 %"),
            (plots.mark("encoder"), "encoder alone"),
            (plots.mark("bm25"), "BM25"),
            (plots.mark("floor"), "floor"),
            (plots.mark("goal"), "goal"),
        ),
        floors=tuple(map(_floor_row, floors)),
        fallen=f"{_count(fallen, 'figure')} below the floor." if fallen else "No floor has fallen.",
        calibration=tuple(_calibration(one) for one in measured if one.task == "calibration"),
        segments=_segments(cut) if cut else None,
        ranked=tuple(map(_ranked, ranked)),
    )


def _task_row(one: Measured, floors: Sequence[Floor]) -> TaskRow:
    what = naming.what(one)
    kept = next(
        (
            each
            for each in floors
            if (each.task, each.name, each.figure) == (one.task, one.name, what.main)
            and not each.other_labels
        ),
        None,
    )
    bm25, random = (one.figures["baselines"][name][what.main] for name in ("bm25", "random"))
    alone = one.figures["encoder"][what.main]
    marks = {
        "bm25": bm25,
        "encoder": alone,
        "floor": kept.floor if kept else None,
        "goal": kept.goal if kept else None,
    }
    return TaskRow(
        link=_link(one),
        title=f"{one.task} {one.name}",
        what=f"{what.question} → {what.ranked}",
        n=_whole(one.figures["n"]),
        figure=_row(one.figures, what.main, {k: v for k, v in marks.items() if v is not None}),
        bm25=_number(bm25),
        random=_number(random),
        encoder=_number(alone),
        over_bm25=_gain(one.figures["over_bm25"][what.main]),
        floor=_number(marks["floor"]),
        goal=_number(marks["goal"]),
    )


def _floor_row(each: Floor) -> FloorRow:
    if each.other_labels:
        verdict = "not comparable: measured on other labels"
    elif each.fallen:
        verdict = "fallen"
    elif each.goal is None:
        verdict = "holds"
    else:
        verdict = "goal met" if each.goal_met else "goal not met"
    return FloorRow(
        title=f"{each.task} {each.name}",
        figure=figure_name(each.figure) + (" (at most)" if each.figure in LOWER_IS_BETTER else ""),
        value=_number(each.found),
        floor=_number(each.floor),
        goal=_number(each.goal),
        verdict=verdict,
        fallen=each.fallen,
    )


def _ranked(one: Measured) -> RankedSection:
    what = naming.what(one)
    halves = one.figures["halves"]
    wrong = sorted(
        (q for q in one.questions if q.judged.rank > 1),
        key=lambda q: (-q.judged.rank, q.judged.key),
    )
    worst = tuple(map(_worst_row, wrong[:_WORST]))
    found = re.search(r"_c_([a-z]{2})$", one.name)
    return RankedSection(
        link=_link(one),
        title=f"{one.task} {one.name}",
        question=what.question,
        ranked=what.ranked,
        right=what.right,
        main=FIGURES[what.main][0],
        n=_whole(one.figures["n"]),
        figures=tuple(_row(one.figures, name) for name in FIGURES if name in one.figures),
        halves=tuple(
            (name, _whole(halves[half]["n"]), _number(halves[half][what.main]))
            for half, name in (("choice", "looked at for choices"), ("kept", "kept apart"))
        ),
        ranks=tuple(_ranks(one.questions)),
        groups=tuple(_groups(one.questions, what.main)),
        worst=worst,
        worst_label=f"The worst {len(worst)} of {_count(one.figures['n'], 'question')}",
        speed=f"{one.figures['texts_per_s']:,.0f} texts a second",
        language=found[1] if found else "fr",
    )


def _worst_row(question: Question) -> WorstRow:
    more = len(question.right) - _SHOWN
    return WorstRow(
        rank=_whole(question.judged.rank),
        text=question.text,
        first=question.first,
        right=question.right[:_SHOWN],
        more=f"and {_whole(more)} more" if more > 0 else "",
    )


def _ranks(questions: Sequence[Question]) -> Iterable[Row]:
    """How many questions have their best right entry at which rank."""
    ranks = np.array([question.judged.rank for question in questions])
    for low, high in ((1, 1), (2, 5), (6, 10), (11, 50), (51, None)):
        label = f"{low}" if low == high else f"{low} to {high}" if high else f"{low} and more"
        count = int(((ranks >= low) & (ranks <= (high or ranks.max(initial=low)))).sum())
        if len(ranks):
            share = count / len(ranks)
            yield Row(
                label, f"{100 * share:.0f} %", "", plots.bar(share), _count(count, "question")
            )


def _groups(questions: Sequence[Question], figure: str) -> Iterable[GroupTable]:
    for heading in dict.fromkeys(name for question in questions for name in question.groups):
        members: dict[str, list[Question]] = defaultdict(list)
        for question in questions:
            if heading in question.groups:
                members[question.groups[heading]].append(question)
        known = sum(map(len, members.values()))
        few = [value for value, group in members.items() if len(group) < _FEW]
        rest = [question for value in few for question in members.pop(value)]
        by_name = heading in (DOMAIN, LEVEL)
        ordered = sorted(members, key=lambda v: v if by_name else (-len(members[v]), v))
        rows = [_group_row(heading, value, members[value], figure) for value in ordered]
        if rest:
            rows.append(_group_row("", f"others ({len(few)})", rest, figure))
        if len(rows) > 1:
            total = _count(len(questions), "question")
            told = f"{FIGURES[figure][0]}; known of {_whole(known)} of {total}."
            yield GroupTable(heading, told, tuple(rows))


def _group_row(heading: str, value: str, questions: Sequence[Question], figure: str) -> Row:
    figures = summary([question.judged for question in questions])
    row = _row(figures, figure)
    label = f"{value} {DOMAINS.get(value, '')}".strip() if heading == DOMAIN else value
    few = len(questions) < _FEW
    return Row(
        label=f"level {value}" if heading == LEVEL else label,
        value=row.value,
        # A few draws of a few questions say nothing of how sure the figure is.
        interval="" if few else row.interval,
        strip=plots.strip(float(str(figures[figure]))) if few else row.strip,
        note=_count(len(questions), "question"),
        language="fr" if heading in (DOMAIN, FIELD) else "en",
    )


def _calibration(one: Measured) -> CalibrationSection:
    figures, labels = one.figures, ("fits", "partly", "does_not")
    return CalibrationSection(
        link=_link(one),
        title=one.name,
        n=_whole(figures["n"]),
        figures=tuple(_row(figures, name) for name in FIGURES if name in figures),
        diagram=plots.diagram(figures["reliability"], figures["cuts"]),
        bins=tuple(
            (
                f"{each['from']:.1f}–{each['to']:.1f}",
                _whole(each["n"]),
                _number(each["told"]),
                _number(each["found"]),
                _ends(each["ci"]),
            )
            for each in figures["reliability"]
        ),
        bands=tuple(
            (band.replace("_", " "), *(_whole(counts[label]) for label in labels))
            for band, counts in figures["bands"].items()
        ),
        fields=tuple(
            Row(
                field,
                _number(each["area_under_curve"]),
                "",
                plots.strip(each["area_under_curve"]),
                _count(each["n"], "pair"),
            )
            for field, each in figures["fields"].items()
        ),
    )


def _segments(figures: Figures) -> SegmentsSection:
    taken = sorted(figures["taken"].items(), key=lambda item: -item[1])
    return SegmentsSection(
        n=_whole(figures["n"]),
        figures=tuple(_row(figures, name) for name in FIGURES if name in figures),
        taken=tuple(
            Row(kind.replace("_", " "), f"{100 * share:.0f} %", "", plots.bar(share))
            for kind, share in taken
        ),
    )


def _row(figures: Mapping[str, Any], name: str, marks: Mapping[str, float] | None = None) -> Row:
    label, meaning = FIGURES[name]
    value, interval = figures[name], figures["ci"].get(name)
    return Row(
        label=label,
        value=_number(value),
        interval=_ends(interval) if interval else "",
        strip=Markup("") if value is None else plots.strip(value, interval, marks),
        note=meaning,
    )


def _link(one: Measured) -> str:
    return re.sub(r"\W+", "-", f"{one.task}-{one.name}".lower())


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _gain(gain: Mapping[str, Any]) -> str:
    """A paired difference with its interval."""
    if gain["mean"] is None:
        return "–"
    return f"{_signed(gain['mean'])} ({_ends(gain['ci'], signed=True)})"


def _ends(interval: Sequence[float], *, signed: bool = False) -> str:
    return " to ".join(map(_signed, interval)) if signed else "–".join(map(_number, interval))


def _whole(value: int) -> str:
    return f"{value:,}"


def _count(number: int, thing: str) -> str:
    return f"{_whole(number)} {thing}" + ("" if number == 1 else "s")
