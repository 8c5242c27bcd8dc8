"""Which words of a task and which words of a competency speak for their match."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from index.clauses import clauses, core_span
from index.lexical import WordWeights, content, stems
from kb.model import Span

Encode = Callable[[Sequence[str]], np.ndarray]
"""Texts -> float32 (n, d), rows of unit length."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A task and the competency that meets it."""

    task: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the task, and words of the competency, by their place."""

    query_span: Span
    text_span: Span


def explain(
    pairs: Sequence[Pair], encode: Encode | None, weights: WordWeights
) -> tuple[Evidence, ...]:
    """For each pair the clause on either side that is nearest the other side.

    A clause is measured as a match is: cosine of its vector with the other text's core, plus the
    part of the other core's words that it has (words alone without a model). The whole task and
    the competency's core stand for themselves unless a clause does better.
    """
    sides = [_Side.of(pair.task, pair.text) for pair in pairs]
    others = [_Side.of(pair.text, pair.task) for pair in pairs]
    near = _nearness([*sides, *others], encode, weights)
    return tuple(Evidence(near[i], near[len(pairs) + i]) for i in range(len(pairs)))


@dataclass(frozen=True, slots=True)
class _Side:
    text: str
    spans: tuple[Span, ...]
    target: str

    @classmethod
    def of(cls, text: str, other: str) -> _Side:
        start, end = core_span(text)
        spans = [(start, end), *clauses(text)]
        kept = tuple(dict.fromkeys(s for s in spans if stems(text[s[0] : s[1]])))
        target = slice(*core_span(other))
        return cls(text, kept or ((start, end),), other[target])


def _nearness(sides: Sequence[_Side], encode: Encode | None, weights: WordWeights) -> list[Span]:
    texts = sorted(
        {side.text[a:b] for side in sides for a, b in side.spans} | {s.target for s in sides}
    )
    place = {text: i for i, text in enumerate(texts)}
    vectors = (
        None if encode is None else encode([content(text) for text in texts]).astype(np.float64)
    )
    words = [frozenset(stems(text)) for text in texts]
    chosen = []
    for side in sides:
        target = place[side.target]
        total = sum(weights.of(s) for s in sorted(words[target])) or 1.0
        best, span = -1.0, side.spans[0]
        for a, b in side.spans:
            at = place[side.text[a:b]]
            shared = sum(weights.of(s) for s in sorted(words[at] & words[target])) / total
            dense = 0.0 if vectors is None else float(np.sum(vectors[at] * vectors[target]))
            nearness = round(shared + dense, 5)
            # What a clause leaves out said nothing, if the clause alone is as near.
            if nearness > best or (nearness == best > 0 and b - a < span[1] - span[0]):
                best, span = nearness, (a, b)
        chosen.append(span)
    return chosen
