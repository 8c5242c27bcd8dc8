"""Offers as the API answers them are texts to match, never jobs of the graph."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kb.errors import UnreadableDocument
from kb.model import Document
from scrapers.offers import holds_offers, offers, only_offer
from web.cli import read_upload

OFFER: dict[str, Any] = {
    "id": "999AAAA",
    "intitule": "Gardien de phare (H/F)",
    "description": "Vous entretenez l'optique.\nVous tenez le journal de veille.",
    "romeCode": "N9901",
    "competences": [{"code": "900001", "libelle": "Allumer la lampe"}, {"code": "900002"}],
}


def document(value: object) -> Document:
    return Document(json.dumps(value, ensure_ascii=False).encode(), "offres.json")


@pytest.mark.parametrize("value", [OFFER, [OFFER], {"resultats": [OFFER]}])
def test_one_offer_in_each_of_its_shapes(value: object) -> None:
    assert holds_offers(document(value))
    offer = only_offer(document(value))
    assert (offer.key, offer.rome, offer.skills) == ("999AAAA", "N9901", ("Allumer la lampe",))
    text = read_upload("offre.json", document(value).content)
    assert text.splitlines() == [
        "Gardien de phare (H/F)",
        "Vous entretenez l'optique.",
        "Vous tenez le journal de veille.",
        "Compétences",
        "- Allumer la lampe",
    ]


def test_several_offers_are_no_description() -> None:
    many = document({"resultats": [OFFER, OFFER]})
    assert len(offers(many)) == 2
    with pytest.raises(UnreadableDocument, match="2 job offers"):
        only_offer(many)


def test_other_json_holds_no_offer() -> None:
    assert not holds_offers(document([{"intitule": "Sans texte"}]))
    assert not holds_offers(Document(b"intitule, description", "notes.txt"))
