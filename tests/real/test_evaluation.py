"""The tasks on the real tables: what is asked, and the floors of quality."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.encoder import load_encoder
from index.evaluate import tasks
from index.evaluate.floors import check
from index.evaluate.run import TASKS, measured
from index.second import SecondStage
from index.train.pairs import is_kept_out_term, training_pairs
from kb.reference import EvaluationTables
from scrapers.tables import read_evaluation, read_training

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def tables(real_data: Path) -> EvaluationTables:
    return read_evaluation(real_data / "data")


def test_the_tables_have_the_published_sizes(tables: EvaluationTables) -> None:
    assert len(tables.rome) == 531
    assert len(tables.rome4) == 1584
    assert len(tables.certifications) == 17_369
    assert len(tables.active) == 6_590
    assert sum(active.number.startswith("RS") for active in tables.active) == 1_452
    assert len(tables.sheets) == 523
    assert len(tables.detailed) == 146
    assert sum(len(c.blocks) for c in tables.detailed) == 652
    assert sum(len(sheet.job_titles) for sheet in tables.rome4) in range(13_100, 13_121)
    assert not any("''" in title for sheet in tables.rome for title in sheet.job_titles)


def test_t1_is_melo(tables: EvaluationTables) -> None:
    sizes = {data.name: (len(data.queries), len(data.names)) for data in tables.names}
    assert sizes == {"fra_q_fr_c_fr": (1435, 15_217), "fra_q_fr_c_en": (1435, 33_580)}


def test_t3_and_t4_ask_what_they_say(tables: EvaluationTables) -> None:
    offers = tasks.offers(tables)
    assert len(offers.questions) == 261
    assert len(offers.entries) == 531
    assert len({offer.rome for offer in tasks.chosen_offers(tables.offers)}) == 99
    assert len(tasks.occupations(tables).entries) == 779


def test_training_sees_nothing_that_is_kept_out(real_data: Path, tables: EvaluationTables) -> None:
    training = read_training(real_data / "data")
    pairs = {frozenset(pair) for group in training_pairs(training) for pair in group.pairs}
    for term in training.terms:
        if is_kept_out_term(term):
            for synonym in term.job_synonyms:
                assert frozenset((synonym, term.label)) not in pairs
    data = next(data for data in tables.names if data.name == "fra_q_fr_c_fr")
    names, queries = dict(data.names), dict(data.queries)
    linked = {
        frozenset((queries[query], names[name]))
        for query, right in data.gold.items()
        for name in right
    }
    # A link that training holds would have to come from one vocabulary alone: the same two names
    # stand for one job in ROME, or in ESCO, too.
    shared = [pair for pair in linked & pairs if len(pair) == 2]
    assert len(shared) < 5


def test_no_figure_is_below_its_floor(tables: EvaluationTables) -> None:
    encoder = load_encoder()
    french = tuple(data for data in tables.names if data.name == "fra_q_fr_c_fr")
    in_french = replace(tables, names=french)
    assert check(measured(in_french, TASKS, encoder, second=SecondStage())) == []
