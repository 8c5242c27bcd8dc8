"""The knowledge base: kept, merged, rebuilt, and left as it was by what goes wrong."""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from kb.errors import (
    IncompleteDocument,
    InvalidSetting,
    NotFound,
    UnreadableDocument,
    WriteFailed,
)
from kb.model import (
    Certification,
    Code,
    Competency,
    Document,
    Job,
    JobMove,
    OtherNames,
    Passage,
    Record,
    Relation,
    Remark,
    SkillBlock,
    Standing,
    Task,
)
from kb.store import Counts, Reading, Store

REGISTER = {"source": "register", "authority": 0, "publisher": "Register"}
PAGE = {"source": "page", "authority": 1, "publisher": "Register"}
ARTICLE = {"source": "article", "authority": 3, "publisher": "Blog"}


def document(text: str, dated: date | None = date(2026, 1, 1)) -> Document:
    return Document(text.encode(), f"/somewhere/{text}.txt", dated)


def sheet(*texts: str, title: str = "Gardien de phare", **fields: object) -> Certification:
    competencies = tuple(Competency(t, block="RNCP99901BC01") for t in texts)
    blocks = (SkillBlock("RNCP99901BC01", "Veiller"),)
    return Certification(
        "RNCP99901",
        title,
        competencies=competencies,
        blocks=blocks,
        **fields,  # type: ignore[arg-type]
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'deep' / 'kb.db'}")
    yield opened
    opened.close()


def test_what_was_ingested_is_found_by_id_and_by_number(store: Store) -> None:
    done = store.ingest(document("a"), [sheet("Allumer la lampe")], **REGISTER)
    assert done.entities == ("rncp:RNCP99901",)
    entry = store.certification("rncp99901")
    assert entry.record.competencies[0].id == entry.record.blocks[0].competencies[0]
    assert entry == store.certification("rncp:RNCP99901") == store.entry("rncp:RNCP99901")
    assert entry.documents[0].sha256 == document("a").sha256
    assert store.document(document("a").sha256) == document("a")


def test_ingesting_twice_changes_nothing(store: Store) -> None:
    store.ingest(document("a"), [sheet("Allumer la lampe"), Remark("line 3", "odd")], **REGISTER)
    before = (store.state(), store.passages(), store.origins(), store.summary())
    store.ingest(document("a"), [sheet("Allumer la lampe"), Remark("line 3", "odd")], **REGISTER)
    assert (store.state(), store.passages(), store.origins(), store.summary()) == before


def test_what_another_process_writes_is_counted(store: Store, tmp_path: Path) -> None:
    other = Store(f"sqlite:///{tmp_path / 'deep' / 'kb.db'}")
    assert store.summary().certifications == 0
    other.ingest(document("a"), [sheet("Allumer la lampe")], **REGISTER)
    other.close()
    assert (store.summary().certifications, store.summary().documents) == (1, 1)


def test_states_and_levels_are_told_until_something_is_written(store: Store) -> None:
    store.ingest(document("a"), [sheet("Allumer la lampe", active=False, level=4)], **REGISTER)
    told = store.standings()
    assert told == {"rncp:RNCP99901": Standing(active=False, level=4)}
    assert store.standings() is told
    newer = document("b", date(2026, 1, 2))
    store.ingest(newer, [sheet("Allumer la lampe", active=True, level=4)], **REGISTER)
    assert store.standings()["rncp:RNCP99901"].active is True


def test_an_error_while_reading_leaves_everything_as_it_was(store: Store) -> None:
    store.ingest(document("a"), [sheet("Allumer la lampe")], **REGISTER)
    before = (store.state(), store.passages(), store.origins())

    def broken() -> Iterator[Record]:
        yield sheet("Éteindre la lampe", title="Autre")
        raise IncompleteDocument("cut", "Save it again.")

    with pytest.raises(IncompleteDocument):
        store.ingest(document("b"), broken(), **REGISTER)
    assert (store.state(), store.passages(), store.origins()) == before


def test_the_register_wins_and_the_other_value_stays_visible(store: Store) -> None:
    store.ingest(document("page"), [sheet("Allumer", title="Gardien du phare")], **PAGE)
    store.ingest(document("xml"), [sheet("Allumer", title="Gardien de phare")], **REGISTER)
    entry = store.certification("RNCP99901")
    assert entry.record.title == "Gardien de phare"
    (difference,) = entry.differences
    assert (difference.field, difference.other) == ("title", "Gardien du phare")
    assert difference.origin.source == "page"
    assert any("Gardien du phare" in warning.text for warning in entry.record.warnings)


def test_within_one_source_the_newest_wins(store: Store) -> None:
    store.ingest(document("new", date(2026, 5, 1)), [sheet("x", level=6)], **REGISTER)
    store.ingest(document("old", date(2025, 5, 1)), [sheet("x", level=5)], **REGISTER)
    assert store.certification("RNCP99901").record.level == 6


def test_passages_and_state_follow_each_change(store: Store) -> None:
    empty = store.state()
    store.ingest(document("a"), [sheet("Allumer la lampe")], **REGISTER)
    one = store.state()
    assert Passage("rncp:RNCP99901BC01", "block", "rncp:RNCP99901", "Veiller", "RNCP99901BC01") in (
        store.passages()
    )
    store.ingest(document("a"), [sheet("Allumer le feu")], **REGISTER)
    assert len({empty, one, store.state()}) == 3
    store.ingest(document("a"), [sheet("Allumer la lampe")], **REGISTER)
    assert store.state() == one
    # The same sentence outside of the block.
    moved = Certification(
        "RNCP99901",
        "Gardien de phare",
        competencies=(Competency("Allumer la lampe"),),
        blocks=(SkillBlock("RNCP99901BC01", "Veiller"),),
    )
    store.ingest(document("a"), [moved], **REGISTER)
    assert store.state() != one


def test_each_thing_has_a_state_and_passages_of_its_own(store: Store) -> None:
    store.ingest(document("a"), [sheet("Allumer la lampe")], **REGISTER)
    store.ingest(document("b"), [Job("Gardien"), Job("Veilleur")], **ARTICLE)
    before = store.states()
    assert sorted(before) == ["job:gardien", "job:veilleur", "rncp:RNCP99901"]
    assert [p.text for p in store.each_passage(["job:veilleur", "job:none"])] == ["Veilleur"]
    store.ingest(document("a"), [sheet("Allumer le feu")], **REGISTER)
    after = store.states()
    assert [i for i in after if after[i] != before[i]] == ["rncp:RNCP99901"]


def test_jobs_are_one_by_main_title_whatever_gender_and_case(store: Store) -> None:
    store.ingest(document("a"), [Job("GARDIEN DE PHARE", missions=(Task("Veiller"),))], **PAGE)
    store.ingest(
        document("b"),
        [Job("Gardien / Gardienne de phare (H/F)", missions=(Task("Allumer"),))],
        **ARTICLE,
    )
    entry = store.job("gardien-de-phare")
    assert [task.text for task in entry.record.missions] == ["Veiller", "Allumer"]
    assert store.summary().jobs == 1


def test_jobs_are_not_one_by_another_name_nor_across_seniority(store: Store) -> None:
    names = OtherNames(fr=("Veilleur",))
    store.ingest(document("a"), [Job("Gardien de phare", other_names=names)], **PAGE)
    store.ingest(document("b"), [Job("Veilleur"), Job("Gardien de phare junior")], **ARTICLE)
    assert store.summary().jobs == 3
    assert Relation("also_called", "job:gardien-de-phare", "job:veilleur") in store.relations(
        source="job:gardien-de-phare"
    )


def test_jobs_are_one_by_official_code_whichever_came_first(store: Store) -> None:
    store.ingest(document("a"), [Job("Veilleur de phare", code="Z9999")], **PAGE)
    store.ingest(document("b"), [Job("Gardien de phare", missions=(Task("Allumer"),))], **ARTICLE)
    store.ingest(document("c"), [Job("Gardien de phare", code="Z9999")], **PAGE)
    assert store.summary().jobs == 1
    (entry,) = store.jobs()
    assert entry.record.missions[0].text == "Allumer"
    assert len(entry.documents) == 3


def test_moves_tell_who_published_them(store: Store) -> None:
    store.ingest(document("a"), [Job("Gardien", moves=(JobMove("Pilote", "to"),))], **ARTICLE)
    assert store.job("gardien").record.moves[0].published_by == "Blog"
    assert store.relations(target="job:pilote")[0].kind == "moves_to"


def test_the_same_sentence_in_two_certifications_is_related_not_merged(store: Store) -> None:
    other = Certification("RNCP99902", "Veilleur", competencies=(Competency("allumer la  lampe."),))
    store.ingest(document("a"), [sheet("Allumer la lampe"), other], **REGISTER)
    (first,) = store.certification("RNCP99901").record.competencies
    (second,) = store.certification("RNCP99902").record.competencies
    assert store.same_text(first.id or "") == [second.id]


def test_rebuild_gives_the_same_from_the_documents_alone(store: Store) -> None:
    texts = {"a": [sheet("Allumer")], "b": [Job("Gardien", rome=(Code("Z1"),))]}
    for name, records in texts.items():
        store.ingest(document(name), records, **PAGE)
    before = (store.state(), store.passages(), list(store.certifications()), list(store.jobs()))
    done = store.rebuild(
        lambda doc, source: Reading(doc, texts[doc.content.decode()], source, 1, "Register")
    )
    assert [each.entities for each in done] == [("rncp:RNCP99901",), ("job:gardien",)]
    assert (
        store.state(),
        store.passages(),
        list(store.certifications()),
        list(store.jobs()),
    ) == before


def test_unknown_identifiers_say_what_to_do(store: Store) -> None:
    for look in (store.certification, store.job, store.document):
        with pytest.raises(NotFound, match="passerelle"):
            look("nothing")


def test_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kb.db").write_bytes(b"not a database" * 100)
    with pytest.raises(UnreadableDocument, match="cannot be opened"):
        Store(f"sqlite:///{tmp_path / 'kb.db'}")
    with pytest.raises(InvalidSetting):
        Store("nosuch://x")


def test_a_database_of_another_format_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///{tmp_path / 'kb.db'}"
    Store(address).close()
    monkeypatch.setattr("kb.schema.SCHEMA", "0")
    with pytest.raises(UnreadableDocument, match="format"):
        Store(address)


# ---- exports, sheet by sheet ----


def export_of(day: date, sheets: dict[str, Certification]):  # type: ignore[no-untyped-def]
    """An export as `refresh` takes it; the bytes of a sheet are its representation."""
    address = f"/exports/{day}.xml"
    parts = [
        (number, Document(repr(record).encode(), f"{address}#{number}", day))
        for number, record in sheets.items()
    ]
    parsed: list[str] = []

    def read(changed):  # type: ignore[no-untyped-def]
        for number, part in changed:
            parsed.append(number)
            yield Reading(part, [sheets[number]], "register", 0, "Register", number)

    return Document(str(day).encode(), address, day), parts, read, parsed


def refresh(store: Store, day: date, sheets: dict[str, Certification], **more: object):  # type: ignore[no-untyped-def]
    export, parts, read, parsed = export_of(day, sheets)
    done = store.refresh(export, parts, read, source="register", publisher="Register", **more)  # type: ignore[arg-type]
    return done, parsed


ONE, TWO = date(2026, 1, 1), date(2026, 1, 2)
OTHER = Certification("RNCP99902", "Autre", active=True)


def test_only_changed_sheets_are_parsed_and_the_change_is_remembered(store: Store) -> None:
    _, parsed = refresh(store, ONE, {"RNCP99901": sheet("Allumer"), "RNCP99902": OTHER})
    assert parsed == ["RNCP99901", "RNCP99902"]
    assert store.changes() == []
    done, parsed = refresh(
        store, TWO, {"RNCP99901": sheet("Allumer", title="Gardienne"), "RNCP99902": OTHER}
    )
    assert parsed == ["RNCP99901"]
    assert done.entities == ("rncp:RNCP99901", "rncp:RNCP99902")
    assert done.changed == ("rncp:RNCP99901",)
    entry = store.certification("RNCP99901")
    assert entry.record.title == "Gardienne"
    assert entry.differences == (), "what was replaced is history, no contradiction"
    (change,) = store.changes(since=TWO)
    assert (change.entity, change.kind, change.field) == ("rncp:RNCP99901", "changed", "title")
    assert store.changes(entity="rncp:RNCP99902") == []
    assert store.certification("RNCP99902").documents[0].dated == TWO
    assert [n for _, n in store.exports()] == [2, 2]
    assert store.origins() == []


def test_a_later_sheet_of_a_known_register_is_created_one_of_a_new_register_is_not(
    store: Store,
) -> None:
    refresh(store, ONE, {"RNCP99902": OTHER})
    refresh(store, ONE, {"RS9901": Certification("RS9901", "Habilitation")})
    assert store.changes() == []
    refresh(store, TWO, {"RNCP99901": sheet("Allumer"), "RNCP99902": OTHER})
    assert [(c.kind, c.entity) for c in store.changes()] == [("created", "rncp:RNCP99901")]


def test_sheets_that_an_export_does_not_list_are_kept_and_told(store: Store) -> None:
    refresh(store, ONE, {"RNCP99901": sheet("Allumer"), "RNCP99902": OTHER})
    rs = {"RS9901": Certification("RS9901", "Habilitation")}
    assert refresh(store, TWO, rs)[0].unlisted == (), "of another register"
    assert refresh(store, TWO, {"RNCP99902": OTHER})[0].unlisted == ("RNCP99901",)
    assert store.certification("RNCP99901")


def test_an_older_export_changes_nothing_that_is_newer(store: Store) -> None:
    refresh(store, TWO, {"RNCP99901": sheet("Allumer", title="Neuf")})
    refresh(store, ONE, {"RNCP99901": sheet("Allumer", title="Vieux")})
    assert store.certification("RNCP99901").record.title == "Neuf"
    assert store.certification("RNCP99901").differences == ()


def test_a_sheet_that_returns_to_an_earlier_wording_is_read_again(store: Store) -> None:
    for number, title in enumerate(("A", "B", "A"), 1):
        refresh(store, date(2026, 1, number), {"RNCP99901": sheet("x", title=title)})
    assert store.certification("RNCP99901").record.title == "A"
    assert [(c.before, c.after) for c in store.changes()] == [("A", "B"), ("B", "A")]


def test_a_refused_export_leaves_the_old_one(store: Store) -> None:
    refresh(store, ONE, {"RNCP99901": sheet("Allumer", active=True), "RNCP99902": OTHER})
    before = (store.state(), store.exports(), store.summary())
    told = []

    def check(old: object, new: object) -> None:
        told.append((old, new))
        raise IncompleteDocument("half empty", "Wait for the next one.")

    with pytest.raises(IncompleteDocument):
        refresh(store, TWO, {"RNCP99901": sheet("Allumer", active=False)}, check=check)
    assert told == [({"rncp": Counts(2, 2)}, {"rncp": Counts(1, 0)})]
    assert (store.state(), store.exports(), store.summary()) == before


def test_remarks_of_an_export_are_told_and_rebuild_keeps_its_sheets(store: Store) -> None:
    export, parts, read, _ = export_of(ONE, {"RNCP99901": sheet("Allumer")})
    done = store.refresh(
        export, [*parts, Remark("line 9", "cut")], read, source="register", publisher="Register"
    )
    assert done.remarks == (Remark("line 9", "cut"),)
    before = (store.state(), store.certification("RNCP99901"))
    store.rebuild(lambda d, s: Reading(d, [sheet("Allumer")], s, 0, "Register"))
    assert (store.state(), store.certification("RNCP99901")) == before


# ---- an export that is interrupted ----


def many(titles: str, count: int = 9) -> dict[str, Certification]:
    numbers = [f"RNCP9991{i}" for i in range(count)]
    return {
        n: Certification(n, f"{titles} {n}", active=True, competencies=(Competency(f"Tenir {n}"),))
        for n in numbers
    }


def held(store: Store) -> tuple[object, ...]:
    told = store.state(), store.summary(), store.exports(), store.passages(), store.changes()
    return *told, list(store.certifications())


def laid_by(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("select count(*) from staged").fetchone()[0])


def test_an_interrupted_export_is_not_seen_and_goes_on_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.store.BATCH", 2)
    whole, cut = (Store(f"sqlite:///{tmp_path / name}") for name in ("whole.db", "cut.db"))
    for store in (whole, cut):
        refresh(store, ONE, many("Gardien", 3))
    before = held(cut)
    export, parts, read, parsed = export_of(TWO, many("Veilleur"))

    def stopped(changed):  # type: ignore[no-untyped-def]
        yield from itertools.islice(read(changed), 5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut.refresh(export, parts, stopped, source="register", publisher="Register")
    assert parsed == list(many("Veilleur"))[:5]
    assert held(cut) == before
    assert laid_by(tmp_path / "cut.db") == 4, "the batch that was not complete is parsed again"
    cut.close()
    cut = Store(f"sqlite:///{tmp_path / 'cut.db'}")
    done, parsed = refresh(cut, TWO, many("Veilleur"))
    assert parsed == list(many("Veilleur"))[4:]
    expected, _ = refresh(whole, TWO, many("Veilleur"))
    assert done == expected
    assert held(cut) == held(whole)
    assert laid_by(tmp_path / "cut.db") == 0


def test_what_another_export_left_is_used_or_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.store.BATCH", 2)
    store = Store(f"sqlite:///{tmp_path / 'kb.db'}")

    def refuse(*_counts: object) -> None:
        raise IncompleteDocument("half empty", "Wait for the next one.")

    with pytest.raises(IncompleteDocument):
        refresh(store, ONE, many("Gardien", 4), check=refuse)
    assert (laid_by(tmp_path / "kb.db"), store.summary().documents) == (4, 0)
    sheets = {**many("Veilleur", 3), "RNCP99913": many("Gardien", 4)["RNCP99913"]}
    _, parsed = refresh(store, TWO, sheets)
    assert parsed == ["RNCP99910", "RNCP99911", "RNCP99912"]
    assert [e.record.title for e in store.certifications()][-2:] == [
        "Veilleur RNCP99912",
        "Gardien RNCP99913",
    ]
    assert store.certification("RNCP99913").documents[0].dated == TWO
    assert laid_by(tmp_path / "kb.db") == 0


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.store.BATCH", 2)
    address = f"sqlite:///{tmp_path / 'kb.db'}"
    store = Store(address)
    refresh(store, ONE, many("Gardien", 2))
    before = held(store)
    with closing(sqlite3.connect(tmp_path / "kb.db")) as database:
        (pages,) = database.execute("pragma page_count").fetchone()
    store.close()

    def narrow(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"pragma max_page_count = {pages + 1}")

    sa.event.listen(sa.Engine, "connect", narrow)
    large = many("Veilleur " * 3000 + "de nuit", 9)
    noise = random.Random(1)
    large = {n: replace(s, objectives=noise.randbytes(9000).hex()) for n, s in large.items()}
    try:
        store = Store(address)
        with pytest.raises(WriteFailed, match="full"):
            refresh(store, TWO, large)
        assert held(store) == before
        store.close()
    finally:
        sa.event.remove(sa.Engine, "connect", narrow)
    store = Store(address)
    assert laid_by(tmp_path / "kb.db") < 9
    done, _ = refresh(store, TWO, large)
    assert len(done.entities) == 9
    assert store.summary().certifications == 9


def test_a_sheet_that_stands_twice_in_an_export_is_taken_once(store: Store) -> None:
    export, parts, read, parsed = export_of(ONE, many("Gardien", 2))
    done = store.refresh(export, [*parts, *parts], read, source="register", publisher="Register")
    assert parsed == ["RNCP99910", "RNCP99911"]
    assert done.entities == ("rncp:RNCP99910", "rncp:RNCP99911")
    assert len(store.certification("RNCP99910").documents) == 1


def test_progress_tells_bytes_read_then_sheets_written(store: Store) -> None:
    told: list[tuple[str, int, int | None]] = []
    sheets = many("Gardien", 3)
    refresh(store, ONE, sheets, progress=lambda *step: told.append(step))
    sizes = [len(repr(record).encode()) for record in sheets.values()]
    read = [("reading", sum(sizes[:n]), None) for n in (1, 2, 3)]
    assert told == [*read, ("writing", 3, 3)]


# ---- nomenclatures that come as a whole ----


def occupation(code: str, *names: str) -> Job:
    return Job(f"Métier {code}", code=code, nomenclature="rome", other_names=OtherNames(fr=names))


def table(text: str, *jobs: Job, source: str = "codes") -> Reading:
    return Reading(document(text), jobs, source, 0, "Publisher")


def test_what_the_newest_delivery_leaves_out_is_told_no_longer(store: Store) -> None:
    kept, names = table("kept", occupation("X0002")), table("names", occupation("X0001", "Ancien"))
    first = [table("codes", occupation("X0001"), occupation("X0003")), kept, names]
    assert store.deliver(first).retired == 0
    done = store.deliver([table("newer codes", occupation("X0001", "Nouveau")), kept])
    assert (len(done.tables), done.retired) == (2, 2)
    assert store.job("rome:X0001").record.other_names.fr == ("Nouveau",)
    assert store.job("rome:X0002")
    with pytest.raises(NotFound):
        store.job("rome:X0003")
    assert [o.name for o in store.origins()] == ["kept.txt", "newer codes.txt"]
    state = store.state()
    store.rebuild(lambda d, source: Reading(d, [occupation("X0001", "Nouveau")], source, 0, "P"))
    assert [o.name for o in store.origins()] == ["kept.txt", "newer codes.txt"]
    assert store.state() != state
    store.deliver(first)
    assert store.job("rome:X0003")


def test_a_delivery_leaves_what_others_and_persons_gave(store: Store) -> None:
    store.ingest(
        document("by hand"), [occupation("X0004")], source="codes", authority=0, publisher="P"
    )
    store.deliver([table("older", occupation("X0005"), source="older version")])
    store.deliver([table("one", occupation("X0001"))])
    store.deliver([table("two", occupation("X0002"))])
    assert {o.name for o in store.origins()} == {"by hand.txt", "older.txt", "two.txt"}


def test_the_same_delivery_is_not_written_again(store: Store) -> None:
    store.deliver([table("one", occupation("X0001"))])
    assert store.deliver([table("one")]).tables == ()
    assert store.job("rome:X0001")


def test_a_refused_delivery_leaves_the_last_one(store: Store) -> None:
    store.deliver([table("one", occupation("X0001"), occupation("X0002"))])
    asked = []

    def refuse(before: int, now: int) -> None:
        asked.append((before, now))
        raise IncompleteDocument("half", "Wait.")

    with pytest.raises(IncompleteDocument):
        store.deliver([table("two", occupation("X0001", "Autre"))], refuse)
    assert asked == [(2, 1)]
    assert store.job("rome:X0001").record.other_names.fr == ()
    assert store.job("rome:X0002")


def test_a_sheet_that_a_table_no_longer_lists_loses_what_that_table_said(store: Store) -> None:
    def tables(*numbers: str) -> list[Reading]:
        rows = [Certification(number, rome=(Code("Z9901"),)) for number in numbers]
        sheets = [Certification(n, "Veille") for n in ("RNCP99901", "RNCP99902")]
        return [
            Reading(document(f"rome {numbers}"), rows, "csv", 0, "Register"),
            Reading(document("standard"), sheets, "csv", 0, "Register"),
        ]

    store.deliver(tables("RNCP99901", "RNCP99902"))
    assert store.deliver(tables("RNCP99901")).retired == 1
    assert store.certification("RNCP99901").record.rome == (Code("Z9901"),)
    left = store.certification("RNCP99902").record
    assert (left.title, left.rome) == ("Veille", ())
