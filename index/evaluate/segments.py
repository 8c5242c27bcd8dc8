"""How well tasks are told from the rest of a text: by characters, on task_segments.json."""

from __future__ import annotations

import json
from pathlib import Path

from index.tasks import cut

_FILE = Path(__file__).parent / "task_segments.json"


def segments(path: Path = _FILE) -> dict[str, float]:
    """Precision and recall of duties over the letters and digits that have a label.

    Returns:
        n (texts), precision, recall, f1: 0 to 1.
    Source: the labelling rule is in task_segments.md.
    """
    labelled = json.loads(path.read_text("utf-8"))
    both = found = true = 0
    for each in labelled:
        text = each["text"]
        duty = _letters(text, [(s.start, s.end) for s in cut(text) if s.kind == "duty"])
        task = _letters(text, _spans(each["segments"], {"task"}))
        known = _letters(text, _spans(each["segments"], None))
        both += len(duty & task)
        found += len(duty & known)
        true += len(task)
    precision, recall = both / found, both / true
    return {
        "n": len(labelled),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / (precision + recall), 4),
    }


def _spans(labels: list[dict[str, int | str]], kinds: set[str] | None) -> list[tuple[int, int]]:
    return [
        (int(label["start"]), int(label["end"]))
        for label in labels
        if kinds is None or label["kind"] in kinds
    ]


def _letters(text: str, spans: list[tuple[int, int]]) -> set[int]:
    return {i for start, end in spans for i in range(start, end) if text[i].isalnum()}
