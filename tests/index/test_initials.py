"""Short names of titles."""

from __future__ import annotations

import pytest

from index.initials import initials


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
