"""Remarks of reading in French: each sentence that the sources can say."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from web.language import FOLDER, language
from web.remarks import said

ROOT = Path(__file__).resolve().parent.parent.parent
OF_WHOLE_DOCUMENTS = re.compile(
    r"no document of the graph|left out: \{\}$|diplomas bear no number|^no table of|leaves stand"
)
"""Told in the report of an ingestion alone, never on a page."""


def sentence(node: ast.expr) -> str | None:
    """The sentence with `{}` for its values; None for what is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
    return None


def told_by(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = ast.unparse(node.func)
        if called.endswith(("Remark", "_warn")) and len(node.args) > 1:
            found.add(sentence(node.args[1]))
        elif called.endswith("faults.add"):
            found.add(sentence(node.args[0]))
    return {each for each in found if each and not OF_WHOLE_DOCUMENTS.search(each)}


def test_the_catalogue_has_what_the_sources_say_and_nothing_else() -> None:
    modules = [*(ROOT / "scrapers").rglob("*.py"), ROOT / "kb" / "merge.py"]
    told = set().union(*map(told_by, modules))
    kept = json.loads((FOLDER / "remarks.fr.json").read_text("utf-8"))["sentences"]
    assert sorted(kept) == sorted(told)
    assert all(english.count("{}") == french.count("{}") for english, french in kept.items())


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("level is 'NIV9', none of 3 to 8; left unknown", "le niveau est 'NIV9', hors de 3 à 8"),
        (
            "a correspondence to RNCP99001 names no source and destination block",
            "une correspondance vers RNCP99001 ne nomme pas de bloc d’origine ni de destination",
        ),
        (
            "title differs: Garde (kept: Veille (mer))",
            "désaccord sur «\u00a0Intitulé\u00a0»\u00a0: Garde (ret",
        ),
        (
            "certifiers differs: 1 entries (kept: 2 entries)",
            "désaccord sur «\u00a0Certificateur\u00a0»\u00a0: 1 valeur(s) (retenu\u00a0: 2 ",
        ),
        ("tag A is B (2) is unknown; it was not read", "la balise A is B (2) est inconnue"),
    ],
)
def test_a_remark_is_told_in_french_with_its_values(english: str, french: str) -> None:
    text, code = said(language("fr"), english)
    assert text.startswith(french)
    assert code == "fr"
    assert said(language("en"), english) == (english, "en")


def test_what_the_catalogue_does_not_have_stays_english() -> None:
    assert said(language("fr"), "a sentence of tomorrow") == ("a sentence of tomorrow", "en")


def test_french_is_set_as_french_is() -> None:
    kept = json.loads((FOLDER / "remarks.fr.json").read_text("utf-8"))
    for text in (*kept["sentences"].values(), *kept["values"].values()):
        assert not re.search(r" [:;?!»]|« ", text), text
