"""Onisep, certif-info and offers: as many things as their files hold."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest

from kb.identity import insertion_id
from kb.model import Certification, Document, Insertion, Job, Record, Remark
from scrapers.discovery import choose_source
from scrapers.offers import offers
from scrapers.tables.register import read_certifications

pytestmark = pytest.mark.real


def document(real_data: Path, name: str) -> Document:
    return Document((real_data / "data" / name).read_bytes(), name)


def read(real_data: Path, name: str) -> tuple[str, list[Record]]:
    source = choose_source(document(real_data, name))
    return source.NAME, list(source.parse(document(real_data, name)))


def test_onisep_sheets(real_data: Path) -> None:
    name, records = read(real_data, "onisep/job_sheets.json")
    listed = json.loads((real_data / "data/onisep/job_sheets.json").read_text("utf-8"))
    jobs = [job for job in records if isinstance(job, Job)]
    assert (name, len(jobs), len(records)) == ("onisep", 523, 523)
    assert [[code.code for code in job.rome] for job in jobs] == [s["romes"] for s in listed]
    assert sum(bool(job.missions) for job in jobs) == 433
    assert all(job.purpose for job in jobs)
    assert not any(job.warnings for job in jobs)
    recommended = [c for job in jobs for c in job.certifications if c.startswith("RNCP")]
    assert len(recommended) == sum(len(set(s["rncp"])) for s in listed)


def test_certif_info_table(real_data: Path) -> None:
    path = real_data / "data" / "certif_info" / "certif_info_2024.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    name, records = read(real_data, "certif_info/certif_info_2024.csv")
    sheets = [sheet for sheet in records if isinstance(sheet, Certification)]
    numbers = {sheet.number or "" for sheet in sheets}
    assert (name, len(numbers)) == ("certif_info", len(sheets))
    assert sum(number.startswith("RNCP") for number in numbers) == 4_877
    assert sum(number.startswith("RS") for number in numbers) == 1_311
    (left_out,) = (record for record in records if isinstance(record, Remark))
    bare = sum(not row["Code_RNCP"] and not row["Code_RS"] for row in rows)
    assert left_out.text.startswith(f"{bare} diplomas bear no number")


def test_active_titles(real_data: Path) -> None:
    _, records = read(real_data, "certif_info/active_titles_2026-04.json")
    sheets = [sheet for sheet in records if isinstance(sheet, Certification)]
    assert len(sheets) == len(records) == 6_590
    assert all(sheet.active for sheet in sheets)
    assert sum(bool(sheet.warnings) for sheet in sheets) == 18


def test_offers_are_reported_and_read(real_data: Path) -> None:
    for file, count in (("france_travail_offers", 1_969), ("france_travail_api_answers", 20)):
        name, records = read(real_data, f"offers/{file}.json")
        (remark,) = records
        assert (name, isinstance(remark, Remark)) == ("france_travail", True)
        listed = offers(document(real_data, f"offers/{file}.json"))
        assert len(listed) == count
        assert all(offer.rome and offer.description for offer in listed)


def test_insertion_is_tied_by_diploma_and_title(real_data: Path) -> None:
    name, records = read(real_data, "insertion_stats/inserjeunes_lycee_pro_corpus.json")
    told = [record for record in records if isinstance(record, Insertion)]
    assert (name, len(told)) == ("insertion", 473)
    ids = {insertion_id(each.diploma, each.title, each.level) for each in told}
    assert len(ids) == 454  # mentions complémentaires have two series
    assert sum(len(each.figures) for each in told) == 2430
    tied: dict[str | None, set[str]] = defaultdict(set)
    for each in read_certifications(real_data / "data"):
        tied[insertion_id(each.diploma, each.title, each.level)].add(each.number)
    assert len(ids & tied.keys()) == 311
    assert len(set().union(*(tied[key] for key in ids & tied.keys()))) == 347


@pytest.mark.parametrize(
    ("file", "rows"), [("insersup_corpus", "368 rows"), ("cereq_insertion_stats", "43 rows")]
)
def test_statistics_that_name_no_training_are_counted(
    real_data: Path, file: str, rows: str
) -> None:
    name, (remark,) = read(real_data, f"insertion_stats/{file}.json")
    assert name == "insertion"
    assert isinstance(remark, Remark)
    assert rows in remark.text
