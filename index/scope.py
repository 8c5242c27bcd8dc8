"""What counts in an answer: all certifications, or those that are in force.

The state of a certification changes without its texts, so the index does not hold it: the graph
is asked with each question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.passages import PassageFile
from index.vectors import Rows
from kb.model import UNTOLD, Standing

Flags = npt.NDArray[np.bool_]


class Graph(Protocol):
    """What is asked of the knowledge base; `kb.store.Store` has it."""

    def standings(self) -> Mapping[str, Standing]:
        """Of each certification, by id; the same object as long as none changes."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """The state of certifications at the time of a question.

    in_force: leave out those that are known to be inactive; else they come after others that are
    equally near.
    """

    standings: Mapping[str, Standing]
    in_force: bool = False
    _past: dict[PassageFile, Flags] = field(default_factory=dict)

    def of(self, entity: str) -> Standing:
        """Empty for a job, and where nothing is known."""
        return self.standings.get(entity, UNTOLD)

    def past(self, passages: PassageFile, rows: Rows) -> Flags:
        """Which of the rows are said by a certification that is known to be inactive."""
        flags = self._past.get(passages)
        if flags is None:
            found = (self.of(entity).active is False for entity in passages.entities)
            flags = self._past[passages] = np.fromiter(found, bool, len(passages.entities))
        return flags[passages.entity[rows]]


class Scopes:
    """Scopes of one index: what was worked out for one serves the next, until a state changes."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._last = Scope({})

    def now(self, in_force: bool) -> Scope:
        standings = self._graph.standings()
        if self._last.standings is not standings:
            self._last = Scope(standings)
        return Scope(standings, in_force, self._last._past)
