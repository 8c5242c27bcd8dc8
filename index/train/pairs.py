"""Pairs of texts that mean the same, or belong together, from the reference tables.

Left out for good, because evaluation reads them: the links between ROME and ESCO, Onisep's
sheets, job offers, the certifications whose number falls in the test part of task T3, and the
job synonyms of a tenth of Formacode's descriptors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

from index.clauses import core
from kb.reference import FormacodeTerm, RomeSheet, TrainingTables

Pair = tuple[str, str]

_ITEM = re.compile(r"\s*\n\s*|\s{2,}(?=[-•*–])")
_WORD = re.compile(r"[^\W\d_]+")
_MARK = re.compile(r"^\s*(?:[-•*–·]+|[A-Z]{0,2}\.?\d+(?:[.\-]\d+)*\.?\s*[-:.)]?)\s*")


@dataclass(frozen=True, slots=True)
class PairGroup:
    """Pairs of one kind. share: of an epoch's pairs, relative to their number."""

    name: str
    pairs: tuple[Pair, ...]
    share: float = 1.0


def is_test_certification(number: str) -> bool:
    """Whether a certification is kept for the test of task T3."""
    return crc32(number.encode()) % 10 < 3


def is_kept_out_term(term: FormacodeTerm) -> bool:
    """Whether a descriptor's job synonyms are kept out of training, as a check of French."""
    return crc32(term.code.encode()) % 10 == 0


def items(text: str) -> tuple[str, ...]:
    """The lines of a block's text, without list marks: rough, good enough for training."""
    found = (_MARK.sub("", part).strip() for part in _ITEM.split(text))
    return tuple(dict.fromkeys(part for part in found if len(part) > 12))


def initials(title: str) -> str:
    """`Négociation et digitalisation de la relation client` -> `NDRC`."""
    return "".join(word[0].upper() for word in _WORD.findall(title) if len(word) > 3)


def misspelt(title: str) -> str:
    """One slip in the longest word, always the same for a title: a letter left out, doubled, or
    two letters swapped. A title without a word of five letters stays as it is."""
    word = max(_WORD.findall(title), key=len, default="")
    if len(word) < 5:
        return title
    chance = crc32(title.encode())
    at = 1 + chance // 3 % (len(word) - 2)
    slips = (
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    return title.replace(word, slips[chance % 3], 1)


def genders(title: str) -> tuple[str, ...]:
    """Both forms of a title "masculine / feminine"; the title alone where there is one form."""
    left, mark, right = title.partition(" / ")
    if not mark:
        return (title,)
    left_words, right_words = left.split(), right.split()
    if len(right_words) > len(left_words):
        # "Assistant / Assistante de direction": the tail belongs to both forms.
        left = " ".join(left_words + right_words[len(left_words) :])
    return (left, right)


def training_pairs(tables: TrainingTables) -> tuple[PairGroup, ...]:
    """All groups, in a fixed order, each pair once, no pair of a text with itself."""
    titles = {sheet.code: sheet.title for sheet in tables.rome}
    certifications = [c for c in tables.certifications if not is_test_certification(c.number)]
    detailed = [c for c in tables.detailed if not is_test_certification(c.number)]
    diplomas = [d for d in tables.diplomas if not any(map(is_test_certification, d.numbers))]
    activities = {sheet.code: sheet for sheet in tables.rome}
    return tuple(
        PairGroup(name, tuple(dict.fromkeys((a, b) for a, b in found if a and b and a != b)), share)
        for name, share, found in (
            ("rome title", 1.0, _rome_titles(tables.rome)),
            ("rome items", 1.0, _rome_items(tables.rome)),
            ("rome 4 titles", 1.0, _rome4(tables.rome4, titles)),
            (
                "rome genders",
                0.5,
                (
                    (title, form)
                    for sheet in (*tables.rome, *tables.rome4)
                    for title in sheet.job_titles
                    for form in genders(title)
                ),
            ),
            (
                "misspelt titles",
                0.5,
                (
                    (misspelt(form), form)
                    for sheet in tables.rome4
                    for title in sheet.job_titles
                    for form in genders(title)[:1]
                ),
            ),
            (
                "occupations",
                3.0,
                (
                    (text, occupation.label)
                    for occupation in tables.occupations
                    for text in (*occupation.alternatives, *occupation.label.split("/"))
                ),
            ),
            (
                "occupation descriptions",
                2.0,
                ((o.description, o.label) for o in tables.occupations),
            ),
            (
                "skills",
                2.0,
                ((text, skill.label) for skill in tables.skills for text in skill.alternatives),
            ),
            ("formacode", 2.0, _formacode(tables.terms)),
            (
                "blocks",
                1.0,
                ((block, c.title) for c in certifications for block in c.blocks),
            ),
            (
                "certification rome",
                1.0,
                (
                    (c.title, titles[code])
                    for c in certifications
                    if c.active
                    for code in c.rome
                    if code in titles
                ),
            ),
            (
                "sheet certification",
                3.0,
                (
                    (". ".join(activities[code].activities), ". ".join((c.title, *c.blocks)))
                    for c in certifications
                    if c.active and c.blocks
                    for code in c.rome
                    if code in activities
                ),
            ),
            (
                "diplomas",
                0.5,
                (
                    (diploma.title, other)
                    for diploma in diplomas
                    for other in (
                        *((diploma.topic,) if diploma.topic else ()),
                        *(titles[code] for code in diploma.rome if code in titles),
                    )
                ),
            ),
            (
                "initials",
                0.5,
                ((short, long) for diploma in diplomas for short, long in _initials(diploma.title)),
            ),
            (
                "competences",
                2.0,
                (
                    pair
                    for c in detailed
                    for block in c.blocks
                    for item in items(block.text)
                    for pair in ((item, block.title), (core(item), item))
                ),
            ),
            ("objectives", 1.0, ((c.objectives, c.title) for c in detailed)),
        )
    )


def _initials(title: str) -> Iterator[Pair]:
    """`BTS services informatiques aux organisations`: "BTS SIO", and the title without "BTS"."""
    kind, _, rest = title.partition(" ")
    rest = rest.removeprefix("spécialité ").partition(" parcours ")[0]
    letters = initials(rest)
    if kind.isupper() and 2 <= len(letters) <= 6:
        yield f"{kind} {letters}", rest
        yield f"{kind} {rest}", rest


def _rome_titles(sheets: Iterable[RomeSheet]) -> Iterator[Pair]:
    for sheet in sheets:
        for title in sheet.job_titles:
            yield title, sheet.title
        if sheet.definition:
            yield sheet.definition, sheet.title


def _rome_items(sheets: Iterable[RomeSheet]) -> Iterator[Pair]:
    for sheet in sheets:
        for position, item in enumerate((*sheet.activities, *sheet.knowledge)):
            yield item, sheet.title
            if sheet.job_titles:
                yield item, sheet.job_titles[position % len(sheet.job_titles)]


def _rome4(sheets: Iterable[RomeSheet], titles: dict[str, str]) -> Iterator[Pair]:
    for sheet in sheets:
        for title in sheet.job_titles:
            yield title, sheet.title
        for text in (sheet.definition, sheet.access, titles.get(sheet.parent or "")):
            if text:
                yield text, sheet.title


def _formacode(terms: Iterable[FormacodeTerm]) -> Iterator[Pair]:
    for term in terms:
        for synonym in term.synonyms:
            yield synonym, term.label
        if not is_kept_out_term(term):
            for synonym in term.job_synonyms:
                yield synonym, term.label
        for label in term.broader:
            yield term.label, label
