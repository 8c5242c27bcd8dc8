"""What the benches share: the machine, the memory of a process and its children, medians."""

from __future__ import annotations

import json
import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path


def machine() -> dict[str, object]:
    """Processor, cores, load and versions: a figure without them says nothing."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": names[0].partition(":")[2].strip() if names else platform.processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: version(name) for name in ("faiss-cpu", "numpy", "sqlalchemy")},
    }


def tell(**figures: object) -> None:
    """One line of JSON."""
    print(json.dumps({**figures, "machine": machine()}, ensure_ascii=False), flush=True)


def resident(pid: int) -> int:
    """Bytes of memory that a process and all its descendants hold; 0 when it is gone.

    Proportional: what several share (libraries, mapped files) counts once.
    """
    total = 0
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
            total += 1024 * int(rollup.partition("\nPss:")[2].split()[0])
            for task in Path(f"/proc/{each}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, ValueError, IndexError):
            continue
    return total


@dataclass
class Measured:
    """What a stretch of work took. seconds; cpu: of this process and of its
    children that ended; peak of memory in MB."""

    seconds: float = 0.0
    cpu: float = 0.0
    peak_mb: int = 0
    _samples: list[int] = field(default_factory=list)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def measured(pid: int | None = None) -> Iterator[Measured]:
    """Time and memory of what runs inside; of this process and its children, or those of pid."""
    found = Measured()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            found._samples.append(resident(pid or os.getpid()))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    started, cpu = time.perf_counter(), _cpu()
    try:
        yield found
    finally:
        found.seconds = round(time.perf_counter() - started, 1)
        found.cpu = round(_cpu() - cpu, 1)
        over.set()
        watcher.join()
        found.peak_mb = max(found._samples, default=0) // 2**20


def disk_mb(folder: Path) -> int:
    """Size of all files below."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) // 2**20


def quantiles(seconds: list[float]) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50_ms": round(1000 * statistics.median(ordered), 1),
        "p95_ms": round(1000 * ordered[int(0.95 * len(ordered))], 1),
    }


def timed(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
