"""A real job description against two real certifications, with the shipped model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from index.build import build, open_index
from index.encoder import load_encoder
from index.match import Matcher
from index.search import Searcher
from kb.model import Document, Job, MatchedTask, MatchReport
from kb.store import Store
from scrapers.sources import article, referentiel, rncp_page

pytestmark = pytest.mark.real

OFFICE, ASSISTANT = "RNCP41308", "RNCP36390"
BAKER = (
    "Pétrir la pâte",
    "Façonner les pains",
    "Cuire au four",
    "Nettoyer le fournil",
    "Préparer le levain et surveiller la fermentation",
    "Vendre le pain",
    "Contrôler la cuisson",
    "Servir les clients à la boulangerie",
    "Préparer les pâtisseries du jour",
)


@pytest.fixture(scope="module")
def store(seed: Callable[[str], Document], tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("kb")
    store = Store(f"sqlite:///{folder / 'kb.db'}")
    for number, source in (("000", rncp_page), ("002", referentiel)):
        document = seed(number)
        store.ingest(
            document, source.parse(document), source=source.NAME, authority=1, publisher="x"
        )
    return store


@pytest.fixture(scope="module")
def index_folder(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    build(store.passages(), load_encoder(), folder, store.state())
    return folder


@pytest.fixture(scope="module")
def matcher(store: Store, index_folder: Path) -> Matcher:
    encoder = load_encoder()
    return Matcher(open_index(index_folder, encoder, store.state()), encoder, store)


@pytest.fixture(scope="module")
def report(matcher: Matcher, seed: Callable[[str], Document]) -> MatchReport:
    (job,) = [r for r in article.parse(seed("004")) if isinstance(r, Job)]
    return matcher.match("\n".join(f"- {mission.text}" for mission in job.missions))


def task(report: MatchReport, words: str) -> MatchedTask:
    (found,) = [t for t in report.tasks if words in t.text]
    return found


def met(task: MatchedTask) -> set[str]:
    return {match.certification for match in task.matches}


def words_met(task: MatchedTask) -> str:
    return " | ".join(match.text for match in task.matches)


@pytest.mark.parametrize(
    ("mission", "evidence"),
    [
        ("ressources humaines", ("congés payés", "salariés")),
        ("comptabilité", ("service comptabilité", "budgets")),
        ("fournisseurs", ("relations contractuelles", "factures des fournisseurs")),
        ("agenda", ("Gérer l'agenda",)),
    ],
)
def test_missions_that_both_certifications_cover(
    report: MatchReport, mission: str, evidence: tuple[str, ...]
) -> None:
    found = task(report, mission)
    assert met(found) >= {OFFICE, ASSISTANT}
    assert all(words in words_met(found) for words in evidence)


def test_the_nearest_competency_of_purchasing_and_of_the_diary(report: MatchReport) -> None:
    assert "achats généraux" in words_met(task(report, "achat"))
    assert "l'agenda" in task(report, "agenda").matches[0].text


def test_premises_only_in_the_one_and_quotes_only_in_the_other(report: MatchReport) -> None:
    premises = task(report, "aménagement des locaux")
    assert met(premises) == {OFFICE}
    assert "locaux" in premises.matches[0].text
    quotes = task(report, "devis")
    assert met(quotes) == {ASSISTANT}
    assert "devis" in quotes.matches[0].text


def test_a_team_building_meets_the_events_of_the_team(matcher: Matcher) -> None:
    (only,) = matcher.match("organiser un team building").tasks
    assert "cohésion des équipes" in only.matches[0].text
    assert only.matches[0].certification == OFFICE


@pytest.mark.parametrize("duty", BAKER)
def test_the_tasks_of_a_baker_meet_nothing(matcher: Matcher, duty: str) -> None:
    report = matcher.match(duty)
    assert report.uncovered == (duty,)
    assert report.certifications == ()


def test_evidence_lies_in_the_texts_and_signals_add_up(report: MatchReport) -> None:
    for each in report.tasks:
        for match in each.matches:
            assert each.text[slice(*match.query_span)].strip()
            assert match.text[slice(*match.text_span)].strip()
            assert sum(match.signals.values()) == pytest.approx(match.score, abs=2e-5)
            assert match.probability is not None
            assert 0 < match.probability < 1


def test_without_the_words_that_met_the_score_falls(matcher: Matcher, report: MatchReport) -> None:
    for each in report.tasks:
        for match in each.matches[:3]:
            rest = each.text
            for start, end in sorted((here for here, _ in match.words), reverse=True):
                rest = rest[:start] + rest[end:]
            (less,) = matcher.match(f"- {rest}").tasks or (None,)
            scores = {m.competency: m.score for m in less.matches}
            assert scores.get(match.competency, 0.0) < match.score


def test_words_and_numbers_find_the_certifications(store: Store, index_folder: Path) -> None:
    encoder = load_encoder()
    searcher = Searcher(open_index(index_folder, encoder), encoder, store)
    assert searcher.search(OFFICE).results[0].id == f"rncp:{OFFICE}"
    assert f"rncp:{OFFICE}" in {r.id for r in searcher.search("M1302").results}
    assert any("TVA" in r.title for r in searcher.search("déclaration de TVA").results[:3])
    assert any("comptab" in r.title for r in searcher.search("comptabillité").results[:5])
