"""Documents written some at a time, and a report on each in the order in which they came.

Tables of one nomenclature speak of the same things: written together, each thing is merged once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kb.errors import PasserelleError
from kb.store import Ingested, Reading, Refreshed, Store
from web import printing

MOST_BYTES = 32 * 2**20
"""Of documents whose records are held at once; a larger document is written alone."""
MOST_DOCUMENTS = 200


class Batches:
    """What was read and is not yet written, and the reports on all that came."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: dict[str, tuple[int, str, Reading]] = {}  # by hash: a copy waits its turn
        self._bytes = 0
        self._reports: list[dict[str, Any]] = []

    def add(self, item: str, reading: Reading) -> None:
        """Take a document; it is parsed now, and written with the others of its batch.

        Raises:
            What its source raises; nothing of it is kept then.
        """
        reading = replace(reading, records=list(reading.records))
        size, sha256 = len(reading.document.content), reading.document.sha256
        full = self._bytes + size > MOST_BYTES or len(self._held) == MOST_DOCUMENTS
        if full or sha256 in self._held:
            self.write()
        self._held[sha256] = (len(self._reports), item, reading)
        self._bytes += size
        self._reports.append({})

    def done(self, item: str, done: Ingested | Refreshed) -> None:
        """Report what was written apart, after all that came before."""
        self.write()
        self._reports.append(printing.report(item, done))

    def failed(self, item: str, error: str) -> None:
        self._reports.append(printing.fault(item, error))

    def write(self) -> None:
        """Write what is held, in one transaction."""
        held, self._held, self._bytes = list(self._held.values()), {}, 0
        try:
            written = self._store.ingest_all(reading for _, _, reading in held)
            for (position, item, _), done in zip(held, written, strict=True):
                self._reports[position] = printing.report(item, done)
        except PasserelleError as error:
            for position, item, _ in held:
                self._reports[position] = printing.fault(item, " ".join(f"error: {error}".split()))

    def reports(self) -> list[dict[str, Any]]:
        """All reports, once everything is written."""
        self.write()
        return self._reports
