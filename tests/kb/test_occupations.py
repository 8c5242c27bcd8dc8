"""Occupations of a nomenclature: tables that name each other's entries by code, in any order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from kb.errors import InvalidRecord, NotFound
from kb.model import Certification, Code, Document, Item, Job, JobMove, OtherNames, Record, Term
from kb.store import Store

ROME3: dict[str, Any] = {"source": "rome3", "authority": 1, "publisher": "France Travail"}
ROME4: dict[str, Any] = {"source": "rome4", "authority": 0, "publisher": "France Travail"}


def occupation(code: str, title: str | None = None, **values: Any) -> Job:
    return Job(title or code, code=code, nomenclature="rome", **values)


TABLES: dict[str, list[Record]] = {
    "codes": [occupation("Z9901", "Garde de phare"), occupation("Z9902", "Conduite de bac")],
    "items": [
        Term("rome", "900001", "activity", "Allumer la lampe"),
        Term("rome", "900002", "knowledge", "Optique marine"),
        Term("rome", "900003", "context", "En mer"),
    ],
    "links": [
        occupation(
            "Z9901",
            items=(
                Item("activity", "900001"),
                Item("knowledge", "900002"),
                Item("context", "900003"),
                Item("activity", "900009"),
            ),
        )
    ],
    "names": [
        Term("rome", "900010", "name", "Gardien / Gardienne de phare"),
        occupation("Z9901", other_names=OtherNames(fr=("Gardien / Gardienne de phare",))),
    ],
    "moves": [
        occupation(
            "Z9901",
            moves=(
                JobMove("Z9902", "to", "near", target="rome:Z9902"),
                JobMove("Z9902", "to", target="rome:Z9902", evolution=True),
                JobMove("Z9902", "to", "near", target="rome:Z9902", from_name=Code("900010")),
            ),
        )
    ],
}


def store_of(order: tuple[str, ...]) -> Store:
    store = Store("sqlite://")
    for name in order:
        store.ingest(Document(name.encode(), f"{name}.csv"), TABLES[name], **ROME3)
    return store


def test_tables_meet_in_one_occupation_whatever_comes_first() -> None:
    answers = []
    for order in permutations(TABLES):
        store = store_of(order)
        job = store.job("rome:Z9901").record
        assert job.title == "Garde de phare"
        assert [task.text for task in job.missions] == ["Allumer la lampe"]
        assert job.skills == ("Optique marine",)
        assert [section.text for section in job.context] == ["En mer"]
        assert job.other_names.fr == ("Gardien / Gardienne de phare",)
        assert {move.title for move in job.moves} == {"Conduite de bac"}
        assert len(job.moves) == 3
        assert {m.from_name for m in job.moves} == {
            None,
            Code("900010", "Gardien / Gardienne de phare"),
        }
        answers.append((store.state(), store.passages()))
    assert all(answer == answers[0] for answer in answers)


def test_an_item_that_no_table_words_stays_a_code() -> None:
    items = store_of(tuple(TABLES)).job("rome:z9901").record.items
    assert [item.label for item in items if item.code == "900009"] == [None]


def test_an_occupation_is_never_one_with_a_job_of_its_title() -> None:
    store = store_of(tuple(TABLES))
    store.ingest(Document(b"sheet", "sheet.txt"), [Job("Garde de phare")], **ROME3)
    assert store.job("job:garde-de-phare").record.code is None
    assert store.job("rome:Z9901").record.code == "Z9901"
    assert store.summary().jobs == 3


def test_a_newer_version_words_the_title_and_finds_the_older_code() -> None:
    store = store_of(tuple(TABLES))
    newer = [
        occupation("Z9901", "Gardien / Gardienne de balise", parent=Code("Z9901")),
        occupation("Z9903", "Veilleur / Veilleuse", parent=Code("Z9901"), regulated=True),
    ]
    store.ingest(Document(b"newer", "newer.csv"), newer, **ROME4)
    job = store.job("rome:Z9901").record
    assert job.title == "Gardien / Gardienne de balise"
    assert "Garde de phare" in job.other_names.fr
    assert store.newer_codes("rome:Z9901") == ["rome:Z9903"]
    parent = store.job("rome:Z9903").record.parent
    assert parent == Code("Z9901", "Gardien / Gardienne de balise")


def test_regulated_occupations_of_a_certification() -> None:
    store = Store("sqlite://")
    newer = [
        occupation("Z9901", "Gardien", parent=Code("Z9901"), regulated=False),
        occupation("Z9903", "Veilleur", parent=Code("Z9901"), regulated=True, access="Un brevet."),
        occupation("Z9904", "Pilote", parent=Code("Z9904"), regulated=True),
    ]
    store.ingest(Document(b"newer", "newer.csv"), newer, **ROME4)
    sheet = Certification("RNCP99001", rome=(Code("Z9901"), Code("Z9904"), Code("Z9999")))
    found = store.regulated(code.code for code in sheet.rome)
    assert [(r.code, r.label, r.text, r.via) for r in found] == [
        ("Z9904", "Pilote", None, None),
        ("Z9903", "Veilleur", "Un brevet.", "Z9901"),
    ]
    assert store.regulated([]) == []


def test_terms_that_stand_for_themselves_are_searched() -> None:
    store = Store("sqlite://")
    terms: list[Record] = [
        Term("formacode", "99001", "descriptor", "Signalisation maritime", ("balisage",)),
        Term("esco", "aa-01", "skill", "entretenir une lampe"),
        Term("rome", "900002", "knowledge", "Optique marine"),
    ]
    store.ingest(Document(b"terms", "terms.csv"), terms, **ROME3)
    assert [(p.kind, p.text) for p in store.passages()] == [
        ("term", "entretenir une lampe"),
        ("term", "Signalisation maritime"),
        ("synonym", "balisage"),
    ]
    assert store.entry("formacode:99001").record.title == "Signalisation maritime"
    with pytest.raises(NotFound):
        store.job("esco:aa-01")


def test_values_that_no_nomenclature_has_are_refused() -> None:
    with pytest.raises(InvalidRecord, match="nomenclature"):
        Job("Gardien", code="1", nomenclature="isco")
    with pytest.raises(InvalidRecord, match="code"):
        Job("Gardien", nomenclature="rome")
    with pytest.raises(InvalidRecord, match="kind"):
        Term("rome", "900001", "job")


def test_codes_that_no_version_of_rome_has_are_counted() -> None:
    store = Store("sqlite://")
    sheets: list[Record] = [
        Certification("RNCP99001", rome=(Code("Z9901"), Code("Z9999"))),
        Certification("RNCP99002", rome=(Code("Z9999"), Code("Z99"))),
    ]
    store.ingest(Document(b"sheets", "x.xml"), sheets, source="r", authority=0, publisher="P")
    assert store.unknown_codes() == {}, "no table of ROME is held"
    store.ingest(Document(b"codes", "codes.csv"), TABLES["codes"], **ROME3)
    assert store.unknown_codes() == {"Z9999": 2, "Z99": 1}
    codes = [code.code for code in store.certification("RNCP99001").record.rome]
    assert codes == ["Z9901", "Z9999"], "kept as published"


def test_codes_of_an_older_formacode_find_the_descriptor_of_today() -> None:
    store = Store("sqlite://")
    terms: list[Record] = [
        Term("formacode", "99101", "descriptor", "Balisage", ("signaux côtiers", "feux")),
        Term("formacode", "99102", "descriptor", "Phares", ("feux", "balisage")),
    ]
    codes = (
        Code("99001", "Signaux côtiers"),  # a synonym of one descriptor
        Code("99002", "BALISAGE"),  # the label of one, a synonym of another
        Code("99003", "Feux"),  # a synonym of two
        Code("99004", "Voile"),
        Code("99005"),
        Code("99102", "Signaux côtiers"),  # of this version, whatever it was called
    )
    assert store.newer_descriptors(codes) == {}
    by = {"source": "formacode", "authority": 1, "publisher": "Centre Inffo"}
    store.ingest(Document(b"terms", "terms.csv"), terms, **by)  # type: ignore[arg-type]
    assert store.newer_descriptors(codes) == {
        "99001": Code("99101", "Balisage"),
        "99002": Code("99101", "Balisage"),
    }
