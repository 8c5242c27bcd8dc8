"""Time, memory and disk of an export's way into an empty knowledge base, and of its index.

    python tests/bench/ingest.py EXPORT.zip HOME [--no-index]

HOME must not exist; it is left for the other benches.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from measure import disk_mb, measured, tell

from kb.config import Settings
from kb.store import Refreshed, Store
from scrapers.parallel import parse_all
from scrapers.sources import rncp_xml
from web.reading import read_document
from web.service import Service


def take(store: Store, settings: Settings, export: Path) -> Refreshed:
    """What the command `ingest` does with an export, without the index."""
    document = read_document(export, settings.max_document_bytes)
    return store.refresh(
        document,
        rncp_xml.parts(document),
        partial(parse_all, rncp_xml.NAME),
        source=rncp_xml.NAME,
        publisher=rncp_xml.PUBLISHER,
    )


def take_alone(export: str) -> None:
    """The same into the knowledge base that the environment names."""
    settings = Settings.from_environment()
    store = Store.open(settings)
    take(store, settings, Path(export))
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export", type=Path)
    parser.add_argument("home", type=Path)
    parser.add_argument("--no-index", action="store_true")
    given = parser.parse_args()
    home = given.home.absolute()
    home.mkdir(parents=True)
    settings = Settings.from_environment({"PASSERELLE_HOME": str(home)})
    store = Store.open(settings)
    with measured() as reading:
        done = take(store, settings, given.export)
    figures: dict[str, object] = {
        "bench": "ingest",
        "sheets": len(done.entities),
        "remarks": len(done.remarks),
        "ingest_s": reading.seconds,
        "ingest_cpu_s": reading.cpu,
        "ingest_peak_mb": reading.peak_mb,
        "database_mb": disk_mb(home),
    }
    if not given.no_index:
        with measured() as indexing:
            Service(settings, store, lambda *_: "").refresh()
        figures |= {
            "index_s": indexing.seconds,
            "index_cpu_s": indexing.cpu,
            "index_peak_mb": indexing.peak_mb,
            "index_mb": disk_mb(settings.index_folder),
        }
    store.close()
    summary = Store.open(settings).summary()
    tell(**figures, competencies=summary.competencies, home_mb=disk_mb(home))


if __name__ == "__main__":
    main()
