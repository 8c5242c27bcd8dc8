"""Weights and probabilities learned from labelled pairs, and the shipped numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from index.calibrate import (
    area_under_curve,
    calibration_error,
    learn,
    learn_fusion,
    measure,
    precision_at,
    signals,
)
from index.encoder import load_encoder
from index.judge import Judge
from index.pairs import LabelledPair, learned_from, read_pairs
from index.score import SIGNALS, Fusion
from index.second import SecondStage
from kb.errors import InvalidSetting


def noisy(fits: np.ndarray, telling: int) -> np.ndarray:
    """Five signals, of which one tells."""
    rng = np.random.default_rng(0)
    values = np.full((len(fits), 5), 0.5)
    values[:, telling] = np.where(fits, 0.7, 0.3)
    return np.clip(values + 0.1 * rng.standard_normal(values.shape), 0, 1)


def test_the_signal_that_tells_gets_the_weight() -> None:
    fits = np.arange(2000) % 2 == 0
    values = noisy(fits, 1)
    judge = learn(values, fits, fits)
    assert judge.aligned > 5 * max(judge.dense, judge.common, judge.second)
    assert learn(noisy(fits, 3), fits, fits).second > 10
    figures = measure(values, fits, judge)
    assert figures["covers_precision"] >= 0.79
    assert figures["calibration_error"] < 0.05
    assert figures["area_under_curve"] > 0.95
    assert learn_fusion(noisy(fits, 0), fits, fits).weights["dense"] > 0.9


def test_area_under_the_curve_and_precision_by_hand() -> None:
    scores, truth = np.array([0.9, 0.8, 0.8, 0.1]), np.array([True, True, False, False])
    assert area_under_curve(scores, truth) == 0.875
    assert precision_at(scores, truth, 0.5) == 1.0
    assert precision_at(np.array([0.9, 0.8, 0.7]), np.array([False, True, True]), 0.5) == 0.5


def test_calibration_error_by_hand() -> None:
    probabilities = np.array([0.85, 0.85, 0.15, 0.15])
    assert calibration_error(probabilities, np.array([True, True, False, False])) == 0.15
    assert calibration_error(probabilities, np.array([True, False, False, False])) == 0.25


def test_both_halves_are_used_and_a_task_stands_in_one() -> None:
    pairs = read_pairs()
    half = [learned_from(pair) for pair in pairs]
    assert 0.35 < sum(half) / len(half) < 0.65
    assert len(pairs) >= 1000


def test_signals_are_between_0_and_1() -> None:
    pairs = [
        LabelledPair("Tenir l'agenda", "Tenir l'agenda, afin d'aider", "fits", "x"),
        LabelledPair("Tenir l'agenda", "Souder des tubes", "does_not", "x"),
    ]
    values = signals(pairs, load_encoder())
    assert values.shape == (2, 5)
    assert values.min() >= 0
    assert values.max() <= 1
    assert values[0, 0] > values[1, 0]
    assert values[0, 1] == 1.0
    assert values[1, 1] < 0.3
    assert values[:, 3].tolist() == [0.0, 0.0]
    assert values[:, 4].tolist() == [1.0, 0.0]
    again = signals(pairs, load_encoder(), SecondStage())
    assert again[0, 3] > again[1, 3]


def test_shipped_probabilities_mean_what_they_say() -> None:
    pairs = [pair for pair in read_pairs() if not learned_from(pair)]
    fits = np.array([pair.label == "fits" for pair in pairs])
    values = signals(pairs, load_encoder(), SecondStage())
    alone = measure(values * [1, 1, 1, 0, 1], fits, Judge.shipped("first"))
    both = measure(values, fits, Judge.shipped("both"))
    for figures in (alone, both):
        assert figures["calibration_error"] <= 0.05
        assert figures["covers_precision"] >= 0.75
    assert alone["area_under_curve"] >= 0.76
    assert both["area_under_curve"] >= 0.81


def test_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(InvalidSetting, match=r"fusion\.json"):
        Fusion({"dense": 0.5, "lexical": 0.4}, 0.1)
    with pytest.raises(InvalidSetting):
        Fusion({"dense": 1.0}, 0.1)


def test_a_match_far_below_the_best_is_not_told() -> None:
    judge = Judge(1.0, 1.0, 0.0, 0.0, covers=0.7, unclear=0.2, relative=0.5)
    assert judge.told(np.array([0.8, 0.4, 0.39, 0.1])).tolist() == [0, 1]
    assert judge.told(np.array([0.3, 0.19])).tolist() == [0]
    assert judge.told(np.zeros(0)).tolist() == []
    assert [judge.band(p) for p in (0.7, 0.69, 0.19)] == ["covers", "unclear", "does_not"]


def test_the_file_of_weights_has_the_signals() -> None:
    assert json.dumps(sorted(Fusion.shipped().weights)) == json.dumps(sorted(SIGNALS))
