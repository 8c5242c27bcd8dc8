"""Jobs whose missions a set of tasks meets: what they share, what is missing, where they lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.model import Career, JobMove


@dataclass(frozen=True, slots=True)
class JobMissions:
    """A job as the matcher sees it. missions: identifier -> text, in the job sheet's order."""

    id: str
    title: str
    missions: Mapping[str, str]
    moves: tuple[JobMove, ...] = ()


def careers(jobs: Iterable[JobMissions], met: Mapping[str, float]) -> tuple[Career, ...]:
    """The jobs with a mission that is met, best first.

    A job's score is the mean over its missions of the score by which each is met, 0 for a
    mission that no task meets: 0 to 1, rounded to 5 decimals, ties in the order of identifiers.

    Args:
        met: mission identifier -> its best score over the tasks.
    """
    found = []
    for job in jobs:
        scores = [met.get(mission, 0.0) for mission in job.missions]
        if not any(scores):
            continue
        found.append(
            Career(
                id=job.id,
                title=job.title,
                score=round(sum(scores) / len(scores), 5),
                shared=tuple(text for m, text in job.missions.items() if m in met),
                missing=tuple(text for m, text in job.missions.items() if m not in met),
                moves=job.moves,
            )
        )
    return tuple(sorted(found, key=lambda career: (-career.score, career.id)))
