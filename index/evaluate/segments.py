"""How well tasks are told from the rest of a text: by characters, on task_segments.json."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from index.evaluate.metrics import Rows, intervals
from index.evaluate.results import Figures
from index.tasks import cut

LABELS = Path(__file__).with_name("task_segments.json")


def segments(path: Path = LABELS) -> Figures:
    """Precision and recall of duties over the letters and digits that have a label.

    Returns:
        n (texts), precision, recall, f1: 0 to 1; ci: 95 %, by bootstrap over the texts; taken:
        {kind of segment: part of its characters that is taken for a duty}.
    Source: the labelling rule is in task_segments.md.
    """
    labelled = json.loads(path.read_text("utf-8"))
    rows = []
    taken: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for each in labelled:
        text = each["text"]
        duty = _letters(text, [(s.start, s.end) for s in cut(text) if s.kind == "duty"])
        kinds = {
            kind: _letters(text, _spans(each["segments"], kind))
            for kind in {label["kind"] for label in each["segments"]}
        }
        for kind, letters in kinds.items():
            taken[kind] += len(duty & letters)
            held[kind] += len(letters)
        task = kinds.get("task", set())
        known = set().union(*kinds.values())
        rows.append((len(duty & task), len(duty & known), len(task)))
    counts = np.array(rows)

    def figures(chosen: Rows) -> Mapping[str, float]:
        both, found, true = counts[chosen].sum(0)
        precision, recall = both / max(found, 1), both / max(true, 1)
        return {
            "precision": precision,
            "recall": recall,
            "f1": 2 * precision * recall / max(precision + recall, 1e-9),
        }

    each_text = [np.array([n]) for n in range(len(rows))]
    return {
        "n": len(rows),
        **{name: round(float(v), 4) for name, v in figures(np.arange(len(rows))).items()},
        "ci": intervals(each_text, figures),
        "taken": {kind: round(taken[kind] / held[kind], 4) for kind in sorted(held) if held[kind]},
    }


def _spans(labels: list[dict[str, int | str]], kind: str) -> list[tuple[int, int]]:
    return [(int(one["start"]), int(one["end"])) for one in labels if one["kind"] == kind]


def _letters(text: str, spans: list[tuple[int, int]]) -> set[int]:
    return {i for start, end in spans for i in range(start, end) if text[i].isalnum()}
