"""Ranking whole things, with an encoder that is computed by hand: counts of a few words."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from index.codes import CodeReader
from index.encoder import Kind, Vectors
from index.rank import SIGNALS, WEIGHTS, Ranker, Thing, order, shipped_folds, shipped_weights
from kb.errors import InvalidSetting

WORDS = ("dragon", "griffon", "nourrir", "soigner")


class Counts:
    name, revision, dimension = "counts", "1", len(WORDS) + 1

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:  # noqa: ARG002
        rows = [[0.01, *(text.lower().count(word) for word in WORDS)] for text in texts]
        found = np.array(rows, np.float32).reshape(-1, self.dimension)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


ENTRIES = (
    Thing("a", ("Dragon", "Maison du griffon"), ("Nourrir le griffon",), {"Z1": 1.0}, {"4": 1.0}),
    Thing("b", ("Griffon",), (), {"Z1": 0.5, "Z2": 0.5}, prior=1.0),
    Thing("c", ("Nourrir un dragon",), ("Soigner un dragon", "Nourrir un griffon")),
)


def signal(question: Thing, name: str) -> list[float]:
    found = Ranker(ENTRIES, Counts()).signals(question)
    assert found.shape == (len(ENTRIES), len(SIGNALS))
    return [round(float(value), 2) for value in found[:, SIGNALS.index(name)]]


def test_names_count_by_the_nearest_and_by_the_main_one() -> None:
    question = Thing("q", ("griffon",))
    assert signal(question, "name") == [1.0, 1.0, 0.0]
    assert signal(question, "main") == [0.0, 1.0, 0.0]


def test_parts_count_by_the_mean_of_the_nearest() -> None:
    question = Thing("q", ("x",), ("nourrir", "soigner"))
    assert signal(question, "parts") == [round((0.71 + 0) / 2, 2), 0.0, round((0.71 + 0.71) / 2, 2)]
    assert signal(Thing("q", ("x",)), "parts") == [0, 0, 0]


def test_words_are_relative_to_the_best_entry() -> None:
    found = signal(Thing("q", ("Soigner un dragon",)), "title_words")
    assert found[2] == 1
    assert 0 < found[0] < 1
    assert found[1] == 0
    assert signal(Thing("q", ("inconnu",)), "title_words") == [0, 0, 0]


def test_codes_levels_and_prior() -> None:
    question = Thing("q", ("x",), codes={"Z1": 1.0, "Z2": 1.0, "Z9": 1.0}, levels={"4": 0.5})
    assert signal(question, "codes") == [1.0, 1.0, 0.0]
    assert signal(question, "levels") == [0.5, 0.0, 0.0]
    assert signal(question, "prior") == [0.0, 1.0, 0.0]


def test_order_is_by_weighted_sum_and_ties_by_position() -> None:
    signals = np.zeros((3, len(SIGNALS)), np.float32)
    signals[:, 0] = [0.2, 0.5, 0.2]
    assert order(signals, {SIGNALS[0]: 1.0}).tolist() == [1, 0, 2]
    assert order(signals, {SIGNALS[0]: -1.0}).tolist() == [0, 2, 1]
    assert order(signals, {}).tolist() == [0, 1, 2]


def test_rank_is_the_order_of_the_signals() -> None:
    assert Ranker(ENTRIES, Counts()).rank(Thing("q", ("griffon",)), {"main": 1.0})[0] == 1


def test_shipped_profiles_name_known_signals_and_have_five_folds() -> None:
    for profile in json.loads(WEIGHTS.read_text("utf-8")):
        assert set(shipped_weights(profile)) <= set(SIGNALS)
        folds = shipped_folds(profile)
        assert len(folds) == 5
        assert all(set(fold) == set(shipped_weights(profile)) for fold in folds)


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="encoder"):
        shipped_weights("nothing")


def test_codes_of_a_text_are_those_of_its_neighbours() -> None:
    reader = CodeReader(
        [("dragon", ["Z1"]), ("griffon", ["Z2", "Z3"]), ("dragon griffon", ["Z1", "Z2"])],
        Counts(),
        neighbours=2,
        sharpness=2,
    )
    (found,) = reader.read(["griffon"])
    assert max(found.values()) == 1
    assert set(found) == {"Z1", "Z2", "Z3"}
    assert found["Z2"] > found["Z3"] > found["Z1"]


def test_without_known_texts_there_are_no_codes() -> None:
    assert CodeReader([], Counts()).read(["dragon"]) == [{}]
