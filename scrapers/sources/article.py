"""A web article, job sheet or offer that describes a job, as a page, a document or plain text.

Nothing tells such texts apart but their structure: the heading that names the job, headings that
open a part (missions, skills, qualities, pay, careers), lists, and sentences that state a duty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kb.errors import IncompleteDocument
from kb.identity import fold, text_key
from kb.model import Document, Job, JobMove, Record, Remark, Salary, Task
from scrapers.jobs.duties import adds_duty, ends_with_infinitive, opens_with_duty, states_duty
from scrapers.jobs.main_content import main_lines
from scrapers.jobs.salaries import PayContext, experience_in, read_salaries, year_in
from scrapers.jobs.sections import Section, find_sections, plain_lines
from scrapers.jobs.skill_words import names_quality, names_skill
from scrapers.jobs.titles import job_name, jobs_gone_to, jobs_listed, plain_title
from scrapers.jobs.wording import any_of
from scrapers.lines import Line, format_of, squeeze

NAME = "article"
DESCRIPTION = "any page or text that describes a job: article, job description, offer"
EXPECTED = range(1, 1_000_000)  # texts are given one by one: no crawl to compare with
AUTHORITY = 3
PUBLISHER = "Article"

_JSON = re.compile(rb"\s*(?:\[\s*)?\{\s*\"")
_ABOUT_JOBS = any_of(r"""
\b(?:postes?|missions?|metiers?|profil|cdi|cdd|interim|recrut\w+|salaires?|remuneration)\b
\b(?:candidat\w*|professionnel\w*|competences?|carrieres?|emplois?|employeurs?)\b|h/f|f/h
codes? rome|appellations|recherchons|recherche une?\b|un\(e\)
""")
_OFFER = any_of(r"""
h/f|f/h|\b(?:cdi|cdd|interim|alternance|nous recrutons|recherchons|postule[rz]|candidature)\b
\b(?:profil recherche|votre profil|vos missions)\b
""")
# Whom an offer's sentence is about: the person hired. "Il" may be the company where no heading
# tells that a part is about missions.
_SPEAKS_TO = re.compile(r"\b(?:vous|tu|titulaire|candidate?)\b")
_SPEAKS_OF = re.compile(r"\b(?:vous|tu|titulaire|candidate?|il|elle)\b")
_OTHERS = re.compile(r"(?:nous|notre|nos|on|rejoi\w*|n'hesitez|contact)\b|.*\bcandidature")
_APPLY = re.compile(r"\b(?:envoyez|postulez|n'hesitez|contactez|rejoignez)\b")
_PERKS = re.compile(r"\b(?:primes?|mutuelle|tickets?|titres?.resto|rtt|cse|ifm|cet|13e|epargne)\b")
_RELATIONS = re.compile(r"relation|en contact|avec\s*:")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-ÖØ-Þ«“\"(])|<br\s*/?>")
_TITLE_WITHIN = 80  # lines: a page's menus and banners may come before its title
_MIN_SENTENCE = 15  # characters


def recognise(document: Document) -> float:
    """Low, so that every other source wins; 0 for XML, JSON and archives."""
    if _JSON.match(document.content[:200]):
        return 0.0
    match format_of(document):
        case "html" | "text":
            return 0.2
        case "pdf" | "docx":
            return 0.1
        case _:
            return 0.0


def parse(document: Document) -> Iterator[Record]:
    """The one Job that the text describes; headings not understood are counted in its `warnings`.

    Raises:
        IncompleteDocument: no main text, or nothing in it that describes a job.
        Those of `scrapers.lines.read_lines`.
    """
    lines = [part for line in main_lines(document) for part in plain_lines(line)]
    if not lines:
        raise IncompleteDocument(
            f"{document.name} has no main text: nothing but menus and links",
            "Save the whole page, or copy its text.",
        )
    title, index = _title(lines)
    words = fold(" ".join(line.text for line in lines[index:]))
    sections, unknown = find_sections(lines[index + 1 :], title)
    offer = len(set(_OFFER.findall(words))) >= 2
    missions = _missions(sections, fold(title).split()[0] if offer and title else None)
    skills, qualities = _skills(sections)
    salaries = _salaries(sections)
    describes = bool(missions or skills or qualities or salaries)
    signs = set(_ABOUT_JOBS.findall(words))
    if not title or not describes or not (len(signs) >= 2 or signs & {"h/f", "f/h"}):
        raise IncompleteDocument(
            f"{document.name} describes no job: no mission, skill, quality or salary of a job was "
            f"found up to its last line ({lines[-1].place})",
            "Give the text of a job description, or name the document's kind with --source.",
        )
    warnings = [] if missions else [Remark(None, "no mission was found")]
    if unknown:
        first = f"{unknown[0].text[:60]!r}"
        warnings.append(
            Remark(unknown[0].place, f"headings not understood: {len(unknown)}, from {first} on")
        )
    yield Job(
        title=title,
        missions=missions,
        skills=skills,
        qualities=qualities,
        salaries=salaries,
        moves=_moves(sections, title),
        places={"title": lines[index].place},
        warnings=tuple(warnings),
    )


def _title(lines: list[Line]) -> tuple[str, int]:
    """The job's name and the index of its line: a page's main heading, a line that names a job
    in one of the usual ways, or else the first line."""
    main = next((i for i, line in enumerate(lines) if line.heading == 1), None)
    if main is not None:
        return job_name(lines[main].text) or plain_title(lines[main].text), main
    for index, line in enumerate(lines[:_TITLE_WITHIN]):
        if not line.bullet and len(line.text) <= 140:
            name = job_name(line.text)
            if name:
                return name, index
    return plain_title(lines[0].text), 0


def _sentences(text: str) -> list[str]:
    return [part for part in (squeeze(x) for x in _SENTENCE.split(text)) if part]


def _missions(sections: list[Section], hired: str | None) -> tuple[Task, ...]:
    """Missions, each once. Where no heading tells where they are, what states a duty in a part
    that is about nothing else counts. hired: in an offer, the first word of the job's name."""
    found: dict[str, Task] = {}
    for kinds in (("missions",), (None, "about")):
        for section in sections:
            if section.kind in kinds:
                for task in _tasks(section, hired):
                    found.setdefault(text_key(task.text), task)
        if found:
            break
    return tuple(found.values())


def _tasks(section: Section, hired: str | None) -> list[Task]:
    """Missions of a part, in order. Where it lists them, a sentence beside the list counts only
    if it adds one."""
    told = section.kind == "missions"
    tasks: list[tuple[int, Task]] = []
    prose: list[tuple[int, str]] = []
    verb: str | None = None  # that the lead-in leaves open
    relations = False  # the lead-in is about whom one works with
    listing = False  # a lead-in or an item came just before
    for index, line in enumerate(section.lines):
        if line.text.endswith(":"):
            verb = ends_with_infinitive(line.text)
            relations = _RELATIONS.search(fold(_sentences(line.text)[-1])) is not None
            listing = not relations
            prose.append((index, line.text))
        elif line.bullet:
            text = line.text.rstrip(" ,;")
            opens = opens_with_duty(text)
            if relations or len(text) < 4 or not (told or opens) or _is_no_duty(text, opens):
                continue
            if verb and not opens:
                text = f"{verb} {text}"
            tasks.append((index, Task(text, section.title, line.place)))
        elif _is_listed_duty(line.text) or (told and listing and _is_short_item(line.text)):
            if _is_no_duty(line.text, opens_with_duty(line.text)):
                continue
            listing = True
            tasks.append((index, Task(line.text.rstrip(" ,;"), section.title, line.place)))
        else:
            verb, relations, listing = None, False, False
            prose.append((index, line.text))
    listed = bool(tasks)
    for index, text in prose:
        for sentence in _sentences(text):
            if len(sentence) < _MIN_SENTENCE or sentence.endswith(":"):
                continue
            if hired and not _is_about_hired(sentence, hired, told=told):
                continue
            if adds_duty(sentence) if listed else states_duty(sentence):
                place = section.lines[index].place
                tasks.append((index, Task(sentence, section.title, place)))
    return [task for _, task in sorted(tasks, key=lambda each: each[0])]


def _is_about_hired(sentence: str, hired: str, *, told: bool) -> bool:
    """An offer's sentence that is about the person to be hired, not about the company."""
    folded = fold(sentence)
    pattern = _SPEAKS_OF if told else _SPEAKS_TO
    return pattern.search(folded) is not None or hired in folded


def _is_no_duty(text: str, opens: bool) -> bool:
    """An item on how to apply, or on what comes with the pay."""
    folded = fold(text)
    return _APPLY.search(folded) is not None or (not opens and _PERKS.search(folded) is not None)


def _is_listed_duty(text: str) -> bool:
    """A line of a list that has no bullets: it opens with a verb or noun of duty."""
    speaks = fold(text).startswith(("vous ", "tu ", "le ", "la ", "les ", "l'"))
    return len(text) <= 300 and not speaks and opens_with_duty(text)


def _is_short_item(text: str) -> bool:
    """A line among the items of a list that has no bullets, whatever word it opens with."""
    return len(text) <= 160 and not re.search(r"[.!?]$", text) and not _OTHERS.match(fold(text))


def _skills(sections: list[Section]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Technical skills and personal qualities, each once, in order."""
    skills: dict[str, str] = {}
    qualities: dict[str, str] = {}
    for section in sections:
        if section.kind not in ("skills", "qualities", "profile"):
            continue
        listed = any(line.bullet for line in section.lines)
        for text, item in _statements(section.lines):
            if listed and not item and section.kind != "profile":
                continue  # a comment on the list
            match _sort_of(text, item, section):
                case "quality":
                    qualities.update((text_key(part), part) for part in _enumerated(text))
                case "skill":
                    skills.setdefault(text_key(text), text)
    return tuple(skills.values()), tuple(qualities.values())


def _statements(lines: list[Line]) -> Iterator[tuple[str, bool]]:
    """Items of lists and sentences, and whether each is an item."""
    for line in lines:
        item = line.bullet or (len(line.text) <= 160 and not re.search(r"[.!?:]$", line.text))
        for part in [line.text] if item else _sentences(line.text):
            text = part.rstrip(" ,;")
            if len(text) >= 3 and not text.endswith(":") and not _OTHERS.match(fold(text)):
                yield text, item


def _sort_of(text: str, item: bool, section: Section) -> str | None:
    """ "skill", "quality" or None: by the heading for items of a list, else by its words."""
    quality, skill = names_quality(text), names_skill(text)
    technical = "techni" in fold(section.headings)
    if section.kind == "qualities" and (item or quality):
        return "quality"
    if section.kind == "skills" and item and (technical or not quality):
        return "skill"
    if quality and not (skill and technical):
        return "quality"
    return "skill" if skill else None


def _enumerated(text: str) -> list[str]:
    """ "Autonomie, rigueur et écoute" -> its three words; any other text as it is."""
    parts = [part.strip(" .") for part in re.split(r",\s(?:et\s)?|\set\s", text)]
    few_words = all(part and len(part.split()) <= 4 for part in parts)
    sentence = re.search(r"\b(?:il|elle|vous|tu|doit|faut|qui|est|sont)\b", fold(text))
    return parts if len(parts) >= 3 and few_words and not sentence else [text]


def _salaries(sections: list[Section]) -> tuple[Salary, ...]:
    """Salary statements, each once. A lead-in ("… en 2021 :") gives its year to its list only."""
    found: dict[tuple[object, ...], Salary] = {}
    for section in sections:
        in_section = section.kind == "salary"
        experience = experience_in(section.headings) if in_section else None
        year = year_in(section.headings) if in_section else None
        listed: int | None = None
        for line in section.lines:
            if line.text.endswith(":"):
                listed = year_in(line.text)
            elif not line.bullet:
                listed = None
            context = PayContext(in_section, experience, listed or year)
            for sentence in _sentences(line.text):
                for each in read_salaries(sentence, line.place, context):
                    key = (each.min, each.max, each.period, each.experience, each.year)
                    found.setdefault(key, each)
    return tuple(found.values())


def _moves(sections: list[Section], own: str) -> tuple[JobMove, ...]:
    """Jobs that the text says one can go to: lists and sentences of a part about careers, and
    elsewhere sentences on what one may become. How far they are is never said."""
    found = {text_key(own): JobMove(own)}
    for section in sections:
        if section.kind not in ("moves", "other", "about", None):
            continue
        careers = section.kind == "moves"
        for line in section.lines:
            names: Iterable[str]
            if careers and line.bullet and len(line.text.split()) <= 12:
                names = jobs_listed(line.text)
            else:
                names = [
                    name
                    for sentence in _sentences(line.text)
                    if careers or re.search(r"\b(?:peu(?:ven)?t|pourra)\b.*devenir", fold(sentence))
                    for name in jobs_gone_to(sentence)
                ]
            for name in names:
                found.setdefault(text_key(name), JobMove(name, direction="to", place=line.place))
    return tuple(found.values())[1:]
