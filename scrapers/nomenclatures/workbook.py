"""Tables in a workbook (XLSX): the same rows as of a CSV table."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kb.errors import IncompleteDocument, UnreadableDocument, UnsafeDocument
from kb.model import Document, Record
from scrapers.archives import MARK, opened
from scrapers.rows import Row, Table

_DAMAGED = (zipfile.BadZipFile, zlib.error, SyntaxError)  # XML faults are SyntaxErrors


def is_workbook(document: Document) -> bool:
    """An archive with a workbook in it. Raises nothing."""
    if not document.content.startswith(MARK):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(document.content)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def table_of(document: Document, tables: Sequence[Table]) -> Table | None:
    """The first of these tables that a sheet of the workbook has the columns of. Raises nothing."""
    if not is_workbook(document):
        return None
    try:
        with _opened(document) as book:
            return next((table for table, _, _ in _found(book, tables)), None)
    except (UnreadableDocument, UnsafeDocument):
        return None


def read(document: Document, tables: Sequence[Table]) -> Iterator[Record]:
    """What the rows of the workbook's tables say, sheet by sheet.

    Raises:
        UnreadableDocument, UnsafeDocument: as `archives.opened` raises them; a damaged sheet.
        IncompleteDocument: no sheet with the columns of one of the tables.
    """
    with _opened(document) as book:
        found = False
        for table, names, rows in _found(book, tables):
            found = True
            yield from table.read(_rows(names, rows))
        if not found:
            raise IncompleteDocument(
                f"{document.name} has no sheet with the columns of a known table",
                "Download it again.",
            )


@contextmanager
def _opened(document: Document) -> Iterator[Any]:
    import openpyxl

    try:
        opened(document)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles that the publisher left out
            book = openpyxl.load_workbook(io.BytesIO(document.content), read_only=True)
    except (KeyError, ValueError, OSError, *_DAMAGED) as error:
        raise _damaged(document, error) from error
    try:
        yield book
    except _DAMAGED as error:  # sheets are read as their rows are asked for
        raise _damaged(document, error) from error
    finally:
        book.close()


def _damaged(document: Document, error: Exception) -> UnreadableDocument:
    return UnreadableDocument(
        f"{document.name} is a damaged workbook ({error})", "Download it again."
    )


def _found(
    book: Any, tables: Sequence[Table]
) -> Iterator[tuple[Table, list[str], Iterator[tuple[Any, ...]]]]:
    for sheet in book.worksheets:
        rows = iter(sheet.iter_rows(values_only=True))
        # A column without a name goes by its letter.
        first = enumerate(next(rows, ()))
        names = [_plain(cell) or chr(ord("A") + position) for position, cell in first]
        table = next((t for t in tables if t.has(frozenset(names))), None)
        if table is not None:
            yield table, names, rows


def _rows(names: list[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
    for line, cells in enumerate(rows, 2):
        values = dict(zip(names, map(_plain, cells), strict=False))
        if any(values.values()):
            yield Row(line, dict.fromkeys(names, "") | values)


def _plain(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()
