"""What happened in the register: its changes, chosen by what they are about, and a sheet's life."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from kb.errors import InvalidSetting
from kb.history import Change
from kb.identity import nomenclature_id, text_key
from kb.merge import Entry
from kb.model import LEVELS, Certification
from kb.register import Lookup, checked_siret

_NSF = re.compile(r"[0-9]{1,3}[a-z]?")
_ROME = re.compile(r"[A-N][0-9]{4}")
_DAY = re.compile(r"([0-9]{2})[/-]([0-9]{2})[/-]([0-9]{4})")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a certification must be for its changes to be told; () and None: no condition.

    nsf: a code or its beginning ("31" is all of group 31). rome: codes of which it must bear one.
    certifier: a SIRET of 14 digits, or words of the name, already by `text_key`.
    """

    nsf: str | None = None
    rome: frozenset[str] = frozenset()
    level: int | None = None
    certifier: str | None = None

    def accepts(self, record: Certification) -> bool:
        return (
            (self.nsf is None or any(each.code.startswith(self.nsf) for each in record.nsf))
            and (not self.rome or any(each.code in self.rome for each in record.rome))
            and (self.level is None or record.level == self.level)
            and (self.certifier is None or self._awarded(record, self.certifier))
        )

    @staticmethod
    def _awarded(record: Certification, certifier: str) -> bool:
        if certifier.isdecimal() and len(certifier) == 14:
            return any(each.siret == certifier for each in record.certifiers)
        return any(
            f" {certifier} " in f" {text_key(name)} "
            for each in record.certifiers
            for name in (each.name, each.trade_name)
            if name
        )


def read_filter(
    nsf: str | None = None,
    rome: str | None = None,
    level: int | None = None,
    certifier: str | None = None,
    *,
    same_rome: Callable[[str], Iterable[str]],
) -> Filter:
    """A filter from what a person typed.

    Args:
        same_rome: a ROME code, v3 or 4.0 -> that code and those of the other version for it.
    Raises:
        InvalidSetting: a code, level or SIRET that cannot be one; an empty name.
    """
    if nsf is not None:
        nsf = nsf.strip().lower()
        _must(bool(_NSF.fullmatch(nsf)), "--nsf", nsf, "Give three figures or fewer, such as 326.")
    codes: frozenset[str] = frozenset()
    if rome is not None:
        rome = rome.strip().upper()
        _must(bool(_ROME.fullmatch(rome)), "--rome", rome, "Give a ROME code, such as M1604.")
        codes = frozenset(same_rome(rome))
    if level is not None:
        _must(level in LEVELS, "--level", level, "Give a level from 3 to 8.")
    if certifier is not None:
        digits = "".join(certifier.split())
        certifier = checked_siret(digits) if digits.isdecimal() else text_key(certifier)
        _must(bool(certifier), "--certifier", certifier, "Give words of its name, or its SIRET.")
    return Filter(nsf, codes, level, certifier)


def read_day(text: str, name: str) -> date:
    """`2026-08-31` or `31/08/2026`.

    Raises:
        InvalidSetting: no such day, or another way of writing it.
    """
    french = _DAY.fullmatch(text.strip())
    try:
        if french:
            return date(int(french[3]), int(french[2]), int(french[1]))
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidSetting(
            f"{name} is {text!r}, no day of the calendar",
            "Write it as year, month, day: 2026-08-31.",
        ) from None


def _must(right: bool, name: str, value: object, next_step: str) -> None:
    if not right:
        raise InvalidSetting(f"{name} is {value!r}, which is none", next_step)


def same_occupation(lookup: Lookup, code: str) -> frozenset[str]:
    """A ROME code, the older code that it was cut from, and the newer ones cut from it."""
    key = nomenclature_id("rome", code)
    named = {r.target for r in lookup.relations(source=key) if r.kind == "cut_from"}
    named |= {r.source for r in lookup.relations(target=key) if r.kind == "cut_from"}
    return frozenset({code, *(each.partition(":")[2] for each in named)})


def select(
    lookup: Lookup, wanted: Filter, *, since: date | None = None, entity: str | None = None
) -> list[Change]:
    """Changes from a day on, of one certification or of all that fit, oldest first."""
    changes = lookup.changes(since=since, entity=entity)
    return chosen(changes, lookup.found(change.entity for change in changes), wanted)


def chosen(
    changes: Iterable[Change], entries: Mapping[str, Entry[Certification]], wanted: Filter
) -> list[Change]:
    """The changes of certifications that fit, in their order.

    Args:
        entries: by id, as they are now; a change of what is no longer held is told only when
            nothing is asked of the certification.
    """
    if wanted == Filter():
        return list(changes)
    fitting = {key for key, entry in entries.items() if wanted.accepts(entry.record)}
    return [change for change in changes if change.entity in fitting]


@dataclass(frozen=True, slots=True)
class Event:
    """One day in the life of a sheet.

    kind: that of a `Change`, or "decided", "published", "in_effect", "registration_ends",
    "award_ends" for the dates that the sheet itself gives. field, before, after: as in a Change.
    """

    day: date
    kind: str
    field: str | None = None
    before: str | None = None
    after: str | None = None


_DATES = {
    "decision_date": "decided",
    "publication_date": "published",
    "effect_date": "in_effect",
    "registration_end": "registration_ends",
    "delivery_limit": "award_ends",
}


def timeline(record: Certification, changes: Iterable[Change]) -> tuple[Event, ...]:
    """Dates that the sheet gives and changes that were seen, oldest first; its dates before the
    changes of the same day."""
    told = [
        Event(day, kind)
        for name, kind in _DATES.items()
        if (day := getattr(record, name)) is not None
    ]
    seen = [Event(c.day, c.kind, c.field, c.before, c.after) for c in changes]
    return tuple(sorted([*told, *seen], key=lambda event: event.day))
