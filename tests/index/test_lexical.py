"""French stems, BM25, and what part of a text's words another has."""

from __future__ import annotations

import math
from pathlib import Path

import bm25s
import numpy as np
import pytest

from index.lexical import Lexical, WordWeights, content, stems, words

TEXTS = [
    "Gérer les achats de fournitures",
    "Tenir l'agenda de la direction",
    "Rédiger les devis des clients et suivre les clients",
    "Organiser l’agenda",
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("l'achat d’équipements", "ACHATS EQUIPEMENT"),
        ("Assistant(e) commercial(e) (H/F)", "assistant commercial"),
        ("la gestion des congés", "gestion congé"),
        ("qu'elle organise", "organiser"),
        ("cœur de métier", "coeur metier"),
    ],
)
def test_what_is_written_otherwise_has_the_same_stems(one: str, other: str) -> None:
    assert stems(one) == stems(other)


def test_words_without_meaning_fall_away() -> None:
    assert stems("ainsi que de la, et pour les : !") == []
    assert stems("C++ et C#") == ["c++", "c#"]


def test_content_keeps_the_meaningful_words_in_order() -> None:
    assert content("L’aménagement des locaux (H/F)") == "amenagement locaux"
    assert content("de la") == "de la"


def test_words_know_their_place() -> None:
    text = "L’aménagement des locaux"
    assert [text[w.start : w.end] for w in words(text)] == ["aménagement", "locaux"]


def test_bm25_by_hand() -> None:
    lexical = Lexical.build(TEXTS)
    scores, rows = lexical.search(stems("agenda"), 10)
    assert rows.tolist() == [3, 1]  # the shorter text first
    tokens = [len(stems(text)) for text in TEXTS]
    idf = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    for row, score in zip(rows, scores, strict=True):
        length = 1 - 0.75 + 0.75 * tokens[row] / (sum(tokens) / 4)
        assert score == pytest.approx(idf / (1 + 1.5 * length), abs=1e-4)


def invented(texts: int, seed: int) -> list[str]:
    """Texts of words whose frequencies fall as those of a language do."""
    rng = np.random.default_rng(seed)
    words = [f"mot{n}xyz" for n in range(400)]
    share = 1 / np.arange(1, 401)
    return [
        " ".join(rng.choice(words, rng.integers(3, 25), p=share / share.sum()))
        for _ in range(texts)
    ]


def test_bm25_as_bm25s_has_it() -> None:
    texts = invented(600, 1)
    lexical = Lexical.build(texts)
    theirs = bm25s.BM25(method="lucene")
    theirs.index([stems(text) for text in texts], show_progress=False)
    for query in (stems(text) for text in invented(20, 2)):
        expected = theirs.get_scores(sorted(set(query)))
        scores, rows = lexical.search(query, len(texts))
        assert set(rows.tolist()) == set(np.flatnonzero(expected > 0).tolist())
        np.testing.assert_allclose(scores, expected[rows], atol=3e-3)


@pytest.mark.parametrize("read", [1, 200, 1000])
def test_rare_stems_find_what_all_of_them_find(read: int) -> None:
    lexical = Lexical.build(invented(3000, 3))
    shared = []
    for query in (stems(text) for text in invented(40, 4)):
        every, some = lexical.search(query, 10), lexical.search(query, 10, read)
        both = set(every[1].tolist()) & set(some[1].tolist())
        shared.append(len(both) / len(every[1]))
        # What both find has the same score: common stems count as well.
        scores = [
            dict(zip(rows.tolist(), given.tolist(), strict=True)) for given, rows in (every, some)
        ]
        assert all(scores[0][row] == scores[1][row] for row in both)
    assert np.mean(shared) >= {1: 0.3, 200: 0.8, 1000: 0.95}[read]


def test_ties_and_limits() -> None:
    lexical = Lexical.build(["Danser", "Peindre", "Danser"] * 10)
    scores, rows = lexical.search(stems("danser"), 3)
    assert rows.tolist() == [0, 2, 3]
    assert len(set(scores.tolist())) == 1
    with pytest.raises(ValueError, match="k is 0"):
        lexical.search(["x"], 0)


def test_unknown_words_find_nothing() -> None:
    scores, rows = Lexical.build(TEXTS).search(stems("astronomie"), 5)
    assert len(scores) == len(rows) == 0


def test_the_shared_part_of_the_words_by_weight() -> None:
    weights = WordWeights(documents=100, counts={"achat": 9, "fournitur": 1})
    lexical = Lexical.build(TEXTS)
    shared = lexical.shared(stems("achats, fournitures, planètes"), np.arange(4), weights)
    a, f, p = (weights.of(stem) for stem in stems("achats fournitures planètes"))
    assert shared.tolist() == [pytest.approx((a + f) / (a + f + p), abs=1e-5), 0, 0, 0]
    assert a < f < p == 1
    assert lexical.shared(stems("clients"), np.array([2, 0]), weights).tolist() == [1.0, 0.0]
    assert lexical.shared([], np.arange(4), weights).tolist() == [0.0] * 4


def test_a_word_in_the_tail_counts_half() -> None:
    lexical = Lexical.build(["Suivre les stocks de farine, afin de servir la boulangerie"])
    weights = WordWeights(10, {})
    assert lexical.shared(stems("farine"), np.array([0]), weights).tolist() == [1.0]
    assert lexical.shared(stems("boulangerie"), np.array([0]), weights).tolist() == [0.5]


def test_rare_words_weigh_more() -> None:
    weights = WordWeights.count(["gérer les stocks", "gérer", "gérer", "gérer le levain"], 1)
    assert weights.of(stems("gérer")[0]) < weights.of(stems("levain")[0]) < weights.of("unknown")
    assert WordWeights.shipped().of(stems("assurer")[0]) < WordWeights.shipped().of("levain")


def test_a_saved_index_answers_alike(tmp_path: Path) -> None:
    lexical = Lexical.build(TEXTS)
    lexical.save(tmp_path)
    loaded = Lexical.load(tmp_path)
    weights = WordWeights(10, {})
    for query in ("agenda de direction", "clients", "rien"):
        for mine, theirs in zip(
            lexical.search(stems(query), 5), loaded.search(stems(query), 5), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)
        np.testing.assert_array_equal(
            lexical.shared(stems(query), np.arange(4), weights),
            loaded.shared(stems(query), np.arange(4), weights),
        )


@pytest.mark.parametrize("texts", [[], ["", "de la"]])
def test_no_word_at_all(tmp_path: Path, texts: list[str]) -> None:
    Lexical.build(texts).save(tmp_path)
    lexical = Lexical.load(tmp_path)
    assert lexical.rows == len(texts)
    assert len(lexical.search(["agenda"], 3)[0]) == 0
    assert not lexical.shared(["agenda"], np.arange(len(texts)), WordWeights(1, {})).any()


def test_texts_that_have_a_stem() -> None:
    lexical = Lexical.build(TEXTS)
    agenda = [row for row, text in enumerate(TEXTS) if "agend" in stems(text)]
    assert agenda
    assert lexical.having("agend").tolist() == agenda
    assert lexical.having("xylophon").tolist() == []
