"""judge.json and fusion.json, learned from labelled pairs of a task and a competency.

    python -m index.calibrate

To be run again whenever a model changes; needs the second stage. Half of the pairs, by hash of the
task, are learned from; the figures that it prints are of the other half.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.align import Reader, WordRows
from index.background import Background, background_texts
from index.encoder import Encoder, load_encoder
from index.judge import Judge, Stages, save
from index.lexical import Lexical, WordWeights, content, stems
from index.pairs import LabelledPair, learned_from, read_pairs
from index.score import SIGNALS, Fusion
from index.second import SecondStage
from index.tasks import lead_in

_HERE = Path(__file__).parent
COVERS = 0.85
"""The part of the band "covers" that fits, among the pairs that are learned from. More than the 0.8
that it promises: the pairs are near misses chosen by hand, and a whole register puts the best of
thousands beside a task. With 0.8 more than half of the tasks had such an accident in that band
among 600 competences of other fields, with 0.85 a quarter."""
TOLD = 0.9
"""What a match that is told promises: the part of them that fit at least partly."""
RELATIVE = 0.6
"""Part of the task's best score that a further match needs. Set by hand: the pairs, all near
misses, say little of the hundreds of far ones that a whole register puts beside a good match."""
_BINS = 10

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def signals(
    pairs: Sequence[LabelledPair], encoder: Encoder, second: Encoder | None = None
) -> Values:
    """dense, aligned, common, second and lexical of each pair: (pairs, 5), as the matcher has them.

    A competency that is labelled with a task is no background for that task. second: None for 0.
    """
    queries = [lead_in(pair.task) for pair in pairs]
    texts = [pair.competency for pair in pairs]
    asked = encoder.encode([content(q) for q in queries], kind="query")
    stated = encoder.encode([content(t) for t in texts], kind="passage")
    dense = np.einsum("ij,ij->i", asked.astype(np.float64), stated.astype(np.float64))
    background, weights = Background.of(encoder), WordWeights.shipped()
    labelled: dict[str, set[str]] = {}
    for pair in pairs:
        labelled.setdefault(pair.task, set()).add(pair.competency)
    left_out = np.array([[t in labelled[pair.task] for t in background_texts()] for pair in pairs])
    shelf, words = WordRows.build(texts, encoder), Lexical.build(texts)
    read = Reader(encoder, background, weights).read(queries)
    aligned, lexical = [], []
    for row, (query, task) in enumerate(zip(queries, read, strict=True)):
        only = np.array([row])
        aligned.append(float(task.aligned(shelf, only)[0]))
        lexical.append(float(words.shared(stems(query), only, weights)[0]))
    common = background.commonness(asked, left_out)
    again = np.zeros(len(pairs))
    if second is not None:
        again = np.einsum("ij,ij->i", second.encode(queries), second.encode(texts))
    return np.column_stack([np.clip(dense, 0, 1), aligned, common, np.clip(again, 0, 1), lexical])


def learn(values: Values, fits: Flags, meets: Flags) -> Judge:
    """Weights and cuts from the signals of labelled pairs.

    Args:
        values: (n, 5), as `signals` gives them. fits: label "fits"; meets: "fits" or "partly".
    """
    from sklearn.linear_model import LogisticRegression  # a second to import

    model = LogisticRegression(C=10.0).fit(values[:, :4], fits)
    dense, aligned, common, second = (float(w) for w in model.coef_[0])
    raw = Judge(
        dense=round(max(dense, 0.0), 4),
        aligned=round(max(aligned, 0.0), 4),
        common=round(max(-common, 0.0), 4),
        intercept=round(float(model.intercept_[0]), 4),
        covers=1.0,
        unclear=0.0,
        relative=RELATIVE,
        second=round(max(second, 0.0), 4),
    )
    scores = probabilities(values, raw)
    return replace(
        raw,
        covers=_least_with_precision(scores, fits, COVERS),
        unclear=_least_with_precision(scores, meets, TOLD),
    )


def learn_fusion(values: Values, fits: Flags, meets: Flags) -> Fusion:
    """Weights of cosine and shared words alone, by which certifications are compared."""
    from sklearn.linear_model import LogisticRegression

    pair = values[:, [0, 4]]
    weights = np.clip(LogisticRegression(C=100.0).fit(pair, fits).coef_[0], 0, None)
    weights = np.round(weights / weights.sum(), 4)
    threshold = _least_with_precision(pair @ weights, meets, 0.85)
    return Fusion(dict(zip(SIGNALS, weights.tolist(), strict=True)), round(threshold, 4), RELATIVE)


def probabilities(values: Values, judge: Judge) -> Values:
    """(n,): what the judge says of each pair's signals."""
    return np.asarray(judge.scores(*values[:, :4].T), np.float64)


def measure(values: Values, fits: Flags, judge: Judge) -> dict[str, float]:
    """Area under the curve, expected calibration error, precision and recall of the bands."""
    scores = probabilities(values, judge)
    covers = scores >= judge.covers
    return {
        "pairs": len(fits),
        "area_under_curve": area_under_curve(scores, fits),
        "calibration_error": calibration_error(scores, fits),
        "covers_precision": round(float(fits[covers].mean()), 4) if covers.any() else 0.0,
        "covers_recall": round(float(covers[fits].mean()), 4),
        "precision_at_recall_60": precision_at(scores, fits, 0.6),
        "told_recall": round(float((scores >= judge.unclear)[fits].mean()), 4),
    }


def area_under_curve(scores: Values, truth: Flags) -> float:
    """How often a true pair scores above a false one, ties counting half."""
    true, false = np.sort(scores[truth]), np.sort(scores[~truth])
    below = np.searchsorted(false, true, "left") + np.searchsorted(false, true, "right")
    return round(float(below.mean()) / (2 * len(false)), 4)


def precision_at(scores: Values, truth: Flags, recall: float) -> float:
    """Precision of the best scores that hold this part of the true pairs."""
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(truth[order])
    last = int(np.searchsorted(found, recall * truth.sum()))
    return round(float(found[last] / (last + 1)), 4)


def calibration_error(probabilities: Values, truth: Flags) -> float:
    """Mean distance of probability and frequency over ten equal bins, by their numbers."""
    bins = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(float(probabilities[bins == b].mean() - truth[bins == b].mean())) * (bins == b).sum()
        for b in range(_BINS)
        if (bins == b).any()
    ]
    return round(float(sum(gaps)) / len(truth), 4)


def _least_with_precision(values: Values, truth: Flags, wanted: float) -> float:
    """The lowest value from which on this part of the pairs is true; 1 where none is."""
    order = np.argsort(-values, kind="stable")
    precision = np.cumsum(truth[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= wanted)
    return float(values[order[good[-1]]]) if len(good) else 1.0


def main() -> None:
    """Learn on one half, write the two files, and print what the other half says."""
    pairs = read_pairs()
    values = signals(pairs, load_encoder(), SecondStage())
    fits = np.array([pair.label == "fits" for pair in pairs])
    meets = np.array([pair.label != "does_not" for pair in pairs])
    half = np.array([learned_from(pair) for pair in pairs])
    alone = values * [1, 1, 1, 0, 1]
    judges: dict[Stages, Judge] = {
        "first": learn(alone[half], fits[half], meets[half]),
        "both": learn(values[half], fits[half], meets[half]),
    }
    save(judges)
    fusion = learn_fusion(values[half], fits[half], meets[half])
    _write(
        "fusion.json",
        {**fusion.weights, "threshold": fusion.threshold, "relative": fusion.relative},
    )
    for stages, judge in judges.items():
        print(stages, json.dumps(measure(values[~half], fits[~half], judge), indent=2))


def _write(name: str, content: Mapping[str, float]) -> None:
    (_HERE / name).write_text(json.dumps(content, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
