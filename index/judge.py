"""How near a task and a competency are -> the probability that a reader agrees, and its band."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from index.vectors import DECIMALS, Rows, Scores

SIGNALS = ("dense", "aligned")
"""dense: cosine of the two meanings. aligned: part of the task's words that the text meets."""

SHIPPED = Path(__file__).parent / "judge.json"


@dataclass(frozen=True, slots=True)
class Judge:
    """1 / (1 + exp(-(dense d + aligned a - common c + intercept))), all weights 0 or more.

    c is how near the task is to anything (`index.background`): it lowers every score of the task,
    and is no reason for a match. covers, unclear: probabilities from which a match is in that
    band. relative: part of the task's best score that a further match needs.
    Learned on labelled pairs by `index.calibrate`; kept in judge.json.
    """

    dense: float
    aligned: float
    common: float
    intercept: float
    covers: float
    unclear: float
    relative: float

    @classmethod
    @functools.cache
    def shipped(cls) -> Judge:
        return cls(**json.loads(SHIPPED.read_text("utf-8")))

    def save(self, path: Path = SHIPPED) -> None:
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")

    def scores(self, dense: Scores, aligned: Scores, common: Scores | float) -> Scores:
        """(n,), 0 to 1, rounded."""
        raised = self.dense * np.clip(dense, 0, 1) + self.aligned * aligned
        return np.asarray(
            np.round(1 / (1 + np.exp(self.common * common - self.intercept - raised)), DECIMALS)
        )

    def told(self, scores: Scores) -> Rows:
        """Positions of the scores of one task that are worth telling."""
        if not len(scores):
            return np.zeros(0, np.int64)
        return np.flatnonzero(scores >= max(self.unclear, self.relative * float(scores.max())))

    def band(self, score: float) -> str:
        """ "covers", "unclear" or "does_not"."""
        if score >= self.covers:
            return "covers"
        return "unclear" if score >= self.unclear else "does_not"

    def shares(self, dense: float, aligned: float, score: float) -> Mapping[str, float]:
        """The score, told apart by what carried it: each signal's weighted part."""
        parts = self.dense * max(dense, 0.0), self.aligned * aligned
        total = sum(parts) or 1.0
        return {
            name: round(score * part / total, DECIMALS)
            for name, part in zip(SIGNALS, parts, strict=True)
        }
