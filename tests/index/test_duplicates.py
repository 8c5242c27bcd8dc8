"""Blocks with nearly the same sentences, proposed by vectors and decided by words."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.build import build, open_index
from index.duplicates import alike
from kb.history import likeness
from kb.register import near_duplicates
from tests.index.conftest import CountingEncoder, certification

BUY = "Opérer les achats de fournitures en comparant les prix"
BOUGHT = "Opérer les achats de fournitures en comparant chaque prix"
PLAN = "Tenir l'agenda de la direction"
BAKE = "Cuire le pain"


def sheets(**blocks: dict[str, tuple[str, list[str]]]):  # type: ignore[no-untyped-def]
    return [p for number, lists in blocks.items() for p in certification(number, number, lists)]


@pytest.fixture
def open_at(tmp_path: Path, encoder: CountingEncoder):  # type: ignore[no-untyped-def]
    def made(passages):  # type: ignore[no-untyped-def]
        build(passages, encoder, tmp_path, "1")
        return open_index(tmp_path, None)

    return made


def test_same_and_nearly_same_sentences_count(open_at) -> None:  # type: ignore[no-untyped-def]
    index = open_at(
        sheets(
            RNCP99001={"BC01": ("a", [BUY, PLAN]), "BC02": ("b", [BAKE])},
            RNCP99002={"BC01": ("c", [BOUGHT, PLAN])},
            RNCP99003={"BC01": ("d", ["Vendre des achats d'occasion sur internet"])},
        )
    )
    (told,) = alike(index, "rncp:RNCP99001")
    assert (told.block, told.to, told.to_block) == (
        "RNCP99001BC01", "rncp:RNCP99002", "RNCP99002BC01",
    )  # fmt: skip
    assert (told.same, told.own, told.others) == (1, 2, 2)
    assert told.alike == pytest.approx(1 + likeness(BUY, BOUGHT))
    assert 0.8 <= likeness(BUY, BOUGHT) < 1
    (near,) = near_duplicates([told], ())
    assert near.score == pytest.approx(told.alike / 2, abs=1e-4)
    (back,) = alike(index, "rncp:RNCP99002")
    assert back.alike == pytest.approx(told.alike)


def test_a_sentence_counts_for_one_sentence_only(open_at) -> None:  # type: ignore[no-untyped-def]
    index = open_at(
        sheets(
            RNCP99001={"BC01": ("a", [BUY, BOUGHT, f"{BUY} actuels"])},
            RNCP99002={"BC01": ("b", [BUY])},
        )
    )
    (told,) = alike(index, "rncp:RNCP99001")
    assert (told.same, told.alike, told.own, told.others) == (1, 1.0, 3, 1)
    assert near_duplicates([told], ()) == ()


def test_numbers_that_begin_alike_are_not_taken_together(open_at) -> None:  # type: ignore[no-untyped-def]
    index = open_at(
        sheets(
            RNCP9900={"BC01": ("a", [PLAN])},
            RNCP99001={"BC01": ("b", [PLAN])},
        )
    )
    (told,) = alike(index, "rncp:RNCP9900")
    assert (told.to, told.own, told.others) == ("rncp:RNCP99001", 1, 1)


def test_what_is_not_indexed_has_none(open_at) -> None:  # type: ignore[no-untyped-def]
    index = open_at(sheets(RNCP99001={"BC01": ("a", [PLAN])}))
    assert alike(index, "rncp:RNCP99009") == []
    assert alike(index, "rncp:RNCP99001") == []


def test_likeness_is_of_words_in_order() -> None:
    assert likeness("Tenir l'agenda", "TENIR  l’agenda.") == 1.0
    assert likeness("a b c d", "a b x d") == 0.75
    assert likeness("a b", "c d") == 0.0
