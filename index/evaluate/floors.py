"""Floors of quality: figures that must not fall, with the labels that they were measured on."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.evaluate.results import Measured
from index.evaluate.tasks import Variant
from kb.errors import BelowFloor, InvalidSetting

# Less than any interval: one question's change of rank, or another processor's order of adding,
# is no loss of quality.
_MARGIN = 0.005

FLOORS = Path(__file__).with_name("floors.json")
LOWER_IS_BETTER = frozenset({"calibration_error"})
"""Figures whose floor is the most that they may be."""


@dataclass(frozen=True, slots=True)
class Floor:
    """One figure beside what it must not fall below. floor, goal: None where there is none; goal:
    what is worked towards. other_labels: measured on other labels, so that nothing follows."""

    task: str
    name: str
    figure: str
    found: float
    floor: float | None
    goal: float | None
    other_labels: bool

    @property
    def fallen(self) -> bool:
        return self.floor is not None and not self.other_labels and self._short_of(self.floor)

    @property
    def goal_met(self) -> bool:
        return self.goal is not None and not self._short_of(self.goal)

    def _short_of(self, bound: float) -> bool:
        return _worse(self.figure, self.found, bound)


def labels_hash(variant: Variant) -> str:
    """Twelve hexadecimal digits of the questions, the entries and what is right."""
    content = hashlib.sha256()
    for entry in variant.entries:
        content.update(f"{entry.key}\t{entry.names[0]}\n".encode())
    for question, right in zip(variant.questions, variant.right, strict=True):
        content.update(f"{question.key}\t{sorted(right)}\n".encode())
    return content.hexdigest()[:12]


def file_hash(path: Path) -> str:
    """The same of a file of labels."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def beside(measured: Iterable[Measured], path: Path = FLOORS) -> Iterator[Floor]:
    """The measured figures that have a floor or a goal, in the order of the tasks."""
    kept = _read(path)
    for one in measured:
        entry = kept.get(f"{one.task}/{one.name}", {})
        floors, goals = entry.get("floors", {}), entry.get("goals", {})
        for figure in dict.fromkeys([*floors, *goals]):
            found = _figure(one.figures, figure)
            if found is not None:
                yield Floor(
                    one.task,
                    one.name,
                    figure,
                    found,
                    floors.get(figure),
                    goals.get(figure),
                    other_labels=entry.get("labels") != one.labels,
                )


def check(measured: Iterable[Measured], path: Path = FLOORS) -> list[str]:
    """Lines on figures whose floor could not be checked, because the labels are others.

    Raises:
        BelowFloor: a figure is below its floor; the message names all of them.
    """
    skipped: dict[str, None] = {}
    fallen = []
    for each in beside(measured, path):
        name = f"{each.task}/{each.name}"
        if each.other_labels:
            line = f"{name}: the labels are not those that its floor was measured on"
            skipped[line] = None
        elif each.fallen:
            side = "above" if each.figure in LOWER_IS_BETTER else "below"
            fallen.append(f"{name} {each.figure} is {each.found}, {side} {each.floor}")
    if fallen:
        raise BelowFloor(
            "; ".join(fallen),
            "Find what made it worse; a floor is lowered with --raise-floors and a --reason.",
        )
    return list(skipped)


def raise_floors(
    measured: Iterable[Measured],
    figures: Mapping[str, Iterable[str]] | None = None,
    path: Path = FLOORS,
    reason: str | None = None,
) -> None:
    """Write floors a little below the measured figures.

    Args:
        figures: for each task, the figures to keep: {"T1": ["mrr", "encoder.mrr"]}; None: those
            that have a floor already.
        reason: why a floor may fall; kept beside it. None: floors only rise.
    Raises:
        InvalidSetting: a floor would fall, on the same labels, without a reason. Nothing is
            written then.
    """
    kept = _read(path)
    for one in measured:
        name = f"{one.task}/{one.name}"
        old = kept.get(name, {})
        before = old.get("floors", {})
        wanted = before if figures is None else figures.get(one.task, ())
        new = {
            figure: _near(figure, found)
            for figure in wanted
            if (found := _figure(one.figures, figure)) is not None
        }
        if not new:
            continue
        falling = sorted(
            figure
            for figure, floor in before.items()
            if old.get("labels") == one.labels
            and (figure not in new or _worse(figure, new[figure], floor))
        )
        if falling and reason is None:
            raise InvalidSetting(
                f"the floor of {name} would fall: {', '.join(falling)}",
                "Give a reason, or find what made it worse.",
            )
        kept[name] = {**old, "labels": one.labels, "floors": new}
        if falling:
            kept[name]["reason"] = reason
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def _worse(figure: str, one: float, other: float) -> bool:
    return one > other if figure in LOWER_IS_BETTER else one < other


def _near(figure: str, found: float) -> float:
    """The bound that a later measurement must keep, to three decimals."""
    if figure in LOWER_IS_BETTER:
        return math.ceil(1000 * (found + _MARGIN) - 1e-9) / 1000
    return math.floor(1000 * (found - _MARGIN) + 1e-9) / 1000


def _figure(figures: Mapping[str, Any], name: str) -> float | None:
    """`mrr`, or `encoder.mrr` for a figure within another; None where nothing was measured."""
    value: Any = figures
    for part in name.split("."):
        value = value[part]
    return None if value is None else float(value)
