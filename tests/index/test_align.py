"""Words against words, with a model that is computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.align import Reader, WordRows
from index.background import STEPS, Background
from index.lexical import WordWeights

TEXTS = [
    "Opérer les achats, afin de servir les équipes",
    "Suivre l'équipe",
    "…",
]
EVEN = WordWeights(100, {})


@pytest.fixture
def background(encoder: Any) -> Background:
    words = encoder.encode(["achat", "devis", "equipe"], kind="passage")
    texts = encoder.encode(["achat", "achat devis"], kind="passage")
    return Background(("achat", "devis", "equipe"), words, np.array([9.0, 30, 50]), 100, texts)


def test_the_same_stem_counts_in_full_and_half_in_the_tail(encoder: Any) -> None:
    shelf = WordRows.build(TEXTS, encoder)
    both, one = Reader(None, None, EVEN).read(["achats équipe", "équipes"])
    assert both.aligned(shelf, np.arange(3)).tolist() == [0.75, 0.5, 0.0]
    assert one.aligned(shelf, np.array([1, 0])).tolist() == [1.0, 0.5]
    assert both.aligned(shelf, np.zeros(0, np.int64)).tolist() == []


def test_nearness_counts_by_how_rare_it_is(background: Background, encoder: Any) -> None:
    (table,) = background.tables(["achat"], encoder.encode(["achat"]))
    # No word is nearer than "achat" to itself; "achat" alone, of 9 texts, is above a half.
    assert table[STEPS] == 1.0
    expected = (np.log1p(100 / 10) / np.log1p(100)) ** 2 * 0.5**0.5
    assert table[STEPS // 2] == pytest.approx(expected)
    assert table[0] == 0.0
    assert (np.diff(table) >= 0).all()


def test_a_word_that_the_corpus_lacks_tells_half(background: Background, encoder: Any) -> None:
    known, unknown = background.tables(["achat", "achaté"], encoder.encode(["achat", "achaté"]))
    assert unknown.tolist() == pytest.approx((known / 2).tolist())


def test_how_near_a_task_is_to_anything(background: Background, encoder: Any) -> None:
    tasks = encoder.encode(["achat", "pain"])
    assert background.commonness(tasks).tolist() == [
        pytest.approx((1 + 0.5**0.5) / 2, abs=1e-5),
        0.0,
    ]
    left_out = np.array([[True, False], [False, False]])
    assert background.commonness(tasks, left_out)[0] == pytest.approx((0.5**0.5 - 1) / 2, abs=1e-5)


def test_what_is_saved_is_what_is_loaded(
    tmp_path: Path, background: Background, encoder: Any
) -> None:
    shelf = WordRows.build(TEXTS, encoder)
    shelf.save(tmp_path / "words")
    loaded = WordRows.load(tmp_path / "words")
    background.save(tmp_path / "background")
    again = Background.load(tmp_path / "background")
    (task,) = Reader(encoder, background, EVEN).read(["achat pour l'équipe"])
    (same,) = Reader(encoder, again, EVEN).read(["achat pour l'équipe"])
    rows = np.arange(3)
    assert task.aligned(shelf, rows).tolist() == same.aligned(loaded, rows).tolist()
