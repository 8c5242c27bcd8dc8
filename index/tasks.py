"""A job offer, a job sheet or a CV -> its tasks, each with its place in the text.

The text is cut into segments; each segment gets a kind from the heading that it stands under, from
its own words and from its neighbours. Only duties are matched. Rules only, so that the same text
always gives the same tasks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.errors import NoTask
from kb.identity import fold

KINDS = (
    "title",  # the job's name, a headline
    "heading",  # names what follows
    "duty",  # what the person does: a task
    "requirement",  # what the person must know or have done before
    "schooling",  # diplomas, training
    "soft_skill",  # rigour, team spirit
    "company",  # who recruits
    "benefits",  # pay, leave, meal vouchers
    "contract",  # kind, place, hours, start
    "diversity",  # equal opportunities
    "application",  # how to apply
    "contact",  # name, address, telephone, age
    "other",  # hobbies, languages, what nothing else fits
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the text: text[start:end], and what it is about (one of KINDS)."""

    text: str
    start: int
    end: int
    kind: str


# Headings, by the kind of what stands under them. Folded text; the first that fits decides.
_HEADINGS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "duty",
            r"\b(?:missions?|taches?|activites?|responsabilites?|fonctions?|attributions?|"
            r"role|quotidien|realisations?|experiences?(?! (?:exigee?|requise|souhaitee?|attendue))|"
            r"parcours professionnel|emplois occupes|stages?|"
            r"descriptif (?:du|de) (?:poste|l'offre)|description (?:du|de) poste|le poste|"
            r"vous (?:serez|aurez|devrez|etes) (?:en )?(?:charge|amene|responsable|a)|"
            r"vos? (?:principales? )?(?:missions?|taches?))\b",
        ),
        ("schooling", r"\b(?:formations?|diplomes?|etudes|scolarite|cursus|education)\b"),
        (
            "soft_skill",
            r"\b(?:qualites|savoir[- ]etre|aptitudes|atouts|personnalite|soft skills)\b",
        ),
        (
            "requirement",
            r"\b(?:profil|competences?|connaissances?|pre ?-?requis|exigences?|capacites?|"
            r"savoirs?|environnement technique|experience (?:exigee?|requise|souhaitee?|attendue)|"
            r"outils|logiciels|ce que nous (?:recherchons|attendons))\b",
        ),
        (
            "benefits",
            r"\b(?:avantages?|remuneration|salaire|package|nous (?:vous )?(?:offrons|proposons)|"
            r"ce que nous offrons|pourquoi nous rejoindre|raisons de nous rejoindre|bonnes raisons|"
            r"les plus)\b",
        ),
        (
            "contract",
            r"\b(?:contrat|conditions? (?:de travail|d'emploi)?|horaires?|lieu|localisation|"
            r"type de contrat|duree|prise de poste|informations? pratiques?|disponibilites?)\b",
        ),
        (
            "application",
            r"\b(?:candidatures?|postuler|comment postuler|process(?:us)?(?: de recrutement)?|"
            r"recrutement|etapes)\b",
        ),
        (
            "company",
            r"\b(?:entreprise|societe|etablissement|qui sommes[- ]nous|a propos|"
            r"presentation|contexte|structure|notre (?:client|groupe|histoire|adn)|valeurs|equipe)\b",
        ),
        ("diversity", r"\b(?:diversite|handicap|inclusion|egalite)\b"),
        ("contact", r"\b(?:contact|coordonnees|etat civil|informations personnelles)\b"),
        (
            "other",
            r"\b(?:langues?|loisirs?|centres? d'interets?|hobbies|divers|interets|references|"
            r"permis|benevolat|certifications?)\b",
        ),
    )
)

# What a sentence says of itself, whatever it stands under. Folded text.
_SENTENCES = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "contact",
            r"@|\(at\)|\b(?:\+33|0[1-9])(?:[ .-]?\d\d){4}\b|https?://|www\.|\bne\(?e?\)? le\b|"
            r"\b\d\d? ans\b(?! d')|\bnationalite\b|\bcelibataire\b|\bmarie\(?e?\)?\b(?=[ ,]|$)|"
            r"\b\d{1,4},? (?:bis |ter )?(?:rue|avenue|boulevard|place|allee|chemin|impasse|quai)\b|"
            r"\bpermis [a-e]\b",
        ),
        (
            "diversity",
            r"handicap|egalite des chances|diversite|non[- ]discrimination a l'embauche|"
            r"ouverts? a toutes? (?:les )?candidatures?|a competences egales",
        ),
        (
            "application",
            r"\bpostule[zr]\b|\bcandidat(?:ure|er|ez)\b|\benvoye[zr](?:[- ]nous)? (?:votre|vos|un|nous)\b|"
            r"\bcv\b(?!s)|lettre de motivation|process(?:us)? de recrutement|rejoignez|n'hesitez|"
            r"n'attendez",
        ),
        (
            "benefits",
            r"\bmutuelle\b|\btickets?[- ]rest(?:o|aurant)|\btitres?[- ]rest|\brtt\b|\b13e(?:me)?\b|"
            r"\btreizieme\b|\bprimes?\b(?! d'assurance)|\bremuneration\b|\bsalaire (?:de|selon|fixe|:|annuel|brut|mensuel)|"
            r"\bk ?€|\b\d+ ?(?:€|euros)|\binteressement\b|\bcse\b|\bteletravail\b.*\b(?:jours?|possible|possibilite)|"
            r"\bavantages?\b(?! concurrentiel)|\bsmic\b|\bparticipation aux? (?:frais|transports?)",
        ),
        (
            "contract",
            r"\b(?:cdi|cdd|interim|alternance|apprentissage)\b.*\b(?:poste|contrat|mois|pourvoir|temps|basee?)|"
            r"\bposte (?:est )?(?:a pourvoir|basee?|situee?)|^\W*(?:cdi|cdd|temps plein|temps partiel)\b|"
            r"\b\d\d ?h(?:eures)?(?: ?/ ?semaine| hebdo| par semaine)|\b\d{1,2}h(?:\d\d)? ?(?:a|-|/) ?\d{1,2}h|"
            r"\bprise de (?:poste|fonction)",
        ),
        (
            "schooling",
            r"\bbac ?\+ ?\d|\btitulaires? d|\bdiplom|^\W*(?:bts|dut|but|licence|master|cap|bep|baccalaureat|"
            r"bac(?:helor)?)\b|\bissue? d'une (?:formation|ecole)|\bde formation\b|\bformation (?:de type|bac|superieure|initiale)|"
            r"\bniveau (?:bac|licence|master)",
        ),
        (
            "requirement",
            r"\bexperience (?:de|d'|confirmee|significative|reussie|similaire|exigee?|minimum|souhaitee)|"
            r"\bjustifie[zr]?\b.*\bexperience|\b(?:bonne |parfaite |excellente )?(?:maitrise|connaissances?) (?:de|d'|des|du|avancee|en)\b|"
            r"\bvous (?:maitrisez|connaissez|possedez|disposez|avez (?:une|un|deja|des)|justifiez)|"
            r"\bserait un (?:plus|atout)|\bsont (?:exige|requis|demande)|\b(?:anglais|francais) (?:courant|lu)",
        ),
        (
            "soft_skill",
            r"\b(?:vous etes|on dit de vous|personne) (?:\w+ )?(?:rigoureu|dynamique|autonome|organise|motive|"
            r"curieu|passionne|ponctuel|impliqu|perseverant|reconnu|doue|a l'aise|manuel|souriant)|"
            r"\bsens (?:du|de l[a']|des) ?(?:service|organisation|relation|ecoute|contact|travail|responsabilite|detail)|"
            r"\besprit (?:d'equipe|d'initiative|d'analyse|de synthese)|\bforce de proposition|"
            r"^\W*(?:rigueur|rigoureu\w+|autonomie|autonome|dynamisme|dynamique|discretion|curiosite|ponctualite|"
            r"creativite|polyvalence|reactivite|organisation|aisance|leadership|capacite (?:a|d)|bon relationnel)\b",
        ),
        (
            "company",
            r"\b(?:notre|nos) (?:entreprise|groupe|societe|agences?|cabinet|client|implantations?|equipe|association|"
            r"etablissement|culture|reseau|histoire)\b|\brecrut(?:e|ons)\b|\brecherch(?:e|ons)\b.*\b(?:h/f|un|une|son|sa|pour)\b|"
            r"\b(?:leader|acteur|specialist?e) (?:\w+ ){0,3}(?:de|du|des|dans|en|sur)\b|\bfondee? en\b|\bcollaborateurs? (?:dans|en|a travers)\b|"
            r"\bnous (?:sommes|accompagnons|construisons|creons|intervenons|comptons|proposons|offrons|croyons)\b|"
            r"\bfont confiance\b|\bau sein (?:de|d')[^,]{0,60}$",
        ),
    )
)
_FILLER = re.compile(
    r"(?:(?:vos|ses|les|nos|l'ensemble des) )?(?:principales? )?"
    r"(?:missions?|taches?|activites?|responsabilites?)(?: principales?| quotidiennes?)?"
)
# What introduces a duty without being a part of it.
_LEAD = re.compile(
    r"^\W*(?:(?:en (?:tant que|qualite de)|au sein|dans le cadre|sous la (?:responsabilite|direction)|rattachee?s?|"
    r"en (?:lien|relation|collaboration|binome)|integree?|de plus|par ailleurs|a ce titre|ainsi)[^,:]*[,:] *)*"
    r"(?:et |puis |egalement )?(?:(?:vous|il|elle|on|l[ae] titulaire|je|j'|nous)\b ?(?:serez |etes |sera |est |etais |aurez |"
    r"avez |ai |devrez |devez |pourrez |etre )?(?:egalement |aussi |ensuite |notamment |principalement )*"
    r"(?:(?:en )?charges?e? (?:de |d')|responsables? (?:de |d')|amenee?s? a |pour missions? (?:de |d')|a )?)"
)
_DUTY_VERB = re.compile(
    r"^(?:\w+er|\w+ir|\w+re|\w+oir)\b|^(?:s')?\w+(?:er|ir|re)\b|^\w+ez\b|"
    r"^(?:l[ae']|les|des|du|une?)? ?\w+(?:tion|sion|ment|age|ance|ence|ture|erie|ise|vail|tien|port|vente|suivi|"
    r"accueil|controle|saisie|mise|prise|tenue|conduite|veille|redaction|preparation|gestion|analyse|achat|vente)s?\b"
)
_INTRO_END = re.compile(r"[:：]\s*$")
_ABBREVIATION = re.compile(
    r"(?:\b(?:etc|ex|cf|M|Mme|Mr|Dr|St|no|art|env|min|max|resp|dir)|\b[A-Z]|\d)$", re.I
)
_SENTENCE_END = re.compile(
    r"(?:[.!?…;]+)(?=\s+|$)|(?:[.!?])(?=(?:Vo(?:us|s)|Vot|Nou|Pro|Rém|Rem)\w*\b)"
)
_BULLET = re.compile(
    r"^\s*(?:[•●▪▫■□◦‣⁃∙·*➢➤►▶✓✔➔→⇒❖✦]|[-–—](?=\s|[^\W\d_])|o(?=\s+[A-ZÉÈÀ])|\d{1,2}[.)](?=\s)|[a-h]\)(?=\s))\s*"
)
_DATES = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:janv|fevr|mars|avril|mai|juin|juil|aout|sept|oct|nov|dec)\w*\.? \d{2,4}\b|"
    r"\b(?:depuis|a ce jour|aujourd'hui)\b"
)


def cut(text: str) -> tuple[Segment, ...]:
    """All segments of the text in order, with their kinds.

    A line is a segment; a line of several sentences is one a sentence; a sentence that lists
    duties after a colon or with semicolons is one a duty.
    """
    pieces = list(_pieces(text))
    listing = _plain_listing(pieces)
    segments: list[Segment] = []
    section: str | None = None
    previous_blank = True
    for index, piece in enumerate(pieces):
        folded = fold(piece.text)
        heading = None if piece.bullet else _heading(piece, folded, pieces, index)
        if heading is not None:
            section = heading
            segments.append(Segment(piece.text, piece.start, piece.end, "heading"))
            continue
        if listing:
            kind = _own_kind(folded) or "duty"
        else:
            kind = _kind(piece, folded, section, previous_blank and index == 0)
        segments.append(Segment(piece.text, piece.start, piece.end, kind))
        previous_blank = piece.blank_after
    return tuple(segments)


def tasks(text: str) -> tuple[Segment, ...]:
    """The segments to be matched: the duties; the requirements of a text that states no duty.

    Raises:
        NoTask: neither is there.
    """
    segments = cut(text)
    for kinds in (("duty",), ("requirement",)):
        chosen = tuple(_unique(s for s in segments if s.kind in kinds))
        if chosen:
            return chosen
    raise NoTask(
        "no task was found in the text",
        "Give the duties of the job, one a line, such as 'Rédiger les devis'.",
    )


def _unique(segments: Iterator[Segment]) -> Iterator[Segment]:
    seen = set()
    for segment in segments:
        key = fold(segment.text)
        if key not in seen:
            seen.add(key)
            yield segment


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    start: int
    end: int
    bullet: bool
    whole_line: bool
    blank_after: bool
    blank_before: bool
    after_colon: bool


def _pieces(text: str) -> Iterator[_Piece]:
    lines = list(re.finditer(r"[^\n\r]+", text))
    blank_before = True
    open_colon = False
    for number, line in enumerate(lines):
        content = line.group()
        if not content.strip():
            blank_before = True
            continue
        following = lines[number + 1] if number + 1 < len(lines) else None
        between = text[line.end() : following.start()] if following else "\n\n"
        blank_after = between.count("\n") > 1 or (
            following is not None and not following.group().strip()
        )
        mark = _BULLET.match(content)
        offset = line.start() + (mark.end() if mark else 0)
        spans = list(_sentences(text[offset : line.end()]))
        for start, end in spans:
            piece = text[offset + start : offset + end]
            yield _Piece(
                piece,
                offset + start,
                offset + end,
                mark is not None,
                len(spans) == 1,
                blank_after,
                blank_before,
                open_colon,
            )
            open_colon = bool(_INTRO_END.search(piece))
        blank_before = blank_after


def _sentences(line: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE_END.finditer(line):
        if (
            "." in match.group()
            and _ABBREVIATION.search(line[start : match.start()])
            and match.end() < len(line)
        ):
            continue
        if _inside_parentheses(line, start, match.start()):
            continue
        yield from _trim(line, start, match.end())
        start = match.end()
    yield from _trim(line, start, len(line))


def _inside_parentheses(line: str, start: int, at: int) -> bool:
    return line.count("(", start, at) > line.count(")", start, at) and ")" in line[at:]


def _trim(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and line[start] in " \t\u00a0•-–—*":
        start += 1
    while end > start and line[end - 1] in " \t\u00a0;,.":
        end -= 1
    if any(c.isalnum() for c in line[start:end]):
        yield start, end


def _plain_listing(pieces: list[_Piece]) -> bool:
    """Nothing but short lines, and no heading among them: each is a task."""
    lines = [p for p in pieces if p.whole_line]
    return len(lines) == len(pieces) and not any(
        _INTRO_END.search(p.text) or _heading_kind(fold(p.text)) for p in pieces
    )


def _heading_kind(folded: str) -> str | None:
    words = re.findall(r"\w+", folded)
    if not 1 <= len(words) <= 9:
        return None
    for kind, pattern in _HEADINGS:
        if pattern.search(folded):
            return kind
    return None


def _heading(piece: _Piece, folded: str, pieces: list[_Piece], index: int) -> str | None:
    """Kind of what follows, when the piece is a heading."""
    if not piece.text.strip():
        return None
    ends_open = bool(_INTRO_END.search(piece.text))
    upper = piece.text.isupper() and len(piece.text) > 3
    kind = None
    for name, pattern in _HEADINGS:
        if pattern.search(folded):
            kind = name
            break
    if ends_open:
        return (
            kind or "duty" if len(folded) < 250 and (kind or _introduces_duties(folded)) else None
        )
    if kind is None or not piece.whole_line or len(folded.split()) > 6:
        return None
    if folded[-1:] in ".!?":
        return None
    alone = piece.blank_before or piece.blank_after or upper
    followed = index + 1 < len(pieces) and pieces[index + 1].bullet
    return kind if alone or followed else None


def _introduces_duties(folded: str) -> bool:
    return bool(re.search(r"\b(?:charge|consist\w+|devrez|serez|suivant\w*|amene)\b", folded))


def _own_kind(folded: str) -> str | None:
    for kind, pattern in _SENTENCES:
        if pattern.search(folded):
            return kind
    return None


def _kind(piece: _Piece, folded: str, section: str | None, first: bool) -> str:
    own = _own_kind(folded)
    words = folded.split()
    if section == "duty":
        if (
            own in (None, "requirement", "soft_skill")
            and _DATES.search(folded)
            and len(words) <= 12
        ):
            return "other"  # the employer and the dates of a CV's entry
        if own in ("requirement", "soft_skill", "company") and piece.bullet:
            return "duty"
        return own or "duty"
    if own is not None:
        return own
    if section is not None:
        return section if section != "heading" else "other"
    if first and piece.whole_line and len(words) <= 12 and piece.blank_after:
        return "title"
    stripped = _LEAD.sub("", folded, count=1)
    if piece.bullet or stripped != folded or _DUTY_VERB.match(stripped):
        return "duty"
    return "other"


def lead_in(task: str) -> str:
    """`Vous serez chargé de rédiger les devis` -> `rédiger les devis`: what is compared.

    A task that is nothing but such words stays whole.
    """
    folded = fold(task)
    # Folding opens ligatures: without one, characters keep their places.
    if len(folded) != len(task):
        return task
    lead = _LEAD.match(folded)
    rest = task[lead.end() :] if lead else task
    return rest if any(c.isalnum() for c in rest) else task
