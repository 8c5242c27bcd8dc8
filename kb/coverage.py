"""Matches -> what each block and each certification covers of a description."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kb.model import BlockCoverage, CertificationCoverage

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Met:
    """A task that a competency meets. task: its position; block: code of the block, if any."""

    task: int
    certification: str
    block: str | None
    score: float


def by_block(tasks: Sequence[str], met: Iterable[Met]) -> tuple[BlockCoverage, ...]:
    """Blocks that cover a task, most tasks first, then the better scores, then the code.

    Titles are left to the caller.

    Args:
        tasks: texts of all tasks, those that nothing meets included.
    """
    found = _best(((m.certification, m.block), m) for m in met if m.block is not None)
    ordered = sorted(found.items(), key=lambda item: (*_rank(item[1]), item[0]))
    return tuple(
        BlockCoverage(
            code=code or "",
            title=None,
            certification=certification,
            covered=tuple(tasks[task] for task in sorted(scores)),
            coverage=_share(scores, tasks),
        )
        for (certification, code), scores in ordered
    )


def by_certification(tasks: Sequence[str], met: Iterable[Met]) -> tuple[CertificationCoverage, ...]:
    """Certifications that cover a task, most tasks first, then scores, then the number.

    Titles are left to the caller.

    Args:
        tasks: texts of all tasks, those that nothing meets included.
    """
    found = _best((m.certification, m) for m in met)
    ordered = sorted(found.items(), key=lambda item: (*_rank(item[1]), item[0]))
    return tuple(
        CertificationCoverage(
            number=certification,
            title=None,
            covered=tuple(tasks[task] for task in sorted(scores)),
            coverage=_share(scores, tasks),
        )
        for certification, scores in ordered
    )


def _best(keyed: Iterable[tuple[K, Met]]) -> dict[K, dict[int, float]]:
    """For each key, the best score of each task it meets."""
    found: dict[K, dict[int, float]] = defaultdict(dict)
    for key, each in keyed:
        found[key][each.task] = max(each.score, found[key].get(each.task, 0.0))
    return found


def _rank(scores: Mapping[int, float]) -> tuple[float, float]:
    return -len(scores), -round(sum(scores.values()), 5)


def _share(scores: Mapping[int, float], tasks: Sequence[str]) -> float:
    return round(len(scores) / len(tasks), 4)
