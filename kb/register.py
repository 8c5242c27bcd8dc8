"""Questions that people ask of the register: is it in force, what replaces it, who may train for
it or assess it, and which blocks of other certifications count for its own.

What the register publishes is kept apart from what is computed here; unknown is `None`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Protocol

from kb.errors import InvalidSetting, NotFound
from kb.history import Change
from kb.identity import certification_id, is_siret
from kb.merge import Entry
from kb.model import Accreditation, Certification, Code, Insertion, RegulatedOccupation, Relation

REGISTER_DATA = 0
"""Authority of the register's own data: what it does not list, there is not."""
NEAR_DUPLICATE = 0.5
"""Share of competences in common from which two blocks are told as near-duplicates."""


class Lookup(Protocol):
    """What these questions ask the knowledge base; `kb.store.Store` has it."""

    def found(self, identifiers: Iterable[str]) -> dict[str, Entry[Certification]]: ...

    def relations(
        self, *, source: str | None = None, target: str | None = None
    ) -> list[Relation]: ...

    def changes(self, *, since: date | None = None, entity: str | None = None) -> list[Change]: ...

    def shared_texts(self, certification: str) -> list[SharedTexts]: ...

    def of_siret(self, siret: str) -> list[str]: ...

    def regulated(self, codes: Iterable[str]) -> list[RegulatedOccupation]: ...

    def insertion(self, record: Certification) -> Entry[Insertion] | None: ...

    def newer_descriptors(self, codes: Iterable[Code]) -> dict[str, Code]: ...


@dataclass(frozen=True, slots=True)
class SharedTexts:
    """Competences that two blocks word alike. block, to_block: None outside of blocks.

    to: id of the other certification. same: sentences that stand in both. alike: those and the
    nearly identical ones, each counted by its likeness, 0 to 1. own, others: sentences of each.
    """

    block: str | None
    to: str
    to_block: str | None
    same: int
    alike: float
    own: int
    others: int


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether a certification is in force on a day.

    active: one may enter it. open_until: last day to enter (fin d'enregistrement), unless it was
    deactivated before (`closed`). awarded: those
    who entered in time may still get it. awarded_until: last day of that (date limite de
    délivrance). because: what decides `active`: "published_state", "history" (a change of state
    that was seen), "registration_ended", "not_yet_in_effect", or "unpublished". as_of: day of
    the document that says so. closed_since: day of the export that showed it deactivated.
    """

    active: bool | None
    because: str
    open_until: date | None
    awarded: bool | None
    awarded_until: date | None
    as_of: date | None
    closed_since: date | None = None

    @property
    def closed(self) -> bool:
        """Deactivated, whatever the end of its registration: nobody may enter."""
        return self.active is False and self.because in ("history", "published_state")


@dataclass(frozen=True, slots=True)
class Step:
    """One sheet of a chain of successors. known: the knowledge base holds it."""

    number: str
    title: str | None
    known: bool
    active: bool | None
    open_until: date | None
    replaced_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Succession:
    """A sheet and all that comes after it, the nearest first.

    in_force: numbers of the chain that are active on the day, the first sheet among them.
    outside: numbers that the knowledge base does not hold: there the chain leaves it.
    cycle: numbers that replace each other in a ring, () when none do.
    """

    steps: tuple[Step, ...]
    in_force: tuple[str, ...]
    outside: tuple[str, ...]
    cycle: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Whether an establishment may train for a certification, and assess it, on a day, as long
    as the certification itself is in force (`Validity`).

    capacity: "certifier" (it awards the certification, so it may do both without being listed),
    "partner", or None when it is neither. role, state, since: as the register publishes them for
    a partner; since is unpublished (None) for most. train, assess: None where it is not known.
    because: "certifier", "accredited", "inactive", "removed", "not_yet", "not_listed",
    "unpublished". other_establishments: SIRETs of the same company that may do something.
    """

    siret: str
    name: str | None
    capacity: str | None
    role: str | None
    state: str | None
    since: date | None
    train: bool | None
    assess: bool | None
    because: str
    other_establishments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Official: holders of the one's blocks hold the other's.

    blocks: of the certification asked about, to_blocks: of `to`; () where the register leaves
    them out. stated_by: "this" certification's sheet, the "other" one's, or "both". held: the
    knowledge base has the other sheet.
    """

    blocks: tuple[str, ...]
    to: str
    to_blocks: tuple[str, ...]
    stated_by: str
    held: bool
    official: bool = True


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Computed, never official: two blocks that share most of their competences' texts.

    score: 0 to 1, sum of the likeness of sentences that say the same over the number of those of
    the longer block. same: sentences that are the same to the letter, case and punctuation aside.
    also_official: an official equivalence joins these blocks too.
    """

    block: str | None
    to: str
    to_block: str | None
    score: float
    same: int
    also_official: bool
    computed: bool = True


@dataclass(frozen=True, slots=True)
class Dossier:
    """All answers about one number of the register. validity: None when it is only named by
    others, so that the knowledge base holds no sheet of it. regulated: occupations that its ROME
    codes lead to and that are regulated. insertion: figures that others publish of the diploma of
    its kind and title; the sheet's own stand in it. newer_formacodes: by its codes of an older
    version, the descriptor of today."""

    id: str
    number: str
    title: str | None
    on: date
    validity: Validity | None
    succession: Succession
    equivalences: tuple[Equivalence, ...]
    near_duplicates: tuple[NearDuplicate, ...]
    accreditation: Entitlement | None = None
    regulated: tuple[RegulatedOccupation, ...] = ()
    insertion: Entry[Insertion] | None = None
    newer_formacodes: dict[str, Code] = field(default_factory=dict)


def dossier(
    lookup: Lookup,
    identifier: str,
    on: date,
    siret: str | None = None,
    alike: Callable[[str], Iterable[SharedTexts]] = lambda _: (),
) -> Dossier:
    """Every question about one certification, on one day.

    Args:
        identifier: id or number, in any case; a number that other sheets only name will do.
        siret: of an establishment; blanks between its digits fall away.
        alike: id of a certification -> blocks with nearly its sentences, from an index; those
            with the very same sentences are found without.
    Raises:
        NotFound: neither a sheet nor a mention of it.
        InvalidSetting: no SIRET.
    """
    if siret is not None:
        siret = checked_siret(siret)
    key = identifier if ":" in identifier else certification_id(identifier.upper(), None)
    entry = lookup.found([key]).get(key)
    if entry is None and not any(r.kind in _NAMING for r in lookup.relations(target=key)):
        raise NotFound(
            f"the knowledge base holds no {key}, and no sheet that names it",
            "Look for it with: passerelle search, or ingest a document that describes it.",
        )
    official = equivalences(lookup, key, entry)
    record = entry.record if entry else None
    return Dossier(
        id=key,
        number=(record and record.number) or _number(key),
        title=record.title if record else None,
        on=on,
        validity=validity(entry, on, lookup.changes(entity=key)) if entry else None,
        succession=succession(lookup, key, on),
        equivalences=official,
        near_duplicates=near_duplicates([*lookup.shared_texts(key), *alike(key)], official),
        accreditation=entitlement(entry, siret, on) if entry and siret else None,
        regulated=tuple(lookup.regulated(code.code for code in record.rome)) if record else (),
        insertion=lookup.insertion(record) if record else None,
        newer_formacodes=lookup.newer_descriptors(record.formacodes) if record else {},
    )


@dataclass(frozen=True, slots=True)
class Holding:
    """One certification that names an establishment. active: in force on the day."""

    id: str
    number: str
    title: str | None
    active: bool | None
    accreditation: Entitlement


def of_establishment(lookup: Lookup, siret: str, on: date) -> tuple[Holding, ...]:
    """All certifications that name this establishment, and what it may do for each on a day.

    Raises:
        InvalidSetting: no SIRET.
    """
    siret = checked_siret(siret)
    return tuple(
        Holding(
            id=key,
            number=_number(key),
            title=entry.record.title,
            active=validity(entry, on, lookup.changes(entity=key)).active,
            accreditation=entitlement(entry, siret, on),
        )
        for key, entry in lookup.found(lookup.of_siret(siret)).items()
    )


def checked_siret(text: str) -> str:
    """The 14 digits, without blanks.

    Raises:
        InvalidSetting: not 14 digits, or a wrong check digit.
    """
    digits = "".join(text.split())
    if not is_siret(digits):
        raise InvalidSetting(
            f"{text!r} is no SIRET: 14 digits with a right check digit are expected",
            "Take it from the establishment's own documents; a SIREN has only 9 of the digits.",
        )
    return digits


# ---- in force ----


def validity(entry: Entry[Certification], on: date, history: Sequence[Change] = ()) -> Validity:
    """In force on that day, as far as dates, the published state and its changes tell.

    Args:
        history: changes of this certification, oldest first.
    """
    record = entry.record
    as_of = next((o.dated for o in entry.documents if o.dated), None)
    active, because = _active(record, on, as_of, history)
    limit = record.delivery_limit
    if because == "not_yet_in_effect":
        awarded: bool | None = False
    elif limit is not None:
        awarded = on <= limit
    else:
        awarded = True if active else None
    told = Validity(active, because, record.registration_end, awarded, limit, as_of)
    seen = [c.day for c in history if c.kind == "deactivated" and c.day <= on]
    return replace(told, closed_since=seen[-1]) if told.closed and seen else told


def _active(
    record: Certification, on: date, as_of: date | None, history: Sequence[Change]
) -> tuple[bool | None, str]:
    end, start = record.registration_end, record.effect_date or record.decision_date
    if end is not None and on > end:
        return False, "registration_ended"
    if start is not None and on < start:
        return False, "not_yet_in_effect"
    turns = [(c.day, c.kind == "reactivated") for c in history if c.kind in _TURNS]
    past = [state for day, state in turns if day <= on]
    if past:
        return past[-1], "history"
    if turns:
        return not turns[0][1], "history"  # what it was until it turned
    if record.active is None:
        return None, "unpublished"
    if not record.active and as_of is not None and on < as_of:
        # It went inactive between that day and the export: by its end, or we do not know when.
        ended = end is not None and end <= as_of
        return (True, "registration_ended") if ended else (None, "unpublished")
    return record.active, "published_state"


_TURNS = {"deactivated", "reactivated"}


# ---- what replaces it ----


def succession(lookup: Lookup, identifier: str, on: date) -> Succession:
    """The sheet, what replaces it, what replaces that, and so on; every branch, each sheet once.

    Both what a sheet names as its successors and what names it as replaced count.
    """
    steps: dict[str, Step] = {}
    edges: dict[str, tuple[str, ...]] = {}
    layer = [identifier]
    while layer:
        entries = lookup.found(layer)
        for key in layer:
            entry = entries.get(key)
            after = _successors(lookup, key, entry)
            edges[key] = after
            told = validity(entry, on, lookup.changes(entity=key)) if entry else None
            steps[key] = Step(
                number=_number(key),
                title=entry.record.title if entry else None,
                known=entry is not None,
                active=told.active if told else None,
                open_until=told.open_until if told else None,
                replaced_by=tuple(map(_number, after)),
            )
        layer = list(dict.fromkeys(n for key in layer for n in edges[key] if n not in edges))
    return Succession(
        steps=tuple(steps.values()),
        in_force=tuple(step.number for step in steps.values() if step.active),
        outside=tuple(step.number for step in steps.values() if not step.known),
        cycle=_ring(edges),
    )


def _successors(
    lookup: Lookup, identifier: str, entry: Entry[Certification] | None
) -> tuple[str, ...]:
    named = [certification_id(n, None) for n in entry.record.replaced_by] if entry else []
    named += [r.source for r in lookup.relations(target=identifier) if r.kind == "replaces"]
    return tuple(dict.fromkeys(named))


def _ring(edges: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return tuple(_number(key) for key in reversed(error.args[1][1:]))
    return ()


def _number(identifier: str) -> str:
    return identifier.partition(":")[2]


# ---- who may train and assess ----


def entitlement(entry: Entry[Certification], siret: str, on: date) -> Entitlement:
    """What this establishment may do for this certification on that day.

    Args:
        siret: 14 digits, checked.
    """
    record = entry.record
    rows = [p for p in record.partners if p.siret == siret]
    others = _of_company(record, siret)
    certifier = next((c for c in record.certifiers if c.siret == siret), None)
    if certifier is not None:
        since = min((p.since for p in rows if p.since), default=None)
        return Entitlement(
            siret, certifier.name, "certifier", None, None, since, True, True, "certifier", others
        )
    if not rows:
        listed = (
            bool(record.partners)
            or record.accreditation_text is not None
            or any(o.authority == REGISTER_DATA for o in entry.documents)
        )
        may, because = (False, "not_listed") if listed else (None, "unpublished")
        return Entitlement(siret, None, None, None, None, None, may, may, because, others)
    rows.sort(key=lambda p: _STANDING.index(_standing(p, on)))
    best = rows[0]
    because = _standing(best, on)
    return Entitlement(
        siret=siret,
        name=best.name,
        capacity="partner",
        role=_united(rows, because, on),
        state=best.state,
        since=min((p.since for p in rows if _standing(p, on) == because and p.since), default=None),
        train=_may(rows, "train", on),
        assess=_may(rows, "assess", on),
        because=because,
        other_establishments=others,
    )


def _of_company(record: Certification, siret: str) -> tuple[str, ...]:
    """Other establishments with its SIREN that award the certification or are accredited for it."""
    entitled = [c.siret for c in record.certifiers]
    entitled += [p.siret for p in record.partners if p.state == "active"]
    return tuple(dict.fromkeys(x for x in entitled if x and x[:9] == siret[:9] and x != siret))


_STANDING = ("accredited", "unpublished", "not_yet", "inactive", "removed")
"""What a partner's row comes to, what counts most first."""


def _standing(partner: Accreditation, on: date) -> str:
    match partner.state:
        case "active":
            if partner.since is not None and on < partner.since:
                return "not_yet"
            return "accredited"
        case None:
            return "unpublished"
        case state:
            return state


def _may(rows: Sequence[Accreditation], what: str, on: date) -> bool | None:
    counted = [(_standing(p, on), p.role) for p in rows]
    if any(s == "accredited" and role in (what, "train_and_assess") for s, role in counted):
        return True
    unsure = any(
        (s == "unpublished" and role in (what, "train_and_assess", None))
        or (s == "accredited" and role is None)
        for s, role in counted
    )
    return None if unsure else False


def _united(rows: Sequence[Accreditation], because: str, on: date) -> str | None:
    """The role of all rows that stand alike: two rows may give one half of it each."""
    roles = {p.role for p in rows if _standing(p, on) == because}
    return "train_and_assess" if {"train", "assess"} <= roles else max(roles, key=str)


# ---- blocks that count for each other ----


def equivalences(
    lookup: Lookup, identifier: str, entry: Entry[Certification] | None
) -> tuple[Equivalence, ...]:
    """Official equivalences that this sheet states, then those that others state towards it."""
    own = entry.record.correspondences if entry else ()
    stating = [r.source for r in lookup.relations(target=identifier) if r.kind == CORRESPONDS]
    others = lookup.found([*stating, *(certification_id(each.to, None) for each in own)])
    found: dict[tuple[object, ...], Equivalence] = {}
    for each in own:
        held = certification_id(each.to, None) in others
        one = Equivalence(each.from_blocks, each.to, each.to_blocks, "this", held)
        found.setdefault(_blocks_of(one), one)
    for key in stating:
        if key == identifier or key not in others:
            continue
        record = others[key].record
        for each in record.correspondences:
            if certification_id(each.to, None) == identifier:
                number = record.number or _number(key)
                one = Equivalence(each.to_blocks, number, each.from_blocks, "other", True)
                known = found.setdefault(_blocks_of(one), one)
                if known.stated_by == "this":
                    found[_blocks_of(one)] = replace(known, stated_by="both")
    return tuple(found.values())


CORRESPONDS = "corresponds_with"
"""Relation from a certification to another whose blocks it states equivalences with."""


_NAMING = {"replaces", "replaced_by", CORRESPONDS}
"""Relations by which one sheet of the register names another."""


def _blocks_of(each: Equivalence) -> tuple[object, ...]:
    return frozenset(each.blocks), each.to, frozenset(each.to_blocks)


def near_duplicates(
    shared: Iterable[SharedTexts], official: Iterable[Equivalence]
) -> tuple[NearDuplicate, ...]:
    """Pairs of blocks with enough sentences in common, the nearest first; each pair once."""
    joined = {(a, e.to, b) for e in official for a in e.blocks for b in e.to_blocks}
    found: dict[tuple[str | None, str, str | None], NearDuplicate] = {}
    for each in shared:
        pair = each.block, _number(each.to), each.to_block
        score = round(each.alike / max(each.own, each.others), 4)
        if score >= NEAR_DUPLICATE and (pair not in found or score > found[pair].score):
            found[pair] = NearDuplicate(*pair, score, each.same, pair in joined)
    nearest = sorted(
        found.values(), key=lambda n: (-n.score, n.to, n.to_block or "", n.block or "")
    )
    return tuple(nearest)
