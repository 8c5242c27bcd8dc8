"""A description -> its tasks -> competences, blocks, certifications and careers, with evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from index import explain, vectors
from index.align import Reader, TaskWords
from index.build import Index, Shelf
from index.encoder import Encoder
from index.judge import Judge
from index.lexical import WordWeights, content, stems
from index.tasks import Segment, lead_in, tasks
from index.vectors import Rows, Scores, Vectors
from kb import coverage
from kb.careers import JobMissions, careers
from kb.errors import EmptyKnowledgeBase
from kb.merge import Entry
from kb.model import Career, Job, Match, MatchedTask, MatchReport, Passage
from kb.passages import passages_of

CANDIDATES = 200
"""Neighbours that meaning and words each propose for a task; all of them are scored."""
WITHOUT_MODEL = 0.4
"""Part of a task's words that a competency must have where no model can be loaded."""
MOST_TOLD = 50
"""Matches of a task that count, the best ones."""
MOST_BLOCKS = 50
MOST_CERTIFICATIONS = 20
MOST_CAREERS = 10


class Graph(Protocol):
    """What the matcher asks the knowledge base; `kb.store.Store` has it."""

    def job(self, identifier: str) -> Entry[Job]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A task as it is compared: what is left of its text without introduction."""

    text: str
    words: TaskWords
    vector: Vectors | None
    common: float


@dataclass(frozen=True, slots=True)
class Scored:
    """One task against one shelf: rows worth telling, best first, and their signals."""

    rows: Rows
    scores: Scores
    dense: Scores
    aligned: Scores


class Matcher:
    """Holds an index, a model and the graph. Safe to use from several threads.

    encoder: None when no model can be loaded; then words alone are compared, and the caller
    says so.
    """

    def __init__(
        self, index: Index, encoder: Encoder | None, graph: Graph, judge: Judge | None = None
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._graph = graph
        self._judge = judge or Judge.shipped()
        self._reader = Reader(encoder, index.background, WordWeights.shipped())

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
        asked = self._ask([lead_in(segment.text) for segment in found])
        scored = self._score(shelf, asked)
        passages = {int(r): shelf.passages[int(r)] for each in scored for r in each.rows}
        texts = [segment.text for segment in found]
        met = [
            coverage.Met(
                task,
                _number(passages[row].entity),
                passages[row].block,
                score,
                self._band(score) == "covers",
            )
            for task, each in enumerate(scored)
            for row, score in _pairs(each)
        ]
        matched = self._tell(found, asked, scored, passages, limit)
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
            careers=self._careers(asked),
            uncovered=tuple(task.text for task in matched if not task.matches),
        )

    def _ask(self, texts: Sequence[str]) -> tuple[Asked, ...]:
        read = self._reader.read(texts)
        if self._encoder is None:
            return tuple(Asked(t, w, None, 0.0) for t, w in zip(texts, read, strict=True))
        encoded = self._encoder.encode([content(text) for text in texts], kind="query")
        common = self._index.background.commonness(encoded)
        return tuple(
            Asked(text, words, vector, float(near))
            for text, words, vector, near in zip(texts, read, encoded, common, strict=True)
        )

    def _score(self, shelf: Shelf, asked: Sequence[Asked]) -> tuple[Scored, ...]:
        """Each task's rows of the shelf that are worth telling, best first, ties by identifier."""
        nothing = np.zeros(0)
        if not len(shelf):
            return tuple(Scored(np.zeros(0, np.int64), nothing, nothing, nothing) for _ in asked)
        near = [(nothing, np.zeros(0, np.int64))] * len(asked)
        encoded = [each.vector for each in asked if each.vector is not None]
        if encoded:
            count = min(CANDIDATES, len(shelf))
            found = vectors.search(shelf.vectors, np.stack(encoded), count)
            near = list(zip(*found, strict=True))
        return tuple(
            self._score_one(shelf, each, *rows) for each, rows in zip(asked, near, strict=True)
        )

    def _score_one(self, shelf: Shelf, asked: Asked, cosines: Scores, near: Rows) -> Scored:
        assert shelf.words is not None
        rows = np.union1d(near, shelf.lexical.search(stems(asked.text), CANDIDATES)[1])
        aligned = asked.words.aligned(shelf.words, rows)
        dense = np.zeros(len(rows))
        if asked.vector is None:
            scores, kept = aligned, np.flatnonzero(aligned >= WITHOUT_MODEL)
        else:
            if len(rows):
                known = np.isin(rows, near)
                dense[np.searchsorted(rows, near)] = cosines
                dense[~known] = vectors.similarity(shelf.vectors, asked.vector, rows[~known])
            scores = self._judge.scores(dense, aligned, asked.common)
            kept = self._judge.told(scores)
        order = kept[np.lexsort((rows[kept], -scores[kept]))][:MOST_TOLD]
        return Scored(rows[order], scores[order], dense[order], aligned[order])

    def _tell(
        self,
        found: Sequence[Segment],
        asked: Sequence[Asked],
        scored: Sequence[Scored],
        passages: Mapping[int, Passage],
        limit: int,
    ) -> tuple[MatchedTask, ...]:
        pairs = [
            explain.Pair(
                segment.text,
                task.words,
                len(segment.text) - len(task.text),
                passages[int(row)].text,
            )
            for segment, task, each in zip(found, asked, scored, strict=True)
            for row in each.rows[:limit]
        ]
        evidence = iter(explain.explain(pairs, self._reader))
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
                        probability=None if self._encoder is None else round(score, 4),
                        query_span=spans.query_span,
                        text_span=spans.text_span,
                        signals=dict(self._shares(each, i)),
                        band=self._band(score),
                        words=spans.words,
                    )
                )
            told.append(MatchedTask(segment.text, segment.start, segment.end, tuple(matches)))
        return tuple(told)

    def _shares(self, scored: Scored, at: int) -> Mapping[str, float]:
        score, aligned = float(scored.scores[at]), float(scored.aligned[at])
        if self._encoder is None:
            return {"dense": 0.0, "aligned": score}
        return self._judge.shares(float(scored.dense[at]), aligned, score)

    def _band(self, score: float) -> str:
        # Words alone promise nothing.
        return "unclear" if self._encoder is None else self._judge.band(score)

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

    def _careers(self, asked: Sequence[Asked]) -> tuple[Career, ...]:
        shelf = self._index.shelves["jobs"]
        best: dict[str, float] = defaultdict(float)
        jobs: set[str] = set()
        for each in self._score(shelf, asked):
            for row, score in _pairs(each):
                passage = shelf.passages[row]
                best[passage.id] = max(best[passage.id], score)
                jobs.add(passage.entity)
        near = sorted(jobs, key=lambda job: (-self._share(job, best), job))[:MOST_CAREERS]
        return careers((self._job(job) for job in near), best)

    def _share(self, job: str, met: Mapping[str, float]) -> float:
        """A job's score as `kb.careers` works it out, from the index alone.

        With a nomenclature in the graph, hundreds of jobs share a mission with an offer; asking
        the graph for each would take most of a match's time.
        """
        passages = self._index.shelves["jobs"].passages
        for kind in ("mission", "skill"):
            rows = passages.rows_under(f"{job}/{kind}/")
            if len(rows):
                return round(sum(met.get(passages[row].id, 0.0) for row in rows) / len(rows), 5)
        return 0.0

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
