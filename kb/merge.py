"""What several documents say of one thing, united: conservative, and told.

Where documents differ on a field, the one with the lower authority rank wins (the register's data,
its page, the référentiel, an article), and within one source the newest; the other values stay
visible as `Difference`s. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Any, Generic, TypeVar

from kb.identity import certification_id, competency_ids, text_key
from kb.model import (
    Certification,
    Code,
    Competency,
    Hours,
    Insertion,
    Job,
    JobMove,
    OtherNames,
    Points,
    Prerequisites,
    Remark,
    SkillBlock,
    Term,
    Territories,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """A document as it is cited. source: name of its reader; authority: lower wins."""

    sha256: str
    source: str
    address: str
    publisher: str
    authority: int
    dated: date | None

    @property
    def name(self) -> str:
        return self.address.rstrip("/").rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that lost: what `origin` says of `field` at `place`, where another was kept."""

    field: str
    kept: Any
    other: Any
    origin: Origin
    place: str | None = None


S = TypeVar("S")
T = TypeVar("T", Certification, Job, Term)
R = TypeVar("R", covariant=True)

# Their fields are statements of their own: one document may know one, another the next.
_COMPOUND = (Territories, Prerequisites, Hours, Points, OtherNames)


@dataclass(frozen=True, slots=True)
class Entry(Generic[R]):
    """One thing of the knowledge base: the merged record, and who says so."""

    id: str
    record: R
    documents: tuple[Origin, ...]
    differences: tuple[Difference, ...] = ()


def ranked(statements: Iterable[tuple[S, Origin]]) -> list[tuple[S, Origin]]:
    """Best authority first, then newest, then by hash so that the order never depends on chance."""
    return sorted(
        statements,
        key=lambda s: (s[1].authority, -(s[1].dated or date.min).toordinal(), s[1].sha256),
    )


def merge_certification(
    identifier: str, statements: Iterable[tuple[Certification, Origin]]
) -> Entry[Certification]:
    """Unite what documents say of one certification.

    Args:
        statements: at least one (record, its origin); all of the same certification.
    """
    order = _located(ranked(statements))
    merged, differences = _merge_fields(order, skip={"blocks", "competencies"})
    blocks, more = _merge_blocks(order)
    differences += more
    competencies, more = _merge_competencies(order, {block.code for block in blocks})
    differences += more
    competencies, blocks = _identify(
        certification_id(merged.number, merged.title), competencies, blocks
    )
    merged = replace(
        merged, competencies=competencies, blocks=blocks, warnings=_warnings(order, differences)
    )
    return Entry(identifier, merged, tuple(o for _, o in order), tuple(differences))


def merge_job(identifier: str, statements: Iterable[tuple[Job, Origin]]) -> Entry[Job]:
    """Unite what documents say of one job. Lists of different documents are joined, since each
    describes the job in part; single values follow the order of authority.

    Args:
        statements: at least one (record, its origin); all of the same job.
    """
    order = _located(ranked(statements))
    joined: dict[str, Callable[[Any], str]] = {
        "missions": lambda task: text_key(f"{task.title or ''} {task.text}"),
        "skills": text_key,
        "qualities": text_key,
        "moves": _move_key,
        "salaries": lambda salary: text_key(salary.text),
        "rome": lambda code: code.code,
        "certifications": text_key,
        "items": lambda item: f"{item.kind} {item.code}",
        "sectors": text_key,
        "context": lambda section: text_key(f"{section.title or ''} {section.text}"),
    }
    title, *others = dict.fromkeys(
        [r.title for r, _ in order if r.title != r.code] or [order[0][0].title]
    )
    # The table of an older version may name an occupation otherwise: a name that it had.
    also = [r.other_names for r, _ in order] + [OtherNames(fr=tuple(others))]
    if order[0][0].nomenclature:
        names = OtherNames(
            _union((n.fr for n in also), text_key), _union((n.en for n in also), text_key)
        )
        order = [(replace(r, title=title, other_names=names), o) for r, o in order]
    merged, differences = _merge_fields(order, skip={*joined, "title"})
    values: dict[str, Any] = {
        name: _union((getattr(_published(record, origin), name) for record, origin in order), key)
        for name, key in joined.items()
    }
    merged = replace(merged, **values, warnings=_warnings(order, differences))
    return Entry(identifier, merged, tuple(o for _, o in order), tuple(differences))


def merge_term(identifier: str, statements: Iterable[tuple[Term, Origin]]) -> Entry[Term]:
    """Unite what documents say of one entry of a nomenclature.

    Args:
        statements: at least one (record, its origin); all of the same entry.
    """
    order = _located(ranked(statements))
    if len(order) == 1:
        # Tens of thousands of terms stand in one table alone.
        ((record, origin),) = order
        return Entry(identifier, record, (origin,))
    merged, differences = _merge_fields(order, skip=set())
    merged = replace(merged, warnings=_warnings(order, differences))
    return Entry(identifier, merged, tuple(o for _, o in order), tuple(differences))


def merge_insertion(
    identifier: str, statements: Iterable[tuple[Insertion, Origin]]
) -> Entry[Insertion]:
    """All figures of one diploma, each told once, by the best and newest document.

    Args:
        statements: at least one (record, its origin); all of the same diploma.
    """
    order = ranked(statements)
    figures = _union((r.figures for r, _ in order), lambda f: text_key(f"{f.of} {f.region or ''}"))
    merged = replace(order[0][0], figures=figures, warnings=_warnings(order, []))
    return Entry(identifier, merged, tuple(dict.fromkeys(o for _, o in order)))


def _located(order: list[tuple[T, Origin]]) -> list[tuple[T, Origin]]:
    """Where several documents speak, each statement's place names its document too."""
    if len(order) < 2:
        return order
    located = []
    for record, origin in order:
        changes: dict[str, Any] = {
            "places": {name: f"{origin.name}, {place}" for name, place in record.places.items()}
        }
        for each in fields(record):
            values = getattr(record, each.name)
            if isinstance(values, tuple) and any(getattr(value, "place", None) for value in values):
                changes[each.name] = tuple(
                    replace(value, place=f"{origin.name}, {value.place}") if value.place else value
                    for value in values
                )
        located.append((replace(record, **changes), origin))
    return located


def _published(job: Job, origin: Origin) -> Job:
    moves = tuple(
        move if move.published_by else replace(move, published_by=origin.publisher)
        for move in job.moves
    )
    return replace(job, moves=moves)


def _move_key(move: JobMove) -> str:
    if move.target is None:
        return text_key(move.title)
    names = [code.code if code else "" for code in (move.from_name, move.to_name)]
    return " ".join([move.target, str(move.evolution), *names])


def _union(lists: Iterable[Sequence[Any]], key: Callable[[Any], str]) -> tuple[Any, ...]:
    seen: dict[str, Any] = {}
    for values in lists:
        for value in values:
            seen.setdefault(key(value), value)
    return tuple(seen.values())


def _known(value: object) -> bool:
    return value is not None and value not in ((), {}, "")


def _merge_fields(order: list[tuple[T, Origin]], skip: set[str]) -> tuple[T, list[Difference]]:
    """The first record, its unknown fields filled from the next ones."""
    base, _ = order[0]
    if len(order) == 1:
        return base, []
    changes: dict[str, Any] = {}
    differences: list[Difference] = []
    for each in fields(base):
        if each.name in skip or each.name in ("places", "warnings"):
            continue
        value, lost = _pick(
            [(getattr(record, each.name), origin, record) for record, origin in order], each.name
        )
        changes[each.name] = value
        differences += lost
    changes["places"] = {k: v for record, _ in reversed(order) for k, v in record.places.items()}
    return replace(base, **changes), differences


def _pick(stated: list[tuple[Any, Origin, Any]], name: str) -> tuple[Any, list[Difference]]:
    first = stated[0][0]
    if isinstance(first, _COMPOUND):
        changes: dict[str, Any] = {}
        differences: list[Difference] = []
        for part in fields(first):
            inner = [
                (getattr(value, part.name), origin, record) for value, origin, record in stated
            ]
            changes[part.name], lost = _pick(inner, f"{name}.{part.name}")
            differences += lost
        return replace(first, **changes), differences
    kept: Any = first
    differences = []
    for value, origin, record in stated[1:]:
        if not _known(value):
            continue
        if not _known(kept):
            kept = value
        elif _key(value) != _key(kept):
            place = record.places.get(name.split(".")[0])
            differences.append(Difference(name, kept, value, origin, place))
    return kept, differences


def _key(value: Any) -> Any:
    """Two statements with equal keys say the same: case, blanks, punctuation and order aside."""
    if isinstance(value, str):
        return text_key(value)
    if isinstance(value, tuple):
        return frozenset(_key(each) for each in value)
    if isinstance(value, dict):
        return frozenset((k, _key(v)) for k, v in value.items())
    if isinstance(value, Code):
        return value.code  # its label is wording
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(_key(getattr(value, f.name)) for f in fields(value) if f.name != "place")
    return value


def _merge_blocks(
    order: list[tuple[Certification, Origin]],
) -> tuple[tuple[SkillBlock, ...], list[Difference]]:
    lead = next((i for i, (record, _) in enumerate(order) if record.blocks), None)
    if lead is None:
        return (), []
    differences: list[Difference] = []
    blocks = []
    for block in order[lead][0].blocks:
        merged = block
        for record, origin in order[lead + 1 :]:
            other = next((b for b in record.blocks if b.code == block.code), None)
            if other is None:
                continue
            for name in ("title", "assessments", "overall", "block_exam_points"):
                kept, value = getattr(merged, name), getattr(other, name)
                if _known(value) and not _known(kept):
                    merged = replace(merged, **{name: value})
                elif _known(value) and _key(value) != _key(kept):
                    where = f"blocks.{block.code}.{name}"
                    differences.append(Difference(where, kept, value, origin, other.place))
        blocks.append(merged)
    codes = {block.code for block in blocks}
    for record, origin in order[lead + 1 :]:
        differences += [
            Difference("blocks", None, f"{b.code} {b.title or ''}".strip(), origin, b.place)
            for b in record.blocks
            if b.code not in codes
        ]
    return tuple(blocks), differences


def _merge_competencies(
    order: list[tuple[Certification, Origin]], codes: set[str]
) -> tuple[tuple[Competency, ...], list[Difference]]:
    """By block: the best document that lists any; the others complete codes, criteria, activity."""
    kept: list[Competency] = []
    differences: list[Difference] = []
    by_key: dict[tuple[str | None, str], int] = {}
    by_code: dict[tuple[str | None, str], int] = {}
    listed_by: dict[str | None, Origin] = {}
    for record, origin in order:
        for competency in record.competencies:
            block = competency.block if competency.block in codes else None
            key, code = (block, text_key(competency.text)), (block, competency.code or "")
            at = by_key.get(key)
            if at is None and competency.code:
                at = by_code.get(code)
            if at is not None:
                if listed_by[block] is origin and by_key.get(key) is None:
                    at = None  # one list that gives a code twice still lists two competences
                else:
                    if text_key(kept[at].text) != key[1]:
                        differences.append(
                            Difference(
                                "competencies",
                                kept[at].text,
                                competency.text,
                                origin,
                                competency.place,
                            )
                        )
                    kept[at] = _complete(kept[at], competency)
                    continue
            if listed_by.setdefault(block, origin) is not origin:
                differences.append(
                    Difference("competencies", None, competency.text, origin, competency.place)
                )
                continue
            by_key[key] = len(kept)
            if competency.code:
                by_code.setdefault(code, len(kept))
            kept.append(_with(competency, block=block))
    # A list without blocks (the sheet's own) repeats what the blocks list.
    in_blocks = {text_key(c.text) for c in kept if c.block is not None}
    return tuple(c for c in kept if c.block or text_key(c.text) not in in_blocks), differences


def _with(competency: Competency, **values: str | None) -> Competency:
    """With these values; the same where it has them already, as most have."""
    if all(getattr(competency, name) == value for name, value in values.items()):
        return competency
    return replace(competency, **values)  # type: ignore[arg-type]


def _complete(kept: Competency, other: Competency) -> Competency:
    return replace(
        kept,
        code=kept.code or other.code,
        group=kept.group or other.group,
        activity=kept.activity or other.activity,
        criteria=kept.criteria or other.criteria,
        description=kept.description or other.description,
    )


def _identify(
    certification: str, competencies: tuple[Competency, ...], blocks: tuple[SkillBlock, ...]
) -> tuple[tuple[Competency, ...], tuple[SkillBlock, ...]]:
    """Give identifiers; a text that two blocks list is one competency, in both blocks' lists."""
    ids = competency_ids(certification, ((c.code, c.text) for c in competencies))
    in_block: dict[str | None, list[str]] = {}
    once: dict[str, Competency] = {}
    for identifier, competency in zip(ids, competencies, strict=True):
        if identifier not in once:
            once[identifier] = _with(competency, id=identifier)
        listed = in_block.setdefault(competency.block, [])
        if identifier not in listed:
            listed.append(identifier)
    named = tuple(replace(b, competencies=tuple(in_block.get(b.code, ()))) for b in blocks)
    return tuple(once.values()), named


def _warnings(
    order: Sequence[tuple[Certification | Job | Term | Insertion, Origin]],
    differences: list[Difference],
) -> tuple[Remark, ...]:
    own = [
        Remark(w.place or (origin.name if len(order) > 1 else None), w.text)
        for record, origin in order
        for w in record.warnings
    ]
    told = [
        Remark(
            d.place or d.origin.name,
            f"{d.field} differs: {_short(d.other)} (kept: {_short(d.kept)})",
        )
        for d in differences
    ]
    return tuple(dict.fromkeys(own + told))


def _short(value: Any) -> str:
    if value is None:
        return "none"
    text = f"{len(value)} entries" if isinstance(value, tuple | dict) else str(value)
    return text if len(text) <= 120 else text[:117] + "…"
