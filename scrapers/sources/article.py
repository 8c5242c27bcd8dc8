"""A web article, job sheet or offer that describes a job, as a page, a document or plain text.

Nothing tells such texts apart but their structure: the heading that names the job, headings that
open a part (missions, skills, qualities, pay, careers), lists, and sentences that state a duty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from kb.errors import IncompleteDocument
from kb.identity import fold, text_key
from kb.model import Document, Job, JobMove, Record, Remark, Salary, Task
from scrapers.duties import adds_duty, ends_with_infinitive, opens_with_duty, states_duty
from scrapers.lines import Line, format_of, squeeze
from scrapers.main_content import main_lines
from scrapers.salaries import PayContext, experience_in, read_salaries, year_in

NAME = "article"
DESCRIPTION = "any page or text that describes a job: article, job description, offer"
EXPECTED = range(1, 1_000_000)  # texts are given one by one: no crawl to compare with
AUTHORITY = 3
PUBLISHER = "Article"

# What a heading opens, first match wins. "other": a part that describes no job.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "other",
            r"retenir|pourquoi (?!pas )|histoire|qui sommes|qui est|a propos|faq\b|cookies|newsletter",
        ),
        (
            "missions",
            r"mission|taches?\b|(?<!a )responsabilite|fiche de poste|nature du travail|(?:que|en quoi) (?:fait|consiste)"
            r"|au quotidien|votre role|\brole\b|attributions|activites (?:principales|du poste)|vos activites"
            r"|(?:description|descriptif|presentation|detail|intitule|objectifs?) du poste|^(?:le |votre )?poste$"
            r"|en charge de|vous (?:serez|aurez|allez|etes amene)|descriptif|votre challenge|^description$"
            r"|vous (?:devrez|devez|assurez|interviendrez)|(?:votre|le) quotidien",
        ),
        (
            "salary",
            r"salaire|salarial|remuneration|combien (?:gagne|touche)|grille|paie\b|package",
        ),
        ("moves", r"evolution|carriere|perspective|passerelle|promotion|et apres|evoluer"),
        (
            "qualities",
            r"qualites|savoir.?etre|soft.?skills|comportement|aptitude|personnalite|relationnel",
        ),
        (
            "profile",
            r"profil|qui etes|vous etes\b|vos atouts|on (?:attend|recherche)|vous avez$|idealement"
            r"|candidat (?:ideal|recherche)|votre parcours|prerequis|pre-requis|exigences|qualifications",
        ),
        (
            "skills",
            r"competence|savoir.?faire|connaissances|expertise|stack|environnement technique|outils|hard.?skills"
            r"|maitrise|logiciels|technologies",
        ),
        (
            "other",
            r"avantage|offrons|proposons|(?:on|nous) vous (?:offre|propose)|offre\b|entreprise|societe|\bnotre\b"
            r"|\bnos\b|candidat|postul|process|recrut|contrat|horaire|conditions|lieu\b|localisation|contexte"
            r"|diplome|etudes|devenir|formation|acces |information|contact|en bref|^presentation$|rejoindre"
            r"|debouche|marche du travail|centres? d'interet|statut|appellation|code|niveau|experience|date"
            r"|duree|equipe|structure|cabinet|groupe|etablissement|association|type d|environnement|modalites"
            r"|employeur|vie professionnelle|salaries|bienveillance|handicap|diversite|ce que nous|le \+|les \+"
            r"|plus\b|benefice|bonus|engagement|valeurs|qvt|description d|profession$|metier$",
        ),
    )
)
_LIST_KINDS = ("missions", "skills", "qualities", "profile", "moves")
_ABOUT_JOBS = re.compile(
    r"\b(?:postes?|missions?|metiers?|profil|cdi|cdd|interim|recrut\w+|salaires?|remuneration|candidat\w*"
    r"|professionnel\w*|competences?|carrieres?|emplois?|employeurs?|h/f|f/h)\b"
)
_OFFER = re.compile(
    r"h/f|f/h|\b(?:cdi|cdd|interim|alternance|nous recrutons|recherchons|postule[rz]|candidature|profil recherche|votre profil|vos missions|rejoignez)\b"
)
_OTHERS = re.compile(r"(?:nous|notre|nos|on|rejoi|n'hesitez|contact)\b")
_SPEAKS_TO = re.compile(r"\b(?:vous|tu|titulaire|candidate?|il|elle)\b")
_QUALITY = re.compile(
    r"autonom|rigueur|rigoureu|sens d|esprit d'|esprit crit|relationnel|a l'ecoute|ecoute|dynami|motiv|curi(?:eux|osi)"
    r"|organisee?s?\b|organisation|reacti(?:f|v)|polyvalen|adapt|empath|patien|discret|discretion|bienveillan"
    r"|creati(?:f|v)|initiative|ponctu|implique|implication|minuti|precis|force de proposition|communiquer"
    r"|qualites|travail en equipe|travailler en equipe|disponib|resistan|stress|sang.froid|calme|diplomat"
    r"|pedagog|leadership|humain|persever|tenac|imagination|sociab|sourir|serieu|fiab|responsable"
    r"|aisance|temperament|persuasi|confidential|proactif|proactiv|assidu|soigneu|concentration"
)
_SKILL = re.compile(
    r"maitris|connaiss|competence|logiciel|langue|anglais|allemand|espagnol|permis|outil|technique|bureautique"
    r"|\bexcel\b|pack office|savoir|sait\b|savez|savent|capable|capacite|habilitation|caces|norme|reglement"
    r"|informatique|langage|methode|notion|expertise|utilis|lecture|redaction|bases? (?:de|en)|procede"
    r"|certification|gestion|python|sql|java|linux|cloud|windows|reseau"
)
_MOVE_WORDS = (
    r"devenir|evoluer vers|acceder (?:a|au|aux)|en tant que|viser|passer|se reconvertir (?:en|comme)"
    r"|promus?|occuper|exercer comme|pretendre (?:a|au|aux)|s'orienter vers|prendre"
)
_MOVE = re.compile(
    rf"(?<!\w)(?:{_MOVE_WORDS})\s+(?:(?:l'|les |la |le |un |une |des |d'|de )?"
    r"(?:postes?|fonctions?|emplois?|metiers?|responsabilites?) (?:de |d'|du |comme )|(?:un |une |le |la |l'))?"
    r"(?P<jobs>[^.;:()!?]+)"
)
_TITLES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"fiches? (?:métiers?|de poste|emploi)\s*(?:[:–|-]\s*|d['’]\s?(?:une? )?|de (?:la |l['’])?|du )"
        r"(?P<job>[^:|–]+?)(?:\s*[:|–(].*|\s-\s.*)?",
        r"(?P<job>[^:|–]+?)\s*(?:\s[|–-]\s|:\s|,\s+)(?:(?:la|le|les|sa|ses|son|tout|une?|ce|cette|à la)\s+)*"
        r"(?:fiche|découverte|missions?|salaires?|savoir|métiers?|profession|rôle|définition|comment|quel"
        r"|études|présentation|guide|compétences?|qui|que fait|zoom|formations?)\b.*",
        r"(?:comment )?devenir (?:une? )?(?P<job>[^:?,|–]+?)(?:\s*[:?,|–].*)?",
        r"(?:tout savoir sur |découvr\w+ |zoom sur )?(?:le |la )?(?:métier|profession|poste) "
        r"(?:de |d['’]|du )(?:la |l['’]|une? )?(?P<job>[^:?,|–]+?)(?:\s*[:?,|–].*)?",
        r"(?:que fait|qu['’]est-ce qu['’]|en quoi consiste le métier d['’e]\s?)(?:une?|le|la) ?(?P<job>[^:?,|–]+?)\s*\??",
    )
)
_GENDER_MARK = re.compile(
    r"\s*[(\[]?\b[HFMX]\s*/\s*[HFMX](?:\s*/\s*[HFMX])?\b[)\]]?", re.IGNORECASE
)
_OFFER_LEAD = re.compile(
    r"(?:offre d['’]emploi|recrutement|recherche|poste|emploi|intitulé(?: du poste)?|titre)\s*[:–-]\s*"
    r"|(?:nous recrutons|nous recherchons|on recrute|recrute)\s+(?:une?(?:\(e\)|·e)?|des)\s+",
    re.IGNORECASE,
)
_NO_JOB_NAME = re.compile(r"(?:les|vos|votre|nos|notre|mes|des|cet|ce|chefs d)\b|.*[.!?]$")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-ÖØ-Þ«“\"(])|<br\s*/?>")
# " - Assurer …  - Gérer …" on one line, or items that lost every blank between them.
_INLINE_ITEM = re.compile(
    r"\s*(?:(?<=\s)[-–•*·]+\s*(?=[A-ZÀ-Ö])|\*{2,}\s*)"
    r"|(?<=[a-zà-ö)])(?=[A-ZÀ-Ö][a-zà-ö]+(?:er|ir|re) (?:l[eas]?\b|des?\b|d['’]|aux?\b|un))"
)
_MAX_HEADING = 90


def recognise(document: Document) -> float:
    """Low, so that every other source wins; 0 for XML and archives."""
    match format_of(document):
        case "html" | "text":
            return 0.2
        case "pdf" | "docx":
            return 0.1
        case _:
            return 0.0


def parse(document: Document) -> Iterator[Record]:
    """The one Job that the text describes; unknown headings are counted in its `warnings`.

    Raises:
        IncompleteDocument: no name of a job, or nothing that describes it.
        Those of `scrapers.lines.read_lines`.
    """
    lines = [part for line in main_lines(document) for part in _normal(line)]
    if not lines:
        raise IncompleteDocument(
            f"{document.name} has no main text: nothing but menus and links",
            "Save the whole page, or copy its text.",
        )
    title, index = _title(lines)
    body = lines[index + 1 :]
    words = fold(" ".join(line.text for line in lines))
    about_jobs = len(set(_ABOUT_JOBS.findall(words))) >= 2
    sections, unknown = _sections(body, title)
    offer = len(set(_OFFER.findall(words))) >= 2
    missions = _missions(sections, offer)
    skills, qualities = _skills(sections)
    salaries = _salaries(sections)
    moves = _moves(sections, title)
    if not about_jobs or not (missions or skills or qualities or salaries):
        raise IncompleteDocument(
            f"{document.name} describes no job: no mission, skill, quality or salary was found "
            f"in its {len(lines)} lines (last: {lines[-1].place})",
            "Give the text of a job description, or name the document's kind with --source.",
        )
    warnings = [] if missions else [Remark(None, "no mission was found")]
    if unknown:
        warnings.append(
            Remark(
                unknown[0].place,
                f"headings not understood: {len(unknown)}, from {unknown[0].text[:60]!r} on",
            )
        )
    yield Job(
        title=title,
        missions=tuple(missions),
        skills=skills,
        qualities=qualities,
        salaries=salaries,
        moves=moves,
        places={"title": lines[index].place},
        warnings=tuple(warnings),
    )


def _normal(line: Line) -> Iterator[Line]:
    """Markdown's marks become headings; a table row its cells; a line of many items its items."""
    if line.cells is not None:
        parts = [part for cell in line.cells for part in cell.split("\n")]
        for part in parts:
            if squeeze(part):
                bullet = line.bullet or part.startswith("• ")
                yield replace(
                    line, text=squeeze(part).removeprefix("• "), cells=None, bullet=bullet
                )
        return
    marked = re.match(r"(#{1,6})\s+(\S.*)", line.text)
    if marked:
        yield replace(line, text=marked[2].strip(" #*"), heading=len(marked[1]))
        return
    bold = re.fullmatch(r"\*\*(.{2,90}?)\*\*\s*:?", line.text)
    if bold:
        yield replace(line, text=bold[1].strip(), heading=line.heading or 6)
        return
    items = [squeeze(part) for part in _INLINE_ITEM.split(line.text)]
    if line.heading or len([item for item in items if item]) < 3:
        yield line
        return
    for number, item in enumerate(items):
        if item:
            yield replace(line, text=item, bullet=line.bullet or number > 0)


# ---- The job's name ----


def _title(lines: list[Line]) -> tuple[str, int]:
    """The job's name and the index of its line: a page's main heading, a heading that names a
    job in one of the usual ways, or else the first line."""
    main = next((i for i, line in enumerate(lines) if line.heading == 1), None)
    if main is not None:
        return _job_name(lines[main].text) or _plain(lines[main].text), main
    for index, line in enumerate(lines[:80]):
        if not line.bullet and len(line.text) <= 140:
            name = _job_name(line.text)
            if name:
                return name, index
    return _plain(lines[0].text), 0


def _job_name(text: str) -> str | None:
    """ "Devenir X : …", "X : fiche de poste", "X (H/F)" -> X; None where no job is named so."""
    text = squeeze(text)
    mark = _GENDER_MARK.search(text)
    if mark:
        before = _OFFER_LEAD.split(text[: mark.start()])[-1]
        after = re.split(r"\s[-–|:]\s|[(,]", text[mark.end() :])[0]
        name = _plain(before or after)
        if 0 < len(name.split()) <= 12:
            return name
    for pattern in _TITLES:
        match = pattern.fullmatch(text)
        if match:
            name = _plain(match["job"])
            if 0 < len(name.split()) <= 8 and not _NO_JOB_NAME.match(fold(name)):
                return name
    return None


def _plain(text: str) -> str:
    """Without leading article, gender mark, site's name and closing marks; at most 120 characters."""
    text = _GENDER_MARK.sub("", squeeze(text))
    text = re.split(r"\s+\|\s+", text)[0]
    text = re.sub(r"^(?:l['’]|le |la |une? )", "", text, flags=re.IGNORECASE)
    return text.strip(" .:;,-–|*")[:120].strip() or "?"


# ---- Parts of the text ----


@dataclass(slots=True)
class _Section:
    """Lines under one heading. kind: as in `_KINDS`, or None where no heading told.

    title: the sub-heading within a part. technical: the heading says that skills are technical.
    """

    kind: str | None
    heading: str | None = None
    title: str | None = None
    lines: list[Line] = field(default_factory=list)


def _kind(text: str) -> str | None:
    folded = fold(text).strip(" :?!.*_")
    return next((kind for kind, pattern in _KINDS if pattern.search(folded)), None)


def _sections(lines: list[Line], title: str) -> tuple[list[_Section], list[Line]]:
    """The text's parts in order, and the headings that tell nothing."""
    sections = [_Section(None)]
    unknown: list[Line] = []
    kind: str | None = None  # of the part that sub-headings belong to
    level = 7
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else None
        label, rest = _lead(line)
        if label is not None:
            # "Profil : Vous avez …": a heading and its text on one line.
            kind, level = label, 7
            sections.append(_Section(kind, line.text.split(":")[0]))
            sections[-1].lines.append(replace(line, text=rest))
            continue
        if not _is_heading(line, following):
            sections[-1].lines.append(line)
            continue
        here = line.heading or 7
        numbered = re.match(r"\d+\s?[.)°]\s*", line.text)
        text = line.text[numbered.end() :] if numbered else line.text
        found = None if numbered and len(text) > 45 else _kind(text)
        if kind is not None and _is_lead_in(line, found, kind):
            sections[-1].lines.append(line)
            continue
        inner = kind is not None and (here > level or (here == 7 and numbered is not None))
        if inner and (found is None or found == "other"):
            # A sub-heading belongs to its part, unless it clearly opens another one.
            sections.append(
                _Section(sections[-1].kind or kind, sections[-1].heading, text.rstrip(" :"))
            )
            continue
        if found is None and here == 7 and kind in _LIST_KINDS and _opens_list(line, following):
            sections.append(_Section(kind, sections[-1].heading, text.rstrip(" :")))
            continue
        if found is None and text_key(title) not in text_key(text):
            unknown.append(line)
        if inner:
            sections.append(_Section(found, text))
            continue
        kind, level = found, here
        sections.append(_Section(kind, text))
    return sections, unknown


def _lead(line: Line) -> tuple[str | None, str]:
    """The part that a label opens on the same line as its text."""
    label, colon, rest = line.text.partition(":")
    if line.heading or line.bullet or not colon or not rest.strip() or len(label) > 40:
        return None, ""
    if rest.startswith("//") or len(label.split()) > 5:
        return None, ""
    kind = _kind(label)
    return (kind, rest.strip()) if kind else (None, "")


def _is_lead_in(line: Line, found: str | None, kind: str) -> bool:
    """ "Les principales missions sont :": it goes on with the part that it stands in."""
    if line.heading or not line.text.endswith(":"):
        return False
    words = len(line.text.split())
    return found == kind or (words > 4 and found is None) or (words > 8 and found == "other")


def _is_heading(line: Line, following: Line | None) -> bool:
    if line.heading:
        return True
    if following is None or (len(line.text) > _MAX_HEADING and not re.match(r"\d+\.\s", line.text)):
        return False
    if line.bullet:
        return line.text.endswith(":") and following.bullet and _kind(line.text) is not None
    if line.text.endswith(":"):
        return True
    if re.search(r"[.!;,…)]$", line.text) and not line.text.isupper():
        return False
    if _kind(line.text) is not None and len(line.text.split()) <= 12:
        return not states_duty(line.text) or line.text.isupper() or len(line.text.split()) <= 5
    if re.match(r"\d+\s?[.)]\s", line.text):
        return True
    return (
        line.text[:1].isupper()
        and len(line.text.split()) <= 10
        and (not opens_with_duty(line.text) or _opens_list(line, following))
        and not states_duty(line.text)
        and (following.bullet or len(following.text) > len(line.text))
    )


def _opens_list(line: Line, following: Line | None) -> bool:
    """A heading over a list: bullets, or lines that each open with a duty."""
    if following is None or line.bullet:
        return False
    return following.bullet or (line.text.endswith(":") and opens_with_duty(following.text))


def _sentences(text: str) -> list[str]:
    return [part for part in (squeeze(x) for x in _SENTENCE.split(text)) if part]


def _is_item(line: Line) -> bool:
    return line.bullet or (len(line.text) <= 160 and not re.search(r"[.!?:]$", line.text))


# ---- What the parts state ----


def _missions(sections: list[_Section], offer: bool) -> list[Task]:
    found = [task for x in sections if x.kind == "missions" for task in _tasks(x, offer, True)]
    if not found:
        # No heading tells where the missions are: take what states a duty where nothing else is said.
        found = [task for x in sections if x.kind is None for task in _tasks(x, offer, False)]
    seen: set[str] = set()
    kept = []
    for task in found:
        key = text_key(task.text)
        if key not in seen:
            kept.append(task)
        seen.add(key)
    return kept


def _tasks(section: _Section, offer: bool, told: bool) -> Iterator[Task]:
    """Missions of a part. told: its heading says that they are. Where a part lists missions, a
    sentence beside the list counts only if it adds one."""
    items: list[Line] = []
    lead = ""
    verb: str | None = None
    relations = False
    tasks: list[Task] = []
    prose: list[Line] = []
    for line in section.lines:
        if line.text.endswith(":") and len(line.text) <= 300:
            lead, verb = fold(line.text), ends_with_infinitive(line.text)
            relations = re.search(r"relation|contact|collabor|avec\s*:", lead) is not None
            prose.append(line)
            continue
        if line.bullet:
            is_task = not relations and (told or opens_with_duty(line.text))
        else:
            is_task = opens_with_duty(line.text) and not fold(line.text).startswith(("vous", "tu "))
            is_task = is_task and len(line.text) <= 300
        if not is_task:
            if not line.bullet:
                prose.append(line)
                relations, verb = False, None
            continue
        text = line.text.rstrip(" ,;")
        if text_key(text) in ("etc", "") or len(text) < 4:
            continue
        if verb and line.bullet and not opens_with_duty(text):
            text = f"{verb} {text}"
        items.append(line)
        tasks.append(Task(text, section.title, line.place))
    for line in prose:
        for sentence in _sentences(line.text):
            if len(sentence) < 15 or (sentence.endswith(":") and items):
                continue
            if offer and not _SPEAKS_TO.search(fold(sentence)):
                continue
            if adds_duty(sentence) if items else states_duty(sentence):
                tasks.append(Task(sentence, section.title, line.place))
    yield from sorted(tasks, key=lambda task: _order(task.place))


def _order(place: str | None) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", place or ""))


def _skills(sections: list[_Section]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Technical skills and personal qualities, each once, in order."""
    skills: dict[str, str] = {}
    qualities: dict[str, str] = {}
    for section in sections:
        if section.kind not in ("skills", "qualities", "profile"):
            continue
        heading = fold(f"{section.heading or ''} {section.title or ''}")
        technical = "techni" in heading
        listed = any(line.bullet for line in section.lines)
        for line in section.lines:
            parts = [line.text] if line.bullet or _is_item(line) else _sentences(line.text)
            for part in parts:
                text = part.rstrip(" ,;")
                folded = fold(text)
                if len(text) < 3 or text.endswith(":") or folded == "etc" or _OTHERS.match(folded):
                    continue
                if listed and not line.bullet and len(text) > 160 and section.kind != "profile":
                    continue
                if listed and not line.bullet and text.endswith("."):
                    continue  # a comment on the list
                is_quality = _QUALITY.search(folded) is not None
                is_skill = _SKILL.search(folded) is not None
                item = _is_item(line) or line.bullet
                if section.kind == "qualities" and (item or is_quality):
                    qualities.update((text_key(x), x) for x in _enumerated(text))
                elif section.kind == "skills" and item and (technical or not is_quality):
                    skills.setdefault(text_key(text), text)
                elif is_quality and not (is_skill and technical):
                    qualities.update((text_key(x), x) for x in _enumerated(text))
                elif is_skill:
                    skills.setdefault(text_key(text), text)
    return tuple(skills.values()), tuple(qualities.values())


def _enumerated(text: str) -> list[str]:
    """ "Autonomie, rigueur et écoute" -> its three words; any other text as it is."""
    parts = [part.strip(" .") for part in re.split(r",\s|\set\s", text)]
    if len(parts) >= 3 and all(part and len(part.split()) <= 4 for part in parts):
        return parts
    return [text]


def _salaries(sections: list[_Section]) -> tuple[Salary, ...]:
    found: dict[tuple[object, ...], Salary] = {}
    for section in sections:
        in_section = section.kind == "salary"
        heading = f"{section.heading or ''} {section.title or ''}"
        experience = experience_in(heading) if in_section else None
        year = year_in(heading) if in_section else None
        listed: int | None = None
        for line in section.lines:
            if line.text.endswith(":"):
                listed = year_in(line.text)
            elif not line.bullet:
                listed = None
            context = PayContext(in_section, experience, listed or year)
            for sentence in _sentences(line.text):
                for salary in read_salaries(sentence, line.place, context):
                    key = (salary.min, salary.max, salary.period, salary.experience, salary.year)
                    found.setdefault(key, salary)
    return tuple(found.values())


def _moves(sections: list[_Section], own: str) -> tuple[JobMove, ...]:
    """Jobs that the text says one can go to: lists and sentences of a part about careers."""
    found: dict[str, JobMove] = {}
    for section in sections:
        if section.kind not in ("moves", "other", None):
            continue
        for line in section.lines:
            if section.kind == "moves" and line.bullet and len(line.text.split()) <= 12:
                names: Iterable[str] = _jobs(line.text)
            elif section.kind == "moves" or re.search(
                r"peu(?:ven)?t|pourra|possib", fold(line.text)
            ):
                names = [
                    name
                    for sentence in _sentences(line.text)
                    for name in _moves_in(sentence, section)
                ]
            else:
                continue
            for name in names:
                if text_key(name) != text_key(own):
                    found.setdefault(
                        text_key(name), JobMove(name, direction="to", place=line.place)
                    )
    return tuple(found.values())


def _moves_in(sentence: str, section: _Section) -> Iterator[str]:
    folded = fold(sentence)
    if len(folded) != len(sentence):  # ligatures: places would shift
        sentence = sentence.replace("œ", "oe").replace("Œ", "Oe").replace("æ", "ae")
    if section.kind != "moves" and not re.search(r"devenir|evoluer vers|poste de", folded):
        return
    match = _MOVE.search(folded)
    while match:
        yield from _jobs(sentence[match.start("jobs") : match.end("jobs")])
        # What follows may hold the job: "accéder à un poste supérieur en tant que X".
        match = _MOVE.search(folded, match.start("jobs"))


def _jobs(text: str) -> Iterator[str]:
    """Names of jobs in "X, Y ou même Z"; phrases that name none are left out."""
    for part in re.split(r",\s|\s(?:ou|puis)\s|\s/\s", f" {text} "):
        name = re.sub(
            r"^(?:ou|et|même|encore|bien|un|une|le|la|l['’]|des|enfin|aussi|par exemple|notamment)\s+",
            "",
            re.sub(r"^(?:ou|et)\s+", "", part.strip()),
        )
        name = re.sub(r"^(?:même|encore|un|une|le|la)\s+", "", name).strip(" .;,…")
        if _names_a_job(name):
            yield name


_JOB_NAME = re.compile(
    r"(?:[a-z]+-)?(?:chef|cheffe|directeur|directrice|responsable|charge|chargee|gestionnaire|secretaire|"
    r"conseiller|conseillere|assistant|assistante|ingenieur|ingenieure|technicien|technicienne|consultant|"
    r"consultante|formateur|formatrice|expert|experte|cadre|agent|adjoint|adjointe|manager|coordinateur|"
    r"coordinatrice|coordonnateur|coordonnatrice|inspecteur|inspectrice|professeur|enseignant|dirigeant|"
    r"superviseur|animateur|animatrice|maitre|associe|auditeur|auditrice|juriste|"
    r"[a-z-]{3,}(?:eur|euse|trice|ier|iere|iste|ien|ienne|logue|aire|ant|crate|ologue))s?\b"
)


def _names_a_job(name: str) -> bool:
    return len(name) >= 4 and len(name.split()) <= 9 and _JOB_NAME.match(fold(name)) is not None
