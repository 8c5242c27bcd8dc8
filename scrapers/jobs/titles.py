"""Names of jobs: in the headings of pages and offers, and in sentences about careers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.identity import fold
from scrapers.jobs.wording import any_of, words
from scrapers.lines import squeeze

# "Fiche métier : X", "X : fiche de poste", "Devenir X", "Le métier de X", "Que fait un X ?"
_TITLES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"fiches? (?:métiers?|de poste|emploi)"
        r"\s*(?:[:–|-]\s*|d['’]\s?(?:une? )?|de (?:la |l['’])?|du )"
        r"(?P<job>[^:|–]+?)(?:\s*[:|–(].*|\s-\s.*)?",
        r"(?:comment )?devenir (?:une? )?(?P<job>[^:?,|–]+?)(?:\s*[:?,|–].*)?",
        r"(?P<job>[^:|–]+?)\s*(?:\s[|–-]\s|:\s|,\s+)"
        r"(?:(?:la|le|les|sa|ses|son|tout|une?|ce|cette|à la)\s+)*"
        r"(?:fiche|découverte|missions?|salaires?|savoir|métiers?|profession|rôle|définition|comment"
        r"|quel|études|présentation|guide|compétences?|qui|que fait|zoom|formations?)\b.*",
        r"(?:tout savoir sur |découvr\w+ |zoom sur )?(?:le |la )?(?:métier|profession|poste) "
        r"(?:de |d['’]|du )(?:la |l['’]|une? )?(?P<job>[^:?,|–]+?)(?:\s*[:?,|–].*)?",
        r"(?:que fait|qu['’]est-ce qu['’])(?:une?|le|la) ?(?P<job>[^:?,|–]+?)\s*\??",
    )
)
_GENDER_MARK = re.compile(
    r"\s*[(\[]?\b[HFMX]\s*/\s*[HFMX](?:\s*/\s*[HFMX])?\b[)\]]?", re.IGNORECASE
)
_OFFER_LEAD = re.compile(
    r"(?:offre d['’]emploi|recrutement|recherche|poste|emploi|intitulé(?: du poste)?|titre)"
    r"\s*[:–-]\s*"
    r"|(?:nous recrutons|nous recherchons|on recrute|recrute)\s+(?:une?(?:\(e\)|·e)?|des)\s+",
    re.IGNORECASE,
)
_NO_JOB_NAME = re.compile(r"(?:les|vos|votre|nos|notre|mes|des|cet|ce|chefs d)\b|.*[.!?]$")
_CLAUSE = re.compile(r"\b(?:recherch\w+|recrut\w+|situee?|nous|notre|vous)\b")
_MAX_TITLE = 120

_MOVE = re.compile(
    r"(?<!\w)(?:devenir|evoluer vers|acceder (?:a|au|aux)|en tant que|viser|passer|promus?|occuper"
    r"|se reconvertir (?:en|comme)|exercer comme|pretendre (?:a|au|aux)|s'orienter vers|prendre)"
    r"\s+(?:(?:l'|les |la |le |un |une |des |d'|de )?"
    r"(?:postes?|fonctions?|emplois?|metiers?|responsabilites?) (?:de |d'|du |comme )"
    r"|(?:un |une |le |la |l'))?(?P<jobs>[^.;:!?]+)"
)
_AFTER_A_JOB = re.compile(
    r"\s(?:(?:dans|après|avec|pour|grâce|au sein|afin|sur|selon|chez|tout|quand)\s"
    r"|s['’](?:il|elle)\b|et \w+(?:er|ir|re)\b|en \w+ant\b)"
)
_BEFORE_A_JOB = re.compile(
    r"^(?:(?:ou|et|même|encore|bien|une?|l[ae]|des?|enfin|aussi|par exemple|notamment|puis|soit)\s+"
    r"|l['’]|d['’])+",
    re.IGNORECASE,
)
# A job's name starts with one of these, or with a word formed like one.
_JOB_WORDS = words("""
chef cheffe chefs cadre agent adjoint adjointe manager expert experte maître associé associée
chargé chargée responsable juriste
avocat avocate conseiller conseillère officier consultant consultante dirigeant dirigeante
enseignant enseignante assistant assistante commerçant artisan gérant gérante
""")
_JOB_ENDINGS = any_of("""
eur|euse|trice|ier|iere|iste|ien|ienne|logue|crate
taire|naire|maire|caire|istant|dant
""")
# A rank alone names no job.
_RANKS = words("chef chefs cheffe responsable responsables cadre cadres directeur manager")
# Words with such an ending that name no job.
_NO_JOB_WORDS = words("""
secteur secteurs hauteur valeur meilleur meilleure ailleurs plusieurs leur erreur faveur
chantier chantiers metier metiers dossier dossiers premier premiere dernier derniere particulier
rapidement ancien bien combien rien moyen quotidien entretien maintien lien soutien
carriere matiere maniere lumiere derriere superieur superieure interieur exterieur
""")


def job_name(text: str) -> str | None:
    """`Devenir X : …`, `X : fiche de poste`, `X (H/F)` -> `X`; None where nothing is named so."""
    text = squeeze(text)
    mark = _GENDER_MARK.search(text)
    if mark:
        before = _OFFER_LEAD.split(text[: mark.start()])[-1]
        after = re.split(r"\s[-–|:]\s|[(,]", text[mark.end() :])[0]
        name = plain_title(before if before.strip() else after)
        if name and len(name.split()) <= 12 and not _CLAUSE.search(fold(name)):
            return name
    for pattern in _TITLES:
        match = pattern.fullmatch(text)
        name = plain_title(match["job"]) if match else ""
        if 0 < len(name.split()) <= 8 and not _NO_JOB_NAME.match(fold(name)):
            return name
    return None


def plain_title(text: str) -> str:
    """A heading without leading article, gender mark, the site's name and closing marks."""
    text = _GENDER_MARK.sub("", squeeze(text))
    text = re.split(r"\s+\|\s+", text)[0]
    text = re.sub(r"^(?:l['’]|le |la |une? )", "", text, flags=re.IGNORECASE)
    return text.strip(" .:;,-–|*")[:_MAX_TITLE].strip()


def jobs_gone_to(sentence: str) -> Iterator[str]:
    """Jobs that a sentence says one can go to: "peut devenir X ou Y", "viser un poste de X"."""
    # Opened ligatures and dropped accents must not shift what is cut out of the sentence.
    sentence = squeeze(re.sub(r"\([^)]*\)", " ", sentence))
    for ligature, letters in (("œ", "oe"), ("Œ", "Oe"), ("æ", "ae")):
        sentence = sentence.replace(ligature, letters)
    folded = fold(sentence)
    if len(folded) != len(sentence):
        return
    match = _MOVE.search(folded)
    while match:
        yield from jobs_listed(sentence[match.start("jobs") : match.end("jobs")])
        # What follows may hold the job: "accéder à un rang supérieur en tant que X".
        match = _MOVE.search(folded, match.start("jobs"))


def jobs_listed(text: str) -> Iterator[str]:
    """Names of jobs in "X, Y ou même Z"; phrases that name none are left out."""
    for part in re.split(r",\s|\s(?=(?:ou|puis)\s)|\s/\s", text):
        name = _BEFORE_A_JOB.sub("", part.strip()).strip(" .;,…")
        # "chef d'équipe dans l'industrie", "directeur après dix ans": the name ends before.
        name = _AFTER_A_JOB.split(name)[0]
        if len(name.split()) <= 9 and fold(name) not in _RANKS and _is_job_word(name):
            yield name


def _is_job_word(name: str) -> bool:
    first = re.split(r"[\s/(·-]", fold(name))[0]
    if first in _JOB_WORDS or first.removesuffix("s") in _JOB_WORDS:
        return True
    ending = _JOB_ENDINGS.search(first.removesuffix("s")[-6:])
    return (
        first not in _NO_JOB_WORDS
        and len(first) >= 6
        and ending is not None
        and ending.end() == len(first.removesuffix("s")[-6:])
    )
