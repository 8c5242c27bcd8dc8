"""The texts by which a certification or a job is found. The same order every time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.identity import certification_id, job_key, name_id, nomenclature_id, text_hash
from kb.merge import Entry
from kb.model import Certification, Insertion, Job, Passage, Relation, Term

Described = Certification | Job | Term | Insertion
_NUMBER = re.compile(r"(?:RNCP|RS)\d+")


def block_id(certification: str, number: str | None, code: str) -> str:
    """`rncp:RNCP41308BC01`; under its certification where a document gives no number."""
    register = certification.partition(":")[0]
    return f"{register}:{code}" if number and code.startswith(number) else f"{certification}/{code}"


def passages_of(entry: Entry[Described]) -> Iterator[Passage]:
    """Passages of one thing, without repetition.

    A competency that several blocks list has one passage a block; from the second on, its id
    ends in `@` and the block's code.
    """
    seen: set[str] = set()
    for passage in _all(entry):
        if passage.text.strip() and passage.id not in seen:
            seen.add(passage.id)
            yield passage


def _all(entry: Entry[Described]) -> Iterator[Passage]:
    record = entry.record
    if isinstance(record, Certification):
        yield from _certification(entry.id, record)
    elif isinstance(record, Job):
        yield from _job(entry.id, record)
    elif isinstance(record, Term):
        yield from _term(entry.id, record)


def _certification(entity: str, record: Certification) -> Iterator[Passage]:
    if record.title:
        yield Passage(entity, "certification", entity, record.title)
    texts = {c.id: c.text for c in record.competencies}
    listed: set[str] = set()
    for block in record.blocks:
        if block.title:
            identifier = block_id(entity, record.number, block.code)
            yield Passage(identifier, "block", entity, block.title, block.code)
        for competency in block.competencies:
            identifier = f"{competency}@{block.code}" if competency in listed else competency
            listed.add(competency)
            yield Passage(identifier, "competency", entity, texts[competency], block.code)
    for each in record.competencies:
        if each.id and each.id not in listed:
            yield Passage(each.id, "competency", entity, each.text)
    for activity in record.activities:
        identifier = f"{entity}/activity/{text_hash(activity.text)}"
        yield Passage(identifier, "activity", entity, activity.text)
    for title in record.job_titles:
        yield Passage(f"{entity}/job/{job_key(title)}", "job_title", entity, title)


def _job(entity: str, record: Job) -> Iterator[Passage]:
    yield Passage(entity, "job", entity, record.title)
    for task in record.missions:
        text = f"{task.title} : {task.text}" if task.title else task.text
        yield Passage(f"{entity}/mission/{text_hash(text)}", "mission", entity, text)
    for skill in (*record.skills, *(m.title for m in record.macro_competencies)):
        yield Passage(f"{entity}/skill/{text_hash(skill)}", "skill", entity, skill)
    if record.nomenclature:
        for name in record.other_names.fr:
            yield Passage(f"{entity}/name/{job_key(name)}", "job_title", entity, name)


def _term(entity: str, record: Term) -> Iterator[Passage]:
    """Skills and descriptors are looked for; items and appellations are found by their job."""
    if record.kind in ("skill", "descriptor") and record.label:
        yield Passage(entity, "term", entity, record.label)
        for name in record.other_names:
            yield Passage(f"{entity}/name/{text_hash(name)}", "synonym", entity, name)


def relations_of(entry: Entry[Described]) -> Iterator[Relation]:
    """Edges from one thing, by identifiers; a target need not be known yet."""
    record = entry.record
    if isinstance(record, Term):
        for kind in ("broader", "narrower", "related"):
            for code in getattr(record, kind):
                yield Relation(kind, entry.id, nomenclature_id(record.scheme, code.code))
        if record.scheme == "formacode":
            for name in (record.label, *record.other_names):
                if name:
                    yield Relation("also_called", entry.id, name_id(record.scheme, name))
        return
    if isinstance(record, Job):
        for item in record.items:
            yield Relation("involves", entry.id, nomenclature_id("rome", item.code))
        if record.parent and record.parent.code != record.code:
            yield Relation("cut_from", entry.id, nomenclature_id("rome", record.parent.code))
        for name in (*record.other_names.fr, *record.other_names.en):
            yield Relation("also_called", entry.id, f"job:{job_key(name)}")
        kinds = {"to": "moves_to", "from": "moves_from", None: "near_to"}
        for move in record.moves:
            target = move.target or f"job:{job_key(move.title)}"
            yield Relation(kinds[move.direction], entry.id, target)
            for code in (move.from_name, move.to_name):
                if code:
                    yield Relation("moves_as", entry.id, nomenclature_id("rome", code.code))
        for code in record.rome:
            yield Relation("filed_under", entry.id, f"rome:{code.code}")
        for named in record.certifications:
            if _NUMBER.fullmatch(named):
                yield Relation("recommends", entry.id, certification_id(named, None))
        return
    if isinstance(record, Insertion):
        return
    for number in record.replaces:
        yield Relation("replaces", entry.id, certification_id(number, None))
    for number in record.replaced_by:
        yield Relation("replaced_by", entry.id, certification_id(number, None))
    for code in record.rome:
        yield Relation("leads_to", entry.id, f"rome:{code.code}")
    for title in record.job_titles:
        yield Relation("leads_to", entry.id, f"job:{job_key(title)}")
    register = entry.id.partition(":")[0]
    for each in record.correspondences:
        other = certification_id(each.to, None)
        # A block's code need not begin with its sheet's number: the sheets are joined as well.
        yield Relation("corresponds_with", entry.id, other)
        for source in each.from_blocks or (record.number or "",):
            for target in each.to_blocks or (each.to,):
                to = f"{other.partition(':')[0]}:{target}"
                yield Relation("corresponds_to", f"{register}:{source}", to)
