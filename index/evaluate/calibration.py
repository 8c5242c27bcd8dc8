"""Whether a match's probability means what it says: on the labelled pairs not learned from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from index.calibrate import Flags, Values, area_under_curve, measure, probabilities, signals
from index.encoder import Encoder
from index.evaluate.metrics import Rows, intervals, share_interval
from index.evaluate.results import Figures
from index.judge import Judge
from index.pairs import LabelledPair, learned_from, read_pairs

_BINS = 10
_LABELS = ("fits", "partly", "does_not")
_BANDS = ("covers", "unclear", "does_not")


def calibration(
    encoder: Encoder,
    pairs: Sequence[LabelledPair] | None = None,
    judge: Judge | None = None,
    second: Encoder | None = None,
) -> Figures:
    """The figures of `index.calibrate.measure` on the half of the pairs that was kept.

    Returns:
        n (pairs), area_under_curve, calibration_error (lower is better), covers_precision,
        covers_recall and so on, 0 to 1; ci: 95 %, by bootstrap over the tasks, without the
        calibration error, which any noise of a draw makes larger; reliability: as
        `reliability`; cuts: {band: where it begins}; bands: {band: {label: pairs}}; fields:
        {field: {n, area_under_curve}}.
    Args:
        pairs: None for those in the package. judge: None for the shipped one. second: None for
            the first stage alone.
    Source: the labelling rule and the halves are in pairs.md.
    """
    judge = judge or Judge.shipped("first" if second is None else "both")
    kept = [p for p in (read_pairs() if pairs is None else pairs) if not learned_from(p)]
    values = signals(kept, encoder, second)
    fits = np.array([pair.label == "fits" for pair in kept])
    scores = probabilities(values, judge)

    def figures(chosen: Rows) -> Mapping[str, float]:
        found = measure(values[chosen], fits[chosen], judge)
        return {name: value for name, value in found.items() if name != "pairs"}

    whole = figures(np.arange(len(kept)))
    bounds = intervals(_rows_by([pair.task for pair in kept]), figures)
    return {
        "n": len(kept),
        **whole,
        "ci": {name: ends for name, ends in bounds.items() if name != "calibration_error"},
        "reliability": reliability(scores, fits),
        "cuts": {"unclear": judge.unclear, "covers": judge.covers},
        "bands": _bands(kept, scores, judge),
        "fields": {
            kept[rows[0]].field: {
                "n": len(rows),
                "area_under_curve": area_under_curve(scores[rows], fits[rows]),
            }
            for rows in _rows_by([pair.field for pair in kept])
            if 0 < fits[rows].sum() < len(rows)
        },
    }


def reliability(scores: Values, truth: Flags) -> list[dict[str, Any]]:
    """Probability told and frequency found in ten equal bins, those that hold a score.

    Returns:
        from, to: the bin's ends; n; told: mean score; found: part that is true; ci: of found.
    """
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    table = []
    for number in sorted(set(bins.tolist())):
        inside = bins == number
        found = float(truth[inside].mean())
        table.append(
            {
                "from": round(number / _BINS, 1),
                "to": round((number + 1) / _BINS, 1),
                "n": int(inside.sum()),
                "told": round(float(scores[inside].mean()), 4),
                "found": round(found, 4),
                "ci": share_interval(found, int(inside.sum())),
            }
        )
    return table


def _bands(
    pairs: Sequence[LabelledPair], scores: Values, judge: Judge
) -> dict[str, dict[str, int]]:
    counts = {band: dict.fromkeys(_LABELS, 0) for band in _BANDS}
    for pair, score in zip(pairs, scores, strict=True):
        counts[judge.band(float(score))][pair.label] += 1
    return counts


def _rows_by(names: Sequence[str]) -> list[Rows]:
    """The rows of each name, in the order of the names."""
    found: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        found[name].append(row)
    return [np.array(found[name]) for name in sorted(found)]
