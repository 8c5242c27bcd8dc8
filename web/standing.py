"""Where a certification stands in the register: in force, replaced, equivalent, and its history."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from kb.register import Dossier, Step
from kb.timeline import Event
from web.language import Language
from web.views import Link, certification_href, field_label, plain

FOLDED_FROM = 8  # longer lists are folded away
MOST_NEAR = 50  # the nearest; the command gives all of them
_LONGEST = 160  # characters of a value before or after a change; the commands give all of it


@dataclass(frozen=True, slots=True)
class StepView:
    """One sheet of the chain. state: in force or not; next: what replaces it."""

    link: Link
    title: str | None
    state: str
    next: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class EquivalenceView:
    """own, other: codes with links to the blocks; () where the register leaves them out."""

    own: tuple[Link, ...]
    to: Link
    other: tuple[Link, ...]
    stated_by: str


@dataclass(frozen=True, slots=True)
class NearView:
    own: Link
    other: Link
    score: str


@dataclass(frozen=True, slots=True)
class EventView:
    """before, after: None where there was nothing, or where the event is not about a value."""

    day: str | None
    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class StandingView:
    """answer: in force on the day of the visit, in a sentence, with the days that bound it."""

    answer: str
    bounds: tuple[str, ...]
    chain: tuple[StepView, ...]
    remarks: tuple[str, ...]
    equivalences: tuple[EquivalenceView, ...]
    near: tuple[NearView, ...]
    near_label: str
    near_folded: bool
    events: tuple[EventView, ...]
    events_label: str
    events_folded: bool


def standing(language: Language, told: Dossier, events: Iterable[Event]) -> StandingView:
    succession = told.succession
    held = {step.number for step in succession.steps if step.known}
    remarks = []
    if succession.outside:
        numbers = ", ".join(succession.outside)
        remarks.append(language.t("standing.outside", numbers=numbers))
    if succession.cycle:
        remarks.append(language.t("standing.cycle", numbers=", ".join(succession.cycle)))
    listed = tuple(_event(language, each) for each in events)
    near = tuple(
        NearView(
            _block(told.number, each.block),
            _block(each.to, each.to_block),
            language.share(each.score),
        )
        for each in told.near_duplicates[:MOST_NEAR]
    )
    return StandingView(
        answer=_answer(language, told),
        bounds=_bounds(language, told),
        chain=tuple(_step(language, step, held) for step in succession.steps)
        if len(succession.steps) > 1
        else (),
        remarks=tuple(remarks),
        equivalences=tuple(
            EquivalenceView(
                own=tuple(_block(told.number, code) for code in each.blocks),
                to=_sheet(each.to, each.held),
                other=tuple(
                    _block(each.to, code) if each.held else Link(code) for code in each.to_blocks
                ),
                stated_by=language.t(f"equivalence.{each.stated_by}", to=each.to),
            )
            for each in told.equivalences
        ),
        near=near,
        near_label=language.count("near.count", len(told.near_duplicates)),
        near_folded=len(near) > FOLDED_FROM,
        events=listed,
        events_label=language.count("events.count", len(listed)),
        events_folded=len(listed) > FOLDED_FROM,
    )


def _answer(language: Language, told: Dossier) -> str:
    active = told.validity.active if told.validity else None
    state = {True: "active", False: "inactive", None: "unknown"}[active]
    return language.t(f"standing.{state}", day=language.date(told.on))


def _bounds(language: Language, told: Dossier) -> tuple[str, ...]:
    if told.validity is None:
        return ()
    validity = told.validity

    def bound(key: str, day: date | None) -> str:
        return language.t(key, day=language.date(day) or language.t("unknown"))

    if not validity.closed:
        entry = [bound("standing.open_until", validity.open_until)]
    else:
        since = validity.closed_since
        closed = bound("standing.closed_since", since) if since else language.t("standing.closed")
        entry = [closed, bound("standing.registered_until", validity.open_until)]
    return (*entry, bound("standing.awarded_until", validity.awarded_until))


def _step(language: Language, step: Step, held: set[str]) -> StepView:
    state = {True: "active", False: "inactive", None: "unknown"}[step.active]
    return StepView(
        link=_sheet(step.number, step.known),
        title=step.title,
        state=language.t(f"step.{state}" if step.known else "step.not_held"),
        next=tuple(_sheet(number, number in held) for number in step.replaced_by),
    )


def _sheet(number: str, held: bool) -> Link:
    return Link(number, certification_href(number) if held else None)


def _block(number: str, code: str | None) -> Link:
    """A block on its certification's page; the whole certification where it has no blocks."""
    return Link(code or number, certification_href(number, code))


def _event(language: Language, event: Event) -> EventView:
    what = language.t(f"event.{event.kind}")
    if event.field is not None and event.kind == "changed":
        what = field_label(language, event.field)
    before, after = (_value(language, text) for text in (event.before, event.after))
    return EventView(language.date(event.day), what, before, after)


def _value(language: Language, text: str | None) -> str | None:
    """What was there, in words: lists and records are kept as JSON."""
    if text is None:
        return None
    value: object = text
    if text.startswith(("[", "{")):
        with suppress(ValueError):  # a title may begin so too
            value = json.loads(text)
    return _short(plain(language, value))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
