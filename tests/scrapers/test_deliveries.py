"""Nomenclatures as they come: the files of a data set, an archive of tables, a single table."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from kb.errors import FetchFailed, IncompleteDocument, UnknownKind, UnsafeDocument
from kb.model import Document, Job
from scrapers.deliveries import NOMENCLATURES, readings, resources
from scrapers.fetch import Resource

FIXTURES = Path(__file__).parent.parent / "fixtures"
ROME = NOMENCLATURES["rome"]


def table(source: str, case: str) -> bytes:
    return (FIXTURES / source / case / "page.csv").read_bytes()


def archive(**files: bytes) -> Document:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return Document(held.getvalue(), "https://example.org/RefRomeCsv.zip", date(2026, 6, 12))


def test_the_tables_of_an_archive_are_read_by_the_version_that_they_are() -> None:
    given = archive(
        **{
            "codes_v4.csv": table("rome4", "codes"),
            "codes_v3.csv": table("rome3", "codes"),
            "sectors.csv": b"code,label\nA,Agriculture\n",
        }
    )
    found, remarks = readings(ROME, [given])
    assert [each.source for each in found] == ["rome4", "rome3"]
    assert found[0].document.address == "https://example.org/RefRomeCsv.zip#codes_v4.csv"
    assert found[0].document.dated == date(2026, 6, 12)
    assert any(isinstance(record, Job) for record in found[0].records)
    assert [remark.place for remark in remarks] == ["RefRomeCsv.zip#sectors.csv"]


def test_a_single_table_is_a_delivery() -> None:
    given = Document(table("esco", "occupations"), "occupations.csv")
    (found,), remarks = readings(NOMENCLATURES["esco"], [given])
    assert (found.source, remarks) == ("esco", [])


def test_what_holds_no_table_of_it_is_refused() -> None:
    with pytest.raises(UnknownKind, match="no table of formacode"):
        readings(NOMENCLATURES["formacode"], [archive(**{"a.csv": table("esco", "skills")})])
    with pytest.raises(UnsafeDocument):
        readings(ROME, [archive(**{"../codes.csv": table("rome4", "codes")})])
    with pytest.raises(IncompleteDocument):
        readings(ROME, [archive(**{"codes.csv": table("rome4", "header_only")})])


def test_the_newest_of_the_files_that_the_portal_lists() -> None:
    listed = [
        Resource("Ref Rome CSV", "https://example.org/1/RefRomeCsv.zip", None, date(2026, 6, 1)),
        Resource("Ref Rome CSV", "https://example.org/2/RefRomeCsv.zip", None, date(2026, 9, 1)),
        Resource("Ref Rome XML", "https://example.org/RefRomeXml.zip", None, date(2026, 9, 1)),
        Resource("Contextes", "https://example.org/rome-arborescence-des-contextes.xlsx"),
    ]
    assert [each.address for each in resources(ROME, listed)] == [
        "https://example.org/2/RefRomeCsv.zip",
        "https://example.org/rome-arborescence-des-contextes.xlsx",
    ]
    with pytest.raises(FetchFailed, match="no file of rome"):
        resources(ROME, listed[2:3])


@pytest.mark.parametrize("name", NOMENCLATURES)
def test_each_names_its_readers_and_a_page(name: str) -> None:
    nomenclature = NOMENCLATURES[name]
    assert nomenclature.page.startswith("https://")
    assert len(nomenclature.expected) > 100
