"""Neighbours by inner product. The only module that speaks to FAISS."""

from __future__ import annotations

import math
from collections.abc import Callable
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
        index, parts = _coding(dimension, _taken(take, np.arange(0, rows, max(1, rows // _SAMPLE))))
    for start in range(0, rows, _AT_ONCE):
        part = _taken(take, np.arange(start, min(rows, start + _AT_ONCE)))
        parts[0].add(part)
        if rows >= large:
            largest = np.abs(part).max(axis=1, keepdims=True)
            parts[1].add(np.rint(part * (_LARGEST / largest)))
            index.ntotal = parts[1].ntotal
    return index


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


def rows_of(index: faiss.Index, rows: Rows | slice = _ALL) -> Vectors:
    """The vectors themselves, all or those of these rows: float32 (n, d), of unit length."""
    if isinstance(index, faiss.IndexRefine):
        values, lengths = _coded(index, rows)
        found: Vectors = values / lengths[:, None]
        return found
    if index.ntotal == 0:
        return np.zeros((0, index.d), np.float32)
    flat: Any = index
    values = faiss.rev_swig_ptr(flat.get_xb(), index.ntotal * index.d)
    exact: Vectors = values.reshape(index.ntotal, index.d)[rows]
    return exact


def _coded(index: faiss.IndexRefine, rows: Rows | slice) -> tuple[Vectors, Vectors]:
    """Rows kept in bytes: their whole numbers (n, d), and their lengths (n,)."""
    kept: Any = faiss.downcast_index(index.refine_index)
    codes = faiss.rev_swig_ptr(kept.codes.data(), index.ntotal * index.d)
    values = codes.reshape(index.ntotal, index.d)[rows].astype(np.float32)
    values -= _ZERO
    # Of whole numbers, so exact in whatever order.
    return values, np.sqrt(np.einsum("ij,ij->i", values, values))


def search(index: faiss.Index, queries: Vectors, k: int) -> tuple[Scores, Rows]:
    """The k passages nearest each query, best first.

    The answer is the same, bit for bit, on any number of threads: FAISS proposes, each score is
    computed again row by row in float64, rounded, and ties are broken by the lower row.

    Args:
        queries: float32 (n, d), rows of unit length; d as in manifest.json.
        k: 1 to index.ntotal.
    Returns:
        scores (n, k): cosine, -1 to 1, higher is nearer. rows (n, k): positions in the passages.
    Raises:
        ValueError: wrong shape, rows not of unit length, k out of range.
    Source: FAISS inner-product search; held against brute force in the tests.
    """
    _check(queries, index.d)
    if not 1 <= k <= index.ntotal:
        raise ValueError(f"k is {k}; the index holds {index.ntotal} passages")
    scores = np.empty((len(queries), k), np.float64)
    rows = np.empty((len(queries), k), np.int64)
    unsettled = np.arange(len(queries))
    pool = min(index.ntotal, k + 32)
    proposing: Any = index
    exact_index = not isinstance(index, faiss.IndexRefine)
    if not exact_index:
        proposing = faiss.downcast_index(proposing.base_index)
        pool = min(index.ntotal, _PROPOSED * pool)
    while len(unsettled):
        proposed, candidates = proposing.search(np.ascontiguousarray(queries[unsettled]), pool)
        still = []
        for position, q in enumerate(unsettled):
            found, exact = _refined(index, queries[q], candidates[position], k)
            order = np.lexsort((found, -exact))[:k]
            scores[q], rows[q] = exact[order], found[order]
            # A row outside of the pool could still tie with the last one kept: look further.
            tied = proposed[position, -1] > scores[q, -1] - _SLACK
            if exact_index and tied and pool < index.ntotal:
                still.append(q)
        unsettled = np.array(still, dtype=np.int64)
        pool = min(index.ntotal, pool * 4)
    return scores, rows


def _refined(index: faiss.Index, query: Vectors, rows: Rows, k: int) -> tuple[Rows, Scores]:
    """Those of the rows that may be among the k best, and their cosines, as `similarity`."""
    if not isinstance(index, faiss.IndexRefine):
        return rows, similarity(index, query, rows)
    values, lengths = _coded(index, rows)
    rough = np.einsum("ij,j->i", values, query) / lengths
    kept = np.flatnonzero(rough >= np.partition(rough, len(rows) - k)[len(rows) - k] - _SLACK)
    return rows[kept], _cosines(values[kept] / lengths[kept, None], query)


def similarity(index: faiss.Index, query: Vectors, rows: Rows) -> Scores:
    """Cosine of one query (d,) with each of these rows, float64 (len(rows),), rounded."""
    return _cosines(rows_of(index, rows), query)


def _cosines(chosen: Vectors, query: Vectors) -> Scores:
    # A plain sum along each row: no library that splits the work by the number of threads.
    products: Scores = np.einsum("ij,j->i", chosen.astype(np.float64), query.astype(np.float64))
    return np.round(products, DECIMALS)


def _check(vectors: Vectors, dimension: int | None) -> None:
    if vectors.ndim != 2 or (dimension is not None and vectors.shape[1] != dimension):
        raise ValueError(f"vectors have shape {vectors.shape}; expected (n, {dimension or 'd'})")
    if len(vectors):
        lengths = np.linalg.norm(vectors, axis=1)
        worst = int(np.argmax(np.abs(lengths - 1)))
        if not abs(float(lengths[worst]) - 1) <= 1e-3:
            raise ValueError(f"row {worst} has length {lengths[worst]:.4f}; expected 1")
