"""How near a task and a competency are -> the probability that a reader agrees, and its band."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from index.vectors import DECIMALS, Rows, Scores

SIGNALS = ("dense", "aligned", "second")
"""dense: cosine of the two meanings. aligned: part of the task's words that the text meets. second:
cosine of the meanings as the second stage reads them."""

SHIPPED = Path(__file__).parent / "judge.json"

Stages = Literal["first", "both"]
"""Whether the first stage judges alone, or what the second says counts too."""


@dataclass(frozen=True, slots=True)
class Judge:
    """1 / (1 + exp(-(dense d + aligned a + second s - common c + intercept))), weights 0 or more.

    c is how near the task is to anything (`index.background`): it lowers every score of the task,
    and is no reason for a match. covers, unclear: probabilities from which a match is in that
    band. relative: part of the task's best score that a further match needs. second: 0 where one
    stage judges alone.
    Learned on labelled pairs by `index.calibrate`; kept in judge.json.
    """

    dense: float
    aligned: float
    common: float
    intercept: float
    covers: float
    unclear: float
    relative: float
    second: float = 0.0

    @classmethod
    @functools.cache
    def shipped(cls, stages: Stages = "first") -> Judge:
        return cls(**json.loads(SHIPPED.read_text("utf-8"))[stages])

    def scores(
        self,
        dense: Scores,
        aligned: Scores,
        common: Scores | float,
        second: Scores | float = 0.0,
    ) -> Scores:
        """(n,), 0 to 1, rounded."""
        raised = self.dense * np.clip(dense, 0, 1) + self.aligned * aligned
        raised = raised + self.second * np.clip(second, 0, 1)
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

    def shares(
        self, dense: float, aligned: float, second: float, score: float
    ) -> Mapping[str, float]:
        """The score, told apart by what carried it: the weighted part of each signal."""
        parts = {
            "dense": self.dense * max(dense, 0.0),
            "aligned": self.aligned * aligned,
            "second": self.second * max(second, 0.0),
        }
        if not self.second:
            del parts["second"]
        total = sum(parts.values()) or 1.0
        return {name: round(score * part / total, DECIMALS) for name, part in parts.items()}


def save(judges: Mapping[Stages, Judge], path: Path = SHIPPED) -> None:
    """Write what `Judge.shipped` reads."""
    content = {stages: asdict(judge) for stages, judge in judges.items()}
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
