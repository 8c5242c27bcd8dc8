"""Time, memory and disk by the number of sheets, as a table.

    python tests/bench/growth.py [--sizes 3000 10000 30475 100000] [--exports FOLDER] [--plot F.svg]

Each size is made, ingested and indexed in a process of its own. Exports that stand in
FOLDER/<size>/ are used again, the others are written there.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from make_register import write

COLUMNS = ("sheets", "xml_mb", "ingest_s", "ingest_cpu_s", "ingest_peak_mb", "database_mb",
           "index_s", "index_cpu_s", "index_peak_mb", "index_mb")  # fmt: skip
_LINES = (
    ("ingest_s", "seconds of ingestion", "#1b5e9b"),
    ("index_s", "seconds of the index", "#b3541e"),
    ("ingest_peak_mb", "MB at the peak of ingestion", "#2f7d32"),
    ("index_peak_mb", "MB at the peak of the index", "#7b4397"),
)
_WIDTH, _HEIGHT = 720, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 30, 110, 40


def made(sheets: int, folder: Path) -> Path:
    """The invented export of so many sheets, written unless it is there."""
    known = sorted(folder.glob("*.zip"))
    return known[0] if known else Path(str(write(folder, 1, sheets)["path"]))


def size(sheets: int, exports: Path) -> dict[str, Any]:
    folder = exports / str(sheets)
    folder.mkdir(parents=True, exist_ok=True)
    export = made(sheets, folder)
    with ZipFile(export) as archive:
        xml = sum(entry.file_size for entry in archive.infolist())
    bench = Path(__file__).with_name("ingest.py")
    with tempfile.TemporaryDirectory() as name:
        done = subprocess.run(
            [sys.executable, str(bench), str(export), f"{name}/home"],
            capture_output=True,
            text=True,
            check=True,
        )
    return {**json.loads(done.stdout), "xml_mb": xml // 2**20}


def plot(rows: list[dict[str, Any]]) -> str:
    """Seconds and megabytes by sheets, both axes logarithmic: a line that climbs as steeply as the
    dotted one is linear growth."""
    sizes = [row["sheets"] for row in rows]
    values = [row[name] for row in rows for name, _, _ in _LINES]
    floor, top = min(values), max(values)

    def at(sheets: float, value: float) -> str:
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * _share(sheets, min(sizes), max(sizes))
        y = _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * _share(value, floor, top)
        return f"{x:.1f},{y:.1f}"

    first, last = min(sizes), max(sizes)
    linear = f"{at(first, floor)} {at(last, floor * last / first)}"
    shapes = [f'<polyline points="{linear}" fill="none" stroke="#777" stroke-dasharray="3 4"/>']
    for line, (name, label, colour) in enumerate(_LINES):
        points = [at(row["sheets"], row[name]) for row in rows]
        shapes.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}"/>')
        for row, point in zip(rows, points, strict=True):
            x, _, y = point.partition(",")
            shapes.append(
                f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
                f'<text x="{x}" y="{float(y) - 7:.1f}" fill="{colour}" text-anchor="middle">'
                f"{row[name]:.0f}</text>"
            )
        shapes.append(f'<text x="{_LEFT}" y="{20 + 18 * line}" fill="{colour}">{label}</text>')
    shapes.append(f'<text x="{_LEFT}" y="{20 + 18 * len(_LINES)}">dotted: linear growth</text>')
    for sheets in sizes:
        x = at(sheets, floor).partition(",")[0]
        shapes.append(f'<text x="{x}" y="{_HEIGHT - 10}" text-anchor="middle">{sheets:,}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" fill="#fff"/>' + "".join(shapes) + "</svg>\n"
    )


def _share(value: float, least: float, most: float) -> float:
    """Where a value stands between two others by its logarithm, 0 to 1."""
    return math.log(value / least) / (math.log(most / least) or 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[3000, 10_000, 30_475])
    parser.add_argument("--exports", type=Path)
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        tell_all(given.sizes, given.exports or Path(name), given.plot)


def tell_all(sizes: list[int], exports: Path, picture: Path | None) -> None:
    rows = []
    print("| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS), sep="\n")
    for sheets in sizes:
        rows.append(size(sheets, exports))
        print("| " + " | ".join(str(rows[-1][name]) for name in COLUMNS) + " |", flush=True)
    print(json.dumps(rows[-1]["machine"]))
    if picture:
        picture.write_text(plot(rows), "utf-8")


if __name__ == "__main__":
    main()
