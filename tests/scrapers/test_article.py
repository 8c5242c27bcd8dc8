"""Articles and offers: what is read of them, and what is left out."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest

from kb.errors import IncompleteDocument
from kb.identity import fold
from kb.model import Document, Job
from scrapers.jobs.duties import adds_duty, opens_with_duty, states_duty
from scrapers.jobs.titles import job_name, jobs_gone_to
from scrapers.sources import article

FIXTURES = Path(__file__).parent.parent / "fixtures" / "article"


def parse(text: str | bytes) -> Job:
    content = text.encode() if isinstance(text, str) else text
    (job,) = article.parse(Document(content, "memory"))
    assert isinstance(job, Job)
    return job


def statements(job: Job) -> str:
    values = dataclasses.asdict(job)
    return fold(str([values[name] for name in values if name not in ("warnings", "places")]))


@pytest.mark.parametrize(
    ("heading", "job"),
    [
        ("Luthier : fiche de poste d'un métier de patience", "Luthier"),
        ("Luthier : à la découverte d'un métier rare", "Luthier"),
        ("Fiche métier : luthier", "luthier"),
        ("Devenir luthier : études, salaire, débouchés", "luthier"),
        ("Comment devenir luthier ?", "luthier"),
        ("Le métier de luthier", "luthier"),
        ("Le luthier, un métier d'art", "luthier"),
        ("Ingénieur(e) d'essais (H/F)", "Ingénieur(e) d'essais"),
        ("Recrutement - Technicien·ne son F/H", "Technicien·ne son"),
        ("Nous recherchons un(e) luthier (H/F) à Mirecourt", "luthier"),
        ("Chefs d'entreprise, découvrez nos services", None),
        ("Notre atelier recherche un luthier (H/F)", None),
        ("Télécharger notre livre blanc", None),
    ],
)
def test_name_of_the_job_in_a_heading(heading: str, job: str | None) -> None:
    assert job_name(heading) == job


@pytest.mark.parametrize("case", ["article_page", "prose_page", "copied_text"])
def test_nothing_of_the_page_around_the_text(case: str) -> None:
    said = statements(parse(next((FIXTURES / case).glob("page.*")).read_bytes()))
    assert "phare" in said or "vitraux" in said
    for word in ("cookies", "portes ouvertes", "soudeur", "marinette", "je gagne"):
        assert word not in said
    for word in (
        "mentions legales",
        "lire l'article",
        "conseiller",
        "continent",
        "800x600",
        "icon ",
    ):
        assert word not in said


def test_a_sentence_beside_a_list_counts_only_if_it_adds_a_mission() -> None:
    job = parse(
        "Le métier de luthier\nLes missions du luthier\n"
        "Le luthier travaille le bois avec patience.\nSes principales missions sont :\n"
        "- la taille des voûtes\n- le vernis\n"
        "Il peut également restaurer des instruments anciens.\n"
        "Dans les grands ateliers, il peut même diriger une équipe.\n"
        "Le profil recherché\nIl faut de la patience."
    )
    assert [task.text for task in job.missions] == [
        "la taille des voûtes",
        "le vernis",
        "Il peut également restaurer des instruments anciens.",
    ]


def test_relations_are_no_missions() -> None:
    job = parse(
        "Le métier de luthier\nLes missions du luthier\nIl est en relation avec :\n"
        "- les musiciens,\n- les marchands de bois,\nCela comprend :\n- le vernis\n"
        "Salaire\n- 2 000 € par mois pour un débutant"
    )
    assert [task.text for task in job.missions] == ["le vernis"]


def test_a_verb_left_open_by_the_lead_in_belongs_to_each_item() -> None:
    job = parse(
        "Le métier de luthier\nLes missions du luthier\nIl intervient pour restaurer :\n"
        "- les violons,\n- les altos\nProfil\nUn professionnel patient."
    )
    assert [task.text for task in job.missions] == ["restaurer les violons", "restaurer les altos"]


OFFER = """Luthier / Luthière (H/F)
Notre groupe assure la vente d'instruments depuis 1950 et emploie vingt personnes.
{missions}
Profil recherché :
Vous maîtrisez le travail du bois. Vous êtes rigoureux et patient.
Avantages :
- Organiser vos horaires librement
- Tickets restaurant de 9 €
Pour postuler : envoyez votre CV, gérer votre dossier en ligne est possible.
"""


@pytest.mark.parametrize(
    "missions",
    [
        "Vos missions :\n- Tailler les voûtes\n- Vernir les caisses",
        "Vos missions :\nTailler les voûtes\nVernir les caisses",
        "Vos missions : - Tailler les voûtes - Vernir les caisses - Tailler les voûtes",
        "Vos missions :\n-Tailler les voûtes\n-Vernir les caisses",
        "Missions :<br>- Tailler les voûtes<br>- Vernir les caisses",
        "MISSIONS\no Tailler les voûtes\no Vernir les caisses",
    ],
)
def test_an_offer_however_it_lists_its_missions(missions: str) -> None:
    job = parse(OFFER.format(missions=missions))
    assert job.title == "Luthier / Luthière"
    assert [task.text for task in job.missions] == ["Tailler les voûtes", "Vernir les caisses"]
    assert job.skills == ("Vous maîtrisez le travail du bois.",)
    assert job.qualities == ("Vous êtes rigoureux et patient.",)
    assert job.salaries == ()


def test_an_offer_without_headings_speaks_to_the_person_hired() -> None:
    job = parse(OFFER.format(missions="Vous réparez les violons et vous conseillez les clients."))
    assert [task.text for task in job.missions] == [
        "Vous réparez les violons et vous conseillez les clients."
    ]


@pytest.mark.parametrize(
    ("text", "duty"),
    [
        ("Il gère les stocks de l'atelier.", True),
        ("Vous serez chargé de la vente.", True),
        ("La luthière doit régler les instruments.", True),
        ("Il gérera pour vous les commandes.", True),
        ("Il fait preuve d'une grande patience.", False),
        ("Il n'est pas chargé de la vente.", False),
        ("C'est un atelier où il travaille.", False),
        ("Nous assurons votre formation.", False),
        ("N'hésitez pas à envoyer votre dossier.", False),
        ("La vente en ligne est récente.", False),
    ],
)
def test_sentences_that_state_a_duty(text: str, duty: bool) -> None:
    assert states_duty(text) is duty


@pytest.mark.parametrize(
    ("text", "duty"),
    [
        ("Piloter les travaux", True),
        ("S'assurer du suivi", True),
        ("Le suivi des commandes", True),
        ("Assurez le suivi", True),
        ("Manager confirmé", False),
        ("Chantier de trois mois", False),
        ("Maîtrisez l'anglais", False),
    ],
)
def test_lines_that_open_with_a_duty(text: str, duty: bool) -> None:
    assert opens_with_duty(text) is duty


def test_a_sentence_that_adds_a_duty() -> None:
    assert adds_duty("Il rédige également les devis.")
    assert adds_duty("Une des missions du luthier est de conseiller les musiciens.")
    assert not adds_duty("Il rédige les devis.")


@pytest.mark.parametrize(
    ("sentence", "jobs"),
    [
        (
            "Il peut viser les postes de chef d'atelier ou de formateur.",
            ["chef d'atelier", "formateur"],
        ),
        ("Elle peut devenir directrice de musée, etc.", ["directrice de musée"]),
        ("accéder à un rang supérieur en tant que chef des ateliers", ["chef des ateliers"]),
        ("Il peut devenir expert (après dix ans), conseiller.", ["expert", "conseiller"]),
        ("Il peut devenir directeur d'usine s'il a dix ans de métier.", ["directeur d'usine"]),
        ("Il peut devenir chef.", []),
        ("Il peut passer d'un secteur à l'autre.", []),
    ],
)
def test_jobs_that_a_sentence_leads_to(sentence: str, jobs: list[str]) -> None:
    assert list(jobs_gone_to(sentence)) == jobs


@pytest.mark.parametrize(
    "text",
    [
        "Tarte aux poires\nÉplucher les poires.\nPréparer la pâte et la laisser reposer.",
        "Le vent se lève\nIl faut tenter de vivre.",
        "Lorem ipsum dolor sit amet",
    ],
)
def test_a_text_about_no_job_is_an_error(text: str) -> None:
    with pytest.raises(IncompleteDocument, match="describes no job"):
        parse(text)


def test_a_page_of_links_has_no_main_text() -> None:
    with pytest.raises(IncompleteDocument, match="nothing but menus and links"):
        parse("Accueil\nEn savoir plus\nJe le télécharge >\nphare_nuit-800x600")


def test_every_other_source_wins() -> None:
    assert 0 < article.recognise(Document(b"Le luthier", "memory")) <= 0.2
    assert article.recognise(Document(b"<html><p>Le luthier</p></html>", "memory")) <= 0.2
    assert article.recognise(Document(b"%PDF-1.4", "memory")) == 0.1
    assert article.recognise(Document(b"<?xml version='1.0'?><FICHES/>", "memory")) == 0


def test_lines_that_a_pdf_wrapped_are_one_mission() -> None:
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream)
    lines = ["Luthier (H/F)", "Vos missions :", "- Tailler les tables des violons et des altos de",
             "l'atelier", "- Vernir les caisses",
             "Votre profil :", "Vous savez dessiner."]  # fmt: skip
    for row, line in enumerate(lines):
        canvas.drawString(50, 800 - 18 * row, line)
    canvas.save()
    job = parse(stream.getvalue())
    assert [task.text for task in job.missions] == [
        "Tailler les tables des violons et des altos de l'atelier",
        "Vernir les caisses",
    ]
    assert job.missions[0].place == "page 1 line 3"
