"""The parts of a text that describes a job, told apart by their headings."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kb.identity import fold, text_key
from scrapers.jobs.duties import opens_with_duty, states_duty
from scrapers.jobs.skill_words import names_quality, names_skill
from scrapers.jobs.wording import any_of
from scrapers.lines import Line, squeeze

# What a heading opens, the first that matches. "other": a part that says nothing of the job.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "other",
        any_of(r"""
retenir|pourquoi (?!pas )|histoire|qui sommes|qui est\b|a propos|faq\b|cookies|newsletter
^(?!.*(?:remuneration|salaire)).*(?:avantage|beneficie)
"""),
    ),
    (
        "moves",
        any_of(r"""
(?:plus|davantage|nouvelles|autres) (?:de |d'|des )?responsabilite|changement de poste|promotion
\bevolution|\bevoluer|carriere|perspective|passerelle|et apres|tremplin
"""),
    ),
    (
        "missions",
        any_of(r"""
mission|taches?\b|(?<!a )responsabilite|fiche de poste|nature du travail|attributions|challenge
(?:que|en quoi) (?:fait|consiste)|quotidien|\brole\b|activites (?:principales|du poste)
vos activites
(?:description|descriptif|presentation|detail|objectifs?) (?:du|de) poste|^(?:le |votre )?poste$
en charge de|vous (?:serez|aurez|allez|etes amene)|descriptif|^description$
vous (?:devrez|devez|assurez|interviendrez|participerez)
"""),
    ),
    (
        "salary",
        any_of(r"""
salaire|salarial|remuneration|combien (?:gagne|touche)|grille|paie\b|package
"""),
    ),
    (
        "qualities",
        any_of(r"""
qualites|savoir.?etre|soft.?skills|comportement|aptitude|personnalite|relationnel
"""),
    ),
    (
        "profile",
        any_of(r"""
profil|qui etes|vous etes$|vos atouts|on (?:attend|recherche)|vous avez$|idealement
candidate? (?:ideal|recherche)|votre parcours|prerequis|pre-requis|exigences|qualifications
"""),
    ),
    (
        "skills",
        any_of(r"""
competence|savoir.?faire|connaissances|expertise|stack|environnement technique|outils|hard.?skills
maitrise|logiciels|technologies
"""),
    ),
    ("about", any_of(r"^presentation$|^en bref$|^le metier$|^presentation du metier$")),
    (
        "other",
        any_of(r"""
avantage|offrons|proposons|(?:on|nous) vous (?:offre|propose)|offre\b|entreprise|societe|\bnotre\b
\bnos\b|candidat|postul|process|recrut|contrat|horaire|conditions|lieu\b|localisation|contexte
diplome|etudes|devenir|formation|acces |information|contact|rejoindre|debouche|marche du travail
centres? d'interet|statut|appellation|code|niveau|experience|date|duree|equipe|structure|cabinet
groupe|etablissement|association|type d|environnement|modalites|employeur|vie professionnelle
salaries|renseignement|complementaire
bienveillance|handicap|diversite|ce que nous|plus\b|benefice|bonus|engagement|valeurs
qvt|description d|profession$|^id$|^n/?c$|metier$|apres l[ea] |recommande
"""),
    ),
)
_LIST_KINDS = ("missions", "skills", "qualities", "profile", "moves")
_PRONOUN = re.compile(r"(?:cela|ceci|c'|il|elle|ils|elles|vous|tu)\b")
_MAX_HEADING = 90  # characters: a longer line is a sentence
_UNMARKED = 7  # depth of a heading that nothing but its looks tells; h1 to h6 are 1 to 6
# Tags that an offer's form kept, and where they parted lines.
_TAG = re.compile(r"</?(?:b|strong|i|em|u|span|font)\b[^>]{0,80}>")
_BREAK = re.compile(r"</?(?:br|p|div|ul|ol|li|h\d)\b[^>]{0,80}>")
# Texts that lost the line ends between them: "…sécurisés.Collecter", "…du posteVous jouez".
_GLUED = re.compile(
    r"(?<=[a-zà-ö)]\.)(?=[A-ZÀ-Ö][a-zà-ö])"
    r"|(?<=[a-zà-ö)])(?=(?:Vous|Vos|Votre|Nous|Notre|Profil|Missions?|Compétences|Rattaché)\b)"
    r"|(?<=[.!?;])\s+(?=(?:Vos missions|Votre mission|Missions|Votre profil|Profil)[\w ]{0,20}:)"
)
# " - Assurer …  - Gérer …" on one line, or items that lost every blank between them.
_INLINE_ITEM = re.compile(
    r"\s*(?:(?<=[\s.:;,)])[-–•*·>]+\s*(?=[A-ZÀ-Ö])|\*{2,}\s*)"
    r"|(?<=[a-zà-ö)])(?=[A-ZÀ-Ö][a-zà-ö]+(?:er|ir|re) (?:l[eas]?\b|des?\b|d['’]|aux?\b|un))"
)


@dataclass(slots=True)
class Section:
    """Lines under one heading.

    kind: "missions", "skills", "qualities", "profile" (skills and qualities mixed), "salary",
    "moves", "about" (a summary of the job), "other", or None where no heading told.
    heading: of the part. title: the sub-heading within it.
    """

    kind: str | None
    heading: str | None = None
    title: str | None = None
    lines: list[Line] = field(default_factory=list)

    @property
    def headings(self) -> str:
        return f"{self.heading or ''} {self.title or ''}".strip()


def plain_lines(line: Line) -> Iterator[Line]:
    """Markdown's marks become headings; a table row its cells; a line of many items its items."""
    if line.cells is not None:
        for part in (part for cell in line.cells for part in cell.split("\n")):
            text = squeeze(part)
            if text:
                bullet = line.bullet or text.startswith("• ")
                yield replace(line, text=text.removeprefix("• "), cells=None, bullet=bullet)
        return
    marked = re.match(r"(#{1,6})\s+(\S.*)", line.text)
    if marked:
        yield replace(line, text=marked[2].strip(" #*"), heading=len(marked[1]))
        return
    # The first of the two asterisks may have been taken for a list mark.
    bold = re.match(r"\*{1,2}([^*]{2,90}?)\s*:?\*\*\s*:?\s*(.*)", line.text)
    if bold:
        yield replace(line, text=bold[1].strip(), heading=line.heading or 6, bullet=False)
        if bold[2]:
            yield replace(line, text=bold[2], bullet=False)
        return
    text = _TAG.sub("", html.unescape(line.text))
    for part in (squeeze(y) for x in _BREAK.split(text) for y in _GLUED.split(x)):
        if part:
            yield from _items(replace(line, text=part))


def _items(line: Line) -> Iterator[Line]:
    marked = re.match(r"[-–—•>]\s*(?=[^\W\d])|o\s+(?=[A-ZÀ-Ö])", line.text)
    if marked:
        line = replace(line, text=line.text[marked.end() :], bullet=True)
    items = [squeeze(part) for part in _INLINE_ITEM.split(line.text)]
    if line.heading or len([item for item in items if item]) < 3:
        yield line
        return
    for number, item in enumerate(items):
        if item:
            yield replace(line, text=item, bullet=line.bullet or number > 0)


def find_sections(lines: list[Line], title: str) -> tuple[list[Section], list[Line]]:
    """The text's parts in order, and the headings that tell nothing.

    A heading opens the part that its words name. A sub-heading (a deeper mark, a number, or a
    short line over a list) stays within its part, unless it clearly opens another one.
    """
    sections = [Section(None)]
    unknown: list[Line] = []
    kind: str | None = None  # of the part that sub-headings belong to
    depth = _UNMARKED
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else None
        label, rest = _label(line)
        if label is not None:
            kind, depth = label, _UNMARKED
            sections.append(Section(kind, line.text.partition(":")[0].strip()))
            sections[-1].lines.append(replace(line, text=rest))
            continue
        if not _is_heading(line, following):
            sections[-1].lines.append(line)
            continue
        here = line.heading or _UNMARKED
        numbered = re.match(r"\d+\s?[.)°]\s*", line.text)
        text = (line.text[numbered.end() :] if numbered else line.text).rstrip(" :")
        # A long numbered heading is a sentence of an outline, whatever words are in it.
        found = None if numbered and len(text) > 45 else _kind(text)
        if found == "other" and kind == "missions" and opens_with_duty(text):
            found = None  # "1. Piloter les indicateurs de l'entreprise"
        if kind is not None and _goes_on(line, found, kind):
            sections[-1].lines.append(line)
            continue
        inner = kind is not None and (
            here > depth or (here == _UNMARKED and numbered is not None and found in (None, kind))
        )
        over_list = here == _UNMARKED and kind in _LIST_KINDS and _opens_list(following, kind)
        if (inner and found in (None, "other")) or (over_list and found is None):
            of_part = sections[-1].kind if inner else kind
            sections.append(Section(of_part or kind, sections[-1].heading, text))
            continue
        if found is None and text_key(title) not in text_key(text):
            unknown.append(line)
        sections.append(Section(found, text))
        if not inner:
            kind, depth = found, here
    return sections, unknown


def _kind(text: str) -> str | None:
    folded = fold(text).strip(" :?!.*_")
    return next((kind for kind, pattern in _KINDS if pattern.search(folded)), None)


def _label(line: Line) -> tuple[str | None, str]:
    """ "Profil : vous avez …": the part that a label opens on the line of its text."""
    label, colon, rest = line.text.partition(":")
    if line.heading or line.bullet or not colon or not rest.strip() or rest.startswith("//"):
        return None, ""
    if len(label) > 40 or len(label.split()) > 5:
        return None, ""
    kind = _kind(label)
    return (kind, rest.strip()) if kind else (None, "")


def _goes_on(line: Line, found: str | None, kind: str) -> bool:
    """An unmarked line that is no heading within its part: a lead-in ("Les principales missions
    sont :"), or a quality or skill of a list without bullets."""
    if line.heading:
        return False
    if line.text.endswith(":"):
        length = len(line.text.split())
        clause = length > 4 or _PRONOUN.match(fold(line.text)) is not None
        return found == kind or (found is None and clause) or (found == "other" and length > 8)
    if kind == "salary" and found is None:
        return re.search(r"\d{3}", line.text) is not None
    if kind in ("skills", "qualities", "profile") and found in (None, "other"):
        return names_quality(line.text) or names_skill(line.text)
    return False


def _is_heading(line: Line, following: Line | None) -> bool:
    if line.heading:
        return True
    numbered = re.match(r"\d+\.\s", line.text) is not None
    if following is None or (len(line.text) > _MAX_HEADING and not numbered):
        return False
    if line.bullet:
        return line.text.endswith(":") and following.bullet and _kind(line.text) is not None
    if line.text.endswith(":"):
        return True
    if re.search(r"[.!;,…)]$", line.text) and not line.text.isupper():
        return False
    length = len(line.text.split())
    found = _kind(line.text)
    if found == "other" and length >= 5 and opens_with_duty(line.text):
        return False  # "Assurer l'accueil de l'entreprise" is an item, whatever words are in it
    if found is not None and length <= 12:
        return length <= 5 or line.text.isupper() or not states_duty(line.text)
    if numbered:
        return True
    return (
        line.text[:1].isupper()
        and length <= 10
        and (not opens_with_duty(line.text) or following.bullet)
        and not states_duty(line.text)
        and (following.bullet or len(following.text) > len(line.text))
    )


def _opens_list(following: Line | None, kind: str | None) -> bool:
    """What follows a sub-heading: bullets, or among missions a line that opens with a duty."""
    if following is None:
        return False
    return following.bullet or (kind == "missions" and opens_with_duty(following.text))
