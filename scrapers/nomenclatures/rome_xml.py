"""ROME version 3 in XML: the list of codes, and whole sheets (fiches emploi métier)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kb.errors import IncompleteDocument, UnreadableDocument, UnsafeDocument
from kb.model import Code, Document, Item, JobMove, OtherNames, Record, Remark, Section, Term
from scrapers.nomenclatures.rome import move, occupation, text

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROOT = re.compile(rb"<ogr\b")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_READ = {
    "activite_de_base": "activity",
    "activite_specifique": "activity",
    "savoir_theorique_et_proceduraux": "knowledge",
    "savoir_action": "knowledge",
    "environnement_de_travail": "context",
}
_TARGET = re.compile(r"([A-N]\d{4})\s+-\s+(.+)")
# fmt: off
_KNOWN = frozenset((
    "numero", "bloc_code_rome", "appellation", "definition", "acces_emploi_metier",
    "formations_associees", "condition_exercice_activite", "classement_emploi_metier",
    "environnement_de_travail", "les_activites_de_base", "les_activites_specifique",
    "les_mobilites",
))
# fmt: on


def is_rome(document: Document) -> bool:
    """The root element is ROME's. Raises nothing."""
    head = document.content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<") and _ROOT.search(head) is not None


def parse(document: Document) -> Iterator[Record]:
    """Occupations with their items, and the items and appellations as terms.

    Raises:
        UnsafeDocument: a document type or entity is declared.
        UnreadableDocument: no XML, or cut off. IncompleteDocument: neither code nor sheet in it.
    """
    from lxml import etree

    if _DECLARATION.search(document.content):
        raise UnsafeDocument(
            f"{document.name} declares a document type or an entity",
            "Download the table from its publisher; theirs declare none.",
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(document.content, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableDocument(
            f"{document.name} is not well-formed ({error.msg}); it may be cut off",
            "Download it again.",
        ) from error
    found = False
    for element in root.iterchildren(tag=etree.Element):
        place = f"line {element.sourceline}"
        match element.tag:
            case "item_referentiel_code_rome":
                code, title = _told(element, "code_rome"), _told(element, "libelle")
                if not code:
                    yield Remark(place, "a code without code_rome was left out")
                    continue
                found = True
                yield occupation(code, title, places={"title": place})
            case "fiche_emploi_metier":
                found = True
                yield from _sheet(element, place)
            case unknown:
                yield Remark(place, f"element {unknown} is unknown; it was not read")
    if not found:
        raise IncompleteDocument(
            f"{document.name} holds neither a code nor a sheet of ROME; it may be cut off",
            "Download it again.",
        )


def _sheet(sheet: _Element, place: str) -> Iterator[Record]:
    code = _told(sheet, "bloc_code_rome/code_rome")
    if not code:
        yield Remark(place, "a sheet without code_rome was left out")
        return
    names: dict[str, str] = {}
    for item in sheet.iterfind("appellation/item"):
        label, number = _told(item, "libelle"), _told(item, "code_ogr")
        if label and number:
            names[number] = label
            yield Term("rome", number, "name", label, broader=(Code(code),), places=_at(item))
    items: dict[Item, None] = {}
    for item in sheet.iter("item"):
        kind = _READ.get(item.getparent().tag)
        label, number = _told(item, "libelle"), _told(item, "code_ogr")
        if kind and label and number:
            topic = (_told(item, "libelle_environnement") or "").capitalize() or None
            items[Item(kind, number)] = None
            yield Term("rome", number, kind, label, topic=topic, places=_at(item))
    conditions = _lines(sheet, "condition_exercice_activite")
    moves = list(_moves(sheet))
    unknown = sorted({each.tag for each in sheet if isinstance(each.tag, str)} - _KNOWN)
    yield occupation(
        code,
        _told(sheet, "bloc_code_rome/intitule"),
        other_names=OtherNames(fr=tuple(names.values())),
        purpose=_lines(sheet, "definition"),
        access=_lines(sheet, "acces_emploi_metier"),
        conditions=(Section(conditions),) if conditions else (),
        items=tuple(items),
        moves=tuple(move for move in moves if isinstance(move, JobMove)),
        places={"title": place},
        warnings=(
            *(Remark(place, f"element {tag} is unknown; it was not read") for tag in unknown),
            *(move for move in moves if isinstance(move, Remark)),
        ),
    )


def _moves(sheet: _Element) -> Iterator[JobMove | Remark]:
    for kind, near in (("proche", True), ("si_evolution", False)):
        for each in sheet.iterfind(f"les_mobilites/{kind}/mobilite"):
            place = f"line {each.sourceline}"
            target = _TARGET.fullmatch(_told(each, "code_rome_cible") or "")
            if target is None:
                yield Remark(place, "a mobility without a code that it leads to was left out")
                continue
            yield move(target[1], near=near, label=target[2], place=place)
            for name in ("appellation_source", "appellation_cible"):
                if _told(each, name):
                    yield Remark(place, f"{name} of a mobility was not read")


def _told(element: _Element, path: str) -> str | None:
    return text(element.findtext(path) or "") or None


def _lines(element: _Element, path: str) -> str | None:
    lines = (text(line) for line in (element.findtext(path) or "").splitlines())
    return "\n".join(line for line in lines if line) or None


def _at(item: _Element) -> dict[str, str]:
    return {"label": f"line {item.sourceline}"}
