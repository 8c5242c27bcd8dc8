"""The invented register has the counts it says, reads back as it was meant, and never varies."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kb.identity import is_siret, text_key
from kb.model import Certification, Document, Remark
from scrapers.sources import rncp_xml

BENCH = Path(__file__).parent / "bench" / "make_register.py"
SHEETS = 240


def make(folder: Path, *options: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(BENCH), str(folder), "--sheets", str(SHEETS), *options],
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return make(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return make(tmp_path_factory.mktemp("second"), "--next-day")


@cache
def content(path: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        return archive.read(name)


@cache
def sheets(path: str) -> dict[str, Certification]:
    found = rncp_xml.parse(Document(content(path), path))
    return {r.number or "": r for r in found if isinstance(r, Certification)}


def remarks(path: str) -> Iterator[Remark]:
    for sheet in sheets(path).values():
        yield from sheet.warnings


def test_counts_are_in_proportion_to_the_real_ones(first: dict[str, Any]) -> None:
    assert first["sheets"] == SHEETS
    assert first["active"] == round(SHEETS * 6989 / 30475)
    assert first["blocks"] == round(SHEETS * 55761 / 30475)
    assert first["partners"] == round(SHEETS * 397774 / 30475)


def test_the_reader_finds_what_was_made(first: dict[str, Any]) -> None:
    found = list(sheets(first["path"]).values())
    assert len(found) == first["sheets"]
    assert sum(sheet.active is True for sheet in found) == first["active"]
    assert sum(len(sheet.blocks) for sheet in found) == first["blocks"]
    assert sum(len(sheet.partners) for sheet in found) == first["partners"]
    listed = sum(len(block.competencies) for sheet in found for block in sheet.blocks)
    # Wrapped lines, headings and groups are ambiguous by nature; hardly more is lost or gained.
    assert abs(listed - first["competences"]) <= 0.02 * first["competences"]


def test_nothing_in_it_is_a_fault(first: dict[str, Any]) -> None:
    known = re.compile(r"\d+ of \d+ items of 'Compétences attestées' are in no block's list")
    assert [r.text for r in remarks(first["path"]) if not known.match(r.text)] == []


def test_numbers_are_invented(first: dict[str, Any]) -> None:
    for number, sheet in sheets(first["path"]).items():
        assert re.fullmatch(r"(?:RNCP|RS)9\d{5}", number)
        for partner in sheet.partners:
            assert partner.siret is not None
            assert partner.siret.startswith("000")
            assert is_siret(partner.siret)


def test_sentences_hardly_repeat(first: dict[str, Any]) -> None:
    texts = Counter(
        text_key(c.text) for s in sheets(first["path"]).values() for c in s.competencies
    )
    repeated = 1 - len(texts) / texts.total()
    assert repeated < 0.35  # as measured on the competences of 146 real certifications


def test_the_same_seed_gives_the_same_bytes(first: dict[str, Any], tmp_path: Path) -> None:
    again = make(tmp_path)
    other = make(tmp_path / "other", "--seed", "2")
    assert Path(again["path"]).read_bytes() == Path(first["path"]).read_bytes()
    assert content(other["path"]) != content(first["path"])


def test_the_next_day_changes_one_sheet_in_a_hundred(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    before, after = sheets(first["path"]), sheets(second["path"])
    changed = [number for number in after if after[number] != before.get(number)]
    assert len(changed) == second["changed"]
    assert set(before) < set(after)
    assert len(after) == second["sheets"]
    assert sum(sheet.active is True for sheet in after.values()) == second["active"]
