"""The tasks, their figures and floors, on small tables of our own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from index.encoder import load_encoder
from index.evaluate import tasks
from index.evaluate.floors import beside, check, labels_hash, raise_floors
from index.evaluate.learn import learn, learn_weights
from index.evaluate.metrics import difference, judge, means, summary
from index.evaluate.queries import SearchQuery, read_queries
from index.evaluate.results import Measured
from index.evaluate.run import OWN, RANKED, TASKS, evaluate, measured, variants
from index.evaluate.tasks import FOLDS, Variant, chosen_offers, fold, half
from index.rank import SIGNALS, Thing
from index.train.pairs import is_kept_out_term, is_test_certification
from kb.errors import BelowFloor, InvalidSetting
from kb.reference import (
    ActiveTitle,
    DetailedBlock,
    DetailedCertification,
    Diploma,
    EvaluationTables,
    FormacodeTerm,
    JobOffer,
    JobSheet,
    ListedCertification,
    NameMatching,
    RomeSheet,
)

TRADES = ("boulanger", "menuisier", "infirmier", "comptable", "jardinier", "soudeur", "cuisinier")
DONE = (
    "Pétrir et cuire le pain",
    "Raboter et assembler des pièces de bois",
    "Donner des soins aux malades",
    "Tenir les comptes et déclarer la TVA",
    "Tailler les haies et tondre les pelouses",
    "Souder des tubes en acier",
    "Préparer des plats chauds",
)
TEST_NUMBERS = [n for i in range(200) if is_test_certification(n := f"RNCP99{i:04}")]
HELD = next(str(n) for n in range(99000, 99999) if crc32(str(n).encode()) % 10 == 0)


@pytest.fixture(scope="module")
def tables() -> EvaluationTables:
    ids = range(len(TRADES))
    return EvaluationTables(
        names=(
            NameMatching(
                "fra_q_fr_c_fr",
                (*tuple((f"Q{n}", f"{TRADES[n].title()} (H/F)") for n in ids), ("Q99", "Sans")),
                tuple((f"C{n}", TRADES[n]) for n in ids),
                {f"Q{n}": frozenset({f"C{n}"}) for n in ids},
            ),
        ),
        sheets=tuple(
            JobSheet(
                f"MET.{n}", TRADES[n], (f"Z11{n:02}",), (f"RNCP99{n:04}",), DONE[n], DONE[n], ""
            )
            for n in ids
        ),
        active=tuple(ActiveTitle(f"RNCP99{n:04}", TRADES[n].title(), 4, True) for n in ids),
        rome=tuple(
            RomeSheet(
                f"Z11{n:02}", TRADES[n].title(), (f"Ouvrier {TRADES[n]}",), activities=(DONE[n],)
            )
            for n in ids
        ),
        rome4=tuple(RomeSheet(f"Z12{n:02}", TRADES[n], parent=f"Z11{n:02}") for n in ids),
        certifications=tuple(
            ListedCertification(
                TEST_NUMBERS[n], TRADES[n].title(), True, 4, None, (f"Z11{n:02}",), (DONE[n],)
            )
            for n in ids
        ),
        diplomas=tuple(
            Diploma(f"CAP {TRADES[n]}", "CAP", 3, (f"RNCP99{n:04}",), (f"Z11{n:02}",), None)
            for n in ids
        ),
        detailed=tuple(
            DetailedCertification(
                f"RNCP99{n:04}",
                TRADES[n],
                "",
                (
                    DetailedBlock(
                        f"BC{n:02}",
                        f"Métier de {TRADES[n]}",
                        f"- {DONE[n]}\n- {DONE[n]} chaque jour\n- {DONE[n]} avec soin",
                    ),
                ),
            )
            for n in ids
        ),
        offers=tuple(
            JobOffer(str(n), f"{TRADES[n]} H/F", f"Missions : {DONE[n]}.", f"Z12{n:02}")
            for n in ids
        ),
        terms=tuple(
            FormacodeTerm(code, label, "", (), (synonym,), (), (), ())
            for code, label, synonym in (
                (HELD, "Boulangerie", "boulanger"),
                ("1", "Autre", "autre"),
            )
        ),
    )


QUERIES = [SearchQuery("comptable", ("RNCP990003",), "job"), SearchQuery("x", ("RNCP1",), "job")]


def test_figures_of_one_ranking() -> None:
    one = judge("q", np.array([3, 1, 0, 2]), {1, 2})
    assert one.rank == 2
    assert one.figure("mrr") == 0.5
    assert one.figure("hit1") == 0
    assert one.figure("hit5") == 1
    assert one.recall10 == 1
    ideal = 1 + 1 / np.log2(3)
    assert one.ndcg10 == pytest.approx((1 / np.log2(3) + 1 / np.log2(5)) / ideal)


def test_recall_is_cut_at_ten() -> None:
    one = judge("q", np.arange(30), {0, 20})
    assert one.recall10 == 0.5


def test_nothing_right_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="no right"):
        judge("q", np.arange(3), set())


def test_an_unknown_figure() -> None:
    with pytest.raises(ValueError, match="mrr"):
        judge("q", np.arange(3), {0}).figure("precision")


def test_intervals_hold_the_mean_and_are_always_the_same() -> None:
    judged = [judge(str(n), np.arange(10), {n % 5}) for n in range(50)]
    found = summary(judged)
    low, high = found["ci"]["mrr"]  # type: ignore[index]
    assert low < found["mrr"] < high  # type: ignore[operator]
    assert found == summary(judged)
    assert found["n"] == 50


def test_no_question_has_no_figure() -> None:
    assert summary([])["mrr"] is None
    assert means([])["n"] == 0


def test_paired_difference() -> None:
    good = [judge(str(n), np.arange(10), {0}) for n in range(9)]
    bad = [judge(str(n), np.arange(10), {1}) for n in range(9)]
    assert difference(good, bad)["mrr"] == {"mean": 0.5, "ci": [0.5, 0.5]}
    with pytest.raises(ValueError, match="other questions"):
        difference(good, bad[1:])


def test_halves_and_folds_follow_the_hash() -> None:
    assert half("a") == ("choice" if crc32(b"a") % 2 == 0 else "kept")
    assert {fold(str(n)) for n in range(100)} == set(range(FOLDS))


def test_offers_are_chosen_by_hash_without_duplicates() -> None:
    offers = [JobOffer(str(n), f"Titre {n % 20}", "x" * 200, "Z1") for n in range(60)]
    chosen = chosen_offers(offers)
    assert len(chosen) == 8
    assert len({offer.title for offer in chosen}) == 8
    hashes = [crc32((o.title + o.description[:100]).encode()) for o in chosen]
    assert hashes == sorted(hashes)
    assert hashes[-1] < min(
        crc32((o.title + o.description[:100]).encode())
        for o in offers
        if o.title not in {c.title for c in chosen}
    )


def test_every_ranked_task_has_all_figures(tables: EvaluationTables) -> None:
    report = evaluate(tables, RANKED, queries=QUERIES)
    assert list(report) == list(RANKED)
    for task, named in report.items():
        for name, figures in named.items():
            assert {"n", "mrr", "hit1", "recall10", "ndcg10", "texts_per_s", "ci"} <= set(figures)
            assert figures["n"] > 0, (task, name)
            assert figures["halves"]["choice"]["n"] + figures["halves"]["kept"]["n"] == figures["n"]
            assert set(figures["baselines"]) == {"bm25", "random"}
            assert figures["texts_per_s"] > 0
    assert json.loads(json.dumps(report)) == report
    assert report["T1"]["fra_q_fr_c_fr"]["mrr"] == 1
    assert report["T1"]["fra_q_fr_c_fr"]["n"] == len(TRADES)
    assert report["T6"]["search"]["n"] == 1
    assert report["T6"]["search"]["hit1"] == 1
    assert report["T3"]["activities"]["ndcg10"] > 0.9
    assert report["T4"]["offers"]["mrr"] > 0.9
    assert report["T2"]["text_and_codes"]["ndcg10"] >= 0.9


def test_one_task(tables: EvaluationTables) -> None:
    assert list(evaluate(tables, ["T1"])) == ["T1"]


def test_an_unknown_task_is_refused(tables: EvaluationTables) -> None:
    with pytest.raises(InvalidSetting, match="T1"):
        evaluate(tables, ["T99"])


def test_t3_ranks_test_certifications_alone(tables: EvaluationTables) -> None:
    other = next(n for i in range(99) if not is_test_certification(n := f"RNCP98{i:04}"))
    certifications = (
        *tables.certifications,
        replace(tables.certifications[0], number=other),
        replace(tables.certifications[0], number=TEST_NUMBERS[20], active=False),
        replace(tables.certifications[0], number=TEST_NUMBERS[21], blocks=()),
    )
    variant = tasks.occupations(replace(tables, certifications=certifications))
    assert {entry.key for entry in variant.entries} == {c.number for c in tables.certifications}


def test_t5_leaves_the_competence_out_of_its_block(tables: EvaluationTables) -> None:
    variant = tasks.blocks(tables)
    for question, right in zip(variant.questions, variant.right, strict=True):
        (row,) = right
        assert question.parts[0] not in variant.entries[row].parts
        assert len(variant.entries[row].parts) == 2


def test_french_asks_what_was_kept_out_of_training(tables: EvaluationTables) -> None:
    formacode, _ = tasks.french(tables)
    assert [question.key for question in formacode.questions] == ["boulanger"]
    assert is_kept_out_term(tables.terms[0])


def variant_to_learn() -> Variant:
    entries = tuple(Thing(str(n), (name,)) for n, name in enumerate(TRADES))
    questions = tuple(Thing(name, (f"métier de {name}",)) for name in TRADES)
    right = tuple(frozenset({n}) for n in range(len(TRADES)))
    return Variant("T1", "x", "name", entries, questions, right)


def test_learned_weights_put_right_above_wrong() -> None:
    found = learn(variant_to_learn(), load_encoder(), ("main", "prior"))
    assert found["weights"]["main"] > 0.99
    assert abs(found["weights"]["prior"]) < 0.01
    assert len(found["folds"]) == FOLDS
    assert found == learn(variant_to_learn(), load_encoder(), ("main", "prior"))


def test_all_profiles_are_learned(tables: EvaluationTables, tmp_path: Path) -> None:
    path = tmp_path / "rank.json"
    found = learn_weights(tables, load_encoder(), path)
    assert json.loads(path.read_text("utf-8")) == found
    assert set(found) >= {"encoder", "certification", "occupation", "programme", "block"}
    assert all(set(profile["weights"]) <= set(SIGNALS) for profile in found.values())


def ranked(mrr: float | None, labels: str = "a") -> list[Measured]:
    return [Measured("T1", "x", {"mrr": mrr, "encoder": {"mrr": mrr}}, labels)]


def test_floors_rise_hold_and_fall_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    raise_floors(ranked(0.8), {"T1": ["mrr", "encoder.mrr"]}, path)
    assert check(ranked(0.8), path) == []
    with pytest.raises(BelowFloor, match=r"T1/x mrr is 0.79, below 0.795"):
        check(ranked(0.79), path)
    written = path.read_bytes()
    with pytest.raises(InvalidSetting, match="reason"):
        raise_floors(ranked(0.7), path=path)
    assert path.read_bytes() == written
    raise_floors(ranked(0.7), path=path, reason="labels corrected")
    kept = json.loads(path.read_text("utf-8"))["T1/x"]
    assert kept["reason"] == "labels corrected"
    assert kept["floors"] == {"mrr": 0.695, "encoder.mrr": 0.695}
    assert check(ranked(0.7), path) == []


def test_a_floor_of_an_error_is_the_most_that_it_may_be(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"

    def pairs(error: float) -> list[Measured]:
        return [Measured("calibration", "pairs", {"calibration_error": error}, "a")]

    raise_floors(pairs(0.04), {"calibration": ["calibration_error"]}, path)
    assert check(pairs(0.045), path) == []
    with pytest.raises(BelowFloor, match=r"calibration_error is 0.05, above 0.045"):
        check(pairs(0.05), path)
    with pytest.raises(InvalidSetting, match="reason"):
        raise_floors(pairs(0.05), path=path)
    raise_floors(pairs(0.03), path=path)
    assert [each.floor for each in beside(pairs(0.03), path)] == [0.035]


def test_goals_stand_beside_floors_and_stay_when_those_rise(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    entry = {"labels": "a", "floors": {"mrr": 0.5}, "goals": {"mrr": 0.9, "encoder.mrr": 0.6}}
    path.write_text(json.dumps({"T1/x": entry}), "utf-8")
    raise_floors(ranked(0.7), path=path)
    mrr, alone = beside(ranked(0.7), path)
    assert (mrr.figure, mrr.floor, mrr.goal, mrr.goal_met) == ("mrr", 0.695, 0.9, False)
    assert (alone.figure, alone.floor, alone.goal, alone.goal_met) == (
        "encoder.mrr",
        None,
        0.6,
        True,
    )
    assert list(beside(ranked(None), path)) == []


def test_floors_of_other_labels_are_told_not_checked(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    raise_floors(ranked(0.8), {"T1": ["mrr", "encoder.mrr"]}, path)
    (line,) = check(ranked(0.1, labels="b"), path)
    assert "T1/x" in line
    raise_floors(ranked(0.1, labels="b"), path=path)
    assert check(ranked(0.1, labels="b"), path) == []


def test_the_hash_of_labels_follows_what_is_right() -> None:
    variant = variant_to_learn()
    other = replace(variant, right=variant.right[::-1])
    assert labels_hash(variant) == labels_hash(variant_to_learn())
    assert labels_hash(other) != labels_hash(variant)


def test_our_own_sets_are_not_below_their_floors() -> None:
    found = list(measured(EvaluationTables(), OWN, load_encoder()))
    assert [one.task for one in found] == list(OWN)
    assert check(found) == []
    assert len(list(beside(found))) >= 6


def test_questions_can_be_read_again(tables: EvaluationTables) -> None:
    found = {(one.task, one.name): one for one in measured(tables, RANKED, load_encoder(), QUERIES)}
    for one in found.values():
        assert len(one.questions) == one.figures["n"]
        for question in one.questions:
            keys = [entry.key for entry in question.right]
            assert (question.first.key in keys) == (question.judged.rank == 1)
    asked = found["T3", "activities"].questions[0]
    assert asked.text == "Z1100 Boulanger"
    assert asked.right[0].name == "Boulanger"
    assert asked.groups["level"] == "4"
    assert found["T6", "search"].questions[0].groups == {
        "kind of query": "job",
        "level": "4",
        "ROME domain": "Z",
    }
    assert found["T5", "blocks"].questions[0].text.startswith("Pétrir et cuire le pain")


def test_no_table_is_no_question() -> None:
    (found,) = measured(EvaluationTables(), ["T3"], load_encoder())
    assert found.figures["n"] == 0
    assert found.figures["mrr"] is None
    assert found.figures["over_bm25"]["mrr"]["mean"] is None
    assert found.questions == ()


def test_our_own_queries_are_sound() -> None:
    queries = read_queries()
    assert len(queries) >= 100
    assert len({q.query for q in queries}) == len(queries)
    assert all(q.query.strip() and q.expected for q in queries)


def test_variants_come_in_the_order_of_the_tasks(tables: EvaluationTables) -> None:
    found = [v.task for v in variants(tables, TASKS, load_encoder(), QUERIES)]
    assert found == sorted(found, key=TASKS.index)
