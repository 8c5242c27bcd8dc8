"""kill -9 in the middle of an ingestion: what is left is a complete state, and the next run ends.

    python tests/bench/kill.py [--sheets 3000] [--moments 20] [--seed 1] [--no-index]
    python tests/bench/kill.py --days FIRST.zip NEXT.zip [...]

Half of the moments fall into the first ingestion, half into that of the next day's export. After
each the knowledge base is opened: it holds the state before or the state after, whole. Then the
same command runs to its end, and the result equals that of a run that nobody disturbed. `laid_by`
tells of each moment how many sheets had been read and were not read again.

Exports are made anew unless --days names them. With --no-index all moments fall into the way into
the knowledge base; else some into the index.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from make_register import write  # noqa: E402
from measure import tell  # noqa: E402

from index.build import open_index  # noqa: E402
from kb.config import Settings  # noqa: E402
from kb.store import Store  # noqa: E402

COMMAND = "import sys; sys.path.insert(0, sys.argv.pop(1)); from web.cli import main; main()"
WITHOUT_INDEX = (
    "import sys; root = sys.argv[1]; sys.path[:0] = [root, root + '/tests/bench']; "
    "from ingest import take_alone; take_alone(sys.argv[3])"
)


def ingestion(export: str, home: Path, index: bool = True) -> subprocess.Popen[bytes]:
    """`passerelle ingest EXPORT`, in a group of its own, by which its processes are known."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND if index else WITHOUT_INDEX, str(ROOT), "ingest", export],
        env={**os.environ, "PASSERELLE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(export: str, home: Path, index: bool) -> float:
    """Run to the end; seconds."""
    started = time.perf_counter()
    process = ingestion(export, home, index)
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    return time.perf_counter() - started


def held(home: Path) -> tuple[object, ...]:
    """All that can be told of a knowledge base without looking into its sheets."""
    store = Store.open(settings(home))
    told = (
        store.state(),
        store.summary(),
        [(origin.sha256, parts) for origin, parts in store.exports()],
        len(store.passages()),
        sum(1 for _ in store.certifications()),
        store.changes(),
    )
    store.close()
    return told


def wait_for_end(group: int) -> None:
    """Until no process of the group is left: what the killed one started ends by itself."""
    try:
        for _ in range(600):
            os.killpg(group, 0)
            time.sleep(0.1)
    except ProcessLookupError:
        return
    os.killpg(group, signal.SIGKILL)
    raise AssertionError("processes of the killed one went on for a minute")


def laid_by(home: Path) -> int:
    """Sheets that were read and wait for the rest of their export."""
    with closing(sqlite3.connect(home / "passerelle.db")) as database:
        return int(database.execute("select count(*) from staged").fetchone()[0])


def settings(home: Path) -> Settings:
    return Settings.from_environment({"PASSERELLE_HOME": str(home)})


def indexed(home: Path) -> str:
    """The state that the index in use was made from."""
    return open_index(settings(home).index_folder, None).manifest.state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=int, default=3000)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=Path, nargs=2)
    parser.add_argument("--no-index", action="store_true")
    given = parser.parse_args()
    rng = random.Random(given.seed)
    outcomes = {"before": 0, "after": 0}
    waiting: list[int] = []
    resumed: list[float] = []
    index = not given.no_index
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        days = [str(export.absolute()) for export in given.days or ()] or [
            str(write(folder, given.seed, given.sheets, next_day)["path"])
            for next_day in (False, True)
        ]
        homes = [folder / "empty", folder / "first", folder / "second"]
        Store.open(settings(homes[0])).close()
        seconds = []
        for home, export, before in zip(homes[1:], days, homes[:2], strict=True):
            shutil.copytree(before, home)
            seconds.append(finish(export, home, index))
        states = [held(home) for home in homes]
        moments = sorted((i % 2, rng.random()) for i in range(given.moments))
        for day, moment in moments:
            home = folder / "killed"
            shutil.copytree(homes[day], home)
            process = ingestion(days[day], home, index)
            time.sleep(moment * seconds[day])
            process.kill()
            process.communicate()
            wait_for_end(process.pid)
            found = held(home)
            assert found in states[day : day + 2], f"neither state after {moment:.2f} of day {day}"
            outcomes["before" if found == states[day] else "after"] += 1
            waiting.append(laid_by(home))
            resumed.append(round(finish(days[day], home, index), 1))
            assert held(home) == states[day + 1], f"another end after {moment:.2f} of day {day}"
            assert laid_by(home) == 0, "sheets wait for an export that was taken"
            if index:
                assert indexed(home) == states[day + 1][0]
                builds = list((home / "index").glob("build-*"))
                assert len(builds) == 1, "a broken build was left"
            shutil.rmtree(home)
        ((_, sheets),) = Store.open(settings(homes[1])).exports()
    tell(
        bench="kill",
        sheets=sheets,
        moments=given.moments,
        seconds=[round(each, 1) for each in seconds],
        left=outcomes,
        laid_by=waiting,
        resumed_s=resumed,
    )


if __name__ == "__main__":
    main()
