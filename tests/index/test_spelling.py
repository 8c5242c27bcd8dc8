"""Misspelt words and their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.spelling import Speller, Spelling

if TYPE_CHECKING:
    from index.build import Index

KNOWN = Spelling({"dragon": 1, "dragonnier": 1, "griffon": 3, "griffes": 1, "licorne": 1})
OTHERS = Spelling({"éleveur": 1, "dragons": 2, "fournil": 1})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("dragn", ["dragon", "dragonnier"]),
        ("dargon", ["dragon"]),
        ("dragonier", ["dragonnier", "dragon"]),
        ("lycorne", ["licorne"]),
        ("ricorne", []),
        ("zeppelin", []),
    ],
)
def test_the_words_spelt_most_alike(typed: str, read: list[str]) -> None:
    assert KNOWN.alike(typed, 0.65, 8) == read
    assert KNOWN.alike(typed, 0.65, 1) == read[:1]


def test_between_words_equally_near_the_more_common_then_the_alphabet_decide() -> None:
    assert Spelling({"pont": 1, "port": 2}).alike("pomt", 0.7, 8) == ["port", "pont"]
    assert Spelling({"pont": 1, "port": 1}).alike("pomt", 0.7, 8) == ["pont", "port"]


def test_words_keep_their_accents() -> None:
    assert Spelling({"écurie": 1, "Échasse": 1}).alike("ecuri", 0.7, 8) == ["écurie"]


@pytest.fixture
def speller(index: Index) -> Speller:
    return Speller(tuple(index.shelves.values()), OTHERS)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("aménagre les loacux", "aménager les locaux"),  # as texts have them
        ("Securitté du bureau", "sécurité du bureau"),
        ("Dragosn, c++ et zeppelin", "dragons, c++ et zeppelin"),
        ("élveur", "éleveur"),
        ("fournitil", "fournil"),  # the other word, though texts have "fournitures"
        ("directions", "directions"),  # a plural of a word that a text has
        ("dragon", "dragon"),
        ("agnd", "agenda"),
        ("agd", "agd"),  # too short to tell
        ("l'argenda 2026", "l'agenda 2026"),
    ],
)
def test_unknown_words_are_read_as_those_spelt_most_alike(
    speller: Speller, typed: str, read: str
) -> None:
    assert speller.read(typed) == read


def test_initials_of_titles_are_no_words(speller: Speller) -> None:
    assert speller.knows("rb")  # Responsable de bureau
    assert speller.read("rbxy") == "rbxy"


def test_what_is_known(speller: Speller) -> None:
    assert speller.knows("agend")
    assert speller.knows("dragon")
    assert not speller.knows("zeppelin")
