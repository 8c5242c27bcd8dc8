"""What one document says, as it is written: made by the process that parsed it.

Parsing, merging what a sheet alone says, hashing and compressing take nearly all the time of a
large export. They happen here, on any number of processes; the writer only writes.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from kb.identity import certification_id, nomenclature_id, text_hash
from kb.merge import Entry, Origin, merge_certification
from kb.model import Certification, Document, Job, Passage, Record, Remark, Term
from kb.passages import passages_of, relations_of


@dataclass(frozen=True, slots=True)
class Reading:
    """A document and what its source reads in it. authority, publisher: those of the source.

    part: for a sheet of an export, its number; a newer wording of it takes the older one's place.
    """

    document: Document
    records: Iterable[Record]
    source: str
    authority: int
    publisher: str
    part: str | None = None


Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """Rows of all that is searched of one thing, in the order of their tables' columns.

    state: see `state_of`.
    """

    entity: Row
    passages: list[Row]
    relations: list[Row]
    establishments: list[Row]
    state: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What a record says of one thing.

    entity: the thing's id; None where only the knowledge base can tell: by the names of `job`.
    body: the record, packed. alone: what is searched of it when no other document speaks of it;
    None for what is worded with the help of other documents.
    """

    entity: str | None
    body: bytes
    alone: Searched | None = None
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A reading, ready to be written. content: the document's bytes, compressed.

    own: remarks about the document; remarks: these and those about its records, in order.
    """

    name: str
    address: str
    dated: date | None
    sha256: str
    content: bytes
    source: str
    authority: int
    publisher: str
    part: str | None
    statements: tuple[Statement, ...]
    own: tuple[Remark, ...]
    remarks: tuple[Remark, ...]


def prepare(reading: Reading) -> Prepared:
    """Do all of the work that needs no database. Raises what the records raise."""
    document = reading.document
    sha256 = document.sha256
    by = Origin(
        sha256,
        reading.source,
        document.address,
        reading.publisher,
        reading.authority,
        document.dated,
    )
    statements: list[Statement] = []
    own: list[Remark] = []
    remarks: list[Remark] = []
    for record in reading.records:
        if isinstance(record, Remark):
            own.append(record)
            remarks.append(record)
        else:
            statements.append(_statement(record, by))
            remarks += record.warnings
    return Prepared(
        document.name,
        document.address,
        document.dated,
        sha256,
        zlib.compress(document.content, 6),
        reading.source,
        reading.authority,
        reading.publisher,
        reading.part,
        tuple(statements),
        tuple(own),
        tuple(remarks),
    )


def _statement(record: Certification | Job | Term, by: Origin) -> Statement:
    body = pack(record)
    if isinstance(record, Certification):
        entity = certification_id(record.number, record.title)
        return Statement(entity, body, searched(merge_certification(entity, [(record, by)])))
    if isinstance(record, Term):
        return Statement(nomenclature_id(record.scheme, record.code), body)
    if record.nomenclature:
        return Statement(nomenclature_id(record.nomenclature, record.code or ""), body)
    return Statement(None, body, job=record)


def pack(value: object) -> bytes:
    """Compressed JSON."""
    return zlib.compress(msgspec.json.encode(value), 6)


def searched(entry: Entry[Any]) -> Searched:
    """The rows of what is searched of an entry."""
    passages = list(passages_of(entry))
    relations = dict.fromkeys(relations_of(entry))
    return Searched(
        _entity_row(entry),
        [_passage_row(passage) for passage in passages],
        [(entry.id, r.kind, r.source, r.target) for r in relations],
        _sirets(entry),
        state_of((p.id, p.text) for p in passages),
    )


def state_of(passages: Iterable[tuple[str, str]]) -> int:
    """Sum of the hashes of (id, text), modulo 2**128: the same in any order."""
    total = 0
    for identifier, text in passages:
        digest = hashlib.sha256(f"{identifier}\0{text}".encode()).digest()[:16]
        total += int.from_bytes(digest, "big")
    return total % 2**128


def _entity_row(entry: Entry[Any]) -> Row:
    record = entry.record
    if isinstance(record, Certification):
        return entry.id, "certification", record.title, record.level, record.active
    return entry.id, "job" if isinstance(record, Job) else "term", record.title, None, None


def _sirets(entry: Entry[Any]) -> list[Row]:
    record = entry.record
    if not isinstance(record, Certification):
        return []
    sirets = [each.siret for each in record.certifiers] + [each.siret for each in record.partners]
    return [(entry.id, siret) for siret in dict.fromkeys(sirets) if siret]


def _passage_row(p: Passage) -> Row:
    return p.id, p.kind, p.entity, p.block, p.text, text_hash(p.text)
