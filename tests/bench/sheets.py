"""Sheets of an invented register, each from the seed and its place in the plan alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from xml.sax.saxutils import escape

from vocabulary import FIELDS, WORDS, Field, Speaker, capital

DAY = date(2026, 8, 16)
"""Day of the first export; the next one is of the day after."""
_ROUTES = ("FI", "CA", "FC", "CQ", "CL", "VAE")
_KINDS = (
    ("TP", "Titre professionnel"), ("BTS", "Brevet de technicien supérieur"),
    ("CAP", "Certificat d'aptitude professionnelle"), ("BP", "Brevet professionnel"),
    ("Licence Pro", "Licence professionnelle"), ("Master", "Diplôme national de master"),
    ("CQP", "Certificat de qualification professionnelle"), ("TITRE", "Titre enregistré"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """What the plan says of one sheet: all counts, and whom it follows.

    family: index of the first sheet of its line; version: its position in that line.
    """

    index: int
    register: str  # "RNCP" or "RS"
    active: bool
    blocks: int
    partners: int
    family: int
    version: int
    before: int | None = None
    after: int | None = None

    @property
    def number(self) -> str:
        return number(self.register, self.index)


def number(register: str, index: int) -> str:
    """Numbers that the register does not give: `RNCP900001` and on."""
    return f"{register}{900_001 + index}"


@dataclass(frozen=True, slots=True)
class Block:
    """A block's title, its competences and how they are listed."""

    title: str
    items: tuple[str, ...]
    style: int
    assessment: str


@dataclass(frozen=True, slots=True)
class Partner:
    name: str
    siret: str
    role: str
    state: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What varies from one day to the next, and the text of all the rest."""

    place: Place
    title: str
    active: bool
    blocks: tuple[Block, ...]
    attested: str
    partners: tuple[Partner, ...]
    certified: int
    replaced_by: str | None
    head: str
    texts: str
    tail: str


# ---- ways of listing ----


def _joined(mark: str, blanks: str) -> Callable[[Sequence[str], Random], str]:
    return lambda items, _: blanks.join(mark + item for item in items)


def _numbered(form: str, blanks: str) -> Callable[[Sequence[str], Random], str]:
    def listed(items: Sequence[str], rng: Random) -> str:
        group = rng.randrange(1, 6)
        return blanks.join(form.format(g=group, i=i) + x for i, x in enumerate(items, 1))

    return listed


def _wrapped(items: Sequence[str], rng: Random) -> str:
    """Dashes decide; runs of two or three blanks are only what is left of wrapped lines."""
    lines = []
    for item in items:
        words = item.split(" ")
        for at in range(9, len(words) - 1, 11):
            if words[at][:1].islower():
                words[at] = " " * rng.randrange(1, 3) + words[at]
        lines.append("- " + " ".join(words))
    return "  ".join(lines)


def _grouped(items: Sequence[str], _: Random) -> str:
    lines = []
    for group, start in enumerate(range(0, len(items), 4), 1):
        lines.append(f"1.{group} {_GROUPS[(group + len(items)) % len(_GROUPS)]}")
        lines += [f"1.{group}.{i} {x}" for i, x in enumerate(items[start : start + 4], 1)]
    return "      ".join(lines)


def _headed(items: Sequence[str], rng: Random) -> str:
    heading = _GROUPS[rng.randrange(len(_GROUPS))]
    return f"{heading} :    " + "    ".join(f"- {item}" for item in items)


_GROUPS = (
    "Préparer l'intervention", "Conduire l'activité", "Rendre compte", "Travailler avec les autres",
    "Organiser le poste", "Analyser la demande", "Assurer la qualité", "Sécuriser les opérations",
    "Évaluer les résultats", "Gérer les moyens", "Accompagner le changement", "Faire évoluer",
)  # fmt: skip
_STYLES: tuple[Callable[[Sequence[str], Random], str], ...] = (
    _joined("", "     "), _joined("", "  "), _joined("", "\n"), _joined("- ", "  "),
    _joined("- ", "     "), _joined("• ", "    "), _joined("* ", "      "), _joined("● ", "\n"),
    _numbered("C{i}. ", "    "), _numbered("A{g}C{i}. ", "     "), _numbered("C.{g}.{i} ", "  "),
    _numbered("C{i} - ", "   "), _numbered("{i}. ", "    "), _numbered("{g}.{i} ", "     "),
    _joined("", "        "), _joined("–  ", "    "), _wrapped, _grouped, _headed,
)  # fmt: skip


# ---- the parts of a sheet ----


def _length(rng: Random, median: float, spread: float, most: int) -> int:
    return min(most, max(1, round(median * rng.lognormvariate(0, spread))))


def _sentences(
    speaker: Speaker, name: str, characters: float, blanks: str = ". ", tails: bool = False
) -> str:
    """Distinct sentences until there are so many characters."""
    said: dict[str, None] = {}
    length = 0.0
    while length < characters:
        sentence = capital(speaker.sentence(name) if tails else speaker.one(name))
        length += len(sentence) + 2 if sentence not in said else 20
        said[sentence] = None
    return blanks.join(said)


def _block(seed: int, place: Place, position: int) -> Block:
    """The same in two sheets of a line where the later one left it as it was."""
    version = place.version
    while version and Random(f"{seed} {place.family} {position} {version}").random() < 0.5:
        version -= 1
    rng = Random(f"{seed} block {place.family} {position} {version}")
    speaker = Speaker(_field(seed, place), rng)
    style = rng.randrange(len(_STYLES))
    assessment = _sentences(
        speaker, "assessment", 520 * min(4.0, rng.lognormvariate(0, 0.8)), "    "
    )
    if rng.random() < 0.07:
        # General subjects: the same words in every diploma of a kind.
        subject = rng.randrange(len(WORDS["common_blocks"]))
        common = Random(f"{seed} common {subject} {rng.randrange(4)}")
        items = common.sample(WORDS["common"], common.randrange(3, 7))
        return Block(WORDS["common_blocks"][subject], tuple(items), 6, assessment)
    wordy = (0.5, 1.0, 1.7, 2.3)[rng.randrange(4)]
    items = dict.fromkeys(speaker.competency(wordy) for _ in range(_length(rng, 5.6, 0.55, 30)))
    return Block(speaker.one("block"), tuple(items), style, assessment)


def _field(seed: int, place: Place) -> Field:
    # Some fields have many more certifications than others.
    chance = Random(f"{seed} field {place.family}").random()
    return FIELDS[int(chance**1.3 * len(FIELDS))]


def organisation(index: int) -> tuple[str, str]:
    """(name, SIRET) of an invented organisation; the number begins with 000."""
    rng = Random(index)
    speaker = Speaker(FIELDS[index % len(FIELDS)], rng)
    names = WORDS["organisations"], WORDS["organisation_names"]
    first, last = (speaker.pick(each) for each in names)
    if rng.random() < 0.55:
        last = capital(speaker.one("invented"))
    if rng.random() < 0.3:
        first += " " + speaker.field.name
    said = f"{first} {last}"
    digits = f"000{index:06d}0001"
    # The check digit makes the sum of Luhn a multiple of ten.
    doubled = (int(d) * (2 - i % 2) for i, d in enumerate(digits))
    check = -sum(d - 9 if d > 9 else d for d in doubled) % 10
    return (said.upper() if rng.random() < 0.8 else said), f"{digits}{check}"


def partner(index: int, rng: Random) -> Partner:
    """An organisation with what it may do for one certification."""
    name, siret = organisation(index)
    role = ("FORMER", "ORGA_FORM", "ORGA_FORM", "ORGANISER")[int(rng.random() ** 0.7 * 4)]
    state = "Actif" if rng.random() < 0.93 else ("Inactif", "Supprimé")[rng.randrange(2)]
    since = DAY - timedelta(rng.randrange(30, 1500)) if rng.random() < 0.3 else None
    return Partner(name, siret, f"HABILITATION_{role}", state, since)


def make(seed: int, place: Place, organisations: int) -> Sheet:
    """A sheet as it is in the first export.

    Args:
        organisations: how many there are that a partner is drawn from.
    """
    rng = Random(f"{seed} sheet {place.index}")
    field = _field(seed, place)
    speaker = Speaker(field, rng)
    blocks = tuple(_block(seed, place, k) for k in range(place.blocks))
    rich = 1.65 if place.blocks else 0.95
    title_rng = Random(f"{seed} title {place.family}")
    title = Speaker(field, title_rng).one("titles_rs" if place.register == "RS" else "titles")
    return Sheet(
        place=place,
        title=title,
        active=place.active,
        blocks=blocks,
        attested=_attested(speaker, blocks),
        partners=tuple(
            partner(each, rng) for each in rng.sample(range(organisations), place.partners)
        ),
        certified=_length(rng, 40, 1.2, 4000),
        replaced_by=number(place.register, place.after) if place.after is not None else None,
        head=_head(speaker, place),
        texts=_texts(speaker, rich, place.register == "RNCP"),
        tail=_tail(speaker, place),
    )


def _attested(speaker: Speaker, blocks: tuple[Block, ...]) -> str:
    rng = speaker.rng
    chance = rng.random()
    if blocks and chance < 0.6:
        lines: list[str] = []
        for block in blocks:
            lines += [f"{block.title} :", *(f"- {item}" for item in block.items)]
        return "      ".join(lines)
    if blocks and chance < 0.85:
        return "    ".join(block.title for block in blocks)
    wordy = (0.4, 1.0, 1.5)[rng.randrange(3)]
    items = dict.fromkeys(speaker.competency(wordy) for _ in range(_length(rng, 11, 0.6, 60)))
    return _STYLES[rng.randrange(len(_STYLES))](tuple(items), rng)


def _texts(speaker: Speaker, rich: float, occupation: bool) -> str:
    rng = speaker.rng
    objectives = (
        _sentences(speaker, "context", rich * 1000 * rng.lognormvariate(0, 0.6), tails=True) + "."
    )
    parts = [_text("OBJECTIFS_CONTEXTE", objectives)]
    if occupation:
        parts += _occupation(speaker, rich)
    if rng.random() < 0.3:
        parts.append(_text("REGLEMENTATIONS_ACTIVITES", _sentences(speaker, "regulation", 150)))
    if rng.random() < 0.45:
        entry = _sentences(speaker, "entry", 330 * rng.lognormvariate(0, 0.5), ".    ")
        parts.append(_text("PREREQUIS_ENTREE_FORMATION", entry))
    members = _sentences(speaker, "jury", 190 * rng.lognormvariate(0, 0.5), ".  ")
    jury = _text("COMPOSITION", members)
    for route in _ROUTES:
        open_ = rng.random() < 0.7
        inner = f"<ACTIF>{'Oui' if open_ else 'Non'}</ACTIF>" + (jury if open_ else "")
        parts.append(f"<SI_JURY_{route}>{inner}</SI_JURY_{route}>\n")
    return "".join(parts)


def _occupation(speaker: Speaker, rich: float) -> list[str]:
    """What only a certification that leads to an occupation tells."""
    rng = speaker.rng
    blanks = (". ", ".    ", "    ", "  - ", "\n")[rng.randrange(5)]
    length = rich * 1500 * rng.lognormvariate(0, 0.8)
    sectors = _sentences(speaker, "sectors", 340 * rng.lognormvariate(0, 0.6), "    ")
    field = speaker.field
    jobs = rng.sample(field.jobs, rng.randrange(2, len(field.jobs) + 1))
    jobs += [
        f"{speaker.pick(field.jobs)} {speaker.pick(field.phrases['L'][''])}"
        for _ in range(rng.randrange(1, 9))
    ]
    listed = ("    ", ", ", "    - ")[rng.randrange(3)].join(map(capital, dict.fromkeys(jobs)))
    said = _sentences(speaker, "activity", length, "\0", tails=True).split("\0")
    # As many activities as real sheets list: some stand alone, some in paragraphs.
    activities = said[0] + "".join(
        (". " if rng.random() < 0.5 else blanks) + sentence for sentence in said[1:]
    )
    return [
        _text("ACTIVITES_VISEES", activities),
        _text("SECTEURS_ACTIVITE", sectors),
        _text("TYPE_EMPLOI_ACCESSIBLES", listed),
    ]


def _head(speaker: Speaker, place: Place) -> str:
    rng, field = speaker.rng, speaker.field
    other = FIELDS[rng.randrange(len(FIELDS))]
    formacodes = "".join(
        _code("FORMACODE", *each.codes["formacode"])
        for each in ([field, other] if rng.random() < 0.4 else [field])
    )
    parts = [f"<FORMACODES>{formacodes}</FORMACODES>\n"]
    if place.register == "RNCP":
        level = rng.randrange(3, 8)
        kind = _KINDS[rng.randrange(len(_KINDS))]
        parts += [
            _code("ABREGE", *kind),
            f"<NOMENCLATURE_EUROPE><NIVEAU>NIV{level}</NIVEAU>"
            f"<LIBELLE>Niveau {level}</LIBELLE></NOMENCLATURE_EUROPE>\n",
        ]
    rome = "".join(
        _code("ROME", *each.codes["rome"])
        for each in ([field, other] if rng.random() < 0.25 else [field])
    )
    name, siret = organisation(rng.randrange(4000))
    parts += [
        f"<CODES_NSF>{_code('NSF', *field.codes['nsf'])}</CODES_NSF>\n",
        "<CERTIFICATEURS><CERTIFICATEUR>"
        f"<SIRET_CERTIFICATEUR>{siret}</SIRET_CERTIFICATEUR>"
        f"<NOM_CERTIFICATEUR>{escape(name)}</NOM_CERTIFICATEUR>"
        "<ETAT_CERTIFICATEUR>Actif</ETAT_CERTIFICATEUR>"
        f"<DATE_DERNIERE_MODIFICATION_ETAT>{_day(DAY - timedelta(rng.randrange(90, 2200)))}"
        "</DATE_DERNIERE_MODIFICATION_ETAT></CERTIFICATEUR></CERTIFICATEURS>\n",
        f"<CODES_ROME>{rome}</CODES_ROME>\n",
    ]
    return "".join(parts)


def _tail(speaker: Speaker, place: Place) -> str:
    rng = speaker.rng
    years = rng.randrange(2, 6)
    if place.active:
        decided = DAY - timedelta(rng.randrange(30, 1500))
        end = DAY + timedelta(rng.randrange(20, 1500))
    else:
        decided = DAY - timedelta(rng.randrange(1900, 7000))
        end = decided + timedelta(365 * years)
    decrees = "".join(
        "<PUBLICATION_JO>"
        + _text("TITRE", f"{capital(speaker.one('decree'))}, {speaker.one('decree')}")
        + f"<DATE_PUBLICATION_JO>{_day(decided)}</DATE_PUBLICATION_JO></PUBLICATION_JO>"
        for _ in range(rng.randrange(0, 4))
    )
    parts = [
        "<ACCESSIBLE_NOUVELLE_CALEDONIE>Non</ACCESSIBLE_NOUVELLE_CALEDONIE>\n"
        "<ACCESSIBLE_POLYNESIE_FRANCAISE>Non</ACCESSIBLE_POLYNESIE_FRANCAISE>\n",
        f"<PUBLICATION_DECRET_AUTRE>{decrees}</PUBLICATION_DECRET_AUTRE>\n" if decrees else "",
        f"<DATE_FIN_ENREGISTREMENT>{_day(end)}</DATE_FIN_ENREGISTREMENT>\n"
        f"<DATE_DECISION>{_day(decided)}</DATE_DECISION>\n"
        f"<DATE_EFFET>{_day(decided + timedelta(1))}</DATE_EFFET>\n"
        f"<DUREE_ENREGISTREMENT>{years}</DUREE_ENREGISTREMENT>\n"
        "<TYPE_ENREGISTREMENT>Enregistrement sur demande</TYPE_ENREGISTREMENT>\n",
    ]
    if place.before is not None and place.blocks:
        old = number(place.register, place.before)
        pairs = "".join(
            f"<CORRESPONDANCE><SOURCE>{_block_code(place.number, k)}</SOURCE>"
            f"<DESTINATION><NUMERO_FICHE>{old}</NUMERO_FICHE>{_block_code(old, k)}</DESTINATION>"
            "</CORRESPONDANCE>"
            for k in range(1, place.blocks + 1)
            if rng.random() < 0.7
        )
        parts.append(f"<CORRESPONDANCES>{pairs}</CORRESPONDANCES>\n" if pairs else "")
    return "".join(parts)


# ---- as XML ----


def render(sheet: Sheet) -> str:
    """The FICHE element."""
    place = sheet.place
    rng = Random(f"{place.index} layout")
    parts = [
        f"<FICHE>\n<ID_FICHE>{place.index + 1}</ID_FICHE>\n"
        f"<NUMERO_FICHE>{place.number}</NUMERO_FICHE>\n",
        _replacement("NOUVELLE", sheet.replaced_by),
        _replacement(
            "ANCIENNE",
            number(place.register, place.before) if place.before is not None else None,
        ),
        _text("INTITULE", sheet.title),
        "<ETAT_FICHE>Publiée</ETAT_FICHE>\n",
        sheet.head,
        f"<EXISTENCE_PARTENAIRES>{'Oui' if sheet.partners else 'Non'}</EXISTENCE_PARTENAIRES>\n",
    ]
    if sheet.partners:
        parts += ["<PARTENAIRES>\n", *map(_partner, sheet.partners), "</PARTENAIRES>\n"]
    parts += [_text("CAPACITES_ATTESTEES", sheet.attested), sheet.texts]
    if place.register == "RNCP" and sheet.certified > 20:
        rows = (
            f"<STATISTIQUES_PROMOTION><ANNEE>{DAY.year - 1 - back}</ANNEE>"
            f"<NOMBRE_CERTIFIES>{max(1, sheet.certified - 7 * back)}</NOMBRE_CERTIFIES>"
            f"<NOMBRE_CERTIFIES_VAE>{sheet.certified % 5}</NOMBRE_CERTIFIES_VAE>"
            f"<TAUX_INSERTION_GLOBAL_6MOIS>{60 + sheet.certified % 37}"
            "</TAUX_INSERTION_GLOBAL_6MOIS></STATISTIQUES_PROMOTION>\n"
            for back in range(1 + sheet.certified % 3)
        )
        parts += ["<STATISTIQUES_PROMOTIONS>\n", *rows, "</STATISTIQUES_PROMOTIONS>\n"]
    if sheet.blocks:
        parts.append("<BLOCS_COMPETENCES>\n")
        for k, block in enumerate(sheet.blocks, 1):
            listed = _STYLES[block.style](block.items, rng)
            parts += [
                f"<BLOC_COMPETENCES>\n<CODE>{place.number}BC{k:02d}</CODE>\n",
                _text("LIBELLE", block.title),
                _text("LISTE_COMPETENCES", listed),
                _text("MODALITES_EVALUATION", block.assessment),
                "</BLOC_COMPETENCES>\n",
            ]
        parts.append("</BLOCS_COMPETENCES>\n")
    parts += [f"<ACTIF>{'Oui' if sheet.active else 'Non'}</ACTIF>\n", sheet.tail, "</FICHE>\n"]
    return "".join(parts)


def _text(tag: str, text: str) -> str:
    return f"<{tag}><![CDATA[{text}]]></{tag}>\n"


def _code(tag: str, code: str, label: str) -> str:
    return f"<{tag}><CODE>{code}</CODE><LIBELLE>{escape(label)}</LIBELLE></{tag}>\n"


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _block_code(sheet: str, position: int) -> str:
    return f"<BLOC_COMPETENCES><CODE>{sheet}BC{position:02d}</CODE></BLOC_COMPETENCES>"


def _replacement(which: str, sheet: str | None) -> str:
    if sheet is None:
        return ""
    tag = f"{which}_CERTIFICATION"
    return (
        f"<{which}S_CERTIFICATIONS><{tag}><ID_FICHE_{tag}>{sheet}</ID_FICHE_{tag}></{tag}>"
        f"</{which}S_CERTIFICATIONS>\n"
    )


def _partner(partner: Partner) -> str:
    since = f"<DATE_ACTIF>{_day(partner.since)}</DATE_ACTIF>\n" if partner.since else ""
    return (
        f"<PARTENAIRE>\n<NOM_PARTENAIRE>{escape(partner.name)}</NOM_PARTENAIRE>\n"
        f"<SIRET_PARTENAIRE>{partner.siret}</SIRET_PARTENAIRE>\n"
        f"<HABILITATION_PARTENAIRE>{partner.role}</HABILITATION_PARTENAIRE>\n"
        f"<ETAT_HABILITATION>{partner.state}</ETAT_HABILITATION>\n{since}"
        "<DATE_DERNIERE_MODIFICATION_ETAT>23/07/2025</DATE_DERNIERE_MODIFICATION_ETAT>\n"
        "</PARTENAIRE>\n"
    )


# ---- the next day ----


def changed(sheet: Sheet, kind: str, seed: int, organisations: int) -> Sheet:
    """The sheet in the next day's export.

    Args:
        kind: "reworded", "partner", "deactivated", "reactivated", "statistics" or "replaced by N".
    """
    rng = Random(f"{seed} next day {sheet.place.index}")
    if kind == "reworded":
        speaker = Speaker(_field(seed, sheet.place), rng)
        if not sheet.blocks:
            return replace(sheet, attested=f"{sheet.attested}     {speaker.competency()}")
        at = rng.randrange(len(sheet.blocks))
        block = sheet.blocks[at]
        item = rng.randrange(len(block.items))
        longer = f"{block.items[item]} {speaker.tail('purposes')}"
        items = (*block.items[:item], longer, *block.items[item + 1 :])
        blocks = (*sheet.blocks[:at], replace(block, items=items), *sheet.blocks[at + 1 :])
        return replace(sheet, blocks=blocks)
    if kind == "partner":
        # Beyond the pool of the first day: surely new to this sheet.
        new = partner(organisations + sheet.place.index, rng)
        return replace(sheet, partners=(*sheet.partners, replace(new, since=DAY)))
    if kind == "statistics":
        return replace(sheet, certified=sheet.certified + 21)
    if kind in ("deactivated", "reactivated"):
        return replace(sheet, active=kind == "reactivated")
    _, _, newer = kind.rpartition(" ")
    return replace(sheet, active=False, replaced_by=newer)
