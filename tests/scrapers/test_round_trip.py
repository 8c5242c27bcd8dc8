"""Each RNCP fiche of the open data, laid out as the text of a page, gives the same record.

What the page does not show cannot come back: the diploma's short name, the state and kind of the
registration, its dates but the end, collective agreements, legal texts, years of fast growth,
correspondences, and the state and first day of an accreditation. Copied text has lost the columns
of Oui and Non: territories are unknown, and access routes are the same but inferred.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from kb.model import Certification, Document, Territories
from scrapers.sources import rncp_page, rncp_xml

FIXTURE = Path(__file__).parent.parent / "fixtures" / "rncp_xml" / "rncp" / "page.xml"
REAL = "data/rncp_xml/export_fiches_RNCP_V4_1_2026-08-16.xml"
NOT_SHOWN = frozenset(
    {
        "abbreviation",
        "state",
        "registration_kind",
        "decision_date",
        "effect_date",
        "publication_date",
        "delivery_limit",
        "duration_years",
        "partial_validation",
        "collective_agreements",
        "fast_growing_years",
        "legal_texts",
        "correspondences",
    }
)
OWN = frozenset({"places", "warnings"})  # each document's own

ROUTES = {
    "SI_JURY_FI": "Après un parcours de formation sous statut d’élève ou d’étudiant",
    "SI_JURY_CA": "En contrat d’apprentissage",
    "SI_JURY_FC": "Après un parcours de formation continue",
    "SI_JURY_CQ": "En contrat de professionnalisation",
    "SI_JURY_CL": "Par candidature individuelle",
    "SI_JURY_VAE": "Par expérience",
}
FIGURES = (
    "NOMBRE_CERTIFIES",
    "NOMBRE_CERTIFIES_VAE",
    "TAUX_INSERTION_GLOBAL_6MOIS",
    "TAUX_INSERTION_METIER_6MOIS",
    "TAUX_INSERTION_METIER_2ANS",
)


def lines(text: str | None) -> list[str]:
    """The lines that the page shows where the data has runs of blanks: long runs, or, in a text
    that has none, runs before a capital letter or a dash."""
    text = (text or "").strip()
    run = r"\s{4,}" if re.search(r"\s{4,}", text) else r"\s{2,}(?=[^a-z\s\d]|\d[.)])"
    return [line.strip() for line in re.split(run, text) if line.strip()]


def page(fiche: Element) -> str:
    """The text of the page of one FICHE."""
    return "\n\n".join(_page(fiche)) + "\n"


def _page(fiche: Element) -> Iterator[str]:
    def text(path: str) -> str:
        return " ".join(fiche.findtext(path, "").split())

    yield f"{text('NUMERO_FICHE')} - {text('INTITULE')}"
    yield "Active" if text("ACTIF") == "Oui" else "Inactive"
    yield "L'essentiel"
    yield f"Nomenclature\ndu niveau de qualification\n\n{text('NOMENCLATURE_EUROPE/LIBELLE')}"
    for heading, path in (
        ("Code(s) NSF", "CODES_NSF/NSF"),
        ("Formacode(s)", "FORMACODES/FORMACODE"),
    ):
        yield heading
        for code in fiche.iterfind(path):
            yield f"{code.findtext('CODE')} : {code.findtext('LIBELLE')}"
    yield "Date d’échéance\nde l’enregistrement"
    yield text("DATE_FIN_ENREGISTREMENT").replace("/", "-")
    yield "Nom légal Siret Nom commercial Site internet"
    for each in fiche.iterfind("CERTIFICATEURS/CERTIFICATEUR"):
        cells = [
            each.findtext(f"{tag}", "-") for tag in ("NOM_CERTIFICATEUR", "SIRET_CERTIFICATEUR")
        ]
        yield " ".join([*cells, "-", each.findtext("SITE_INTERNET", "-")])
    yield from _section("Objectifs et contexte de la certification :", fiche, "OBJECTIFS_CONTEXTE")
    yield from _section("Activités visées :", fiche, "ACTIVITES_VISEES")
    yield from _section("Compétences attestées :", fiche, "CAPACITES_ATTESTEES")
    yield "Modalités d'évaluation :"
    for block in fiche.iterfind("BLOCS_COMPETENCES/BLOC_COMPETENCES"):
        yield from lines(block.findtext("MODALITES_EVALUATION"))
    for block in fiche.iterfind("BLOCS_COMPETENCES/BLOC_COMPETENCES"):
        yield f"{block.findtext('CODE')} - {block.findtext('LIBELLE')}"
        yield "Liste de compétences Modalités d'évaluation"
        yield from lines(block.findtext("LISTE_COMPETENCES"))
        yield from lines(block.findtext("MODALITES_EVALUATION"))
    yield from _section("Secteurs d’activités :", fiche, "SECTEURS_ACTIVITE")
    yield from _section("Type d'emplois accessibles :", fiche, "TYPE_EMPLOI_ACCESSIBLES")
    yield "Code(s) ROME :"
    for code in fiche.iterfind("CODES_ROME/ROME"):
        yield f"  • {code.findtext('CODE')} - {code.findtext('LIBELLE')}"
    yield from _section(
        "Références juridiques des règlementations d’activité :", fiche, "REGLEMENTATIONS_ACTIVITES"
    )
    yield from _section(
        "Le cas échant, prérequis à l’entrée en formation :", fiche, "PREREQUIS_ENTREE_FORMATION"
    )
    yield from _section(
        "Le cas échant, prérequis à la validation de la certification :",
        fiche,
        "PREREQUIS_VALIDATION_CERTIFICATION",
    )
    yield "Validité des composantes acquises"
    yield "Voie d’accès à la certification Oui Non Composition des jurys Date de modification"
    for tag, label in ROUTES.items():
        jury = lines(fiche.findtext(f"{tag}/COMPOSITION"))
        yield "\n\n".join([f"{label} X", *jury, "-"]) if jury else f"{label} X - -"
    yield "Validité des composantes acquises\nOui Non"
    yield "Inscrite au cadre de la Nouvelle Calédonie X"
    yield "Inscrite au cadre de la Polynésie française X"
    yield "Statistiques :\n\nStatistiques"
    yield "Année d'obtention de la certification Nombre de certifiés"
    for row in fiche.iterfind("STATISTIQUES_PROMOTIONS/STATISTIQUES_PROMOTION"):
        yield " ".join([row.findtext("ANNEE", ""), *(row.findtext(tag, "-") for tag in FIGURES)])
    yield from _section(
        "Lien internet vers le descriptif de la certification :", fiche, "LIEN_URL_DESCRIPTION"
    )
    yield "Ancienne(s) certification(s) :"
    for each in fiche.iter("ID_FICHE_ANCIENNE_CERTIFICATION"):
        yield str(each.text)
    yield "Nouvelle(s) certification(s) :"
    for each in fiche.iter("ID_FICHE_NOUVELLE_CERTIFICATION"):
        yield str(each.text)
    yield "Liste des organismes préparant à la certification :"
    yield "Nom légal Siret Rôle"
    for each in fiche.iterfind("PARTENAIRES/PARTENAIRE"):
        tags = ("NOM_PARTENAIRE", "SIRET_PARTENAIRE", "HABILITATION_PARTENAIRE")
        yield " ".join(each.findtext(tag, "-") for tag in tags)


def _section(heading: str, fiche: Element, path: str) -> Iterator[str]:
    yield heading
    yield from lines(fiche.findtext(path))


def shown(sheet: Certification) -> Certification:
    """What of a record a page can show, without the places where it was read."""
    return replace(
        sheet,
        activities=tuple(replace(each, place=None) for each in sheet.activities),
        competencies=tuple(replace(each, place=None) for each in sheet.competencies),
        blocks=tuple(replace(each, place=None) for each in sheet.blocks),
        access_routes=tuple(replace(each, inferred=True) for each in sheet.access_routes),
        partners=tuple(replace(each, state=None, since=None) for each in sheet.partners),
        territories=Territories(),
    )


def there_and_back(path: Path) -> Iterator[tuple[Certification, Certification]]:
    records = rncp_xml.parse(Document(path.read_bytes(), str(path)))
    for fiche, record in zip(ET.parse(path).getroot().iter("FICHE"), records, strict=True):
        document = Document(page(fiche).encode(), f"{fiche.findtext('NUMERO_FICHE')}.txt")
        assert rncp_page.recognise(document) >= 0.9
        (again,) = rncp_page.parse(document)
        assert isinstance(record, Certification)
        assert isinstance(again, Certification)
        yield shown(record), shown(again)


def differences(one: Certification, other: Certification) -> list[str]:
    return [
        f"{one.number} {field.name}: {getattr(one, field.name)!r} / {getattr(other, field.name)!r}"
        for field in fields(Certification)
        if field.name not in NOT_SHOWN | OWN
        and getattr(one, field.name) != getattr(other, field.name)
    ]


def test_our_own_fiche() -> None:
    ((one, other),) = there_and_back(FIXTURE)
    assert differences(one, other) == []


@pytest.mark.real
def test_real_fiches(real_data: Path) -> None:
    pairs = list(there_and_back(real_data / REAL))
    assert len(pairs) == 7
    assert [text for pair in pairs for text in differences(*pair)] == []
