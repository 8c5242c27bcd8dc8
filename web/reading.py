"""The way from files to what they say, as far as it needs no parser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from kb.errors import DocumentTooLarge, NotFound, UnreadableDocument
from kb.model import Document

# Exports bear their day in their name: export_fiches_RNCP_V4_1_2026-08-16.xml
_DAY = re.compile(r"(20\d\d)[-_](0[1-9]|1[0-2])[-_](0[1-9]|[12]\d|3[01])")


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as named; of a folder all files in it, by name, hidden ones left out."""
    for path in paths:
        if path.is_dir():
            inside = (p for p in sorted(path.rglob("*")) if p.is_file())
            yield from (
                p for p in inside if not any(x.startswith(".") for x in p.relative_to(path).parts)
            )
        else:
            yield path


def is_address(item: str) -> bool:
    """A web address rather than a file."""
    return item.startswith(("http://", "https://"))


def items_of(given: Iterable[str]) -> Iterator[str]:
    """Web addresses as they are, files and the files of folders by their paths."""
    for item in given:
        if is_address(item):
            yield item
        else:
            yield from map(str, files_of([Path(item)]))


def read_document(path: Path, limit: int) -> Document:
    """A file with its day: the one in its name, else its last change.

    Raises:
        NotFound: no such file. UnreadableDocument: it cannot be opened.
        DocumentTooLarge: more than `limit` bytes; nothing of it is read then.
    """
    try:
        size = path.stat().st_size
        if size > limit:
            raise DocumentTooLarge(
                f"{path.name} has {size / 2**20:.0f} MB, over the limit of {limit // 2**20} MB",
                "Split it into one file per document, or raise the limit "
                "(PASSERELLE_MAX_DOCUMENT_MB, PASSERELLE_MAX_UPLOAD_MB).",
                where=str(path),
            )
        content = path.read_bytes()
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    except FileNotFoundError as error:
        raise NotFound("no such file", "Check its name.", where=str(path)) from error
    except OSError as error:
        raise UnreadableDocument(
            f"cannot be opened ({error.strerror})",
            "Check that you may read it, and that it is a file.",
            where=str(path),
        ) from error
    return Document(content, str(path.absolute()), _day_in(path.name) or changed)


def _day_in(name: str) -> date | None:
    found = _DAY.search(name)
    return date(*(int(part) for part in found.groups())) if found else None
