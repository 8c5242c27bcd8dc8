"""A few words, or a code -> certifications, blocks, competences and jobs."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from index import vectors
from index.build import SHELVES, Index, Shelf
from index.encoder import Encoder
from index.initials import is_name_of
from index.lexical import WordWeights, content, stems
from index.passages import KINDS, PassageFile
from index.scope import Flags, Scope, Scopes
from index.score import Fusion
from index.spelling import Speller
from index.synonyms import Reading, Synonyms
from index.vectors import DECIMALS, Rows, Scores
from kb.errors import EmptyKnowledgeBase
from kb.model import Relation, SearchReport, SearchResult, Standing

CANDIDATES = 200
_OF_PHRASE = 50
"""Candidates of an official phrase: it names what it looks for."""
HIGHLIGHTS = 3
# A register number, whole or without its letters, or a block's; a ROME code.
_NUMBER = re.compile(r"(?:(RNCP|RS) ?)?(\d{2,6})(BC\d{2,3})?", re.IGNORECASE)
_ROME = re.compile(r"[A-N]\d{4}", re.IGNORECASE)
# What a passage is credited to, and how much its score counts there: a title says what a thing
# is, its activities only what it is about.
_CREDIT = {
    "certification": 1.0,
    "job": 1.0,
    "block": 0.95,
    "job_title": 0.95,
    "activity": 0.85,
    "competency": 0.9,
    "mission": 0.85,
    "skill": 0.85,
    "term": 0.8,
    "synonym": 0.75,
}
# Certifications that lead to a ROME code, jobs filed under it, newer codes cut from it.
_OF_CODE = {"leads_to", "filed_under", "cut_from"}
_CREDITS = np.array([_CREDIT[kind] for kind in KINDS])
# What has an identifier of its own beside that of its certification.
_OWN = np.array([kind in ("block", "competency") for kind in KINDS])
_TITLE = np.array([kind in ("certification", "job", "term") for kind in KINDS])
_NAMES = SHELVES["certification"]
_LONG_NAME = 3
"""Words from which on a title that is a phrase and an option is looked for: few texts have all."""
_SHORT = 4


class Graph(Protocol):
    """What the search asks the knowledge base; `kb.store.Store` has it."""

    def relations(
        self, *, source: str | None = None, target: str | None = None
    ) -> list[Relation]: ...

    def standings(self) -> Mapping[str, Standing]: ...


@dataclass(frozen=True, slots=True)
class _Met:
    """Passages of a shelf that meet a query.

    rows: (n,); scores: (n,) of their texts; credited: (n,) to whom they are credited; to: (n,) the
    number of the certification or job that it is, -1 where a passage speaks for itself. past: (n,)
    whether its certification is in force no more.
    """

    shelf: Shelf
    rows: Rows
    scores: Scores
    credited: Scores
    to: Rows
    past: Flags

    def best(self, limit: int) -> Iterator[tuple[str, float, int]]:
        """The identifiers credited most, their scores, and the row of what speaks for itself, -1
        for a certification or job. Of equals what is in force first, then by identifier."""
        passages = self.shelf.passages
        for own, name in ((True, passages.id_of), (False, passages.entities.__getitem__)):
            chosen = np.flatnonzero((self.to < 0) == own)
            numbers, credited = (self.rows if own else self.to)[chosen], self.credited[chosen]
            order = np.lexsort((numbers, self.past[chosen], -credited))
            first = np.sort(np.unique(numbers[order], return_index=True)[1])
            for at in order[first[:limit]].tolist():
                number = int(numbers[at])
                yield name(number), float(credited[at]), number if own else -1

    def of_rows(self, rows: range) -> Iterator[tuple[float, str]]:
        """Scores and texts of what speaks for itself in these rows."""
        meant = (self.rows >= rows.start) & (self.rows < rows.stop) & (self.to < 0)
        return self._texts(np.flatnonzero(meant))

    def of_entity(self, entity: str) -> Iterator[tuple[float, str]]:
        """Scores and texts of what is credited to a certification or job."""
        number = self.shelf.passages.entity_number(entity)
        return iter(()) if number is None else self._texts(np.flatnonzero(self.to == number))

    def _texts(self, positions: Rows) -> Iterator[tuple[float, str]]:
        for score, row in zip(self.scores[positions], self.rows[positions], strict=True):
            yield float(score), self.shelf.passages.text_of(int(row))


def _beside(passages: PassageFile, row: int) -> range:
    """The rows with the identifier of this one."""
    identifier, start, stop = passages.id_of(row), row, row + 1
    while start and passages.id_of(start - 1) == identifier:
        start -= 1
    while stop < len(passages) and passages.id_of(stop) == identifier:
        stop += 1
    return range(start, stop)


def _wanted(reading: Reading) -> int:
    return CANDIDATES if reading.weight == 1 else _OF_PHRASE


class Searcher:
    """Holds an index, a model and the graph.

    encoder: None when no model can be loaded; then words alone are searched, and the caller
    says so.
    """

    def __init__(
        self,
        index: Index,
        encoder: Encoder | None,
        graph: Graph,
        fusion: Fusion | None = None,
        synonyms: Synonyms | None = None,
    ) -> None:
        fusion = fusion or Fusion.for_search()
        self._index = index
        self._names = index.shelves[_NAMES]
        self._encoder = encoder
        self._graph = graph
        self._fusion = fusion if encoder else fusion.without_model()
        self._scopes = Scopes(graph)
        self._weights = WordWeights.shipped()
        self._synonyms = synonyms or Synonyms.shipped()
        # FAISS and NumPy let go of the interpreter: two shelves take little longer than one.
        self._pool = ThreadPoolExecutor()
        self._speller = Speller(tuple(index.shelves.values()), self._synonyms.words)

    def search(self, text: str, limit: int = 10, in_force: bool = False) -> SearchReport:
        """Things that meet the words, best first; what a typed code names comes before them.

        Misspelt words are read as the known words that are spelt most alike, everyday words also
        as the official ones that mean the same (`index.synonyms`).

        Args:
            in_force: leave out certifications that are known to be inactive, unless their code
                was typed; else they come after others that are equally near.
        Raises:
            EmptyKnowledgeBase: nothing is indexed.
            ValueError: limit below 1.
        """
        if limit < 1:
            raise ValueError(f"limit is {limit}; expected 1 or more")
        if not self._index.manifest.passages:
            raise EmptyKnowledgeBase(
                "the knowledge base is empty", "Read documents first: passerelle ingest FILE"
            )
        query, scope = " ".join(text.split()), self._scopes.now(in_force)
        exact = list(dict.fromkeys(self._by_code(query)))
        if exact:
            named = (self._named(identifier, scope) for identifier in exact[:limit])
            return SearchReport((query,), tuple(named))
        readings = self._synonyms.readings(self._speller.read(query))
        results = self._by_words(readings, limit, scope) if stems(query) else ()
        return SearchReport(tuple(reading.text for reading in readings), tuple(results))

    def _by_code(self, query: str) -> Iterator[str]:
        number, rome = _NUMBER.fullmatch(query), _ROME.fullmatch(query)
        if number:
            register, digits, block = number.groups()
            for name in (register.upper(),) if register else ("RNCP", "RS"):
                code = f"{name}{digits}{(block or '').upper()}"
                known = self._index.passages if block else self._index.holds
                if known(f"{name.lower()}:{code}"):
                    yield f"{name.lower()}:{code}"
        elif rome:
            code = f"rome:{query.upper()}"
            if self._index.passages(code):
                yield code
            relations = self._graph.relations(target=code)
            yield from sorted({r.source for r in relations if r.kind in _OF_CODE})

    def _named(self, identifier: str, scope: Scope) -> SearchResult:
        rows = self._names.passages.rows_of(identifier)
        return self._result(identifier, 1.0, self._names, rows[0] if rows else -1, (), scope)

    def _result(
        self,
        identifier: str,
        score: float,
        shelf: Shelf,
        title: int,
        texts: Iterable[str],
        scope: Scope,
    ) -> SearchResult:
        """title: its row, -1 where it has none."""
        if title < 0:  # a sheet whose title its page does not give
            name, kind, entity = identifier.partition(":")[2], "certification", identifier
        else:
            passages = shelf.passages
            kind = KINDS[int(passages.kind[title])]
            name, entity = passages.text_of(title), passages.entity_of(title)
        return SearchResult(identifier, kind, name, score, tuple(texts), scope.of(entity))

    @functools.cached_property
    def _titles(self) -> Rows:
        """The row of the title of each certification and job among the names; -1 for none."""
        passages = self._names.passages
        rows = np.flatnonzero(_TITLE[passages.kind])[::-1]
        titles = np.full(len(passages.entities), -1)
        titles[passages.entity[rows]] = rows  # the first of several comes last
        return titles

    def _by_words(
        self, readings: Sequence[Reading], limit: int, scope: Scope
    ) -> list[SearchResult]:
        encoded = None
        if self._encoder is not None:
            encoded = self._encoder.encode([content(each.text) for each in readings], kind="query")
        # Official phrases are those of titles: elsewhere the words as typed will do.
        asked = [
            (shelf, readings if name == _NAMES else readings[:1])
            for name, shelf in self._index.shelves.items()
            if len(shelf)
        ]
        met = list(self._pool.map(lambda each: self._meet(each[0], each[1], encoded, scope), asked))
        best: dict[str, tuple[float, _Met, int]] = {}
        for each in met:
            for identifier, score, row in each.best(limit):
                if identifier not in best or score > best[identifier][0]:
                    best[identifier] = score, each, row

        def rank(item: tuple[str, tuple[float, _Met, int]]) -> tuple[float, bool, str]:
            identifier, (score, own, row) = item
            entity = own.shelf.passages.entity_of(row) if row >= 0 else identifier
            return -score, scope.of(entity).active is False, identifier

        ordered = sorted(best.items(), key=rank)
        return [self._told(identifier, *found, met, scope) for identifier, found in ordered[:limit]]

    def _told(
        self,
        identifier: str,
        score: float,
        own: _Met,
        row: int,
        met: Sequence[_Met],
        scope: Scope,
    ) -> SearchResult:
        """row: see `_Met.best`; own: where it comes from."""
        if row >= 0:
            rows = _beside(own.shelf.passages, row)
            shelf, title, found = own.shelf, rows.start, list(own.of_rows(rows))
        else:
            number = self._names.passages.entity_number(identifier)
            shelf, title = self._names, -1 if number is None else int(self._titles[number])
            found = [told for each in met for told in each.of_entity(identifier)]
        texts = dict.fromkeys(text for _, text in sorted(found, key=lambda h: (-h[0], h[1])))
        return self._result(identifier, score, shelf, title, list(texts)[:HIGHLIGHTS], scope)

    def _meet(
        self,
        shelf: Shelf,
        readings: Sequence[Reading],
        encoded: vectors.Vectors | None,
        scope: Scope,
    ) -> _Met:
        # A short word that no text has ("bts") cannot tell texts apart.
        words = [
            [stem for stem in stems(each.text) if len(stem) >= _SHORT or self._speller.knows(stem)]
            for each in readings
        ]
        near = self._near(shelf, readings, words, encoded)
        found = [self._scored(shelf, *each) for each in zip(readings, words, near, strict=True)]
        texts, scores = (np.concatenate(each) for each in zip(*found, strict=True))
        rows, owners = shelf.passages.saying(texts)
        past = scope.past(shelf.passages, rows)
        if scope.in_force:
            rows, owners, past = rows[~past], owners[~past], past[~past]
        kinds = shelf.passages.kind[rows]
        return _Met(
            shelf,
            rows,
            scores[owners],
            np.round(scores[owners] * _CREDITS[kinds], DECIMALS),
            np.where(_OWN[kinds], -1, shelf.passages.entity[rows].astype(np.int64)),
            past,
        )

    def _near(
        self,
        shelf: Shelf,
        readings: Sequence[Reading],
        words: Sequence[Sequence[str]],
        encoded: vectors.Vectors | None,
    ) -> list[tuple[Rows, Scores]]:
        """Texts near each reading in words or meaning, ascending, and how near in meaning."""
        worded = [
            shelf.lexical.search(each, _wanted(reading))[1]
            for reading, each in zip(readings, words, strict=True)
        ]
        near = [(np.sort(rows), np.zeros(len(rows))) for rows in worded]
        if encoded is not None:
            for wanted in (CANDIDATES, _OF_PHRASE):
                asked = [n for n, reading in enumerate(readings) if _wanted(reading) == wanted]
                if asked:
                    meant = vectors.search(shelf.vectors, encoded[asked], min(wanted, len(shelf)))
                    for n, scores, rows in zip(asked, *meant, strict=True):
                        more = np.setdiff1d(worded[n], rows, assume_unique=True)
                        scored = vectors.similarity(shelf.vectors, encoded[n], more)
                        texts, dense = np.append(rows, more), np.append(scores, scored)
                        order = np.argsort(texts)
                        near[n] = texts[order], dense[order]
        return near

    def _scored(
        self, shelf: Shelf, reading: Reading, words: Sequence[str], near: tuple[Rows, Scores]
    ) -> tuple[Rows, Scores]:
        """Those of the texts near a reading that meet it, and their scores."""
        texts, dense = near
        lexical = shelf.lexical.shared(words, texts, self._weights)
        shares = self._fusion.shares({"dense": dense, "lexical": lexical})
        scores = np.round(sum(shares.values()), DECIMALS)
        if len(set(words)) >= _LONG_NAME:
            for at in np.flatnonzero(lexical == 1).tolist():
                if is_name_of(reading.text, shelf.passages.text_numbered(int(texts[at]))):
                    scores[at] = 1.0
        scores = np.round(scores * reading.weight, DECIMALS)
        told = np.flatnonzero(scores >= self._fusion.threshold)
        return texts[told], scores[told]
