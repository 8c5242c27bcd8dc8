"""Golden pages: each source's fixtures, and exactly what they must give.

`tests/fixtures/<source>/<case>/` holds `page.*`, `meta.json` ({"address": …, "dated": …}) and
either `expected.json`, a list of records, or `error.json` ({"error": class, "says": [words]}).
A record is written as {"type": "Certification", field: value…}; a field that is left out must
have its default, except `places` and `place`, which are compared only where they are written.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

import kb.errors
from kb.model import Document
from scrapers.discovery import all_sources, choose_source

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(
    case for name in all_sources() for case in (FIXTURES / name).glob("*") if case.is_dir()
)


def load(case: Path) -> Document:
    page = next(case.glob("page.*"))
    meta = json.loads((case / "meta.json").read_text("utf-8"))
    dated = date.fromisoformat(meta["dated"]) if meta.get("dated") else None
    return Document(page.read_bytes(), meta["address"], dated)


def difference(expected: Any, given: Any, path: str = "") -> list[str]:
    """Fields whose values differ, by name; [] when all is as expected."""
    if isinstance(expected, dict) and isinstance(given, dict):
        found = []
        for key in sorted(expected.keys() | given.keys()):
            if key in ("place", "places") and key not in expected:
                continue
            if key not in expected and given[key] in (None, [], {}, "", False, "EUR"):
                continue
            if key not in expected and isinstance(given[key], dict):
                found += difference({}, given[key], f"{path}.{key}")
                continue
            found += difference(expected.get(key), given.get(key), f"{path}.{key}")
        return found
    if isinstance(expected, list) and isinstance(given, list):
        if len(expected) != len(given):
            return [f"{path}: {len(expected)} expected, {len(given)} found: {given!r}"]
        pairs = enumerate(zip(expected, given, strict=True))
        return [x for i, (e, g) in pairs for x in difference(e, g, f"{path}[{i}]")]
    return [] if expected == given else [f"{path}: expected {expected!r}, found {given!r}"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_golden(case: Path) -> None:
    document = load(case)
    if (case / "error.json").exists():
        wanted = json.loads((case / "error.json").read_text("utf-8"))
        with pytest.raises(getattr(kb.errors, wanted["error"])) as raised:
            list(all_sources()[case.parent.name].parse(document))
        for word in wanted["says"]:
            assert word in str(raised.value)
        return
    source = choose_source(document)
    assert case.parent.name == source.NAME, "recognised as another source"
    records = [
        {"type": type(record).__name__, **json.loads(msgspec.json.encode(record))}
        for record in source.parse(document)
    ]
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    assert difference(expected, records) == []


@pytest.mark.parametrize("name", list(all_sources()))
def test_every_source_has_a_good_and_a_bad_case(name: str) -> None:
    cases = list((FIXTURES / name).glob("*"))
    assert any((case / "expected.json").exists() for case in cases)
    assert any((case / "error.json").exists() for case in cases)
