"""Which ROME codes a text speaks of, by the texts whose codes are published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from index.encoder import Encoder, Kind, Vectors

_DECIMALS = 4
_AT_ONCE = 256  # texts compared together


class CodeReader:
    """Texts with published codes, and the codes of any other text by its neighbours.

    neighbours: how many speak. sharpness: a neighbour at cosine c has the weight
    exp(sharpness * (c - best)).
    """

    def __init__(
        self,
        known: Sequence[tuple[str, Sequence[str]]],
        encoder: Encoder,
        neighbours: int = 20,
        sharpness: float = 12.0,
    ) -> None:
        self._codes = tuple(tuple(codes) for _, codes in known)
        self._encoder = encoder
        self._vectors = encoder.encode([text for text, _ in known], "passage")
        self._neighbours = min(neighbours, len(known))
        self._sharpness = sharpness

    def read(self, texts: Sequence[str], kind: Kind = "query") -> list[Mapping[str, float]]:
        """For each text, codes with their weights: 1 for the likeliest, none below 0.05."""
        if not self._neighbours:
            return [{} for _ in texts]
        encoded = self._encoder.encode(texts, kind)
        return [
            self._vote(scores)
            for start in range(0, len(texts), _AT_ONCE)
            for scores in encoded[start : start + _AT_ONCE] @ self._vectors.T
        ]

    def _vote(self, scores: Vectors) -> Mapping[str, float]:
        scores = np.round(scores, _DECIMALS)
        cut = np.partition(scores, -self._neighbours)[-self._neighbours]
        near = np.flatnonzero(scores >= cut)
        best = scores[near].max()
        votes: dict[str, float] = defaultdict(float)
        for row in near:
            codes = self._codes[row]
            for code in codes:
                votes[code] += float(np.exp(self._sharpness * (scores[row] - best))) / len(codes)
        most = max(votes.values(), default=1.0)
        return {
            code: round(vote / most, _DECIMALS)
            for code, vote in sorted(votes.items())
            if vote / most >= 0.05
        }
