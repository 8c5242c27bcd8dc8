"""Référentiel of a certification: activities, competences, assessment, examination rules, modules.

Two layouts: the three columns that the register asks for (as converted text, DOCX, HTML or a PDF
with ruled tables), and the ministry's REAC (`scrapers.referentiel_reac`).
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from kb.errors import IncompleteDocument, PasserelleError
from kb.identity import certification_id, competency_ids, text_key
from kb.model import (
    LEVELS,
    Certification,
    Competency,
    Document,
    Prerequisites,
    Record,
    Remark,
    SkillBlock,
)
from scrapers.lines import Line, decode, format_of, read_lines
from scrapers.referentiel_calendar import check_calendars, opens_calendar, read_calendars
from scrapers.referentiel_cells import activity_of, block_of, cells_of, hangs, tidy
from scrapers.referentiel_pdf import ruled_lines
from scrapers.referentiel_programme import Programme, opens_programme, read_programme
from scrapers.referentiel_reac import COVER, read_reac
from scrapers.referentiel_rules import check_minima, check_rules, opens_rules, read_rules
from scrapers.referentiel_skills import Skills, activity_for, is_header, read_skills

NAME = "referentiel"
DESCRIPTION = "Certification référentiel: three columns and modules, or the ministry's REAC"
EXPECTED = range(1, 5_000)
AUTHORITY = 2
PUBLISHER = "Certificateur"

_CARTOUCHE = re.compile(r"\bPage$")  # the last column of the frame that numbers the pages
_RECOGNISED_IN = 400_000  # characters of a text that are looked at
_HEADS = (
    re.compile(r"R[EÉ]F[EÉ]RENTIELS? D['’]\s?ACTIVIT[EÉ]S?"),
    re.compile(r"R[EÉ]F[EÉ]RENTIELS? DE COMP[EÉ]TENCES?"),
    re.compile(r"R[EÉ]F[EÉ]RENTIELS? D['’]\s?[EÉ]VALUATION"),
)
_ACTIVITY_CODE = re.compile(r"(?<!\w)A\s?\.?\s?\d+\.\d+(?!\d)\s+[^\W\d]")
_COMPETENCY_CODE = re.compile(r"(?<!\w)C\s?\.?\s?\d+\.\d+(?:\.\d+)?\s+[^\W\d]")
_NUMBER = re.compile(r"\b(RNCP|RS)\s?(\d{3,6})(?!\d|\s?BC)")
_NUMBER_SAID = re.compile(r"fiche|num[ée]ro|n\s?°|enregistr", re.I)
_LABELLED_TITLE = re.compile(
    r"^(?:intitul[ée]|titre)(?: (?:de|du) (?:la )?(?:certification|titre|dipl[oô]me))?\s*:\s*(.+)",
    re.I,
)
_LEVEL = re.compile(
    r"^(?:(?:certification|titre|dipl[oô]me|dipl[oô]mante?)\s+)?(?:de |\()?niveau\s*:?\s*(\d)\b"
    r"(?!\s*/)(?:\s*\(.*)?[ .)]*$",
    re.I,
)
_NO_TITLE = re.compile(
    r"^(?:pr[ée]sentation|document|version|mis|maj|[ée]dit[ée]|page|annexe|\d+\s*[-–.]"
    r"|.*\br[ée]f[ée]rentiels?\b)",
    re.I,
)
_DATED = re.compile(r"^(?:document )?(?:mis|mise|maj|[ée]dit[ée]|version)\b.*\d{4}$", re.I)
_CAPTION = re.compile(r"^\d+\s?(?:[eè]re|er|[eè]?me|e)\s+promotion$", re.I)
_ADDRESS = re.compile(r"https?://[^\s<>]+")


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
    lines = _drop_running_lines(read_lines(document))
    if any(COVER.search(line.text) for line in lines[:20]):
        yield read_reac(document, lines)
        return
    match format_of(document):
        case "pdf":
            lines = _drop_running_lines(ruled_lines(document))
        case "text":
            lines = _keep_columns(document, lines)
        case "docx":
            lines = _merge_spans(lines)
    yield from _parse_columns(document, lines)


def _keep_columns(document: Document, lines: list[Line]) -> list[Line]:
    """Rows whose only words stand in a later column keep the columns before it."""
    raw = decode(document).split("\n")
    return [
        replace(line, cells=tuple(cell.strip() for cell in raw[line.number - 1].split("\t")))
        if line.cells is None and raw[line.number - 1].startswith("\t\t")
        else line
        for line in lines
    ]


def _opening(document: Document) -> str:
    """Enough of the text to tell the kind; of a PDF the first page, "" where nothing reads."""
    try:
        match format_of(document):
            case "pdf":
                return _first_page(document)
            case "xml" | "zip":
                return ""
            case "docx":
                return "\n".join(line.text for line in read_lines(document))
            case _:
                return re.sub(r"<[^<>]{0,200}>", " ", decode(document)[:_RECOGNISED_IN])
    except PasserelleError:
        return ""


def _first_page(document: Document) -> str:
    import pdfplumber

    try:
        with pdfplumber.open(io.BytesIO(document.content), pages=[1]) as pdf:
            return pdf.pages[0].extract_text(x_tolerance=1.5) or "" if pdf.pages else ""
    except Exception:  # a protected or damaged file raises whatever pdfminer raises
        return ""


def _merge_spans(lines: list[Line]) -> list[Line]:
    """DOCX repeats a merged cell in each place that it covers: it is said once, and rows whose
    last cell, what they are judged by, is one are one row."""
    found: list[Line] = []
    last: tuple[str, ...] | None = None  # the row before, as it stood
    for line in lines:
        if line.cells is None:
            found.append(line)
            last = None
            continue
        cells = [
            "" if index and _same(cell, line.cells[index - 1]) else cell
            for index, cell in enumerate(line.cells)
        ]
        before = last if last is not None and len(last) == len(cells) else None
        last = line.cells
        if before is None:
            found.append(replace(line, cells=tuple(cells)))
            continue
        fresh = [
            "" if _same(cell, above) else cell for cell, above in zip(cells, before, strict=True)
        ]
        if cells[-1] and not fresh[-1] and found[-1].cells:
            pairs = zip(found[-1].cells, fresh, strict=True)
            merged = tuple("\n".join(filter(None, pair)) for pair in pairs)
            found[-1] = replace(found[-1], cells=merged)
        else:
            found.append(replace(line, cells=tuple(fresh)))
    return found


def _same(cell: str, other: str) -> bool:
    """One merged cell; two equal figures or marks are no sign of it."""
    return cell == other and (len(cell) > 12 or activity_of(tidy(cell)) is not None)


def _drop_running_lines(lines: list[Line]) -> list[Line]:
    """Without the headers and footers that stand on page after page."""
    times = Counter(run for line in lines if (run := _running(line)))
    return [line for line in lines if times[_running(line) or ""] < (2 if _pages(line) else 3)]


def _pages(line: Line) -> bool:
    return bool(re.search(r"\b\d+\s*/\s*\d+$|\bpage\s+\d+", line.text, re.I))


def _running(line: Line) -> str | None:
    """What a header or footer says on each page, None for a line that cannot be one.

    It numbers its page, or it is the same words in capitals or names of columns of a cartouche.
    """
    if line.cells is not None or line.bullet or block_of(line.text):
        return None
    if _pages(line):
        return re.sub(r"\d+", "#", line.text)
    return line.text if line.text.isupper() or _CARTOUCHE.search(line.text) else None


def _parse_columns(document: Document, lines: list[Line]) -> Iterator[Record]:
    parts = _sections(lines)
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
    title, title_place, rest = _title(parts["head"])
    number, number_place = _number(lines, warnings)
    level, rest = _level(rest)
    links = []
    for paragraph in [*_paragraphs(rest), *_paragraphs(parts["tail"])]:
        text = tidy(" ".join(line.text for line in paragraph))
        links += _ADDRESS.findall(text)
        if not _is_apparatus(text, title):
            unread += paragraph

    codes = _block_codes(skills, number, warnings)
    competencies = _competencies(skills, codes, warnings)
    numbered = competency_ids(
        certification_id(number, title or document.name), [(c.code, c.text) for c in competencies]
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
        title=title or (None if number else document.name),
        level=level,
        activities=tuple(skills.activities),
        competencies=tuple(competencies),
        blocks=_blocks(skills, codes, programme, competencies),
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


def _sections(lines: list[Line]) -> dict[str, list[Line]]:
    """The lines by part: head, skills, rules, programme, calendar, and what is in between."""
    found: dict[str, list[Line]] = {
        name: [] for name in ("head", "skills", "rules", "programme", "tail", "calendar")
    }
    current = "head"
    for line in lines:
        first = next((text for cell in cells_of(line) if (text := tidy(cell))), "")
        if opens_programme(line):
            current = "programme"
        elif opens_calendar(line):
            current = "calendar"
        elif opens_rules(line):
            current = "rules"
        elif current == "head" and (
            (line.cells is not None and is_header(line)) or block_of(first)
        ):
            current = "skills"
        elif current == "tail" and line.cells is not None:
            current = "programme"  # the table goes on after what stood between its parts
        elif current == "programme" and line.cells is None and not _belongs_to_programme(first):
            current = "tail"
        found[current].append(line)
    return found


def _belongs_to_programme(text: str) -> bool:
    return block_of(text) is not None or bool(re.search(r"\d\s*(?:h|pts?|points?)\b", text))


def _title(head: list[Line]) -> tuple[str | None, str | None, list[Line]]:
    """The labelled title, else the first paragraph; its place, and the lines that it leaves."""
    for line in head:
        labelled = _LABELLED_TITLE.match(tidy(line.text))
        if labelled:
            return labelled.group(1), line.place, [other for other in head if other is not line]
    first = next(iter(_paragraphs(head)), [])
    taken = list(takewhile(lambda line: not _NO_TITLE.match(tidy(line.text)), first))
    if not taken or taken[0].cells is not None:
        return None, None, head
    title = tidy(" ".join(line.text for line in taken)).strip("* ")
    return title, taken[0].place, head[len(taken) :]


def _level(head: list[Line]) -> tuple[int | None, list[Line]]:
    """The level that a line of its own gives, and the lines without it."""
    for line in head:
        said = _LEVEL.match(tidy(line.text))
        if said and int(said.group(1)) in LEVELS:
            return int(said.group(1)), [other for other in head if other is not line]
    return None, head


def _paragraphs(lines: list[Line]) -> list[list[Line]]:
    """Lines that follow each other without a blank line or a row between them."""
    found: list[list[Line]] = []
    for line in lines:
        before = found[-1][-1] if found else None
        if (
            before is not None
            and (line.page, line.number) == (before.page, before.number + 1)
            and line.cells is None
            and before.cells is None
        ):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def _number(lines: list[Line], warnings: list[Remark]) -> tuple[str | None, str | None]:
    """The sheet's number: the only one named, else the only one that is called the sheet's."""
    named = [
        (found.group(1) + found.group(2), line)
        for line in lines
        for found in _NUMBER.finditer(line.text)
    ]
    said = [(number, line) for number, line in named if _NUMBER_SAID.search(line.text)]
    for pairs in (named, said):
        if len({number for number, _ in pairs}) == 1:
            return pairs[0][0], pairs[0][1].place
    if named:
        others = ", ".join(dict.fromkeys(number for number, _ in named))
        warnings.append(
            Remark(named[0][1].place, f"several sheets are named, none as this one's: {others}")
        )
    return None, None


def _is_apparatus(text: str, title: str | None) -> bool:
    """Lines that say nothing of the certification: its title again, dates, captions, addresses."""
    again = bool(text_key(text)) and text_key(text) in text_key(title or "")
    return (
        again
        or bool(_NUMBER.search(text) or _ADDRESS.search(text))
        or bool(_DATED.match(text) or _CAPTION.match(text))
        or bool(re.search(r"r[ée]f[ée]rentiel", text, re.I))
    )


def _block_codes(skills: Skills, number: str | None, warnings: list[Remark]) -> dict[str, str]:
    """Number of a block -> its code."""
    codes = {}
    inferred = False
    for block in skills.blocks:
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
                    block=codes[block.key],
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
