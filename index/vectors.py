"""Neighbours by inner product. The only module that speaks to FAISS."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import faiss
import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]
Scores: TypeAlias = npt.NDArray[np.float64]
Rows: TypeAlias = npt.NDArray[np.int64]
Numbers: TypeAlias = npt.NDArray[Any]
"""Whole numbers in as few bytes as hold them."""

DECIMALS = 5
"""Scores are rounded to this many decimals: what is left is the same on any number of threads."""

LARGE = 20_000
"""From this many rows on, rows are also kept as 4-bit codes, which propose what is scored."""

# FAISS adds in another order on other numbers of threads: its scores may differ by this much.
_SLACK = 1e-4
_PROPOSED = 4  # rows that the codes propose for one that is wanted
_SAMPLE = 16_000  # rows that the codes are learned from
_AT_ONCE = 32_768  # rows that are turned into codes together
_ALL = slice(None)
_LARGEST, _ZERO = np.float32(127), np.float32(128)  # of a signed byte, as FAISS stores it


def build(vectors: Vectors, large: int = LARGE) -> Any:
    """A faiss.Index over the rows, see `gather`.

    Args:
        vectors: float32 (n, d), rows of unit length; n may be 0.
    Raises:
        ValueError: wrong shape, or rows not of unit length.
    """
    _check(vectors, None)
    rows, dimension = vectors.shape
    return gather(rows, dimension, vectors.__getitem__, large)


def gather(rows: int, dimension: int, take: Callable[[Rows], Vectors], large: int = LARGE) -> Any:
    """A faiss.Index: exact below `large` rows, else exact among what codes propose.

    A large index keeps a row in one byte a dimension, scaled by its largest value: a cosine is
    off by about 0.0005.

    Args:
        take: gives the vectors of these rows, float32 (n, dimension) of unit length. It is asked
            for a sample first where there are many, then for all, in order, some at a time.
    Raises:
        ValueError: wrong shape, or rows not of unit length.
    """
    if rows < large:
        index: Any = faiss.IndexFlatIP(dimension)
        parts = [index]
    else:
        sample = _taken(take, np.arange(0, rows, max(1, rows // _SAMPLE)))
        index, parts = _coding(dimension, _unit(_whole(sample)))
    for start in range(0, rows, _AT_ONCE):
        part = _taken(take, np.arange(start, min(rows, start + _AT_ONCE)))
        if rows >= large:
            part = _whole(part)
            parts[1].add(part)
            # Of what is kept: an index that is made of the rows of another is the same.
            part = _unit(part)
            index.ntotal = parts[1].ntotal
        parts[0].add(part)
    return index


def _whole(vectors: Vectors) -> Vectors:
    """Scaled to whole numbers that fit in a byte; of whole numbers at unit length, these again."""
    scaled: Vectors = np.rint(vectors * (_LARGEST / np.abs(vectors).max(axis=1, keepdims=True)))
    return scaled


def _unit(whole: Vectors) -> Vectors:
    # A sum of such whole numbers is exact, in whatever order they are added.
    unit: Vectors = whole / np.sqrt(np.einsum("ij,ij->i", whole, whole))[:, None]
    return unit


def _taken(take: Callable[[Rows], Vectors], rows: Rows) -> Vectors:
    vectors = np.ascontiguousarray(take(rows))
    _check(vectors, None)
    return vectors


def _coding(dimension: int, sample: Vectors) -> tuple[Any, list[Any]]:
    """An empty index of codes and bytes, and these two."""
    # One code for four dimensions: half the time and disk of one for two. Among the rows that are
    # proposed stand all of the 10 nearest, and .98 of the 200 nearest (495,371 competences).
    parts = dimension // math.gcd(dimension, 4)
    codes: Any = faiss.IndexPQFastScan(dimension, parts, 4, faiss.METRIC_INNER_PRODUCT)
    codes.pq.cp.niter = 10
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)  # the same codes on any machine
    try:
        codes.train(sample)
    finally:
        faiss.omp_set_num_threads(threads)
    kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
    bytes_: Any = faiss.IndexScalarQuantizer(dimension, kind, faiss.METRIC_INNER_PRODUCT)
    index: Any = faiss.IndexRefine(codes, bytes_)
    # FAISS keeps addresses only: the whole must own its parts.
    codes.this.disown()
    bytes_.this.disown()
    index.own_fields = index.own_refine_index = True
    return index, [codes, bytes_]


def save(index: faiss.Index, path: Path) -> None:
    """Write the index to a file that `load` reads."""
    faiss.write_index(index, str(path))


def load(path: Path) -> faiss.Index:
    """The index of a file, memory-mapped: pages are read when a search touches them."""
    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)


def mapped(path: Path) -> npt.NDArray[Any]:
    """A saved array, read from disk as it is used."""
    # A plain array over the file's pages: indexing a memmap itself costs more than what it reads.
    return np.asarray(np.load(path, mmap_mode="r"))


def smallest(numbers: Numbers) -> Numbers:
    """The same numbers, none below 0, in as few bytes as hold the largest."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def runs(starts: Rows, sizes: Rows) -> Rows:
    """Positions start, start + 1, … of each run, one run after the other."""
    ends = np.cumsum(sizes)
    return np.arange(int(sizes.sum())) + np.repeat(starts - ends + sizes, sizes)


def rows_of(index: faiss.Index, rows: Rows | slice = _ALL) -> Vectors:
    """The vectors themselves, all or those of these rows: float32 (n, d), of unit length."""
    if isinstance(index, faiss.IndexRefine):
        return _unit(_coded(index)[rows].astype(np.float32) - _ZERO)
    if index.ntotal == 0:
        return np.zeros((0, index.d), np.float32)
    flat: Any = index
    values = faiss.rev_swig_ptr(flat.get_xb(), index.ntotal * index.d)
    exact: Vectors = values.reshape(index.ntotal, index.d)[rows]
    return exact


def _coded(index: faiss.IndexRefine) -> npt.NDArray[np.uint8]:
    """Rows kept in bytes, (n, d): whole numbers, 128 for zero."""
    kept: Any = faiss.downcast_index(index.refine_index)
    codes: npt.NDArray[np.uint8] = faiss.rev_swig_ptr(kept.codes.data(), index.ntotal * index.d)
    return codes.reshape(index.ntotal, index.d)


def search(index: faiss.Index, queries: Vectors, k: int) -> tuple[Scores, Rows]:
    """The k passages nearest each query, best first.

    The answer is the same, bit for bit, on any number of threads: FAISS proposes, each score is
    computed again row by row, exactly, rounded, and ties are broken by the lower row.

    Args:
        queries: float32 (n, d), rows of unit length; d as in manifest.json.
        k: 1 to index.ntotal.
    Returns:
        scores (n, k): cosine, -1 to 1, higher is nearer. rows (n, k): positions in the passages.
    Raises:
        ValueError: wrong shape, rows not of unit length, k out of range.
    Source: FAISS inner-product search; held against brute force in the tests.
    """
    scores = np.empty((len(queries), k), np.float64)
    rows = np.empty((len(queries), k), np.int64)
    for q, near in enumerate(_proposed(index, queries, k)):
        exact = similarity(index, queries[q], near)
        order = np.lexsort((near, -exact))[:k]
        scores[q], rows[q] = exact[order], near[order]
    return scores, rows


def among(
    index: faiss.Index, queries: Vectors, k: int, others: Sequence[Rows]
) -> list[tuple[Rows, Scores]]:
    """For each query the k rows nearest to it and these others, ascending, with their cosines.

    Args:
        queries, k: see `search`, which gives the same rows and scores.
        others: for each query, rows without repetition, (m,).
    Returns:
        rows and scores, (k,) to (k + m,).
    Raises:
        ValueError: as `search`.
    """
    found = []
    for query, near, more in zip(queries, _proposed(index, queries, k), others, strict=True):
        rows = distinct(np.concatenate([near, more]))
        exact = similarity(index, query, rows)
        wanted = np.zeros(len(rows), np.bool_)
        wanted[np.lexsort((rows, -exact))[:k]] = True
        wanted[np.searchsorted(rows, more)] = True
        found.append((rows[wanted], exact[wanted]))
    return found


def distinct(rows: Rows) -> Rows:
    """The rows in order, each once: of thousands, a third of the time of `np.unique`."""
    ordered: Rows = np.sort(rows)
    once: Rows = ordered[np.diff(ordered, prepend=-1) != 0]
    return once


def _proposed(index: faiss.Index, queries: Vectors, k: int) -> Iterator[Rows]:
    """For each query, rows among which the k nearest are."""
    queries = np.ascontiguousarray(queries)
    _check(queries, index.d)
    if not 1 <= k <= index.ntotal:
        raise ValueError(f"k is {k}; the index holds {index.ntotal} passages")
    pool = min(index.ntotal, k + 32)
    if isinstance(index, faiss.IndexRefine):
        codes: Any = faiss.downcast_index(index.base_index)
        pool = min(index.ntotal, _PROPOSED * pool)
        yield from codes.search(queries, pool)[1]
        return
    flat: Any = index
    for query, scores, rows in zip(queries, *flat.search(queries, pool), strict=True):
        # A row outside of the pool could still tie with the last one wanted: look further.
        while len(rows) < index.ntotal and scores[-1] > scores[k - 1] - 2 * _SLACK:
            (scores,), (rows,) = flat.search(query[None], min(index.ntotal, 4 * len(rows)))
        yield rows


def similarity(index: faiss.Index, query: Vectors, rows: Rows) -> Scores:
    """Cosine of one query (d,) with each of these rows, float64 (len(rows),), rounded."""
    if not isinstance(index, faiss.IndexRefine):
        # A plain sum along each row: no library that splits the work by the number of threads.
        chosen = rows_of(index, rows).astype(np.float64)
        exact = np.einsum("ij,j->i", chosen, query.astype(np.float64))
        return np.asarray(np.round(exact, DECIMALS))
    # The same whole numbers as in `rows_of`: 128 less are the same bits but the first.
    bytes_ = _coded(index).take(rows, axis=0) ^ np.uint8(128)
    values = bytes_.view(np.int8).astype(np.float32)
    # The query in steps of 2^-12, and the rest of it in steps of 2^-20: whole numbers all, whose
    # sums up to 1,024 dimensions stay below 2^24, so that float32 holds them in whatever order.
    coarse = np.rint(query * np.float32(2**12))
    fine = np.rint((query * np.float32(2**12) - coarse) * np.float32(2**8))
    products = np.vecdot(values, coarse) + np.vecdot(values, fine).astype(np.float64) / 2**8
    lengths = np.sqrt(np.vecdot(values, values).astype(np.float64))
    return np.asarray(np.round(products / (lengths * 2**12), DECIMALS))


def _check(vectors: Vectors, dimension: int | None) -> None:
    if vectors.ndim != 2 or (dimension is not None and vectors.shape[1] != dimension):
        raise ValueError(f"vectors have shape {vectors.shape}; expected (n, {dimension or 'd'})")
    if len(vectors):
        lengths = np.linalg.norm(vectors, axis=1)
        worst = int(np.argmax(np.abs(lengths - 1)))
        if not abs(float(lengths[worst]) - 1) <= 1e-3:
            raise ValueError(f"row {worst} has length {lengths[worst]:.4f}; expected 1")
