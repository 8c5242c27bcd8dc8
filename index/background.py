"""What texts and words are like in general: a match must be nearer than that to tell anything.

Some tasks are near everything ("assurer le suivi"), some words are near every other. How near a
task or a word is to what it has nothing to do with is measured on competences of many trades and
on the words of a large corpus, so that a pair has the same score whatever else is indexed.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, Vectors
from index.lexical import content
from index.vectors import DECIMALS, Scores

STEPS = 200
"""Cosines of words are compared in steps of 1 / STEPS: equal on any number of threads."""
UNKNOWN = 0.5
"""What nearness tells of a word that the corpus does not have, against 1."""
NEAREST = 5
"""So many of the nearest competences tell how near a task is to any."""

_ON_ONE_THREAD = 200_000  # products of a matrix; OpenBLAS takes several threads from 2^18
_HERE = Path(__file__).parent
Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Background:
    """Vectors of common words with their counts, and of competences of many trades.

    forms: the words; words: float32 (v, d), their vectors of unit length; counts: (v,) texts of
    `documents` that have the word. texts: float32 (n, d).
    """

    forms: tuple[str, ...]
    words: Vectors
    counts: npt.NDArray[np.float64]
    documents: int
    texts: Vectors

    @classmethod
    def of(cls, encoder: Encoder) -> Background:
        counted = _counted()
        forms = counted["forms"]
        return cls(
            tuple(forms),
            encoder.encode(list(forms), kind="passage"),
            np.array(list(forms.values()), np.float64),
            counted["documents"],
            encoder.encode([content(text) for text in background_texts()], kind="passage"),
        )

    def is_current(self) -> bool:
        """Whether it was made from the words and texts that the package holds now."""
        forms = _counted()["forms"]
        return (
            self.forms == tuple(forms)
            and self.counts.tolist() == list(forms.values())
            and len(self.texts) == len(background_texts())
        )

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("words", "counts", "texts"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        np.save(folder / "documents.npy", np.array(self.documents))
        (folder / "forms.txt").write_text("\n".join(self.forms), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Background:
        return cls(
            tuple((folder / "forms.txt").read_text("utf-8").split("\n")),
            np.load(folder / "words.npy"),
            np.load(folder / "counts.npy"),
            int(np.load(folder / "documents.npy")),
            np.load(folder / "texts.npy"),
        )

    def commonness(self, tasks: Vectors, left_out: npt.NDArray[np.bool_] | None = None) -> Scores:
        """How near each task is to the nearest competences of the background: (n,), a cosine.

        Args:
            tasks: float32 (n, d). left_out: (n, texts), True where a text must not count.
        """
        # One after the other along the rows: the same sum on any number of threads.
        near = np.einsum("id,jd->ij", tasks.astype(np.float64), self._texts)
        if left_out is not None:
            near[left_out] = -1.0
        count = min(NEAREST, near.shape[1])
        nearest = np.partition(near, near.shape[1] - count, axis=1)[:, -count:]
        nearest.sort(axis=1)
        return np.asarray(np.round(nearest.mean(1), DECIMALS))

    def tables(self, forms: Sequence[str], words: Vectors) -> Table:
        """How telling a word's cosine with another is: float64 (n, STEPS + 1), 0 to 1, rising.

        Column s is for a cosine of s / STEPS. It is the more telling the fewer texts of the corpus
        have a word nearer than that; squared, so that words which merely resemble say little,
        times the root of the cosine. Of a word that the corpus does not have the model knows
        pieces only, and what it is near to tells half.
        """
        near = steps(products(words, self.words))
        mass = np.array([np.bincount(row, self.counts, STEPS + 1) for row in near])
        mass = mass.reshape(len(words), STEPS + 1)
        nearer = np.cumsum(mass[:, ::-1], axis=1)[:, ::-1] - mass
        telling = np.log1p(self.documents / (1 + nearer)) / np.log1p(self.documents)
        known = np.array([form in self._known for form in forms])
        trust = np.where(known, 1.0, UNKNOWN)[:, None]
        return np.asarray(trust * telling**2 * np.sqrt(np.arange(STEPS + 1) / STEPS))

    @functools.cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.forms)

    @functools.cached_property
    def _texts(self) -> npt.NDArray[np.float64]:
        return self.texts.astype(np.float64)


def products(ours: Vectors, theirs: Vectors) -> Vectors:
    """ours @ theirs.T, in parts so small that no library hands them to several threads: on a
    busy machine waiting for these takes longer than the products."""
    size = max(1, _ON_ONE_THREAD // max(1, ours.size))
    parts = [ours @ theirs[start : start + size].T for start in range(0, len(theirs), size)]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(ours), 0), np.float32)


def steps(cosines: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int64]:
    """Cosines in whole steps, 0 to STEPS; what is below 0 is 0."""
    scaled = cosines * STEPS
    np.rint(scaled, out=scaled)
    return np.clip(scaled, 0, STEPS, out=scaled).astype(np.int64)


@functools.cache
def _counted() -> dict[str, Any]:
    counted: dict[str, Any] = json.loads((_HERE / "words.json").read_text("utf-8"))
    return counted


@functools.cache
def background_texts() -> tuple[str, ...]:
    """Competences of many trades, in our own words: those of the labelled pairs that weights are
    learned from, and background.txt for the trades that those leave out."""
    from index.pairs import learned_from, read_pairs

    learned = {pair.competency for pair in read_pairs() if learned_from(pair)}
    further = (_HERE / "background.txt").read_text("utf-8").split("\n")
    return tuple(sorted(learned | {line for line in further if line}))
