"""The official CSV export: its ten tables meet in one sheet each."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kb.model import Document
from kb.store import Reading, Store
from scrapers.discovery import choose_source
from scrapers.sources import rncp_csv

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def tables(real_data: Path) -> list[Path]:
    return sorted((real_data / "data" / "rncp_csv_official_sample").glob("*.csv"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.fixture(scope="module")
def store(tables: list[Path]) -> Store:
    store = Store("sqlite://")
    store.ingest_all(
        Reading(document, list(rncp_csv.parse(document)), "rncp_csv", 0, "France compétences")
        for document in (Document(path.read_bytes(), str(path)) for path in reversed(tables))
    )
    return store


def test_every_table_is_recognised_and_read_without_a_remark(tables: list[Path]) -> None:
    assert len(tables) == 10
    for path in tables:
        document = Document(path.read_bytes(), str(path))
        assert choose_source(document) is rncp_csv
        records = list(rncp_csv.parse(document))
        assert {r.number for r in records} == {row["Numero_Fiche"] for row in rows(path)}
        assert not any(record.warnings for record in records), path.name


def test_sheets_hold_as_many_relations_as_the_tables(tables: list[Path], store: Store) -> None:
    sheets = [entry.record for entry in store.certifications()]
    told = {
        "Blocs": sum(len(s.blocks) for s in sheets),
        "Certificateurs": sum(len(s.certifiers) for s in sheets),
        "Formacode": sum(len(s.formacodes) for s in sheets),
        "Nsf": sum(len(s.nsf) for s in sheets),
        "Partenaires": sum(len(s.partners) for s in sheets),
        "Rome": sum(len(s.rome) for s in sheets),
        "VoixdAcc": sum(len(s.access_routes) for s in sheets),
        "CCN": sum(len(s.collective_agreements) for s in sheets),
        "Standard": sum(s.title is not None for s in sheets),
    }
    for name, count in told.items():
        (path,) = (path for path in tables if f"CSV_{name}" in path.name)
        assert count == len(rows(path)), name
    assert not any(s.warnings for s in sheets)


def test_the_levels_states_and_successions(store: Store) -> None:
    old = store.certification("RNCP19468").record
    assert (old.level, old.active, old.replaced_by) == (None, False, ("RS6117",))
    assert [r.target for r in store.relations(source="rncp:RNCP19468") if r.kind == "replaced_by"]
    new = store.certification("RS6117").record
    assert (new.active, new.replaces) == (True, ("RNCP19468",))
    assert store.relations(source="rs:RS6117", target="rncp:RNCP19468")
    assert store.certification("RNCP509").record.level == 3
    assert all(p.siret and p.role == "train_and_assess" for p in new.partners)
