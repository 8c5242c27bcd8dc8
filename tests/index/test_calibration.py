"""Whether probabilities mean what they say, and how sure the figures are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index.calibrate import calibration_error
from index.encoder import load_encoder
from index.evaluate.calibration import calibration, reliability
from index.evaluate.metrics import intervals, share_interval
from index.evaluate.segments import segments
from index.judge import Judge
from index.pairs import LabelledPair, learned_from


def test_a_reliability_table_by_hand() -> None:
    scores = np.array([0.05, 0.31, 0.33, 0.35, 0.37, 1.0])
    truth = np.array([False, True, False, False, False, True])
    low, middle, high = reliability(scores, truth)
    assert (low["n"], low["told"], low["found"]) == (1, 0.05, 0.0)
    assert (middle["from"], middle["to"], middle["n"]) == (0.3, 0.4, 4)
    assert (middle["told"], middle["found"]) == (0.34, 0.25)
    assert middle["ci"][0] < 0.25 < middle["ci"][1]
    assert (high["from"], high["to"], high["found"]) == (0.9, 1.0, 1.0)
    gaps = sum(abs(b["told"] - b["found"]) * b["n"] for b in (low, middle, high)) / 6
    assert gaps == pytest.approx(calibration_error(scores, truth), abs=1e-4)


def test_interval_of_a_share_by_hand() -> None:
    assert share_interval(0.5, 10) == [0.2366, 0.7634]
    low, high = share_interval(1.0, 5)
    assert (low, high) == (0.5655, 1.0)


def test_rows_of_a_cluster_are_drawn_together() -> None:
    values = np.repeat([0.0, 1.0], 20)

    def mean(rows: np.ndarray) -> dict[str, float]:
        assert len(rows) == 40
        return {"mean": float(values[rows].mean())}

    apart = intervals([np.array([row]) for row in range(40)], mean)
    together = intervals([np.arange(20), np.arange(20, 40)], mean)
    assert together["mean"] == [0.0, 1.0]
    assert 0.2 < apart["mean"][0] < 0.5 < apart["mean"][1] < 0.8
    assert apart == intervals([np.array([row]) for row in range(40)], mean)


def held_out(count: int) -> list[str]:
    """Tasks of the half that is reported."""
    asked = (f"Tenir l'agenda du service {n}" for n in range(1000))
    return [t for t in asked if not learned_from(LabelledPair(t, "", "fits", ""))][:count]


def test_only_the_half_that_was_kept_is_measured() -> None:
    tasks = held_out(6)
    learned = next(
        t
        for n in range(100)
        if learned_from(LabelledPair(t := f"Souder le tube {n}", "", "fits", ""))
    )
    pairs = [
        *(LabelledPair(t, "Tenir un agenda et fixer des rendez-vous", "fits", "a") for t in tasks),
        *(LabelledPair(t, "Souder des tubes en acier", "does_not", "a") for t in tasks),
        LabelledPair(tasks[0], "Tenir un agenda partagé", "fits", "b"),
        LabelledPair(learned, "Souder des tubes", "fits", "a"),
    ]
    judge = Judge(4.0, 4.0, 0.0, -4.0, covers=0.6, unclear=0.4, relative=0.6)
    figures = calibration(load_encoder(), pairs, judge)
    assert figures["n"] == 13
    assert figures["area_under_curve"] == 1.0
    assert figures["covers_recall"] == 1.0
    assert figures["bands"]["covers"] == {"fits": 7, "partly": 0, "does_not": 0}
    assert sum(sum(labels.values()) for labels in figures["bands"].values()) == 13
    assert sum(each["n"] for each in figures["reliability"]) == 13
    # All pairs of "b" fit: nothing is to be told apart.
    assert figures["fields"] == {"a": {"n": 12, "area_under_curve": 1.0}}
    assert "calibration_error" not in figures["ci"]
    assert figures["ci"]["area_under_curve"] == [1.0, 1.0]
    assert json.loads(json.dumps(figures)) == figures


def labelled(text: str, kinds: dict[str, str]) -> dict[str, object]:
    return {
        "text": text,
        "segments": [
            {"start": text.index(part), "end": text.index(part) + len(part), "kind": kind}
            for part, kind in kinds.items()
        ],
    }


def test_segments_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    offer = (
        "Missions :\n- Tondre les pelouses\n- Tailler les haies\n"
        "Avantages :\n- Panier repas\n- Véhicule de service\n"
    )
    wrong = {
        "Tondre les pelouses": "task",
        "Tailler les haies": "benefit",
        "Panier repas": "task",
        "Véhicule de service": "benefit",
    }
    path.write_text(json.dumps([labelled(offer, wrong)] * 2), "utf-8")
    figures = segments(path)
    mowing, cutting, meal = 17, 15, 11  # letters of the first three items
    assert figures["n"] == 2
    assert figures["precision"] == round(mowing / (mowing + cutting), 4)
    assert figures["recall"] == round(mowing / (mowing + meal), 4)
    assert figures["taken"] == {
        "benefit": round(cutting / (cutting + 17), 4),
        "task": figures["recall"],
    }
    assert figures["ci"]["recall"] == [figures["recall"]] * 2
