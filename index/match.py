"""A description -> its tasks -> competences, blocks, certifications and careers, with evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from index import explain, vectors
from index.build import Index, Shelf
from index.encoder import Encoder
from index.lexical import WordWeights, content, stems
from index.score import Calibration, Fusion
from index.tasks import Segment, lead_in, tasks
from index.vectors import DECIMALS, Rows, Scores, Vectors
from kb import coverage
from kb.careers import JobMissions, careers
from kb.errors import EmptyKnowledgeBase
from kb.merge import Entry
from kb.model import Career, Job, Match, MatchedTask, MatchReport, Passage
from kb.passages import passages_of

CANDIDATES = 200
"""Neighbours that each signal proposes for a task; all of them are scored by both."""
MOST_TOLD = 50
"""Matches of a task that count, the best ones."""
MOST_BLOCKS = 50
MOST_CERTIFICATIONS = 20
MOST_CAREERS = 10


class Graph(Protocol):
    """What the matcher asks the knowledge base; `kb.store.Store` has it."""

    def job(self, identifier: str) -> Entry[Job]: ...


@dataclass(frozen=True, slots=True)
class Scored:
    """One task against one shelf: rows worth telling, best first, and why."""

    rows: Rows
    scores: Scores
    shares: Mapping[str, Scores]


class Matcher:
    """Holds an index, a model and the graph. Safe to use from several threads.

    encoder: None when no model can be loaded; then words alone are compared, and the caller
    says so.
    """

    def __init__(
        self,
        index: Index,
        encoder: Encoder | None,
        graph: Graph,
        fusion: Fusion | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        fusion = fusion or Fusion.shipped()
        self._index = index
        self._encoder = encoder
        self._graph = graph
        self._fusion = fusion if encoder else fusion.without_model()
        self._calibration = (calibration or Calibration.shipped()) if encoder else None
        self._weights = WordWeights.shipped()

    def match(self, text: str, limit: int = 10) -> MatchReport:
        """The whole answer to an offer, a job sheet or a CV.

        Args:
            text: plain text; lines matter.
            limit: matches told of each task; coverage counts all of them.
        Raises:
            NoTask: the text states no task.
            EmptyKnowledgeBase: there is no competency to compare with.
        """
        found = tasks(text)
        shelf = self._index.shelves["competences"]
        if not len(shelf):
            raise EmptyKnowledgeBase(
                "the knowledge base holds no competency",
                "Read documents first: passerelle ingest FILE",
            )
        queries = [lead_in(segment.text) for segment in found]
        encoded = self._encode(queries)
        scored = self._score(shelf, queries, encoded)
        passages = {int(r): shelf.passages[int(r)] for each in scored for r in each.rows}
        texts = [segment.text for segment in found]
        met = [
            coverage.Met(task, _number(passages[row].entity), passages[row].block, score)
            for task, each in enumerate(scored)
            for row, score in _pairs(each)
        ]
        matched = self._tell(found, scored, passages, limit)
        blocks = coverage.by_block(texts, met)[:MOST_BLOCKS]
        certifications = coverage.by_certification(texts, met)[:MOST_CERTIFICATIONS]
        entities = {_number(passage.entity): passage.entity for passage in passages.values()}
        return MatchReport(
            tasks=matched,
            blocks=tuple(
                replace(b, title=self._block_title(entities[b.certification], b.code))
                for b in blocks
            ),
            certifications=tuple(
                replace(c, title=self._title(entities[c.number], "certification"))
                for c in certifications
            ),
            careers=self._careers(queries, encoded),
            uncovered=tuple(task.text for task in matched if not task.matches),
        )

    def _encode(self, queries: Sequence[str]) -> Vectors | None:
        if self._encoder is None:
            return None
        return self._encoder.encode([content(query) for query in queries], kind="query")

    def _score(
        self, shelf: Shelf, queries: Sequence[str], encoded: Vectors | None
    ) -> tuple[Scored, ...]:
        """Each query's rows of the shelf that are worth telling, best first, ties by identifier."""
        if not len(shelf):
            nothing = np.zeros(0)
            return tuple(Scored(np.zeros(0, np.int64), nothing, {}) for _ in queries)
        near: Sequence[Rows] = [np.zeros(0, np.int64)] * len(queries)
        if encoded is not None:
            near = list(vectors.search(shelf.vectors, encoded, min(CANDIDATES, len(shelf)))[1])
        return tuple(
            self._score_one(shelf, query, None if encoded is None else encoded[i], near[i])
            for i, query in enumerate(queries)
        )

    def _score_one(self, shelf: Shelf, query: str, encoded: Vectors | None, near: Rows) -> Scored:
        words = stems(query)
        rows = np.union1d(near, shelf.lexical.search(words, CANDIDATES)[1])
        dense = np.zeros(len(rows))
        if encoded is not None and len(rows):
            dense = vectors.similarity(shelf.vectors, encoded, rows)
        lexical = shelf.lexical.shared(words, rows, self._weights)
        shares = self._fusion.shares({"dense": dense, "lexical": lexical})
        scores = np.round(sum(shares.values()), DECIMALS)
        kept = self._fusion.told(scores)
        order = kept[np.lexsort((rows[kept], -scores[kept]))][:MOST_TOLD]
        return Scored(rows[order], scores[order], {n: s[order] for n, s in shares.items()})

    def _tell(
        self,
        found: Sequence[Segment],
        scored: Sequence[Scored],
        passages: Mapping[int, Passage],
        limit: int,
    ) -> tuple[MatchedTask, ...]:
        pairs = [
            explain.Pair(segment.text, passages[int(row)].text)
            for segment, each in zip(found, scored, strict=True)
            for row in each.rows[:limit]
        ]
        encode = None if self._encoder is None else self._encoder.encode
        evidence = iter(explain.explain(pairs, encode, self._weights))
        told = []
        for segment, each in zip(found, scored, strict=True):
            matches = []
            for i, row in enumerate(each.rows[:limit]):
                passage, score, spans = passages[int(row)], float(each.scores[i]), next(evidence)
                matches.append(
                    Match(
                        competency=passage.id,
                        text=passage.text,
                        block=passage.block,
                        certification=_number(passage.entity),
                        score=score,
                        probability=self._probability(score),
                        query_span=spans.query_span,
                        text_span=spans.text_span,
                        signals={name: float(share[i]) for name, share in each.shares.items()},
                    )
                )
            told.append(MatchedTask(segment.text, segment.start, segment.end, tuple(matches)))
        return tuple(told)

    def _probability(self, score: float) -> float | None:
        return None if self._calibration is None else self._calibration.probability(score)

    def _title(self, identifier: str, kind: str) -> str | None:
        names = self._index.shelves["names"].passages
        stated = (names[row] for row in names.rows_of(identifier))
        return next((passage.text for passage in stated if passage.kind == kind), None)

    def _block_title(self, entity: str, code: str) -> str | None:
        # A block's identifier: `kb.passages.block_id`.
        register = entity.partition(":")[0]
        return self._title(f"{register}:{code}", "block") or self._title(
            f"{entity}/{code}", "block"
        )

    def _careers(self, queries: Sequence[str], encoded: Vectors | None) -> tuple[Career, ...]:
        shelf = self._index.shelves["jobs"]
        best: dict[str, float] = defaultdict(float)
        jobs: set[str] = set()
        for each in self._score(shelf, queries, encoded):
            for row, score in _pairs(each):
                passage = shelf.passages[row]
                best[passage.id] = max(best[passage.id], score)
                jobs.add(passage.entity)
        return careers((self._job(job) for job in sorted(jobs)), best)[:MOST_CAREERS]

    def _job(self, identifier: str) -> JobMissions:
        entry = self._graph.job(identifier)
        statements = list(passages_of(entry))
        missions = {p.id: p.text for p in statements if p.kind == "mission"}
        skills = {p.id: p.text for p in statements if p.kind == "skill"}
        return JobMissions(identifier, entry.record.title, missions or skills, entry.record.moves)


def _pairs(scored: Scored) -> Iterable[tuple[int, float]]:
    return zip(scored.rows.tolist(), scored.scores.tolist(), strict=True)


def _number(entity: str) -> str:
    """`rncp:RNCP41308` -> `RNCP41308`; what has no number in a register keeps its identifier."""
    register, _, number = entity.partition(":")
    return number if register in ("rncp", "rs") else entity
