"""A few words, or a code -> certifications, blocks, competences and jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from index import vectors
from index.build import SHELVES, Index, Shelf
from index.encoder import Encoder
from index.initials import is_name_of
from index.lexical import WordWeights, content, stems
from index.passages import KINDS
from index.score import Fusion
from index.synonyms import Reading, Synonyms
from index.vectors import DECIMALS, Rows, Scores
from kb.errors import EmptyKnowledgeBase
from kb.model import Passage, Relation, SearchResult

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
_STANDS_ALONE = {"certification", "job", "block", "competency", "term"}
_CREDITS = np.array([_CREDIT[kind] for kind in KINDS])
# What has an identifier of its own beside that of its certification.
_OWN = np.array([kind in ("block", "competency") for kind in KINDS])
_NAMES = SHELVES["certification"]
_LONG_NAME = 3
"""Words from which on a title that is a phrase and an option is looked for: few texts have all."""


class Graph(Protocol):
    """What the search asks the knowledge base; `kb.store.Store` has it."""

    def relations(
        self, *, source: str | None = None, target: str | None = None
    ) -> list[Relation]: ...


@dataclass(frozen=True, slots=True)
class _Met:
    """Passages of a shelf that meet a query.

    rows: (n,); scores: (n,) of their texts; credited: (n,) to whom they are credited; to: (n,) the
    number of the certification or job that it is, -1 where a passage speaks for itself.
    """

    shelf: Shelf
    rows: Rows
    scores: Scores
    credited: Scores
    to: Rows

    def best(self, limit: int) -> Iterator[tuple[str, float]]:
        """The identifiers credited most, with their scores: ties by identifier."""
        for own in (True, False):
            chosen = np.flatnonzero((self.to < 0) == own)
            numbers = (self.rows if own else self.to)[chosen]
            order = np.lexsort((numbers, -self.credited[chosen]))
            name = self.shelf.passages.id_of if own else self.shelf.passages.entities.__getitem__
            seen: set[int] = set()
            for at in order:
                if len(seen) == limit:
                    break
                if (number := int(numbers[at])) not in seen:
                    seen.add(number)
                    yield name(number), float(self.credited[chosen[at]])

    def texts(self, identifier: str) -> list[tuple[float, str]]:
        """Scores and texts of what is credited to it."""
        number = self.shelf.passages.entity_number(identifier)
        at = np.flatnonzero(self.to == number) if number is not None else np.zeros(0, np.int64)
        rows = self.shelf.passages.rows_of(identifier)
        own = np.flatnonzero((self.to < 0) & np.isin(self.rows, rows))
        found = np.concatenate([at, own]).tolist()
        return [
            (float(self.scores[i]), self.shelf.passages.text_of(int(self.rows[i]))) for i in found
        ]


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
        self._encoder = encoder
        self._graph = graph
        self._fusion = fusion if encoder else fusion.without_model()
        self._weights = WordWeights.shipped()
        self._synonyms = synonyms or Synonyms.shipped()

    def search(self, text: str, limit: int = 10) -> tuple[SearchResult, ...]:
        """Things that meet the words, best first; what a typed code names comes before them.

        Misspelt words are read as the known words that are spelt most alike, everyday words also
        as the official ones that mean the same (`index.synonyms`).

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
        query = " ".join(text.split())
        exact = list(dict.fromkeys(self._by_code(query)))
        results = [self._named(identifier) for identifier in exact]
        if not results and stems(query):
            results = self._by_words(query, limit)
        return tuple(results[:limit])

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

    def _named(self, identifier: str) -> SearchResult:
        passage = self._name_of(identifier)
        return SearchResult(identifier, passage.kind, passage.text, 1.0, ())

    def _by_words(self, query: str, limit: int) -> list[SearchResult]:
        readings = self._synonyms.readings(self._synonyms.spelled(query, self._is_indexed))
        encoded = None
        if self._encoder is not None:
            encoded = self._encoder.encode([content(each.text) for each in readings], kind="query")
        met = []
        for name, shelf in self._index.shelves.items():
            if len(shelf):
                # Official phrases are those of titles: elsewhere the words as typed will do.
                asked = readings if name == _NAMES else readings[:1]
                met += [
                    self._meet(shelf, each, None if encoded is None else encoded[n : n + 1])
                    for n, each in enumerate(asked)
                ]
        best: dict[str, float] = {}
        for each in met:
            for identifier, score in each.best(limit):
                best[identifier] = max(score, best.get(identifier, 0.0))
        ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [self._told(identifier, score, met) for identifier, score in ordered[:limit]]

    def _told(self, identifier: str, score: float, met: Sequence[_Met]) -> SearchResult:
        named = self._name_of(identifier)
        found = [told for each in met for told in each.texts(identifier)]
        highlights = sorted(found, key=lambda h: (-h[0], h[1]))[:HIGHLIGHTS]
        texts = tuple(text for _, text in highlights)
        return SearchResult(identifier, named.kind, named.text, score, texts)

    def _meet(self, shelf: Shelf, reading: Reading, encoded: vectors.Vectors | None) -> _Met:
        words = self._spelled(stems(reading.text))
        wanted = CANDIDATES if reading.weight == 1 else _OF_PHRASE
        texts = shelf.lexical.search(words, wanted)[1]
        dense = np.zeros(len(texts))
        if encoded is not None:
            near = vectors.search(shelf.vectors, encoded, min(wanted, len(shelf)))[1][0]
            texts = np.union1d(texts, near)
            dense = vectors.similarity(shelf.vectors, encoded[0], texts)
        lexical = shelf.lexical.shared(words, texts, self._weights)
        shares = self._fusion.shares({"dense": dense, "lexical": lexical})
        scores = np.round(sum(shares.values()), DECIMALS)
        if len(set(words)) >= _LONG_NAME:
            for at in np.flatnonzero(lexical == 1):
                row = int(shelf.passages.saying(texts[at : at + 1])[0][0])
                if is_name_of(reading.text, shelf.passages.text_of(row)):
                    scores[at] = 1.0
        scores = np.round(scores * reading.weight, DECIMALS)
        told = np.flatnonzero(scores >= self._fusion.threshold)
        rows, owners = shelf.passages.saying(texts[told])
        kinds = shelf.passages.kind[rows]
        return _Met(
            shelf,
            rows,
            scores[told][owners],
            np.round(scores[told][owners] * _CREDITS[kinds], DECIMALS),
            np.where(_OWN[kinds], -1, shelf.passages.entity[rows].astype(np.int64)),
        )

    def _name_of(self, entity: str) -> Passage:
        for passage in self._index.passages(entity):
            if passage.kind in _STANDS_ALONE:
                return passage
        # A sheet whose title its page does not give.
        return Passage(entity, "certification", entity, entity.partition(":")[2])

    def _is_indexed(self, stem: str) -> bool:
        return any(stem in shelf.lexical.vocabulary for shelf in self._index.shelves.values())

    def _spelled(self, words: Sequence[str]) -> list[str]:
        """The stems, misspelt ones replaced by the nearest that the index knows.

        A short word that no text has ("bts") cannot tell texts apart: it is left out.
        """
        shelves = self._index.shelves.values()
        read = []
        for word in words:
            if self._is_indexed(word) or self._synonyms.knows(word):
                read.append(word)
                continue
            if len(word) < 4:
                continue
            near = sorted({n for s in shelves for n in s.lexical.nearest_stems(word)[:1]})
            read.extend(near or [word])
        return read
