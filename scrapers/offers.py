"""Job offers as France Travail's API answers them: an answer, a list of offers, or one offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kb.errors import UnreadableDocument
from kb.model import Document
from scrapers.json_lists import load, objects, opens_with

_KEYS = ("intitule", "description")


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer. rome: ROME 4.0 code that its publisher gave it. skills: those asked for."""

    key: str
    title: str
    description: str
    rome: str | None
    skills: tuple[str, ...]

    @property
    def text(self) -> str:
        """As a page shows it."""
        asked = [f"- {skill}" for skill in self.skills]
        return "\n".join(
            [self.title, self.description, *(["Compétences", *asked] if asked else [])]
        )


def holds_offers(document: Document) -> bool:
    """Raises nothing."""
    return any(opens_with(document, _KEYS, mark) for mark in ("[", "{"))


def offers(document: Document) -> list[Offer]:
    """In the order of the document.

    Raises:
        UnreadableDocument: no JSON. IncompleteDocument: no offer, or one without title or text.
    """
    listed = load(document)
    if isinstance(listed, dict):
        listed = listed.get("resultats", [listed])
    return [
        _offer(item, position) for position, item in enumerate(objects(document, listed, _KEYS), 1)
    ]


def only_offer(document: Document) -> Offer:
    """The one offer of a document.

    Raises:
        UnreadableDocument: no JSON, or several offers. IncompleteDocument: as `offers`.
    """
    first, *others = offers(document)
    if others:
        raise UnreadableDocument(
            f"{document.name} holds {1 + len(others)} job offers where one is matched",
            f"Save one of them alone, such as the one with the id {first.key}.",
        )
    return first


def _offer(item: dict[str, Any], position: int) -> Offer:
    skills = item.get("competences") or ()
    return Offer(
        key=str(item.get("id") or item.get("id_offre") or position),
        title=str(item["intitule"] or "").strip(),
        description=str(item["description"] or "").strip(),
        rome=item.get("romeCode") or item.get("code_rome"),
        skills=tuple(str(skill["libelle"]) for skill in skills if skill.get("libelle")),
    )
