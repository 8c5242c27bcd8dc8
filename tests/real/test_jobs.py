"""Job sheets, articles and offers as they are published."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from kb.errors import PasserelleError
from kb.identity import fold
from kb.model import Document, Job
from scrapers.discovery import choose_source
from scrapers.sources import article, opiiec

pytestmark = pytest.mark.real
Seed = Callable[[str], Document]


def job_of(document: Document) -> Job:
    (job,) = article.parse(document)
    assert isinstance(job, Job)
    return job


def statements(job: Job) -> str:
    values = asdict(job)
    del values["warnings"], values["places"]
    return fold(json.dumps(values, ensure_ascii=False))


def test_opiiec_sheet(seed: Seed) -> None:
    document = seed("001")
    assert choose_source(document).NAME == "opiiec"
    (job,) = opiiec.parse(document)
    assert isinstance(job, Job)
    assert job.title == "Office Manager"
    assert job.family == "Services Généraux"
    assert (len(job.other_names.fr), len(job.other_names.en)) == (4, 4)
    assert job.purpose
    assert len(job.missions) == 4
    assert all(task.title for task in job.missions)
    assert len({task.text for task in job.missions}) == 4
    macro = job.macro_competencies
    assert len(macro) == 12
    assert [len(each.levels) for each in macro].count(0) == 2
    assert {len(each.levels) for each in macro} == {0, 4}
    assert [each.expected for each in macro] == [3, 2, 1, None, 1, 1, None, 2, 1, 2, 1, 2]
    assert all(each.example for each in macro)
    assert len(job.moves) == 7
    assert {(move.direction, move.distance) for move in job.moves} == {(None, None)}
    assert len(job.context) == 6
    assert len(job.conditions) == 2
    assert (len(job.internal_relations), len(job.external_relations)) == (2, 5)
    assert job.certifications == ("Hors branche",)
    assert not any("no known heading" in each.text for each in job.warnings)


def test_article_amid_promotions(seed: Seed) -> None:
    document = seed("003")
    assert choose_source(document).NAME == "article"
    job = job_of(document)
    assert fold(job.title) == "office manager"
    missions = fold(" | ".join(task.text for task in job.missions))
    for words in (
        "appels telephoniques",
        "voyages d'affaires",
        "dossiers confidentiels",
        "gestion du courrier",
        "ordres du jour",
        "fournitures de bureau",
        "gestion de votre budget",
        "avancement des projets",
        "resumes, des rapports",
    ):
        assert words in missions, words
    assert "service informatique" not in missions  # whom one works with, not what one does
    assert len(job.skills) == 3
    assert len(job.qualities) == 5
    pay = {(x.experience, x.min, x.max, x.period, x.year) for x in job.salaries}
    assert len(job.salaries) == 6
    assert pay == {
        (None, 1500, 2200, "month", None),
        ("débutants", 25000, 30000, "year", None),
        ("expérimentés", 30000, 60000, "year", None),
        ("débutants", 25000, 32000, "year", 2021),
        ("plusieurs années d'expérience", 32000, 35000, "year", 2021),
        ("fin de carrière", 35000, 60000, "year", 2021),
    }
    titles = {fold(move.title) for move in job.moves}
    assert titles == {
        "gestionnaire des finances et de l'administration",
        "secretaire general",
        "chef d'equipe juridique",
        "chef des services generaux",
    }
    assert {(move.direction, move.distance) for move in job.moves} == {("to", None)}
    said = statements(job)
    for words in (
        "webinaire", "live du jeudi", "livre blanc", "telecharge", "diagnostic", "externalisation",
        "conseiller", "flexibilite", "recrutement en", "packages", "spendesk", "aurelie",
        "sous-traitance", "demenager", "trello", "douanier", "lire l'article", "image blog",
        "medical", "note de frais", "recouvrement", "appel d'offres", "bandeau", "icon",
        "vous manquez", "3h18",
    ):  # fmt: skip
        assert words not in said, words


def test_article_with_a_list_of_missions(seed: Seed) -> None:
    document = seed("004")
    assert choose_source(document).NAME == "article"
    job = job_of(document)
    assert job.title == "Office Manager"
    missions = [fold(task.text) for task in job.missions]
    assert len(missions) == 8
    evidence = (
        "fourniture", "amenagement", "ressources humaines", "comptabilite", "fournisseurs",
        "devis", "agenda", "evenements internes",
    )  # fmt: skip
    for words, mission in zip(evidence, missions, strict=True):
        assert words in mission
    said = statements(job)
    for words in ("kollori", "commentaire", "wunderman", "weld", "unb7", "cegos", "romain"):
        assert words not in said, words


def test_every_job_sheet_and_offer_is_read_or_refused(real_data: Path) -> None:
    sheets = json.loads((real_data / "data" / "onisep" / "job_sheets.json").read_text("utf-8"))
    offers = json.loads(
        (real_data / "data" / "offers" / "france_travail_offers.json").read_text("utf-8")
    )
    groups = {
        "sheets": [(each["title"], each["sheet"]) for each in sheets],
        "offers": [(x["intitule"], f"{x['intitule']}\n{x['description']}") for x in offers],
    }
    found: dict[str, int] = {}
    for group, texts in groups.items():
        found[group] = 0
        for name, text in texts:
            try:
                job = job_of(Document(text.encode(), name))
            except PasserelleError:
                continue
            assert job.title
            found[group] += bool(job.missions)
    assert found["sheets"] / len(sheets) >= 0.98
    assert found["offers"] / len(offers) >= 0.9
