"""The cells of a référentiel's tables: markup, broken lines and flattened lists made readable."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from kb.identity import fold
from scrapers.lines import BULLETS, Line, squeeze

CODE = r"C\s?\.?\s?\d+(?:\.\d+)+"
"""Published code of a competence: `C.1.2.3`, `C1.2`."""

_CODES = re.compile(rf"\b{CODE}")
_ACTIVITY = re.compile(r"^(A\s?\.?\s?\d+(?:\.\d+)*)\.?\s*[:–—-]?\s+(?=\S)")
_COMPETENCY = re.compile(rf"^({CODE})\.?\s*[:–—-]?\s*(?=[^\W\d_])")
_BLOCK_CODE = re.compile(r"^((?:RNCP|RS)\d+BC\d+)\s*[:–—-]\s*(.+)")
_BLOCK = re.compile(
    r"^bloc(?: de comp[ée]tences?)?\s*(?:n\s?°|n\s?º|num[ée]ro)?\s*(\d+)\s*[:–—.-]+\s*(.+)", re.I
)
_HARD = "\x1e"  # a paragraph's end, as opposed to a line that was only wrapped
_TAG = re.compile(r"</?(?:p|ul|ol|li|br|div|table|tr|td|th|h[1-6])\b[^<>]*>", re.I)
_INLINE = re.compile(r"</?(?:i|b|u|em|strong|span|sup|sub|font|a)\b[^<>]*>", re.I)
_MARK = re.compile(rf"^\s*([{re.escape(BULLETS)}]|[-–—](?=\s|$))\s*")
_BULLET = re.compile(rf"\s*([{re.escape(BULLETS.replace('*', '').replace('·', ''))}])\s*")
# A hyphen between blanks, or glued to the punctuation that ends the item before it.
_DASH = re.compile(r"(?:(?<=[\s:,;.)])|^)-\s+(?=[\w«(])")
_OPENS = re.compile(
    rf"^(?:A\s?\.?\s?\d+(?:\.\d+)+\s|{CODE}\s*[:–—-]?\s*[^\W\d_]|\d+\s?/|en relation avec"
    r"|comp[ée]tences? C|modalit[ée]s|conditions de r[ée]alisation|les candidats)",
    re.I,
)
_HANGS = re.compile(
    r"(?:[,&(]|\b(?:et|ou|de|du|des|d'|la|le|les|l'|en|à|au|aux|un|une|par|pour|avec|sur|sans|dont"
    r"|que|qui|comp[ée]tences?))$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Item:
    """A statement of a cell. mark: the list mark before it, "" for none."""

    text: str
    mark: str = ""


def tidy(text: str) -> str:
    """One line without HTML tags, entities and Markdown marks."""
    text = html.unescape(_INLINE.sub("", _TAG.sub(" ", text)))
    return squeeze(re.sub(r"^#+\s+|\*{2,}|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)", "", text)).strip("<> ")


def paragraphs(cell: str) -> list[str]:
    """The paragraphs of a cell: tags part them, lines that were only wrapped are joined."""
    text = html.unescape(_INLINE.sub("", _TAG.sub(_HARD, cell)))
    found: list[str] = []
    for part in text.split(_HARD):
        open_ = False
        for raw in part.split("\n"):
            line = squeeze(raw)
            if not line:
                continue
            if open_ and not starts_anew(found[-1], line):
                found[-1] = join(found[-1], line)
            else:
                found.append(line)
            open_ = True
    return [tidied for each in found if (tidied := tidy(each))]


def hangs(text: str) -> bool:
    """Whether a line ends where no statement can end."""
    bracket_open = text.rfind("(") > text.rfind(")")
    return bracket_open or bool(_HANGS.search(text) or re.search(r"\w-$", text))


def starts_anew(before: str, line: str) -> bool:
    """Whether `line` begins a statement of its own rather than going on with `before`.

    A wrapped line begins in lower case, follows a word that cannot end a statement, or an
    unfinished sentence; a list mark or a code at its head speaks against it.
    """
    if hangs(before) and not _MARK.match(line):
        return False
    if _MARK.match(line) or _OPENS.match(line):
        return True
    return before.endswith((".", ":", ";", "!", "?")) and not line[0].islower()


def join(before: str, line: str) -> str:
    """Two parts of a wrapped line as one; a word broken at its hyphen keeps it."""
    glued = bool(re.search(r"\w[-’']$", before))
    return f"{before}{'' if glued else ' '}{line}"


def items(cell: str) -> list[Item]:
    """Statements of a cell of lists, in order, with their marks; lone marks fall away."""
    found: list[Item] = []
    for paragraph in paragraphs(cell):
        marked = _DASH.sub(f"{_HARD}-", _BULLET.sub(rf"{_HARD}\1", paragraph))
        for part in marked.split(_HARD):
            mark = part[:1] if part[:1] and part[:1] in BULLETS + "-–—" else ""
            text = part[len(mark) :].strip()
            if text:
                found.append(Item(text, mark))
    return found


def split_codes(paragraph: str) -> list[str]:
    """A paragraph in which several coded statements were run together, one each."""
    starts = [0]
    for found in re.finditer(rf"(?:{CODE}|\bA\s?\.?\s?\d+(?:\.\d+)+)\s+[A-ZÀ-ÝŒ]", paragraph):
        before = paragraph[max(0, found.start() - 40) : found.start()].rstrip()
        # A code after "compétences", a comma or another code is named, not stated.
        if not before or before[-1] in ",&/;" or before[-1].isdigit():
            continue
        if not re.search(r"\b(?:comp[ée]tences?|et|à|activit[ée]s?)$", before, re.I):
            starts.append(found.start())
    ends = [*starts[1:], len(paragraph)]
    return [paragraph[a:b].strip() for a, b in zip(starts, ends, strict=True) if paragraph[a:b]]


def activity_of(text: str) -> tuple[str, str] | None:
    """(code, text) of "A.1.2 La tenue…", else None."""
    found = _ACTIVITY.match(text)
    return (found.group(1).replace(" ", ""), text[found.end() :]) if found else None


def competency_of(text: str) -> tuple[str, str] | None:
    """(code, text) of "C.1.2.3 Tenir…", else None."""
    found = _COMPETENCY.match(text)
    return (found.group(1).replace(" ", ""), text[found.end() :]) if found else None


def block_of(text: str) -> tuple[str, str] | None:
    """(number or published code, title) of a block's heading, else None."""
    found = _BLOCK_CODE.match(text) or _BLOCK.match(text)
    return (found.group(1), found.group(2).lstrip("-–— ").strip()) if found else None


def codes_in(text: str) -> list[str]:
    """Codes of competences that a text names, each once."""
    return list(dict.fromkeys(found.replace(" ", "") for found in _CODES.findall(text)))


def digits(code: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\d+", code))


def cells_of(line: Line) -> list[str]:
    """The cells of a row; a line that is no row is one cell, with its list mark."""
    if line.cells is not None:
        return list(line.cells)
    return [f"- {line.text}" if line.bullet else line.text]


def is_rule(line: Line) -> bool:
    """A row of dashes, drawn where a page ends or between a header and its rows."""
    return all(re.fullmatch(r"[\s:|_-]*", cell) for cell in cells_of(line))


def key(text: str) -> str:
    """Folded, without any blank: for labels that a narrow column has broken."""
    return re.sub(r"[\W_]+", "", fold(text))
