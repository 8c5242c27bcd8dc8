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
from index.spelling import Speller
from index.synonyms import Reading, Synonyms
from index.vectors import DECIMALS, Rows, Scores
from kb.errors import EmptyKnowledgeBase
from kb.model import Relation, SearchReport, SearchResult

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
_SHORT = 4


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
        passages = self.shelf.passages
        for own, name in ((True, passages.id_of), (False, passages.entities.__getitem__)):
            chosen = np.flatnonzero((self.to < 0) == own)
            numbers, credited = (self.rows if own else self.to)[chosen], self.credited[chosen]
            order = np.lexsort((numbers, -credited))
            first = np.sort(np.unique(numbers[order], return_index=True)[1])
            for at in order[first[:limit]].tolist():
                yield name(int(numbers[at])), float(credited[at])

    def texts(self, identifier: str, own: Sequence[int]) -> list[tuple[float, str]]:
        """Scores and texts of what is credited to it. own: the rows with this identifier."""
        passages = self.shelf.passages
        number = passages.entity_number(identifier)
        if number is not None:
            found = np.flatnonzero(self.to == number)
        elif own:
            alike = (self.rows >= own[0]) & (self.rows <= own[-1])
            found = np.flatnonzero(alike & (self.to < 0))
        else:
            return []
        return [(float(self.scores[i]), passages.text_of(int(self.rows[i]))) for i in found]


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
        self._encoder = encoder
        self._graph = graph
        self._fusion = fusion if encoder else fusion.without_model()
        self._weights = WordWeights.shipped()
        self._synonyms = synonyms or Synonyms.shipped()
        self._speller = Speller(tuple(index.shelves.values()), self._synonyms.words)

    def search(self, text: str, limit: int = 10) -> SearchReport:
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
        if exact:
            return SearchReport((query,), tuple(map(self._named, exact[:limit])))
        readings = self._synonyms.readings(self._speller.read(query))
        results = self._by_words(readings, limit) if stems(query) else ()
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

    def _named(self, identifier: str) -> SearchResult:
        return self._told(identifier, 1.0, ())

    def _by_words(self, readings: Sequence[Reading], limit: int) -> list[SearchResult]:
        encoded = None
        if self._encoder is not None:
            encoded = self._encoder.encode([content(each.text) for each in readings], kind="query")
        met = [
            # Official phrases are those of titles: elsewhere the words as typed will do.
            self._meet(shelf, readings if name == _NAMES else readings[:1], encoded)
            for name, shelf in self._index.shelves.items()
            if len(shelf)
        ]
        best: dict[str, float] = {}
        for each in met:
            for identifier, score in each.best(limit):
                best[identifier] = max(score, best.get(identifier, 0.0))
        ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [self._told(identifier, score, met) for identifier, score in ordered[:limit]]

    def _told(self, identifier: str, score: float, met: Sequence[_Met]) -> SearchResult:
        shelf, rows = self._rows_of(identifier)
        found = [
            told
            for each in met
            for told in each.texts(identifier, rows if each.shelf is shelf else ())
        ]
        highlights = sorted(found, key=lambda h: (-h[0], h[1]))[:HIGHLIGHTS]
        texts = tuple(text for _, text in highlights)
        for row in rows:
            kind = KINDS[int(shelf.passages.kind[row])]
            if kind in _STANDS_ALONE:
                title = shelf.passages.text_of(row)
                return SearchResult(identifier, kind, title, score, texts)
        # A sheet whose title its page does not give.
        title = identifier.partition(":")[2]
        return SearchResult(identifier, "certification", title, score, texts)

    def _rows_of(self, identifier: str) -> tuple[Shelf, Sequence[int]]:
        """Where the passages with this identifier stand: on one shelf, if anywhere."""
        names = self._index.shelves[_NAMES]
        for shelf in (names, *self._index.shelves.values()):
            if rows := shelf.passages.rows_of(identifier):
                return shelf, rows
        return names, ()

    def _meet(
        self, shelf: Shelf, readings: Sequence[Reading], encoded: vectors.Vectors | None
    ) -> _Met:
        near = self._near(shelf, readings, encoded)
        found = [
            self._scored(shelf, reading, near[n], None if encoded is None else encoded[n])
            for n, reading in enumerate(readings)
        ]
        texts, scores = (np.concatenate(each) for each in zip(*found, strict=True))
        rows, owners = shelf.passages.saying(texts)
        kinds = shelf.passages.kind[rows]
        return _Met(
            shelf,
            rows,
            scores[owners],
            np.round(scores[owners] * _CREDITS[kinds], DECIMALS),
            np.where(_OWN[kinds], -1, shelf.passages.entity[rows].astype(np.int64)),
        )

    def _near(
        self, shelf: Shelf, readings: Sequence[Reading], encoded: vectors.Vectors | None
    ) -> list[Rows]:
        """Texts near each reading in meaning; none without a model."""
        near = [np.zeros(0, np.int64)] * len(readings)
        if encoded is not None:
            for wanted in (CANDIDATES, _OF_PHRASE):
                asked = [n for n, reading in enumerate(readings) if _wanted(reading) == wanted]
                if asked:
                    count = min(wanted, len(shelf))
                    rows = vectors.search(shelf.vectors, encoded[asked], count)[1]
                    for n, found in zip(asked, rows, strict=True):
                        near[n] = found
        return near

    def _scored(
        self, shelf: Shelf, reading: Reading, near: Rows, encoded: vectors.Vectors | None
    ) -> tuple[Rows, Scores]:
        """Texts that meet a reading, and their scores."""
        # A short word that no text has ("bts") cannot tell texts apart.
        words = [
            stem for stem in stems(reading.text) if len(stem) >= _SHORT or self._speller.knows(stem)
        ]
        texts = np.union1d(shelf.lexical.search(words, _wanted(reading))[1], near)
        dense = np.zeros(len(texts))
        if encoded is not None:
            dense = vectors.similarity(shelf.vectors, encoded, texts)
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
