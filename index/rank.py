"""Which occupation, certification or block a text is about: several signals, one score.

A task against one competency is `index.match`; here whole things are ranked, each with names,
parts and codes, for a question that has the same. The weights are data (rank.json).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, Vectors
from index.lexical import Lexical, stems
from kb.errors import InvalidSetting

Signals = npt.NDArray[np.float32]

SIGNALS = (
    "name",  # cosine of the question's title and the nearest of the entry's names
    "main",  # cosine of the question's title and the entry's main name
    "about",  # cosine of the question's title and the whole entry
    "text",  # cosine of the whole question and the whole entry
    "text_name",  # cosine of the whole question and the entry's main name
    "parts",  # mean over the question's parts of the cosine with the nearest part of the entry
    "title_words",  # BM25 of the question's title in the entry, 1 for the best entry
    "words",  # BM25 of the whole question in the entry, 1 for the best entry
    "codes",  # the question's codes that the entry has, by weight, 1 at most
    "levels",  # the same for levels of qualification
    "prior",  # what the entry brings along, whatever is asked
    "second",  # as "name", by the second stage
)
_DECIMALS = 5
WEIGHTS = Path(__file__).with_name("rank.json")


@dataclass(frozen=True, slots=True)
class Thing:
    """What is asked about, and what is ranked.

    names: the first is the main one. parts: tasks, competences, block titles. codes: a code and
    its weight, 0 to 1; levels: the same. prior: 0 to 1, of an entry only.
    """

    key: str
    names: tuple[str, ...]
    parts: tuple[str, ...] = ()
    codes: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, float] = field(default_factory=dict)
    prior: float = 0.0

    @property
    def whole(self) -> str:
        return ". ".join((*self.names[:1], *self.parts))


class Ranker:
    """The entries, encoded and indexed; ties are broken by the entries' order."""

    def __init__(
        self, entries: Sequence[Thing], encoder: Encoder, second: Encoder | None = None
    ) -> None:
        self.entries = tuple(entries)
        self._encoder = encoder
        self._second = second
        names = [name for entry in entries for name in entry.names]
        self._name_owner = _owners([len(entry.names) for entry in entries])
        self._names = encoder.encode(names, "passage")
        self._names_again = second.encode(names, "passage") if second else self._names[:0]
        self._main = encoder.encode([entry.names[0] for entry in entries], "passage")
        self._whole = encoder.encode([entry.whole for entry in entries], "passage")
        self._part_owner = _owners([len(entry.parts) for entry in entries])
        self._parts = encoder.encode([p for entry in entries for p in entry.parts], "passage")
        self._words = Lexical.build([". ".join((*e.names, *e.parts)) for e in entries])
        self._codes = _Codes([entry.codes for entry in entries])
        self._levels = _Codes([entry.levels for entry in entries])
        self._prior = np.array([entry.prior for entry in entries], np.float32)

    def signals(self, question: Thing, used: Collection[str] = SIGNALS) -> Signals:
        """float32 (entries, SIGNALS), each between -1 and 1, rounded; 0 for what is not used."""
        title, whole = self._encoder.encode([question.names[0], question.whole], "query")
        made: Mapping[str, Callable[[], Signals]] = {
            "name": lambda: _best(self._names @ title, self._name_owner, len(self.entries)),
            "main": lambda: self._main @ title,
            "about": lambda: self._whole @ title,
            "text": lambda: self._whole @ whole,
            "text_name": lambda: self._main @ whole,
            "parts": lambda: self._nearest_parts(self._encoder.encode(question.parts, "query")),
            "title_words": lambda: self._bm25(question.names[0]),
            "words": lambda: self._bm25(question.whole),
            "codes": lambda: self._codes.shared(question.codes),
            "levels": lambda: self._levels.shared(question.levels),
            "prior": lambda: self._prior,
            "second": lambda: self._again(question.names[0]),
        }
        found = np.zeros((len(self.entries), len(SIGNALS)), np.float32)
        for column, name in enumerate(SIGNALS):
            if name in used:
                found[:, column] = made[name]()
        return np.round(found, _DECIMALS)

    def rank(self, question: Thing, weights: Mapping[str, float]) -> npt.NDArray[np.int64]:
        """Positions of the entries, best first."""
        return order(self.signals(question, weights), weights)

    def _again(self, title: str) -> Signals:
        if self._second is None:
            return np.zeros(len(self.entries), np.float32)
        cosines: Signals = self._names_again @ self._second.encode([title])[0]
        return _best(cosines, self._name_owner, len(self.entries))

    def _nearest_parts(self, parts: Vectors) -> Signals:
        if not len(parts) or not len(self._parts):
            return np.zeros(len(self.entries), np.float32)
        near = [_best(row, self._part_owner, len(self.entries)) for row in parts @ self._parts.T]
        mean: Signals = np.mean(near, axis=0)
        return mean

    def _bm25(self, text: str) -> Signals:
        scores, rows = self._words.search(stems(text), len(self.entries))
        found = np.zeros(len(self.entries), np.float32)
        if len(rows):
            found[rows] = scores / scores.max()
        return found


class _Codes:
    """Codes of all entries as a matrix, by the order of the codes."""

    def __init__(self, entries: Sequence[Mapping[str, float]]) -> None:
        self._codes = sorted({code for codes in entries for code in codes})
        place = {code: column for column, code in enumerate(self._codes)}
        self._weights = np.zeros((len(entries), len(place)), np.float32)
        for row, codes in enumerate(entries):
            for code, weight in codes.items():
                self._weights[row, place[code]] = weight

    def shared(self, asked: Mapping[str, float]) -> Signals:
        weights = np.array([asked.get(code, 0.0) for code in self._codes], np.float32)
        found: Signals = np.minimum(self._weights @ weights, 1)
        return found


def order(signals: Signals, weights: Mapping[str, float]) -> npt.NDArray[np.int64]:
    """Rows by their weighted sum, highest first, ties by position."""
    factors = np.array([weights.get(name, 0.0) for name in SIGNALS])
    scores = np.round(signals.astype(np.float64) @ factors, _DECIMALS)
    return np.argsort(-scores, kind="stable")


def shipped_weights(profile: str) -> Mapping[str, float]:
    """The weights of a profile in rank.json; a signal that is not named there counts nothing.

    Raises:
        InvalidSetting: no such profile.
    """
    return _profile(profile).weights


def shipped_folds(profile: str) -> Sequence[Mapping[str, float]]:
    """The same, learned without the questions of each fold, to measure with.

    Raises:
        InvalidSetting: no such profile.
    """
    return _profile(profile).folds


@dataclass(frozen=True, slots=True)
class _Profile:
    weights: Mapping[str, float]
    folds: tuple[Mapping[str, float], ...]


@functools.cache
def _profile(name: str) -> _Profile:
    profiles = json.loads(WEIGHTS.read_text("utf-8"))
    if name not in profiles:
        raise InvalidSetting(
            f"rank.json has no profile {name}", f"It has {', '.join(sorted(profiles))}."
        )
    return _Profile(profiles[name]["weights"], tuple(profiles[name]["folds"]))


def _owners(sizes: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.repeat(np.arange(len(sizes)), sizes)


def _best(scores: Signals, owners: npt.NDArray[np.int64], entries: int) -> Signals:
    """The highest score of each entry's rows; 0 for an entry without rows."""
    found = np.zeros(entries, np.float32)
    if len(scores):
        starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
        found[owners[starts]] = np.maximum.reduceat(scores, starts)
    return found
