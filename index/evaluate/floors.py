"""Floors of quality: figures that must not fall, with the labels that they were measured on."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from index.evaluate.tasks import Variant
from kb.errors import BelowFloor, InvalidSetting

# Less than any interval: one question's change of rank, or another processor's order of adding,
# is no loss of quality.
_MARGIN = 0.005

FLOORS = Path(__file__).with_name("floors.json")


def labels_hash(variant: Variant) -> str:
    """Twelve hexadecimal digits of the questions, the entries and what is right."""
    content = hashlib.sha256()
    for entry in variant.entries:
        content.update(f"{entry.key}\t{entry.names[0]}\n".encode())
    for question, right in zip(variant.questions, variant.right, strict=True):
        content.update(f"{question.key}\t{sorted(right)}\n".encode())
    return content.hexdigest()[:12]


def check(
    variants: Iterable[Variant],
    report: Mapping[str, Mapping[str, Mapping[str, Any]]],
    path: Path = FLOORS,
) -> list[str]:
    """Lines on figures whose floor could not be checked, because the labels are others.

    Raises:
        BelowFloor: a figure is below its floor; the message names all of them.
    """
    floors = json.loads(path.read_text("utf-8"))
    skipped, fallen = [], []
    for variant in variants:
        name = f"{variant.task}/{variant.name}"
        if name not in floors:
            continue
        if floors[name]["labels"] != labels_hash(variant):
            skipped.append(f"{name}: the labels are not those that its floor was measured on")
            continue
        figures = report[variant.task][variant.name]
        for figure, floor in floors[name]["floors"].items():
            found = _figure(figures, figure)
            if found < floor:
                fallen.append(f"{name} {figure} is {found}, below {floor}")
    if fallen:
        raise BelowFloor(
            "; ".join(fallen),
            "Find what made it worse; a floor is lowered with a reason, by hand, in floors.json.",
        )
    return skipped


def raise_floors(
    variants: Iterable[Variant],
    report: Mapping[str, Mapping[str, Mapping[str, Any]]],
    figures: Mapping[str, Iterable[str]],
    path: Path = FLOORS,
    reason: str | None = None,
) -> None:
    """Write floors a little below the measured figures.

    Args:
        figures: for each task, the figures to keep: {"T1": ["mrr", "encoder.mrr"]}.
        reason: why a floor may fall; kept beside it. None: floors only rise.
    Raises:
        InvalidSetting: a floor would fall, on the same labels, without a reason.
    """
    floors = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for variant in variants:
        name, labels = f"{variant.task}/{variant.name}", labels_hash(variant)
        old = floors.get(name, {})
        new = {
            figure: _below(_figure(report[variant.task][variant.name], figure))
            for figure in figures.get(variant.task, ())
        }
        falling = {
            figure
            for figure, floor in old.get("floors", {}).items()
            if old["labels"] == labels and new.get(figure, 0) < floor
        }
        if falling and reason is None:
            raise InvalidSetting(
                f"the floor of {name} would fall: {', '.join(sorted(falling))}",
                "Give a reason, or find what made it worse.",
            )
        floors[name] = {"labels": labels, "floors": new}
        if falling:
            floors[name]["reason"] = reason
    path.write_text(json.dumps(floors, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _below(figure: float) -> float:
    return math.floor(1000 * (figure - _MARGIN) + 1e-9) / 1000


def _figure(figures: Mapping[str, Any], name: str) -> float:
    """`mrr`, or `encoder.mrr` for a figure within another."""
    value: Any = figures
    for part in name.split("."):
        value = value[part]
    return float(value)
