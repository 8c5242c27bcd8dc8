"""Documents are written some at a time; the reports keep their order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.errors import IncompleteDocument
from kb.model import Document, Job, Record, Remark
from kb.store import Reading, Store
from web import batches
from web.batches import Batches


def reading(name: str, *records: Record) -> Reading:
    return Reading(Document(name.encode(), name), records, "article", 3, "Article")


def test_reports_come_in_the_order_of_the_documents() -> None:
    store = Store("sqlite://")
    held = Batches(store)
    held.add("a", reading("a", Job("Gardien")))
    held.failed("b", "error: it is empty")
    held.add("c", reading("c", Job("Passeur"), Remark(None, "cut")))
    held.add("a again", reading("a", Job("Gardien")))
    assert store.summary().jobs == 2  # a copy is written after what it is a copy of
    told = held.reports()
    assert [(r["document"], r["read"]) for r in told] == [
        ("a", ["job:gardien"]),
        ("b", []),
        ("c", ["job:passeur"]),
        ("a again", ["job:gardien"]),
    ]
    assert told[1]["error"] == "error: it is empty"
    assert told[2]["warnings"] == [{"place": None, "text": "cut"}]
    assert store.summary().documents == 2


def test_a_document_that_cannot_be_parsed_costs_only_itself() -> None:
    def cut() -> Iterator[Record]:
        yield Job("Passeur")
        raise IncompleteDocument("b is cut off", "Download it again.")

    store = Store("sqlite://")
    held = Batches(store)
    held.add("a", reading("a", Job("Gardien")))
    with pytest.raises(IncompleteDocument):
        held.add("b", Reading(Document(b"b", "b"), cut(), "article", 3, "Article"))
    assert [r["document"] for r in held.reports()] == ["a"]
    assert store.summary().jobs == 1


def test_a_full_batch_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_BYTES", 2)
    store = Store("sqlite://")
    held = Batches(store)
    for name in ("a", "b", "c"):
        held.add(name, reading(name, Job(f"Garde {name}")))
    assert store.summary().jobs == 2
    held.write()
    assert store.summary().jobs == 3
