"""Offers and CVs in our own words, cut into tasks; figures for the whole set at the end."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from index.evaluate.segments import segments
from index.tasks import KINDS, cut, lead_in, tasks
from kb.errors import NoTask

# One line a segment: its kind, then what stands in the text.
OFFERS = {
    "bullets under headings": """
company|Verdanne est un acteur régional de la logistique du frais, fondée en 1998
company|Notre entreprise recherche un magasinier (H/F) pour son site de Brisole
heading|Vos missions :
duty|- Réceptionner les palettes et contrôler les bons de livraison
duty|- Ranger les colis en chambre froide
duty|- Préparer les commandes des magasins
heading|Profil recherché :
schooling|- Titulaire d'un CAP ou d'un bac pro logistique
requirement|- Une première expérience de deux ans en entrepôt
soft_skill|- Rigueur et ponctualité
heading|Avantages
benefits|- Tickets restaurant et prime de froid
benefits|- Mutuelle d'entreprise
diversity|Tous nos postes sont ouverts aux personnes en situation de handicap
application|Envoyez votre CV à l'adresse ci-dessous
contact|recrutement@verdanne.example
""",
    "sentences in the second person": """
company|La crèche associative Les Galets recrute une auxiliaire de puériculture
duty|Au sein d'une équipe de six personnes, vous accueillez les enfants et leurs parents
duty|Vous préparez les repas et veillez au sommeil des petits
duty|Vous serez chargé de tenir le cahier de transmission
schooling|Vous êtes titulaire du diplôme d'État
soft_skill|Vous êtes dynamique et à l'écoute
contract|CDI à temps plein, poste à pourvoir en mars
benefits|Rémunération selon convention
""",
    "headings in capitals": """
heading|L'ENTREPRISE
company|Soixante artisans dans trois ateliers
heading|MISSIONS
duty|Tailler les pierres
duty|Restauration des façades anciennes
heading|FORMATION
schooling|Brevet professionnel de la taille
heading|HORAIRES
contract|Du lundi au jeudi
""",
    "a plain list": """
duty|gestion des stocks
duty|accueil téléphonique
duty|la paie
""",
    "nominal duties": """
title|Employé de ménage
heading|Tâches
duty|• entretien des bureaux
duty|• lavage des vitres
duty|• réassort des consommables
heading|Qualités
soft_skill|• discrétion
""",
}
CV = """
title|Camille Exemple
contact|34 ans
contact|camille@exemple.example
heading|Expérience professionnelle
other|Assistante, Menuiserie Fictive, 2019-2023
duty|- Rédaction des devis et des factures
duty|- Suivi des paiements
other|Stage chez Papeterie Inventée, depuis 2018
duty|- Accueillir les clients
heading|Formation
schooling|BTS gestion de la PME, 2018
heading|Compétences
requirement|Tableur et traitement de texte
heading|Langues
other|Anglais courant
heading|Loisirs
other|Aviron
"""


def labelled(case: str) -> tuple[str, list[tuple[str, str]]]:
    rows = [line.split("|", 1) for line in case.strip().split("\n")]
    return "\n".join(text for _, text in rows), [(kind, text) for kind, text in rows]


@pytest.mark.parametrize("name", OFFERS)
def test_kinds_of_an_offer(name: str) -> None:
    text, wanted = labelled(OFFERS[name])
    found = [(s.kind, s.text) for s in cut(text)]
    assert [kind for kind, _ in found] == [kind for kind, _ in wanted]
    assert all(kind in KINDS for kind, _ in found)


def test_of_a_cv_only_the_experience_is_matched() -> None:
    text, wanted = labelled(CV)
    assert [s.text for s in tasks(text)] == [
        line.removeprefix("- ") for kind, line in wanted if kind == "duty"
    ]


@pytest.mark.parametrize("text", [*OFFERS.values(), CV])
def test_segments_know_their_place(text: str) -> None:
    whole, _ = labelled(text)
    segments = cut(whole)
    assert [whole[s.start : s.end] for s in segments] == [s.text for s in segments]
    assert all(a.end <= b.start for a, b in pairwise(segments))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Camille Exemple", "Pierre Gérer"),
        ("34 ans", "61 ans, né le 3 mars 1964"),
        ("Assistante, Menuiserie", "Assistant, Menuiserie"),
    ],
)
def test_name_age_and_gender_change_no_task(one: str, other: str) -> None:
    text, _ = labelled(CV)
    assert one in text
    changed = tasks(text.replace(one, other))
    assert [s.text for s in changed] == [s.text for s in tasks(text)]


DEMO = Path(__file__).resolve().parents[2] / "web" / "demo"
DESCRIPTIONS = sorted([*DEMO.glob("offers/*.txt"), *DEMO.glob("cvs/*.txt")])


@pytest.mark.parametrize("path", DESCRIPTIONS, ids=lambda path: path.stem)
def test_who_applies_changes_no_task_of_the_examples(path: Path) -> None:
    text = path.read_text("utf-8")
    before = [s.text for s in tasks(text)]
    assert len(before) >= 7
    first = text.split("\n", 1)[0]
    for other in ("Pierre GERER, né en 1961, 64 ans", "Madame Rose Alexandre, 23 ans"):
        if path.parent.name == "cvs":
            assert [s.text for s in tasks(text.replace(first, other))] == before
    for mark in (" (H/F)", " F/H", "(ne)", "(fe)"):
        assert [s.text for s in tasks(text.replace(mark, ""))] == before


def test_one_sentence_is_one_task() -> None:
    for text in ("organiser un séminaire", "• l'achat de fournitures et de mobilier"):
        (only,) = tasks(text)
        assert only.text == text.removeprefix("• ")


def test_duties_listed_in_a_sentence_are_one_each() -> None:
    text = "Vos missions consisteront à : couler le béton, poser les coffrages et enduire les murs."
    assert [s.text for s in tasks(text)] == [
        "couler le béton",
        "poser les coffrages et enduire les murs",
    ]


def test_bullets_that_lost_their_lines() -> None:
    text = "Votre quotidien***Semer les graines***Arroser les serres***Récolter les fruits"
    assert [s.text for s in tasks(text)][-3:] == [
        "Semer les graines",
        "Arroser les serres",
        "Récolter les fruits",
    ]


def test_wrapped_lines_are_read_together() -> None:
    text = (
        "Missions :\n"
        "- Accompagner les personnes âgées dans les gestes du quotidien et dans leurs\n"
        "sorties en ville\n"
        "- Tenir le carnet de liaison"
    )
    first, second = tasks(text)
    assert first.text.endswith("sorties en ville")
    assert text[first.start : first.end] == first.text
    assert second.text == "Tenir le carnet de liaison"


def test_abbreviations_and_brackets_end_no_sentence() -> None:
    text = "Vous gérez les achats (papier, encre. Toner etc.) de Mme Roux."
    assert len(tasks(text)) == 1


def test_requirements_stand_in_where_no_duty_is_stated() -> None:
    text = "Profil recherché :\n- Maîtrise du tournage sur bois\n- Mutuelle d'entreprise"
    assert [s.text for s in tasks(text)] == ["Maîtrise du tournage sur bois"]


def test_the_same_duty_twice_is_one_task() -> None:
    assert len(tasks("Missions :\n- Classer les dossiers\n- classer les dossiers\n")) == 1


@pytest.mark.parametrize("text", ["", " \n\t", "----\n***", "contact@exemple.example"])
def test_no_task(text: str) -> None:
    with pytest.raises(NoTask, match="no task"):
        tasks(text)


@pytest.mark.parametrize(
    ("task", "compared"),
    [
        ("Vous serez chargé de rédiger les devis", "rédiger les devis"),
        ("Au sein du service, vous assurez le suivi", "assurez le suivi"),
        ("En tant que comptable, vous tenez les comptes", "tenez les comptes"),
        ("Il gère les stocks", "gère les stocks"),
        ("la comptabilité", "la comptabilité"),
        ("Vous", "Vous"),
        ("Vous cœur", "Vous cœur"),
    ],
)
def test_what_introduces_a_task_is_not_compared(task: str, compared: str) -> None:
    assert lead_in(task) == compared


def test_duties_of_labelled_texts_are_found() -> None:
    figures = segments()
    assert figures["n"] >= 30
    assert figures["precision"] >= 0.77
    assert figures["recall"] >= 0.87


def test_a_short_offer_without_headings_is_not_all_tasks() -> None:
    offer = (
        "Jardinier paysagiste\n"
        "Tondre les pelouses des résidences\n"
        "Tailler les haies au printemps\n"
        "Véhicule de service et panier repas\n"
        "Envoyez votre CV à la mairie"
    )
    assert [s.text for s in cut(offer) if s.kind == "duty"] == [
        "Tondre les pelouses des résidences",
        "Tailler les haies au printemps",
    ]


def test_numbered_headings_and_questions_open_sections() -> None:
    sheet = (
        "2. Attributions\na) Clarifier le besoin\nb) Rédiger les annonces\n\n"
        "3. Exigences\nPratique d'un logiciel\n\n"
        "CE QUE VOUS FEREZ\n• Le tour du parc"
    )
    kinds = {s.text: s.kind for s in cut(sheet)}
    assert kinds["Clarifier le besoin"] == kinds["Le tour du parc"] == "duty"
    assert kinds["Pratique d'un logiciel"] == "requirement"
    assert kinds["CE QUE VOUS FEREZ"] == "heading"
