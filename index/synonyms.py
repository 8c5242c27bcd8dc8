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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

from index.lexical import stems
from index.spelling import Spelling
from kb.identity import fold, text_key

_HERE = Path(__file__).parent
_WORD = re.compile(r"[^\W\d_]{4,}")
"""What may be misspelt: a shorter word is near to too many."""
_LINKS = "a au aux d de des du en et l la le les ou par pour sur un une"
_LINKING = frozenset(_LINKS.split())
_MOST = 8
"""Readings of one query beside the words as typed."""
_ALIKE = 0.8

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

    def spelled(self, query: str, known: Callable[[str], bool]) -> str:
        """The query, its unknown words replaced by the words of entries that are spelt most alike.

        known: whether a stem is known elsewhere.
        """

        def read(match: re.Match[str]) -> str:
            word = match.group()
            if self.knows(word) or all(map(known, stems(word))):
                return word
            return self._spelling.nearest(fold(word), _ALIKE) or word

        return _WORD.sub(read, query)

    def knows(self, word: str) -> bool:
        """Whether any entry has the word or, given a stem, a word of this stem."""
        return fold(word) in self._spelling or word in self._stems

    def readings(self, query: str) -> tuple[Reading, ...]:
        """The query as typed, then with official phrases for what entries say, at most _MOST.

        Where the whole query is an entry, its phrases stand for all of it; else the longest
        entries in it are replaced, one at a time, from its start.
        """
        found = {query: 1.0}
        for text, fit in self._replaced(_key(query)):
            if len(found) <= _MOST and self._weights[fit]:
                found.setdefault(text, self._weights[fit])
        return tuple(Reading(text, weight) for text, weight in found.items())

    @functools.cached_property
    def _spelling(self) -> Spelling:
        texts = chain(self._everyday, *self._official.values())
        return Spelling(Counter(chain.from_iterable(text_key(text).split() for text in texts)))

    @functools.cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(map(stems, self._everyday)))

    def _replaced(self, words: Key) -> Iterator[tuple[str, Fit]]:
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
                yield " ".join((*words[:start], phrase, *words[end:])), fit
            start = end

    def _end(self, words: Key, start: int) -> int | None:
        """Where the longest entry ends that starts there; None: none does."""
        ends = range(min(len(words), start + self._longest), start, -1)
        return next((end for end in ends if words[start:end] in self._official), None)


@functools.lru_cache(maxsize=1024)
def _key(text: str) -> Key:
    """Equal for texts that differ only in case, accents, plural and articles.

    The first word stays: "de" is also the State diploma ("DE CESF").
    """
    return tuple(
        word[:-1] if len(word) > 3 and word[-1] in "sx" else word
        for place, word in enumerate(text_key(text).split())
        if not place or word not in _LINKING
    )
