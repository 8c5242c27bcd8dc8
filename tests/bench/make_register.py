"""An invented register in the format of the national one, as large as wanted.

    python tests/bench/make_register.py FOLDER --sheets 30475 [--seed 1] [--next-day]

writes `export-fiches-rncp-v4-1-2026-08-16.zip` (with `--next-day` that of the day after, in which
one sheet of a hundred is new, reworded, deactivated…) and prints its counts as JSON. The same seed
and number of sheets give the same bytes. Numbers, names and texts are invented; only codes and
their labels are real.
"""

from __future__ import annotations

import argparse
import json
import os
import zipfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from sheets import DAY, Place, changed, make, number, render

SHEETS, ACTIVE, BLOCKS, PARTNERS = 30_475, 6_989, 55_761, 397_774
"""Counts of the real export; other sizes keep their proportions."""
CHUNK = 100
MOST_PARTNERS = 900


def plan(seed: int, sheets: int) -> list[Place]:
    """Every sheet's place; totals are exactly in proportion to those of the real export."""
    rng = Random(f"{seed} plan {sheets}")
    registers = ["RS" if rng.random() < 0.2 else "RNCP" for _ in range(sheets)]
    order = rng.sample(range(sheets), sheets)
    active = set(order[: round(sheets * ACTIVE / SHEETS)])
    rncp = [i for i in order if registers[i] == "RNCP"]
    # All active ones have blocks, of the others those of the last years.
    with_blocks = rncp[: max(1, round(sheets * 0.375))]
    weights = {i: rng.lognormvariate(0, 0.45) for i in with_blocks}
    blocks = _shares(rng, weights, round(sheets * BLOCKS / SHEETS), 1, 25)
    # Few certifications have most of the partners.
    likely = {i: 1.0 if i in active else 0.35 for i in range(sheets)}
    having = [i for i in range(sheets) if rng.random() < likely[i]]
    heavy = {i: rng.lognormvariate(0, 1.75) for i in having}
    partners = _shares(rng, heavy, round(sheets * PARTNERS / SHEETS), 1, MOST_PARTNERS)
    places = []
    ended: list[int] = []  # earlier sheets that a later one may replace
    families: dict[int, tuple[int, int]] = {}
    before: dict[int, int] = {}
    for i in range(sheets):
        families[i] = (i, 0)
        if ended and i in blocks and rng.random() < 0.35:
            old = ended.pop(rng.randrange(len(ended)))
            before[i] = old
            family, version = families[old]
            families[i] = (family, version + 1)
        if i in blocks and i not in active:
            ended.append(i)
    after = {old: new for new, old in before.items()}
    for i in range(sheets):
        family, version = families[i]
        places.append(
            Place(
                index=i,
                register=registers[i],
                active=i in active,
                blocks=blocks.get(i, 0),
                partners=partners.get(i, 0),
                family=family,
                version=version,
                before=before.get(i),
                after=after.get(i),
            )
        )
    return places


def _shares(
    rng: Random, weights: dict[int, float], total: int, least: int, most: int
) -> dict[int, int]:
    """Whole numbers in proportion to the weights that add up to `total`."""
    scale = total / sum(weights.values())
    shares = {i: min(most, max(least, round(w * scale))) for i, w in weights.items()}
    left = total - sum(shares.values())
    step = 1 if left > 0 else -1
    names = list(shares)
    while left:
        i = names[rng.randrange(len(names))]
        if least <= shares[i] + step <= most:
            shares[i] += step
            left -= step
    return shares


def changes(seed: int, places: list[Place]) -> tuple[dict[int, str], list[Place]]:
    """What happens overnight: kind of change by index, and the places of new sheets."""
    rng = Random(f"{seed} next day {len(places)}")
    chosen = rng.sample(range(len(places)), max(6, len(places) // 100))
    new_ones = max(1, len(chosen) // 10)
    kinds: dict[int, str] = {}
    new: list[Place] = []
    for position, i in enumerate(chosen[new_ones // 2 :]):
        place = places[i]
        if position < new_ones:
            index = len(places) + position
            follows = place.blocks and place.after is None
            added = replace(place, index=index, active=True, partners=0, family=index, version=0)
            if follows:
                added = replace(
                    added, family=place.family, version=place.version + 1, before=i, after=None
                )
                kinds[i] = f"replaced by {number(place.register, index)}"
            new.append(added)
        elif rng.random() < 0.15:
            kinds[i] = "deactivated" if place.active else "reactivated"
        else:
            kinds[i] = ("reworded", "reworded", "partner", "statistics")[rng.randrange(4)]
    return kinds, new


def _rendered(
    seed: int, places: list[Place], kinds: dict[int, str], organisations: int
) -> tuple[bytes, int, int]:
    """(their XML, competences that their blocks list, active sheets)"""
    parts = []
    competences = active = 0
    for place in places:
        sheet = make(seed, place, organisations)
        if kind := kinds.get(place.index):
            sheet = changed(sheet, kind, seed, organisations)
        competences += sum(len(block.items) for block in sheet.blocks)
        active += sheet.active
        parts.append(render(sheet))
    return "".join(parts).encode(), competences, active


def _all_rendered(
    seed: int, places: list[Place], kinds: dict[int, str], organisations: int
) -> Iterator[tuple[bytes, int, int]]:
    """In order, on every core; no more at a time than the cores take."""
    workers = os.cpu_count() or 1
    chunks = (places[i : i + CHUNK] for i in range(0, len(places), CHUNK))
    with ProcessPoolExecutor(workers) as pool:
        running: deque[Future[tuple[bytes, int, int]]] = deque()
        for chunk in chunks:
            own = {p.index: kinds[p.index] for p in chunk if p.index in kinds}
            running.append(pool.submit(_rendered, seed, chunk, own, organisations))
            if len(running) > 2 * workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def write(folder: Path, seed: int, sheets: int, next_day: bool = False) -> dict[str, object]:
    """Write one export; memory stays flat.

    Returns:
        its path and counts.
    """
    places = plan(seed, sheets)
    organisations = max(sheets, 2 * MOST_PARTNERS)
    kinds: dict[int, str] = {}
    new: list[Place] = []
    day = DAY
    if next_day:
        kinds, new = changes(seed, places)
        day += timedelta(1)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"export-fiches-rncp-v4-1-{day}.zip"
    entry = zipfile.ZipInfo(f"export_fiches_RNCP_V4_1_{day}.xml", (2026, 8, day.day, 3, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    size = competences = active = 0
    written = [*places, *new]
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive,
        archive.open(entry, "w", force_zip64=True) as file,
    ):
        file.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<FICHES>\n')
        file.write(b"<VERSION_FLUX>4.1</VERSION_FLUX>\n")
        for content, listed, living in _all_rendered(seed, written, kinds, organisations):
            size += file.write(content)
            competences += listed
            active += living
        file.write(b"</FICHES>\n")
    return {
        "path": str(path),
        "sheets": len(written),
        "active": active,
        "blocks": sum(place.blocks for place in written),
        "partners": sum(p.partners for p in written) + list(kinds.values()).count("partner"),
        "competences": competences,
        "changed": len(kinds) + len(new),
        "xml_bytes": size,
        "zip_bytes": path.stat().st_size,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sheets", type=int, default=SHEETS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--next-day", action="store_true")
    given = parser.parse_args()
    print(json.dumps(write(given.folder, given.seed, given.sheets, given.next_day)))


if __name__ == "__main__":
    main()
