"""What the command line and the interfaces answer with, as plain values for JSON."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from kb.errors import InvalidSetting
from kb.merge import Difference, Entry, Origin
from kb.model import Certification, Insertion, Job, Term
from kb.register import of_establishment
from kb.timeline import read_day, read_filter, same_occupation, select, timeline

if TYPE_CHECKING:
    from kb.store import Store


def entry_answer(
    store: Store,
    entry: Entry[Certification] | Entry[Job] | Entry[Term] | Entry[Insertion],
) -> dict[str, Any]:
    """One thing, its documents and what they disagree on. Unknown is null, none is [].

    A certification tells the regulated occupations that its ROME codes lead to, and the figures
    that others publish of the diploma of its kind and title; an occupation, the newer codes that
    were cut from its own.
    """
    record = entry.record
    answer: dict[str, Any] = {"id": entry.id, **msgspec.to_builtins(record), "title": record.title}
    if isinstance(record, Certification):
        codes = (code.code for code in record.rome)
        answer["regulated_occupations"] = msgspec.to_builtins(store.regulated(codes))
        newer = store.newer_descriptors(record.formacodes)
        answer["newer_formacodes"] = msgspec.to_builtins(newer)
        told = store.insertion(record)
        answer["insertion"] = entry_answer(store, told) if told else None
    elif isinstance(record, Job) and record.nomenclature == "rome":
        cut = store.newer_codes(entry.id)
        titles = store.titles_of(cut)
        answer["newer_codes"] = [{"id": i, "title": titles.get(i)} for i in cut]
    answer["documents"] = [origin_answer(origin) for origin in entry.documents]
    answer["differences"] = [_difference(each) for each in entry.differences]
    return answer


def origin_answer(origin: Origin) -> dict[str, Any]:
    """A document as it is cited."""
    return {
        "source": origin.source,
        "address": origin.address,
        "sha256": origin.sha256,
        "dated": origin.dated.isoformat() if origin.dated else None,
        "publisher": origin.publisher,
    }


def _difference(each: Difference) -> dict[str, Any]:
    return {
        "field": each.field,
        "kept": msgspec.to_builtins(each.kept),
        "other": msgspec.to_builtins(each.other),
        "document": each.origin.sha256,
        "place": each.place,
    }


def changes_answer(
    store: Store, since: str | None, identifier: str | None, **filters: Any
) -> dict[str, Any]:
    """Changes from a day on, of one certification or of those that pass the filters.

    filters: nsf, rome, level, certifier, as typed.

    Raises:
        InvalidSetting: neither a day nor a certification, or a filter that can fit nothing.
        NotFound: no such certification.
    """
    if since is None and identifier is None:
        raise InvalidSetting(
            "neither --since nor --id is given",
            "Name a day, as in --since 2026-08-31, or a certification, as in --id RNCP99001.",
        )
    day = read_day(since, "--since") if since is not None else None
    wanted = read_filter(**filters, same_rome=partial(same_occupation, store))
    entity = store.certification(identifier).id if identifier is not None else None
    found = select(store, wanted, since=day, entity=entity)
    titles = store.titles() if found else {}
    return {
        "since": day,
        "changes": [
            {**msgspec.to_builtins(each), "title": titles.get(each.entity)} for each in found
        ],
    }


def history_answer(store: Store, entry: Entry[Certification]) -> dict[str, Any]:
    """The timeline of one certification, oldest first."""
    events = timeline(entry.record, store.changes(entity=entry.id))
    return {
        "id": entry.id,
        "title": entry.record.title,
        "history": [msgspec.to_builtins(each) for each in events],
    }


def establishment_answer(store: Store, siret: str | None, on: str | None) -> dict[str, Any]:
    """All certifications that name an establishment.

    Raises:
        InvalidSetting: no SIRET, or a wrong one.
    """
    if siret is None:
        raise InvalidSetting(
            "neither a number nor --siret is given",
            "Name a certification, as in: passerelle register RNCP99001",
        )
    day = asked_day(on)
    held = of_establishment(store, siret, day)
    return {
        "siret": "".join(siret.split()),
        "on": day,
        "certifications": [msgspec.to_builtins(each) for each in held],
    }


def asked_day(on: str | None) -> date:
    """The day that was typed; today when none was."""
    return date.today() if on is None else read_day(on, "--on")
