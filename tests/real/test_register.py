"""The register's sheets as they are: facts counted from the sources."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kb.model import Certification, CohortStatistics, Document, Territories
from scrapers.discovery import choose_source
from scrapers.sources import rncp_page, rncp_xml

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


EXPORTS = ("export_fiches_RNCP_V4_1_2026-08-16.xml", "export_fiches_RS_V4_1_2026-08-16.xml")


@pytest.fixture(scope="module")
def exported(real_data: Path) -> dict[str, Certification]:
    found = {}
    for name in EXPORTS:
        path = real_data / "data" / "rncp_xml" / name
        document = Document(path.read_bytes(), str(path))
        assert choose_source(document).NAME == "rncp_xml"
        for record in rncp_xml.parse(document):
            assert isinstance(record, Certification)
            found[record.number] = record
    return found


@pytest.fixture(scope="module")
def tags(real_data: Path) -> dict[str, ET.Element]:
    """The fiches as the standard library's parser sees them."""
    return {
        fiche.findtext("NUMERO_FICHE", ""): fiche
        for name in EXPORTS
        for fiche in ET.parse(real_data / "data" / "rncp_xml" / name).getroot().iter("FICHE")
    }


def test_all_fiches_are_read(
    exported: dict[str, Certification], tags: dict[str, ET.Element]
) -> None:
    assert len(exported) == 12
    assert list(exported) == list(tags)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("blocks", "BLOCS_COMPETENCES/BLOC_COMPETENCES"),
        ("partners", "PARTENAIRES/PARTENAIRE"),
        ("statistics", "STATISTIQUES_PROMOTIONS/STATISTIQUES_PROMOTION"),
        ("correspondences", "CORRESPONDANCES/CORRESPONDANCE"),
        ("certifiers", "CERTIFICATEURS/CERTIFICATEUR"),
        ("nsf", "CODES_NSF/NSF"),
        ("formacodes", "FORMACODES/FORMACODE"),
        ("rome", "CODES_ROME/ROME"),
        ("replaces", "ANCIENNES_CERTIFICATIONS/ANCIENNE_CERTIFICATION"),
        ("replaced_by", "NOUVELLES_CERTIFICATIONS/NOUVELLE_CERTIFICATION"),
    ],
)
def test_counts_equal_those_of_the_xml(
    exported: dict[str, Certification], tags: dict[str, ET.Element], name: str, path: str
) -> None:
    given = {number: len(getattr(sheet, name)) for number, sheet in exported.items()}
    assert given == {number: len(fiche.findall(path)) for number, fiche in tags.items()}
    assert sum(given.values()) > 0


@pytest.mark.parametrize(
    ("number", "counts"),
    [
        ("RNCP37674", [4, 4]),
        ("RNCP37873", [4, 4, 3]),
        ("RNCP35809", [9, 20, 6, 14]),
        ("RNCP34762", [7, 10, 10, 8, 5]),
        ("RNCP35419", [5, 4, 4, 5]),
    ],
)
def test_competences_per_block(
    exported: dict[str, Certification], number: str, counts: list[int]
) -> None:
    sheet = exported[number]
    assert [len(block.competencies) for block in sheet.blocks] == counts
    assert {id for block in sheet.blocks for id in block.competencies} == {
        each.id for each in sheet.competencies
    }


def test_a_wrapped_line_is_one_competence(exported: dict[str, Certification]) -> None:
    texts = [each.text for each in exported["RNCP35809"].competencies]
    assert "Valider une solution technique" in texts


def test_sheets_of_the_specific_register(exported: dict[str, Certification]) -> None:
    counts = {number: len(sheet.competencies) for number, sheet in exported.items()}
    assert {number: counts[number] for number in counts if number.startswith("RS")} == {
        "RS5719": 12,
        "RS6547": 4,
        "RS5000": 7,
        "RS6604": 5,
        "RS7485": 25,
    }
    codes = [each.code for each in exported["RS6547"].competencies]
    assert codes == ["1", "2", "3", "4"]
    assert all(not sheet.blocks for number, sheet in exported.items() if number.startswith("RS"))


def test_every_partner_has_a_role_and_a_state(exported: dict[str, Certification]) -> None:
    partners = [each for sheet in exported.values() for each in sheet.partners]
    assert len(partners) == 1349
    assert {each.role for each in partners} == {"train", "train_and_assess"}
    assert {each.state for each in partners} == {"active"}
    assert sum(each.since is not None for each in partners) == 325
    assert all(each.siret for each in partners)


def test_no_tag_of_the_real_fiches_is_unknown(exported: dict[str, Certification]) -> None:
    told = [remark.text for sheet in exported.values() for remark in sheet.warnings]
    assert not any("unknown" in text for text in told)
