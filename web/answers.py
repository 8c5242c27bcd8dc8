"""What the command line and the interfaces answer with, as plain values for JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from kb.merge import Difference, Entry, Origin
from kb.model import Certification, Job


def entry_answer(entry: Entry[Certification] | Entry[Job]) -> dict[str, Any]:
    """One thing, its documents and what they disagree on. Unknown is null, none is []."""
    answer: dict[str, Any] = {"id": entry.id, **msgspec.to_builtins(entry.record)}
    answer["documents"] = [origin_answer(origin) for origin in entry.documents]
    answer["differences"] = [_difference(each) for each in entry.differences]
    return answer


def origin_answer(origin: Origin) -> dict[str, Any]:
    """A document as it is cited."""
    return {
        "source": origin.source,
        "address": origin.address,
        "sha256": origin.sha256,
        "dated": origin.dated.isoformat() if origin.dated else None,
        "publisher": origin.publisher,
    }


def _difference(each: Difference) -> dict[str, Any]:
    return {
        "field": each.field,
        "kept": msgspec.to_builtins(each.kept),
        "other": msgspec.to_builtins(each.other),
        "document": each.origin.sha256,
        "place": each.place,
    }
