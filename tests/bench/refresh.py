"""A next-day export taken while a server answers: its time, and that every search sees one state.

    python tests/bench/refresh.py NEXT_DAY.zip HOME [--searches 1000]

HOME holds the first day (see ingest.py) and is left with the second. A search asks for a sheet that
the new export retitles or adds and for one that it leaves: answers are compared with those before
and after, whole.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kill import ingestion, settings
from measure import measured, quantiles, tell

from kb.store import Store
from web.service import Service

QUERIES = (
    "préparer une commande", "soins aux personnes âgées", "développeur web", "RNCP900001",
    "conduire un engin de chantier", "comptabilité d'une petite entreprise", "accueil du public",
    "menuiserie", "sécurité informatique", "formation des apprentis",
)  # fmt: skip


def answer(service: Service, query: str) -> str:
    return json.dumps([(r.id, r.score, r.title) for r in service.search(query).results])


def queries(home: Path) -> tuple[str, ...]:
    """Words, and the number of a sheet that only the next day's export has."""
    store = Store.open(settings(home))
    new = 900_001 + store.summary().certifications
    store.close()
    return (*QUERIES, f"RNCP{new}", f"RS{new}")


def answers(home: Path, asked: tuple[str, ...]) -> dict[str, str]:
    """What a service that is opened now says to each query."""
    given = settings(home)
    store = Store.open(given)
    service = Service(given, store, lambda *_: "")
    found = {query: answer(service, query) for query in asked}
    store.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export", type=Path)
    parser.add_argument("home", type=Path)
    parser.add_argument("--searches", type=int, default=1000)
    given = parser.parse_args()
    asked = queries(given.home)
    before = answers(given.home, asked)
    heard: list[tuple[str, str]] = []
    failed: list[Exception] = []
    seconds: list[float] = []
    ended = threading.Event()
    store = Store.open(settings(given.home))
    service = Service(settings(given.home), store, lambda *_: "")

    def ask() -> None:
        while len(heard) < given.searches or not ended.is_set():
            query = asked[len(heard) % len(asked)]
            started = time.perf_counter()
            try:
                heard.append((query, answer(service, query)))
            except Exception as fault:  # whatever it is, a search failed: that is what is counted
                heard.append((query, repr(fault)))
                failed.append(fault)
            seconds.append(time.perf_counter() - started)
            # A thousand searches spread over the refresh, not before its end.
            time.sleep(0 if ended.is_set() else 0.02)

    asking = threading.Thread(target=ask)
    asking.start()
    process: subprocess.Popen[bytes] = ingestion(str(given.export), given.home)
    with measured(process.pid) as taken:
        _, errors = process.communicate()
    ended.set()
    asking.join()
    store.close()
    assert process.returncode == 0, errors.decode()
    after = answers(given.home, asked)
    torn = [query for query, said in heard if said not in (before[query], after[query])]
    tell(
        bench="refresh",
        seconds=taken.seconds,
        peak_mb=taken.peak_mb,
        searches=len(heard),
        failed=len(failed),
        of_neither_state=len(torn),
        answers_that_changed=sum(before[q] != after[q] for q in asked),
        **quantiles(seconds),
    )


if __name__ == "__main__":
    main()
