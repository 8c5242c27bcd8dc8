"""Ingestion that is killed leaves a complete state; see `tests/bench/kill.py`, which does it at
any size."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parent / "bench" / "kill.py"


def test_nothing_is_lost_and_nothing_twice() -> None:
    done = subprocess.run(
        [sys.executable, str(BENCH), "--sheets", "60", "--moments", "2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sum(json.loads(done.stdout)["left"].values()) == 2
