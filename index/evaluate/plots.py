"""Plots as SVG, to be put into a page: its style sheet colours their classes.

Every number drawn here stands in words beside the plot, which is therefore hidden from screen
readers, but for the diagram, which tells what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

_WIDTH, _HEIGHT, _EDGE = 160, 18, 5  # of a strip; the edge leaves room for half a mark
_MARKS = {
    "bm25": '<path class="other" d="M{x} 4 l4.5 5 l-4.5 5 l-4.5 -5 Z"/>',
    "encoder": '<circle class="other" cx="{x}" cy="9" r="4"/>',
    "floor": '<path class="floor" d="M{x} 1 V17"/>',
    "goal": '<path class="goal" d="M{x} 1 V17"/>',
    "found": '<circle class="found" cx="{x}" cy="9" r="3.2"/>',
}
"""found is drawn last, over the others."""

_SIDE, _LEFT, _TOP, _COUNTS = 280, 46, 10, 54  # of the diagram and of the bars under it


def strip(
    found: float, interval: Sequence[float] | None = None, marks: Mapping[str, float] | None = None
) -> Markup:
    """A figure of 0 to 1 on its scale, with its interval.

    marks: further values by kind: bm25, encoder, floor, goal.
    """
    drawn = [_line("axis", _x(0), 9, _x(1), 9)]
    if interval:
        low, high = interval
        drawn.append(
            Markup('<rect class="interval" x="{}" y="4.5" width="{}" height="9"/>').format(
                _x(low), round(max(_x(high) - _x(low), 1), 1)
            )
        )
    values = {**(marks or {}), "found": found}
    drawn += [
        Markup(_MARKS[kind].replace("{x}", str(_x(values[kind]))))
        for kind in _MARKS
        if kind in values
    ]
    return _strip(drawn)


def mark(kind: str) -> Markup:
    """One mark of a strip alone, for the legend."""
    shape = Markup(_MARKS[kind].replace("{x}", "9"))
    return Markup('<svg class="mark" viewBox="0 0 18 18" aria-hidden="true">{}</svg>').format(shape)


def bar(share: float) -> Markup:
    """A share of 0 to 1 as a bar."""
    shape = Markup('<rect class="bar" x="{}" y="4" width="{}" height="10"/>')
    return _strip([_line("axis", _x(0), 9, _x(1), 9), shape.format(_x(0), round(_x(share) - 5, 1))])


def diagram(bins: Sequence[Mapping[str, Any]], cuts: Mapping[str, float]) -> Markup:
    """Probability told against frequency found, with intervals, and the pairs in each bin.

    Args:
        bins: as `index.evaluate.calibration.reliability`. cuts: where bands begin, by name.
    """
    right, bottom = _LEFT + _SIDE, _TOP + _SIDE
    base = bottom + 40 + _COUNTS
    drawn = [_line("diagonal", _LEFT, bottom, right, _TOP)]
    for tenth in range(0, 11, 2):
        at = tenth / 10
        x, y = _LEFT + _SIDE * at, bottom - _SIDE * at
        drawn += [
            _line("grid", x, _TOP, x, bottom),
            _line("grid", _LEFT, y, right, y),
            _text(x, bottom + 15, f"{at:.1f}", "middle"),
            _text(_LEFT - 6, y + 4, f"{at:.1f}", "end"),
        ]
    for name, cut in cuts.items():
        x = round(_LEFT + _SIDE * cut, 1)
        drawn += [_line("cut", x, _TOP, x, bottom), _text(x - 4, _TOP + 12, name, "end")]
    most = max((each["n"] for each in bins), default=1)
    for each in bins:
        x, y = _LEFT + _SIDE * each["told"], bottom - _SIDE * each["found"]
        low, high = (bottom - _SIDE * end for end in each["ci"])
        start, end = (_LEFT + _SIDE * each[side] for side in ("from", "to"))
        height = round(_COUNTS * each["n"] / most, 1)
        drawn += [
            _line("range", x, low, x, high),
            Markup('<circle class="found" cx="{:.1f}" cy="{:.1f}" r="4.5"/>').format(x, y),
            Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}"/>').format(
                start + 1, base - height, end - start - 2, height
            ),
            _text((start + end) / 2, base - height - 4, str(each["n"]), "middle"),
        ]
    drawn += [
        _line("axis", _LEFT, base, right, base),
        _text((_LEFT + right) / 2, base + 18, "probability told; under it, pairs in each bin"),
        Markup('<text transform="rotate(-90)" x="{}" y="12" text-anchor="middle">{}</text>').format(
            -(_TOP + bottom) / 2, "part of the pairs that fit"
        ),
    ]
    return Markup(
        '<svg class="diagram" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(
        right + 12,
        base + 26,
        "Reliability diagram: for each tenth of the scale, the probability told and the part of "
        "the pairs that fit. The table below has its numbers.",
        Markup().join(drawn),
    )


def _strip(drawn: Sequence[Markup]) -> Markup:
    return Markup('<svg class="strip" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        _WIDTH, _HEIGHT, Markup().join(drawn)
    )


def _x(value: float) -> float:
    """The place of a value; one outside of 0 to 1 is drawn at the end."""
    return round(_EDGE + min(max(float(value), 0.0), 1.0) * (_WIDTH - 2 * _EDGE), 1)


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<path class="{}" d="M{:.1f} {:.1f} L{:.1f} {:.1f}"/>').format(
        kind, x1, y1, x2, y2
    )


def _text(x: float, y: float, text: str, anchor: str = "middle") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        x, y, anchor, text
    )
