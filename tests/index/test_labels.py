"""The labelled sets of index/evaluate: their shape, balance and independence of the demo."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "index" / "evaluate"
DEMO = ROOT / "web" / "demo"
LABELS = {"fits", "partly", "does_not"}
QUERY_KINDS = {"abbreviation", "field", "job", "slang", "english", "misspelling", "description"}
SEGMENT_KINDS = {
    "task",
    "company",
    "requirement",
    "schooling",
    "soft_skill",
    "benefit",
    "diversity",
    "apply",
    "contact",
    "other",
}


def load(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return rows


def shares(texts: list[str]) -> list[float]:
    halves = Counter(zlib.crc32(text.encode("utf-8")) % 2 for text in texts)
    return [halves[half] / len(texts) for half in (0, 1)]


@pytest.fixture(scope="module")
def pairs() -> list[dict[str, Any]]:
    return load("pairs")


@pytest.fixture(scope="module")
def queries() -> list[dict[str, Any]]:
    return load("search_queries")


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    return load("task_segments")


@pytest.mark.parametrize("name", ["pairs", "search_queries", "task_segments"])
def test_each_set_has_its_rule(name: str) -> None:
    assert len((FOLDER / f"{name}.md").read_text("utf-8").split()) > 100


def test_pairs_are_complete_and_clean(pairs: list[dict[str, Any]]) -> None:
    assert len(pairs) >= 1000
    for pair in pairs:
        assert set(pair) == {"task", "competency", "label", "field"}
        assert pair["label"] in LABELS
        for key in ("task", "competency"):
            assert pair[key] == " ".join(pair[key].split()), pair
            assert len(pair[key]) >= 12, pair
        assert len(pair["competency"]) <= 350, pair
        assert pair["task"] != pair["competency"]


def test_no_pair_twice(pairs: list[dict[str, Any]]) -> None:
    found = Counter((pair["task"].casefold(), pair["competency"].casefold()) for pair in pairs)
    assert [pair for pair, count in found.items() if count > 1] == []


def test_a_task_has_one_field_and_few_pairs(pairs: list[dict[str, Any]]) -> None:
    fields: dict[str, set[str]] = {}
    for pair in pairs:
        fields.setdefault(pair["task"], set()).add(pair["field"])
    assert all(len(of_task) == 1 for of_task in fields.values())
    assert max(Counter(pair["task"] for pair in pairs).values()) <= 6


def test_pairs_are_balanced(pairs: list[dict[str, Any]]) -> None:
    count = Counter(pair["label"] for pair in pairs)
    assert 0.28 <= count["fits"] / len(pairs) <= 0.42
    assert 0.15 <= count["partly"] / len(pairs) <= 0.26
    assert 0.38 <= count["does_not"] / len(pairs) <= 0.52
    fields = Counter(pair["field"] for pair in pairs)
    assert len(fields) >= 8
    assert min(fields.values()) >= 40
    for field in fields:
        assert {pair["label"] for pair in pairs if pair["field"] == field} == LABELS


def test_words_alone_do_not_decide(pairs: list[dict[str, Any]]) -> None:
    def stems(text: str) -> set[str]:
        return {word[:5] for word in re.findall(r"\w{4,}", text.casefold())}

    def share(label: str, *, common: bool) -> int:
        return sum(
            bool(stems(pair["task"]) & stems(pair["competency"])) is common
            for pair in pairs
            if pair["label"] == label
        )

    assert share("fits", common=False) >= 100
    assert share("does_not", common=True) >= 50


def test_halves_of_pairs(pairs: list[dict[str, Any]]) -> None:
    assert min(shares(sorted({pair["task"] for pair in pairs}))) >= 0.4
    assert min(shares([pair["task"] for pair in pairs])) >= 0.4


def test_queries_are_complete_and_clean(queries: list[dict[str, Any]]) -> None:
    assert len(queries) >= 120
    texts = [query["query"] for query in queries]
    assert len({text.casefold() for text in texts}) == len(texts)
    for query in queries:
        assert set(query) == {"query", "expected", "kind"}
        assert query["query"] == query["query"].strip()
        assert query["expected"]
        assert query["expected"] == sorted(set(query["expected"]))
        assert all(re.fullmatch(r"(?:RNCP\d{3,5}|RS\d{1,4})", n) for n in query["expected"])
    kinds = Counter(query["kind"] for query in queries)
    assert set(kinds) == QUERY_KINDS
    assert min(kinds.values()) >= 15


def test_halves_of_queries(queries: list[dict[str, Any]]) -> None:
    assert min(shares([query["query"] for query in queries])) >= 0.4


@pytest.mark.real
def test_expected_certifications_are_active(queries: list[dict[str, Any]], real_data: Path) -> None:
    path = real_data / "data" / "certif_info" / "active_titles_2026-04.json"
    active = {row["numero"] for row in json.loads(path.read_text("utf-8"))}
    unknown = {n for query in queries for n in query["expected"]} - active
    assert unknown == set()


def test_segments_lie_in_their_text(documents: list[dict[str, Any]]) -> None:
    assert len(documents) >= 30
    for document in documents:
        text, end = document["text"], 0
        assert text == text.strip()
        assert any(segment["kind"] == "task" for segment in document["segments"])
        for segment in document["segments"]:
            assert set(segment) == {"start", "end", "kind"}
            assert segment["kind"] in SEGMENT_KINDS
            assert end <= segment["start"] < segment["end"] <= len(text)
            piece = text[segment["start"] : segment["end"]]
            assert piece
            assert piece == piece.strip()
            end = segment["end"]


def test_segments_leave_out_marks_only(documents: list[dict[str, Any]]) -> None:
    for document in documents:
        outside, end = [], 0
        for segment in document["segments"]:
            outside.append(document["text"][end : segment["start"]])
            end = segment["end"]
        outside.append(document["text"][end:])
        words = re.findall(r"\w+", " ".join(outside))
        assert all(word == "et" or len(word) == 1 for word in words), words


def test_every_kind_of_segment_is_there(documents: list[dict[str, Any]]) -> None:
    kinds = Counter(s["kind"] for document in documents for s in document["segments"])
    assert set(kinds) == SEGMENT_KINDS
    assert min(kinds.values()) >= 5


def test_nothing_stands_in_the_demo_too(
    pairs: list[dict[str, Any]], documents: list[dict[str, Any]]
) -> None:
    files = [p for p in DEMO.rglob("*") if p.suffix in {".txt", ".html", ".xml", ".json", ".md"}]
    if not files:
        pytest.skip("no demo corpus")
    demo = " ".join(" ".join(p.read_text("utf-8").casefold().split()) for p in files)
    ours = {pair["task"] for pair in pairs} | {
        document["text"][segment["start"] : segment["end"]]
        for document in documents
        for segment in document["segments"]
        if segment["kind"] == "task" and segment["end"] - segment["start"] >= 30
    }
    assert [text for text in sorted(ours) if " ".join(text.casefold().split()) in demo] == []
