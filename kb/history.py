"""What changed between two states of a certification: down to the block and the competency."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import msgspec

from kb.identity import text_key
from kb.merge import Entry
from kb.model import Accreditation, Certification, Competency

SAME_COMPETENCY = 0.6
"""Likeness from which a competency that went and one that came are one, reworded."""

_APART = {"number", "active", "replaced_by", "blocks", "competencies", "partners"}
_NOT_SAID = {"places", "warnings"}  # where and how well it was read, not what it says


@dataclass(frozen=True, slots=True)
class Change:
    """One change. kind: "created", "changed", "deactivated", "reactivated" or "replaced".

    day: of the export that shows it first. field: such as "title", "blocks.RNCP99001BC01.title",
    "competencies.RNCP99001BC01"; None for the certification as a whole. before, after: as plain
    text or JSON, None for what was not there.
    """

    day: date
    entity: str
    kind: str
    field: str | None = None
    before: str | None = None
    after: str | None = None


def changes(
    before: Entry[Certification] | None, after: Entry[Certification], day: date
) -> list[Change]:
    """All that differs, in a fixed order; [] when nothing does."""

    def change(kind: str, field: str | None = None, old: Any = None, new: Any = None) -> Change:
        return Change(day, after.id, kind, field, _plain(old), _plain(new))

    if before is None:
        return [change("created", new=after.record.title)]
    old, new = before.record, after.record
    found = []
    if old.active is not new.active and new.active is not None:
        found.append(change("reactivated" if new.active else "deactivated"))
    for number in new.replaced_by:
        if number not in old.replaced_by:
            found.append(change("replaced", "replaced_by", new=number))
    for each in fields(Certification):
        if each.name in _APART | _NOT_SAID:
            continue
        one, other = getattr(old, each.name), getattr(new, each.name)
        if _said(one) != _said(other):
            found.append(change("changed", each.name, one, other))
    for code, one, other in _paired(old.blocks, new.blocks, lambda block: block.code):
        for name in ("title", "overall", "assessments", "block_exam_points"):
            was, now = (getattr(x, name) if x else None for x in (one, other))
            if _said(was or None) != _said(now or None):
                found.append(change("changed", f"blocks.{code}.{name}", was, now))
    for block, was, now in _reworded(old.competencies, new.competencies):
        name = f"competencies.{block}" if block else "competencies"
        found.append(change("changed", name, was, now))
    for key, one, other in _paired(old.partners, new.partners, _partner):
        if _said(one) != _said(other):
            found.append(change("changed", f"partners.{key}", one, other))
    return found


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _said(value: Any) -> Any:
    """The value without places: a line that moved is no change."""
    return _without_places(msgspec.to_builtins(value))


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_places(v) for k, v in value.items() if k != "place"}
    if isinstance(value, list | tuple):
        return [_without_places(each) for each in value]
    return value


def _partner(partner: Accreditation) -> str:
    return partner.siret or text_key(partner.name)


def _paired(
    old: Iterable[Any], new: Iterable[Any], key: Callable[[Any], str]
) -> Iterator[tuple[str, Any, Any]]:
    ours, theirs = {key(x): x for x in old}, {key(x): x for x in new}
    for name in dict.fromkeys([*ours, *theirs]):
        yield name, ours.get(name), theirs.get(name)


def _reworded(
    old: tuple[Competency, ...], new: tuple[Competency, ...]
) -> Iterator[tuple[str | None, str | None, str | None]]:
    """(block, text before, text after) of each competency that went, came or was reworded."""
    held = {(c.block, text_key(c.text)) for c in old} & {(c.block, text_key(c.text)) for c in new}
    gone = [c for c in old if (c.block, text_key(c.text)) not in held]
    come = [c for c in new if (c.block, text_key(c.text)) not in held]
    for one in gone:
        near = [c for c in come if c.block == one.block]
        best = max(near, key=lambda c: _likeness(one, c), default=None)
        if best is not None and _likeness(one, best) >= SAME_COMPETENCY:
            come.remove(best)
            yield one.block, one.text, best.text
        else:
            yield one.block, one.text, None
    for other in come:
        yield other.block, None, other.text


def _likeness(one: Competency, other: Competency) -> float:
    if one.code and one.code == other.code:
        return 1.0
    return likeness(one.text, other.text)


def likeness(one: str, other: str) -> float:
    """How much of their words two texts share in the same order, 0 to 1; 1: the same text."""
    ours, theirs = text_key(one).split(), text_key(other).split()
    return difflib.SequenceMatcher(None, ours, theirs, autojunk=False).ratio()
