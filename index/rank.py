"""Which occupation, certification or block a text is about: several signals, one score.

A task against one competency is `index.match`; here whole things are ranked, each with names,
parts and codes, for a question that has the same. The weights are data (rank.json).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    "codes",  # share of the question's codes that the entry has
    "prior",  # what the entry brings along, whatever is asked
)
_DECIMALS = 5
_WEIGHTS = Path(__file__).with_name("rank.json")


@dataclass(frozen=True, slots=True)
class Thing:
    """What is asked about, and what is ranked.

    names: the first is the main one. parts: tasks, competences, block titles. codes: a code and
    its weight, 0 to 1. prior: 0 to 1, of an entry only.
    """

    key: str
    names: tuple[str, ...]
    parts: tuple[str, ...] = ()
    codes: Mapping[str, float] | None = None
    prior: float = 0.0

    @property
    def whole(self) -> str:
        return ". ".join((*self.names[:1], *self.parts))


class Ranker:
    """The entries, encoded and indexed; ties are broken by the entries' order."""

    def __init__(self, entries: Sequence[Thing], encoder: Encoder) -> None:
        self.entries = tuple(entries)
        self._encoder = encoder
        names = [name for entry in entries for name in entry.names]
        self._name_owner = _owners([len(entry.names) for entry in entries])
        self._names = encoder.encode(names, "passage")
        self._main = encoder.encode([entry.names[0] for entry in entries], "passage")
        self._whole = encoder.encode([entry.whole for entry in entries], "passage")
        self._part_owner = _owners([len(entry.parts) for entry in entries])
        self._parts = encoder.encode([p for entry in entries for p in entry.parts], "passage")
        self._words = Lexical.build([". ".join((*e.names, *e.parts)) for e in entries])
        self._codes = sorted({code for entry in entries for code in entry.codes or ()})
        place = {code: column for column, code in enumerate(self._codes)}
        self._coded = np.zeros((len(entries), len(place)), np.float32)
        for row, entry in enumerate(entries):
            for code, weight in (entry.codes or {}).items():
                self._coded[row, place[code]] = weight
        self._prior = np.array([entry.prior for entry in entries], np.float32)

    def signals(self, question: Thing) -> Signals:
        """float32 (entries, SIGNALS), each between -1 and 1, rounded."""
        title, whole = self._encoder.encode([question.names[0], question.whole], "query")
        parts = self._encoder.encode(question.parts, "query")
        found = np.stack(
            [
                _best(self._names @ title, self._name_owner, len(self.entries)),
                self._main @ title,
                self._whole @ title,
                self._whole @ whole,
                self._main @ whole,
                self._nearest_parts(parts),
                self._bm25(question.names[0]),
                self._bm25(question.whole),
                self._shared_codes(question.codes or {}),
                self._prior,
            ],
            axis=1,
        )
        return np.round(found, _DECIMALS).astype(np.float32)

    def rank(self, question: Thing, weights: Mapping[str, float]) -> npt.NDArray[np.int64]:
        """Positions of the entries, best first."""
        return order(self.signals(question), weights)

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

    def _shared_codes(self, codes: Mapping[str, float]) -> Signals:
        asked = np.array([codes.get(code, 0.0) for code in self._codes], np.float32)
        found: Signals = np.minimum(self._coded @ asked, 1)
        return found


def order(signals: Signals, weights: Mapping[str, float]) -> npt.NDArray[np.int64]:
    """Rows by their weighted sum, highest first, ties by position."""
    factors = np.array([weights.get(name, 0.0) for name in SIGNALS])
    scores = np.round(signals.astype(np.float64) @ factors, _DECIMALS)
    return np.argsort(-scores, kind="stable")


@functools.cache
def shipped_weights(profile: str) -> Mapping[str, float]:
    """The weights of a profile in rank.json; a signal that is not named there counts nothing.

    Raises:
        InvalidSetting: no such profile.
    """
    profiles = json.loads(_WEIGHTS.read_text("utf-8"))
    if profile not in profiles:
        raise InvalidSetting(
            f"rank.json has no profile {profile}", f"It has {', '.join(sorted(profiles))}."
        )
    return {name: float(weight) for name, weight in profiles[profile]["weights"].items()}


def _owners(sizes: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.repeat(np.arange(len(sizes)), sizes)


def _best(scores: Signals, owners: npt.NDArray[np.int64], entries: int) -> Signals:
    """The highest score of each entry's rows; 0 for an entry without rows."""
    found = np.zeros(entries, np.float32)
    if len(scores):
        starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
        found[owners[starts]] = np.maximum.reduceat(scores, starts)
    return found
