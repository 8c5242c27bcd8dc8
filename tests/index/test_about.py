"""What a reader is told of a question."""

from __future__ import annotations

import pytest

from index.evaluate.about import DOMAIN, FIELD, KIND, LEVEL, About
from index.evaluate.queries import SearchQuery
from index.rank import Thing
from kb.reference import (
    ActiveTitle,
    Diploma,
    EvaluationTables,
    FormacodeTerm,
    JobSheet,
    ListedCertification,
    RomeSheet,
)

TABLES = EvaluationTables(
    sheets=(JobSheet("MET.1", "fleuriste", ("D9901", "A9901"), (), "", "", ""),),
    rome=(RomeSheet("M9901", "Secrétariat", ("Secrétaire / Secrétaire médicale",)),),
    rome4=(RomeSheet("K9902", "Aide", ("Aide de vie",), parent="K9901"),),
    active=(ActiveTitle("RNCP99001", "Bureau", 5, True), ActiveTitle("RNCP99002", "X", None, True)),
    certifications=(
        ListedCertification("RNCP99001", "Bureau", True, 4, None, ("M9901",), ()),
        ListedCertification("RNCP99002", "Magasin", True, 3, None, ("D9901", "M9901"), ()),
    ),
    diplomas=(Diploma("CAP", "CAP", 3, ("RNCP99003",), ("D9902",), None),),
    terms=(FormacodeTerm("99001", "Vente", "COMMERCE", (), (), (), (), ()),),
)
ABOUT = About(TABLES, [SearchQuery("secretaria", ("RNCP99001",), "misspelling")])


def thing(key: str, name: str = "x", *parts: str) -> Thing:
    return Thing(key, (name,), parts)


def entries(*keys: str) -> list[Thing]:
    return [thing(key) for key in keys]


@pytest.mark.parametrize(
    ("question", "right", "groups"),
    [
        (thing("M9901"), ["RNCP99002"], {DOMAIN: "M", LEVEL: "3"}),
        (thing("?", "SECRÉTAIRE / secrétaire médicale"), ["C1"], {DOMAIN: "M"}),
        (thing("fleuriste", "fleuriste"), ["RNCP99001"], {DOMAIN: "D", LEVEL: "5"}),
        (thing("1", "Aide de vie"), ["J9901"], {DOMAIN: "K"}),
        (thing("1", "Offre"), ["J9901"], {DOMAIN: "J"}),
        (thing("RNCP99003 BC01"), ["BC01"], {DOMAIN: "D", LEVEL: "3"}),
        (
            thing("secretaria", "secretaria"),
            ["RNCP99003", "RNCP99002", "RNCP99001"],
            {DOMAIN: "D", LEVEL: "3", KIND: "misspelling"},
        ),
        (thing("vendeur", "vendeur"), ["99001"], {FIELD: "COMMERCE"}),
        (thing("", ""), ["RNCP98000"], {}),
    ],
)
def test_groups(question: Thing, right: list[str], groups: dict[str, str]) -> None:
    assert ABOUT.groups(question, entries(*right)) == groups


def test_without_tables_nothing_is_known() -> None:
    assert About(EvaluationTables()).groups(thing("X"), entries("RNCP99001")) == {}


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (thing("M9901", "Classer. Ranger"), "M9901 Secrétariat"),
        (thing("12", "Vendeur H/F", "Tenir la caisse"), "Vendeur H/F"),
        (
            thing("RNCP99001 BC01", "Tenir la caisse", "Tenir la caisse, afin de vendre"),
            "Tenir la caisse, afin de vendre",
        ),
    ],
)
def test_a_question_is_named_by_what_a_reader_understands(question: Thing, text: str) -> None:
    assert ABOUT.text(question) == text
