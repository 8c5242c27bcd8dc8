"""Blocks of other certifications with nearly the same sentences: vectors propose, words decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from index import vectors
from index.build import Index
from kb.history import likeness
from kb.identity import text_key
from kb.model import Passage
from kb.register import SharedTexts

NEAREST = 40
"""Neighbours looked at for each sentence; more blocks with the very same are found by the text."""
PROPOSED = 0.8
"""Cosine from which two sentences are compared word by word."""
NEARLY_SAME = 0.8
"""Share of words in the same order from which two sentences count as nearly the same."""

Pair = tuple[str | None, str, str | None]


def alike(index: Index, certification: str) -> list[SharedTexts]:
    """Pairs of its blocks with others' that share a sentence, the same or nearly so.

    Args:
        certification: its id.
    Returns:
        in a fixed order; each sentence of a block counts for one sentence of the other at most.
    """
    shelf = index.shelves["competences"]
    rows = shelf.passages.rows_under(f"{certification}/")
    if not rows:
        return []
    mine = [shelf.passages[row] for row in rows]
    texts = shelf.passages.text[rows.start : rows.stop].astype(np.int64)
    queries = vectors.rows_of(shelf.vectors, texts)
    scores, found = vectors.search(shelf.vectors, queries, min(NEAREST, len(shelf)))
    met: dict[Pair, list[tuple[float, str, str]]] = defaultdict(list)
    for i, passage in enumerate(mine):
        near = found[i][scores[i] >= PROPOSED]
        for row in shelf.passages.saying(near)[0].tolist():
            other = shelf.passages[row]
            if other.entity != certification:
                score = likeness(passage.text, other.text)
                if score >= NEARLY_SAME:
                    pair = passage.block, other.entity, other.block
                    met[pair].append((score, text_key(passage.text), text_key(other.text)))
    own = _sizes(mine)
    sizes = {
        to: _sizes(shelf.passages[row] for row in shelf.passages.rows_under(f"{to}/"))
        for to in {to for _, to, _ in met}
    }
    return [
        _shared((block, to, to_block), cells, own[block], sizes[to][to_block])
        for (block, to, to_block), cells in sorted(met.items(), key=lambda m: repr(m[0]))
    ]


def _sizes(passages: Iterable[Passage]) -> dict[str | None, int]:
    texts: dict[str | None, set[str]] = defaultdict(set)
    for passage in passages:
        texts[passage.block].add(text_key(passage.text))
    return {block: len(keys) for block, keys in texts.items()}


def _shared(pair: Pair, cells: list[tuple[float, str, str]], own: int, others: int) -> SharedTexts:
    """The likest first, each sentence once on either side."""
    ours: set[str] = set()
    theirs: set[str] = set()
    scores = []
    for score, one, other in sorted(cells, key=lambda cell: (-cell[0], cell[1:])):
        if one not in ours and other not in theirs:
            ours.add(one)
            theirs.add(other)
            scores.append(score)
    return SharedTexts(*pair, scores.count(1.0), sum(scores), own, others)
