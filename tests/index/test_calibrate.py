"""Weights and probabilities learned from labelled pairs, and the shipped numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from index.calibrate import (
    LabelledPair,
    calibration_error,
    learn,
    learned_from,
    measure,
    read_pairs,
    signals,
)
from index.encoder import load_encoder
from index.score import SIGNALS, Calibration, Fusion
from kb.errors import InvalidSetting


def test_the_signal_that_tells_gets_the_weight() -> None:
    rng = np.random.default_rng(0)
    fits = np.arange(400) % 2 == 0
    values = np.column_stack([np.where(fits, 0.7, 0.3), np.full(400, 0.5)])
    values = np.clip(values + 0.1 * rng.standard_normal(values.shape), 0, 1)
    fusion, calibration = learn(values, fits, fits)
    assert fusion.weights["dense"] > 0.9
    assert sum(fusion.weights.values()) == pytest.approx(1)
    figures = measure(values, fits, fusion, calibration)
    assert figures["covers_precision"] >= 0.79
    assert figures["calibration_error"] < 0.05


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
    assert values.shape == (2, len(SIGNALS))
    assert values.min() >= 0
    assert values.max() <= 1
    assert values[0].tolist() > values[1].tolist()
    assert values[:, 1].tolist() == [1.0, 0.0]


def test_shipped_probabilities_mean_what_they_say() -> None:
    pairs = [pair for pair in read_pairs() if not learned_from(pair)]
    calibration = Calibration.shipped()
    assert calibration is not None
    fits = np.array([pair.label == "fits" for pair in pairs])
    figures = measure(signals(pairs, load_encoder()), fits, Fusion.shipped(), calibration)
    assert figures["calibration_error"] <= 0.05


def test_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(InvalidSetting, match=r"fusion\.json"):
        Fusion({"dense": 0.5, "lexical": 0.4}, 0.1)
    with pytest.raises(InvalidSetting):
        Fusion({"dense": 1.0}, 0.1)


def test_a_match_far_below_the_best_is_not_told() -> None:
    fusion = Fusion({"dense": 1.0, "lexical": 0.0}, threshold=0.2, relative=0.5)
    assert fusion.told(np.array([0.8, 0.4, 0.39, 0.1])).tolist() == [0, 1]
    assert fusion.told(np.array([0.3, 0.19])).tolist() == [0]
    assert fusion.told(np.zeros(0)).tolist() == []


def test_the_file_of_weights_has_the_signals() -> None:
    assert json.dumps(sorted(Fusion.shipped().weights)) == json.dumps(sorted(SIGNALS))
