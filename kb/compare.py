"""Programmes side by side: two certifications, block by block and competency by competency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.model import Certification, Competency, SkillBlock


@dataclass(frozen=True, slots=True)
class CompetencyPair:
    """Two competences that say the same, or one without a counterpart (the other is None).

    similarity: 0 to 1; None without a counterpart.
    """

    one: Competency | None
    other: Competency | None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class BlockPair:
    """Two blocks beside each other, or one without a counterpart.

    pairs: every competency of the first block, with its counterpart wherever that stands in the
    other certification, then those of the second block that have none.
    similarity: sum of the similarities of the pairs that both blocks hold, divided by the number
    of competences of the shorter block; 0 to 1, None without a counterpart.
    """

    one: SkillBlock | None
    other: SkillBlock | None
    pairs: tuple[CompetencyPair, ...]
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two certifications side by side. shared: number of competency pairs."""

    one: Certification
    other: Certification
    blocks: tuple[BlockPair, ...]
    shared: int


NO_BLOCK = SkillBlock(code="")
"""Stands for the competences of a certification that has no blocks."""


def compare(
    one: Certification,
    other: Certification,
    similarity: Sequence[Sequence[float]],
    at_least: float,
) -> Comparison:
    """Align the two certifications, the most similar competences first, one to one.

    Args:
        similarity: [i][j] of one.competencies[i] with other.competencies[j], 0 to 1.
        at_least: pairs below are none.
    Raises:
        ValueError: the table does not have a row per competency and a column per other.
    """
    if len(similarity) != len(one.competencies) or any(
        len(row) != len(other.competencies) for row in similarity
    ):
        raise ValueError(
            f"the table of similarities is not {len(one.competencies)} by {len(other.competencies)}"
        )
    partner = _align(similarity, at_least)
    taken = set(partner.values())
    left, right = _members(one), _members(other)
    counted = [
        [sum(similarity[i][partner[i]] for i in a if partner.get(i) in b) for _, b in right]
        for _, a in left
    ]
    beside = _align(counted, at_least=1e-9)
    blocks = []
    for row, (block, members) in enumerate(left):
        column = beside.get(row)
        pairs = [_pair(one, other, i, partner.get(i), similarity) for i in members]
        if column is None:
            blocks.append(BlockPair(block, None, tuple(pairs)))
            continue
        facing, others = right[column]
        pairs += [CompetencyPair(None, other.competencies[j]) for j in others if j not in taken]
        shorter = min(len(members), len(others))
        nearness = round(counted[row][column] / shorter, 4)
        blocks.append(BlockPair(block, facing, tuple(pairs), nearness))
    for column, (block, members) in enumerate(right):
        if column not in beside.values():
            alone = [CompetencyPair(None, other.competencies[j]) for j in members if j not in taken]
            blocks.append(BlockPair(None, block, tuple(alone)))
    return Comparison(one, other, tuple(blocks), shared=len(partner))


def _align(table: Sequence[Sequence[float]], at_least: float) -> dict[int, int]:
    """Row -> column, the highest value first, each row and column once; ties in reading order."""
    cells = [
        (-value, i, j)
        for i, row in enumerate(table)
        for j, value in enumerate(row)
        if value >= at_least
    ]
    rows: dict[int, int] = {}
    columns: set[int] = set()
    for _, i, j in sorted(cells):
        if i not in rows and j not in columns:
            rows[i] = j
            columns.add(j)
    return rows


def _members(certification: Certification) -> list[tuple[SkillBlock, list[int]]]:
    """Each block with the positions of its competences; those in no block come last."""
    position = {c.id: n for n, c in enumerate(certification.competencies) if c.id is not None}
    found = [
        (block, [position[each] for each in block.competencies if each in position])
        for block in certification.blocks
    ]
    listed = {n for _, members in found for n in members}
    rest = [n for n in range(len(certification.competencies)) if n not in listed]
    return [*found, (NO_BLOCK, rest)] if rest else found


def _pair(
    one: Certification,
    other: Certification,
    i: int,
    j: int | None,
    similarity: Sequence[Sequence[float]],
) -> CompetencyPair:
    if j is None:
        return CompetencyPair(one.competencies[i], None)
    return CompetencyPair(one.competencies[i], other.competencies[j], similarity[i][j])
