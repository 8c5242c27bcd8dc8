"""The register's open data, XML V4.1: sheets of the RNCP and of the RS, from XML or its zip.

Every tag is read, left out on purpose (`_LEFT_OUT`), or remarked.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from kb.errors import FetchFailed, InvalidSetting
from kb.model import (
    AccessRoute,
    Accreditation,
    Activity,
    Certification,
    Code,
    CohortStatistics,
    Correspondence,
    Document,
    Organisation,
    Prerequisites,
    Record,
    Remark,
    Territories,
)
from scrapers.competences import paragraphs, split
from scrapers.lines import clean
from scrapers.registers import values as register
from scrapers.registers.fiches import fiches, is_export, sheets, unpacked_size
from scrapers.registers.tables import ROLES, statistics_row
from scrapers.registers.values import BlockText, Faults

if TYPE_CHECKING:
    from lxml.etree import _Element

    from scrapers.fetch import Resource

NAME = "rncp_xml"
DESCRIPTION = "the national register's open data, XML V4.1, RNCP or RS, plain or zipped"
EXPECTED = range(3_500, 60_000)  # sheets of a full export
EXPECTED_OF = {"rncp": range(18_000, 60_000), "rs": range(3_500, 20_000)}
"""The same by register: half of either falls below. In 2026 both have some 30,500 sheets."""
AUTHORITY = 0
PUBLISHER = register.PUBLISHER

DATASET = "5eebbc067a14b6fecc9c9976"  # of the open-data portal
EXPORTS = ("rncp", "rs")
_EXPORT_NAME = re.compile(r"export[-_]fiches[-_](rncp|rs)[-_]v4[-_]1[-_](\d{4}-\d\d-\d\d)", re.I)

_STATES = {"Actif": "active", "Inactif": "inactive", "Supprimé": "removed"}
_ROUTES = {
    "SI_JURY_FI": "school",
    "SI_JURY_CA": "apprenticeship",
    "SI_JURY_FC": "continuing_education",
    "SI_JURY_CQ": "professionalisation",
    "SI_JURY_CL": "individual",
    "SI_JURY_VAE": "vae",
}
_FIGURES = {
    "ANNEE": "year",
    "NOMBRE_CERTIFIES": "certified",
    "NOMBRE_CERTIFIES_VAE": "certified_vae",
    "TAUX_INSERTION_GLOBAL_6MOIS": "insertion_6m_overall",
    "TAUX_INSERTION_METIER_6MOIS": "insertion_6m_job",
    "TAUX_INSERTION_METIER_2ANS": "insertion_2y_job",
}
_DECREES = ("PUBLICATION_DECRET_GENERAL", "PUBLICATION_DECRET_CREATION", "PUBLICATION_DECRET_AUTRE")
# fmt: off
_READ = frozenset((
    "FICHE", "NUMERO_FICHE", "INTITULE", "ABREGE", "CODE", "LIBELLE", "NUMERO", "ETAT_FICHE",
    "ACTIF", "TYPE_ENREGISTREMENT", "DATE_FIN_ENREGISTREMENT", "DATE_LIMITE_DELIVRANCE",
    "DATE_DECISION", "DATE_EFFET", "DATE_DE_PUBLICATION", "DUREE_ENREGISTREMENT",
    "NOMENCLATURE_EUROPE", "NIVEAU", "CODES_ROME", "ROME", "CODES_NSF", "NSF", "FORMACODES",
    "FORMACODE", "CCN_1", "CCN_2", "CCN_3", "CODES_IDCC", "IDCC", "OBJECTIFS_CONTEXTE",
    "ACTIVITES_VISEES", "CAPACITES_ATTESTEES", "SECTEURS_ACTIVITE", "TYPE_EMPLOI_ACCESSIBLES",
    "REGLEMENTATIONS_ACTIVITES", "PREREQUIS_ENTREE_FORMATION", "PREREQUIS_VALIDATION_CERTIFICATION",
    "VALIDATION_PARTIELLE", "VALIDATION_PARTIELLE_PERIMETRE", "BLOCS_COMPETENCES",
    "BLOC_COMPETENCES", "LISTE_COMPETENCES", "MODALITES_EVALUATION", "COMPOSITION",
    "STATISTIQUES_PROMOTIONS", "STATISTIQUES_PROMOTION", "CERTIFICATEURS", "CERTIFICATEUR",
    "SIRET_CERTIFICATEUR", "NOM_CERTIFICATEUR", "ETAT_CERTIFICATEUR", "SITE_INTERNET",
    "EXISTENCE_PARTENAIRES", "PARTENAIRES", "PARTENAIRE", "NOM_PARTENAIRE", "SIRET_PARTENAIRE",
    "HABILITATION_PARTENAIRE", "ETAT_HABILITATION", "DATE_ACTIF", "ANCIENNES_CERTIFICATIONS",
    "ANCIENNE_CERTIFICATION", "ID_FICHE_ANCIENNE_CERTIFICATION", "NOUVELLES_CERTIFICATIONS",
    "NOUVELLE_CERTIFICATION", "ID_FICHE_NOUVELLE_CERTIFICATION", "CORRESPONDANCES",
    "CORRESPONDANCE", "SOURCE", "DESTINATION", "ACCESSIBLE_NOUVELLE_CALEDONIE",
    "ACCESSIBLE_POLYNESIE_FRANCAISE", "PUBLICATION_JO", "TITRE", "DATE_PUBLICATION_JO",
    "ANNEES_PROMOTIONS_NIVEAU", "LIEN_URL_DESCRIPTION",
)).union(_ROUTES, _FIGURES, _DECREES)
# fmt: on
_LEFT_OUT = frozenset(
    {
        "ID_FICHE",  # the export's own key; the register's is NUMERO_FICHE
        "DATE_DERNIER_JO",  # the latest of the decrees' own dates
        "DATE_DERNIERE_MODIFICATION",  # when a jury's text was last edited
        "DATE_DERNIERE_MODIFICATION_ETAT",  # when an organisation's state was last edited
    }
)
_LINK = re.compile(r"(?:https?://|www\.)[^\s,;]+")


def recognise(document: Document) -> float:
    return 1.0 if is_export(document) else 0.0


def newest(register: str, listed: Iterable[Resource]) -> Resource:
    """The register's newest export among the files that the portal lists.

    Raises:
        InvalidSetting: neither "rncp" nor "rs". FetchFailed: none is listed.
    """
    if register not in EXPORTS:
        raise InvalidSetting(
            f"there is no register called {register!r}", f"Choose from: {', '.join(EXPORTS)}."
        )
    named = [(_EXPORT_NAME.search(resource.name), resource) for resource in listed]
    dated = [(m[2], r.name, r) for m, r in named if m and m[1].lower() == register]
    if not dated:
        raise FetchFailed(
            f"the portal lists no {register.upper()} export in format V4.1",
            "Check PASSERELLE_PORTAL, or give an export that you have with --from.",
        )
    return max(dated, key=lambda each: each[:2])[2]


def day_of(name: str) -> date | None:
    """The day in an export's name."""
    found = _EXPORT_NAME.search(name)
    return date.fromisoformat(found[2]) if found else None


def parse(document: Document) -> Iterator[Record]:
    """Sheets in the export's order, one at a time; a Remark for each that had to be left out.

    Raises:
        UnsafeDocument, UnreadableDocument, IncompleteDocument: as `fiches` raises them.
        EmptyDocument, BinaryDocument: see `scrapers.lines.format_of`.
    """
    for position, fiche in enumerate(fiches(document), 1):
        yield fiche if isinstance(fiche, Remark) else _Sheet(fiche, position).record()


def parts(document: Document, *, whole: bool = False) -> Iterator[tuple[str, Document] | Remark]:
    """Each sheet by its number as a document of its own, so that only what changed is parsed.

    Args:
        whole: refuse, at its end, an export that was cut off.
    Raises:
        As `parse`. IncompleteDocument: see `whole`.
    """
    return sheets(document, whole=whole)


def size(document: Document) -> int:
    """Bytes of the XML.

    Raises:
        UnsafeDocument, UnreadableDocument: as `parse`.
    """
    return unpacked_size(document)


class _Sheet:
    """One FICHE element and the faults found in it."""

    def __init__(self, fiche: _Element, position: int) -> None:
        self.fiche = fiche
        # Looked up some sixty times: a search through all children takes ten times as long.
        self._first: dict[str, _Element] = {each.tag: each for each in reversed(fiche)}
        number = _text(fiche, "NUMERO_FICHE")
        self.number = number
        self.name = f"FICHE {number}" if number else f"FICHE {position} of the export"
        self.faults = Faults(self.name)

    def record(self) -> Certification | Remark:
        if not self.number:
            return Remark(self.name, "a fiche without NUMERO_FICHE was left out")
        if not register.NUMBER.fullmatch(self.number):
            self.faults.add(
                f"number {self.number!r} is neither RNCPn nor RSn", self.at("NUMERO_FICHE")
            )
        self._remark_tags()
        title = self.text("INTITULE")
        if title is None:
            self.faults.add("no title (INTITULE); left unknown")
        blocks = register.merged(self._blocks(), self.faults)
        attested = self.raw("CAPACITES_ATTESTEES")
        competencies, skill_blocks = register.compose(
            self.number, title, blocks, attested, self.at("CAPACITES_ATTESTEES"), self.faults
        )
        own = register.distinct(paragraphs(self.raw("MODALITES_EVALUATION")))
        return Certification(
            number=self.number,
            title=title,
            level=register.level(self.text("NOMENCLATURE_EUROPE/NIVEAU"), self.faults),
            active=self.yes_no("ACTIF"),
            registration_end=self.day("DATE_FIN_ENREGISTREMENT"),
            certifiers=self._certifiers(),
            nsf=self._codes("CODES_NSF/NSF"),
            formacodes=self._codes("FORMACODES/FORMACODE"),
            rome=self._codes("CODES_ROME/ROME"),
            objectives=register.laid_out(self.raw("OBJECTIFS_CONTEXTE")),
            activities=tuple(
                Activity(each.text, each.code, self.at("ACTIVITES_VISEES"))
                for each in split(self.raw("ACTIVITES_VISEES"))
            ),
            attested=register.laid_out(attested),
            competencies=competencies,
            blocks=skill_blocks,
            assessments=own
            or register.distinct(each for block in blocks for each in block.assessments),
            sectors=register.short_items(self.raw("SECTEURS_ACTIVITE")),
            job_titles=register.short_items(self.raw("TYPE_EMPLOI_ACCESSIBLES")),
            access_routes=self._routes(),
            territories=Territories(
                self.yes_no("ACCESSIBLE_NOUVELLE_CALEDONIE"),
                self.yes_no("ACCESSIBLE_POLYNESIE_FRANCAISE"),
            ),
            prerequisites=Prerequisites(
                register.laid_out(self.raw("PREREQUIS_ENTREE_FORMATION")),
                register.laid_out(self.raw("PREREQUIS_VALIDATION_CERTIFICATION")),
            ),
            statistics=tuple(
                row
                for each in self.fiche.iterfind("STATISTIQUES_PROMOTIONS/STATISTIQUES_PROMOTION")
                if (row := self._statistics(each)) is not None
            ),
            replaces=self._all(
                "ANCIENNES_CERTIFICATIONS/ANCIENNE_CERTIFICATION/ID_FICHE_ANCIENNE_CERTIFICATION"
            ),
            replaced_by=self._all(
                "NOUVELLES_CERTIFICATIONS/NOUVELLE_CERTIFICATION/ID_FICHE_NOUVELLE_CERTIFICATION"
            ),
            correspondences=tuple(self._correspondences()),
            partners=self._partners(),
            abbreviation=self._abbreviation(),
            state=self.text("ETAT_FICHE"),
            registration_kind=self.text("TYPE_ENREGISTREMENT"),
            decision_date=self.day("DATE_DECISION"),
            effect_date=self.day("DATE_EFFET"),
            publication_date=self.day("DATE_DE_PUBLICATION"),
            delivery_limit=self.day("DATE_LIMITE_DELIVRANCE"),
            duration_years=self._whole("DUREE_ENREGISTREMENT"),
            partial_validation=self.yes_no("VALIDATION_PARTIELLE"),
            acquisition=register.laid_out(self.raw("VALIDATION_PARTIELLE_PERIMETRE")),
            collective_agreements=tuple(
                code
                for path in ("CCN_1", "CCN_2", "CCN_3", "CODES_IDCC/IDCC")
                for code in self._codes(path)
            ),
            fast_growing_years=tuple(
                int(year)
                for year in self._all("ANNEES_PROMOTIONS_NIVEAU/ANNEE")
                if self._is_year(year)
            ),
            regulation=register.laid_out(self.raw("REGLEMENTATIONS_ACTIVITES")),
            legal_texts=self._legal_texts(),
            links=tuple(dict.fromkeys(_LINK.findall(self.raw("LIEN_URL_DESCRIPTION")))),
            places=self._places(),
            warnings=tuple(self.faults.remarks),
        )

    # ---- values of one tag ----

    def raw(self, path: str) -> str:
        """The text with its runs of blanks: they are what is left of the lines."""
        tag, _, below = path.partition("/")
        first = self._first.get(tag)
        return _raw(first.find(below) if below and first is not None else first)

    def text(self, path: str) -> str | None:
        return " ".join(self.raw(path).split()) or None

    def at(self, path: str) -> str:
        return f"{self.name}/{path}"

    def day(self, path: str) -> date | None:
        return register.french_date(self.text(path), path, self.faults)

    def yes_no(self, path: str) -> bool | None:
        return register.yes_no(self.text(path), path, self.faults)

    def _all(self, path: str) -> tuple[str, ...]:
        texts = (" ".join(_raw(each).split()) for each in self.fiche.iterfind(path))
        return tuple(dict.fromkeys(each for each in texts if each))

    def _whole(self, path: str) -> int | None:
        told = self.text(path)
        if told is None or re.fullmatch(r"[0-9]{1,3}", told):
            return int(told) if told else None
        self.faults.add(f"{path} is {told!r}, no whole number; left unknown", self.at(path))
        return None

    def _is_year(self, told: str) -> bool:
        if re.fullmatch(r"(?:19|20)[0-9]{2}", told):
            return True
        self.faults.add(f"{told!r} is no year", self.at("ANNEES_PROMOTIONS_NIVEAU"))
        return False

    def _remark_tags(self) -> None:
        for tag in sorted({each.tag for each in self.fiche.iter()} - _READ - _LEFT_OUT):
            times = sum(1 for _ in self.fiche.iter(tag))
            self.faults.add(f"tag {tag} ({times}) is unknown; it was not read")
        single = Counter(each.tag for each in self.fiche)
        for tag, times in sorted(single.items()):
            if times > 1:
                self.faults.add(f"tag {tag} occurs {times} times; the first was read", self.at(tag))

    def _places(self) -> dict[str, str]:
        return {name: self.at(tag) for name, tag in _PLACES.items() if tag in self._first}

    # ---- values of several tags ----

    def _codes(self, path: str) -> tuple[Code, ...]:
        found: dict[str, Code] = {}
        for each in self.fiche.iterfind(path):
            code = _text(each, "CODE") or _text(each, "NUMERO")
            if code is None:
                self.faults.add("a code without CODE was left out", self.at(path))
                continue
            found.setdefault(code, Code(code, _text(each, "LIBELLE")))
        return tuple(found.values())

    def _abbreviation(self) -> Code | None:
        code, label = self.text("ABREGE/CODE"), self.text("ABREGE/LIBELLE")
        if code is None and label is not None:
            self.faults.add(f"abbreviation {label!r} has no code", self.at("ABREGE"))
        return Code(code, label) if code else None

    def _blocks(self) -> Iterator[BlockText]:
        for each in self.fiche.iterfind("BLOCS_COMPETENCES/BLOC_COMPETENCES"):
            code = _text(each, "CODE")
            if code is None:
                self.faults.add("a block without CODE was left out", self.at("BLOCS_COMPETENCES"))
                continue
            owner = register.BLOCK_CODE.fullmatch(code)
            if owner is None or owner[1] != self.number:
                self.faults.add(f"block code {code!r} is not of this sheet", self.at(code))
            yield BlockText(
                code,
                _text(each, "LIBELLE"),
                _raw(each.find("LISTE_COMPETENCES")),
                tuple(paragraphs(_raw(each.find("MODALITES_EVALUATION")))),
                self.at(code),
            )

    def _routes(self) -> tuple[AccessRoute, ...]:
        return tuple(
            AccessRoute(
                route,
                self.yes_no(f"{tag}/ACTIF"),
                register.laid_out(self.raw(f"{tag}/COMPOSITION")),
            )
            for tag, route in _ROUTES.items()
            if tag in self._first
        )

    def _statistics(self, row: _Element) -> CohortStatistics | None:
        values = {name: _text(row, tag) or "" for tag, name in _FIGURES.items()}
        place = self.at(f"STATISTIQUES_PROMOTION {values['year']}".strip())
        return statistics_row(values, self.faults, place)

    def _certifiers(self) -> tuple[Organisation, ...]:
        found = []
        for each in self.fiche.iterfind("CERTIFICATEURS/CERTIFICATEUR"):
            name = _text(each, "NOM_CERTIFICATEUR")
            if name is None:
                self.faults.add(
                    "a certifier without a name was left out", self.at("CERTIFICATEURS")
                )
                continue
            state = _text(each, "ETAT_CERTIFICATEUR")
            if state not in (None, "Actif"):
                self.faults.add(
                    f"certifier {name!r} is marked {state!r}", self.at("CERTIFICATEURS")
                )
            found.append(
                Organisation(
                    name,
                    register.siret(_text(each, "SIRET_CERTIFICATEUR"), self.faults),
                    website=_text(each, "SITE_INTERNET"),
                )
            )
        return tuple(found)

    def _partners(self) -> tuple[Accreditation, ...]:
        place = self.at("PARTENAIRES")
        unknown: Counter[str] = Counter()
        found = []
        for each in self.fiche.iterfind("PARTENAIRES/PARTENAIRE"):
            told = _children(each)
            name, number = told.get("NOM_PARTENAIRE"), told.get("SIRET_PARTENAIRE")
            if name is None:
                self.faults.add(f"a partner without a name (SIRET {number}) was left out", place)
                continue
            role, state = told.get("HABILITATION_PARTENAIRE"), told.get("ETAT_HABILITATION")
            if role is not None and role not in ROLES:
                unknown[f"habilitation label {role!r}"] += 1
            if state is not None and state not in _STATES:
                unknown[f"state of habilitation {state!r}"] += 1
            found.append(
                Accreditation(
                    name,
                    register.siret(number, self.faults),
                    ROLES.get(role or ""),
                    _STATES.get(state or ""),
                    register.french_date(told.get("DATE_ACTIF"), "DATE_ACTIF", self.faults),
                )
            )
        for what, times in unknown.items():
            self.faults.add(f"{what} ({times}) is unknown; left unknown", place)
        exists = self.yes_no("EXISTENCE_PARTENAIRES")
        if exists is not None and exists != bool(found):
            self.faults.add(
                f"EXISTENCE_PARTENAIRES is {self.text('EXISTENCE_PARTENAIRES')}, and {len(found)} "
                "partners are listed",
                place,
            )
        return tuple(found)

    def _correspondences(self) -> Iterator[Correspondence]:
        place = self.at("CORRESPONDANCES")
        for each in self.fiche.iterfind("CORRESPONDANCES/CORRESPONDANCE"):
            to = _text(each, "DESTINATION/NUMERO_FICHE")
            if to is None:
                self.faults.add("a correspondence without destination was left out", place)
                continue
            ours = _texts(each, "SOURCE/BLOC_COMPETENCES/CODE")
            theirs = _texts(each, "DESTINATION/BLOC_COMPETENCES/CODE")
            if not ours or not theirs:
                side = " and ".join(
                    name for name, codes in (("source", ours), ("destination", theirs)) if not codes
                )
                self.faults.add(f"a correspondence to {to} names no {side} block", place)
            yield Correspondence(to, ours, theirs)

    def _legal_texts(self) -> tuple[str, ...]:
        found = []
        for tag in _DECREES:
            for each in self.fiche.iterfind(f"{tag}/PUBLICATION_JO"):
                title, day = _text(each, "TITRE"), _text(each, "DATE_PUBLICATION_JO")
                if title is not None:
                    found.append(f"{title} ({day})" if day and day not in title else title)
        return tuple(dict.fromkeys(found))


_PLACES = {
    "title": "INTITULE",
    "level": "NOMENCLATURE_EUROPE",
    "registration_end": "DATE_FIN_ENREGISTREMENT",
    "certifiers": "CERTIFICATEURS",
    "nsf": "CODES_NSF",
    "formacodes": "FORMACODES",
    "rome": "CODES_ROME",
    "objectives": "OBJECTIFS_CONTEXTE",
    "activities": "ACTIVITES_VISEES",
    "attested": "CAPACITES_ATTESTEES",
    "blocks": "BLOCS_COMPETENCES",
    "sectors": "SECTEURS_ACTIVITE",
    "job_titles": "TYPE_EMPLOI_ACCESSIBLES",
    "statistics": "STATISTIQUES_PROMOTIONS",
    "partners": "PARTENAIRES",
    "correspondences": "CORRESPONDANCES",
    "regulation": "REGLEMENTATIONS_ACTIVITES",
}


def _raw(element: _Element | None) -> str:
    if element is None:
        return ""
    text = "".join(element.itertext()) if len(element) else element.text or ""
    return clean(html.unescape(text) if "&" in text else text).strip()


def _text(element: _Element, path: str) -> str | None:
    """The tag's text with blanks squeezed; None for an absent or empty one."""
    return " ".join(_raw(element.find(path)).split()) or None


def _children(element: _Element) -> dict[str, str]:
    """The text of each child that has one, by its tag; of several the first."""
    told: dict[str, str] = {}
    for child in element:
        if child.tag not in told and (text := " ".join(_raw(child).split())):
            told[child.tag] = text
    return told


def _texts(element: _Element, path: str) -> tuple[str, ...]:
    return tuple(text for each in element.iterfind(path) if (text := " ".join(_raw(each).split())))
