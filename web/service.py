"""Store, indexes and model behind one door, for the command line and the pages."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

from index.build import Index, open_index, refresh
from kb.config import Settings
from kb.errors import EmptyKnowledgeBase, IndexMismatch, MissingModel
from kb.merge import Entry
from kb.model import Certification, Job, MatchReport, SearchReport
from kb.register import Dossier, SharedTexts, dossier
from kb.store import Store, Summary
from kb.timeline import Event, timeline

if TYPE_CHECKING:
    from index.encoder import Encoder
    from index.match import Matcher
    from index.search import Searcher
    from kb.compare import Comparison


class Service:
    """Answers of one knowledge base. Opened late: what a command does not need is not loaded.

    read_upload: (file name, bytes) -> text of an offer or a CV.
    """

    def __init__(
        self, settings: Settings, store: Store, read_upload: Callable[[str, bytes], str]
    ) -> None:
        self._settings = settings
        self._store = store
        self.read_upload = read_upload
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None
        self._encoder_tried = False
        self._index: Index | None = None
        self._matcher: tuple[Index, Matcher] | None = None
        self._searcher: tuple[Index, Searcher] | None = None

    def refresh(self, anew: bool = False) -> bool:
        """Bring the indexes up to date; whether the passages or the model had changed.

        Args:
            anew: make them from nothing, whatever they are.
        Raises:
            MissingModel: the model cannot be loaded; the indexes stay as they were.
        """
        from index.encoder import load_encoder

        encoder = load_encoder(self._settings.model)
        if not anew:
            with suppress(EmptyKnowledgeBase, IndexMismatch):
                open_index(self._settings.index_folder, encoder, self._store.state())
                return False
        refresh(self._store, encoder, self._settings.index_folder, anew)
        return True

    def search(self, text: str, limit: int = 10, in_force: bool = False) -> SearchReport:
        """See `index.search`. Goes on with words alone when the model is missing."""
        from index.search import Searcher

        index, encoder = self._opened()
        held = self._searcher
        if held is None or held[0] is not index:
            # A searcher remembers the words that it can find.
            held = self._searcher = index, Searcher(index, encoder, self._store)
        return held[1].search(text, limit, in_force)

    def match(self, text: str, in_force: bool = False) -> MatchReport:
        """See `index.match`."""
        from index.match import Matcher

        index, encoder = self._opened()
        held = self._matcher
        if held is None or held[0] is not index:
            # A matcher remembers the words that it has read.
            held = index, Matcher(index, encoder, self._store, second=self._second)
            self._matcher = held
        return held[1].match(text, in_force=in_force)

    def certification(self, key: str) -> Entry[Certification]:
        return self._store.certification(key)

    def register(self, key: str, on: date | None = None, siret: str | None = None) -> Dossier:
        """Where it stands in the register on a day, today unless told."""
        return dossier(self._store, key, on or date.today(), siret, self._alike)

    def _alike(self, certification: str) -> list[SharedTexts]:
        """Blocks with nearly the same sentences; without an index, none but the very same."""
        from index.duplicates import alike

        index, state = self._index, self._store.state()
        if index is None or index.manifest.state != state:
            try:
                index = open_index(self._settings.index_folder, None, state)
            except (EmptyKnowledgeBase, IndexMismatch):
                return []
        return alike(index, certification)

    def history(self, key: str) -> tuple[Event, ...]:
        """Its timeline, oldest first."""
        entry = self._store.certification(key)
        return timeline(entry.record, self._store.changes(entity=entry.id))

    def job(self, key: str) -> Entry[Job]:
        return self._store.job(key)

    def compare(self, one: str, other: str) -> Comparison:
        """Two certifications, block by block."""
        from index.compare import compare_certifications

        _, encoder = self._opened()
        return compare_certifications(self.certification(one), self.certification(other), encoder)

    def summary(self) -> Summary:
        return self._store.summary()

    def _opened(self) -> tuple[Index, Encoder | None]:
        """The index of the present state; while another process makes it, the one held."""
        with self._lock:
            encoder = self._load_encoder()
            state = self._store.state()
            if self._index is None or self._index.manifest.state != state:
                try:
                    self._index = open_index(self._settings.index_folder, encoder, state)
                except IndexMismatch:
                    if self._index is None:
                        raise
            return self._index, encoder

    @functools.cached_property
    def _second(self) -> Encoder | None:
        """The second stage; None where it is not wanted or not installed, or the model is another
        than the one that its weights were learned beside."""
        from index.second import load_second

        return load_second() if self._settings.second and not self._settings.model else None

    def _load_encoder(self) -> Encoder | None:
        if not self._encoder_tried:
            from index.encoder import load_encoder

            self._encoder_tried = True
            try:
                self._encoder = load_encoder(self._settings.model)
            except MissingModel as error:
                print(f"Searching by words alone: {' '.join(str(error).split())}", file=sys.stderr)
        return self._encoder
