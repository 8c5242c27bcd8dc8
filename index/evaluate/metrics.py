"""How good a ranking is, and how sure we are of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NAMES = ("mrr", "hit1", "hit5", "recall10", "ndcg10")
_DRAWS = 1000
_NORMAL_95 = 1.959964

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Judged:
    """One question's figures, each 0 to 1. rank: of the best right entry, from 1. first: position
    of the entry that is ranked first."""

    key: str
    first: int
    rank: int
    recall10: float
    ndcg10: float

    def figure(self, name: str) -> float:
        match name:
            case "mrr":
                return 1 / self.rank
            case "hit1":
                return float(self.rank == 1)
            case "hit5":
                return float(self.rank <= 5)
            case "recall10":
                return self.recall10
            case "ndcg10":
                return self.ndcg10
            case _:
                raise ValueError(f"no figure {name}; expected one of {', '.join(NAMES)}")


def judge(key: str, ranked: npt.NDArray[np.int64], right: Collection[int]) -> Judged:
    """ranked: positions of all entries, best first. right: positions of the right ones.

    Raises:
        ValueError: nothing is right, so that nothing can be measured.
    """
    if not right:
        raise ValueError(f"{key}: no right entry")
    hits = np.isin(ranked, list(right))
    gains = 1 / np.log2(np.arange(2, 12))
    return Judged(
        key=key,
        first=int(ranked[0]),
        rank=1 + int(np.flatnonzero(hits)[0]),
        recall10=float(hits[:10].sum() / len(right)),
        ndcg10=float((hits[:10] * gains[: len(hits[:10])]).sum() / gains[: len(right)].sum()),
    )


def summary(judged: Sequence[Judged], seed: int = 0) -> dict[str, object]:
    """Means, and intervals of 95 % by bootstrap over the questions: {"n", figures, "ci"}."""
    if not judged:
        return {"n": 0, **dict.fromkeys(NAMES), "ci": {}}
    table = _table(judged)
    means = table.mean(0)
    random = np.random.default_rng(seed)
    draws = table[random.integers(0, len(table), (_DRAWS, len(table)))].mean(1)
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    return {
        "n": len(judged),
        **{name: _rounded(means[i]) for i, name in enumerate(NAMES)},
        "ci": {name: [_rounded(low[i]), _rounded(high[i])] for i, name in enumerate(NAMES)},
    }


def difference(
    ours: Sequence[Judged], others: Sequence[Judged], seed: int = 0
) -> dict[str, object]:
    """Paired difference, ours less others, with its interval: {figure: {mean, ci}}.

    Raises:
        ValueError: not the same questions in the same order.
    """
    if [one.key for one in ours] != [one.key for one in others]:
        raise ValueError("the two rankings answer other questions")
    if not ours:
        return {name: {"mean": None, "ci": None} for name in NAMES}
    gaps = _table(ours) - _table(others)
    random = np.random.default_rng(seed)
    draws = gaps[random.integers(0, len(gaps), (_DRAWS, len(gaps)))].mean(1)
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    return {
        name: {"mean": _rounded(gaps[:, i].mean()), "ci": [_rounded(low[i]), _rounded(high[i])]}
        for i, name in enumerate(NAMES)
    }


def means(judged: Sequence[Judged]) -> Mapping[str, object]:
    """{"n", figures}, without intervals."""
    if not judged:
        return {"n": 0, **dict.fromkeys(NAMES)}
    table = _table(judged).mean(0)
    return {"n": len(judged), **{name: _rounded(table[i]) for i, name in enumerate(NAMES)}}


def intervals(
    clusters: Sequence[Rows], figures: Callable[[Rows], Mapping[str, float]], seed: int = 0
) -> dict[str, list[float]]:
    """Intervals of 95 % by bootstrap over clusters of rows that are not independent.

    Args:
        clusters: the rows of each text, or of each task: drawn together or not at all.
        figures: the figures of a choice of rows, in which a row may occur several times.
    """
    random = np.random.default_rng(seed)
    draws = [
        figures(np.concatenate([clusters[n] for n in random.integers(0, len(clusters), size)]))
        for size in [len(clusters)] * _DRAWS
    ]
    bounds = {name: np.percentile([draw[name] for draw in draws], [2.5, 97.5]) for name in draws[0]}
    return {name: [_rounded(low), _rounded(high)] for name, (low, high) in bounds.items()}


def share_interval(share: float, count: int) -> list[float]:
    """Interval of 95 % of a share of independent cases. Source: Wilson's score interval."""
    square = _NORMAL_95**2 / count
    middle = (share + square / 2) / (1 + square)
    spread = _NORMAL_95 * np.sqrt((share * (1 - share) + square / 4) / count) / (1 + square)
    return [_rounded(max(middle - spread, 0)), _rounded(min(middle + spread, 1))]


def _table(judged: Sequence[Judged]) -> npt.NDArray[np.float64]:
    return np.array([[one.figure(name) for name in NAMES] for one in judged])


def _rounded(value: float) -> float:
    return round(float(value), 4)
