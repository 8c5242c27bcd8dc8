"""Which source a document is, by its content. Sources are found, not registered."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Protocol, runtime_checkable

import scrapers.sources
from kb.errors import InvalidSetting, UnknownKind
from kb.model import Document, Record, Remark
from scrapers.archives import MARK, OF_TABLES, opened
from scrapers.lines import format_of


class Source(Protocol):
    """What each module of `scrapers.sources` offers.

    NAME: its name for `--source`. DESCRIPTION: one line. EXPECTED: range of the record counts of
    a full crawl. AUTHORITY: rank where documents differ on a field; lower wins (0 the register's
    data, 1 its page, 2 a référentiel or job sheet, 3 an article). PUBLISHER: who speaks.
    """

    NAME: str
    DESCRIPTION: str
    EXPECTED: range
    AUTHORITY: int
    PUBLISHER: str

    def recognise(self, document: Document) -> float:
        """0 (not this kind) to 1 (surely); cheap, pure, raises nothing on any bytes that
        `format_of` accepts."""

    def parse(self, document: Document) -> Iterator[Record]:
        """Records of the document; pure: no network, clock or database."""


@runtime_checkable
class Export(Source, Protocol):
    """A source whose documents hold many sheets, renewed as a whole."""

    def parts(
        self, document: Document, *, whole: bool = False
    ) -> Iterator[tuple[str, Document] | Remark]:
        """(number, document) of each sheet, unparsed; a Remark for one that was left out.
        whole: an export that was cut off raises IncompleteDocument at its end."""

    def size(self, document: Document) -> int:
        """Bytes of all its sheets, unpacked, for the progress; not exact."""


@cache
def all_sources() -> dict[str, Source]:
    """Every source by name, in alphabetical order."""
    found = {}
    for module in sorted(x.name for x in pkgutil.iter_modules(scrapers.sources.__path__)):
        source: Source = importlib.import_module(f"scrapers.sources.{module}")
        found[source.NAME] = source
    return found


def choose_source(document: Document, name: str | None = None) -> Source:
    """The source called `name`, else the one that recognises the document best.

    Raises:
        InvalidSetting: no source has that name. UnknownKind: none recognises the document.
        UnsafeDocument, UnreadableDocument: an archive, as `scrapers.archives.opened` says.
        EmptyDocument, BinaryDocument: see `scrapers.lines.format_of`.
    """
    sources = all_sources()
    if name is not None:
        if name not in sources:
            raise InvalidSetting(
                f"there is no source called {name!r}", f"Choose one of: {', '.join(sources)}."
            )
        return sources[name]
    format_of(document)
    scores = {each: source.recognise(document) for each, source in sources.items()}
    best = max(scores, key=lambda each: scores[each])
    if scores[best] <= 0 and document.content.startswith(MARK):
        _, files = opened(document)
        named = ", ".join(each.filename for each in files[:3]) + (", …" if files[3:] else "")
        raise UnknownKind(
            f"{document.name} is an archive, and no export; it holds {named}",
            f"Unpack it and give the files; {OF_TABLES}",
        )
    if scores[best] <= 0:
        raise UnknownKind(
            f"{document.name} is of no known kind",
            f"Name its kind with --source ({', '.join(sources)}).",
        )
    return sources[best]
