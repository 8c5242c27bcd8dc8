"""Occupations of a nomenclature: what their tables name by code alone, put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kb.identity import nomenclature_id, text_key
from kb.model import Code, Job, Section, Task


def references(job: Job) -> Iterator[str]:
    """Identifiers of the terms and jobs whose labels `worded` needs."""
    if job.nomenclature:
        for item in job.items:
            yield nomenclature_id(job.nomenclature, item.code)
        for code in (job.parent, *(c for m in job.moves for c in (m.from_name, m.to_name))):
            if code:
                yield nomenclature_id(job.nomenclature, code.code)
        yield from (move.target for move in job.moves if move.target)


def worded(job: Job, labels: Mapping[str, str]) -> Job:
    """The job with its items as missions, skills and contexts, and its moves by title.

    Args:
        labels: of what `references` names; what is missing stays a code.
    """
    if not job.nomenclature:
        return job
    scheme = job.nomenclature

    def label_of(code: str) -> str | None:
        return labels.get(nomenclature_id(scheme, code))

    def named(code: Code | None) -> Code | None:
        return Code(code.code, code.label or label_of(code.code)) if code else None

    items = tuple(replace(i, label=i.label or label_of(i.code)) for i in job.items)
    missions = {text_key(task.text): task for task in job.missions}
    skills = {text_key(skill): skill for skill in job.skills}
    contexts = {text_key(section.text): section for section in job.context}
    for item in items:
        if item.label:
            key = text_key(item.label)
            match item.kind:
                case "activity":
                    missions.setdefault(key, Task(item.label))
                case "knowledge":
                    skills.setdefault(key, item.label)
                case "context":
                    contexts.setdefault(key, Section(item.label))
    return replace(
        job,
        items=items,
        missions=tuple(missions.values()),
        skills=tuple(skills.values()),
        context=tuple(contexts.values()),
        parent=named(job.parent),
        moves=tuple(
            replace(
                move,
                title=labels.get(move.target or "") or move.title,
                from_name=named(move.from_name),
                to_name=named(move.to_name),
            )
            for move in job.moves
        ),
    )
