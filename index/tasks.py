"""A job offer, a job sheet or a CV -> its tasks, each with its place in the text.

The text is cut into segments; each segment gets a kind from the heading that it stands under and
from its own words. Only duties are matched: a person's name, age or gender, and what a company
says of itself, reach no match. Rules only, so that the same text always gives the same tasks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.wording import DATES, DUTY, HEADINGS, INTRODUCTION, LEAD, STATEMENTS
from kb.errors import NoTask
from kb.identity import fold

KINDS = (
    "title",  # the job's name, a headline, a person's name
    "heading",  # names what follows
    "duty",  # what the person does: a task
    "requirement",  # what the person must know or have done before
    "schooling",  # diplomas, training
    "soft_skill",  # rigour, team spirit
    "company",  # who recruits
    "benefits",  # pay, leave, meal vouchers
    "contract",  # kind, place, hours, start
    "diversity",  # equal opportunities
    "application",  # how to apply
    "contact",  # address, telephone, age
    "other",  # employers and dates, hobbies, what nothing else fits
)

_BULLET = re.compile(
    r"\s*(?:[•●▪▫■□◦‣⁃∙·➢➤►▶✓✔➔→⇒❖✦]\s*|\*+\s*|[-–—](?:\s+|(?=[^\W\d_]))|o\s+(?=[A-ZÉÈÀ])|"
    r"\d{1,2}[.)]\s+|[a-h]\)\s+)"
)
# Bullets that lost their line: "…suivantes :***Conseiller… ***Alerter…", "… • Accueillir …".
_INLINE_BULLET = re.compile(r"\s*(?:\*{2,}|\s[•●▪■➢►✓]|\s[-–*]\s(?=[A-ZÉÈÀÊ]))\s*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:etc|ex|cf|M|Mme|Mr|Dr|St|n|art|env|min|max|resp|dir)|\b[A-Z]|\b\d)$"
)
_SENTENCE_END = re.compile(
    r"[.!?…]+(?=\s|$)|[.!?](?=(?:Vo[ust]|Nou|Pro|Rém|Rem|Nos|Les)\w*\b)|;(?=\s)"
)
_ITEM = re.compile(r";\s*|,\s*(?:et\s+)?(?=(?:d[e']\s?|s[e']\s?)?[a-zéèêœ]{2,}(?:er|ir|re)\b)")
_COLON = re.compile(r"[:：]\s*$")
_ARTICLES = re.compile(r"^(?:\W|(?:les?|la|vos|votre|nos|notre|mes)\b|l')+")
_OBJECT = re.compile(r"\w+ (?:(?:l[ae]s?|des?|du|aux?|une?|et|[mts]es|[vn]os|ses)\b|[ld]')")
_HEADING_WORDS = 9
_SHORT_HEADING = 6
_A_LIST = 3
_WRAPPED = 60
"""A line at least so long, without a full stop, may go on in the next."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the text: text[start:end], and what it is about (one of KINDS)."""

    text: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, a bullet or a line. alone: it has its line or lines for itself."""

    text: str
    start: int
    end: int
    bullet: bool
    alone: bool
    blank_before: bool
    blank_after: bool

    @property
    def folded(self) -> str:
        return fold(self.text)


def tasks(text: str) -> tuple[Segment, ...]:
    """The segments to be matched: the duties; the requirements of a text that states no duty.

    Raises:
        NoTask: neither is there.
    """
    segments = cut(text)
    for kind in ("duty", "requirement"):
        chosen = tuple(_once(s for s in segments if s.kind == kind))
        if chosen:
            return chosen
    raise NoTask(
        "no task was found in the text",
        "Give the duties of the job, one a line, such as 'Rédiger les devis'.",
    )


def cut(text: str) -> tuple[Segment, ...]:
    """All segments of the text in order, with their kinds.

    A bullet or a line is a segment; a line of several sentences is one a sentence; duties
    listed within a sentence ("vos missions : accueillir…, classer…") are one each. Lines that a
    narrow page wrapped are read together.
    """
    pieces = list(_pieces(text))
    headings = [_heading(piece, after) for piece, after in _with_next(pieces)]
    if not any(headings) and all(piece.alone for piece in pieces):
        return tuple(_listed_kinds(pieces))
    segments = []
    section: str | None = None
    bulleted = sum(piece.bullet for piece in pieces) >= _A_LIST
    for position, (piece, heading) in enumerate(zip(pieces, headings, strict=True)):
        if heading is not None:
            section = heading
            segments.append(_segment(piece, "heading"))
        else:
            headed = any(headings[position:])
            kind = _kind(piece, section, headed, bulleted)
            if kind == "title" and segments and _acts(piece.folded):
                kind = "duty"
            segments.append(_segment(piece, kind))
    return tuple(segments)


def lead_in(task: str) -> str:
    """`Vous serez chargé de rédiger les devis` -> `rédiger les devis`: what is compared.

    A task that is nothing but such words stays whole.
    """
    folded = fold(task)
    lead = LEAD.match(folded)
    # Folding opens ligatures: only without any do characters keep their places.
    if lead is None or len(folded) != len(task):
        return task
    rest = task[lead.end() :]
    return rest if any(c.isalnum() for c in rest) else task


def _segment(piece: _Piece, kind: str) -> Segment:
    return Segment(piece.text, piece.start, piece.end, kind)


def _once(segments: Iterable[Segment]) -> Iterator[Segment]:
    seen = set()
    for segment in segments:
        key = " ".join(fold(segment.text).split())
        if key not in seen:
            seen.add(key)
            yield segment


def _with_next(pieces: Sequence[_Piece]) -> Iterator[tuple[_Piece, _Piece | None]]:
    yield from zip(pieces, [*pieces, None][1:], strict=True)


# ---- What a piece is ----


def _heading(piece: _Piece, after: _Piece | None) -> str | None:
    """Kind of what stands under the piece, if it is a heading."""
    folded = piece.folded
    opens = _COLON.search(folded) is not None
    words = re.findall(r"\w+", folded)
    if after is None or (piece.bullet and not opens and not piece.blank_before):
        return None
    kind = next((k for k, pattern in HEADINGS.items() if pattern.search(folded)), None)
    if opens:
        if kind is None and INTRODUCTION.search(folded):
            kind = "duty"
        return kind if len(folded) < 250 else None
    if kind is None or not piece.alone or len(words) > _HEADING_WORDS or folded[-1] in ".!;,":
        return None
    if _statement(folded) in ("contact", "application"):
        return None
    bare = _ARTICLES.sub("", folded).rstrip(" ?")
    named = HEADINGS[kind].match(bare)
    # "Formation", "Profil recherché", "Centres d'intérêt": said by itself.
    by_itself = named and (len(words) <= 2 or named.end() == len(bare) or piece.text.isupper())
    if piece.bullet:
        return kind if by_itself else None  # "2. Attributions"
    stands_out = piece.blank_before or piece.blank_after or (after is not None and after.bullet)
    return kind if by_itself or (stands_out and len(words) <= _SHORT_HEADING) else None


def _listed_kinds(pieces: Sequence[_Piece]) -> Iterator[Segment]:
    """A plain list of tasks; or, where a line tells of pay or of how to apply, a short offer, in
    which a task names an action."""
    own = [_statement(piece.folded) for piece in pieces]
    offer = any(kind is not None for kind in own)
    for position, (piece, kind) in enumerate(zip(pieces, own, strict=True)):
        if offer and position == 0 and not piece.bullet and not _OBJECT.match(piece.folded):
            yield _segment(piece, kind or "title")  # "Jardinier paysagiste", not "Tailler les…"
            continue
        task = piece.bullet or not offer or _acts(piece.folded)
        yield _segment(piece, kind or ("duty" if task else "other"))


def _acts(folded: str) -> bool:
    lead = LEAD.match(folded)
    starts = lead.end() if lead else 0
    return starts > 0 or DUTY.match(folded, starts) is not None


def _statement(folded: str) -> str | None:
    return next((kind for kind, pattern in STATEMENTS.items() if pattern.search(folded)), None)


def _kind(piece: _Piece, section: str | None, headed: bool, bulleted: bool) -> str:
    """headed: a heading follows later on. bulleted: the text lists things as bullets."""
    folded = piece.folded
    own = _statement(folded)
    lead = LEAD.match(folded)
    starts = lead.end() if lead else 0
    acts = DUTY.match(folded, starts) is not None
    if section == "duty":
        # Under its heading a duty may speak of experience or of a group without being one.
        weak = own in ("requirement", "soft_skill", "company", "schooling")
        if own is not None:
            weak = (weak and (piece.bullet or acts)) or (own == "contract" and acts)
            return "duty" if weak else own
        # Where bullets list the duties, a sentence without an action talks about them.
        return "duty" if piece.bullet or acts or starts or not bulleted else "other"
    if section == "experience":
        if own in ("contact", "schooling"):
            return own
        dated = DATES.search(folded) is not None and not (piece.bullet and acts)
        return "duty" if (piece.bullet or acts or starts) and not dated else "other"
    if own is not None:
        return own
    if section is not None:
        return section
    if headed and not piece.bullet and piece.alone and len(folded.split()) <= 12 and not starts:
        return "title"
    return "duty" if piece.bullet or starts or acts else "other"


# ---- Cutting ----


def _pieces(text: str) -> Iterator[_Piece]:
    spans = list(_lines(text))
    for number, (start, end, bullet) in enumerate(spans):
        before = text[spans[number - 1][1] : start] if number else "\n\n"
        after = text[end : spans[number + 1][0]] if number + 1 < len(spans) else "\n\n"
        parts = [part for line in _inline(text, start, end) for part in _sentences(text, *line)]
        for a, b in parts:
            yield _Piece(
                text[a:b], a, b, bullet, len(parts) == 1, _is_blank(before), _is_blank(after)
            )


def _is_blank(between: str) -> bool:
    return between.count("\n") > 1


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each line that has words, wrapped ones joined; is it a bullet?"""
    open_line: tuple[int, int, bool] | None = None
    for match in re.finditer(r"[^\n\r]+", text):
        line = match.group()
        mark = _BULLET.match(line)
        start = match.start() + (mark.end() if mark else 0)
        if not any(c.isalnum() for c in text[start : match.end()]):
            continue
        if open_line is not None:
            a, b, bullet = open_line
            if mark is None and _goes_on(text[a:b], line, text[b : match.start()]):
                open_line = (a, match.end(), bullet)
                continue
            yield open_line
        open_line = (start, match.end(), mark is not None)
    if open_line is not None:
        yield open_line


def _goes_on(line: str, following: str, between: str) -> bool:
    """A sentence that a narrow page cut: it starts with a capital, the next line does not."""
    last = line.rsplit("\n", 1)[-1].rstrip()
    first = following.lstrip()[:1]
    return (
        not _is_blank(between)
        and line.lstrip()[:1].isupper()
        and len(last) >= _WRAPPED
        and last[-1] not in ".!?;:"
        and first.islower()
    )


def _inline(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    marks = list(_INLINE_BULLET.finditer(text, start, end))
    if len(marks) < 2:
        yield start, end
        return
    edges = [start, *(edge for mark in marks for edge in mark.span()), end]
    yield from list(pairwise(edges))[::2]


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _SENTENCE_END.finditer(text, start, end):
        abbreviated = match.group() == "." and _ABBREVIATION.search(text[start : match.start()])
        if (abbreviated and match.end() < end) or _inside_brackets(text, start, match.start(), end):
            continue
        yield from _listed(text, start, match.end())
        start = match.end()
    yield from _listed(text, start, end)


def _inside_brackets(text: str, start: int, at: int, end: int) -> bool:
    return text.count("(", start, at) > text.count(")", start, at) and ")" in text[at:end]


def _listed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentence, or its introduction and the duties that it lists."""
    folded = fold(text[start:end])
    opening = INTRODUCTION.search(folded) if len(folded) == end - start else None
    items = [] if opening is None else list(_ITEM.finditer(text, start + opening.end(), end))
    if opening is None or not items or DUTY.match(folded, opening.end()) is None:
        yield from _trim(text, start, end)
        return
    first = start + opening.end()
    yield from _trim(text, start, first)
    cuts = [i for i in items if not _inside_brackets(text, first, i.start(), end)]
    edges = [first, *(edge for cut in cuts for edge in cut.span()), end]
    for a, b in list(pairwise(edges))[::2]:
        yield from _trim(text, a, b)


def _trim(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start] in " \t\u00a0\n\r•-–—*|":
        start += 1
    while end > start and text[end - 1] in " \t\u00a0\n\r;,.|":
        end -= 1
    if any(c.isalnum() for c in text[start:end]):
        yield start, end
