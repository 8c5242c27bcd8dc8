"""Many sheets at a time, on every core; results in the order of the sheets."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import islice

from kb.model import Document
from kb.prepared import Reading, Staged, prepare
from kb.processes import helpers
from scrapers.discovery import all_sources

CHUNK = 50
"""Sheets that a process takes at once; below this many, starting processes costs more."""


def parse_all(source: str, parts: Iterable[tuple[str, Document]]) -> Iterator[Staged]:
    """What a source reads in each of its sheets, ready to be written.

    Args:
        source: its name. parts: (number, document); taken only as far as there is work to give.
    Raises:
        What the source raises.
    """
    rest = iter(parts)
    first = list(islice(rest, CHUNK))
    if len(first) < CHUNK:
        yield from _parse(source, first)
        return
    workers = os.cpu_count() or 1
    with helpers(workers) as pool:
        running: deque[Future[list[Staged]]] = deque([pool.submit(_parse, source, first)])
        while running:
            while len(running) < 2 * workers and (chunk := list(islice(rest, CHUNK))):
                running.append(pool.submit(_parse, source, chunk))
            yield from running.popleft().result()


def _parse(source: str, parts: list[tuple[str, Document]]) -> list[Staged]:
    reader = all_sources()[source]
    return [
        Staged.of(
            prepare(
                Reading(
                    document,
                    reader.parse(document),
                    reader.NAME,
                    reader.AUTHORITY,
                    reader.PUBLISHER,
                    number,
                )
            )
        )
        for number, document in parts
    ]
