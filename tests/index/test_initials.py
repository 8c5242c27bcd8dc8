"""Short names of titles."""

from __future__ import annotations

import pytest

from index.initials import initials, is_name_of


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Management commercial opérationnel", ("mco", "demco")),
        ("Éleveur de dragons : option griffons", ("ed", "deed")),
        ("Soins et suivi des serpents du sud", ("ssss", "4s", "dessss")),
        ("Boulanger", ()),
        ("Un titre qui a beaucoup trop de mots pour avoir jamais reçu son sigle usuel", ()),
        ("", ()),
    ],
)
def test_initials(title: str, short: tuple[str, ...]) -> None:
    assert initials(title) == short


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Élevage et dressage de dragons", True),
        ("elevage et dressage de dragons : option griffons", True),
        ("Élevage et dressage de dragons (option A : griffons)", True),
        ("Élevage et dressage de dragons - griffons", True),
        ("Élevage et dressage de dragons option griffons", True),
        ("Élevage et dressage de dragons domestiques", False),
        ("Technicien en élevage et dressage de dragons", False),
        ("Élevage", False),
    ],
)
def test_a_phrase_names_a_title_whatever_its_option(title: str, named: bool) -> None:
    assert is_name_of("élevage et dressage de dragons", title) is named
