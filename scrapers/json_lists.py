"""A JSON list of objects as a document, recognised by what its first object holds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kb.errors import IncompleteDocument, UnreadableDocument
from kb.model import Document

_HEAD = 64 * 1024
"""Bytes in which the first object shows its keys."""


def opens_with(document: Document, keys: Iterable[str], mark: str = "[") -> bool:
    """The text begins with the mark, and names all keys near its beginning. Raises nothing."""
    head = document.content[:_HEAD].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    return head.startswith(mark) and all(f'"{key}"' in head for key in keys)


def load(document: Document) -> Any:
    """The document's value.

    Raises:
        UnreadableDocument: no JSON.
    """
    try:
        return json.loads(document.content)
    except ValueError as error:
        raise UnreadableDocument(
            f"{document.name} is no JSON ({error}); it may be cut off", "Download it again."
        ) from error


def objects(document: Document, listed: object, keys: Iterable[str]) -> list[dict[str, Any]]:
    """The list, in which each object has all keys.

    Raises:
        IncompleteDocument: empty, or an object lacks a key.
    """
    found = listed if isinstance(listed, list) else []
    for position, each in enumerate(found, 1):
        missing = [key for key in keys if not isinstance(each, dict) or key not in each]
        if missing:
            raise IncompleteDocument(
                f"{document.name}: object {position} has no {', '.join(missing)}",
                "Download it again, in the version that the README names.",
            )
    if not found:
        raise IncompleteDocument(
            f"{document.name} lists nothing; it may be cut off", "Download it again."
        )
    return found
