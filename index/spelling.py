"""A misspelt word -> the known word that is spelt most alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import Indel

_LOOKED_AT = 8


class Spelling:
    """Known words with how common each is, which decides between words equally near."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._alike: dict[str, list[str]] = defaultdict(list)
        for word in sorted(counts):
            self._alike[word[0]].append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._counts

    def nearest(self, word: str, at_least: float) -> str | None:
        """The known word most like it; None: no word is alike enough.

        Only words with the same first letter: people rarely get that one wrong.

        Args:
            word: not empty, folded as the known words are.
            at_least: part of the letters of both that they share in the same order, 0 to 1.
        Source: normalised Indel similarity of RapidFuzz.
        """
        found = process.extract(
            word,
            self._alike.get(word[0], ()),
            scorer=Indel.normalized_similarity,
            score_cutoff=at_least,
            limit=_LOOKED_AT,
        )
        if not found:
            return None
        return min(found, key=lambda each: (-round(each[1], 6), -self._counts[each[0]], each[0]))[0]
