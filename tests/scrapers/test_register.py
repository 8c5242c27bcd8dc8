"""Values that the register's data and page share."""

from __future__ import annotations

from datetime import date

import pytest

from scrapers.registers import values as register
from scrapers.registers.values import BlockText, Faults


def test_siret_with_blanks_and_none() -> None:
    faults = Faults("here")
    assert register.siret("000 111 222 00014", faults) == "00011122200014"
    assert register.siret("-", faults) is None
    assert register.siret(None, faults) is None
    assert faults.remarks == []


@pytest.mark.parametrize(
    ("text", "level"),
    [("NIV3", 3), ("Niveau 8", 8), ("niveau 5", 5), ("AUCUN", None), ("Sans niveau", None)],
)
def test_levels(text: str, level: int | None) -> None:
    faults = Faults("here")
    assert register.level(text, faults) == level
    assert faults.remarks == []


@pytest.mark.parametrize("text", ["NIV1", "NIV9", "V", "Niveau"])
def test_levels_that_are_none(text: str) -> None:
    faults = Faults("here")
    assert register.level(text, faults) is None
    assert len(faults.remarks) == 1


def test_dates() -> None:
    faults = Faults("here")
    assert register.french_date("29/02/2028", "end", faults) == date(2028, 2, 29)
    assert register.french_date("01-03-2027", "end", faults) == date(2027, 3, 1)
    assert register.french_date(None, "end", faults) is None
    assert faults.remarks == []
    assert register.french_date("29/02/2027", "end", faults) is None
    assert register.french_date("mars 2027", "end", faults) is None
    assert len(faults.remarks) == 2


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Fleuriste, grainetier, jardinière", ("Fleuriste", "grainetier", "jardinière")),
        ("Fleuriste - Grainetier- Jardinière", ("Fleuriste", "Grainetier", "Jardinière")),
        ("Fleuriste ; grainetier", ("Fleuriste", "grainetier")),
        ("● Fleuriste    ● Grainetier, semencier", ("Fleuriste", "Grainetier, semencier")),
        ("Le métier s'exerce en boutique, en serre", ("Le métier s'exerce en boutique, en serre",)),
        ("Halles (gros, détail) de ville", ("Halles (gros, détail) de ville",)),
        ("", ()),
        (None, ()),
    ],
)
def test_names_in_one_line_or_many(text: str | None, names: tuple[str, ...]) -> None:
    assert register.short_items(text) == names


def blocks(*texts: str) -> list[BlockText]:
    return [
        BlockText(f"RNCP990001BC0{n}", None, text, (), f"block {n}")
        for n, text in enumerate(texts, 1)
    ]


def test_one_competence_in_two_blocks_is_one() -> None:
    competencies, made = register.compose(
        "RNCP990001", None, blocks("Semer\nTailler", "Semer"), None, None, Faults("here")
    )
    assert [each.text for each in competencies] == ["Semer", "Tailler"]
    assert made[1].competencies == (made[0].competencies[0],)


def test_attested_items_without_block_are_counted_where_all_blocks_list() -> None:
    faults = Faults("here")
    competencies, _ = register.compose(
        "RNCP990001", None, blocks("Semer"), "Semer\nRésumé du bloc", "attested", faults
    )
    assert [each.text for each in competencies] == ["Semer"]
    (remark,) = faults.remarks
    assert remark.place == "attested"
    assert remark.text.startswith("1 of 2 items")


def test_attested_items_are_kept_where_a_block_lists_nothing() -> None:
    faults = Faults("here")
    competencies, _ = register.compose(
        "RNCP990001", None, blocks("Semer", ""), "Semer.\nTailler", "attested", faults
    )
    assert [(each.text, each.block) for each in competencies] == [
        ("Semer", "RNCP990001BC01"),
        ("Tailler", None),
    ]
    assert [each.text for each in faults.remarks] == ["no competence listed in RNCP990001BC02"]


def test_codes_that_repeat_in_blocks_are_no_identifiers() -> None:
    competencies, _ = register.compose(
        "RNCP990001", None, blocks("1. Semer\n2. Tailler", "1. Vendre"), None, None, Faults("here")
    )
    ids = [each.id for each in competencies]
    assert len(set(ids)) == 3
    assert ids[1] == "rncp:RNCP990001/2"
    assert "/1" not in str(ids[0])[-3:]
