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
from index.passages import PassageFile
from index.scope import Scope, Scopes
from index.tasks import Segment, lead_in, tasks
from index.vectors import DECIMALS, Rows, Scores, Vectors
from kb import coverage
from kb.careers import JobMissions, careers
from kb.errors import EmptyKnowledgeBase
from kb.merge import Entry
from kb.model import Career, Job, Match, MatchedTask, MatchReport, Standing
from kb.passages import passages_of

CANDIDATES = 250
"""Neighbours that meaning and words each propose for a task; all of them are scored. At full size
(495,371 texts), .994 of the ten best of 2,000 neighbours each are among them."""
AMONG_ALL = 500
"""The same where only what is in force counts, a quarter of the register: the rest is left out of
these."""
WITHOUT_MODEL = 0.4
"""Part of a task's words that a competency must have where no model can be loaded."""
READ = 12_000
"""Texts among which words look for neighbours, see `Lexical.search`."""
READ_AGAIN = 6
"""Texts of a task that the second stage reads, the best by the first; the others keep the
probability that the first gave them."""
MOST_TOLD = 50
"""Matches of a task that count, the best ones."""
MOST_BLOCKS = 50
MOST_CERTIFICATIONS = 20
MOST_CAREERS = 10


class Graph(Protocol):
    """What the matcher asks the knowledge base; `kb.store.Store` has it."""

    def job(self, identifier: str) -> Entry[Job]: ...

    def standings(self) -> Mapping[str, Standing]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A task as it is compared: what is left of its text without introduction."""

    text: str
    words: TaskWords
    vector: Vectors | None
    common: float


@dataclass(frozen=True, slots=True)
class Compared:
    """One task against texts of a shelf, by number: their signals, and the scores of these.

    second: NaN where the second stage did not read the text.
    """

    texts: Rows
    dense: Scores
    aligned: Scores
    second: Scores
    scores: Scores


@dataclass(frozen=True, slots=True)
class Scored:
    """One task against one shelf: rows worth telling, best first, and their signals."""

    rows: Rows
    scores: Scores
    dense: Scores
    aligned: Scores
    second: Scores


class Matcher:
    """Holds an index, a model and the graph. Safe to use from several threads.

    encoder: None when no model can be loaded; then words alone are compared, and the caller
    says so. second: reads the best competences of each task again (`index.second`); the careers
    are those of the first stage. judge: of what is told, None for the shipped one.
    """

    def __init__(
        self,
        index: Index,
        encoder: Encoder | None,
        graph: Graph,
        judge: Judge | None = None,
        second: Encoder | None = None,
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._graph = graph
        self._second = second if encoder is not None else None
        self._judge = judge or Judge.shipped("first" if self._second is None else "both")
        self._first = self._judge if self._second is None else Judge.shipped("first")
        self._scopes = Scopes(graph)
        self._reader = Reader(encoder, index.background, WordWeights.shipped())

    def match(self, text: str, limit: int = 10, in_force: bool = False) -> MatchReport:
        """The whole answer to an offer, a job sheet or a CV.

        Args:
            text: plain text; lines matter.
            limit: matches told of each task; coverage counts all of them.
            in_force: leave out certifications that are known to be inactive; else they come
                after others that are equally near.
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
        scope = self._scopes.now(in_force)
        scored = self._score(shelf, asked, scope, twice=True)
        stated = shelf.passages
        texts = [segment.text for segment in found]
        entities: dict[str, str] = {}  # by number
        met = []
        for task, each in enumerate(scored):
            for row, score in _pairs(each):
                entity = stated.entity_of(row)
                number = _number(entity)
                entities[number] = entity
                covers = self._band(score) == "covers"
                block, standing = stated.block_of(row), scope.of(entity)
                met.append(coverage.Met(task, number, block, score, covers, standing))
        matched = self._tell(found, asked, scored, stated, scope, limit)
        blocks = coverage.by_block(texts, met, MOST_BLOCKS)
        certifications = coverage.by_certification(texts, met, MOST_CERTIFICATIONS)
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
            careers=self._careers(asked, scope),
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

    def _score(
        self, shelf: Shelf, asked: Sequence[Asked], scope: Scope, twice: bool = False
    ) -> tuple[Scored, ...]:
        """Each task's rows of the shelf that are worth telling, best first, ties by identifier.

        twice: by both stages, where there is a second.
        """
        nothing = np.zeros(0)
        if not len(shelf):
            return tuple(
                Scored(np.zeros(0, np.int64), nothing, nothing, nothing, nothing) for _ in asked
            )
        wanted = AMONG_ALL if scope.in_force else CANDIDATES
        worded = [shelf.lexical.search(stems(each.text), wanted, READ)[1] for each in asked]
        encoded = [each.vector for each in asked if each.vector is not None]
        if encoded:
            count = min(wanted, len(shelf))
            near = vectors.among(shelf.vectors, np.stack(encoded), count, worded)
        else:
            near = [(np.sort(rows), np.zeros(len(rows))) for rows in worded]
        if scope.in_force:
            near = [_in_force(shelf, scope, *texts) for texts in near]
        compared = [
            self._compare(shelf, each, *texts) for each, texts in zip(asked, near, strict=True)
        ]
        if not twice or self._second is None:
            return tuple(self._worth(shelf, each, self._first, scope) for each in compared)
        again = self._again(self._second, shelf, asked, compared)
        return tuple(self._worth(shelf, each, self._judge, scope) for each in again)

    def _compare(self, shelf: Shelf, asked: Asked, texts: Rows, dense: Scores) -> Compared:
        assert shelf.words is not None
        aligned = asked.words.aligned(shelf.words, texts)
        scores = aligned
        if asked.vector is not None:
            scores = self._first.scores(dense, aligned, asked.common)
        return Compared(texts, dense, aligned, np.full(len(texts), np.nan), scores)

    def _again(
        self,
        second: Encoder,
        shelf: Shelf,
        asked: Sequence[Asked],
        compared: Sequence[Compared],
    ) -> list[Compared]:
        """The best texts of each task, READ_AGAIN at most, scored by both stages instead."""
        best = [np.lexsort((each.texts, -each.scores))[:READ_AGAIN] for each in compared]
        said = [
            [shelf.passages.text_numbered(int(text)) for text in each.texts[rows]]
            for each, rows in zip(compared, best, strict=True)
        ]
        read = second.encode([each.text for each in asked])
        stated = second.encode([text for texts in said for text in texts], kind="passage")
        sizes = [len(texts) for texts in said]
        owners = np.repeat(np.arange(len(asked)), sizes)
        near = np.round(np.einsum("ij,ij->i", read[owners], stated, dtype=np.float64), DECIMALS)
        found = []
        for task, each, rows, cosines in zip(
            asked, compared, best, np.split(near, np.cumsum(sizes)[:-1]), strict=True
        ):
            read_again, scores = each.second.copy(), each.scores.copy()
            read_again[rows] = cosines
            scores[rows] = self._judge.scores(
                each.dense[rows], each.aligned[rows], task.common, cosines
            )
            found.append(replace(each, second=read_again, scores=scores))
        return found

    def _worth(self, shelf: Shelf, compared: Compared, judge: Judge, scope: Scope) -> Scored:
        scores = compared.scores
        if self._encoder is None:
            kept = np.flatnonzero(scores >= WITHOUT_MODEL)
        else:
            kept = judge.told(scores)
        # The same text stands in many sheets.
        rows, owners = shelf.passages.saying(compared.texts[kept])
        past = scope.past(shelf.passages, rows)
        if scope.in_force:
            rows, owners, past = rows[~past], owners[~past], past[~past]
        told = kept[owners]
        order = np.lexsort((rows, past, -scores[told]))[:MOST_TOLD]
        told = told[order]
        return Scored(
            rows[order],
            scores[told],
            compared.dense[told],
            compared.aligned[told],
            compared.second[told],
        )

    def _tell(
        self,
        found: Sequence[Segment],
        asked: Sequence[Asked],
        scored: Sequence[Scored],
        stated: PassageFile,
        scope: Scope,
        limit: int,
    ) -> tuple[MatchedTask, ...]:
        pairs = [
            explain.Pair(
                segment.text,
                task.words,
                len(segment.text) - len(task.text),
                stated.text_of(int(row)),
            )
            for segment, task, each in zip(found, asked, scored, strict=True)
            for row in each.rows[:limit]
        ]
        evidence = iter(explain.explain(pairs, self._reader))
        told = []
        for segment, each in zip(found, scored, strict=True):
            matches = []
            for i, row in enumerate(each.rows[:limit]):
                passage, score, spans = stated[int(row)], float(each.scores[i]), next(evidence)
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
                        standing=scope.of(passage.entity),
                    )
                )
            told.append(MatchedTask(segment.text, segment.start, segment.end, tuple(matches)))
        return tuple(told)

    def _shares(self, scored: Scored, at: int) -> Mapping[str, float]:
        score, aligned = float(scored.scores[at]), float(scored.aligned[at])
        if self._encoder is None:
            return {"dense": 0.0, "aligned": score}
        dense, second = float(scored.dense[at]), float(scored.second[at])
        if np.isnan(second):
            return self._first.shares(dense, aligned, 0.0, score)
        return self._judge.shares(dense, aligned, second, score)

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

    def _careers(self, asked: Sequence[Asked], scope: Scope) -> tuple[Career, ...]:
        shelf = self._index.shelves["jobs"]
        stated = shelf.passages
        best: dict[int, float] = defaultdict(float)
        for each in self._score(shelf, asked, scope):
            for row, score in _pairs(each):
                best[row] = max(best[row], score)
        jobs = {stated.entity_of(row) for row in best}
        near = sorted(jobs, key=lambda job: (-self._share(job, best), job))[:MOST_CAREERS]
        told = {stated.id_of(row): s for row, s in best.items() if stated.entity_of(row) in near}
        return careers((self._job(job) for job in near), told)

    def _share(self, job: str, met: Mapping[int, float]) -> float:
        """A job's score as `kb.careers` works it out, from the index alone.

        With a nomenclature in the graph, hundreds of jobs share a mission with an offer; asking
        the graph for each would take most of a match's time.
        """
        for kind in ("mission", "skill"):
            rows = self._index.shelves["jobs"].passages.rows_under(f"{job}/{kind}/")
            if len(rows):
                return round(sum(met.get(row, 0.0) for row in rows) / len(rows), 5)
        return 0.0

    def _job(self, identifier: str) -> JobMissions:
        entry = self._graph.job(identifier)
        statements = list(passages_of(entry))
        missions = {p.id: p.text for p in statements if p.kind == "mission"}
        skills = {p.id: p.text for p in statements if p.kind == "skill"}
        return JobMissions(identifier, entry.record.title, missions or skills, entry.record.moves)


def _in_force(shelf: Shelf, scope: Scope, texts: Rows, dense: Scores) -> tuple[Rows, Scores]:
    """Those of the texts that a certification says which is not known to be inactive."""
    rows, owners = shelf.passages.saying(texts)
    said = np.unique(owners[~scope.past(shelf.passages, rows)])
    return texts[said], dense[said]


def _pairs(scored: Scored) -> Iterable[tuple[int, float]]:
    return zip(scored.rows.tolist(), scored.scores.tolist(), strict=True)


def _number(entity: str) -> str:
    """`rncp:RNCP41308` -> `RNCP41308`; what has no number in a register keeps its identifier."""
    register, _, number = entity.partition(":")
    return number if register in ("rncp", "rs") else entity
