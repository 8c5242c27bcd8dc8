"""One text into separate competences, for every way of listing that the registers show.

The open data strips HTML: a line break or list item survives only as a run of blanks, and so does
a wrapped line. What decides, in this order: marks (bullets, published codes) where the text has
them, else the longest runs of blanks, else any run before a capital letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from kb.identity import fold
from scrapers.lines import BULLETS, clean

# Private-use characters are the bullets of Word's symbol fonts.
_SIGNS = re.escape(BULLETS) + "\uf000-\uf0ff"
_BULLET = rf"(?:[{_SIGNS}]+\s*|[-–—](?:\s+|(?=[^\W\d_]))|o\s{{2,}})"
# A1C1, C.1.2.3, "C. 2.1.1", A5.C1, C1.3A, C1-2: letters and numbers in turn.
_LETTER_CODE = r"[A-Z]{1,3}\.?\s?\d{1,2}(?:[.\-]?(?:[A-Z]{1,2}\.?)?\d{1,2})*[A-Z]?(?![\w'’])"
_NUMBER_CODE = r"\d{1,2}(?:\.\d{1,2}[a-z]?)*"
_WORD = r"(?:Compétence|Activité|Tâche|Capacité)s?\s+(?:n\s?°\s*)?"
_AFTER = r"\s*(?:[:.)/°]+|[-–—](?=\s|[^\W\d_]))+"
_CODE = (
    rf"(?:(?:{_WORD})?(?P<letters>{_LETTER_CODE})(?:{_AFTER}\s*|\s+(?=[^a-z\d\s]))+"
    rf"|{_WORD}(?P<named>{_NUMBER_CODE})(?:{_AFTER}\s*)"
    rf"|(?P<dotted>\d{{1,2}}(?:\.\d{{1,2}}[a-z]?)+)(?:{_AFTER}\s*|\s+(?=[^\W\d_]))"
    rf"|(?P<number>\d{{1,2}}|[a-z](?=\)))(?:{_AFTER})(?!\d)\s*)"
)
_MARK = re.compile(rf"\s*(?P<bullet>{_BULLET})?(?:{_CODE})?")
_ROUND = "•●▪■◦➢❖✓·"
# Within a line: a mark after two blanks or more, or a dash or round bullet after one.
_MARKED_BREAK = re.compile(
    rf"\s{{2,}}(?={_BULLET}|{re.sub(r'[?]P<[a-z]+>', '?:', _CODE)})"
    rf"|\s(?=[{_ROUND[:-1]}]\s*\S|·\s+\S)"
)
_DASH_BREAK = re.compile(r"(?<=[\w.;,:)»])\s*\s(?=[-–—]\s?[^\W\d_a-zà-ÿ])|(?<=;)\s(?=[-–—]\s)")
_LONG_RUN = re.compile(r"\s{4,}")
_RUN = re.compile(r"\s{2,}")
_SENTENCE_RUN = re.compile(r"(?<=[.;:])\s{2,}(?=[^\W\d_a-zà-ÿ])")
_DASH_START = re.compile(r"\s*[-–—]\s*\w")
_LETTER = re.compile(r"[^\W\d_]")
_PARTS = re.compile(r"[A-Za-z]+|\d+")
# Says that competences follow, and nothing about them.
_EMPTY_HEADING = re.compile(
    r"(?:(?:les|liste des)\s+)?(?:compétences|capacités)(?:\s+(?:et|ou)\s+\w+)?"
    r"(?:\s+(?:attestées|visées|évaluées|professionnelles|certifiées))*"
    r"(?:\s+(?:par la certification|sont les suivantes|suivantes))*\s*:?",
    re.IGNORECASE,
)
_INFINITIVE = re.compile(r"[a-z]+(?:er|ir|re|oir)")
_HEADING_LENGTH = 90
"""Longest unmarked heading without a colon, in characters; competences are longer as a rule."""


class Listed(NamedTuple):
    """One item of a list. code: as published; group: text of the heading it stands under."""

    text: str
    code: str | None = None
    group: str | None = None


class _Segment(NamedTuple):
    raw: str  # as published, without its bullet
    text: str
    code: str | None
    bullet: bool

    @property
    def marked(self) -> bool:
        return self.bullet or self.code is not None

    @property
    def low(self) -> bool:
        return self.text[:1].islower()

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(_PARTS.findall(self.code or ""))

    def covers(self, other: _Segment) -> bool:
        """Its code is the beginning of the other's: 1.1 covers 1.1.2."""
        mine, theirs = self.parts, other.parts
        return bool(mine) and len(mine) < len(theirs) and theirs[: len(mine)] == mine


def split(text: str) -> list[Listed]:
    """The items that a text lists, in order; [] for a text without words.

    Args:
        text: lines, or one line in which runs of blanks are all that is left of them. A page's
            lines are given joined by line ends, a list mark before each that bore one.
    Returns:
        Items with blanks squeezed and without list marks; a heading is no item but the `group` of
        the items it covers.
    """
    return list(_items(_segments(text)))


def paragraphs(text: str) -> list[str]:
    """The lines of a text, headings among them, with published codes and without list marks.

    For what is listed like competences but has no groups: assessments, job types, conditions.
    """
    return [each.raw for each in _segments(text)]


# A sheet gives one text several times over: the same jury for each of six access routes, the
# attested competences as a text and as items.
@lru_cache(maxsize=32)
def _segments(text: str) -> tuple[_Segment, ...]:
    segments = _rejoined([_segment(piece) for piece in _pieces(clean(text)) if piece.strip()])
    return tuple(each for each in segments if _LETTER.search(each.text))


def _segment(piece: str) -> _Segment:
    mark = _MARK.match(piece)
    assert mark is not None  # every part of it is optional
    code = mark["letters"] or mark["named"] or mark["dotted"] or mark["number"]
    body = _flat(piece[mark.end() :])
    raw = _flat(piece[mark.end("bullet") :] if mark["bullet"] else piece) if code else body
    if not body:  # nothing but a mark: then it is the text
        return _Segment(raw, raw, None, False)
    code = code.replace(" ", "").rstrip(".") if code else None
    return _Segment(raw, body, code, bool(mark["bullet"]))


def _flat(text: str) -> str:
    return " ".join(text.split()).rstrip(" ;,")


def _pieces(text: str) -> Iterator[str]:
    lines = [line for line in text.split("\n") if line.strip()]
    for line in lines:
        dashes = _DASH_START.match(line) is not None
        parts = [part for part in _MARKED_BREAK.split(line) if part] if _parted(line) else [line]
        if dashes:
            parts = [x for part in parts for x in _DASH_BREAK.split(part)]
        if len(lines) > 1:
            yield from parts
        elif len(parts) > 1:
            # Marks decide: a run before no mark is a wrapped line, unless it is a long one, or
            # follows the end of a sentence where no run is long.
            run = _LONG_RUN if _LONG_RUN.search(line.strip()) else _SENTENCE_RUN
            for part in parts:
                yield from _cut(part, run)
        else:
            run = _LONG_RUN if _LONG_RUN.search(line.strip()) else _RUN
            yield from _cut(line.strip(), run, lower=line.strip()[:1].islower())


def _parted(line: str) -> bool:
    """Whether the line may hold several items: most titles and items hold one. A look before the
    search, which is slow."""
    return "  " in line or not line.isprintable() or any(sign in line for sign in _ROUND)


def _cut(text: str, run: re.Pattern[str], lower: bool = False) -> Iterator[str]:
    """Parts between runs; a part that goes on in lower case was only wrapped, unless the whole
    text lists in lower case (`lower`)."""
    start = 0
    for found in run.finditer(text):
        if found.end() == len(text):
            continue
        if text[found.end()].islower() and not lower and text[found.start() - 1] not in ";.":
            continue
        yield text[start : found.start()]
        start = found.end()
    yield text[start:]


def _rejoined(segments: list[_Segment]) -> list[_Segment]:
    """Puts lines that go on in lower case back to what they continue."""
    marked = any(each.marked for each in segments)
    low = sum(each.low for each in segments)
    joined: list[_Segment] = []
    for each in segments:
        before = joined[-1] if joined else None
        if before is None or not each.low:
            goes_on = False
        elif each.code is None and each.bullet:
            # Points in lower case under a coded competence are its details.
            goes_on = before.code is not None and before.parts != ()
        else:
            goes_on = not each.marked and (
                marked or before.text.endswith(",") or 2 * low < len(segments)
            )
        if goes_on and before is not None:
            joined[-1] = before._replace(
                raw=f"{before.raw} {each.raw}", text=f"{before.text} {each.text}"
            )
        else:
            joined.append(each)
    return joined


def _items(segments: Sequence[_Segment]) -> Iterator[Listed]:
    headings = _headings(segments)
    if all(headings):
        headings = [False] * len(segments)
    over: list[_Segment] = []  # the headings above, outermost first
    inside = False  # a marked item has been seen under the innermost heading
    for each, heading in zip(segments, headings, strict=True):
        while over and _leaves(over[-1], each, inside or heading):
            over.pop()
        if heading:
            over.append(each)
            inside = False
            continue
        inside = inside or each.marked
        yield Listed(each.text, each.code, _group(over[-1]) if over else None)


def _group(heading: _Segment) -> str | None:
    return None if _EMPTY_HEADING.fullmatch(heading.text) else heading.text.rstrip(" :")


def _leaves(heading: _Segment, other: _Segment, inside: bool) -> bool:
    """The other stands beside the heading, no longer under it."""
    if heading.code is not None:
        return not heading.covers(other) if other.code is not None else not other.marked
    return inside and not (other.marked and not heading.marked)


def _headings(segments: Sequence[_Segment]) -> list[bool]:
    if not segments:
        return []
    # The list begins with a heading, so others may follow.
    opened = not segments[0].marked and sum(each.marked for each in segments) > 1
    short = _short_headings(segments)
    found = []
    for here, following in pairwise(segments):
        if here.covers(following) or here.text.endswith(":"):
            found.append(True)
        elif here.code is not None:
            found.append(following.bullet and following.code is None)
        elif here.bullet:
            found.append(False)
        elif following.marked:
            found.append(opened)
        else:
            found.append(here in short)
    return [*found, False]


def _short_headings(segments: Sequence[_Segment]) -> set[_Segment]:
    """In a list without marks: short lines without a full stop among sentences, and short lines
    without a verb among lines that begin with one, each before such a line."""
    if any(each.marked for each in segments):
        return set()
    found: set[_Segment] = set()
    ended = [each for each in segments if each.text.endswith(".")]
    if 2 * len(ended) > len(segments):
        usual = sorted(len(each.text) for each in ended)[len(ended) // 2]
        found |= {
            here
            for here, following in pairwise(segments)
            if len(here.text) <= min(_HEADING_LENGTH, 3 * usual // 4)
            and not here.text.endswith(".")
            and following.text.endswith(".")
        }
    verbs = {each for each in segments if begins_with_verb(each.text)}
    if len(segments) >= 4 and 10 * len(verbs) >= 7 * len(segments):
        found |= {
            here
            for here, following in pairwise(segments)
            if here not in verbs
            and following in verbs
            and len(here.text) <= _HEADING_LENGTH
            and not here.text.endswith(".")
        }
    return found


def begins_with_verb(text: str) -> bool:
    """An infinitive, or a word that looks like one, among the first three words."""
    start = " ".join(text.split(maxsplit=3)[:3])
    words = fold(start).replace("'", " ").split()[:3]
    return any(_INFINITIVE.fullmatch(word.strip("(,;:")) for word in words)
