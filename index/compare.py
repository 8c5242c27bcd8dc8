"""Two certifications side by side, aligned by meaning."""

from __future__ import annotations

import numpy as np

from index.clauses import core
from index.encoder import Encoder
from index.lexical import WordWeights, content, stems
from index.score import Fusion
from index.vectors import DECIMALS
from kb.compare import Comparison, compare
from kb.merge import Entry
from kb.model import Certification


def compare_certifications(
    one: Entry[Certification],
    other: Entry[Certification],
    encoder: Encoder | None,
    fusion: Fusion | None = None,
) -> Comparison:
    """Align the competences by the score that matches are made of, the better way round.

    encoder: None when no model can be loaded; then words alone decide.
    """
    fusion = fusion or Fusion.shipped()
    if encoder is None:
        fusion = fusion.without_model()
    left = [core(c.text) for c in one.record.competencies]
    right = [core(c.text) for c in other.record.competencies]
    lexical = _shared_words(left, right)
    dense = np.zeros_like(lexical)
    if encoder is not None and left and right:
        a = encoder.encode([content(t) for t in left], kind="passage").astype(np.float64)
        b = encoder.encode([content(t) for t in right], kind="passage").astype(np.float64)
        dense = np.einsum("id,jd->ij", a, b)
    shares = fusion.shares({"dense": dense, "lexical": lexical})
    table = np.round(shares["dense"] + shares["lexical"], DECIMALS)
    return compare(one.record, other.record, table.tolist(), fusion.threshold)


def _shared_words(left: list[str], right: list[str]) -> np.ndarray:
    """Part of the words of the text with fewer that the other has, by weight; (n, m)."""
    weights = WordWeights.shipped()
    a, b = [frozenset(stems(t)) for t in left], [frozenset(stems(t)) for t in right]

    def weigh(words: frozenset[str]) -> float:
        return sum(weights.of(word) for word in sorted(words))

    table = np.zeros((len(left), len(right)))
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            if x & y:
                table[i, j] = weigh(x & y) / min(weigh(x), weigh(y))
    return table
