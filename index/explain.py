"""Which words of a task met which words of a competency: the figures of the score, told."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.align import IN_TAIL, Reader, TaskWords, TextWords
from index.clauses import clauses, core_span
from index.lexical import words
from index.vectors import DECIMALS, Rows
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
    stated = reader.stated(found)
    told = [Evidence(_trimmed(pair), core_span(pair.competency)) for pair in pairs]
    comparable = [i for i, pair in enumerate(pairs) if found[i] and pair.read.words]
    # Once a task: many small products would cost more than they compute.
    for _, group in itertools.groupby(comparable, key=lambda i: id(pairs[i].read)):
        places = list(group)
        some = [pairs[i] for i in places]
        spans = [[(word.start, word.end) for word in found[i]] for i in places]
        linked = _linked(some, spans, stated, [stated.at[i] for i in places])
        for place, pair, links in zip(places, some, linked, strict=True):
            if links:
                told[place] = Evidence(
                    _around(pair.text, [here for here, _ in links]),
                    _around(pair.competency, [there for _, there in links]),
                    links,
                )
    return tuple(told)


def _linked(
    pairs: Sequence[Pair], spans: Sequence[Sequence[Span]], stated: TextWords, at: Sequence[Rows]
) -> Iterator[tuple[tuple[Span, Span], ...]]:
    """For each pair of one task, `Evidence.words`; none where nothing is shared.

    spans: places of the competency's words; at: their positions among the stated forms.
    """
    read = pairs[0].read
    counted = []
    for pair, places in zip(pairs, spans, strict=True):
        start, end = core_span(pair.competency)
        counted += [1.0 if start <= place < end else IN_TAIL for place, _ in places]
    rows = np.concatenate(at)
    met = read.met_by(stated.vectors[rows], stated.stems[rows]) * np.array(counted, np.float32)
    ends = np.cumsum([len(places) for places in spans])
    firsts = np.concatenate([[0], ends[:-1]])
    gained = read.weights[:, None] * np.maximum.reduceat(met, firsts, axis=1)
    gains = np.round(gained, DECIMALS).T.tolist()
    for pair, places, first, last, gain in zip(pairs, spans, firsts, ends, gains, strict=True):
        if (most := max(gain)) <= 0:
            yield ()
            continue
        carrying = [i for i, each in enumerate(gain) if each >= CARRIES * most]
        carrying.sort(key=lambda i: -gain[i])
        yield tuple(
            (
                (read.words[i].start + pair.offset, read.words[i].end + pair.offset),
                places[int(met[i, first:last].argmax())],
            )
            for i in carrying
        )


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
