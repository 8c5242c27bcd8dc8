"""The tasks: what is asked, what is ranked, what is right. See `docstrings` of each function.

A question's half and fold are decided by the hash of its key, so that they stay the same when
others come or go.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from index.clauses import core
from index.codes import CodeReader
from index.encoder import Encoder
from index.evaluate.queries import SearchQuery
from index.rank import Thing
from index.tasks import tasks as duties
from index.train.pairs import is_kept_out_term, is_test_certification, items
from kb.errors import NoTask
from kb.identity import text_key
from kb.reference import (
    ActiveTitle,
    Diploma,
    EvaluationTables,
    JobOffer,
    JobSheet,
    ListedCertification,
    NameMatching,
    RomeSheet,
)

FOLDS = 5
_OFFERS_OF_A_CODE = 8
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing to measure: entries to rank for each question.

    right: positions of the right entries, question by question. profile: of rank.json.
    """

    task: str
    name: str
    profile: str
    entries: tuple[Thing, ...]
    questions: tuple[Thing, ...]
    right: tuple[frozenset[int], ...]


def half(key: str) -> str:
    """ "choice": looked at when choices are made; "kept": only reported."""
    return "choice" if crc32(key.encode()) % 2 == 0 else "kept"


def fold(key: str) -> int:
    """0 to 4: weights learned on labels are applied to the fold that they were not learned on."""
    return crc32(key.encode()) // 2 % FOLDS


def names(data: NameMatching) -> Variant:
    """T1: a ROME job title among names of ESCO occupations, on one data set of MELO.

    Many names occur twice, for a group and an occupation in it: ties go by identifier, as
    everywhere.
    """
    listed = sorted(data.names)
    place = {identifier: row for row, (identifier, _) in enumerate(listed)}
    asked = [(key, text) for key, text in data.queries if data.gold.get(key)]
    return Variant(
        "T1",
        data.name,
        "names" if data.name.endswith("_fr") else "encoder",  # the second stage knows French
        tuple(Thing(identifier, (text,)) for identifier, text in listed),
        tuple(Thing(text, (text,)) for _, text in asked),
        tuple(frozenset(place[one] for one in data.gold[key]) for key, _ in asked),
    )


def job_sheets(tables: EvaluationTables, encoder: Encoder) -> tuple[Variant, Variant]:
    """T2: the certifications that editors recommend for a job, from its sheet's text alone, and
    with the sheet's ROME codes; among all active titles."""
    entries = _active(tables, encoder)
    place = {entry.key: row for row, entry in enumerate(entries)}
    sheets = [s for s in tables.sheets if any(number in place for number in s.recommended)]
    right = tuple(frozenset(place[n] for n in s.recommended if n in place) for s in sheets)
    read_codes = _occupation_reader(tables, encoder)
    read_levels = _level_reader(tables, encoder)
    questions = tuple(
        Thing(sheet.title, (sheet.title,), _sentences(sheet), codes=codes, levels=levels)
        for sheet, codes, levels in zip(
            sheets,
            read_codes.read([sheet.title for sheet in sheets]),
            read_levels.read([sheet.title for sheet in sheets]),
            strict=True,
        )
    )
    coded = tuple(
        replace(question, codes={**question.codes, **dict.fromkeys(sheet.rome, 1.0)})
        for question, sheet in zip(questions, sheets, strict=True)
    )
    return (
        Variant("T2", "text", "certification", entries, questions, right),
        Variant("T2", "text_and_codes", "certification_by_code", entries, coded, right),
    )


def occupations(tables: EvaluationTables) -> Variant:
    """T3: the certifications that bear a ROME code, from all activities of its sheet; among
    those of the test part that were active in 2021 and have blocks and codes."""
    listed = [
        c
        for c in tables.certifications
        if c.active and c.blocks and c.rome and is_test_certification(c.number)
    ]
    by_code: dict[str, set[int]] = defaultdict(set)
    for row, certification in enumerate(listed):
        for code in certification.rome:
            by_code[code].add(row)
    sheets = [sheet for sheet in tables.rome if sheet.code in by_code and sheet.activities]
    return Variant(
        "T3",
        "activities",
        "programme",
        tuple(Thing(c.number, (c.title,), c.blocks) for c in listed),
        tuple(Thing(s.code, (". ".join(s.activities),), s.activities) for s in sheets),
        tuple(frozenset(by_code[sheet.code]) for sheet in sheets),
    )


def offers(tables: EvaluationTables) -> Variant:
    """T4: the ROME v3 occupation of a job offer, from its title and description."""
    parents = {sheet.code: sheet.parent for sheet in tables.rome4}
    entries = occupation_entries(tables.rome, tables.rome4)
    place = {entry.key: row for row, entry in enumerate(entries)}
    asked = [
        (offer, parents.get(offer.rome) or offer.rome) for offer in chosen_offers(tables.offers)
    ]
    asked = [(offer, code) for offer, code in asked if code in place]
    return Variant(
        "T4",
        "offers",
        "occupation",
        entries,
        tuple(_offer(offer) for offer, _ in asked),
        tuple(frozenset({place[code]}) for _, code in asked),
    )


def blocks(tables: EvaluationTables) -> Variant:
    """T5: the block of a competence among all blocks; the competence itself is left out of its
    block. One competence a block, the one whose hash is lowest, of blocks that have three."""
    entries: list[Thing] = []
    questions: list[Thing] = []
    right: list[frozenset[int]] = []
    for certification in tables.detailed:
        for block in certification.blocks:
            listed = items(block.text)
            kept = listed
            if len(listed) >= 3:
                asked = min(listed, key=lambda text: crc32(text.encode()))
                kept = tuple(text for text in listed if text_key(text) != text_key(asked))
                questions.append(
                    Thing(f"{certification.number} {block.code}", (core(asked),), (asked,))
                )
                right.append(frozenset({len(entries)}))
            entries.append(Thing(block.code, (block.title,), kept))
    return Variant("T5", "blocks", "block", tuple(entries), tuple(questions), tuple(right))


def search(tables: EvaluationTables, queries: Sequence[SearchQuery]) -> Variant:
    """T6: a certification from the few words that somebody types."""
    entries = tuple(Thing(a.number, (a.title,)) for a in tables.active)
    place = {entry.key: row for row, entry in enumerate(entries)}
    asked = [q for q in queries if any(number in place for number in q.expected)]
    return Variant(
        "T6",
        "search",
        "search",
        entries,
        tuple(Thing(q.query, (q.query,)) for q in asked),
        tuple(frozenset(place[n] for n in q.expected if n in place) for q in asked),
    )


def french(tables: EvaluationTables) -> tuple[Variant, Variant]:
    """Checks of general French on pairs kept out of training: job synonyms of a tenth of
    Formacode's descriptors, and titles of Onisep's sheets among the names of ROME's."""
    labels = tuple(Thing(term.code, (term.label,)) for term in tables.terms)
    synonyms = [
        (synonym, row)
        for row, term in enumerate(tables.terms)
        if is_kept_out_term(term)
        for synonym in term.job_synonyms
    ]
    entries = tuple(Thing(s.code, (s.title, *s.job_titles)) for s in tables.rome)
    place = {entry.key: row for row, entry in enumerate(entries)}
    sheets = [sheet for sheet in tables.sheets if any(code in place for code in sheet.rome)]
    return (
        Variant(
            "french",
            "formacode",
            "encoder",
            labels,
            tuple(Thing(synonym, (synonym,)) for synonym, _ in synonyms),
            tuple(frozenset({row}) for _, row in synonyms),
        ),
        Variant(
            "french",
            "onisep",
            "encoder",
            entries,
            tuple(Thing(sheet.title, (sheet.title,)) for sheet in sheets),
            tuple(frozenset(place[c] for c in s.rome if c in place) for s in sheets),
        ),
    )


def job_names(tables: EvaluationTables) -> Variant:
    """What the weights for occupations are learned on, since offers are for measuring only: an
    Onisep sheet, title and nature of the work, to its ROME codes."""
    entries = occupation_entries(tables.rome, tables.rome4)
    place = {entry.key: row for row, entry in enumerate(entries)}
    sheets = [s for s in tables.sheets if any(code in place for code in s.rome)]
    return Variant(
        "T4",
        "sheets",
        "occupation",
        entries,
        tuple(Thing(s.title, (s.title,), _split(s.nature)) for s in sheets),
        tuple(frozenset(place[c] for c in s.rome if c in place) for s in sheets),
    )


def occupation_entries(rome: Sequence[RomeSheet], rome4: Sequence[RomeSheet]) -> tuple[Thing, ...]:
    """The occupations of version 3, with the job titles of both versions and what the definitions
    of version 4.0 say."""
    newer: dict[str, list[str]] = defaultdict(list)
    defined: dict[str, list[str]] = defaultdict(list)
    for sheet in rome4:
        if sheet.parent:
            newer[sheet.parent] += [sheet.title, *sheet.job_titles]
            defined[sheet.parent] += _split(sheet.definition or "")
    return tuple(
        Thing(
            sheet.code,
            tuple(dict.fromkeys((sheet.title, *sheet.job_titles, *newer[sheet.code]))),
            (*sheet.activities, *defined[sheet.code]),
        )
        for sheet in rome
    )


def chosen_offers(found: Sequence[JobOffer]) -> list[JobOffer]:
    """Duplicates dropped, sorted by hash, the first eight of each code."""
    first = {(offer.title, offer.description[:100]): offer for offer in reversed(found)}
    ordered = sorted(first.values(), key=lambda o: crc32((o.title + o.description[:100]).encode()))
    times: Counter[str] = Counter()
    chosen = []
    for offer in ordered:
        times[offer.rome] += 1
        if times[offer.rome] <= _OFFERS_OF_A_CODE:
            chosen.append(offer)
    return chosen


def _offer(offer: JobOffer) -> Thing:
    try:
        parts = tuple(segment.text for segment in duties(offer.description))
    except NoTask:
        parts = ()
    return Thing(offer.key, (offer.title,), parts)


def _sentences(sheet: JobSheet) -> tuple[str, ...]:
    return tuple(
        part for text in (sheet.presentation, sheet.nature, sheet.required) for part in _split(text)
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _SENTENCE.split(text) if len(part.strip()) > 3)


def _active(tables: EvaluationTables, encoder: Encoder) -> tuple[Thing, ...]:
    """Active titles with what certif-info says of their number; codes of the others by their
    neighbours' titles."""
    stated: dict[str, list[Diploma]] = defaultdict(list)
    for diploma in tables.diplomas:
        for number in diploma.numbers:
            stated[number].append(diploma)
    reader = CodeReader(
        [(d.title, d.rome) for d in tables.diplomas if d.rome]
        + [(c.title, c.rome) for c in tables.certifications if c.rome],
        encoder,
    )
    read = reader.read([active.title for active in tables.active], "passage")
    return tuple(
        _entry(active, stated[active.number], codes)
        for active, codes in zip(tables.active, read, strict=True)
    )


def _entry(active: ActiveTitle, stated: Sequence[Diploma], read: Mapping[str, float]) -> Thing:
    codes = {code for diploma in stated for code in diploma.rome}
    topics = dict.fromkeys(diploma.topic for diploma in stated if diploma.topic)
    return Thing(
        active.number,
        tuple(dict.fromkeys((active.title, *(d.title for d in stated), *topics))),
        tuple(topics),
        codes=dict.fromkeys(sorted(codes), 1.0) if codes else read,
        levels={str(active.level): 1.0} if active.level else {},
        prior=float(active.by_right),
    )


def _occupation_reader(tables: EvaluationTables, encoder: Encoder) -> CodeReader:
    known = [
        (name, (entry.key,))
        for entry in occupation_entries(tables.rome, tables.rome4)
        for name in entry.names
    ]
    return CodeReader(known, encoder)


def _level_reader(tables: EvaluationTables, encoder: Encoder) -> CodeReader:
    listed: list[Diploma | ListedCertification] = [*tables.diplomas, *tables.certifications]
    return CodeReader([(one.title, (str(one.level),)) for one in listed if one.level], encoder)
