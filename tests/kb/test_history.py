"""What changed between two states of a sheet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kb.history import Change, changes
from kb.merge import Entry
from kb.model import Accreditation, Certification, Competency, SkillBlock

DAY = date(2026, 8, 17)
SHEET = Certification(
    "RNCP99901",
    "Gardien de phare",
    active=True,
    blocks=(SkillBlock("B1", "Veiller"),),
    competencies=(
        Competency("Allumer la lampe au crépuscule", block="B1", place="line 4"),
        Competency("Signaler les navires en détresse", block="B1"),
    ),
    partners=(Accreditation("Phares SA", "00000000000000", "train", "active"),),
)


def told(**new: object) -> list[tuple[str, str | None, str | None, str | None]]:
    before = Entry("rncp:RNCP99901", SHEET, ())
    after = Entry("rncp:RNCP99901", replace(SHEET, **new), ())  # type: ignore[arg-type]
    return [(c.kind, c.field, c.before, c.after) for c in changes(before, after, DAY)]


def test_nothing_changed_is_nothing_told() -> None:
    moved = tuple(replace(c, place="line 99") for c in SHEET.competencies)
    assert told(competencies=moved, places={"title": "line 2"}) == []


def test_a_new_sheet_is_created() -> None:
    entry = Entry("rncp:RNCP99901", SHEET, ())
    assert changes(None, entry, DAY) == [
        Change(DAY, "rncp:RNCP99901", "created", None, None, "Gardien de phare")
    ]


def test_fields_states_and_successors() -> None:
    assert told(title="Gardienne") == [("changed", "title", "Gardien de phare", "Gardienne")]
    assert told(active=False) == [("deactivated", None, None, None)]
    assert told(replaced_by=("RNCP99902",)) == [("replaced", "replaced_by", None, "RNCP99902")]
    off = Entry("rncp:RNCP99901", replace(SHEET, active=False), ())
    on = Entry("rncp:RNCP99901", SHEET, ())
    assert [c.kind for c in changes(off, on, DAY)] == ["reactivated"]


def test_blocks_and_partners() -> None:
    blocks = (SkillBlock("B1", "Veiller et signaler"), SkillBlock("B2", "Entretenir"))
    assert told(blocks=blocks) == [
        ("changed", "blocks.B1.title", "Veiller", "Veiller et signaler"),
        ("changed", "blocks.B2.title", None, "Entretenir"),
    ]
    ((kind, field, before, after),) = told(partners=())
    assert (kind, field, after) == ("changed", "partners.00000000000000", None)
    assert before is not None
    assert "Phares SA" in before


def test_a_reworded_competency_is_one_change() -> None:
    lamp, signal = SHEET.competencies
    reworded = replace(lamp, text="Allumer la lampe chaque jour au crépuscule")
    assert told(competencies=(reworded, signal)) == [
        ("changed", "competencies.B1", lamp.text, reworded.text)
    ]
    other = replace(lamp, text="Tenir le registre des visites")
    assert told(competencies=(other, signal)) == [
        ("changed", "competencies.B1", lamp.text, None),
        ("changed", "competencies.B1", None, other.text),
    ]
    coded = replace(SHEET, competencies=(replace(lamp, code="C1"),))
    wholly = replace(coded, competencies=(Competency("Tout autre texte", "C1", block="B1"),))
    before, after = (Entry("rncp:RNCP99901", x, ()) for x in (coded, wholly))
    assert len(changes(before, after, DAY)) == 1
