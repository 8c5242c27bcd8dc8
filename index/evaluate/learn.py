"""The weights of rank.json, learned on labels: a linear score whose softmax over the entries of
a question falls on the right ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder
from index.evaluate import tasks
from index.evaluate.tasks import FOLDS, Variant, fold
from index.rank import SIGNALS, WEIGHTS, Ranker
from kb.reference import EvaluationTables

_NEAREST, _BY_CHANCE = 60, 200  # entries set against the right ones: of each signal, and at random
_PENALTY = 1e-3  # on the squares of the weights, signals scaled to unit spread

USED: Mapping[str, tuple[str, ...]] = {
    "certification": SIGNALS[:-1],
    "certification_by_code": SIGNALS[:-1],
    "programme": ("main", "about", "parts", "words"),
    "occupation": ("name", "main", "text", "parts", "title_words", "words"),
    "block": ("main", "about", "text_name", "parts", "title_words", "words"),
}
"""The signals that have something to say in each profile."""


_SET: Mapping[str, Mapping[str, float]] = {
    "encoder": {"name": 1.0},
    "names": {"name": 0.33333, "second": 0.66667},
}
"""Weights that are no labels' result. Of names: the best of five proportions on T1's half for
choices."""


def learn_weights(
    tables: EvaluationTables, encoder: Encoder, path: Path = WEIGHTS
) -> dict[str, Any]:
    """Learn all profiles and write them to `path`. Needs torch.

    The weights for offers are learned on job sheets, since offers are for measuring only.
    """
    text, coded = tasks.job_sheets(tables, encoder)
    profiles: dict[str, Any] = {
        name: {"weights": weights, "folds": [weights] * FOLDS} for name, weights in _SET.items()
    }
    for profile, variant in (
        ("certification", text),
        ("certification_by_code", coded),
        ("programme", tasks.occupations(tables)),
        ("occupation", tasks.job_names(tables)),
        ("block", tasks.blocks(tables)),
    ):
        profiles[profile] = learn(variant, encoder, USED[profile])
    path.write_text(json.dumps(profiles, indent=1) + "\n", "utf-8")
    return profiles


def learn(variant: Variant, encoder: Encoder, used: Sequence[str]) -> dict[str, Any]:
    """{"weights": …, "folds": [… of the five]} for one profile.

    used: the signals that may have a weight. The weights of fold n are learned on the questions
    of all other folds. Absolute values add up to 1.
    """
    ranker = Ranker(variant.entries, encoder)
    lists, truths, folds = [], [], []
    for question, right in zip(variant.questions, variant.right, strict=True):
        signals = ranker.signals(question, used)[:, [SIGNALS.index(name) for name in used]]
        rows = _candidates(signals, sorted(right), question.key)
        lists.append(signals[rows])
        truths.append(np.isin(rows, list(right)))
        folds.append(fold(question.key))
    by_fold = np.array(folds)

    def fitted(kept: npt.NDArray[np.int64]) -> Mapping[str, float]:
        return _fit([lists[n] for n in kept], [truths[n] for n in kept], used)

    return {
        "weights": fitted(np.arange(len(lists))),
        "folds": [fitted(np.flatnonzero(by_fold != n)) for n in range(FOLDS)],
    }


def _candidates(
    signals: npt.NDArray[np.float32], right: Sequence[int], key: str
) -> npt.NDArray[np.int64]:
    near = np.argsort(-signals, axis=0, kind="stable")[:_NEAREST].ravel()
    random = np.random.default_rng(sum(key.encode()))
    far = random.choice(len(signals), min(_BY_CHANCE, len(signals)), replace=False)
    return np.unique(np.concatenate([near, far, np.array(right, np.int64)]))


def _fit(
    lists: Sequence[npt.NDArray[np.float32]],
    truths: Sequence[npt.NDArray[np.bool_]],
    used: Sequence[str],
) -> Mapping[str, float]:
    import torch

    longest = max(map(len, lists))
    signals = np.zeros((len(lists), longest, len(used)), np.float32)
    right = np.zeros((len(lists), longest), np.float32)
    absent = np.ones((len(lists), longest), bool)
    for n, (rows, truth) in enumerate(zip(lists, truths, strict=True)):
        signals[n, : len(rows)] = rows
        right[n, : len(rows)] = truth / truth.sum()
        absent[n, : len(rows)] = False
    spread = np.concatenate(lists).std(0)
    spread[spread < 1e-6] = np.inf  # a signal that never changes gets no weight
    inputs = torch.from_numpy(signals / spread)
    wanted, masked = torch.from_numpy(right), torch.from_numpy(absent)
    weights = torch.full((len(used),), 0.3, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = (inputs @ weights).masked_fill(masked, -1e4)
        cost = -(wanted * scores.log_softmax(1)).sum(1).mean() + _PENALTY * weights.square().sum()
        cost.backward()
        return cost

    optimizer.step(loss)
    found = weights.detach().numpy() / spread
    found = found / np.abs(found).sum()
    return {name: round(float(w), 5) for name, w in zip(used, found, strict=True)}
