"""France Travail's job offers (JSON): recognised and counted. An offer is no job of the graph: it
is what the graph is matched with."""

from __future__ import annotations

from collections.abc import Iterator

from kb.model import Document, Record, Remark
from scrapers.offers import holds_offers, offers

NAME = "france_travail"
DESCRIPTION = "France Travail's job offers (JSON): reported, and matched with `passerelle match`"
EXPECTED = range(1, 1_000_000)  # offers are given as they are asked for
AUTHORITY = 3
PUBLISHER = "France Travail"


def recognise(document: Document) -> float:
    return 0.9 if holds_offers(document) else 0.0


def parse(document: Document) -> Iterator[Record]:
    """One Remark that counts the offers and those without a text.

    Raises:
        UnreadableDocument: no JSON. IncompleteDocument: no offer, or one without its keys.
    """
    listed = offers(document)
    empty = sum(not offer.description for offer in listed)
    told = f", {empty} of them without a text" if empty else ""
    yield Remark(
        None,
        f"no document of the graph: {len(listed)} job offers{told}; save one alone and give it "
        "to passerelle match",
    )
