"""What the register's data and its page share: dates, levels, SIRET, and sheets put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from kb.identity import certification_id, competency_ids, is_siret, text_key
from kb.model import Competency, Remark, SkillBlock
from scrapers.competences import Listed, paragraphs, split

PUBLISHER = "France compétences"

_DATE = re.compile(r"(\d{2})[/-](\d{2})[/-](\d{4})")
_LEVEL = re.compile(r"(?:NIV|Niveau)\s?(\d)", re.IGNORECASE)
NUMBER = re.compile(r"(?:RNCP|RS)\d{1,6}")
BLOCK_CODE = re.compile(r"((?:RNCP|RS)\d{1,6})BC\d{1,3}")
NO_LEVEL = frozenset({"", "AUCUN", "SANS NIVEAU", "REPRISE"})
_LONGEST_NAME = 70
"""Longest name of a job among names in one line, in characters; sentences are longer."""
_OF_SENTENCE = re.compile(r"(?:les?|la|l['’]|une?|des?|du|et|ou|il|elle)\b", re.IGNORECASE)


@dataclass(slots=True)
class Faults:
    """Remarks about one sheet, gathered while it is read."""

    place: str
    remarks: list[Remark] = field(default_factory=list)

    def add(self, text: str, place: str | None = None) -> None:
        self.remarks.append(Remark(place or self.place, text))


def french_date(text: str | None, name: str, faults: Faults) -> date | None:
    """`31/08/2026` or `31-08-2026`; None for "", with a remark for anything else."""
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass  # a day that no calendar has
    faults.add(f"{name} is {text!r}, no day; left unknown")
    return None


def level(text: str | None, faults: Faults) -> int | None:
    """`NIV6`, `Niveau 6` -> 6; "sans niveau" and its kin -> None; a remark for anything else."""
    if text is None or text.upper() in NO_LEVEL:
        return None
    found = _LEVEL.fullmatch(text)
    if found and 3 <= int(found[1]) <= 8:
        return int(found[1])
    faults.add(f"level is {text!r}, none of 3 to 8; left unknown")
    return None


def siret(text: str | None, faults: Faults) -> str | None:
    """The 14 digits; None for "" and "-", with a remark where they cannot be a SIRET."""
    digits = "".join((text or "").split())
    if digits in ("", "-"):
        return None
    if is_siret(digits):
        return digits
    faults.add(f"SIRET {digits!r} is not 14 digits with a right check digit; left unknown")
    return None


def yes_no(text: str | None, name: str, faults: Faults) -> bool | None:
    """`Oui`, `Non`; None for "", with a remark for anything else."""
    known = {"oui": True, "non": False, "": None}
    key = (text or "").strip().lower()
    if key in known:
        return known[key]
    faults.add(f"{name} is {text!r}, neither Oui nor Non; left unknown")
    return None


def laid_out(text: str | None) -> str | None:
    """A text with one line a paragraph; None when it has no words."""
    return "\n".join(paragraphs(text or "")) or None


def short_items(text: str | None) -> tuple[str, ...]:
    """Names listed as lines, or as one line with `, ` or ` - ` or ` ; ` between them."""
    lines = paragraphs(text or "")
    if len(lines) == 1:
        for between in (r"\s*;\s*", r"(?:\s-\s|(?<=\w)-\s)", r",\s+"):
            names = [each.strip(" .") for each in re.split(between, lines[0]) if each.strip(" .")]
            if len(names) > 1 and all(map(_is_name, names)):
                return tuple(names)
    return tuple(lines)


def _is_name(text: str) -> bool:
    """Short, and no part of a sentence or of what stands in brackets."""
    return (
        len(text) <= _LONGEST_NAME
        and ". " not in text
        and text.count("(") == text.count(")")
        and _OF_SENTENCE.match(text) is None
    )


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, by its key, in order."""
    found: dict[str, str] = {}
    for each in texts:
        found.setdefault(text_key(each), each)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class BlockText:
    """A block as published, its competences in one text."""

    code: str
    title: str | None
    competences: str
    assessments: tuple[str, ...]
    place: str


def merged(blocks: Iterable[BlockText], faults: Faults) -> list[BlockText]:
    """Blocks by code; those that bear the same code become one, with a remark."""
    found: dict[str, BlockText] = {}
    for block in blocks:
        first = found.get(block.code)
        if first is None:
            found[block.code] = block
            continue
        faults.add(f"block {block.code} is told twice; both are read as one", block.place)
        found[block.code] = BlockText(
            block.code,
            first.title or block.title,
            f"{first.competences}\n{block.competences}",
            distinct([*first.assessments, *block.assessments]),
            first.place,
        )
    return list(found.values())


def compose(
    number: str | None,
    title: str | None,
    blocks: Sequence[BlockText],
    attested: str | None,
    attested_place: str | None,
    faults: Faults,
) -> tuple[tuple[Competency, ...], tuple[SkillBlock, ...]]:
    """The competences of a sheet, each once, and its blocks that point at them.

    The blocks' lists stand. Of 'Compétences attestées', which mostly repeats them, items that no
    block lists are kept (without block) only where a block lists nothing: elsewhere they are
    titles and summaries, and a remark tells their number.
    """
    entries: list[tuple[Listed, str | None, str | None]] = [
        (item, block.code, block.place) for block in blocks for item in split(block.competences)
    ]
    filled = {code for _, code, _ in entries}
    listed = {text_key(item.text) for item, _, _ in entries}
    attests = split(attested or "")
    others = [item for item in attests if text_key(item.text) not in listed]
    if blocks and len(filled) < len(blocks):
        empty = ", ".join(block.code for block in blocks if block.code not in filled)
        faults.add(f"no competence listed in {empty}")
    if not blocks or len(filled) < len(blocks):
        entries += [(item, None, attested_place) for item in others]
    elif others:
        faults.add(
            f"{len(others)} of {len(attests)} items of 'Compétences attestées' are in no block's "
            "list; the blocks' lists stand",
            attested_place,
        )
    owner = certification_id(number, title)
    ids = competency_ids(owner, [(item.code, item.text) for item, _, _ in entries])
    found: dict[str, Competency] = {}
    of_block: dict[str, dict[str, None]] = {block.code: {} for block in blocks}
    for (item, code, place), id in zip(entries, ids, strict=True):
        if code is not None:
            of_block[code][id] = None
        found.setdefault(
            id, Competency(item.text, item.code, item.group, block=code, id=id, place=place)
        )
    return tuple(found.values()), tuple(
        SkillBlock(
            block.code,
            block.title,
            tuple(of_block[block.code]),
            block.assessments,
            place=block.place,
        )
        for block in blocks
    )
