"""Which words of a task met which words of a competency: the figures of the score, told."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.align import IN_TAIL, Reader, TaskWords, TextWords
from index.clauses import clauses, core_span
from index.lexical import words
from index.vectors import DECIMALS, Scores
from kb.model import Span

CARRIES = 0.3
"""A word carries a match if it adds this part, or more, of what the best word adds."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A task and the competency that meets it. read: the words of text[offset:]."""

    text: str
    read: TaskWords
    offset: int
    competency: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Places of the words that speak for a match: in the task, and in the competency.

    words: which word of the one met which of the other, the strongest first.
    """

    query_span: Span
    text_span: Span
    words: tuple[tuple[Span, Span], ...] = ()


def explain(pairs: Sequence[Pair], reader: Reader) -> tuple[Evidence, ...]:
    """Each pair's words that carried the score, and the clause on either side that they are in.

    A pair that shares no meaning word by word is told by its task and the competency's core.
    """
    found = [words(pair.competency) for pair in pairs]
    stated = reader.texts([p.competency for p in pairs], found)
    told = []
    for pair, there, met_by in zip(pairs, found, _met(pairs, stated), strict=True):
        whole = Evidence(_trimmed(pair), core_span(pair.competency))
        if not there or not pair.read.words:
            told.append(whole)
            continue
        start, end = core_span(pair.competency)
        inside = np.array([start <= word.start < end for word in there])
        met = met_by * np.where(inside, 1.0, IN_TAIL)
        best = met.argmax(axis=1)
        gained = np.round(pair.read.weights * met[np.arange(len(best)), best], DECIMALS)
        if gained.max() <= 0:
            told.append(whole)
            continue
        order = np.argsort(-gained, kind="stable")
        carrying = order[gained[order] >= CARRIES * gained.max()].tolist()
        linked = tuple(
            (
                (
                    pair.read.words[i].start + pair.offset,
                    pair.read.words[i].end + pair.offset,
                ),
                (there[int(best[i])].start, there[int(best[i])].end),
            )
            for i in carrying
        )
        told.append(
            Evidence(
                _around(pair.text, [here for here, _ in linked]),
                _around(pair.competency, [far for _, far in linked]),
                linked,
            )
        )
    return tuple(told)


def _met(pairs: Sequence[Pair], stated: TextWords) -> Iterator[Scores]:
    """How well each word of a pair's task is met by each of its competency: (w, n) for each."""
    # Once a task: many small products would cost more than they compute.
    for _, group in itertools.groupby(enumerate(pairs), key=lambda each: id(each[1].read)):
        rows, ours = zip(*group, strict=True)
        at = np.concatenate([stated.at[row] for row in rows])
        met = ours[0].read.met_by(stated.vectors[at], stated.stems[at])
        yield from np.split(met, np.cumsum([len(stated.at[row]) for row in rows])[:-1], axis=1)


def _trimmed(pair: Pair) -> Span:
    return pair.offset, len(pair.text)


def _around(text: str, spans: Sequence[Span]) -> Span:
    """From the first to the last of the words, within the clause of the strongest (the first)."""
    start, end = next(
        (
            clause
            for clause in clauses(text)
            if clause[0] <= spans[0][0] and spans[0][1] <= clause[1]
        ),
        spans[0],
    )
    inside = [span for span in spans if start <= span[0] and span[1] <= end]
    return min(a for a, _ in inside), max(b for _, b in inside)
