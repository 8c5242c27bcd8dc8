"""A description against a small knowledge base, with a model that is computed by hand."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from index.build import Index, build, open_index
from index.judge import Judge
from index.match import Matcher
from kb.errors import EmptyKnowledgeBase, NoTask
from kb.merge import Entry
from kb.model import Job, JobMove, Match, Task
from kb.passages import passages_of
from tests.index.conftest import certification

JUDGE = Judge(
    dense=4.0, aligned=4.0, common=0.0, intercept=-4.0, covers=0.8, unclear=0.3, relative=0.6
)
"""Half from the meaning, half from the words: 0.5 where they add up to 1."""
OFFER = "Achat de fournitures\nAménager les locaux\nRédiger des devis\nPétrir la pâte du pain"


@pytest.fixture
def matcher(index: Index, encoder: Any, graph: Any) -> Matcher:
    return Matcher(index, encoder, graph, JUDGE)


def competencies(matches: tuple[Match, ...]) -> list[str]:
    return [match.competency for match in matches]


def test_each_task_meets_the_competency_that_speaks_of_it(matcher: Matcher) -> None:
    report = matcher.match(OFFER)
    assert [task.text for task in report.tasks] == OFFER.split("\n")
    assert competencies(report.tasks[0].matches) == ["rncp:RNCP99001/BC01.1"]
    assert competencies(report.tasks[1].matches) == ["rncp:RNCP99001/BC01.2"]
    assert competencies(report.tasks[2].matches) == ["rncp:RNCP99002/BC01.1"]


def test_a_task_that_nothing_meets_is_uncovered(matcher: Matcher) -> None:
    report = matcher.match(OFFER)
    assert report.tasks[3].matches == ()
    assert report.uncovered == ("Pétrir la pâte du pain",)


def test_coverage_is_summed_up_by_block_and_certification(matcher: Matcher) -> None:
    report = matcher.match(OFFER)
    assert [(c.number, c.title, c.coverage) for c in report.certifications] == [
        ("RNCP99001", "Responsable de bureau", 0.5),
        ("RNCP99002", "Assistant commercial", 0.25),
    ]
    assert [(b.code, b.title, b.covered) for b in report.blocks] == [
        (
            "RNCP99001BC01",
            "Organiser la vie du bureau",
            ("Achat de fournitures", "Aménager les locaux"),
        ),
        ("RNCP99002BC01", "Suivre les clients", ("Rédiger des devis",)),
    ]


def test_the_signals_add_up_to_the_score(matcher: Matcher) -> None:
    for task in matcher.match(OFFER).tasks:
        for match in task.matches:
            assert set(match.signals) == {"dense", "aligned"}
            assert sum(match.signals.values()) == pytest.approx(match.score, abs=2e-5)


BOTH = dataclasses.replace(JUDGE, second=2.0)


def test_the_second_stage_counts_and_is_told(index: Index, encoder: Any, graph: Any) -> None:
    once = Matcher(index, encoder, graph, JUDGE).match("Tenir les agendas")
    twice = Matcher(index, encoder, graph, BOTH, second=encoder).match("Tenir les agendas")
    for first, again in zip(once.tasks[0].matches, twice.tasks[0].matches, strict=True):
        assert first.competency == again.competency
        assert again.score > first.score
        assert set(again.signals) == {"dense", "aligned", "second"}
        assert sum(again.signals.values()) == pytest.approx(again.score, abs=2e-5)


def test_the_second_stage_reads_the_best_of_the_first(
    index: Index, encoder: Any, graph: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.match.READ_AGAIN", 1)
    reader = type(encoder)()
    (task,) = Matcher(index, encoder, graph, BOTH, second=reader).match("Tenir les agendas").tasks
    first, other = task.matches
    assert reader.encoded == ["Tenir les agendas", first.text]
    assert "second" in first.signals
    assert "second" not in other.signals


def test_without_a_model_there_is_no_second_reading(index: Index, encoder: Any, graph: Any) -> None:
    report = Matcher(index, None, graph, second=encoder).match(OFFER)
    assert {match.band for task in report.tasks for match in task.matches} == {"unclear"}


def test_the_score_by_hand(matcher: Matcher) -> None:
    (task,) = matcher.match("Tenir les agendas").tasks
    # Both words are in both competences, in their cores; the model sees "agenda" alone in one of
    # them, and "agenda" with "équipe" in the other: cosines of 1 and 1 / sqrt(2).
    assert [(m.competency, m.score) for m in task.matches] == [
        ("rncp:RNCP99001/BC02.1", pytest.approx(1 / (1 + math.exp(-4)), abs=1e-5)),
        ("rncp:RNCP99002/BC01.2", pytest.approx(1 / (1 + math.exp(-4 / 2**0.5)), abs=1e-5)),
    ]
    assert task.matches[0].probability == pytest.approx(task.matches[0].score, abs=1e-4)


def test_evidence_is_the_words_that_met(matcher: Matcher) -> None:
    (task,) = matcher.match("Opérer les achats, et boire un café avec les collègues").tasks
    (match,) = task.matches
    assert task.text[slice(*match.query_span)] == "Opérer les achats"
    assert match.text[slice(*match.text_span)] == "Opérer les achats"
    met = {(task.text[slice(*here)], match.text[slice(*there)]) for here, there in match.words}
    assert met == {("Opérer", "Opérer"), ("achats", "achats")}


def test_without_the_words_of_evidence_the_score_falls(matcher: Matcher) -> None:
    for task in matcher.match(OFFER).tasks:
        for match in task.matches:
            start, end = match.query_span
            rest = (task.text[:start] + task.text[end:]).strip() or "Rien"
            (less,) = matcher.match(rest).tasks
            scores = {m.competency: m.score for m in less.matches}
            assert scores.get(match.competency, 0.0) < match.score


def test_places_of_the_tasks(matcher: Matcher) -> None:
    for task in matcher.match(OFFER).tasks:
        assert OFFER[task.start : task.end] == task.text


def test_a_limit_of_what_is_told_changes_no_coverage(matcher: Matcher) -> None:
    whole, short = matcher.match("Tenir les agendas"), matcher.match("Tenir les agendas", limit=1)
    assert len(short.tasks[0].matches) == 1
    assert short.certifications == whole.certifications
    assert len(short.certifications) == 2


def test_words_alone_when_there_is_no_model(index: Index, graph: Any) -> None:
    report = Matcher(index, None, graph, JUDGE).match("Rédiger les devis des clients")
    (match,) = report.tasks[0].matches
    assert match.competency == "rncp:RNCP99002/BC01.1"
    assert match.signals["dense"] == 0
    assert match.probability is None
    assert match.band == "unclear"
    assert report.certifications[0].covered == ()


def test_what_is_unclear_is_told_apart_and_not_counted(
    index: Index, encoder: Any, graph: Any
) -> None:
    matcher = Matcher(index, encoder, graph, dataclasses.replace(JUDGE, covers=0.97))
    report = matcher.match("Tenir les agendas")
    assert [match.band for match in report.tasks[0].matches] == ["covers", "unclear"]
    assert [(c.number, c.covered, c.unclear, c.coverage) for c in report.certifications] == [
        ("RNCP99001", ("Tenir les agendas",), (), 1.0),
        ("RNCP99002", (), ("Tenir les agendas",), 0.0),
    ]
    assert report.uncovered == ()


def test_careers_tell_what_is_shared_and_what_is_missing(
    tmp_path: Path, encoder: Any, graph: Any, passages: list[Any]
) -> None:
    record = Job(
        "Intendante",
        missions=(Task("Faire les achats du bureau"), Task("Facturer les repas")),
        moves=(JobMove("Économe"),),
    )
    entry = Entry("job:intendante", record, ())
    build([*passages, *passages_of(entry)], encoder, tmp_path / "i", "s")
    matcher = Matcher(open_index(tmp_path / "i", encoder), encoder, type(graph)([entry]), JUDGE)
    (career,) = matcher.match("Achats").careers
    assert (career.id, career.title) == ("job:intendante", "Intendante")
    assert career.shared == ("Faire les achats du bureau",)
    assert career.missing == ("Facturer les repas",)
    assert career.moves == (JobMove("Économe"),)
    assert career.score == pytest.approx(0.5 * 1 / (1 + math.exp(-4)), abs=1e-5)


def test_an_empty_knowledge_base_says_so(tmp_path: Path, encoder: Any, graph: Any) -> None:
    build([], encoder, tmp_path / "i", "s")
    matcher = Matcher(open_index(tmp_path / "i", encoder), encoder, graph, JUDGE)
    with pytest.raises(EmptyKnowledgeBase, match="ingest"):
        matcher.match("Tenir les agendas")


def test_a_text_without_a_task_says_so(matcher: Matcher) -> None:
    with pytest.raises(NoTask):
        matcher.match("  \n ")


def test_what_is_in_force_no_more_is_told_or_left_out(
    index: Index, encoder: Any, graph: Any
) -> None:
    matcher = Matcher(index, encoder, type(graph)(inactive=["rncp:RNCP99001"]), JUDGE)
    every = matcher.match(OFFER)
    assert [(c.number, c.standing.active) for c in every.certifications] == [
        ("RNCP99001", False),
        ("RNCP99002", None),
    ]
    assert {b.certification: b.standing.level for b in every.blocks} == {
        "RNCP99001": 5,
        "RNCP99002": None,
    }
    some = matcher.match(OFFER, in_force=True)
    assert [c.number for c in some.certifications] == ["RNCP99002"]
    assert {m.certification for task in some.tasks for m in task.matches} == {"RNCP99002"}
    assert "Aménager les locaux" in some.uncovered


def test_of_equals_what_is_in_force_comes_first(tmp_path: Path, encoder: Any, graph: Any) -> None:
    stated = {"BC01": ("Préparer les ventes", ["Rédiger les devis des clients"])}
    passages = [
        passage
        for number in ("RNCP99007", "RNCP99008")
        for passage in certification(number, "Assistant", stated)
    ]
    build(passages, encoder, tmp_path / "i", "s")
    states = type(graph)(inactive=["rncp:RNCP99007"])
    matcher = Matcher(open_index(tmp_path / "i", encoder), encoder, states, JUDGE)
    report = matcher.match("Rédiger les devis des clients")
    (task,) = report.tasks
    assert [(match.certification, match.standing.active) for match in task.matches] == [
        ("RNCP99008", None),
        ("RNCP99007", False),
    ]
    assert [c.number for c in report.certifications] == ["RNCP99008", "RNCP99007"]
    assert [b.certification for b in report.blocks] == ["RNCP99008", "RNCP99007"]
    # The state changes without the index.
    states._standings = {}
    assert matcher.match("Rédiger les devis des clients").certifications[0].number == "RNCP99007"


THREADS = """
import dataclasses, json, sys, tempfile
from pathlib import Path
from index.build import build, open_index
from index.encoder import load_encoder
from index.lexical import WordWeights
from index.match import Matcher
from kb.model import Passage

words = sorted(WordWeights.shipped().counts)
texts = [" ".join(words[n * k % len(words)] for k in range(3, 12)) for n in range(1, 2001)]
passages = [
    Passage(f"rncp:RNCP99{n % 50:03}/{n}", "competency", f"rncp:RNCP99{n % 50:03}", text,
            f"RNCP99{n % 50:03}BC01")
    for n, text in enumerate(texts + texts[:500])
]
encoder = load_encoder()
folder = Path(tempfile.mkdtemp())
build(passages, encoder, folder, "s")
class Graph:
    def standings(self):
        return {}

matcher = Matcher(open_index(folder, encoder), encoder, Graph())
report = matcher.match("\\n".join(f"- {text}" for text in texts[::150]))
print(json.dumps(dataclasses.asdict(report)))
"""


def test_the_same_bytes_on_one_and_on_two_threads() -> None:
    answers = [
        subprocess.run(
            [sys.executable, "-c", THREADS],
            env={
                **os.environ,
                "OMP_NUM_THREADS": n,
                "OPENBLAS_NUM_THREADS": n,
                "RAYON_NUM_THREADS": n,
            },
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for n in ("1", "2")
    ]
    assert answers[0] == answers[1]
    assert len(json.loads(answers[0])["tasks"]) == 14
