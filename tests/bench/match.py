"""Time of an offer of 15 tasks against 300,000 competences, with the shipped model.

    python tests/bench/match.py [competences]

Seeded: competences and tasks are made of words of the shipped counts. A warm-up, then the median
of 15 runs; one line of JSON.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np

from index.build import build, open_index
from index.encoder import load_encoder
from index.lexical import WordWeights
from index.match import Matcher
from kb.errors import NotFound
from kb.model import Passage, Standing

RUNS = 15
TASKS = 15


class NoJobs:
    """A graph without jobs."""

    def standings(self) -> dict[str, Standing]:
        return {}

    def job(self, identifier: str) -> None:
        raise NotFound(f"no job {identifier}", "None is asked for here.")


def sentence(words: list[str], weights: list[int], rng: random.Random, length: int) -> str:
    return " ".join(rng.choices(words, weights, k=length))


def main(competences: int) -> None:
    rng = random.Random(0)
    counts = WordWeights.shipped().counts
    words, weights = list(counts), list(counts.values())
    passages = [
        Passage(
            f"rncp:RNCP9{n // 20:05}/C{n % 20:02}",
            "competency",
            f"rncp:RNCP9{n // 20:05}",
            sentence(words, weights, rng, rng.randint(8, 30)),
            f"RNCP9{n // 20:05}BC0{n % 4 + 1}",
        )
        for n in range(competences)
    ]
    offers = [
        "\n".join(f"- {sentence(words, weights, rng, 8)}" for _ in range(TASKS))
        for _ in range(RUNS + 3)
    ]
    encoder = load_encoder()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        build(passages, encoder, Path(folder), "bench")
        built = time.perf_counter() - started
        del passages
        matcher = Matcher(open_index(Path(folder), encoder), encoder, NoJobs())
        for offer in offers[RUNS:]:
            matcher.match(offer)
        times = []
        for offer in offers[:RUNS]:
            started = time.perf_counter()
            matcher.match(offer)
            times.append(1000 * (time.perf_counter() - started))
    print(
        json.dumps(
            {
                "bench": "match",
                "competences": competences,
                "tasks": TASKS,
                "median_ms": round(statistics.median(times), 1),
                "slowest_ms": round(max(times), 1),
                "build_s": round(built, 1),
                "load": os.getloadavg()[0],
                "cores": os.cpu_count(),
                "machine": platform.machine(),
                "python": platform.python_version(),
                "numpy": np.__version__,
                "faiss": faiss.__version__,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
