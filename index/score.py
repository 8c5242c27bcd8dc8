"""Meaning and words -> one score, for searches and for two certifications side by side."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.vectors import DECIMALS, Rows, Scores
from kb.errors import InvalidSetting

SIGNALS = ("dense", "lexical")
"""dense: cosine of the two meanings. lexical: part of the task's words that the text has."""

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Fusion:
    """Weights of the signals, adding up to 1, and the scores below which nothing is said.

    threshold: for any match. relative: part of the task's best score that a further match
    needs. Learned on labelled pairs (`index.calibrate`); kept in fusion.json.
    """

    weights: Mapping[str, float]
    threshold: float
    relative: float = 0.0

    def __post_init__(self) -> None:
        if set(self.weights) != set(SIGNALS) or abs(sum(self.weights.values()) - 1) > 1e-6:
            raise InvalidSetting(
                f"weights are {dict(self.weights)}; expected {', '.join(SIGNALS)} adding up to 1",
                "Restore index/fusion.json, or learn it again: python -m index.calibrate",
            )

    @classmethod
    @functools.cache
    def shipped(cls) -> Fusion:
        content = json.loads((_HERE / "fusion.json").read_text("utf-8"))
        return cls(
            {name: content[name] for name in SIGNALS}, content["threshold"], content["relative"]
        )

    @classmethod
    @functools.cache
    def for_search(cls) -> Fusion:
        """For a few typed words, which share fewer words with what they mean than a task does."""
        content = json.loads((_HERE / "search.json").read_text("utf-8"))
        return cls(
            {name: content[name] for name in SIGNALS}, content["threshold"], content["relative"]
        )

    def without_model(self) -> Fusion:
        """For words alone, when no model can be loaded."""
        return Fusion({"dense": 0.0, "lexical": 1.0}, self.threshold, self.relative)

    def told(self, scores: Scores) -> Rows:
        """Positions of the scores of one task that are worth telling."""
        if not len(scores):
            return np.zeros(0, np.int64)
        return np.flatnonzero(scores >= max(self.threshold, self.relative * float(scores.max())))

    def shares(self, signals: Mapping[str, Scores]) -> dict[str, Scores]:
        """What each signal adds to the score, rounded; none is negative."""
        return {
            name: np.round(self.weights[name] * np.clip(signals[name], 0, 1), DECIMALS)
            for name in SIGNALS
        }
