"""Two programmes aligned from a table of similarities that is given."""

from __future__ import annotations

import pytest

from kb.compare import NO_BLOCK, compare
from kb.model import Certification, Competency, SkillBlock


def programme(
    number: str, blocks: dict[str, list[str]], loose: tuple[str, ...] = ()
) -> Certification:
    return Certification(
        number=number,
        competencies=tuple(
            Competency(text, block=code, id=f"{number}/{text}")
            for code, texts in blocks.items()
            for text in texts
        )
        + tuple(Competency(text, id=f"{number}/{text}") for text in loose),
        blocks=tuple(
            SkillBlock(code, competencies=tuple(f"{number}/{text}" for text in texts))
            for code, texts in blocks.items()
        ),
    )


ONE = programme("RNCP99001", {"BC1": ["buy", "sell"], "BC2": ["plan"]})
OTHER = programme("RNCP99002", {"BC1": ["schedule"], "BC2": ["purchase", "audit"], "BC3": ["cook"]})
#          schedule purchase audit cook
TABLE = [[0.1, 0.9, 0.6, 0.0], [0.0, 0.7, 0.2, 0.0], [0.8, 0.1, 0.1, 0.0]]


def texts(pair) -> tuple[str | None, str | None]:  # type: ignore[no-untyped-def]
    return (pair.one and pair.one.text, pair.other and pair.other.text)


def test_blocks_stand_beside_the_block_with_most_in_common() -> None:
    result = compare(ONE, OTHER, TABLE, at_least=0.5)
    beside = [(b.one and b.one.code, b.other and b.other.code) for b in result.blocks]
    assert beside == [("BC1", "BC2"), ("BC2", "BC1"), (None, "BC3")]
    assert [b.similarity for b in result.blocks] == [0.45, 0.8, None]


def test_each_competency_has_one_counterpart_at_most() -> None:
    result = compare(ONE, OTHER, TABLE, at_least=0.5)
    assert [texts(p) for p in result.blocks[0].pairs] == [
        ("buy", "purchase"),
        ("sell", None),
        (None, "audit"),
    ]
    assert [p.similarity for p in result.blocks[0].pairs] == [0.9, None, None]
    assert [texts(p) for p in result.blocks[2].pairs] == [(None, "cook")]
    assert result.shared == 2


def test_nothing_in_common() -> None:
    result = compare(ONE, OTHER, [[0.0] * 4] * 3, at_least=0.5)
    assert result.shared == 0
    assert all(b.one is None or b.other is None for b in result.blocks)
    assert len(result.blocks) == 5


def test_competences_without_a_block_are_compared_too() -> None:
    loose = programme("RS99001", {}, ("purchase",))
    result = compare(ONE, loose, [[0.9], [0.1], [0.0]], at_least=0.5)
    assert result.blocks[0].other is NO_BLOCK
    assert texts(result.blocks[0].pairs[0]) == ("buy", "purchase")


def test_a_certification_without_competences() -> None:
    result = compare(ONE, programme("RNCP99003", {}), [[], [], []], at_least=0.5)
    assert result.shared == 0


def test_a_table_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="3 by 4"):
        compare(ONE, OTHER, TABLE[:2], at_least=0.5)
