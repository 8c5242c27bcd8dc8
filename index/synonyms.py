"""What people call a certification or a job -> the words of its official title.

synonyms.json was written for this project, from general knowledge of French training:
{kind: {what people type: [official phrases, the most usual first]}}, one entry a line, in
alphabetical order. Kinds:

- diploma: short and former names of diplomas ("bts muc");
- field: a trade or a sector ("froid", "petite enfance");
- job: familiar, outdated and feminine names of jobs ("nounou", "coiffeuse");
- english: English words used in French ("community manager").

To add one, put a line under its kind: the words as people type them, and the phrases as titles
have them, without "CQP", level or option. Case, accents, plural and articles do not matter.
Nothing is added on account of a query of the half of `evaluate/search_queries.json` that is kept
for reporting.
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

from index.spelling import Spelling
from kb.identity import text_key

_HERE = Path(__file__).parent
_WORD = re.compile(r"[^\W_]+")
_LINKS = "a au aux d de des du en et l la le les ou par pour sur un une"
_LINKING = frozenset(_LINKS.split())
_MOST = 8
"""Readings of one query beside the words as typed."""

Key = tuple[str, ...]
Fit = Literal["whole", "part", "word"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as it may be meant. weight: what its scores count, 0 to 1; 1 for it as typed."""

    text: str
    weight: float


class Synonyms:
    """The entries by their words, folded.

    weights: what an official phrase counts that stands for the whole query, for several words of
    it, for one word of it.
    """

    def __init__(
        self, entries: Iterable[tuple[str, Iterable[str]]], weights: Mapping[Fit, float]
    ) -> None:
        self._weights = weights
        self._official: dict[Key, tuple[str, ...]] = {}
        self._everyday: list[str] = []
        for everyday, official in entries:
            self._everyday.append(everyday)
            key = _key(everyday)
            self._official[key] = (*self._official.get(key, ()), *official)
        self._longest = max(map(len, self._official), default=0)

    @classmethod
    @functools.cache
    def shipped(cls) -> Synonyms:
        """The entries and weights in the package."""
        kinds = json.loads((_HERE / "synonyms.json").read_text("utf-8"))
        weights = json.loads((_HERE / "search.json").read_text("utf-8"))["synonyms"]
        return cls((entry for entries in kinds.values() for entry in entries.items()), weights)

    def readings(self, query: str) -> tuple[Reading, ...]:
        """The query as typed, then with official phrases for what entries say, at most _MOST.

        Where the whole query is an entry, its phrases stand for all of it; else the longest
        entries in it are replaced, one at a time, from its start.
        """
        found = {query: 1.0}
        for text, fit in self._replaced(query):
            if len(found) <= _MOST and self._weights[fit]:
                found.setdefault(text, self._weights[fit])
        return tuple(Reading(text, weight) for text, weight in found.items())

    @functools.cached_property
    def words(self) -> Spelling:
        """All words of the entries as they are written, with the number of their mentions."""
        texts = chain(self._everyday, *self._official.values())
        return Spelling(Counter(chain.from_iterable(_WORD.findall(text.lower()) for text in texts)))

    def _replaced(self, query: str) -> Iterator[tuple[str, Fit]]:
        words, ends = _key(query), (0, *_ends(query))
        start = 0
        while start < len(words):
            end = self._end(words, start)
            if end is None:
                start += 1
                continue
            fit: Fit = "part" if end - start > 1 else "word"
            if end - start == len(words):
                fit = "whole"
            for phrase in self._official[words[start:end]]:
                # An article of what is replaced falls away with it.
                yield f"{query[: ends[start]]} {phrase}{query[ends[end] :]}".strip(), fit
            start = end

    def _end(self, words: Key, start: int) -> int | None:
        """Where the longest entry ends that starts there; None: none does."""
        ends = range(min(len(words), start + self._longest), start, -1)
        return next((end for end in ends if words[start:end] in self._official), None)


def _key(text: str) -> Key:
    """Equal for texts that differ only in case, accents, plural and articles.

    The first word stays: "de" is also the State diploma ("DE CESF").
    """
    return tuple(word for word, _ in _words(text))


def _ends(text: str) -> tuple[int, ...]:
    """Where the words of its key end."""
    return tuple(end for _, end in _words(text))


@functools.lru_cache(maxsize=1024)
def _words(text: str) -> tuple[tuple[str, int], ...]:
    found: list[tuple[str, int]] = []
    for match in _WORD.finditer(text):
        word = text_key(match.group())
        if not found or word not in _LINKING:
            plural = len(word) > 3 and word[-1] in "sx"
            found.append((word[:-1] if plural else word, match.end()))
    return tuple(found)
