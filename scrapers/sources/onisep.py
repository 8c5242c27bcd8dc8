"""Onisep's job sheets: a JSON list, each sheet in Markdown with fixed headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kb.model import Code, Document, Job, OtherNames, Record, Remark, Salary, Section, Task
from scrapers.jobs.salaries import PayContext, read_salaries
from scrapers.json_lists import load, objects, opens_with
from scrapers.tables import labelled

NAME = "onisep"
DESCRIPTION = "Onisep's job sheets (JSON)"
EXPECTED = range(300, 2_000)
AUTHORITY = 2
PUBLISHER = "Onisep"

_KEYS = ("met", "title", "sheet")
_NAMES, _NATURE, _SKILLS = "Autres appellations", "Nature du travail", "Compétences requises"
_CONDITIONS, _PAY, _ACCESS = "Conditions de travail", "Salaire", "Accès au métier"
_BRIEF, _MARKET = "En bref", "Intégrer le marché du travail"
_DIPLOMAS, _INTERESTS = "Formations recommandées", "Centres d'intérêt"
_STUDIES = ("Après le bac", "Après la 3e", "Avec ou sans le bac", "Niveau CAP, bac pro")
_READ = frozenset(
    (_NAMES, _NATURE, _SKILLS, _CONDITIONS, _PAY, _ACCESS, _BRIEF, _MARKET, _DIPLOMAS)
) | {_INTERESTS, "Présentation", "Vie professionnelle", *_STUDIES}
_FACT = re.compile(r"\*\*(.+?)\s*:?\*\*\s*:?\s*(.*)")
_NAME = re.compile(r"-\s*(?:Féminin|Masculin)\s*:\s*(.+)")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


@dataclass(slots=True)
class _Part:
    """What stands under a heading: its own lines, and titled parts."""

    lines: list[str] = field(default_factory=list)
    parts: list[tuple[str, list[str]]] = field(default_factory=list)


def recognise(document: Document) -> float:
    return 1.0 if opens_with(document, _KEYS) else 0.0


def parse(document: Document) -> Iterator[Record]:
    """One Job a sheet, in the order of the file; headings not understood are in its `warnings`.

    Raises:
        UnreadableDocument: no JSON. IncompleteDocument: a sheet without key, title or text.
    """
    for item in objects(document, load(document), _KEYS):
        yield _job(item, document.name)


def _job(item: dict[str, object], name: str) -> Job:
    told = labelled.sheet(item, name)
    place = told.key
    sections, facts = _sections(str(item["sheet"]))
    unknown = [heading for heading in sections if heading not in _READ]
    names = [*facts.get("Appellations", ()), *sections.get(_NAMES, _Part()).lines]
    names += [line for _, lines in sections.get(_NAMES, _Part()).parts for line in lines]
    missions = _titled(sections, _NATURE)
    access = [*sections.get(_ACCESS, _Part()).lines]
    access += [f"Niveau minimum : {level}" for level in facts.get("Niveau d'accès minimum", ())]
    diplomas = [
        re.sub(r"\s*\(ID:[^)]*\)$", "", line.lstrip("- "))
        for line in sections.get(_DIPLOMAS, _Part()).lines
    ]
    status = facts.get("Statuts possibles", ())
    return Job(
        told.title,
        code=told.key,
        other_names=OtherNames(fr=_once(m[1] for n in names if (m := _NAME.fullmatch(n)))),
        purpose=told.presentation or None,
        missions=tuple(Task(s.text, s.title, place) for s in missions),
        skills=_once(s.title for s in _titled(sections, _SKILLS) if s.title),
        salaries=tuple(_salaries(sections, place)),
        rome=tuple(Code(code) for code in told.rome),
        context=(
            *_titled(sections, _BRIEF),
            *_titled(sections, _SKILLS),
            *_titled(sections, _MARKET),
        ),
        conditions=(
            *_titled(sections, _CONDITIONS),
            *((Section(", ".join(s.lstrip("- ") for s in status), "Statuts"),) if status else ()),
        ),
        certifications=(*_once(diplomas), *told.recommended),
        access="\n".join(access) or None,
        interests=_once(line.lstrip("- ") for line in sections.get(_INTERESTS, _Part()).lines),
        places=dict.fromkeys(("title", "purpose", "missions"), place),
        warnings=tuple(Remark(place, f"heading {h!r} is unknown; not read") for h in unknown),
    )


def _sections(sheet: str) -> tuple[dict[str, _Part], dict[str, list[str]]]:
    """Parts by heading, and facts in bold ("Statuts possibles") with the lines that follow."""
    sections: dict[str, _Part] = {}
    facts: dict[str, list[str]] = {}
    part, lines = _Part(), list[str]()
    for raw in _BREAK.sub("\n", sheet).splitlines():
        line = raw.strip()
        if not line or line.startswith("# "):
            continue
        fact = _FACT.fullmatch(line)
        if line.startswith("### "):
            lines = []
            part.parts.append((line[4:].strip(), lines))
        elif line.startswith("## "):
            heading = line[3:].strip()
            # Indented, it is a part of the section that is open, unless it is a known one.
            if heading in _STUDIES or (heading not in _READ and raw != line):
                lines = []
                part.parts.append((heading, lines))
            else:
                part = sections.setdefault(heading, _Part())
                lines = part.lines
        elif fact:
            lines = facts.setdefault(fact[1], [])
            if fact[2]:
                lines.append(fact[2])
        else:
            lines.append(line)
    return sections, facts


def _titled(sections: dict[str, _Part], heading: str) -> list[Section]:
    part = sections.get(heading, _Part())
    own = [Section("\n".join(part.lines), heading)] if part.lines else []
    return own + [Section("\n".join(lines), title) for title, lines in part.parts if lines]


def _salaries(sections: dict[str, _Part], place: str) -> Iterator[Salary]:
    for section in _titled(sections, _PAY):
        experience = "débutant" if "débutant" in (section.title or "") else None
        context = PayContext(in_section=True, experience=experience)
        for line in section.text.splitlines():
            yield from read_salaries(line, place, context)


def _once(values: Iterator[str] | list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
