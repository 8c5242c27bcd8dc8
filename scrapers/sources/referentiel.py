"""Référentiel of a certification: activities, competences, assessment, examination rules, modules.

Two layouts: the three columns that the register asks for (as converted text, DOCX, HTML or a PDF
with ruled tables), and the ministry's REAC (`scrapers.referentiels.reac`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace

from kb.errors import IncompleteDocument, PasserelleError
from kb.identity import certification_id, competency_ids
from kb.model import (
    Certification,
    Competency,
    Document,
    Prerequisites,
    Record,
    Remark,
    SkillBlock,
)
from scrapers.lines import Line, decode, format_of, read_lines
from scrapers.referentiels.calendar import check_calendars, read_calendars
from scrapers.referentiels.cells import hangs, tidy
from scrapers.referentiels.head import ADDRESS, find_level, find_number, find_title, is_apparatus
from scrapers.referentiels.layout import (
    drop_running_lines,
    keep_columns,
    merge_spans,
    paragraphs,
    sections,
)
from scrapers.referentiels.pdf import ruled_lines
from scrapers.referentiels.programme import Programme, read_programme
from scrapers.referentiels.reac import COVER, read_reac
from scrapers.referentiels.rules import check_minima, check_rules, read_rules
from scrapers.referentiels.skills import Skills, activity_for, read_skills

NAME = "referentiel"
DESCRIPTION = "Certification référentiel: three columns and modules, or the ministry's REAC"
EXPECTED = range(1, 5_000)
AUTHORITY = 2
PUBLISHER = "Certificateur"

_COVER_LENGTH = 600  # characters: a first page with fewer may be a cover
_RECOGNISED_IN = 400_000  # characters of a text that are looked at
_HEADS = (
    re.compile(r"R[EÉ]F[EÉ]RENTIELS? D['’]\s?ACTIVIT[EÉ]S?"),
    re.compile(r"R[EÉ]F[EÉ]RENTIELS? DE COMP[EÉ]TENCES?"),
    re.compile(r"R[EÉ]F[EÉ]RENTIELS? D['’]\s?[EÉ]VALUATION"),
)
_ACTIVITY_CODE = re.compile(r"(?<!\w)A\s?\.?\s?\d+\.\d+(?!\d)\s+[^\W\d]")
_COMPETENCY_CODE = re.compile(r"(?<!\w)C\s?\.?\s?\d+\.\d+(?:\.\d+)?\s+[^\W\d]")


def recognise(document: Document) -> float:
    text = _opening(document)
    if COVER.search(text):
        return 0.95
    heads = sum(bool(head.search(text)) for head in _HEADS)
    coded = len(_COMPETENCY_CODE.findall(text)) >= 1 and bool(_ACTIVITY_CODE.search(text))
    if heads >= 2:
        return 0.95 if coded else 0.8
    return 0.7 if heads and coded else 0.0


def parse(document: Document) -> Iterator[Record]:
    lines = drop_running_lines(read_lines(document))
    if any(COVER.search(line.text) for line in lines[:20]):
        yield read_reac(document, lines)
        return
    match format_of(document):
        case "pdf":
            lines = drop_running_lines(ruled_lines(document))
        case "text":
            lines = keep_columns(document, lines)
        case "docx":
            lines = merge_spans(lines)
    yield from _parse_columns(document, lines)


def _opening(document: Document) -> str:
    """Enough of the text to tell the kind; of a PDF the first page, and the second where the
    first is a cover; "" where nothing reads."""
    try:
        match format_of(document):
            case "pdf":
                return _first_pages(document)
            case "xml" | "zip":
                return ""
            case "docx":
                return "\n".join(line.text for line in read_lines(document))
            case _:
                return re.sub(r"<[^<>]{0,200}>", " ", decode(document)[:_RECOGNISED_IN])
    except PasserelleError:
        return ""


def _first_pages(document: Document) -> str:
    import pdfplumber

    text = ""
    try:
        with pdfplumber.open(io.BytesIO(document.content), pages=[1, 2]) as pdf:
            for page in pdf.pages:
                text += (page.extract_text(x_tolerance=1.5) or "") + "\n"
                if len(text) > _COVER_LENGTH:
                    break
    except Exception:  # a protected or damaged file raises whatever pdfminer raises
        return ""
    return text


def _parse_columns(document: Document, lines: list[Line]) -> Iterator[Record]:
    parts = sections(lines)
    skills = read_skills(parts["skills"])
    if not skills.competencies():
        raise IncompleteDocument(
            f"{document.name} is a référentiel without any competence; it may be cut off "
            f"(last {lines[-1].place})",
            "Give the whole document, or name its kind with --source.",
        )
    programme = read_programme(parts["programme"])
    rules = read_rules(parts["rules"])
    calendars = read_calendars(parts["calendar"])
    _check_end(document, skills, parts)

    warnings: list[Remark] = []
    unread = [*skills.unread, *programme.unread, *rules.unread]
    title, title_place, rest = find_title(parts["head"])
    number, number_place = find_number(lines, warnings)
    level, rest = find_level(rest)
    links = []
    for paragraph in [*paragraphs(rest), *paragraphs(parts["tail"])]:
        text = tidy(" ".join(line.text for line in paragraph))
        links += ADDRESS.findall(text)
        if not is_apparatus(text, title):
            unread += paragraph

    if title is None and number is None:
        raise IncompleteDocument(
            f"{document.name} says neither the title nor the number of its certification",
            "Give the whole document, or write the title on its first line.",
        )
    codes = _block_codes(skills, number, warnings)
    competencies = _competencies(skills, codes, warnings)
    numbered = competency_ids(
        certification_id(number, title), [(c.code, c.text) for c in competencies]
    )
    competencies = [replace(c, id=i) for c, i in zip(competencies, numbered, strict=True)]
    warnings += [*skills.warnings, *programme.warnings, *check_rules(rules, len(skills.blocks))]
    points = programme.points(codes)
    totals: dict[str | None, float | None] = {n: b.total for n, b in programme.blocks.items()}
    warnings += check_minima(rules, {**totals, None: programme.professional})
    if rules.pass_total and points.total not in (None, rules.pass_total[0]):
        warnings.append(
            Remark(
                rules.pass_total[1],
                f"the rules speak of {rules.pass_total[0]:g} points in all, the table of "
                f"{points.total:g}",
            )
        )
    warnings += [
        Remark(line.place, f"a section of the rules is of no known kind: {line.text}")
        for line in rules.unknown
    ]
    warnings += check_calendars(calendars, programme.hours)
    warnings += [
        Remark(totals_.place, f"block {number_} of the table of modules is not described")
        for number_, totals_ in programme.blocks.items()
        if number_ not in codes
    ]
    places = {
        "title": title_place,
        "number": number_place,
        "prerequisites": rules.entry_place,
        "modules": programme.place,
        "hours": programme.place,
        "points": programme.place,
    }
    yield Certification(
        number=number,
        title=title,
        level=level,
        activities=tuple(skills.activities),
        competencies=tuple(competencies),
        blocks=_blocks(skills, codes, programme, competencies),
        assessments=tuple(
            "\n".join(each)
            for block in skills.blocks
            if not block.key
            for each in block.assessments
        ),
        prerequisites=Prerequisites(entry="\n".join(rules.entry) or None),
        modules=tuple(
            replace(module, block=codes.get(module.block or "")) for module in programme.modules
        ),
        hours=programme.hours,
        points=points,
        exam_rules=(*rules.rules, *programme.rules),
        links=tuple(dict.fromkeys(links)),
        places={field: place for field, place in places.items() if place},
        warnings=tuple(warnings),
    )
    if unread:
        told = list(dict.fromkeys(line.place for line in unread))
        yield Remark(
            told[0], f"lines that were not understood: {len(told)}: {', '.join(told[:10])}"
        )


def _block_codes(skills: Skills, number: str | None, warnings: list[Remark]) -> dict[str, str]:
    """Number of a block -> its code."""
    codes = {}
    inferred = False
    for block in skills.blocks:
        if not block.key:
            continue
        if block.key.isdigit():
            inferred = True
            codes[block.key] = f"{number or ''}BC{int(block.key):02d}"
        else:
            codes[block.key] = block.key
    if inferred:
        warnings.append(
            Remark(
                skills.blocks[0].place,
                "the document numbers its blocks without their codes: the codes are inferred from "
                "the order",
            )
        )
    return codes


def _competencies(
    skills: Skills, codes: dict[str, str], warnings: list[Remark]
) -> list[Competency]:
    found = []
    orphans: dict[str, list[str]] = {}
    for block in skills.blocks:
        for each in block.competencies:
            activity = activity_for(each.code, skills.activities)
            if activity is None and skills.activities:
                wanted = "A" + each.code[1:].rsplit(".", 1)[0]
                orphans.setdefault(wanted, []).append(each.code)
            found.append(
                Competency(
                    text=each.text,
                    code=each.code,
                    block=codes.get(block.key),
                    activity=activity,
                    criteria=tuple(skills.criteria.get(each.code, ())),
                    place=each.place,
                )
            )
            if each.code not in skills.criteria:
                warnings.append(Remark(each.place, f"{each.code} has no criterion"))
    stated = {each.code: each.place for each in found}
    warnings += [
        Remark(
            stated[listed[0]],
            f"activity {wanted} is missing from the document: {', '.join(listed)} without activity",
        )
        for wanted, listed in orphans.items()
    ]
    warnings += [
        Remark(place, f"{code} is assessed, but the document does not state it")
        for code, place in skills.named.items()
        if code not in stated
    ]
    return found


def _blocks(
    skills: Skills, codes: dict[str, str], programme: Programme, competencies: list[Competency]
) -> tuple[SkillBlock, ...]:
    found = []
    for block in skills.blocks:
        if not block.key:
            continue
        code = codes[block.key]
        totals = programme.blocks.get(block.key)
        found.append(
            SkillBlock(
                code=code,
                title=block.title,
                competencies=tuple(c.id for c in competencies if c.block == code and c.id),
                assessments=(
                    *("\n".join(each) for each in block.assessments),
                    *programme.exams(block.key),
                ),
                overall=block.overall,
                block_exam_points=totals.exams if totals else None,
                place=block.place,
            )
        )
    return tuple(found)


def _check_end(document: Document, skills: Skills, parts: dict[str, list[Line]]) -> None:
    """A table that stops before a block's competences, or their criteria, was cut.

    Raises:
        IncompleteDocument: nothing follows the table and its last block lacks what it announces.
    """
    empty = next((block for block in skills.blocks if not block.competencies), None)
    last = parts["skills"][-1].place
    if empty is not None:
        raise IncompleteDocument(
            f"{document.name} announces block {empty.key} ({empty.place}) without any competence; "
            f"it may be cut off (last {last})",
            "Give the whole document.",
        )
    if any(parts[name] for name in ("rules", "programme", "tail", "calendar")):
        return
    text = parts["skills"][-1].text
    words = tidy(text)
    # Where every other list of criteria ends its sentence, the last one does too.
    others = {each[-1] for each in skills.criteria.values() if not words.endswith(each[-1][-20:])}
    closed = len(others) > 1 and all(each.endswith(".") for each in others)
    unfinished = hangs(words) or (closed and words[-1:].isalnum())
    if unfinished or re.search(r"<p\b(?!.*</p>)|<[^<>]*$", text, re.S):
        raise IncompleteDocument(
            f"{document.name} stops in the middle of a sentence; it may be cut off (last {last})",
            "Give the whole document.",
        )
    lacking = [c.code for c in skills.blocks[-1].competencies if c.code not in skills.criteria]
    if lacking and skills.criteria:
        raise IncompleteDocument(
            f"{document.name} stops before the criteria of {', '.join(lacking)}; it may be cut off "
            f"(last {last})",
            "Give the whole document.",
        )
