"""Opening one table: CSV with a header, or JSON, by its place under the folder of the data."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kb.errors import NotFound, UnreadableDocument


def rows(
    folder: Path, name: str, columns: Iterable[str], delimiter: str = ","
) -> list[dict[str, str]]:
    """All rows of `folder/name`, blanks at the ends of values stripped.

    Raises:
        NotFound: no such file. UnreadableDocument: not UTF-8, or a column of `columns` is missing.
    """
    path = existing(folder, name)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter=delimiter)
            missing = sorted(set(columns) - set(reader.fieldnames or ()))
            if missing:
                raise UnreadableDocument(
                    f"{name} has no column {', '.join(missing)}",
                    "Get the table in the version that the documentation names.",
                    where=str(path),
                )
            return [
                {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
                for row in reader
            ]
    except (UnicodeDecodeError, csv.Error) as fault:
        raise UnreadableDocument(
            f"{name} is not a CSV table in UTF-8 ({fault})",
            "Convert it to UTF-8, or download it again.",
            where=str(path),
        ) from fault


def load_json(folder: Path, name: str) -> list[dict[str, Any]]:
    """The list of objects in `folder/name`.

    Raises:
        NotFound: no such file. UnreadableDocument: not JSON, or not a list of objects.
    """
    path = existing(folder, name)
    try:
        found = json.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise UnreadableDocument(
            f"{name} is not JSON ({fault})", "Download it again.", where=str(path)
        ) from fault
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UnreadableDocument(
            f"{name} is not a list of objects", "Download it again.", where=str(path)
        )
    return found


def existing(folder: Path, name: str) -> Path:
    """`folder/name`, which must be a file.

    Raises:
        NotFound: it is not there.
    """
    path = folder / name
    if not path.is_file():
        raise NotFound(
            f"no table {name} in {folder}",
            "Name the folder that holds the reference tables with --data.",
        )
    return path


def parted(value: str, mark: str) -> tuple[str, ...]:
    """The non-empty parts of a cell that holds several values, each once, in order."""
    return tuple(dict.fromkeys(part.strip() for part in value.split(mark) if part.strip()))


def field(row: dict[str, Any], key: str, name: str) -> str:
    """A text of a JSON record; "" for null.

    Raises:
        UnreadableDocument: the record has no such key.
    """
    if key not in row:
        raise UnreadableDocument(
            f"a record of {name} has no {key!r}",
            "Get the table in the version that the documentation names.",
        )
    return str(row[key] or "").strip()
