"""Job sheets and articles as they are published."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.model import Document, Job
from scrapers.discovery import choose_source
from scrapers.sources import opiiec

pytestmark = pytest.mark.real
Seed = Callable[[str], Document]


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
