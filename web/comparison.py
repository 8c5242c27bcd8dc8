"""Two certifications side by side, as they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from kb.compare import BlockPair, Comparison, CompetencyPair
from kb.model import Certification, Competency, SkillBlock
from web.language import Language
from web.sheets import Table
from web.views import Frame, Link, Page, certification_href


@dataclass(frozen=True, slots=True)
class SideView:
    """One competency of a pair. block: where it stands, told where that is not the block above."""

    code: str | None
    text: str
    block: str | None


@dataclass(frozen=True, slots=True)
class PairView:
    """None on a side: no counterpart there."""

    one: SideView | None
    other: SideView | None
    similarity: str | None


@dataclass(frozen=True, slots=True)
class BlockPairView:
    """one, other: links to the blocks; None where a block has no counterpart."""

    caption: str
    one: Link | None
    other: Link | None
    similarity: str | None
    pairs: tuple[PairView, ...]


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """a, b: what stands in the form. summary: None before two certifications were asked for."""

    page: Page
    a: str
    b: str
    summary: str | None = None
    overview: Table | None = None
    blocks: tuple[BlockPairView, ...] = ()
    one: Link | None = None
    other: Link | None = None


def form(frame: Frame, a: str, b: str) -> ComparisonView:
    """The page before two certifications were named."""
    return ComparisonView(frame.page(frame.language.t("compare.heading")), a, b)


def comparison(frame: Frame, a: str, b: str, answer: Comparison) -> ComparisonView:
    language = frame.language
    one, other = _name(answer.one, a), _name(answer.other, b)
    return ComparisonView(
        page=frame.page(language.t("compare.of", a=one, b=other)),
        a=a,
        b=b,
        summary=language.count("compare.shared", answer.shared),
        overview=_overview(language, answer.one, answer.other, (one, other)),
        blocks=tuple(
            _blocks(language, n, pair, (one, other)) for n, pair in enumerate(answer.blocks, 1)
        ),
        one=Link(answer.one.title or one, certification_href(one)),
        other=Link(answer.other.title or other, certification_href(other)),
    )


def _name(record: Certification, asked: str) -> str:
    return record.number or asked


def _overview(
    language: Language, one: Certification, other: Certification, names: tuple[str, str]
) -> Table:
    t = language.t
    facts = [_facts(language, each) for each in (one, other)]
    rows = tuple((label, facts[0][label], facts[1][label]) for label in facts[0])
    return Table(t("compare.overview"), (t("compare.field"), *names), rows)


def _facts(language: Language, record: Certification) -> dict[str, str | None]:
    t = language.t
    return {
        t("field.title"): record.title,
        t("field.level"): None if record.level is None else t("level", n=record.level),
        t("field.active"): None
        if record.active is None
        else t("active" if record.active else "inactive"),
        t("field.registration_end"): language.date(record.registration_end),
        t("field.certifiers"): ", ".join(c.name for c in record.certifiers) or None,
        t("field.blocks"): language.number(len(record.blocks)),
        t("field.competencies"): language.number(len(record.competencies)),
        t("hours.heading"): language.hours(record.hours.total),
    }


def _blocks(
    language: Language, number: int, pair: BlockPair, names: tuple[str, str]
) -> BlockPairView:
    similarity = None if pair.similarity is None else language.share(pair.similarity)
    return BlockPairView(
        caption=language.t("compare.block", n=number),
        one=_block(language, pair.one, names[0]),
        other=_block(language, pair.other, names[1]),
        similarity=similarity,
        pairs=tuple(_pair(language, each, pair) for each in pair.pairs),
    )


def _block(language: Language, block: SkillBlock | None, certification: str) -> Link | None:
    if block is None:
        return None
    if not block.code:
        return Link(language.t("compare.no_block"), certification_href(certification))
    text = f"{block.code} {block.title}" if block.title else block.code
    return Link(text, certification_href(certification, block.code))


def _pair(language: Language, pair: CompetencyPair, blocks: BlockPair) -> PairView:
    similarity = None if pair.similarity is None else language.share(pair.similarity)
    one, other = _side(pair.one, blocks.one), _side(pair.other, blocks.other)
    return PairView(one, other, similarity)


def _side(competency: Competency | None, above: SkillBlock | None) -> SideView | None:
    if competency is None:
        return None
    elsewhere = competency.block if above is None or competency.block != above.code else None
    return SideView(competency.code, competency.text, elsewhere or None)
