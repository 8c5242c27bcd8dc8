"""The register's sheets as they are: facts counted from the sources."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from kb.model import Certification, CohortStatistics, Document, Territories
from scrapers.discovery import choose_source
from scrapers.sources import rncp_page

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def sheet(seed: Callable[[str], Document]) -> Certification:
    (record,) = rncp_page.parse(seed("000"))
    assert isinstance(record, Certification)
    return record


def test_the_seed_is_recognised(seed: Callable[[str], Document]) -> None:
    assert choose_source(seed("000")).NAME == "rncp_page"


@pytest.mark.parametrize("number", ["001", "002", "003", "004"])
def test_no_other_seed_is_taken_for_a_page(seed: Callable[[str], Document], number: str) -> None:
    assert rncp_page.recognise(seed(number)) == 0


def test_identity_of_the_seed(sheet: Certification) -> None:
    assert (sheet.number, sheet.title, sheet.level) == ("RNCP41308", None, 6)
    assert sheet.registration_end == date(2028, 9, 24)
    assert [code.code for code in sheet.nsf] == ["310", "314", "315"]
    assert [code.code for code in sheet.formacodes] == ["35047", "32054"]
    assert [code.code for code in sheet.rome] == ["M1302", "M1205"]
    (certifier,) = sheet.certifiers
    assert certifier.name.endswith("(HEAD)")
    assert certifier.trade_name == "HEAD"
    assert certifier.siret == "53485959000026"
    assert certifier.website is not None
    assert sheet.warnings == ()


def test_content_of_the_seed(sheet: Certification) -> None:
    assert len(sheet.activities) == 10
    assert [len(block.competencies) for block in sheet.blocks] == [7, 4, 6, 5]
    assert len({each.text for each in sheet.competencies}) == len(sheet.competencies) == 22
    assert len({each.id for each in sheet.competencies}) == 22
    assert [len(block.assessments) for block in sheet.blocks] == [1, 1, 1, 1]
    assert len(sheet.assessments) == 4
    assert len(sheet.job_titles) == 7
    assert len(sheet.sectors) == 1
    assert len(sheet.links) == 1
    assert sheet.regulation is not None
    assert len(sheet.regulation.split("\n")) == 3
    for told in (sheet.prerequisites.entry, sheet.prerequisites.validation, sheet.acquisition):
        assert told
    assert sheet.prerequisites.by_block == "Non"
    assert sheet.accreditation_text
    assert "aucun organisme" in sheet.accreditation_text


def test_what_lost_its_columns_in_the_seed(sheet: Certification) -> None:
    assert [(each.route, each.open, each.inferred) for each in sheet.access_routes] == [
        ("school", True, True),
        ("apprenticeship", True, True),
        ("continuing_education", True, True),
        ("professionalisation", True, True),
        ("individual", False, True),
        ("vae", True, True),
    ]
    assert [each.jury is not None for each in sheet.access_routes] == [True] * 4 + [False, True]
    assert sheet.territories == Territories(None, None)
    assert sheet.statistics == (
        CohortStatistics(2024, 5, 0, 100, 40, None),
        CohortStatistics(2021, 4, 0, 100, 75, 100),
        CohortStatistics(2019, 5, 0, 100, 100, 100),
    )
