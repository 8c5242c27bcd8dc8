"""Neighbours, held against brute force; the same on any number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index import vectors
from index.vectors import Vectors

ROOT = Path(__file__).resolve().parents[2]


def unit_rows(rows: int, dimension: int, seed: int) -> Vectors:
    values = np.random.default_rng(seed).standard_normal((rows, dimension)).astype(np.float32)
    unit: Vectors = values / np.linalg.norm(values, axis=1, keepdims=True)
    return unit


def brute_force(rows: Vectors, queries: Vectors, k: int) -> tuple[np.ndarray, np.ndarray]:
    products = np.round(queries.astype(np.float64) @ rows.astype(np.float64).T, 5)
    order = np.array([np.lexsort((np.arange(len(rows)), -line))[:k] for line in products])
    return np.take_along_axis(products, order, axis=1), order


@pytest.mark.parametrize("k", [1, 7, 300])
def test_the_nearest_are_those_of_brute_force(k: int) -> None:
    rows, queries = unit_rows(300, 16, 1), unit_rows(9, 16, 2)
    scores, found = vectors.search(vectors.build(rows), queries, k)
    wanted_scores, wanted = brute_force(rows, queries, k)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_allclose(scores, wanted_scores, atol=1e-5)


def test_ties_go_to_the_lower_row_even_beyond_the_first_pool() -> None:
    one = unit_rows(1, 8, 3)
    rows = np.repeat(one, 200, axis=0)
    scores, found = vectors.search(vectors.build(rows), one, 5)
    assert found.tolist() == [[0, 1, 2, 3, 4]]
    assert set(scores[0].tolist()) == {1.0}


def test_a_large_index_proposes_what_brute_force_finds() -> None:
    centres = unit_rows(40, 32, 4)
    noise = 0.5 * unit_rows(4000, 32, 5)
    rows = centres[np.arange(4000) % 40] + noise
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = vectors.build(rows, large=1000)
    scores, found = vectors.search(index, centres, 20)
    wanted_scores, wanted = brute_force(rows, centres, 20)
    shared = [len(set(a) & set(b)) / 20 for a, b in zip(found, wanted, strict=True)]
    assert np.mean(shared) > 0.97
    # Bytes instead of floats: the scores are near, not equal.
    np.testing.assert_allclose(scores[:, 0], wanted_scores[:, 0], atol=2e-3)


def test_an_index_of_the_rows_of_another_is_the_same(tmp_path: Path) -> None:
    rows = unit_rows(600, 32, 9)
    for name in ("first", "second"):
        index = vectors.build(rows, large=500)
        vectors.save(index, tmp_path / name)
        rows = vectors.rows_of(index)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


@pytest.mark.parametrize(("large", "error"), [(10_000, 0.0), (500, 5e-3)])
def test_a_saved_index_answers_alike(tmp_path: Path, large: int, error: float) -> None:
    rows, queries = unit_rows(1000, 16, 6), unit_rows(3, 16, 7)
    index = vectors.build(rows, large=large)
    vectors.save(index, tmp_path / "v.faiss")
    loaded = vectors.load(tmp_path / "v.faiss")
    for mine, theirs in zip(
        vectors.search(index, queries, 10), vectors.search(loaded, queries, 10), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_allclose(vectors.rows_of(loaded), rows, rtol=0, atol=error)


def test_no_row_at_all(tmp_path: Path) -> None:
    vectors.save(vectors.build(np.zeros((0, 4), np.float32)), tmp_path / "v.faiss")
    index = vectors.load(tmp_path / "v.faiss")
    assert vectors.rows_of(index).shape == (0, 4)
    with pytest.raises(ValueError, match="holds 0"):
        vectors.search(index, unit_rows(1, 4, 1), 1)


@pytest.mark.parametrize("k", [0, 4])
def test_k_out_of_range(k: int) -> None:
    with pytest.raises(ValueError, match=f"k is {k}"):
        vectors.search(vectors.build(unit_rows(3, 4, 1)), unit_rows(1, 4, 2), k)


def test_wrong_shape_and_length() -> None:
    index = vectors.build(unit_rows(3, 4, 1))
    with pytest.raises(ValueError, match="shape"):
        vectors.search(index, unit_rows(1, 5, 2), 1)
    with pytest.raises(ValueError, match="shape"):
        vectors.search(index, unit_rows(1, 4, 2)[0], 1)
    with pytest.raises(ValueError, match="length"):
        vectors.search(index, 2 * unit_rows(1, 4, 2), 1)
    with pytest.raises(ValueError, match="row 1 has length"):
        vectors.build(np.array([[1, 0], [0, np.nan]], np.float32))


SEARCH = """
import numpy as np
from index import vectors
rng = np.random.default_rng(8)
rows = rng.standard_normal((3000, 64)).astype(np.float32)
rows[1500:] = rows[:1500]  # every row has a twin
rows /= np.linalg.norm(rows, axis=1, keepdims=True)
for large in (10_000, 1_000):
    index = vectors.build(rows, large=large)
    scores, found = vectors.search(index, rows[::100], 25)
    print(scores.tobytes().hex(), found.tobytes().hex())
"""


def test_the_same_bytes_on_one_and_on_two_threads() -> None:
    answers = [
        subprocess.run(
            [sys.executable, "-c", SEARCH],
            env={**os.environ, "OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for n in ("1", "2")
    ]
    assert answers[0] == answers[1]
    assert len(answers[0]) > 1000


@pytest.mark.parametrize("large", [1000, 100_000])
def test_the_nearest_and_the_others_come_with_their_cosines(large: int) -> None:
    rows, queries = unit_rows(1200, 32, 6), unit_rows(3, 32, 7)
    index = vectors.build(rows, large=large)
    others = [np.array([7, 900, 1199]), np.zeros(0, np.int64), np.array([3])]
    scores, nearest = vectors.search(index, queries, 10)
    for q, (found, cosines) in enumerate(vectors.among(index, queries, 10, others)):
        assert found.tolist() == sorted({*nearest[q].tolist(), *others[q].tolist()})
        np.testing.assert_array_equal(cosines, vectors.similarity(index, queries[q], found))
        known = dict(zip(found.tolist(), cosines.tolist(), strict=True))
        assert [known[row] for row in nearest[q].tolist()] == scores[q].tolist()


def test_cosines_of_bytes_are_those_of_the_vectors_at_many_dimensions() -> None:
    rows, queries = unit_rows(1100, 1024, 8), unit_rows(2, 1024, 9)
    index = vectors.build(rows, large=1000)
    every = np.arange(1100)
    wanted = vectors.rows_of(index).astype(np.float64) @ queries.astype(np.float64).T
    for q, query in enumerate(queries):
        found = vectors.similarity(index, query, every)
        np.testing.assert_allclose(found, wanted[:, q], atol=7e-6)
