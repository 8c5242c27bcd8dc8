"""Matches summed up by block and by certification."""

from __future__ import annotations

from kb.coverage import Met, by_block, by_certification
from kb.model import Standing

TASKS = ["buy", "sell", "plan", "cook"]
MET = [
    Met(0, "RNCP99001", "B1", 0.9),
    Met(0, "RNCP99001", "B1", 0.5),
    Met(1, "RNCP99001", "B2", 0.4),
    Met(0, "RNCP99002", "B1", 0.8),
    Met(1, "RNCP99002", "B1", 0.8),
    Met(2, "RS99001", None, 0.7),
]


def test_most_tasks_first_then_the_better_scores() -> None:
    found = by_certification(TASKS, MET)
    assert [(c.number, c.covered, c.coverage) for c in found] == [
        ("RNCP99002", ("buy", "sell"), 0.5),
        ("RNCP99001", ("buy", "sell"), 0.5),
        ("RS99001", ("plan",), 0.25),
    ]


def test_blocks_are_told_apart_by_their_certification() -> None:
    found = by_block(TASKS, MET)
    assert [(b.certification, b.code, b.covered) for b in found] == [
        ("RNCP99002", "B1", ("buy", "sell")),
        ("RNCP99001", "B1", ("buy",)),
        ("RNCP99001", "B2", ("sell",)),
    ]


def test_the_first_alone_are_told_where_so_many_are_wanted() -> None:
    assert by_block(TASKS, MET, 1) == by_block(TASKS, MET)[:1]
    assert by_certification(TASKS, MET, 1) == by_certification(TASKS, MET)[:1]


def test_a_task_that_two_competences_meet_counts_once_with_the_better_score() -> None:
    twice = [Met(0, "A", "1", 0.3), Met(0, "A", "1", 0.3), Met(0, "B", "1", 0.5)]
    assert [b.certification for b in by_block(TASKS, twice)] == ["B", "A"]


def test_equal_coverage_is_ordered_by_number() -> None:
    equal = [Met(0, "RNCP99009", "1", 0.5), Met(1, "RNCP99008", "1", 0.5)]
    assert [c.number for c in by_certification(TASKS, equal)] == ["RNCP99008", "RNCP99009"]


def test_nothing_met() -> None:
    assert by_block(TASKS, []) == ()
    assert by_certification(TASKS, []) == ()


def test_of_equals_what_is_in_force_comes_first() -> None:
    past = Standing(active=False, level=5)
    equal = [
        Met(0, "RNCP99008", "B1", 0.8, standing=past),
        Met(0, "RNCP99009", "B1", 0.8, standing=Standing(active=True)),
    ]
    assert [(c.number, c.standing.active) for c in by_certification(TASKS, equal)] == [
        ("RNCP99009", True),
        ("RNCP99008", False),
    ]
    assert [b.standing for b in by_block(TASKS, equal)] == [Standing(active=True), past]
