"""Texts a second of the shipped model: `python tests/bench/encode.py`. Asserted nowhere."""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

import numpy as np
import tokenizers

from index.encoder import Encoder, load_encoder

_TEXT = (
    "assurer le suivi administratif des dossiers clients en veillant au respect des délais "
    "conseiller vendeuse technicien maintenance chargée préparation commandes organiser réunions "
    "contrôler qualité produits soins aux personnes âgées conduire un engin de chantier rédiger"
)


def texts(count: int, characters: int) -> list[str]:
    """Seeded runs of words, about so many characters each."""
    chance = random.Random(0)
    return [
        " ".join(chance.choices(_TEXT.split(), k=max(2, characters // 7))) for _ in range(count)
    ]


def rate(encoder: Encoder, given: Sequence[str]) -> float:
    """Median of five runs after a warm-up, texts a second."""
    encoder.encode(given[:100])
    times = []
    for _ in range(5):
        start = time.perf_counter()
        encoder.encode(given)
        times.append(time.perf_counter() - start)
    return round(len(given) / statistics.median(times))


def start_seconds() -> float:
    """Import, load and first vector, in a process of its own."""
    code = (
        "import time; t = time.perf_counter(); from index.encoder import load_encoder; "
        "load_encoder().encode(['a']); print(time.perf_counter() - t)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return round(float(done.stdout), 3)


if __name__ == "__main__":
    model = load_encoder()
    print(
        json.dumps(
            {
                "short_texts_per_s": rate(model, texts(20_000, 30)),
                "competences_of_300_characters_per_s": rate(model, texts(5_000, 300)),
                "start_s": statistics.median(start_seconds() for _ in range(3)),
                "processors": os.cpu_count(),
                "load": os.getloadavg()[0],
                "python": platform.python_version(),
                "numpy": np.__version__,
                "tokenizers": tokenizers.__version__,
                "machine": platform.machine(),
                "model": f"{model.name} {model.revision}",
            }
        )
    )
