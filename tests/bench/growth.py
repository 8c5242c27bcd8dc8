"""Time, memory and disk by the number of sheets, as a table.

    python tests/bench/growth.py [--sizes 3000 10000 30000] [--plot FILE.svg]

Each size is made, ingested and indexed in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from make_register import write

COLUMNS = ("sheets", "xml_mb", "ingest_s", "ingest_cpu_s", "ingest_peak_mb", "database_mb",
           "index_s", "index_cpu_s", "index_peak_mb", "index_mb")  # fmt: skip
_WIDTH, _HEIGHT = 640, 360


def size(sheets: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        made = write(Path(name), 1, sheets)
        bench = Path(__file__).with_name("ingest.py")
        done = subprocess.run(
            [sys.executable, str(bench), str(made["path"]), f"{name}/home"],
            capture_output=True,
            text=True,
            check=True,
        )
    return {**json.loads(done.stdout), "xml_mb": int(str(made["xml_bytes"])) // 2**20}


def plot(rows: list[dict[str, Any]]) -> str:
    """Seconds by sheets, both from zero: a straight line is linear growth."""
    most = max(row["sheets"] for row in rows), max(row["ingest_s"] + row["index_s"] for row in rows)
    shapes = []
    for name, colour in (("ingest_s", "#1b5e9b"), ("index_s", "#b3541e")):
        points = " ".join(
            f"{40 + row['sheets'] / most[0] * (_WIDTH - 60):.0f},"
            f"{_HEIGHT - 30 - row[name] / most[1] * (_HEIGHT - 60):.0f}"
            for row in rows
        )
        shapes.append(
            f'<polyline points="40,{_HEIGHT - 30} {points}" fill="none" stroke="{colour}"/>'
            f'<text x="50" y="{20 + 18 * len(shapes)}" fill="{colour}">{name}</text>'
        )
    shapes.append(f'<text x="{_WIDTH - 200}" y="{_HEIGHT - 8}">{most[0]} sheets</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        + "".join(shapes)
        + "</svg>\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[3000, 10_000, 30_000])
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    rows = []
    print("| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS), sep="\n")
    for sheets in given.sizes:
        rows.append(size(sheets))
        print("| " + " | ".join(str(rows[-1][name]) for name in COLUMNS) + " |", flush=True)
    print(json.dumps(rows[-1]["machine"]))
    if given.plot:
        given.plot.write_text(plot(rows), "utf-8")


if __name__ == "__main__":
    main()
