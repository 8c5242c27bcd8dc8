"""Merging: what is one, what is kept, what stays visible."""

from __future__ import annotations

from datetime import date

from kb.merge import Origin, merge_certification, merge_job
from kb.model import (
    Certification,
    Competency,
    Hours,
    Job,
    Prerequisites,
    Remark,
    SkillBlock,
    Territories,
)


def origin(authority: int, name: str = "x", dated: date | None = None) -> Origin:
    return Origin(name * 64, name, f"/d/{name}.txt", name, authority, dated)


def blocks(*codes: str) -> tuple[SkillBlock, ...]:
    return tuple(SkillBlock(code, f"Bloc {code}") for code in codes)


def test_the_sheets_list_and_the_blocks_list_are_one_competency_each() -> None:
    record = Certification(
        "RNCP99901",
        blocks=blocks("B1"),
        competencies=(
            Competency("Allumer la lampe.", block=None),
            Competency("Allumer la  lampe", block="B1"),
        ),
    )
    entry = merge_certification("rncp:RNCP99901", [(record, origin(1))])
    assert [c.block for c in entry.record.competencies] == ["B1"]
    assert len(entry.record.blocks[0].competencies) == 1


def test_a_text_of_two_blocks_is_one_competency_that_both_list() -> None:
    record = Certification(
        "RNCP99901",
        blocks=blocks("B1", "B2"),
        competencies=(Competency("Allumer", block="B1"), Competency("Allumer", block="B2")),
    )
    merged = merge_certification("rncp:RNCP99901", [(record, origin(1))]).record
    assert len(merged.competencies) == 1
    assert merged.blocks[0].competencies == merged.blocks[1].competencies != ()


def test_criteria_of_the_referentiel_complete_the_registers_competency() -> None:
    register = Certification(
        "RNCP99901", blocks=blocks("B1"), competencies=(Competency("Allumer", block="B1"),)
    )
    referentiel = Certification(
        "RNCP99901",
        blocks=blocks("B1"),
        competencies=(
            Competency("allumer.", code="C.1", block="B1", criteria=("La lampe éclaire",)),
            Competency("Éteindre", code="C.2", block="B1"),
        ),
    )
    entry = merge_certification("i", [(referentiel, origin(2, "r")), (register, origin(0, "a"))])
    (competency,) = entry.record.competencies
    assert (competency.text, competency.code) == ("Allumer", "C.1")
    assert competency.criteria == ("La lampe éclaire",)
    assert competency.id == "rncp:RNCP99901/C.1"
    assert [d.other for d in entry.differences] == ["Éteindre"]


def test_one_code_with_two_wordings_is_one_competency_and_a_difference() -> None:
    one = Certification("RNCP99901", competencies=(Competency("Allumer", code="C1"),))
    two = Certification("RNCP99901", competencies=(Competency("Allumer le feu", code="C1"),))
    entry = merge_certification("i", [(one, origin(0, "a")), (two, origin(1, "b"))])
    assert [c.text for c in entry.record.competencies] == ["Allumer"]
    assert [d.other for d in entry.differences] == ["Allumer le feu"]


def test_parts_of_a_field_are_filled_from_different_documents() -> None:
    one = Certification("RNCP99901", territories=Territories(nouvelle_caledonie=True))
    two = Certification(
        "RNCP99901",
        territories=Territories(False, False),
        prerequisites=Prerequisites(entry="Savoir nager"),
        hours=Hours(total=12),
    )
    merged = merge_certification("i", [(one, origin(0, "a")), (two, origin(1, "b"))])
    assert merged.record.territories == Territories(True, False)
    assert merged.record.prerequisites.entry == "Savoir nager"
    assert merged.record.hours.total == 12
    assert [d.field for d in merged.differences] == ["territories.nouvelle_caledonie"]


def test_warnings_name_their_document_when_there_are_several() -> None:
    one = Job("Gardien", warnings=(Remark("line 2", "odd"),))
    assert merge_job("i", [(one, origin(1, "a"))]).record.warnings == one.warnings
    both = merge_job("i", [(one, origin(1, "a")), (Job("Gardien"), origin(3, "b"))])
    assert both.record.warnings == (Remark("a.txt, line 2", "odd"),)


def test_blocks_that_only_a_lesser_document_knows_are_told_not_added() -> None:
    one = Certification("RNCP99901", blocks=blocks("B1"))
    two = Certification("RNCP99901", blocks=blocks("B1", "B9"))
    entry = merge_certification("i", [(one, origin(0, "a")), (two, origin(1, "b"))])
    assert [b.code for b in entry.record.blocks] == ["B1"]
    assert [d.field for d in entry.differences] == ["blocks"]
