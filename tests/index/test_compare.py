"""Two certifications aligned by a model that is computed by hand, and by words alone."""

from __future__ import annotations

from typing import Any

import pytest

from index.compare import compare_certifications
from index.score import Fusion
from kb.merge import Entry
from kb.model import Certification, Competency

HALVES = Fusion({"dense": 0.5, "lexical": 0.5}, threshold=0.4)


def entry(number: str, *texts: str) -> Entry[Certification]:
    competencies = tuple(Competency(text, id=f"{number}/{text}") for text in texts)
    return Entry(f"rncp:{number}", Certification(number=number, competencies=competencies), ())


ONE = entry("RNCP99001", "Gérer les achats du bureau, afin de…", "Peindre les locaux")
OTHER = entry("RNCP99002", "Cuire le pain", "Suivre les achats")


@pytest.mark.parametrize("with_model", [True, False])
def test_what_says_the_same_stands_side_by_side(encoder: Any, with_model: bool) -> None:
    result = compare_certifications(ONE, OTHER, encoder if with_model else None, HALVES)
    pairs = [(p.one, p.other) for block in result.blocks for p in block.pairs]
    assert (ONE.record.competencies[0], OTHER.record.competencies[1]) in pairs
    assert result.shared == 1


def test_nothing_to_compare(encoder: Any) -> None:
    empty = entry("RNCP99003")
    assert compare_certifications(empty, empty, encoder, HALVES).blocks == ()
