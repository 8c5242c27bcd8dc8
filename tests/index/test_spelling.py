"""Misspelt words and their neighbours."""

from __future__ import annotations

import pytest

from index.spelling import Spelling

KNOWN = Spelling({"dragon": 1, "dragonnier": 1, "griffon": 3, "griffes": 1, "licorne": 1})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("dragn", "dragon"),
        ("dargon", "dragon"),
        ("dragonier", "dragonnier"),
        ("lycorne", "licorne"),
        ("ricorne", None),
        ("zeppelin", None),
    ],
)
def test_the_word_spelt_most_alike(typed: str, read: str | None) -> None:
    assert KNOWN.nearest(typed, 0.8) == read


def test_between_words_equally_near_the_more_common_then_the_alphabet_decide() -> None:
    assert Spelling({"pont": 1, "port": 2}).nearest("pomt", 0.7) == "port"
    assert Spelling({"pont": 1, "port": 1}).nearest("pomt", 0.7) == "pont"


def test_what_is_known() -> None:
    assert "dragon" in KNOWN
    assert "dragn" not in KNOWN
