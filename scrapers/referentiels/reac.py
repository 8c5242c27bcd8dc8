"""The ministry's REAC (référentiel emploi, activités, compétences) of a titre professionnel.

One sheet for the job, one for each activity type (which is a block of competences) and each
professional competence, one for the transversal competences. The sheets are numbered; their codes
here are AT and CP with that number, as the document's overview abbreviates them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kb.errors import IncompleteDocument
from kb.identity import certification_id, competency_ids, text_key
from kb.model import (
    LEVELS,
    Activity,
    Certification,
    Code,
    Competency,
    Document,
    Remark,
    SkillBlock,
)
from scrapers.lines import Line
from scrapers.referentiels.cells import hangs, join, key, tidy

COVER = re.compile(r"R[EÉ]F[EÉ]RENTIEL EMPLOI ACTIVIT[EÉ]S COMP[EÉ]TENCES")
TRANSVERSAL = "Compétences transversales"

_LEVEL = re.compile(r"^niveau\s*:?\s*(\d)\b(?!\s*/)", re.I)
_NSF = re.compile(r"^(\d{3}\w?(?:-\w)?)\s?[-–:]\s?(.+)")
_ROME = re.compile(r"^([A-N]\d{4})\s*[-–:]?\s*(.+)")
_NONE = re.compile(r"^(?:sans objet|n[ée]ant)\.?$", re.I)
_SHEETS = (
    ("job", re.compile(r"^FICHE EMPLOI[ -]TYPE$", re.I)),
    ("activity", re.compile(r"^FICHE ACTIVIT[EÉ][ -]TYPE N\s?[°º]\s?(\d+)$", re.I)),
    ("competency", re.compile(r"^FICHE COMP[EÉ]TENCE PROFESSIONNELLE N\s?[°º]\s?(\d+)$", re.I)),
    ("transversal", re.compile(r"^FICHE (?:DES )?COMP[EÉ]TENCES TRANSVERSALES\b.{0,30}$", re.I)),
    ("end", re.compile(r"^(?:glossaire (?:technique|du REAC)|reproduction interdite)$", re.I)),
)
# Heads of a sheet's sections, by the start of their folded letters.
_HEADS = (
    ("definition", "definitiondelemploitype"),
    ("definition", "definitiondescriptiondelactivitetype"),
    ("sectors", "secteursdactiviteettypesdemplois"),
    ("regulation", "reglementationdactivites"),
    ("equivalences", "equivalencesavecdautrescertifications"),
    ("all_competencies", "listedesactivitestypesetdescompetences"),
    ("competencies", "listedescompetencesprofessionnellesdelactivitetype"),
    ("transversal", "competencestransversalesdelemploi"),
    ("transversal", "competencestransversalesdelactivitetype"),
    ("level", "niveauetoudomainedactivite"),
    ("agreements", "conventions"),
    ("nsf", "codesnsf"),
    ("rome", "fichesromederattachement"),
    ("description", "descriptiondelacompetence"),
    ("context", "contextesprofessionnelsdemiseenoeuvre"),
    ("criteria", "criteresdeperformance"),
    ("know_how", "savoirfairetechniques"),
)
_DESCRIBED = ("description", "context", "know_how")


@dataclass(slots=True)
class _Sheet:
    """kind: as in `_SHEETS`. sections: name -> its lines. heads: name -> its heading as printed."""

    kind: str
    number: int
    place: str
    title: list[Line] = field(default_factory=list)
    sections: dict[str, list[Line]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)


def read_reac(document: Document, lines: list[Line]) -> Certification:
    """The certification of a REAC, running headers and footers already dropped.

    Raises:
        IncompleteDocument: no title, no competence, or fewer sheets than announced.
    """
    title, level, title_place = _cover(lines)
    sheets = _sheets(lines)
    job = next((sheet for sheet in sheets if sheet.kind == "job"), None)
    if title is None and job and job.title:
        title, title_place = _title(job), job.place
    activities = [sheet for sheet in sheets if sheet.kind == "activity"]
    described = [sheet for sheet in sheets if sheet.kind == "competency"]
    _check_complete(document, lines, job, activities, described)

    warnings: list[Remark] = []
    competencies = _competencies(activities, described, warnings)
    for sheet in sheets:
        if sheet.kind == "transversal":
            competencies += _transversal(sheet, job)
    if title is None:
        raise IncompleteDocument(
            f"{document.name} is a REAC that does not say which title it describes",
            "Give the whole document, with its first page.",
        )
    identifier = certification_id(None, title)
    ids = competency_ids(identifier, [(c.code, c.text) for c in competencies])
    competencies = [replace(c, id=i) for c, i in zip(competencies, ids, strict=True)]
    if activities:
        warnings.insert(
            0,
            Remark(
                activities[0].place,
                "the document numbers its blocks without their codes: the codes are inferred from "
                "the order",
            ),
        )
    if job and (equivalences := _text(job, "equivalences")):
        warnings.append(Remark(job.place, f"equivalences are told as text: {equivalences}"))
    certification = Certification(
        title=title,
        level=level if level in LEVELS else None,
        activities=tuple(
            Activity(
                text=_title(sheet),
                code=f"AT{sheet.number}",
                description="\n".join(
                    filter(None, (_text(sheet, "definition"), _text(sheet, "regulation")))
                )
                or None,
                place=sheet.place,
            )
            for sheet in activities
        ),
        competencies=tuple(competencies),
        blocks=tuple(
            SkillBlock(
                code=_block_code(sheet),
                title=_title(sheet),
                competencies=tuple(
                    c.id for c in competencies if c.id and c.block == _block_code(sheet)
                ),
                place=sheet.place,
            )
            for sheet in activities
        ),
        places={"title": title_place} if title_place else {},
        warnings=tuple(warnings),
    )
    return _with_job(certification, job) if job else certification


def _cover(lines: list[Line]) -> tuple[str | None, int | None, str | None]:
    """Title, level and the title's place: what stands between the document's name and the level."""
    taken: list[Line] = []
    started = False
    for line in lines:
        if COVER.search(line.text):
            started = True
        elif started and (level := _LEVEL.match(line.text)):
            title = tidy(" ".join(each.text for each in taken)) or None
            return title, int(level.group(1)), taken[0].place if taken else None
        elif started and not re.match(r"^DU TITRE PROFESSIONNEL$", line.text, re.I):
            taken.append(line)
            if len(taken) > 4:
                break
    return None, None, None


def _sheets(lines: list[Line]) -> list[_Sheet]:
    """The sheets with their sections; what stands before the first one introduces them."""
    found: list[_Sheet] = []
    section: str | None = None
    for line in lines:
        opened = next(
            ((kind, hit) for kind, words in _SHEETS if (hit := words.match(line.text))), None
        )
        if opened:
            kind, hit = opened
            found.append(_Sheet(kind, int(hit.group(1)) if hit.groups() else 0, line.place))
            section = None
            continue
        if not found:
            continue
        sheet = found[-1]
        head = _head(line)
        if sheet.kind == "transversal":
            sheet.sections.setdefault("all", []).append(line)  # several competences, parted later
        elif head:
            section = head
            sheet.heads[section] = line.text
            sheet.sections.setdefault(section, [])
        elif section is not None:
            sheet.sections[section].append(line)
        else:
            sheet.title.append(line)
    return found


def _head(line: Line) -> str | None:
    letters = key(line.text)
    if line.bullet or len(line.text) > 100:
        return None
    return next((name for name, start in _HEADS if letters.startswith(start)), None)


def _check_complete(
    document: Document,
    lines: list[Line],
    job: _Sheet | None,
    activities: list[_Sheet],
    described: list[_Sheet],
) -> None:
    announced = sum(len(_titles(sheet)) for sheet in activities)
    if job:
        listed = _listing(job.sections.get("all_competencies", ()))
        announced = max(announced, sum(not re.match(r"^\d+\s?[.)]", text) for text, _ in listed))
    last = lines[-1].place
    if not described:
        raise IncompleteDocument(
            f"{document.name} is a REAC without any competence sheet; it may be cut off "
            f"(last {last})",
            "Give the whole document.",
        )
    if len(described) < announced or not described[-1].sections.get("criteria"):
        raise IncompleteDocument(
            f"{document.name} announces {announced} competences and describes "
            f"{sum(bool(sheet.sections.get('criteria')) for sheet in described)}; it may be cut "
            f"off (last {last})",
            "Give the whole document.",
        )


def _competencies(
    activities: list[_Sheet], described: list[_Sheet], warnings: list[Remark]
) -> list[Competency]:
    owner = {text_key(title): sheet for sheet in activities for title in _titles(sheet)}
    found = []
    for sheet in described:
        title = _title(sheet)
        activity = owner.get(text_key(title))
        criteria = tuple(text for text, _ in _listing(sheet.sections.get("criteria", ())))
        code = f"CP{sheet.number}"
        if activity is None:
            warnings.append(Remark(sheet.place, f"no activity type lists {code} ({title})"))
        if not criteria:
            warnings.append(Remark(sheet.place, f"{code} has no criterion"))
        found.append(
            Competency(
                text=title,
                code=code,
                block=_block_code(activity) if activity else None,
                activity=f"AT{activity.number}" if activity else None,
                criteria=criteria,
                description=_description(sheet.sections, sheet.heads),
                place=sheet.place,
            )
        )
    return found


def _transversal(sheet: _Sheet, job: _Sheet | None) -> list[Competency]:
    """The competences of the transversal sheet: each begins at the line or lines above its
    'Description', as the job's sheet names it, else at the one line above."""
    lines = sheet.sections.get("all", [])
    named = {
        text_key(text) for text, _ in _listing(job.sections.get("transversal", ()) if job else ())
    }
    starts = []
    for index, line in enumerate(lines):
        if _head(line) == "description" and index:
            start = index - 1
            for width in (1, 2, 3):
                words = " ".join(each.text for each in lines[max(0, index - width) : index])
                if text_key(words) in named:
                    start = max(0, index - width)
            starts.append((start, index))
    found = []
    for (start, body), following in zip(
        starts, [*(s for s, _ in starts[1:]), len(lines)], strict=True
    ):
        sections: dict[str, list[Line]] = {}
        heads: dict[str, str] = {}
        section = "description"
        for line in lines[body:following]:
            if head := _head(line):
                section, heads[head] = head, line.text
                sections.setdefault(head, [])
            else:
                sections.setdefault(section, []).append(line)
        found.append(
            Competency(
                text=" ".join(line.text for line in lines[start:body]),
                group=TRANSVERSAL,
                criteria=tuple(text for text, _ in _listing(sections.get("criteria", ()))),
                description=_description(sections, heads),
                place=lines[start].place,
            )
        )
    return found


def _with_job(certification: Certification, job: _Sheet) -> Certification:
    """What the job's sheet says of the whole certification."""
    sections = job.sections
    sectors, jobs = _sectors(sections.get("sectors", []))
    agreed = re.sub(r"^.*?:\s*", "", job.heads.get("agreements", ""))
    return replace(
        certification,
        objectives=_text(job, "definition"),
        sectors=sectors,
        job_titles=jobs,
        regulation=_text(job, "regulation"),
        nsf=_codes(_NSF, sections.get("nsf", ())),
        rome=_codes(_ROME, sections.get("rome", ())),
        collective_agreements=(Code(agreed),) if agreed and not _NONE.match(agreed) else (),
    )


def _text(sheet: _Sheet, section: str) -> str | None:
    """A section's text, None where it says that there is nothing."""
    text = _prose(sheet.sections.get(section, ()))
    return None if not text or _NONE.match(text) else text


def _sectors(lines: list[Line]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sectors, then job titles, each list under a line that ends in a colon."""
    sectors: list[Line] = []
    jobs: list[Line] = []
    current = sectors
    for line in lines:
        if line.text.endswith(":"):
            current = jobs if "emploi" in line.text.lower() else sectors
        else:
            current.append(line)
    titles = [
        title.strip(" .;")
        for text in _prose(jobs).split("\n")
        for title in re.split(r",\s+(?![^()]*\))", text)
    ]
    return tuple(x for x in _prose(sectors).split("\n") if x), tuple(x for x in titles if x)


def _codes(words: re.Pattern[str], lines: Iterable[Line]) -> tuple[Code, ...]:
    return tuple(Code(hit.group(1), hit.group(2)) for x in lines if (hit := words.match(x.text)))


def _title(sheet: _Sheet) -> str:
    return _joined(sheet.title)


def _joined(lines: Iterable[Line]) -> str:
    text = ""
    for line in lines:
        text = join(text, line.text) if text else line.text
    return text


def _titles(activity: _Sheet) -> list[str]:
    """Titles of the competences that an activity type lists."""
    return [text for text, _ in _listing(activity.sections.get("competencies", ()))]


def _block_code(activity: _Sheet) -> str:
    return f"BC{activity.number:02d}"


def _description(sections: dict[str, list[Line]], heads: dict[str, str]) -> str | None:
    """The sheet's texts, each under its heading; know-how stays a list."""
    parts = []
    for name in _DESCRIBED:
        lines = sections.get(name)
        if not lines:
            continue
        text = (
            "\n".join(f"- {text}" for text, _ in _listing(lines))
            if name == "know_how"
            else _prose(lines)
        )
        parts.append(f"{heads[name]}\n{text}" if name in heads else text)
    return "\n".join(parts) or None


def _listing(lines: Iterable[Line]) -> list[tuple[str, Line]]:
    """Items of a list without marks: a line that goes on begins in lower case or a bracket, or
    follows a word that cannot end an item."""
    found: list[tuple[str, Line]] = []
    for line in lines:
        goes_on = not line.bullet and (line.text[0].islower() or line.text[0] in "(«,;")
        if found and (goes_on or (hangs(found[-1][0]) and not line.bullet)):
            found[-1] = (join(found[-1][0], line.text), found[-1][1])
        else:
            found.append((line.text, line))
    return found


def _prose(lines: Iterable[Line]) -> str:
    """Paragraphs, a line each: one ends with its sentence, where the next begins in a capital."""
    found: list[str] = []
    for line in lines:
        ended = not found or found[-1].endswith((".", ":", ";", "!", "?"))
        if line.bullet:
            found.append(f"- {line.text}")
        elif found and (not ended or line.text[0].islower()):
            found[-1] = join(found[-1], line.text)
        else:
            found.append(line.text)
    return "\n".join(found)
