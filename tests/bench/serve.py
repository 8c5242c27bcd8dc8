"""Answers of a running server: search, match of an offer of 15 tasks, memory, time until ready.

    python tests/bench/serve.py HOME [--requests 200]

Requests go over HTTP on this machine, one at a time.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kill import COMMAND, ROOT
from measure import quantiles, resident, tell, timed
from vocabulary import FIELDS, Speaker

from kb.config import Settings
from kb.store import Store
from web.service import Service


def offer(rng: random.Random, tasks: int = 15) -> str:
    """An invented offer: one task a line."""
    speaker = Speaker(FIELDS[rng.randrange(len(FIELDS))], rng)
    return "Vos missions :\n" + "\n".join(f"- {speaker.competency(0.6)}" for _ in range(tasks))


def query(rng: random.Random) -> str:
    """Two to five words of a field."""
    speaker = Speaker(FIELDS[rng.randrange(len(FIELDS))], rng)
    words = speaker.pick(speaker.field.phrases["TDAPIJ"[rng.randrange(6)]][""]).split()
    return " ".join(words[-5:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--requests", type=int, default=200)
    given = parser.parse_args()
    rng = random.Random(1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(ROOT), "serve", "--port", str(port)],
        env={**os.environ, "PASSERELLE_HOME": str(given.home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def get(text: str) -> None:
        address = f"http://127.0.0.1:{port}/recherche?{urllib.parse.urlencode({'q': text})}"
        with urllib.request.urlopen(address, timeout=60) as answer:
            answer.read()

    try:
        while True:
            try:
                get("menuiserie")
                break
            except OSError:
                assert server.poll() is None, "the server ended"
                time.sleep(0.02)
        ready = time.perf_counter() - started
        queries = [query(rng) for _ in range(given.requests)]
        offers = [offer(rng) for _ in range(given.requests // 4)]
        searches = [timed(partial(get, each)) for each in queries]
        home = {"PASSERELLE_HOME": str(given.home.absolute())}
        settings = Settings.from_environment({**home, "PASSERELLE_SECOND": "off"})
        store = Store.open(settings)
        service = Service(settings, store, lambda *_: "")
        service.match(offer(rng))
        within = [timed(partial(service.search, each)) for each in queries]
        matches = [timed(partial(service.match, each)) for each in offers]
        both = Service(Settings.from_environment(home), store, lambda *_: "")
        both.match(offer(rng))
        twice = [timed(partial(both.match, each)) for each in offers]
        tell(
            bench="serve",
            ready_s=round(ready, 1),
            search_over_http=quantiles(searches),
            search=quantiles(within),
            match=quantiles(matches),
            match_both_stages=quantiles(twice),
            server_mb=resident(server.pid) // 2**20,
            this_process_mb=resident(os.getpid()) // 2**20,
        )
        store.close()
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
