"""What each page shows, worked out: templates get one of these and compute nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from urllib.parse import quote

from kb.model import SearchReport, SearchResult, Standing
from kb.store import Summary
from web.language import Language

SEARCH_KINDS = (
    "certification",
    "block",
    "competency",
    "activity",
    "job_title",
    "job",
    "mission",
    "skill",
    "term",
)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_BLOCK_SUFFIX = re.compile(r"(?<=\d)BC\d+\w*$")


@dataclass(frozen=True, slots=True)
class Link:
    """href: None for a thing that has no page of its own."""

    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What stands around the subject of every page.

    switch: the same page in the other language; None where that would lose what was sent.
    dated, sources, counts: of the data; None where the knowledge base did not answer.
    """

    heading: str
    switch: Link | None
    dated: str | None
    sources: str | None
    counts: str | None


@dataclass(frozen=True, slots=True)
class Frame:
    """From one request: its language, its address, and what the knowledge base holds."""

    language: Language
    address: str | None
    summary: Summary | None

    def page(self, heading: str) -> Page:
        t, summary = self.language.t, self.summary
        switch = None
        if self.address is not None:
            switch = Link(t("language.other"), f"{self.address}lang={t('language.other_code')}")
        if summary is None:
            return Page(heading, switch, None, None, None)
        return Page(
            heading=heading,
            switch=switch,
            dated=self.language.date(summary.dated) or t("unknown"),
            sources=", ".join(summary.sources) or t("none"),
            counts=self._counts(summary),
        )

    def _counts(self, summary: Summary) -> str:
        return ", ".join(
            self.language.count(f"counts.{name}", n)
            for name, n in (
                ("documents", summary.documents),
                ("certifications", summary.certifications),
                ("competencies", summary.competencies),
                ("jobs", summary.jobs),
            )
        )


def certification_href(key: str, anchor: str | None = None) -> str:
    """Page of a certification by number or id; `anchor` is a block's or competency's."""
    number = key.partition(":")[2] if key.startswith(("rncp:", "rs:")) else key
    return f"/certifications/{quote(number, safe=':')}" + (f"#{quote(anchor)}" if anchor else "")


def job_href(key: str) -> str:
    return f"/metiers/{quote(key.removeprefix('job:'))}"


def search_href(text: str, in_force: bool = False) -> str:
    """Where a thing is only named and may not be known: look for it."""
    return f"/recherche?q={quote(text)}" + ("&en_vigueur=1" if in_force else "")


def href(identifier: str) -> str:
    """Page of anything that has an identifier: of itself, or of what it belongs to.

    `rncp:RNCP99001BC02` and `rncp:RNCP99001/C1.2@RNCP99001BC02` lead into the sheet of RNCP99001.
    """
    entity = entity_of(identifier)
    if entity.startswith(("job:", "rome:", "esco:")):
        return job_href(entity)
    head, _, rest = identifier.partition("/")
    anchor = rest.partition("@")[0] if head == entity else head.partition(":")[2]
    return certification_href(entity, anchor or None)


def entity_of(identifier: str) -> str:
    """Id of the certification or job that a block, competency or mission belongs to."""
    return _BLOCK_SUFFIX.sub("", identifier.partition("/")[0])


# ---- state and level ----


def level(language: Language, standing: Standing) -> str | None:
    """`niveau 5`; None where there is none or it is unknown."""
    return None if standing.level is None else language.t("in_force.level", n=standing.level)


def past(language: Language, standing: Standing) -> str | None:
    """That it is in force no more; None where it is, and where no document says it."""
    return language.t("in_force.no") if standing.active is False else None


# ---- the entrance ----


@dataclass(frozen=True, slots=True)
class HomeView:
    """text: what stands in the box already. size: the largest text or file. empty: no data yet."""

    page: Page
    size: str
    empty: bool
    text: str = ""


def home(frame: Frame, limit: int, heading: str = "home.heading") -> HomeView:
    return HomeView(
        page=frame.page(frame.language.t(heading)),
        size=size(frame.language, limit),
        empty=frame.summary is not None and frame.summary.documents == 0,
    )


def size(language: Language, limit: int) -> str:
    return language.t("size", n=language.number(limit / 2**20))


# ---- search ----


@dataclass(frozen=True, slots=True)
class Hit:
    """facts: what tells it apart from others of the same title: the number of its certification or
    the code of the block, its level, that it is in force. past: that it is so no more, else None.
    """

    link: Link
    facts: tuple[str, ...]
    past: str | None
    highlights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HitGroup:
    label: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class SearchView:
    """query: None before anything was asked for.

    spelled: the query with misspelt words replaced, None where there are none; also: the official
    words that it was read as too, each a search of its own. in_force: only what is in force was
    looked for; everything: the same search without that, None where that was it.
    """

    page: Page
    query: str | None
    spelled: str | None
    also: tuple[Link, ...]
    count: str
    groups: tuple[HitGroup, ...]
    in_force: bool
    everything: Link | None


def search(frame: Frame, query: str, found: SearchReport, in_force: bool) -> SearchView:
    """Results by kind, in the order of `SEARCH_KINDS`, the best of each kind first."""
    language, results = frame.language, found.results
    spelled, *also = found.read_as or (query,)
    groups = []
    for kind in SEARCH_KINDS:
        hits = tuple(_hit(language, result) for result in results if result.kind == kind)
        if hits:
            groups.append(HitGroup(language.t(f"kind.{kind}"), hits))
    return SearchView(
        page=frame.page(language.t("search.heading")),
        query=query or None,
        spelled=spelled if spelled.split() != query.split() else None,
        also=tuple(Link(text, search_href(text, in_force)) for text in also),
        count=language.count("search.count", len(results)),
        groups=tuple(groups),
        in_force=in_force,
        everything=Link(language.t("search.everything"), search_href(query)) if in_force else None,
    )


def _hit(language: Language, result: SearchResult) -> Hit:
    # Several readings of a query, or several parts of a sheet, may meet in the same words.
    highlights = tuple(dict.fromkeys(text for text in result.highlights if text != result.title))
    facts = (
        _number(result),
        level(language, result.standing),
        language.t("in_force.yes") if result.standing.active else None,
    )
    # Entries of a nomenclature that are no occupation have no page of their own.
    address = None if result.kind == "term" else href(result.id)
    return Hit(
        Link(result.title, address),
        tuple(fact for fact in facts if fact and fact != result.title),
        past(language, result.standing),
        highlights,
    )


def _number(result: SearchResult) -> str | None:
    """Code of a block; else number of the certification or occupation that it is a part of, or of
    the certification itself. None for a job, and for what has a title alone."""
    entity = entity_of(result.id)
    whole = entity == result.id and not entity.startswith(("rncp:", "rs:"))
    if whole or entity.startswith("job:"):
        return None
    if result.kind == "block":
        return result.id.partition("/")[2] or result.id.partition(":")[2]
    return entity.partition(":")[2]


# ---- faults ----


@dataclass(frozen=True, slots=True)
class ErrorView:
    """what: the fault; next_step: what the visitor can do; text: what was sent, to correct it.

    form: the page offers the form again. in_force: whether that asks for what is in force only.
    """

    page: Page
    what: str
    next_step: str
    form: bool
    size: str
    text: str
    in_force: bool


def error(
    frame: Frame, code: str, limit: int, *, form: bool, text: str, in_force: bool
) -> ErrorView:
    """The visitor's words for an error's code."""
    language = frame.language
    largest = size(language, limit)
    return ErrorView(
        page=frame.page(language.t(f"error.{code}.heading")),
        what=language.t(f"error.{code}.what", size=largest),
        next_step=language.t(f"error.{code}.next"),
        form=form,
        size=largest,
        text=text,
        in_force=in_force,
    )


# ---- values and fields of records ----


def field_label(language: Language, field: str) -> str:
    """`title`: its name; `blocks.RNCP99001BC01.title`: the field's name, then which of them."""
    name, _, rest = field.partition(".")
    if f"field.{field}" in language.strings:
        return language.t(f"field.{field}")
    return f"{language.t(f'field.{name}')}{f' ({rest})' if rest else ''}"


def plain(language: Language, value: object) -> str:
    """Any value of a record as one line of text."""
    if value is None:
        return language.t("unknown")
    if isinstance(value, bool):
        return language.t("yes" if value else "no")
    if isinstance(value, int | float):
        return language.number(value) or ""
    if isinstance(value, str):
        day = date.fromisoformat(value) if _ISO_DATE.fullmatch(value) else None
        return language.date(day) or value
    if isinstance(value, date):
        return language.date(value) or ""
    if is_dataclass(value):
        value = {each.name: getattr(value, each.name) for each in fields(value)}
    if isinstance(value, dict):
        value = [each for each in value.values() if each not in (None, "", [], ())]
    if isinstance(value, Iterable):
        return " ; ".join(plain(language, each) for each in value) or language.t("none")
    return str(value)
