"""Word against word: what each word of a task meets in a competency.

Late interaction over the vectors of single words. A mean over a long competency blurs it; here
each word of the task takes the word of the competency that is nearest, a word of the same stem
counting in full, any other by how rare such nearness is (`index.background`). The same figures
make the score and tell which words carried it.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from index.background import Background, products, steps
from index.clauses import core_span
from index.encoder import Encoder, Vectors
from index.lexical import Word, WordWeights, parts_read, words
from index.strings import Strings
from index.vectors import DECIMALS, Rows, Scores, mapped, runs, smallest
from kb.model import Span

IN_TAIL = 0.5
"""What a word in the tail of a competency counts, against 1 in its core."""

_REMEMBERED = 8192  # forms

_ARRAYS = ("forms", "stems", "rows", "bounds")
Numbers = npt.NDArray[np.int64]
T = TypeVar("T")


class WordRows:
    """The words of each text of a shelf, and the vectors of all their forms.

    names: the forms, in order. forms: float32 (f, d). stems: int64 (f,), a number for each form's
    stem. The words of row i are rows[bounds[i]:bounds[i + 1]], ascending: the form's position
    times two, plus one in the core. Form 0, the empty one, stands in texts without a word and is
    near nothing.
    """

    def __init__(
        self, names: Strings, forms: Vectors, stems: Numbers, rows: Numbers, bounds: Numbers
    ) -> None:
        self.names = names
        self.forms = forms
        self.stems = stems
        self.rows = rows
        self.bounds = bounds

    @classmethod
    def build(
        cls, texts: Sequence[str], encoder: Encoder, cores: Iterable[Span] | None = None
    ) -> WordRows:
        """Row i is texts[i]. cores: where the core of each stands, if known."""
        stems = {"": 0}

        def read(part: str) -> dict[str, int]:
            forms = {word.form: stem_number(word.stem) for word in words(part)}
            stems.update(forms)
            return forms

        found, places, sections = parts_read(texts, cores or map(core_span, texts), str.split, read)
        names = sorted(stems)
        number = {form: i for i, form in enumerate(names)}
        forms = np.array([number[form] for form in found], np.int64)[places]
        rows, bounds = _marked(forms, sections, len(texts))
        vectors = np.zeros((len(names), encoder.dimension), np.float32)
        vectors[1:] = encoder.encode(names[1:], kind="passage")
        numbers = np.array([stems[name] for name in names], np.int64)
        return cls(Strings.of(names), vectors, numbers, smallest(rows), smallest(bounds))

    @classmethod
    def of(cls, parts: Sequence[WordRows], order: Rows) -> WordRows:
        """Row i is the row order[i] of the parts, those of the second counted on from those of the
        first. Rows that it lacks are left out, and the forms that only these have."""
        names = sorted({name for part in parts for name in part.names})
        number = {name: i for i, name in enumerate(names)}
        places = [np.array([number[name] for name in part.names]) for part in parts]
        sizes = np.concatenate([np.diff(part.bounds.astype(np.int64)) for part in parts])
        marked = np.concatenate(
            [
                place[part.rows >> 1] * 2 + (part.rows & 1)
                for place, part in zip(places, parts, strict=True)
            ]
        )
        marked = marked[runs((np.cumsum(sizes) - sizes)[order], sizes[order])]
        used = np.zeros(len(names), np.bool_)
        used[0] = used[marked >> 1] = True
        _, first = np.unique(np.concatenate(places), return_index=True)
        first = first[used]
        new = np.cumsum(used) - 1
        return cls(
            Strings.of(name for name, kept in zip(names, used.tolist(), strict=True) if kept),
            np.concatenate([part.forms for part in parts])[first],
            np.concatenate([part.stems for part in parts])[first],
            smallest(new[marked >> 1] * 2 + (marked & 1)),
            smallest(np.concatenate([[0], np.cumsum(sizes[order])])),
        )

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        Strings.write(folder / "names.bin", [self.names], np.arange(len(self.names)))
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> WordRows:
        """As saved, its arrays memory-mapped."""
        names = Strings.load(folder / "names.bin")
        return cls(names, *(mapped(folder / f"{name}.npy") for name in _ARRAYS))


def _marked(forms: Numbers, sections: Numbers, texts: int) -> tuple[Numbers, Numbers]:
    """The rows and bounds of `WordRows`. sections: where each form stands, see `parts_read`."""
    most = int(forms.max(initial=0)) + 1
    # A word that stands in the core and elsewhere counts as in the core: the larger number.
    keys = np.sort(((sections // 3).astype(np.int64) * most + forms) * 2 + (sections % 3 == 1))
    keys = keys[np.diff(keys >> 1, append=-1) != 0]
    owners, rows = np.divmod(keys, 2 * most)
    empty = np.setdiff1d(np.arange(texts), owners)
    owners = np.concatenate([owners, empty])
    order = np.argsort(owners, kind="stable")
    rows = np.concatenate([rows, np.zeros_like(empty)])[order]
    return rows, np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=texts))])


@dataclass(frozen=True, slots=True)
class TaskWords:
    """A task's words. vectors: (w, d), d is 0 without a model; tables: (w, STEPS + 1); weights
    and stems: (w,)."""

    words: tuple[Word, ...]
    vectors: Vectors
    tables: Vectors
    weights: Scores
    stems: Numbers

    def met_by(self, vectors: Vectors, stems: Numbers) -> Vectors:
        """How well each word is met by each of these: (w, n), 0 to 1; 1 for the same stem."""
        same = self.stems[:, None] == stems
        if not self.vectors.shape[1]:
            return np.asarray(same, np.float32)
        met = np.take_along_axis(self.tables, steps(products(self.vectors, vectors)), axis=1)
        met[same] = 1.0
        return met

    def aligned(self, shelf: WordRows, rows: Rows) -> Scores:
        """Which part of the task each row meets: (n,), 0 to 1, rounded."""
        if not len(self.words) or not len(rows):
            return np.zeros(len(rows))
        starts = shelf.bounds[rows].astype(np.int64)
        sizes = shelf.bounds[rows + 1] - starts
        firsts = np.cumsum(sizes) - sizes
        marked = shelf.rows[runs(starts, sizes)]
        at = (marked >> 1).astype(np.int64)
        known = np.zeros(len(shelf.forms), np.bool_)
        known[at] = True
        distinct = np.flatnonzero(known)
        place = np.empty(len(known), np.int64)
        place[distinct] = np.arange(len(distinct))
        met = self.met_by(shelf.forms[distinct], shelf.stems[distinct]).take(place[at], axis=1)
        met *= np.where(marked & 1, np.float32(1), np.float32(IN_TAIL))
        best = np.maximum.reduceat(met, firsts, axis=1)
        shares = np.einsum("w,wn->n", self.weights, best) / self.weights.sum()
        return np.asarray(np.round(shares, DECIMALS))


@dataclass(frozen=True, slots=True)
class TextWords:
    """Words of several texts. vectors: (f, d), stems: (f,), of their forms; at: for each text the
    positions of its words among the forms."""

    vectors: Vectors
    stems: Numbers
    at: tuple[Numbers, ...]


class _Remembered(Generic[T]):
    """What is made of words, kept for the next text: at most so many, then all are forgotten."""

    def __init__(self, make: Callable[[Sequence[str]], Sequence[T]]) -> None:
        self._make = make
        self._known: dict[str, T] = {}

    def __call__(self, forms: Sequence[str]) -> list[T]:
        known = self._known  # other threads may add to it; none takes from it
        missing = [form for form in forms if form not in known]
        if missing:
            made = dict(zip(missing, self._make(missing), strict=True))
            if len(known) + len(made) > _REMEMBERED:
                self._known = made
                return [made[form] if form in made else known[form] for form in forms]
            known.update(made)
        return [known[form] for form in forms]


class Reader:
    """Turns tasks into words that can be compared.

    encoder: None when no model can be loaded; then only words of one stem meet.
    """

    def __init__(
        self, encoder: Encoder | None, background: Background | None, weights: WordWeights
    ) -> None:
        self._encoder = encoder
        self._background = background
        self._weights = weights
        self._measured = _Remembered(self._measure_new)
        self._encoded = _Remembered(self._encode_new)

    def read(self, texts: Sequence[str]) -> tuple[TaskWords, ...]:
        """The words of each text, in its order."""
        found = [tuple(words(text)) for text in texts]
        distinct = sorted({word.form for each in found for word in each})
        vectors, tables = self._measure(distinct)
        place = {form: i for i, form in enumerate(distinct)}
        read = []
        for each in found:
            at = np.array([place[word.form] for word in each], np.int64)
            read.append(
                TaskWords(
                    each,
                    vectors[at],
                    tables[at],
                    np.array([self._weights.of(word.stem) for word in each]),
                    np.array([stem_number(word.stem) for word in each], np.int64),
                )
            )
        return tuple(read)

    def stated(self, found: Sequence[Sequence[Word]]) -> TextWords:
        """The words of texts that were indexed, each form read once."""
        stems = {word.form: word.stem for each in found for word in each}
        distinct = sorted(stems)
        place = {form: i for i, form in enumerate(distinct)}
        if self._encoder is None or not distinct:
            vectors = np.zeros((len(distinct), 0), np.float32)
        else:
            vectors = np.stack(self._encoded(distinct))
        return TextWords(
            vectors,
            np.array([stem_number(stems[form]) for form in distinct], np.int64),
            tuple(np.array([place[word.form] for word in each], np.int64) for each in found),
        )

    def _measure(self, forms: Sequence[str]) -> tuple[Vectors, Vectors]:
        if self._encoder is None or self._background is None or not forms:
            nothing = np.zeros((len(forms), 0), np.float32)
            return nothing, nothing
        vectors, tables = zip(*self._measured(forms), strict=True)
        return np.stack(vectors), np.stack(tables)

    def _measure_new(self, forms: Sequence[str]) -> list[tuple[Vectors, Vectors]]:
        assert self._encoder is not None
        assert self._background is not None
        encoded = self._encoder.encode(forms, kind="query")
        tables = self._background.tables(forms, encoded)
        return list(zip(encoded, tables.astype(np.float32), strict=True))

    def _encode_new(self, forms: Sequence[str]) -> list[Vectors]:
        assert self._encoder is not None
        return list(self._encoder.encode(forms, kind="passage"))


@functools.lru_cache(maxsize=65_536)
def stem_number(stem: str) -> int:
    """A number for a stem, the same everywhere; two stems share one once in 10^13 pairs."""
    return int.from_bytes(
        hashlib.blake2b(stem.encode(), digest_size=8).digest(), "big", signed=True
    )
