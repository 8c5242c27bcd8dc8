"""A CSV table as a document: its rows by column name, each with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kb.errors import IncompleteDocument, UnreadableDocument
from kb.model import Document, Record

_HEAD = 4096
"""Bytes in which a table's header ends."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. line: of the table, from 1, the header's being the first. values: without blanks
    at their ends."""

    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    @property
    def place(self) -> str:
        return f"line {self.line}"


def columns(document: Document, delimiter: str) -> frozenset[str]:
    """Names in the first line; empty for what is no text. Raises nothing."""
    head = _text(document.content[:_HEAD]).lstrip().split("\n", 1)[0].rstrip("\r")
    if "\0" in head or delimiter not in head:
        return frozenset()
    try:
        names = next(csv.reader([head], delimiter=delimiter), [])
    except csv.Error:
        return frozenset()
    return frozenset(name.strip() for name in names)


def rows(document: Document, needed: Iterable[str], delimiter: str) -> Iterator[Row]:
    """All rows but empty ones, in order.

    Raises:
        IncompleteDocument: a needed column is missing, a row is cut short, or there is no row.
        UnreadableDocument: no CSV.
    """
    reader = csv.reader(io.StringIO(_text(document.content), newline=""), delimiter=delimiter)
    found = False
    try:
        names = [name.strip() for name in next(reader, [])]
        missing = sorted(set(needed) - set(names))
        if missing:
            raise IncompleteDocument(
                f"{document.name} has no column {', '.join(missing)}",
                "Download the table again, in the version that the README names.",
            )
        wanted = max(names.index(name) for name in needed) + 1
        line = reader.line_num + 1
        for cells in reader:
            if any(cells):
                if len(cells) < wanted:
                    raise IncompleteDocument(
                        f"{document.name} line {line} has {len(cells)} of {len(names)} columns; "
                        "the table may be cut off there",
                        "Download it again.",
                    )
                found = True
                values = (cell.strip() for cell in cells)
                yield Row(line, dict(zip(names, values, strict=False)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableDocument(
            f"{document.name} is no CSV table ({error})", "Download it again."
        ) from error
    if not found:
        raise IncompleteDocument(
            f"{document.name} has a header and no row; it may be cut off", "Download it again."
        )


def _text(content: bytes) -> str:
    """UTF-8, or the older encoding of the same publishers' tables."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.end >= len(content) == _HEAD:  # a character cut by the head's end
            return content[: error.start].decode("utf-8-sig")
        return content.decode("cp1252", errors="replace")


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of table: the columns by which it is known, and what its rows say.

    alone: no other column may stand beside them.
    """

    columns: tuple[str, ...]
    read: Callable[[Iterator[Row]], Iterator[Record]]
    alone: bool = False

    def has(self, names: frozenset[str]) -> bool:
        """Whether a header with these names is this table's."""
        needed = frozenset(self.columns)
        return names == needed if self.alone else names >= needed


def table_of(document: Document, tables: Iterable[Table], delimiter: str) -> Table | None:
    """The first of these tables whose columns the document's header has. Raises nothing."""
    found = columns(document, delimiter)
    return next((table for table in tables if table.has(found)), None)


def read_table(document: Document, tables: Sequence[Table], delimiter: str) -> Iterator[Record]:
    """What the document's rows say, by the table that it is.

    Raises:
        As `rows`; for a document that is none of the tables, as for the first of them.
    """
    table = table_of(document, tables, delimiter) or tables[0]
    return table.read(rows(document, table.columns, delimiter))
