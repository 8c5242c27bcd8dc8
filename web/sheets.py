"""The sheet of a certification and the sheet of a job, as they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from kb.merge import Difference, Entry, Origin
from kb.model import (
    ACCESS_ROUTES,
    AccessRoute,
    Accreditation,
    Certification,
    Code,
    Competency,
    Insertion,
    InsertionFigures,
    Job,
    JobMove,
    MacroCompetency,
    Remark,
    Salary,
    SkillBlock,
    Task,
)
from kb.register import Dossier
from kb.timeline import Event
from web.language import Language
from web.remarks import said
from web.standing import StandingView, standing
from web.views import Frame, Link, Page, certification_href, field_label, plain

FOLDED_FROM = 12  # longer lists are folded away


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value; None where it is not published."""

    label: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Coded:
    """A text with its published code, if it has one."""

    code: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """rows: cells as text, None where unknown; the first cell of a row is its heading."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class SourceView:
    """A document that the sheet rests on. link: without address where it is no public one."""

    publisher: str
    link: Link
    dated: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class RemarkView:
    """language: code of the language that `text` is in."""

    place: str | None
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class DifferenceView:
    field: str
    kept: str
    other: str
    origin: str


@dataclass(frozen=True, slots=True)
class Provenance:
    sources: tuple[SourceView, ...]
    remarks: tuple[RemarkView, ...]
    remarks_label: str
    differences: tuple[DifferenceView, ...]
    differences_label: str


@dataclass(frozen=True, slots=True)
class CompetencyView:
    code: str | None
    text: str
    anchor: str | None
    activity: str | None
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompetencyGroup:
    """heading: the published heading that the competences stand under, if any."""

    heading: str | None
    competencies: tuple[CompetencyView, ...]


@dataclass(frozen=True, slots=True)
class BlockView:
    code: str
    title: str | None
    count: str
    overall: str | None
    groups: tuple[CompetencyGroup, ...]
    assessments: tuple[str, ...]
    points: str | None


@dataclass(frozen=True, slots=True)
class RouteView:
    label: str
    open: str | None
    inferred: bool
    jury: str | None


@dataclass(frozen=True, slots=True)
class CertifierView:
    name: str
    trade_name: str | None
    siret: str | None
    website: Link | None


@dataclass(frozen=True, slots=True)
class InsertionView:
    """Figures that another than the register publishes. about: what they are means of, and how
    they were tied to this sheet."""

    heading: str
    about: str
    table: Table
    label: str
    folded: bool
    sources: tuple[SourceView, ...]


@dataclass(frozen=True, slots=True)
class CertificationView:
    """Everything of a certification's page; blocks in the published order."""

    page: Page
    number: str | None
    key: str
    facts: tuple[Fact, ...]
    certifiers: tuple[CertifierView, ...]
    objectives: tuple[str, ...]
    activities: tuple[Coded, ...]
    blocks: tuple[BlockView, ...]
    loose: tuple[CompetencyGroup, ...]
    assessments: tuple[str, ...]
    routes: tuple[RouteView, ...]
    territories: tuple[Fact, ...]
    prerequisites: tuple[Fact, ...]
    statistics: Table
    insertion: InsertionView | None
    job_titles: tuple[str, ...]
    sectors: tuple[str, ...]
    rome: tuple[Coded, ...]
    nsf: tuple[Coded, ...]
    formacodes: tuple[Coded, ...]
    modules: Table
    hours: tuple[Fact, ...]
    points: tuple[Fact, ...]
    exam_rules: tuple[str, ...]
    replaces: tuple[Link, ...]
    standing: StandingView
    partners: Table
    partners_label: str
    partners_folded: bool
    regulation: tuple[str, ...]
    regulated: tuple[Coded, ...]
    provenance: Provenance


def certification(
    frame: Frame, entry: Entry[Certification], told: Dossier, events: Iterable[Event]
) -> CertificationView:
    """The page of a certification, where it stands in the register, and what happened to it."""
    language, record = frame.language, entry.record
    t = language.t
    by_id = {c.id: c for c in record.competencies if c.id}
    activities = {a.code: a.text for a in record.activities if a.code}
    placed = {identifier for block in record.blocks for identifier in block.competencies}
    loose = [c for c in record.competencies if c.id not in placed]
    return CertificationView(
        page=frame.page(record.title or record.number or entry.id),
        number=record.number,
        key=record.number or entry.id,
        facts=_identity(language, record),
        certifiers=tuple(
            CertifierView(c.name, c.trade_name, _siret(c.siret), _outside(c.website))
            for c in record.certifiers
        ),
        objectives=paragraphs(record.objectives),
        activities=tuple(Coded(a.code, a.text) for a in record.activities),
        blocks=tuple(_block(language, b, by_id, activities) for b in record.blocks),
        loose=_groups(loose, activities),
        assessments=record.assessments,
        routes=_routes(language, record.access_routes),
        territories=tuple(
            Fact(t(f"territory.{name}"), language.yes_no(getattr(record.territories, name)))
            for name in ("nouvelle_caledonie", "polynesie_francaise")
        ),
        prerequisites=tuple(
            Fact(t(f"prerequisite.{name}"), getattr(record.prerequisites, name))
            for name in ("entry", "validation", "by_block")
        ),
        statistics=_statistics(language, record),
        insertion=_insertion(language, told.insertion) if told.insertion else None,
        job_titles=record.job_titles,
        sectors=record.sectors,
        rome=_codes(record.rome),
        nsf=_codes(record.nsf),
        formacodes=tuple(_today(language, each, told) for each in record.formacodes),
        modules=_modules(language, record),
        hours=_hours(language, record),
        points=_points(language, record),
        exam_rules=tuple(rule.text for rule in record.exam_rules),
        replaces=_certification_links(record.replaces),
        standing=standing(language, told, events),
        partners=_partners(language, record.partners),
        partners_label=language.count("partners.count", len(record.partners)),
        partners_folded=len(record.partners) > FOLDED_FROM,
        regulation=(*paragraphs(record.regulation), *record.legal_texts),
        regulated=tuple(Coded(each.code, each.label) for each in told.regulated),
        provenance=provenance(language, entry),
    )


def paragraphs(text: str | None) -> tuple[str, ...]:
    """The lines of a text that bear words."""
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _identity(language: Language, record: Certification) -> tuple[Fact, ...]:
    t = language.t
    level = None if record.level is None else t("level", n=record.level)
    abbreviation = record.abbreviation and (record.abbreviation.label or record.abbreviation.code)
    state = None if record.active is None else t("active" if record.active else "inactive")
    always = (
        Fact(t("field.number"), record.number),
        Fact(t("field.level"), level),
        Fact(t("field.active"), state),
        Fact(t("field.registration_end"), language.date(record.registration_end)),
    )
    # Only the register's data publishes these: their absence from a page says nothing.
    years = record.duration_years
    where_known = (
        Fact(t("field.abbreviation"), abbreviation or None),
        Fact(t("field.registration_kind"), record.registration_kind),
        Fact(t("field.decision_date"), language.date(record.decision_date)),
        Fact(t("field.effect_date"), language.date(record.effect_date)),
        Fact(t("field.delivery_limit"), language.date(record.delivery_limit)),
        Fact(t("field.duration_years"), None if years is None else language.count("years", years)),
        Fact(t("field.partial_validation"), language.yes_no(record.partial_validation)),
    )
    return (*always, *(fact for fact in where_known if fact.value))


def _block(
    language: Language,
    block: SkillBlock,
    by_id: dict[str, Competency],
    activities: dict[str, str],
) -> BlockView:
    competencies = [by_id[identifier] for identifier in block.competencies]
    return BlockView(
        code=block.code,
        title=block.title,
        count=language.count("competencies.count", len(competencies)),
        overall=block.overall,
        groups=_groups(competencies, activities),
        assessments=block.assessments,
        points=language.number(block.block_exam_points),
    )


def _groups(
    competencies: Iterable[Competency], activities: dict[str, str]
) -> tuple[CompetencyGroup, ...]:
    """Consecutive competences under one published heading."""
    return tuple(
        CompetencyGroup(heading, tuple(_competency(each, activities) for each in run))
        for heading, run in groupby(competencies, key=lambda each: each.group)
    )


def _competency(each: Competency, activities: dict[str, str]) -> CompetencyView:
    activity = each.activity
    if activity in activities:
        activity = f"{activity} {activities[activity]}"
    anchor = each.id.partition("/")[2] if each.id else None
    return CompetencyView(each.code, each.text, anchor or None, activity, each.criteria)


def _routes(language: Language, published: Iterable[AccessRoute]) -> tuple[RouteView, ...]:
    """All six routes: one that no document speaks of is unknown, not closed."""
    known = {route.route: route for route in published}
    routes = (known.get(name, AccessRoute(name)) for name in ACCESS_ROUTES)
    return tuple(
        RouteView(
            language.t(f"route.{route.route}"),
            language.yes_no(route.open),
            route.inferred,
            route.jury,
        )
        for route in routes
    )


def _statistics(language: Language, record: Certification) -> Table:
    t = language.t
    names = (
        "certified",
        "certified_vae",
        "insertion_6m_overall",
        "insertion_6m_job",
        "insertion_2y_job",
    )
    rows = tuple(
        (
            str(each.year),
            language.number(each.certified),
            language.number(each.certified_vae),
            language.percent(each.insertion_6m_overall),
            language.percent(each.insertion_6m_job),
            language.percent(each.insertion_2y_job),
        )
        for each in record.statistics
    )
    columns = (t("statistics.year"), *(t(f"statistics.{name}") for name in names))
    return Table(t("statistics.caption"), columns, rows)


def _insertion(language: Language, entry: Entry[Insertion]) -> InsertionView:
    t, record = language.t, entry.record
    series = tuple(dict.fromkeys(each.of for each in record.figures))
    rows = tuple(
        (
            " – ".join([each.region or t("insertion.france"), *([each.of] if series[1:] else [])]),
            language.percent(each.employed_12m),
            language.percent(each.employed_24m),
            language.percent(each.further_study),
            _groups_measured(language, each),
        )
        for each in record.figures
    )
    names = ("territory", "employed_12m", "employed_24m", "further_study", "groups")
    columns = tuple(t(f"insertion.{name}") for name in names)
    return InsertionView(
        heading=t("insertion.heading", publisher=entry.documents[0].publisher),
        about=t("insertion.about", period=record.period or t("unknown")),
        table=Table(t("insertion.caption", of=", ".join(series)), columns, rows),
        label=language.count("insertion.count", len(rows)),
        folded=len(rows) > FOLDED_FROM,
        sources=tuple(_source(language, each) for each in entry.documents),
    )


def _groups_measured(language: Language, figures: InsertionFigures) -> str | None:
    measured, groups = language.number(figures.measured), language.number(figures.groups)
    if measured is None or groups is None:
        return groups
    return language.t("insertion.measured", measured=measured, groups=groups)


def _modules(language: Language, record: Certification) -> Table:
    t = language.t
    rows = tuple(
        (
            f"{module.code} {module.title}" if module.code else module.title,
            language.hours(module.hours),
            language.number(module.continuous_points),
            module.block,
        )
        for module in record.modules
    )
    columns = tuple(t(f"modules.{name}") for name in ("title", "hours", "points", "block"))
    return Table(t("modules.caption"), columns, rows)


def _hours(language: Language, record: Certification) -> tuple[Fact, ...]:
    return _known(
        Fact(language.t(f"hours.{name}"), language.hours(getattr(record.hours, name)))
        for name in ("taught", "other", "total")
    )


def _points(language: Language, record: Certification) -> tuple[Fact, ...]:
    points = record.points
    blocks = (
        Fact(language.t("points.block", code=code), language.number(value))
        for code, value in points.by_block.items()
    )
    sums = (
        Fact(language.t(f"points.{name}"), language.number(getattr(points, name)))
        for name in ("continuous", "block_exams", "professional", "total")
    )
    return _known((*blocks, *sums))


def _known(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """All of them, or none where not one is known: then the whole matter is unpublished."""
    listed = tuple(facts)
    return listed if any(fact.value is not None for fact in listed) else ()


def _partners(language: Language, partners: Iterable[Accreditation]) -> Table:
    t = language.t
    rows = tuple(
        (
            each.name,
            _siret(each.siret),
            t(f"role.{each.role}") if each.role else None,
            t(f"state.{each.state}") if each.state else None,
            language.date(each.since),
        )
        for each in partners
    )
    columns = tuple(t(f"partners.{name}") for name in ("name", "siret", "role", "state", "since"))
    return Table(t("partners.caption"), columns, rows)


def _siret(siret: str | None) -> str | None:
    """`123 456 789 00012`, as it is printed on documents."""
    if siret is None or len(siret) != 14:
        return siret
    return f"{siret[:3]}\u00a0{siret[3:6]}\u00a0{siret[6:9]}\u00a0{siret[9:]}"


def _codes(codes: Iterable[Code]) -> tuple[Coded, ...]:
    return tuple(Coded(each.code, each.label) for each in codes)


def _today(language: Language, code: Code, told: Dossier) -> Coded:
    """A descriptor; of an older version, with the one that is called so today."""
    now = told.newer_formacodes.get(code.code)
    if now is None:
        return Coded(code.code, code.label)
    today = language.t("formacode.today", code=now.code, label=now.label)
    return Coded(code.code, f"{code.label} ({today})")


def _certification_links(numbers: Iterable[str]) -> tuple[Link, ...]:
    return tuple(Link(number, certification_href(number)) for number in numbers)


def _outside(address: str | None) -> Link | None:
    """A published address; a bare host is completed, anything else is text without a link."""
    if not address:
        return None
    if re.match(r"https?://", address):
        return Link(address, address)
    if re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", address):
        return Link(address, f"https://{address}")
    return Link(address)


# ---- where it comes from ----


def provenance(language: Language, entry: Entry[Any]) -> Provenance:
    remarks = tuple(_remark(language, each) for each in entry.record.warnings)
    differences = tuple(_difference(language, each) for each in entry.differences)
    return Provenance(
        sources=tuple(_source(language, each) for each in entry.documents),
        remarks=remarks,
        remarks_label=language.count("remarks.count", len(remarks)),
        differences=differences,
        differences_label=language.count("differences.count", len(differences)),
    )


def _source(language: Language, origin: Origin) -> SourceView:
    # A path of this machine is nobody's business: only its last part is shown.
    public = origin.address.startswith(("http://", "https://"))
    link = Link(origin.address, origin.address) if public else Link(origin.name)
    return SourceView(origin.publisher, link, language.date(origin.dated), origin.sha256)


def _remark(language: Language, remark: Remark) -> RemarkView:
    return RemarkView(remark.place, *said(language, remark.text))


def _difference(language: Language, each: Difference) -> DifferenceView:
    return DifferenceView(
        field=field_label(language, each.field),
        kept=plain(language, each.kept),
        other=plain(language, each.other),
        origin=each.origin.publisher,
    )


# ---- a job ----


@dataclass(frozen=True, slots=True)
class SectionView:
    title: str | None
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissionView:
    """Missions under one heading. listed: several, or without a heading; else one text."""

    title: str | None
    texts: tuple[str, ...]
    listed: bool


@dataclass(frozen=True, slots=True)
class LevelView:
    label: str
    text: str
    expected: bool


@dataclass(frozen=True, slots=True)
class MacroView:
    """expected: the level that is asked for, as a sentence; None where it is not published."""

    title: str
    levels: tuple[LevelView, ...]
    expected: str | None
    example: str | None


@dataclass(frozen=True, slots=True)
class JobView:
    page: Page
    facts: tuple[Fact, ...]
    purpose: tuple[str, ...]
    missions: tuple[MissionView, ...]
    macro_competencies: tuple[MacroView, ...]
    skills: tuple[str, ...]
    qualities: tuple[str, ...]
    salaries: Table
    moves: Table
    sections: tuple[SectionView, ...]
    certifications: tuple[str, ...]
    rome: tuple[Coded, ...]
    provenance: Provenance


def job(frame: Frame, entry: Entry[Job]) -> JobView:
    language, record = frame.language, entry.record
    t = language.t
    relations = tuple(
        SectionView(t(f"field.{name}"), getattr(record, name))
        for name in ("internal_relations", "external_relations")
        if getattr(record, name)
    )
    return JobView(
        page=frame.page(record.title),
        facts=(
            Fact(t("field.family"), record.family),
            Fact(t("field.names_fr"), ", ".join(record.other_names.fr) or None),
            Fact(t("field.names_en"), ", ".join(record.other_names.en) or None),
            *(_occupation(language, record) if record.nomenclature else ()),
        ),
        purpose=paragraphs(record.purpose),
        missions=_missions(record.missions),
        macro_competencies=tuple(_macro(language, m) for m in record.macro_competencies),
        skills=record.skills,
        qualities=record.qualities,
        salaries=_salaries(language, record.salaries),
        moves=_moves(language, record.moves),
        sections=(
            *(
                SectionView(s.title or t(f"field.{name}"), paragraphs(s.text))
                for name in ("context", "conditions")
                for s in getattr(record, name)
            ),
            *relations,
        ),
        certifications=record.certifications,
        rome=_codes(record.rome),
        provenance=provenance(language, entry),
    )


def _occupation(language: Language, record: Job) -> Iterable[Fact]:
    """What nomenclatures alone say of a job."""
    t, parent = language.t, record.parent
    older = f"{parent.code} {parent.label or ''}".strip() if parent else None
    yield Fact(t("field.occupation_code"), f"{(record.nomenclature or '').upper()} {record.code}")
    if parent and parent.code != record.code:
        yield Fact(t("field.older_code"), older)
    yield Fact(t("field.regulated"), language.yes_no(record.regulated))
    yield Fact(t("field.access"), record.access)


def _missions(missions: Iterable[Task]) -> tuple[MissionView, ...]:
    """Consecutive missions of one heading together: articles list many under the same."""
    views = []
    for title, run in groupby(missions, key=lambda mission: mission.title):
        texts = [mission.text for mission in run]
        listed = title is None or len(texts) > 1
        views.append(MissionView(title, tuple(texts) if listed else paragraphs(texts[0]), listed))
    return tuple(views)


def _macro(language: Language, macro: MacroCompetency) -> MacroView:
    t = language.t
    levels = tuple(
        LevelView(t("macro.level", n=n), text, n == macro.expected)
        for n, text in enumerate(macro.levels, 1)
    )
    expected = None if macro.expected is None else t("macro.expected", n=macro.expected)
    return MacroView(macro.title, levels, expected, macro.example)


def _salaries(language: Language, salaries: Iterable[Salary]) -> Table:
    t = language.t
    rows = tuple(
        (
            s.experience or t("salary.everybody"),
            language.money(s.min, s.currency),
            language.money(s.max, s.currency),
            t(f"period.{s.period}") if s.period else None,
            None if s.year is None else str(s.year),
            s.text,
        )
        for s in salaries
    )
    names = ("experience", "min", "max", "period", "year", "text")
    return Table(t("salary.caption"), tuple(t(f"salary.{name}") for name in names), rows)


def _moves(language: Language, moves: Iterable[JobMove]) -> Table:
    t = language.t
    rows = tuple(
        (
            move.title,
            t(f"direction.{move.direction}") if move.direction else None,
            t("distance.evolution" if move.evolution else f"distance.{move.distance}")
            if move.evolution or move.distance
            else None,
            move.published_by,
        )
        for move in moves
    )
    names = ("title", "direction", "distance", "published_by")
    return Table(t("moves.caption"), tuple(t(f"moves.{name}") for name in names), rows)
