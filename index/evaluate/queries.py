"""Everyday queries with the certifications that answer them, written for this project."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("search_queries.json")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """expected: numbers, any of which answers. kind: abbreviation, slang, misspelling…"""

    query: str
    expected: tuple[str, ...]
    kind: str


def read_queries(path: Path = _FILE) -> tuple[SearchQuery, ...]:
    """The queries in the package."""
    return tuple(
        SearchQuery(item["query"], tuple(item["expected"]), item["kind"])
        for item in json.loads(path.read_text("utf-8"))
    )
