"""fusion.json and calibration.json, learned from labelled pairs of a task and a competency.

    python -m index.calibrate

Half of the pairs, by hash of the task, are learned from; the figures that it prints are of the
other half. One logistic model gives both: its weights, adding up to 1, make the score, and the
score's slope and intercept its probability.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, load_encoder
from index.lexical import Lexical, WordWeights, content, stems
from index.score import SIGNALS, Calibration, Fusion
from index.tasks import lead_in

_HERE = Path(__file__).parent
COVERS = 0.8
"""What the band "covers" promises: the part of it that fits."""
TOLD = 0.85
"""What a match that is told promises: the part of them that fit at least partly."""
RELATIVE = 0.6
"""Part of the task's best score that a further match needs. Set by hand: the pairs, all near
misses, say little of the hundreds of far ones that a whole register puts beside a good match."""
_BINS = 10

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A task and a competency; label: "fits", "partly" or "does_not", by evaluate/pairs.md."""

    task: str
    competency: str
    label: str
    field: str


def read_pairs(path: Path = _HERE / "evaluate" / "pairs.json") -> list[LabelledPair]:
    return [LabelledPair(**pair) for pair in json.loads(path.read_text("utf-8"))]


def learned_from(pair: LabelledPair) -> bool:
    """Whether the pair is in the half that choices are made on."""
    return zlib.crc32(pair.task.encode()) % 2 == 0


def signals(pairs: Sequence[LabelledPair], encoder: Encoder) -> Values:
    """(pairs, signals), each 0 to 1, computed as the matcher computes them."""
    queries = [lead_in(pair.task) for pair in pairs]
    texts = [pair.competency for pair in pairs]
    asked = encoder.encode([content(q) for q in queries], kind="query").astype(np.float64)
    stated = encoder.encode([content(t) for t in texts], kind="passage").astype(np.float64)
    dense = np.clip(np.einsum("ij,ij->i", asked, stated), 0, 1)
    words, weights = Lexical.build(texts), WordWeights.shipped()
    lexical = [
        float(words.shared(stems(query), np.array([row]), weights)[0])
        for row, query in enumerate(queries)
    ]
    return np.column_stack([dense, lexical])


def learn(values: Values, fits: Flags, meets: Flags) -> tuple[Fusion, Calibration]:
    """Weights, cuts and calibration from the signals of labelled pairs.

    Args:
        values: (n, signals). fits: label "fits"; meets: "fits" or "partly".
    """
    from sklearn.linear_model import LogisticRegression  # a second to import

    model = LogisticRegression(C=100.0).fit(values, fits)
    raw = np.clip(model.coef_[0], 0, None)
    weights = raw / raw.sum()
    scores = values @ weights
    single = LogisticRegression(C=1e6).fit(scores[:, None], fits)
    slope, intercept = float(single.coef_[0, 0]), float(single.intercept_[0])
    probabilities = 1 / (1 + np.exp(-(slope * scores + intercept)))
    covers = _least_with_precision(probabilities, fits, COVERS)
    threshold = _least_with_precision(scores, meets, TOLD)
    unclear = 1 / (1 + np.exp(-(slope * threshold + intercept)))
    fusion = Fusion(
        dict(zip(SIGNALS, np.round(weights, 4).tolist(), strict=True)),
        round(threshold, 4),
        RELATIVE,
    )
    calibration = Calibration(
        round(slope, 4), round(intercept, 4), round(covers, 4), round(float(unclear), 4)
    )
    return fusion, calibration


def measure(
    values: Values, fits: Flags, fusion: Fusion, calibration: Calibration
) -> dict[str, float]:
    """Expected calibration error, and precision and recall of the band "covers"."""
    scores = values @ np.array([fusion.weights[name] for name in SIGNALS])
    probabilities = np.array([calibration.probability(float(score)) for score in scores])
    covers = probabilities >= calibration.covers
    return {
        "pairs": len(fits),
        "calibration_error": calibration_error(probabilities, fits),
        "covers_precision": round(float(fits[covers].mean()), 4) if covers.any() else 0.0,
        "covers_recall": round(float(covers[fits].mean()), 4),
        "told_recall": round(float((scores >= fusion.threshold)[fits].mean()), 4),
    }


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
    values = signals(pairs, load_encoder())
    fits = np.array([pair.label == "fits" for pair in pairs])
    meets = np.array([pair.label != "does_not" for pair in pairs])
    half = np.array([learned_from(pair) for pair in pairs])
    fusion, calibration = learn(values[half], fits[half], meets[half])
    _write(
        "fusion.json",
        {**fusion.weights, "threshold": fusion.threshold, "relative": fusion.relative},
    )
    _write("calibration.json", {name: getattr(calibration, name) for name in Calibration.__slots__})
    print(json.dumps(measure(values[~half], fits[~half], fusion, calibration), indent=2))


def _write(name: str, content: Mapping[str, float]) -> None:
    (_HERE / name).write_text(json.dumps(content, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
