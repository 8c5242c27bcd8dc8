"""Words: French stems, their BM25 index, and how much of a text's words another text has.

The only module that speaks to bm25s.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import Stemmer

from index.clauses import core
from index.vectors import Rows, Scores, mapped
from kb.identity import fold, without_gender_mark

_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'")
_WORD = re.compile(r"[0-9a-z]+[+#]*")
_WORD_CHARACTER = re.compile(r"\w")
# Words that bear no meaning of their own, unaccented: articles, pronouns, prepositions,
# auxiliaries, and what is left of elisions and of "etc.".
_STOPS = """
a afin ai ainsi alors apres as au aucun aussi autre autres aux avant avec avez avoir avons bien
c ce ceci cela celle celles celui ces cet cette ceux chacun chaque chez ci comme comment d dans
de depuis des dont du durant elle elles en encore entre es est et etant etc ete etes etre eu
eux ex exemple faire fait font grace h hors il ils j je jusque l la laquelle le lequel les
lesquelles lesquels leur leurs lors lorsque lui m ma mais me meme memes mes moi moins mon n ne
ni nos notamment notre nous on ont or ou par parmi pas pendant peu peut peuvent plus plusieurs
pour pouvant pouvoir puis qu quand que quel quelle quelles quels qui quoi s sa sans se selon
sera serez seront ses si soi soit sommes son sont sous suis sur t ta tandis te tel telle telles
tels tes toi ton tous tout toute toutes tres tu un une vers via voici voila vos votre vous y
"""
STOP_WORDS = frozenset(_STOPS.split())


_IN_TAIL = 0.5
"""What a word in the tail of a competency counts, against 1 in its core."""


_ARRAYS = ("data", "indices", "indptr")


@functools.cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("french", 50_000)


def content(text: str) -> str:
    """The meaningful words, folded, in order: what a model is given.

    Articles and prepositions blur a mean of word vectors: on the labelled pairs, the area under
    the curve rises from .645 to .672 without them. A text without any stays whole.
    """
    return " ".join(_words(text)) or text


@dataclass(frozen=True, slots=True)
class Word:
    """One meaningful word of a text: its stem, and its characters' place."""

    stem: str
    start: int
    end: int


def stems(text: str) -> list[str]:
    """French stems of the meaningful words, in order: accents, elisions, (H/F) fall away."""
    return list(_stems(text))


@functools.lru_cache(maxsize=65_536)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(_stemmer().stemWords(_words(text)))


def _core_stems(text: str, all_stems: Sequence[str]) -> Sequence[str]:
    """Stems of the core clause; half of all texts are nothing but that."""
    inner = core(text)
    if text.startswith(inner) and not _WORD_CHARACTER.search(text, len(inner)):
        return all_stems
    return stems(inner)


def _words(text: str) -> list[str]:
    folded = _ELISION.sub(" ", fold(without_gender_mark(text)))
    return [word for word in _WORD.findall(folded) if word not in STOP_WORDS]


def words(text: str) -> list[Word]:
    """The meaningful words with their place in `text`."""
    found = []
    for match in re.finditer(r"[^\W_]+[+#]*", text):
        known = _stems(match.group())
        if known:
            found.append(Word(known[0], *match.span()))
    return found


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


class Lexical:
    """BM25 over texts, each known by its row, and the stems of each row.

    Files of a saved index: the arrays of bm25s, the vocabulary, and `stems.npy` with
    `bounds.npy` (the stems of row i are stems[bounds[i]:bounds[i + 1]], ascending, each times
    two, plus one in the core).
    """

    def __init__(
        self,
        bm25: Mapping[str, np.ndarray] | None,
        vocabulary: Mapping[str, int],
        forward: np.ndarray,
        bounds: np.ndarray,
    ) -> None:
        self._bm25 = bm25  # bm25s's arrays; None: no text, or no word in any
        self.vocabulary = vocabulary
        self._forward = forward
        self._bounds = bounds
        self.rows = len(bounds) - 1

    @classmethod
    def build(cls, texts: Sequence[str]) -> Lexical:
        """Index the texts; row i is texts[i]."""
        tokens = [stems(text) for text in texts]
        cores = [frozenset(_core_stems(text, row)) for text, row in zip(texts, tokens, strict=True)]
        vocabulary = {stem: i for i, stem in enumerate(sorted({t for row in tokens for t in row}))}
        numbered = [[vocabulary[stem] for stem in row] for row in tokens]
        bounds = np.zeros(len(texts) + 1, np.int64)
        np.cumsum([len(set(row)) for row in numbered], out=bounds[1:])
        marked = [
            sorted({2 * vocabulary[stem] + (stem in inner) for stem in row})
            for row, inner in zip(tokens, cores, strict=True)
        ]
        forward = np.array([n for row in marked for n in row], np.int32)
        if not vocabulary:
            return cls(None, {}, forward, bounds)
        import bm25s  # 0.3 s that a search, which reads its arrays, does not need

        bm25 = bm25s.BM25(method="lucene", backend="numpy")
        bm25.index((numbered, vocabulary), show_progress=False, create_empty_token=False)
        arrays = {name: np.asarray(bm25.scores[name]) for name in _ARRAYS}
        return cls(arrays, vocabulary, forward, bounds)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "stems.npy", self._forward)
        np.save(folder / "bounds.npy", self._bounds)
        if self._bm25 is not None:
            for name in _ARRAYS:
                np.save(folder / f"{name}.npy", self._bm25[name])
            (folder / "vocabulary.json").write_text(
                json.dumps(self.vocabulary, ensure_ascii=False), "utf-8"
            )

    @classmethod
    def load(cls, folder: Path) -> Lexical:
        """A saved index, its arrays memory-mapped."""
        bounds, forward = mapped(folder / "bounds.npy"), mapped(folder / "stems.npy")
        if not (folder / "vocabulary.json").exists():
            return cls(None, {}, forward, bounds)
        vocabulary = json.loads((folder / "vocabulary.json").read_text("utf-8"))
        arrays = {name: mapped(folder / f"{name}.npy") for name in _ARRAYS}
        return cls(arrays, vocabulary, forward, bounds)

    def search(self, query: Sequence[str], k: int) -> tuple[Scores, Rows]:
        """The rows that share a stem with the query, best BM25 first, at most k.

        Args:
            query: stems, as `stems` gives them; unknown ones count for nothing.
            k: 1 or more.
        Returns:
            scores and rows, (m,) with m <= k; ties go to the lower row.
        Raises:
            ValueError: k below 1.
        """
        if k < 1:
            raise ValueError(f"k is {k}; expected 1 or more")
        known = sorted({self.vocabulary[stem] for stem in query if stem in self.vocabulary})
        if not known:
            return np.zeros(0), np.zeros(0, np.int64)
        every = self._scores(known)
        rows = np.flatnonzero(every > 0)
        exact = every[rows]
        if len(rows) > 4 * k:
            # Everything that can be among the k best once rounded, ties included.
            kept = exact >= np.partition(exact, len(rows) - k)[len(rows) - k] - 1e-5
            rows, exact = rows[kept], exact[kept]
        scores = np.round(exact, 5)
        order = np.lexsort((rows, -scores))[:k]
        order = order[scores[order] > 0]
        return scores[order], rows[order]

    def _scores(self, tokens: Sequence[int]) -> Scores:
        assert self._bm25 is not None
        parts = self._bm25
        starts, ends = parts["indptr"][tokens], parts["indptr"][[t + 1 for t in tokens]]
        spans = list(zip(starts.tolist(), ends.tolist(), strict=True))
        rows = np.concatenate([parts["indices"][a:b] for a, b in spans])
        data = np.concatenate([parts["data"][a:b] for a, b in spans])
        return np.bincount(rows, weights=data, minlength=self.rows).astype(np.float64)

    def shared(self, query: Sequence[str], rows: Rows, weights: WordWeights) -> Scores:
        """Which part of the query's words each row has, by weight: 0 (none) to 1 (all).

        A word in a text's tail ("…, afin de satisfaire la direction") counts half.

        Args:
            query: stems; rows: (n,) positions.
        Returns:
            float64 (n,), rounded to 5 decimals.
        """
        distinct = sorted(set(query))
        total = sum(weights.of(stem) for stem in distinct)
        known = {self.vocabulary[s]: weights.of(s) for s in distinct if s in self.vocabulary}
        if not known or not len(rows):
            return np.zeros(len(rows))
        starts, ends = self._bounds[rows], self._bounds[rows + 1]
        sizes = ends - starts
        # Positions of all stems of all rows, in one run.
        owners = np.repeat(np.arange(len(rows)), sizes)
        offsets = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        tokens, in_core = np.divmod(self._forward[np.repeat(starts, sizes) + offsets], 2)
        keys = np.array(sorted(known), np.int64)
        values = np.array([known[int(key)] for key in keys])
        at = np.minimum(np.searchsorted(keys, tokens), len(keys) - 1)
        gained = np.where(keys[at] == tokens, values[at], 0.0)
        gained = np.where(in_core == 1, gained, _IN_TAIL * gained)
        return np.round(np.bincount(owners, weights=gained, minlength=len(rows)) / total, 5)

    def nearest_stems(self, stem: str, at_least: float = 0.7) -> list[str]:
        """Known stems that a misspelt one may stand for, nearest first, at most three.

        Only stems with the same first letter: people rarely get that one wrong.
        """
        alike = sorted(word for word in self.vocabulary if word[0] == stem[0])
        return difflib.get_close_matches(stem, alike, n=3, cutoff=at_least)
