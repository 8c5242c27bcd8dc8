"""In force, replaced, accredited, equivalent: what the register says, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kb.errors import ImplausibleExport, InvalidSetting, NotFound
from kb.history import Change
from kb.merge import Entry, Origin
from kb.model import (
    Accreditation,
    Certification,
    Code,
    Competency,
    Correspondence,
    Document,
    Job,
    Organisation,
    SkillBlock,
)
from kb.plausible import plausible
from kb.register import (
    Validity,
    checked_siret,
    dossier,
    entitlement,
    near_duplicates,
    of_establishment,
    validity,
)
from kb.store import Counts, Store
from kb.timeline import Event, Filter, chosen, read_day, read_filter, same_occupation, timeline

TOLD = date(2026, 3, 1)
DATA = Origin("a" * 64, "rncp_xml", "/x.xml", "Register", 0, TOLD)
PAGE = Origin("b" * 64, "rncp_page", "/x.txt", "Register", 1, TOLD)
SCHOOL, PARTNER, OTHER, BRANCH = (
    "00011122200006", "00022233300007", "00044455500007", "00022233300015",
)  # fmt: skip


def entry(record: Certification, origin: Origin = DATA) -> Entry[Certification]:
    return Entry(f"rncp:{record.number}", record, (origin,))


def sheet(number: str = "RNCP99901", **fields: object) -> Certification:
    return Certification(number, f"Gardien {number}", **fields)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'kb.db'}")
    yield opened
    opened.close()


def fill(store: Store, *sheets: Certification) -> None:
    for each in sheets:
        store.ingest(
            Document(repr(each).encode(), f"/{each.number}.xml", TOLD), [each],
            source="rncp_xml", authority=0, publisher="Register",
        )  # fmt: skip


# ---- in force ----

ACTIVE = sheet(
    active=True,
    effect_date=date(2023, 9, 1),
    registration_end=date(2028, 8, 31),
    delivery_limit=date(2032, 8, 31),
)
GONE = sheet(active=False, registration_end=date(2025, 8, 31))
WITHDRAWN = sheet(active=False, registration_end=date(2027, 8, 31))


@pytest.mark.parametrize(
    ("record", "on", "active", "because", "awarded"),
    [
        (ACTIVE, date(2026, 6, 1), True, "published_state", True),
        (ACTIVE, date(2028, 8, 31), True, "published_state", True),
        (ACTIVE, date(2028, 9, 1), False, "registration_ended", True),
        (ACTIVE, date(2032, 9, 1), False, "registration_ended", False),
        (ACTIVE, date(2023, 8, 31), False, "not_yet_in_effect", False),
        (GONE, date(2026, 6, 1), False, "registration_ended", None),
        (GONE, date(2025, 8, 31), True, "registration_ended", True),
        (WITHDRAWN, date(2026, 6, 1), False, "published_state", None),
        (WITHDRAWN, date(2025, 6, 1), None, "unpublished", None),
        (sheet(), date(2026, 6, 1), None, "unpublished", None),
        (sheet(active=True), date(2026, 6, 1), True, "published_state", True),
    ],
)
def test_in_force_on_a_day(
    record: Certification, on: date, active: bool | None, because: str, awarded: bool | None
) -> None:
    told = validity(entry(record), on)
    assert (told.active, told.because, told.awarded) == (active, because, awarded)
    assert told.open_until == record.registration_end
    assert told.awarded_until == record.delivery_limit
    assert told.as_of == TOLD


def test_a_change_of_state_that_was_seen_decides_past_days() -> None:
    history = [
        Change(date(2025, 1, 10), "rncp:RNCP99901", "deactivated"),
        Change(date(2025, 5, 10), "rncp:RNCP99901", "reactivated"),
        Change(date(2026, 2, 10), "rncp:RNCP99901", "deactivated"),
        Change(date(2026, 2, 11), "rncp:RNCP99901", "changed", "title", "a", "b"),
    ]
    for on, active in (
        (date(2025, 1, 9), True),
        (date(2025, 1, 10), False),
        (date(2025, 5, 10), True),
        (date(2026, 2, 9), True),
        (date(2026, 2, 10), False),
    ):
        told = validity(entry(WITHDRAWN), on, history)
        assert (told.active, told.because) == (active, "history"), on
        assert told.closed is not active


def test_a_sheet_that_was_deactivated_is_closed_since_the_day_that_showed_it() -> None:
    history = [
        Change(date(2025, 1, 10), "rncp:RNCP99901", "deactivated"),
        Change(date(2025, 5, 10), "rncp:RNCP99901", "reactivated"),
        Change(date(2026, 2, 10), "rncp:RNCP99901", "deactivated"),
    ]
    assert validity(entry(WITHDRAWN), date(2026, 3, 1), history).closed_since == date(2026, 2, 10)
    assert validity(entry(WITHDRAWN), date(2025, 2, 1), history).closed_since == date(2025, 1, 10)
    assert validity(entry(WITHDRAWN), date(2025, 6, 1), history).closed_since is None
    unseen = validity(entry(WITHDRAWN), date(2026, 6, 1))
    assert (unseen.closed, unseen.closed_since) == (True, None)
    ended = validity(entry(GONE), date(2026, 6, 1), history[:1])
    assert (ended.closed, ended.closed_since) == (False, None)


# ---- what replaces it ----


def test_the_chain_is_followed_to_the_one_in_force(store: Store) -> None:
    fill(
        store,
        sheet("RNCP99901", active=False, replaced_by=("RNCP99902",)),
        sheet("RNCP99902", active=False),
        sheet("RNCP99903", active=True, replaces=("RNCP99902",)),
        sheet("RNCP99904", active=True),
    )
    told = dossier(store, "rncp99901", TOLD).succession
    assert [(s.number, s.active, s.replaced_by) for s in told.steps] == [
        ("RNCP99901", False, ("RNCP99902",)),
        ("RNCP99902", False, ("RNCP99903",)),
        ("RNCP99903", True, ()),
    ]
    assert (told.in_force, told.outside, told.cycle) == (("RNCP99903",), (), ())


def test_several_successors_and_one_that_is_not_held(store: Store) -> None:
    fill(
        store,
        sheet("RNCP99901", active=False, replaced_by=("RNCP99902", "RS99903", "RNCP99999")),
        sheet("RNCP99902", active=True, registration_end=date(2030, 1, 1)),
        sheet("RS99903", active=True, replaced_by=("RNCP99902",)),
    )
    told = dossier(store, "RNCP99901", TOLD).succession
    assert told.in_force == ("RNCP99902", "RS99903")
    assert told.outside == ("RNCP99999",)
    assert told.cycle == ()
    later = dossier(store, "RNCP99901", date(2030, 1, 2)).succession
    assert later.in_force == ("RS99903",)


def test_sheets_that_replace_each_other_end_the_chain(store: Store) -> None:
    fill(
        store,
        sheet("RNCP99901", active=False, replaced_by=("RNCP99902",)),
        sheet("RNCP99902", active=False, replaced_by=("RNCP99903",)),
        sheet("RNCP99903", active=False, replaced_by=("RNCP99902",)),
    )
    told = dossier(store, "RNCP99901", TOLD).succession
    assert [s.number for s in told.steps] == ["RNCP99901", "RNCP99902", "RNCP99903"]
    assert set(told.cycle) == {"RNCP99902", "RNCP99903"}
    assert told.in_force == ()


def test_a_number_that_is_only_named_has_a_chain_and_one_that_is_not_is_refused(
    store: Store,
) -> None:
    fill(store, sheet("RNCP99903", active=True, replaces=("RNCP99001",)))
    told = dossier(store, "RNCP99001", TOLD)
    assert (told.id, told.number, told.title, told.validity) == (
        "rncp:RNCP99001", "RNCP99001", None, None,
    )  # fmt: skip
    assert told.succession.in_force == ("RNCP99903",)
    assert told.succession.outside == ("RNCP99001",)
    fill(store, sheet("RNCP99904", rome=(Code("K1799"),), job_titles=("Garde",)))
    for other in ("RNCP99002", "rome:K1799", "job:garde", "RNCP99903BC01"):
        with pytest.raises(NotFound, match=other):
            dossier(store, other, TOLD)


# ---- who may train and assess ----


def partner(role: str | None, state: str | None, since: date | None = None) -> Accreditation:
    return Accreditation("École du phare", PARTNER, role, state, since)


@pytest.mark.parametrize(
    ("rows", "train", "assess", "because", "since"),
    [
        ([partner("train", "active")], True, False, "accredited", None),
        ([partner("assess", "active", TOLD)], False, True, "accredited", TOLD),
        ([partner("train_and_assess", "active")], True, True, "accredited", None),
        ([partner("train", "active"), partner("assess", "active")], True, True, "accredited", None),
        ([partner("train", "inactive")], False, False, "inactive", None),
        ([partner("train", "removed")], False, False, "removed", None),
        (
            [partner("assess", "removed"), partner("train", "active", date(2020, 1, 1))],
            True, False, "accredited", date(2020, 1, 1),
        ),
        ([partner("train", "active", date(2027, 1, 1))], False, False, "not_yet", date(2027, 1, 1)),
        ([partner("train", None)], None, False, "unpublished", None),
        ([partner(None, "active")], None, None, "accredited", None),
    ],
)  # fmt: skip
def test_a_partner_may_do_what_its_rows_say(
    rows: list[Accreditation],
    train: bool | None,
    assess: bool | None,
    because: str,
    since: date | None,
) -> None:
    told = entitlement(entry(sheet(partners=tuple(rows))), PARTNER, TOLD)
    assert (told.train, told.assess, told.because, told.since) == (train, assess, because, since)
    assert (told.capacity, told.name) == ("partner", "École du phare")


def test_two_rows_together_give_the_role() -> None:
    rows = (partner("train", "active"), partner("assess", "active"))
    assert entitlement(entry(sheet(partners=rows)), PARTNER, TOLD).role == "train_and_assess"


def test_the_certifier_may_do_both_without_being_listed() -> None:
    record = sheet(certifiers=(Organisation("Phares de France", SCHOOL),))
    told = entitlement(entry(record), SCHOOL, TOLD)
    assert (told.train, told.assess, told.capacity, told.because, told.since) == (
        True, True, "certifier", "certifier", None,
    )  # fmt: skip


def test_who_is_not_listed_may_not_unless_the_list_is_unpublished() -> None:
    record = sheet(partners=(partner("train", "active"),))
    told = entitlement(entry(record), OTHER, TOLD)
    assert (told.train, told.assess, told.because) == (False, False, "not_listed")
    assert told.other_establishments == ()
    branch = entitlement(entry(record), BRANCH, TOLD)
    assert branch.train is False
    assert branch.other_establishments == (PARTNER,)
    assert entitlement(entry(sheet()), OTHER, TOLD).because == "not_listed"
    unread = entitlement(entry(sheet(), PAGE), OTHER, TOLD)
    assert (unread.train, unread.assess, unread.because) == (None, None, "unpublished")


@pytest.mark.parametrize(
    "text", ["0002223330000", "00022233300002", "0002223330000A", "", "٠٠٠٢٢٢٣٣٣٠٠٠٠٧"]
)
def test_what_is_no_siret_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match="SIRET"):
        checked_siret(text)


def test_a_siret_may_be_written_in_groups_and_la_poste_has_its_own_rule() -> None:
    assert checked_siret("000 222 333 00007") == PARTNER
    assert checked_siret("35600000012341") == "35600000012341"


def test_the_certifications_of_a_siret(store: Store) -> None:
    one = sheet("RNCP99901", partners=(partner("train", "removed"),))
    two = sheet("RNCP99902", certifiers=(Organisation("Phares", PARTNER),))
    fill(store, one, two, sheet("RNCP99903", partners=(Accreditation("Autre", OTHER),)))
    assert store.of_siret(PARTNER) == ["rncp:RNCP99901", "rncp:RNCP99902"]
    assert store.of_siret(BRANCH) == []
    assert dossier(store, "RNCP99902", TOLD, "000 222 333 00007").accreditation == entitlement(
        store.certification("RNCP99902"), PARTNER, TOLD
    )
    fill(store, sheet("RNCP99902", level=5))
    held = store.certification("RNCP99902").record.certifiers
    assert [each.siret for each in held] == [PARTNER], "documents complete each other"


def test_all_that_an_establishment_may_do(store: Store) -> None:
    fill(
        store,
        sheet("RNCP99901", active=True, partners=(partner("train", "removed"),)),
        sheet("RNCP99902", active=False, certifiers=(Organisation("Phares", PARTNER),)),
    )
    told = of_establishment(store, "000 222 333 00007", TOLD)
    assert [(h.number, h.active, h.accreditation.train, h.accreditation.because) for h in told] == [
        ("RNCP99901", True, False, "removed"),
        ("RNCP99902", False, True, "certifier"),
    ]
    assert of_establishment(store, OTHER, TOLD) == ()


# ---- blocks that count for each other ----


def test_equivalences_are_told_from_both_sides(store: Store) -> None:
    fill(
        store,
        sheet(
            "RNCP99901",
            correspondences=(
                Correspondence("RNCP99902", ("A1", "A2"), ("B1",)),
                Correspondence("RNCP99902"),
                Correspondence("RNCP99999", ("A1",), ("Z1",)),
            ),
        ),
        sheet("RNCP99902", correspondences=(Correspondence("RNCP99901", ("B1",), ("A2", "A1")),)),
    )
    told = dossier(store, "RNCP99901", TOLD).equivalences
    assert [(e.blocks, e.to, e.to_blocks, e.stated_by, e.held) for e in told] == [
        (("A1", "A2"), "RNCP99902", ("B1",), "both", True),
        ((), "RNCP99902", (), "this", True),
        (("A1",), "RNCP99999", ("Z1",), "this", False),
    ]
    other = dossier(store, "RNCP99902", TOLD).equivalences
    assert [(e.blocks, e.to, e.to_blocks, e.stated_by) for e in other] == [
        (("B1",), "RNCP99901", ("A2", "A1"), "both"),
        ((), "RNCP99901", (), "other"),
    ]
    unheld = dossier(store, "RNCP99999", TOLD).equivalences
    assert [(e.blocks, e.to, e.to_blocks, e.stated_by) for e in unheld] == [
        (("Z1",), "RNCP99901", ("A1",), "other")
    ]
    assert all(each.official for each in (*told, *other, *unheld))


def blocks_of(number: str, *lists: list[str], **fields: object) -> Certification:
    codes = [f"{number}BC0{i}" for i in range(1, len(lists) + 1)]
    return sheet(
        number,
        blocks=tuple(SkillBlock(code, "Veiller") for code in codes),
        competencies=tuple(
            Competency(text, block=code)
            for code, texts in zip(codes, lists, strict=True)
            for text in texts
        ),
        **fields,
    )


def test_blocks_with_the_same_texts_are_computed_duplicates(store: Store) -> None:
    lamp, signal, log = "Allumer la lampe", "Signaler les navires", "Tenir le journal"
    fill(
        store,
        blocks_of(
            "RNCP99901", [lamp, signal, log], ["Peindre la tour"],
            correspondences=(Correspondence("RNCP99902", ("RNCP99901BC01",), ("RNCP99902BC01",)),),
        ),
        blocks_of("RNCP99902", ["ALLUMER la lampe.", signal]),
        blocks_of("RNCP99903", [lamp, "a", "b", "c"], ["Peindre la tour"]),
        sheet("RS99904", competencies=(Competency("Peindre la tour"),)),
    )  # fmt: skip
    told = dossier(store, "RNCP99901", TOLD)
    assert [
        (n.block, n.to, n.to_block, n.score, n.same, n.also_official) for n in told.near_duplicates
    ] == [
        ("RNCP99901BC02", "RNCP99903", "RNCP99903BC02", 1.0, 1, False),
        ("RNCP99901BC02", "RS99904", None, 1.0, 1, False),
        ("RNCP99901BC01", "RNCP99902", "RNCP99902BC01", 0.6667, 2, True),
    ]
    assert all(each.computed for each in told.near_duplicates)
    assert near_duplicates([], told.equivalences) == ()


# ---- changes ----


def test_a_filter_is_read_from_what_was_typed() -> None:
    read = read_filter("32", "m1604", 6, " Phares  DE France", same_rome=lambda code: {code, "X"})
    assert read == Filter("32", frozenset({"M1604", "X"}), 6, "phares de france")
    assert read_filter(certifier="000 111 222 00006", same_rome=alone).certifier == SCHOOL


def alone(code: str) -> set[str]:
    return {code}


def test_rome_codes_of_both_versions_find_each_other(store: Store) -> None:
    old = Job("Garde des côtes", code="K1799", nomenclature="rome")
    new = Job("Garde de phare", code="K1798", nomenclature="rome", parent=Code("K1799"))
    store.ingest(
        Document(b"tables", "/rome.csv", TOLD), [old, new],
        source="rome", authority=0, publisher="Codes",
    )  # fmt: skip
    assert same_occupation(store, "K1798") == {"K1798", "K1799"} == same_occupation(store, "K1799")
    assert same_occupation(store, "K1701") == {"K1701"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("nsf", "gestion"), ("rome", "1604"), ("rome", "Z16045"), ("level", 2), ("level", 9),
     ("certifier", "  "), ("certifier", "12345678901234"), ("certifier", "1234")],
)  # fmt: skip
def test_a_filter_that_can_fit_nothing_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidSetting):
        read_filter(**{name: value}, same_rome=alone)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["2026-08-31", "31/08/2026", "31-08-2026"])
def test_a_day_is_read(text: str) -> None:
    assert read_day(text, "--since") == date(2026, 8, 31)


@pytest.mark.parametrize("text", ["", "hier", "2026-02-30", "31/02/2026", "2026", "08/2026"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match="--since"):
        read_day(text, "--since")


def test_changes_are_chosen_by_what_the_certification_is() -> None:
    record = sheet(
        level=5,
        nsf=(Code("326t"),),
        rome=(Code("M1604"),),
        certifiers=(Organisation("Ministère des phares", SCHOOL, "MP"),),
    )
    change = Change(TOLD, "rncp:RNCP99901", "changed", "title", "a", "b")
    lost = Change(TOLD, "rncp:RNCP99909", "created")
    entries = {"rncp:RNCP99901": entry(record)}
    assert chosen([change, lost], entries, Filter()) == [change, lost]
    for fits in (
        Filter(nsf="326"), Filter(nsf="326t"), Filter(level=5), Filter(certifier="phares"),
        Filter(certifier="mp"), Filter(certifier=SCHOOL), Filter(rome=frozenset({"M1604", "X"})),
    ):  # fmt: skip
        assert chosen([change, lost], entries, fits) == [change], fits
    for fits_not in (
        Filter(nsf="26"), Filter(level=6), Filter(certifier="phare"), Filter(certifier=OTHER),
        Filter(rome=frozenset({"X"})), Filter(nsf="326", level=6),
    ):  # fmt: skip
        assert chosen([change, lost], entries, fits_not) == [], fits_not


def test_a_timeline_has_the_sheets_dates_among_its_changes() -> None:
    change = Change(date(2025, 1, 1), "rncp:RNCP99901", "changed", "title", "a", "b")
    record = sheet(
        decision_date=date(2025, 1, 1),
        effect_date=date(2024, 9, 1),
        registration_end=date(2028, 1, 1),
        delivery_limit=date(2030, 1, 1),
    )
    assert timeline(record, [change]) == (
        Event(date(2024, 9, 1), "in_effect"),
        Event(date(2025, 1, 1), "decided"),
        Event(date(2025, 1, 1), "changed", "title", "a", "b"),
        Event(date(2028, 1, 1), "registration_ends"),
        Event(date(2030, 1, 1), "award_ends"),
    )


# ---- exports that cannot be whole ----

FULL = {"rncp": range(90, 200), "rs": range(40, 60)}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({}, {"rncp": Counts(100, 30)}, FULL),
        ({"rncp": Counts(100, 30)}, {"rncp": Counts(80, 20)}, None),
        ({"rncp": Counts(100, 30)}, {"rncp": Counts(150, 90)}, FULL),
        ({"rncp": Counts(100, 30), "rs": Counts(500, 90)}, {"rncp": Counts(100, 30)}, FULL),
        ({}, {"rs": Counts(50, 5)}, FULL),
        ({}, {"rncp": Counts(3, 0)}, None),
    ],
)
def test_a_whole_export_is_accepted(
    before: dict[str, Counts], now: dict[str, Counts], expected: dict[str, range] | None
) -> None:
    plausible(before, now, expected)


@pytest.mark.parametrize(
    ("before", "now", "expected", "says"),
    [
        ({}, {}, None, "no sheet"),
        ({}, {"rncp": Counts(89, 30)}, FULL, "90 to 199"),
        ({}, {"rncp": Counts(200, 30)}, FULL, "90 to 199"),
        ({}, {"rncp": Counts(100, 0)}, FULL, "0 active"),
        ({}, {"rncp": Counts(100, 9)}, FULL, "9 active"),
        ({}, {"rncp": Counts(50, 20)}, FULL, "rncp has 50"),
        ({}, {"rs": Counts(100, 20)}, FULL, "rs has 100"),
        ({"rncp": Counts(100, 30)}, {"rncp": Counts(79, 30)}, None, "a fifth"),
        ({"rncp": Counts(100, 30)}, {"rncp": Counts(100, 19)}, None, "19 active"),
        (
            {"rncp": Counts(100, 30), "rs": Counts(50, 9)},
            {"rncp": Counts(100, 30), "rs": Counts(10, 9)}, None, "rs has 10",
        ),
    ],
)  # fmt: skip
def test_half_an_export_is_refused(
    before: dict[str, Counts], now: dict[str, Counts], expected: dict[str, range] | None, says: str
) -> None:
    with pytest.raises(ImplausibleExport, match=says):
        plausible(before, now, expected)


def test_a_validity_is_plain_values() -> None:
    assert validity(entry(sheet()), TOLD) == Validity(None, "unpublished", None, None, None, TOLD)
