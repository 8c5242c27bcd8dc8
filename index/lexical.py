"""Words: French stems, their BM25 index, and how much of a text's words another text has."""

from __future__ import annotations

import functools
import json
import re
import threading
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import Stemmer

from index.clauses import core_span
from index.vectors import DECIMALS, Numbers, Rows, Scores, distinct, mapped, runs, smallest
from kb.identity import fold, without_gender_mark
from kb.model import Span

T = TypeVar("T")

_RAW = re.compile(r"[^\W_]+[+#]*")
_WORD = re.compile(r"[0-9a-z]+[+#]*")
# Words that bear no meaning of their own, unaccented: articles, pronouns, prepositions,
# auxiliaries, and what is left of elisions and of "etc.".
_STOPS = """
a afin ai ainsi alors apres as au aucun aussi autre autres aux avant avec avez avoir avons bien
c ce ceci cela celle celles celui ces cet cette ceux chacun chaque chez ci comme comment d dans
de depuis des dont du durant elle elles en encore entre es est et etant etc ete etes etre eu
eux ex exemple faire fait font grace h hors il ils j je jusque l la laquelle le lequel les
lesquelles lesquels leur leurs lors lorsqu lorsque lui m ma mais me meme memes mes moi moins mon n
ne ni nos notamment notre nous on ont or ou par parmi pas pendant peu peut peuvent plus plusieurs
pour pouvant pouvoir puis puisqu qu quand que quel quelle quelles quels qui quoi s sa sans se selon
sera serez seront ses si soi soit sommes son sont sous suis sur t ta tandis te tel telle telles
tels tes toi ton tous tout toute toutes tres tu un une vers via voici voila vos votre vous y
"""
STOP_WORDS = frozenset(_STOPS.split())


_IN_TAIL = 0.5
"""What a word in the tail of a competency counts, against 1 in its core."""


_K1, _B = 1.5, 0.75
"""How soon further occurrences count for less, and how much a text's length counts."""
_LARGEST = 2**15 - 1
_FURTHER = 100
"""Rows kept beside those wanted where stems that were not looked for may reorder them."""

_ARRAYS = ("rows", "gains", "times", "starts")


@functools.cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("french", 50_000)


def content(text: str) -> str:
    """The meaningful words, folded, in order: what a model is given.

    Articles and prepositions blur a mean of word vectors: on the labelled pairs, the area under
    the curve rises from .645 to .672 without them. A text without any stays whole.
    """
    return " ".join(_words(text)) or text


class Word(NamedTuple):
    """One meaningful word of a text: its stem, itself folded, and its characters' place."""

    stem: str
    form: str
    start: int
    end: int


def stems(text: str) -> list[str]:
    """French stems of the meaningful words, in order: accents, elisions, (H/F) fall away."""
    return list(_stems(text))


@functools.lru_cache(maxsize=65_536)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(_stemmer().stemWords(_words(text)))


def _words(text: str) -> list[str]:
    return list(chain.from_iterable(map(_meaningful, written(text))))


def written(text: str) -> list[str]:
    """What stands between the blanks of a text, who may apply ("(H / F)") left out."""
    return (without_gender_mark(text) if "/" in text else text).split()


@functools.lru_cache(maxsize=65_536)
def _meaningful(part: str) -> tuple[str, ...]:
    """The words of one part of `written` as they are compared, those without meaning left out."""
    folded = fold(without_gender_mark(part))
    return tuple(word for word in _WORD.findall(folded) if word not in STOP_WORDS)


def words(text: str) -> list[Word]:
    """The meaningful words with their place in `text`."""
    found = []
    for match in _RAW.finditer(text):
        known = _read(match.group())
        if known:
            found.append(Word(*known, *match.span()))
    return found


@functools.lru_cache(maxsize=65_536)
def _read(word: str) -> tuple[str, str] | None:
    """Its stem and itself folded; None for a word without meaning."""
    known = _stems(word)
    return (known[0], fold(word)) if known else None


@dataclass(frozen=True, slots=True)
class WordWeights:
    """How much a stem tells, 0 to 1: rare words much, words of every sheet little.

    Counted once on a large corpus and shipped, so that a pair of texts has the same score
    whatever else the knowledge base holds. `of(stem)` is the square of
    log(1 + documents / count), scaled.
    """

    documents: int
    counts: Mapping[str, int]

    def of(self, stem: str) -> float:
        count = self.counts.get(stem, 0)
        # Squared: "préparer" in common is next to nothing beside "levain".
        return float(np.log1p(self.documents / (1 + count)) / np.log1p(self.documents)) ** 2

    @classmethod
    def count(cls, texts: Iterable[str], at_least: int = 3) -> WordWeights:
        """Document frequencies of the stems that at least so many texts have."""
        counts: Counter[str] = Counter()
        documents = 0
        for text in texts:
            documents += 1
            counts.update(set(stems(text)))
        kept = {stem: n for stem, n in sorted(counts.items()) if n >= at_least}
        return cls(documents, kept)

    @classmethod
    @functools.cache
    def shipped(cls) -> WordWeights:
        """The counts in the package."""
        content = json.loads((Path(__file__).parent / "words.json").read_text("utf-8"))
        return cls(content["documents"], content["counts"])


class _Numbers(dict[T, int]):
    """A number for each thing that is asked for, in the order in which they first come."""

    def __missing__(self, thing: T) -> int:
        self[thing] = number = len(self)
        return number


def parts_read(
    texts: Iterable[str],
    cores: Iterable[Span],
    split: Callable[[str], list[str]],
    read: Callable[[str], Iterable[T]],
) -> tuple[list[T], Numbers, Numbers]:
    """What is read in the parts of texts; a part that stands in several is read once.

    Args:
        cores: where the core of each text stands. split: a text into its parts; it gets what
            stands before the core, the core, and what stands behind it.
    Returns:
        the things read, each once; then for each place where one stands, in the order of the
        texts, its number among these, and three times its text's number, plus one in the core.
    """
    known: _Numbers[str] = _Numbers()
    found, sizes = array("i"), array("i")
    for text, (start, end) in zip(texts, cores, strict=True):
        for section in (text[:start], text[start:end], text[end:]):
            before = len(found)
            found.extend(map(known.__getitem__, split(section)))
            sizes.append(len(found) - before)
    things: _Numbers[T] = _Numbers()
    each = [[things[thing] for thing in read(part)] for part in known]
    lengths = np.fromiter(map(len, each), np.int64, len(each))
    numbers = np.fromiter(chain.from_iterable(each), np.int32, int(lengths.sum()))
    starts, at = np.cumsum(lengths) - lengths, np.asarray(found)
    sections = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    return (
        list(things),
        numbers[runs(starts[at], lengths[at])],
        np.repeat(sections, lengths[at]),
    )


@dataclass(frozen=True, slots=True)
class Postings:
    """The words of texts, before they are weighed.

    (p,) each, in any order: tokens, the number of a stem; rows, the text in which it stands;
    times, how often; in_core, 1 or 0. A stem and a text may stand together in several.
    """

    stems: list[str]
    tokens: Rows
    rows: Numbers
    times: Numbers
    in_core: Numbers
    texts: int

    @classmethod
    def of(cls, texts: Sequence[str], cores: Iterable[Span]) -> Postings:
        """Count the stems of texts. cores: where the core of each stands."""
        found, tokens, sections = parts_read(
            texts, cores, written, lambda part: _stemmer().stemWords(_meaningful(part))
        )
        rows, section = np.divmod(sections, 3)
        return cls(found, tokens, rows, np.ones(len(rows), np.uint8), section == 1, len(texts))


class Lexical:
    """BM25 over texts, each known by its row.

    The texts with stem i are rows[starts[i]:starts[i + 1]], ascending. gains: what the stem adds
    to the score of each, in units of `unit`, times two, plus one where it stands in the core.
    times: how often the stem stands there.
    """

    def __init__(
        self,
        rows: Numbers,
        gains: Numbers,
        times: Numbers,
        starts: Numbers,
        vocabulary: Mapping[str, int],
        texts: int,
        unit: float,
    ) -> None:
        self._rows, self._gains, self._times, self._starts = rows, gains, times, starts
        self.vocabulary = vocabulary
        self.rows = texts
        self._unit = unit
        self._held = threading.local()

    @classmethod
    def build(cls, texts: Sequence[str]) -> Lexical:
        """Index the texts; row i is texts[i]."""
        return cls.of([Postings.of(texts, map(core_span, texts))], np.arange(len(texts)))

    @classmethod
    def of(cls, parts: Sequence[Postings], order: Rows) -> Lexical:
        """Index texts that were counted.

        Args:
            order: row i is the text with number order[i], those of the second part counted on
                from those of the first; texts that it lacks are left out.
        Source: BM25 as Lucene has it; held against bm25s in the tests.
        """
        texts = len(order)
        place = np.full(sum(part.texts for part in parts), -1)
        place[order] = np.arange(texts)
        vocabulary = sorted({stem for part in parts for stem in part.stems})
        number = {stem: i for i, stem in enumerate(vocabulary)}
        found, counts, first = [], [], 0
        for part in parts:
            rows = place[first : first + part.texts][part.rows]
            stem = np.array([number[each] for each in part.stems], np.int64)[part.tokens]
            held = rows >= 0
            # One number a word: by stem, then by row, words of the core last.
            found.append(((stem * texts + rows) * 2 + part.in_core)[held])
            counts.append(part.times[held])
            first += part.texts
        keys, times = np.concatenate(found), np.concatenate(counts)
        by_key = np.argsort(keys)
        keys = keys[by_key]
        last = np.flatnonzero(np.diff(keys >> 1, append=-1))
        times = np.diff(np.cumsum(times[by_key], dtype=np.int64)[last], prepend=0)
        keys = keys[last]
        stem, row = np.divmod(keys >> 1, max(1, texts))
        having = np.bincount(stem, minlength=len(vocabulary))
        lengths = np.bincount(row, times, texts)
        rarity = np.log1p((texts - having + 0.5) / (having + 0.5))
        mean = lengths.sum() / max(1, texts) or 1.0
        longer = _K1 * (1 - _B + _B * lengths / mean)
        gains = rarity[stem] * times / (times + longer[row])
        unit = float(gains.max(initial=0)) / _LARGEST or 1.0
        coded = np.maximum(1, np.rint(gains / unit)).astype(np.int64) * 2 + (keys & 1)
        known = {vocabulary[each]: i for i, each in enumerate(np.flatnonzero(having).tolist())}
        starts = np.concatenate([[0], np.cumsum(having[having > 0])])
        return cls(
            smallest(row), coded.astype(np.uint16), smallest(times), starts, known, texts, unit
        )

    def postings(self) -> Postings:
        """What it was made of."""
        tokens = np.repeat(np.arange(len(self.vocabulary)), np.diff(self._starts))
        stems = list(self.vocabulary)
        return Postings(stems, tokens, self._rows, self._times, self._gains & 1, self.rows)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        arrays = (self._rows, self._gains, self._times, self._starts)
        for name, array_ in zip(_ARRAYS, arrays, strict=True):
            np.save(folder / f"{name}.npy", array_)
        content = {"texts": self.rows, "unit": self._unit, "vocabulary": list(self.vocabulary)}
        (folder / "stems.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Lexical:
        """A saved index, its arrays memory-mapped."""
        content = json.loads((folder / "stems.json").read_text("utf-8"))
        vocabulary = {stem: i for i, stem in enumerate(content["vocabulary"])}
        rows, gains, times, starts = (mapped(folder / f"{name}.npy") for name in _ARRAYS)
        return cls(rows, gains, times, starts, vocabulary, content["texts"], content["unit"])

    def search(self, query: Sequence[str], k: int, read: int | None = None) -> tuple[Scores, Rows]:
        """The rows that share a stem with the query, best BM25 first, at most k.

        Args:
            query: stems, as `stems` gives them; unknown ones count for nothing.
            k: 1 or more.
            read: rows are looked for by the rarest stems, as long as these have no more than so
                many rows together; the others count where one of these stands. None: by all.
        Returns:
            scores and rows, (m,) with m <= k; ties go to the lower row.
        Raises:
            ValueError: k below 1.
        """
        if k < 1:
            raise ValueError(f"k is {k}; expected 1 or more")
        tokens = self._known(query)
        if not len(tokens):
            return np.zeros(0), np.zeros(0, np.int64)
        sizes = self._starts[tokens + 1] - self._starts[tokens]
        tokens = tokens[np.argsort(sizes, kind="stable")]
        total = np.cumsum(np.sort(sizes))
        looked = len(tokens)
        if read is not None:
            looked = max(1, int(np.searchsorted(total, read, "right")))
        sums, found = self._sums(), []
        for having, gains in map(self._of, tokens[:looked].tolist()):
            rows = having.astype(np.int64)  # once: every use as positions would
            sums[rows] += gains >> 1
            found.append(rows)
        every = np.concatenate(found)
        scores = sums[every]
        # A row was found by each of its stems: so many are k rows or more, ties included.
        enough = (k if looked == len(tokens) else k + _FURTHER) * looked
        kept = every
        if len(every) > enough:
            least = np.partition(scores, len(every) - enough)[len(every) - enough]
            kept = every[scores >= least]
        best = distinct(kept)
        scores = sums[best]
        sums[every] = 0
        for token in tokens[looked:].tolist():
            at, gains = self._at(token, best)
            scores[at] += gains >> 1
        order = np.lexsort((best, -scores))[:k]
        return np.round(scores[order] * self._unit, DECIMALS), best[order]

    def shared(self, query: Sequence[str], rows: Rows, weights: WordWeights) -> Scores:
        """Which part of the query's words each row has, by weight: 0 (none) to 1 (all).

        A word in a text's tail ("…, afin de satisfaire la direction") counts half.

        Args:
            query: stems; rows: (n,) positions.
        Returns:
            float64 (n,), rounded to 5 decimals.
        """
        gained, total = np.zeros(len(rows)), 0.0
        for stem in sorted(set(query)):
            weight = weights.of(stem)
            total += weight
            if stem in self.vocabulary:
                at, gains = self._at(self.vocabulary[stem], rows)
                gained[at] += weight * np.where(gains & 1, 1.0, _IN_TAIL)
        return np.round(gained / (total or 1.0), DECIMALS)

    def _known(self, query: Sequence[str]) -> Rows:
        known = {self.vocabulary[stem] for stem in query if stem in self.vocabulary}
        return np.array(sorted(known), np.int64)

    def _of(self, token: int) -> tuple[Numbers, Numbers]:
        start, end = int(self._starts[token]), int(self._starts[token + 1])
        return self._rows[start:end], self._gains[start:end]

    def _at(self, token: int, rows: Numbers) -> tuple[Rows, Numbers]:
        """Positions of those of the rows that have the stem, and its gains there."""
        having, gains = self._of(token)
        near = np.minimum(np.searchsorted(having, rows.astype(having.dtype)), len(having) - 1)
        at = np.flatnonzero(having[near] == rows)
        return at, gains[near[at]]

    def _sums(self) -> npt.NDArray[np.int32]:
        """Zeros, one a row, of this thread: making them anew would cost more than adding up."""
        if not hasattr(self._held, "sums"):
            self._held.sums = np.zeros(self.rows, np.int32)
        sums: npt.NDArray[np.int32] = self._held.sums
        return sums

    def having(self, stem: str) -> Numbers:
        """Rows of the texts that have this stem, ascending: (n,)."""
        token = self.vocabulary.get(stem)
        return self._rows[:0] if token is None else self._of(token)[0]
