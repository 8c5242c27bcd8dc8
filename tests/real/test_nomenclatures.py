"""ROME, ESCO and Formacode: as many things as their files have rows."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.model import Document, Job, Record, Remark, Term
from kb.store import Reading, Store
from scrapers.discovery import choose_source

pytestmark = pytest.mark.real
Read = Callable[[str], list[Record]]
V3, V4 = "rome_v347/unix_", "rome_v460/unix_referentiel_"


@pytest.fixture(scope="module")
def path(real_data: Path) -> Callable[[str], Path]:
    return lambda name: real_data / "data" / name


@pytest.fixture(scope="module")
def read(path: Callable[[str], Path]) -> Read:
    def records(name: str) -> list[Record]:
        document = Document(path(name).read_bytes(), name)
        return list(choose_source(document).parse(document))

    return records


@pytest.fixture(scope="module")
def rows(path: Callable[[str], Path]) -> Callable[..., list[dict[str, str]]]:
    def listed(name: str, delimiter: str = ",") -> list[dict[str, str]]:
        with path(name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, delimiter=delimiter))

    return listed


def kinds(records: list[Record]) -> Counter[str]:
    return Counter(r.kind if isinstance(r, Term) else type(r).__name__ for r in records)


def test_rome_3_tables(read: Read, rows: Callable[..., list[dict[str, str]]]) -> None:
    assert kinds(read(V3 + "referentiel_code_rome_v347_utf8.csv")) == {"Job": 531}
    assert kinds(read(V3 + "referentiel_appellation_v347_utf8.csv"))["name"] == 10_990
    items = read(V3 + "item_v347_utf8.csv")
    listed = rows(V3 + "item_v347_utf8.csv")
    assert (len(items), len(listed)) == (len({r["code_ogr"] for r in listed}), 13_670)
    links = read(V3 + "liens_rome_referentiels_v347_utf8.csv")
    linked = sum(len(job.items) for job in links if isinstance(job, Job))
    coherent = len(rows(V3 + "coherence_item_v347_utf8.csv"))
    assert linked == coherent == 30_706
    moves = [
        move
        for job in read(V3 + "rubrique_mobilite_v347_utf8.csv")
        if isinstance(job, Job)
        for move in job.moves
    ]
    assert Counter(move.evolution for move in moves) == {False: 1_917, True: 2_301}


def test_every_table_of_rome_is_read_or_explained(read: Read, real_data: Path) -> None:
    explained = Counter()
    files = [
        file
        for folder in ("rome_v347", "rome_v344_xml", "rome_v460")
        for file in sorted((real_data / "data" / folder).rglob("*"))
        if file.is_file()
    ]
    assert len(files) == 23
    for file in files:
        records = read(str(file.relative_to(real_data / "data")))
        for record in records:
            remarks = [record] if isinstance(record, Remark) else list(record.warnings)
            explained.update((file.name, remark.text.split(":")[0]) for remark in remarks)
    assert sorted({name for name, _ in explained}) == [
        "rome_competences.xlsx",
        "unix_coherence_item_v347_utf8.csv",
        "unix_item_arborescence_v333_utf8.csv",
    ]


def test_rome_4_tables(read: Read) -> None:
    codes = [job for job in read(V4 + "code_rome_v460_utf8.csv") if isinstance(job, Job)]
    assert len(codes) == 1_584
    assert Counter(job.regulated for job in codes) == {True: 241, False: 1_109, None: 234}
    assert sum(job.parent is not None and job.parent.code != job.code for job in codes) == 1_052
    assert kinds(read(V4 + "appellation_v460_utf8.csv"))["name"] == 13_120
    assert kinds(read("rome_v460/sheets.json")) == {"Job": 1_584}
    trees = "rome_v460/arborescences_xlsx_2025-09/rome_"
    assert kinds(read(trees + "savoirs.xlsx")) == {"knowledge": 15_354}
    assert kinds(read(trees + "contextes.xlsx")) == {"context": 179}
    competences = kinds(read(trees + "competences.xlsx"))
    assert competences["activity"] + competences["Remark"] == 17_830
    assert kinds(read(trees + "metiers.xlsx"))["name"] == 13_120


def test_esco_and_formacode(read: Read) -> None:
    occupations = read("esco_fr/occupations_fr_official.csv")
    assert kinds(occupations) == {"Job": 3_039}
    assert sum(job.regulated is True for job in occupations if isinstance(job, Job)) == 15
    assert kinds(read("esco_fr/mockly_skills_fr.csv")) == {"skill": 13_095}
    terms = read("formacode/formacodes-v14.csv")
    assert kinds(terms) == {"descriptor": 2_775}
    assert not any(term.warnings for term in terms if isinstance(term, Term))


def test_rome_in_the_graph(path: Callable[[str], Path]) -> None:
    store = Store("sqlite://")
    names = [
        V3 + "referentiel_code_rome_v347_utf8.csv",
        V3 + "liens_rome_referentiels_v347_utf8.csv",
        V3 + "item_v347_utf8.csv",
        V3 + "rubrique_mobilite_v347_utf8.csv",
        V4 + "code_rome_v460_utf8.csv",
        "rome_v460/sheets.json",
    ]
    readings = []
    for name in names:
        document = Document(path(name).read_bytes(), name)
        source = choose_source(document)
        records = list(source.parse(document))
        readings.append(Reading(document, records, source.NAME, source.AUTHORITY, source.PUBLISHER))
    store.ingest_all(readings)
    job = store.job("rome:M1604").record
    assert job.missions
    assert job.skills
    assert job.purpose
    assert all(item.label for item in job.items)
    assert all(move.title != move.target for move in job.moves)
    assert store.newer_codes("rome:A1101") == ["rome:A1102"]
    assert store.job("rome:A1102").record.parent is not None
    regulated = {each.code for each in store.regulated(["J1506", "M1604"])}
    assert "J1506" in regulated
    assert "M1604" not in regulated
