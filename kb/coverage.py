"""Matches -> what each block and each certification covers of a description."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kb.model import UNTOLD, BlockCoverage, CertificationCoverage, Standing

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Met:
    """A task that a competency meets. task: its position; block: code of the block, if any.

    covers: whether it surely does; if not, the task is only perhaps covered. standing: of the
    certification.
    """

    task: int
    certification: str
    block: str | None
    score: float
    covers: bool = True
    standing: Standing = UNTOLD


def by_block(
    tasks: Sequence[str], met: Iterable[Met], limit: int | None = None
) -> tuple[BlockCoverage, ...]:
    """Blocks that meet a task: most tasks covered first, then most perhaps covered, then the
    better scores, then what is in force or unknown, then the code.

    Titles are left to the caller.

    Args:
        tasks: texts of all tasks, those that nothing meets included.
        limit: so many, the first; None: all.
    """
    found = _best(((m.certification, m.block), m) for m in met if m.block is not None)
    return tuple(
        BlockCoverage(
            code=code or "",
            title=None,
            certification=certification,
            covered=_texts(tasks, best, covers=True),
            coverage=_share(best, tasks),
            unclear=_texts(tasks, best, covers=False),
            standing=_standing(best),
        )
        for (certification, code), best in _ordered(found)[:limit]
    )


def by_certification(
    tasks: Sequence[str], met: Iterable[Met], limit: int | None = None
) -> tuple[CertificationCoverage, ...]:
    """Certifications that meet a task, in the same order; the number breaks ties.

    Titles are left to the caller.

    Args:
        tasks: texts of all tasks, those that nothing meets included.
        limit: so many, the first; None: all.
    """
    found = _best((m.certification, m) for m in met)
    return tuple(
        CertificationCoverage(
            number=certification,
            title=None,
            covered=_texts(tasks, best, covers=True),
            coverage=_share(best, tasks),
            unclear=_texts(tasks, best, covers=False),
            standing=_standing(best),
        )
        for certification, best in _ordered(found)[:limit]
    )


def _best(keyed: Iterable[tuple[K, Met]]) -> dict[K, dict[int, Met]]:
    """For each key, the best match of each task it meets."""
    found: dict[K, dict[int, Met]] = defaultdict(dict)
    for key, each in keyed:
        known = found[key].get(each.task)
        if known is None or (each.covers, each.score) > (known.covers, known.score):
            found[key][each.task] = each
    return found


def _ordered(found: Mapping[K, Mapping[int, Met]]) -> list[tuple[K, Mapping[int, Met]]]:
    return sorted(found.items(), key=lambda item: (*_rank(item[1]), _past(item[1]), item[0]))


def _rank(best: Mapping[int, Met]) -> tuple[int, int, float]:
    met = best.values()
    return -sum([m.covers for m in met]), -len(met), -round(sum([m.score for m in met]), 5)


def _standing(best: Mapping[int, Met]) -> Standing:
    """The same for all: they are of one certification."""
    return next(iter(best.values())).standing


def _past(best: Mapping[int, Met]) -> bool:
    return _standing(best).active is False


def _texts(tasks: Sequence[str], best: Mapping[int, Met], *, covers: bool) -> tuple[str, ...]:
    return tuple(tasks[task] for task in sorted(best) if best[task].covers == covers)


def _share(best: Mapping[int, Met], tasks: Sequence[str]) -> float:
    return round(sum(met.covers for met in best.values()) / len(tasks), 4)
