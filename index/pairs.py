"""The labelled pairs of a task and a competency (evaluate/pairs.md), and their halves."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path

PAIRS = Path(__file__).parent / "evaluate" / "pairs.json"


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A task and a competency; label: "fits", "partly" or "does_not", by evaluate/pairs.md."""

    task: str
    competency: str
    label: str
    field: str


def read_pairs(path: Path = PAIRS) -> list[LabelledPair]:
    return [LabelledPair(**pair) for pair in json.loads(path.read_text("utf-8"))]


def learned_from(pair: LabelledPair) -> bool:
    """Whether the pair is in the half that choices are made on."""
    return zlib.crc32(pair.task.encode()) % 2 == 0
