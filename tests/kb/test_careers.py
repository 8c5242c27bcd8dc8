"""Jobs by the missions that are met."""

from __future__ import annotations

from kb.careers import JobMissions, careers
from kb.model import JobMove

BUYER = JobMissions("job:buyer", "Buyer", {"m1": "Buy", "m2": "Negotiate"}, (JobMove("Planner"),))
CLERK = JobMissions("job:clerk", "Clerk", {"m3": "File", "m4": "Answer"})


def test_shared_and_missing_missions_in_the_order_of_the_sheet() -> None:
    (career,) = careers([BUYER], {"m2": 0.6})
    assert (career.id, career.title, career.score) == ("job:buyer", "Buyer", 0.3)
    assert career.shared == ("Negotiate",)
    assert career.missing == ("Buy",)
    assert career.moves == (JobMove("Planner"),)


def test_the_better_met_job_comes_first_ties_by_identifier() -> None:
    met = {"m1": 0.8, "m3": 0.5, "m4": 0.5}
    assert [c.id for c in careers([BUYER, CLERK], met)] == ["job:clerk", "job:buyer"]
    assert [c.id for c in careers([CLERK, BUYER], {"m1": 0.5, "m3": 0.5})] == [
        "job:buyer",
        "job:clerk",
    ]


def test_a_job_that_nothing_meets_is_no_career() -> None:
    assert careers([BUYER, CLERK], {}) == ()
    assert careers([JobMissions("job:x", "X", {})], {"m1": 0.9}) == ()
