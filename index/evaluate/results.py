"""What a measurement leaves: figures for a file, questions for a reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from index.evaluate.metrics import Judged

Figures = dict[str, Any]
Report = dict[str, dict[str, Figures]]


@dataclass(frozen=True, slots=True)
class Named:
    """An entry: its key (a code, a number) and its main name."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and how the product answered it.

    first: the entry ranked first. right: all right entries, in the order of the entries.
    groups: what kind of question it is: {"level": "5", "ROME domain": "M"}, as far as is known.
    """

    text: str
    judged: Judged
    first: Named
    right: tuple[Named, ...]
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """One variant of a task, measured.

    figures: as `index.evaluate.run.evaluate` tells. labels: a hash of what is asked and what is
    right. questions: those of the ranked tasks, in the order in which they were asked.
    """

    task: str
    name: str
    figures: Figures
    labels: str
    questions: tuple[Question, ...] = ()


def as_report(measured: Iterable[Measured]) -> Report:
    """{task: {variant: figures}}, without the questions."""
    report: Report = {}
    for one in measured:
        report.setdefault(one.task, {})[one.name] = one.figures
    return report
