"""The answer to a job description or a CV, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from kb.model import (
    BlockCoverage,
    Career,
    CertificationCoverage,
    JobMove,
    Match,
    MatchedTask,
    MatchReport,
    Span,
)
from web.language import Language
from web.views import (
    Frame,
    Link,
    Page,
    certification_href,
    job_href,
    level,
    past,
    search_href,
)

SHOWN = 2  # matches of a task that stand open; the others are folded away


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with the words that speak for a match."""

    before: str
    mark: str
    after: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words of the task beside the words of the competency. past: see `web.views.past`."""

    query: Marked
    competency: Marked
    certification: Link
    block: str | None
    past: str | None
    band: str
    score: str
    probability: str | None


@dataclass(frozen=True, slots=True)
class TaskView:
    number: int
    text: str
    shown: tuple[Evidence, ...]
    more: tuple[Evidence, ...]
    more_label: str


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """value: coverage as a share for the meter; label: the same in words. unclear: tasks that may
    be covered and count for nothing; perhaps: their number in words, None where there is none.
    certification: of a block; level: of a certification alone; past: see `web.views.past`."""

    link: Link
    title: str | None
    certification: Link | None
    level: str | None
    past: str | None
    value: float
    label: str
    covered: tuple[str, ...]
    tasks: str
    unclear: tuple[str, ...]
    perhaps: str | None


@dataclass(frozen=True, slots=True)
class MoveView:
    link: Link
    how: str


@dataclass(frozen=True, slots=True)
class CareerView:
    link: Link
    score: str
    shared: tuple[str, ...]
    missing: tuple[str, ...]
    moves: tuple[MoveView, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """counted: whether what is no longer in force was counted. compare: a link to the two best
    certifications side by side, if there are two."""

    page: Page
    summary: str
    met: str
    counted: str
    certifications: tuple[CoverageRow, ...]
    blocks: tuple[CoverageRow, ...]
    tasks: tuple[TaskView, ...]
    uncovered: tuple[str, ...]
    careers: tuple[CareerView, ...]
    compare: Link | None


def report(frame: Frame, answer: MatchReport, in_force: bool) -> ReportView:
    """in_force: certifications that are known to be inactive were left out."""
    language, t = frame.language, frame.language.t
    best = [each.number for each in answer.certifications[:2]]
    compare = None
    if len(best) == 2:
        text = t("report.compare", a=best[0], b=best[1])
        compare = Link(text, f"/comparaison?a={best[0]}&b={best[1]}")
    return ReportView(
        page=frame.page(t("report.heading")),
        summary=language.count("report.tasks", len(answer.tasks)),
        met=language.count("report.met", len(answer.tasks) - len(answer.uncovered)),
        counted=t("report.counted_in_force") if in_force else t("report.counted_all"),
        certifications=tuple(
            _row(language, Link(each.number, certification_href(each.number)), None, each)
            for each in answer.certifications
        ),
        blocks=tuple(
            _row(
                language,
                Link(each.code, certification_href(each.certification, each.code)),
                Link(each.certification, certification_href(each.certification)),
                each,
            )
            for each in answer.blocks
        ),
        tasks=tuple(_task(language, n, task) for n, task in enumerate(answer.tasks, 1)),
        uncovered=answer.uncovered,
        careers=tuple(_career(language, career) for career in answer.careers),
        compare=compare,
    )


def _row(
    language: Language,
    link: Link,
    certification: Link | None,
    each: BlockCoverage | CertificationCoverage,
) -> CoverageRow:
    perhaps = language.count("tasks.unclear", len(each.unclear)) if each.unclear else None
    return CoverageRow(
        link,
        each.title,
        certification,
        None if certification else level(language, each.standing),
        past(language, each.standing),
        each.coverage,
        language.share(each.coverage),
        each.covered,
        language.count("tasks.count", len(each.covered)),
        each.unclear,
        perhaps,
    )


def marked(text: str, span: Span) -> Marked:
    """The text around a span."""
    start, end = span
    return Marked(text[:start], text[start:end], text[end:])


def _task(language: Language, number: int, task: MatchedTask) -> TaskView:
    evidence = tuple(_evidence(language, task.text, match) for match in task.matches)
    more = evidence[SHOWN:]
    label = language.count("evidence.more", len(more))
    return TaskView(number, task.text, evidence[:SHOWN], more, label)


def _evidence(language: Language, text: str, match: Match) -> Evidence:
    return Evidence(
        query=marked(text, match.query_span),
        competency=marked(match.text, match.text_span),
        certification=Link(
            match.certification, certification_href(match.certification, match.block)
        ),
        block=match.block,
        past=past(language, match.standing),
        score=language.share(match.score),
        band=language.t(f"band.{match.band}"),
        probability=None if match.probability is None else language.share(match.probability),
    )


def _career(language: Language, career: Career) -> CareerView:
    return CareerView(
        link=Link(career.title, job_href(career.id)),
        score=language.share(career.score),
        shared=career.shared,
        missing=career.missing,
        moves=tuple(_move(language, move) for move in career.moves),
    )


def _move(language: Language, move: JobMove) -> MoveView:
    """How far and which way a move goes, as far as it was published, and who says so."""
    parts = [
        language.t(f"direction.{move.direction}") if move.direction else None,
        language.t(f"distance.{move.distance}") if move.distance else None,
        move.published_by,
    ]
    how = ", ".join(part for part in parts if part)
    return MoveView(Link(move.title, search_href(move.title)), how)
