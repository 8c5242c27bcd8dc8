"""The register's page of one certification (fiche RNCP ou RS), as HTML or as copied text.

Both are read by the same rules: lines, then headings decide. In HTML the columns of the tables
decide; copied text has lost them, and what follows from the rest is marked as inferred.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields

from kb.errors import IncompleteDocument
from kb.identity import text_key
from kb.model import Activity, Certification, Code, Document, Prerequisites, Record
from scrapers.competences import begins_with_verb, paragraphs, split
from scrapers.lines import Line, clean, decode, format_of, read_lines
from scrapers.registers import tables as page_tables
from scrapers.registers import values as register
from scrapers.registers.tables import key
from scrapers.registers.values import BlockText, Faults

NAME = "rncp_page"
DESCRIPTION = "the national register's page of one certification, as HTML or copied text"
EXPECTED = range(1, 2)  # one sheet a page
AUTHORITY = 1
PUBLISHER = register.PUBLISHER

_HEAD = 400_000
"""Bytes that are looked at to recognise a page; the longest pages have fewer."""
_SIGNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"rncp\d+bc\d+ ?[-–]",
        r"competences attestees",
        r"l'essentiel",
        r"code\(s\) nsf",
        r"activites visees",
        r"objectifs et contexte de la certification",
        r"types? d'emplois? accessibles?",
        r"voie d'acces a la certification",
        r"liste de competences",
    )
)
_TAG = re.compile(r"<[^>]*>")

_BLOCK = re.compile(
    rf"(?P<code>{register.BLOCK_CODE.pattern})\s*(?:[-–—:]\s*(?P<title>.*))?", re.DOTALL
)
_TITLE = re.compile(rf"(?P<number>{register.NUMBER.pattern})\s+[-–—]\s+(?P<title>\S.*)")
_NUMBER = re.compile(rf"(?:n° de (?:la )?fiche\s*:?\s*)?({register.NUMBER.pattern})", re.IGNORECASE)
_NSF = re.compile(r"(\d{3}[a-z]?)\s*:\s*(\S.*)")
_FORMACODE = re.compile(r"(\d{5})\s*:\s*(\S.*)")
_LEVEL = re.compile(r"(?:Niveau\s+\d|Sans niveau(?: spécifique)?)", re.IGNORECASE)
_ROME = re.compile(r"([A-Z]\d{4,5})\s*[-–—:]\s*(\S.*)")
_DAY = re.compile(r"\d{2}[-/]\d{2}[-/]\d{4}")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_LIST_HEADER = "liste de competences"
_ASSESSMENTS = "modalites d'evaluation"

# Headings as `page_tables.key` gives them, by the section they open; "" opens nothing we keep.
_HEADINGS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("top", r"l'essentiel"),
        ("certifiers", r"nom legal siret nom commercial.*"),
        ("objectives", r"objectifs et contexte de la certification"),
        ("activities", r"activites visees"),
        ("attested", r"competences attestees"),
        ("assessments", _ASSESSMENTS),
        ("acquisition", r"description des modalites d'acquisition de la certification.*"),
        ("sectors", r"secteurs? d'activites?"),
        ("job_titles", r"types? d'emplois? accessibles?"),
        ("rome", r"codes?(?:\(s\))? rome"),
        ("regulation", r"references juridiques des reglementations? d'activites?"),
        ("entry", r"(?:le cas eche?ant, ?)?pre-?requis a l'entree en formation"),
        ("validation", r"(?:le cas eche?ant, ?)?pre-?requis a la validation.*"),
        ("by_block", r"pre-?requis dis[a-z]* pour les blocs de competences"),
        ("access", r"validite des composantes acquises|voie d'acces a la certification\b.*"),
        ("statistics", r"statistiques"),
        ("links", r"lien internet vers le descriptif de la certification"),
        ("accreditation_text", r"le certificateur n'habilite aucun organisme.*"),
        ("partners", r"(?:liste des )?organismes? preparant a la certification"),
        ("replaces", r"(?:ancienne(?:s|\(s\))? certification|certification\(s\) anterieure).*"),
        ("replaced_by", r"nouvelle(?:s|\(s\))? certification(?:s|\(s\))?.*"),
        ("", r"referentiel d'activite, de competences et d'evaluation"),
        ("", r"resume de la certification|blocs de competences|voies d'acces"),
        ("", r"secteur d'activite et type d'emploi|pour plus d'informations|certificateur\(s\)"),
    )
)
_EXPECTED_SECTIONS = {
    "certifiers": "Nom légal, Siret",
    "objectives": "Objectifs et contexte de la certification",
    "attested": "Compétences attestées",
    "assessments": "Modalités d'évaluation",
    "access": "Voie d'accès à la certification",
}
# A sheet of the specific register (RS) has none of these.
_EXPECTED_OF_RNCP = {
    "activities": "Activités visées",
    "sectors": "Secteurs d'activités",
    "job_titles": "Type d'emplois accessibles",
    "rome": "Code(s) ROME",
    "statistics": "Statistiques",
}


@dataclass(slots=True)
class _Section:
    """The lines under one heading. code, title: of a block's heading."""

    name: str
    place: str
    lines: list[Line] = field(default_factory=list)
    code: str | None = None
    title: str | None = None
    assessed_from: int | None = None  # where 'Modalités d'évaluation' stood between the lines


def recognise(document: Document) -> float:
    """By the headings that only this page has; a mere mention of one is not enough."""
    if format_of(document) not in ("html", "text"):
        return 0.0
    text = decode(Document(document.content[:_HEAD], document.address))
    words = key(_TAG.sub(" ", html.unescape(clean(text))))
    found = [sign.search(words) is not None for sign in _SIGNS]
    if not (found[0] or found[1]) or sum(found) < 3:
        # A page cut before its competences still has the top that no other document has.
        return 0.6 if sum(found[2:6]) >= 3 else 0.0
    return min(1.0, 0.5 + sum(found) / 10)


def parse(document: Document) -> Iterator[Record]:
    """The sheet that the page shows.

    Raises:
        IncompleteDocument: no block heading and no 'Compétences attestées', or neither a number
            nor a title. What `read_lines` raises.
    """
    lines = read_lines(document)
    faults = Faults(lines[-1].place)
    number, title, lines = _identity(lines)
    sections = _sections(lines, faults)
    by_name: dict[str, _Section] = {}
    for section in sections:
        # A heading may come twice (a menu, a table's title): the lines decide.
        if section.name not in by_name or not by_name[section.name].lines:
            by_name[section.name] = section
        elif section.code is None:
            by_name[section.name].lines += section.lines
    if "block" not in by_name and "attested" not in by_name:
        raise IncompleteDocument(
            f"{NAME}: {document.name} has no block heading and no 'Compétences attestées'; it may "
            f"be cut off (last {lines[-1].place})",
            "Save the whole page, or name its kind with --source.",
        )
    blocks = [each for each in sections if each.name == "block"]
    number = number or _number_of(blocks, faults)
    if number is None and title is None:
        raise IncompleteDocument(
            f"{NAME}: {document.name} names neither its number nor its title",
            "Save the page with its title, or its blocks' headings.",
        )
    yield _certification(number, title, by_name, blocks, faults)


def _certification(
    number: str | None,
    title: str | None,
    by_name: dict[str, _Section],
    block_sections: Sequence[_Section],
    faults: Faults,
) -> Certification:
    def lines(name: str) -> list[Line]:
        return by_name[name].lines if name in by_name else []

    def text(name: str) -> str:
        return _text(lines(name))

    top = lines("top")
    _remark_missing(number, by_name, top, faults)
    attested = register.laid_out(text("attested"))
    assessments = register.distinct(paragraphs(text("assessments")))
    blocks = register.merged(
        [_block(each, text("attested"), assessments) for each in block_sections], faults
    )
    competencies, skill_blocks = register.compose(
        number, title, blocks, text("attested"), _place(by_name, "attested"), faults
    )
    routes, territories = page_tables.access(lines("access"), faults)
    accreditation = lines("accreditation_text")
    return Certification(
        number=number,
        title=title,
        level=register.level(_first(top, _LEVEL), faults),
        active=_active(top),
        registration_end=register.french_date(_first(top, _DAY), "end of registration", faults),
        certifiers=page_tables.certifiers(page_tables.rows(lines("certifiers")), faults),
        nsf=_codes(top, _NSF),
        formacodes=_codes(top, _FORMACODE),
        rome=_codes(lines("rome"), _ROME),
        objectives=register.laid_out(text("objectives")),
        activities=tuple(
            Activity(each.text, each.code, _place(by_name, "activities"))
            for each in split(text("activities"))
        ),
        attested=attested,
        competencies=competencies,
        blocks=skill_blocks,
        assessments=assessments
        or register.distinct(each for block in blocks for each in block.assessments),
        sectors=register.short_items(text("sectors")),
        job_titles=register.short_items(text("job_titles")),
        access_routes=routes,
        territories=territories,
        prerequisites=Prerequisites(
            *(register.laid_out(text(name)) for name in ("entry", "validation", "by_block"))
        ),
        statistics=page_tables.statistics(lines("statistics"), faults),
        replaces=_numbers(lines("replaces")),
        replaced_by=_numbers(lines("replaced_by")),
        partners=page_tables.partners(page_tables.rows(lines("partners")), faults),
        accreditation_text=accreditation[0].text if accreditation else None,
        acquisition=register.laid_out(text("acquisition")),
        regulation=register.laid_out(text("regulation")),
        links=tuple(_LINK.findall(text("links"))),
        places=_places(by_name),
        warnings=tuple(faults.remarks),
    )


def _identity(lines: list[Line]) -> tuple[str | None, str | None, list[Line]]:
    """Number and title, from one line or from the number's line and the page's main heading;
    then the other lines."""
    for line in lines:
        found = _TITLE.fullmatch(line.text)
        if found:
            return found["number"], found["title"], [x for x in lines if x is not line]
    for line in lines:
        alone = _NUMBER.fullmatch(" ".join(line.text.split()))
        if alone:
            name = next((x for x in lines if x.heading == 1), None)
            rest = [x for x in lines if x is not line and x is not name]
            return alone[1], name.text if name else None, rest
    return None, None, lines


def _number_of(blocks: Sequence[_Section], faults: Faults) -> str | None:
    numbers = {}
    for block in blocks:
        found = register.BLOCK_CODE.match(block.code or "")
        if found:
            numbers[found[1]] = block.place
    if len(numbers) > 1:
        faults.add(f"block codes name several sheets ({', '.join(numbers)}); the first stands")
    return next(iter(numbers), None)


def _sections(lines: Sequence[Line], faults: Faults) -> list[_Section]:
    current = _Section("top", lines[0].place)
    found = [current]
    for line in lines:
        label = key(" ".join(line.cells or (line.text,)))
        block = _BLOCK.fullmatch(line.text)
        if block and (block["title"] or line.heading):
            current = _Section(
                "block", line.place, [], block["code"], (block["title"] or "").strip() or None
            )
            found.append(current)
            continue
        if current.name == "block":
            if label in (_LIST_HEADER, f"{_LIST_HEADER} {_ASSESSMENTS}"):
                continue
            if label == _ASSESSMENTS and current.assessed_from is None:
                # The column's title, whether it came beside or between the columns.
                current.assessed_from = len(current.lines)
                continue
        name = next((name for name, pattern in _HEADINGS if pattern.fullmatch(label)), None)
        if name is None and line.heading is not None:
            faults.add(
                f"heading {line.text[:80]!r} is unknown; what stands under it was not read",
                line.place,
            )
            name = ""
        if name is None:
            current.lines.append(line)
            continue
        if name != current.name:
            current = _Section(name, line.place)
            found.append(current)
        if name in ("access", "accreditation_text"):
            current.lines.append(line)  # their heading is a row, or says it all
    return found


def _block(section: _Section, attested: str, assessments: Sequence[str]) -> BlockText:
    """Competences and assessments: by the columns, by the heading between them, else by what the
    sheet itself lists as competences and assessments."""
    assert section.code is not None
    rows = [line.cells for line in section.lines if line.cells and len(line.cells) > 1]
    if rows:
        left, right = ("\n".join(row[side] for row in rows) for side in (0, 1))
    else:
        at = section.assessed_from or _first_assessment(section.lines, attested, assessments)
        left, right = _text(section.lines[:at]), _text(section.lines[at:])
    return BlockText(section.code, section.title, left, tuple(paragraphs(right)), section.place)


# First words of assessments, folded; competences begin with a verb.
_ASSESSING = re.compile(
    r"(?:epreuves?|mises? en situation|etudes? de cas|cas pratiques?|dossiers?|soutenances?|"
    r"rapports?|evaluations?|questionnaires?|qcm|quiz|entretiens?|oral|ecrit|controles? continus?|"
    r"ccf|examens?|projets?|memoires?|presentations?|travaux|modalites?|jury)\b"
)


def _first_assessment(lines: Sequence[Line], attested: str, assessments: Sequence[str]) -> int:
    """Where the competences end: the cut that most lines speak for, weighed below."""
    known = {text_key(each.text) for each in split(attested)}
    assessing = {text_key(each) for each in assessments}
    speaks = []
    for line in lines:
        listed = split(line.text)
        same = text_key(listed[0].text if listed else line.text)
        if same in known:
            speaks.append(4.0)
        elif same in assessing or text_key(line.text) in assessing:
            speaks.append(-4.0)
        elif _ASSESSING.match(key(line.text)):
            speaks.append(-1.0)
        elif begins_with_verb(listed[0].text if listed else line.text):
            speaks.append(1.0)
        else:
            speaks.append(-0.5)
    cuts = range(len(lines), -1, -1)
    return max(cuts, key=lambda cut: sum(speaks[:cut]) - sum(speaks[cut:]))


def _text(lines: Sequence[Line]) -> str:
    """Lines as one text, list marks and cells kept apart."""
    return "\n".join(
        ("• " if line.bullet else "") + ("\n".join(line.cells) if line.cells else line.text)
        for line in lines
    )


# Sections that are not named like the fields they give.
_FIELDS = {
    "top": ("level", "registration_end", "nsf", "formacodes"),
    "access": ("access_routes", "territories"),
    "entry": ("prerequisites",),
    "block": ("blocks", "competencies"),
    "": (),
}


def _places(by_name: dict[str, _Section]) -> dict[str, str]:
    known = {each.name for each in fields(Certification)}
    found = {
        name: section.place
        for section_name, section in by_name.items()
        for name in _FIELDS.get(section_name, (section_name,))
        if name in known
    }
    if "attested" in found:
        found.setdefault("competencies", found["attested"])
    return found


def _place(by_name: dict[str, _Section], name: str) -> str | None:
    return by_name[name].place if name in by_name else None


def _first(lines: Sequence[Line], pattern: re.Pattern[str]) -> str | None:
    return next((line.text for line in lines if pattern.fullmatch(line.text)), None)


def _codes(lines: Sequence[Line], pattern: re.Pattern[str]) -> tuple[Code, ...]:
    """Codes with their labels, each once: the page shows them in a card and again as a list."""
    found: dict[str, Code] = {}
    for line in lines:
        for text in line.cells or (line.text,):
            match = pattern.fullmatch(text)
            if match:
                found.setdefault(match[1], Code(match[1], match[2].strip()))
    return tuple(found.values())


def _numbers(lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(register.NUMBER.findall(_text(lines))))


def _active(top: Sequence[Line]) -> bool | None:
    states = {"active": True, "etat : active": True, "inactive": False, "etat : inactive": False}
    return next((states[key(x.text)] for x in top if key(x.text) in states), None)


def _remark_missing(
    number: str | None, by_name: dict[str, _Section], top: Sequence[Line], faults: Faults
) -> None:
    specific = number is not None and number.startswith("RS")
    for name, heading in (_EXPECTED_SECTIONS | ({} if specific else _EXPECTED_OF_RNCP)).items():
        if name not in by_name:
            faults.add(f"no heading '{heading}'; left unknown")
    told = {"level": _LEVEL, "NSF code": _NSF, "end of registration": _DAY}
    for name, pattern in told.items():
        if not (specific and name == "level") and _first(top, pattern) is None:
            faults.add(f"no {name} at the top of the page; left unknown")
