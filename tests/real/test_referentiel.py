"""The référentiels of the real data: counts, totals, contradictions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kb.model import Certification, Document
from scrapers.sources import referentiel

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def sheet(seed: Callable[[str], Document]) -> Certification:
    records = list(referentiel.parse(seed("002")))
    assert len(records) == 1, "every line is read"
    assert isinstance(records[0], Certification)
    return records[0]


def test_identity_and_counts(sheet: Certification) -> None:
    assert sheet.number == "RNCP36390"
    assert sheet.title is not None
    assert "Office Manager junior" in sheet.title
    assert len(sheet.activities) == 18
    assert [len(block.competencies) for block in sheet.blocks] == [10, 7, 8, 7]
    assert (
        len({c.code for c in sheet.competencies}) == len({c.id for c in sheet.competencies}) == 32
    )
    assert [block.code for block in sheet.blocks] == [f"RNCP36390BC0{n}" for n in (1, 2, 3, 4)]
    assert all(block.overall and block.title for block in sheet.blocks)


def test_each_competence_has_its_criteria(sheet: Certification) -> None:
    criteria = {c.code: c.criteria for c in sheet.competencies}
    assert all(criteria.values())
    assert criteria["C.1.1.1"] == criteria["C.1.1.2"]  # headed by both codes
    assert len(criteria["C.1.1.1"]) == 7  # a list that a page end breaks
    assert len(criteria["C.2.3.1"]) == 5  # another, beside rows of other competences
    assert {len(c) for c in criteria.values()} <= set(range(1, 10))
    assert not any("<" in text or "C." in text for each in criteria.values() for text in each)


def test_activities_of_competences(sheet: Certification) -> None:
    by_code = {c.code: c.activity for c in sheet.competencies}
    assert by_code["C.1.3.1"] == "A.1.3"  # the row of A.1.3 comes after it
    assert by_code["C.3.3.1"] == "A.3.3"
    assert [code for code, activity in by_code.items() if activity is None] == [
        "C.3.2.1",
        "C.3.2.2",
    ]
    assert any("A.3.2" in w.text and "C.3.2.2" in w.text for w in sheet.warnings)


def test_assessments(sheet: Certification) -> None:
    assert [sum("\n" in each for each in block.assessments) for block in sheet.blocks] == [
        4,
        3,
        2,
        2,
    ]
    assert all("ompétences C." in block.assessments[0] for block in sheet.blocks)


def test_modules_hours_and_points(sheet: Certification) -> None:
    assert len(sheet.modules) == 23
    assert sum(module.hours or 0 for module in sheet.modules) == 588
    assert (sheet.hours.taught, sheet.hours.other, sheet.hours.total) == (588, 343, 931)
    assert sheet.modules[0].hours == 52.5
    assert list(sheet.points.by_block.values()) == [250, 175, 175, 150]
    points = sheet.points
    assert (points.continuous, points.block_exams, points.professional) == (300, 450, 250)
    assert points.total == 1000
    assert sum(m.continuous_points == 0 for m in sheet.modules) == 7
    assert sum(m.continuous_points or 0 for m in sheet.modules) == 300
    assert [block.block_exam_points for block in sheet.blocks] == [150, 105, 105, 90]


def test_rules(sheet: Certification) -> None:
    by_rule: dict[str, list[str]] = {}
    for rule in sheet.exam_rules:
        by_rule.setdefault(rule.rule, []).append(rule.text)
        assert rule.place
    assert "10 de moyenne" in by_rule["pass"][0]
    assert "8/20" in by_rule["block_minimum"][0]
    assert len(by_rule["block_minimum"]) == 5  # the statement, and the points of each block
    assert "10/20" in by_rule["professional_minimum"][0]
    assert "une seule fois par bloc" in by_rule["resit"][0]
    assert "5 ans" in by_rule["resit"][0]
    assert "keep_blocks" in by_rule
    assert "other" not in by_rule
    assert sheet.prerequisites.entry is not None
    assert "niveau 4" in sheet.prerequisites.entry
    assert "1 an d'expérience" in sheet.prerequisites.entry


def test_contradictions_of_the_source_and_no_others(sheet: Certification) -> None:
    told = [remark.text for remark in sheet.warnings]
    assert len(told) == 4
    assert "inferred" in told[0]
    assert "A.3.2" in told[1]
    assert "3 blocks" in told[2]
    assert "describes 4" in told[2]
    assert told[3].startswith("73 days")
    assert told[3].endswith("78")  # 60 days of the second year agree with its months


def test_reac_of_the_ministry(real_data: Path) -> None:
    path = real_data / "data" / "pdf" / "REAC-DWWM-2024-07-02.pdf"
    document = Document(path.read_bytes(), path.name)
    assert referentiel.recognise(document) > 0.9
    (reac,) = referentiel.parse(document)
    assert isinstance(reac, Certification)
    assert (reac.number, reac.title, reac.level) == (None, "Développeur web et web mobile", 5)
    assert [code.code for code in reac.rome] == ["M1805"]
    assert [code.code for code in reac.nsf] == ["326t-a"]
    assert len(reac.activities) == 2
    assert [len(block.competencies) for block in reac.blocks] == [4, 4]
    assert [c.code for c in reac.competencies] == [f"CP{n}" for n in range(1, 9)] + [None] * 3
    assert [len(c.criteria) for c in reac.competencies] == [5, 7, 9, 9, 9, 8, 9, 3, 7, 4, 3]
    assert all(c.description for c in reac.competencies)
    assert all(c.block for c in reac.competencies[:8])
    assert len(reac.warnings) == 1  # the codes of the blocks


def test_only_the_referentiels_are_recognised(
    seed: Callable[[str], Document], real_data: Path
) -> None:
    assert referentiel.recognise(seed("002")) > 0.9
    assert all(referentiel.recognise(seed(n)) == 0 for n in ("000", "001", "003", "004"))
    guide = real_data / "data" / "pdf" / "Vademecum-RNCP-V1.1.pdf"
    assert referentiel.recognise(Document(guide.read_bytes(), guide.name)) == 0
