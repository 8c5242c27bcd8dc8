"""What one document says, as it is written: made by the process that parsed it.

Parsing, merging what a sheet alone says, hashing and compressing take nearly all the time of a
large export. They happen here, on any number of processes; the writer only writes.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from kb.errors import InvalidRecord
from kb.identity import certification_id, insertion_id, nomenclature_id, text_hash
from kb.merge import Entry, Origin, merge_certification
from kb.model import Certification, Document, Insertion, Job, Passage, Record, Remark, Term
from kb.passages import passages_of, relations_of

LEVEL = 3
"""Of compression: 6 takes twice the time of 3 for a tenth of the size."""
WINDOW = 2**15
"""Bytes of a text that zlib looks back at."""
STATES = 2**128
"""Sums of hashes of passages are kept modulo this."""


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


@dataclass(frozen=True, slots=True)
class Searched:
    """All that is searched of one thing.

    passages: packed, see `unpack_passages`, beside the same bytes as the body of the statement.
    competencies: the number of those of that kind; sentences: hashes of their texts. relations:
    (kind, source, target), source None for the thing itself. establishments: SIRETs as numbers.
    state: see `state_of`.
    """

    id: str
    kind: str
    title: str | None
    level: int | None
    active: bool | None
    passages: bytes
    competencies: int
    sentences: tuple[int, ...]
    relations: tuple[tuple[str, str | None, str], ...]
    establishments: tuple[int, ...]
    state: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """What a record says of one thing.

    entity: the thing's id; None where only the knowledge base can tell: by the names of `job`.
    body: the record, packed; of a part of an export, beside the part's content. alone: what is
    searched of it when no other document speaks of it; None for what is worded with the help of
    other documents.
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

    @property
    def name(self) -> str:
        return self.address.rstrip("/").rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Staged:
    """What was prepared of a document, packed to wait for the rest of its export."""

    sha256: str
    body: bytes

    @classmethod
    def of(cls, prepared: Prepared) -> Staged:
        return cls(prepared.sha256, msgspec.msgpack.encode(prepared))

    def prepared(self) -> Prepared:
        return msgspec.msgpack.decode(self.body, type=Prepared)


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
    # A sheet's record repeats the sheet; of a table, a record is a small part.
    beside = document.content if reading.part else b""
    statements: list[Statement] = []
    own: list[Remark] = []
    remarks: list[Remark] = []
    for record in reading.records:
        if isinstance(record, Remark):
            own.append(record)
            remarks.append(record)
        else:
            statements.append(_statement(record, by, beside))
            remarks += record.warnings
    return Prepared(
        document.address,
        document.dated,
        sha256,
        zlib.compress(document.content, LEVEL),
        reading.source,
        reading.authority,
        reading.publisher,
        reading.part,
        tuple(statements),
        tuple(own),
        tuple(remarks),
    )


def _statement(
    record: Certification | Job | Term | Insertion, by: Origin, beside: bytes
) -> Statement:
    body = pack(record, beside)
    if isinstance(record, Certification):
        entity = certification_id(record.number, record.title)
        alone = searched(merge_certification(entity, [(record, by)]), beside)
        return Statement(entity, body, alone)
    if isinstance(record, Insertion):
        entity = insertion_id(record.diploma, record.title, record.level) or ""
        if not entity:
            raise InvalidRecord("diploma", record.diploma, "expected a kind that has figures")
        return Statement(entity, body)
    if isinstance(record, Term):
        return Statement(nomenclature_id(record.scheme, record.code), body)
    if record.nomenclature:
        return Statement(nomenclature_id(record.nomenclature, record.code or ""), body)
    return Statement(None, body, job=record)


def pack(value: object, beside: bytes = b"") -> bytes:
    """Compressed JSON.

    Args:
        beside: bytes that hold most of it already and will be there when it is unpacked.
    """
    settings: dict[str, Any] = {"zdict": beside[-WINDOW:]} if beside else {}
    packer = zlib.compressobj(LEVEL, **settings)
    return packer.compress(msgspec.json.encode(value)) + packer.flush()


def unpack(packed: bytes, beside: bytes = b"") -> bytes:
    """The JSON of what `pack` made, with the same `beside`."""
    return zlib.decompressobj(zdict=beside[-WINDOW:]).decompress(packed)


_PassageRow = tuple[str, str, str | None, str, int | None]


def unpack_passages(
    packed: bytes, entity: str, beside: bytes = b""
) -> Iterator[tuple[Passage, int | None]]:
    """Passages of one thing in their order, each with the hash of its text if a competency."""
    rows = msgspec.json.decode(unpack(packed, beside), type=list[_PassageRow])
    for identifier, kind, block, text, sentence in rows:
        yield Passage(identifier, kind, entity, text, block), sentence


def searched(entry: Entry[Any], beside: bytes = b"") -> Searched:
    """What is searched of an entry. beside: see `pack`."""
    record = entry.record
    rows: list[_PassageRow] = [
        (p.id, p.kind, p.block, p.text, sentence_of(p.text) if p.kind == "competency" else None)
        for p in passages_of(entry)
    ]
    sentences = [hashed for *_, hashed in rows if hashed is not None]
    sheet = record if isinstance(record, Certification) else None
    relations = (
        (r.kind, None if r.source == entry.id else r.source, r.target) for r in relations_of(entry)
    )
    return Searched(
        id=entry.id,
        kind=_KINDS[type(record)],
        title=record.title,
        level=sheet.level if sheet else None,
        active=sheet.active if sheet else None,
        passages=pack(rows, beside),
        competencies=len(sentences),
        sentences=tuple(dict.fromkeys(sentences)),
        relations=tuple(dict.fromkeys(relations)),
        establishments=_establishments(sheet) if sheet else (),
        state=state_of(rows),
    )


_KINDS: dict[type, str] = {
    Certification: "certification",
    Job: "job",
    Term: "term",
    Insertion: "insertion",
}


def sentence_of(text: str) -> int:
    """The hash of a text as a number of 40 bits."""
    return int(text_hash(text), 16)


def state_of(passages: Iterable[_PassageRow]) -> bytes:
    """Sum of the hashes of the passages, modulo `STATES`: the same in any order; 16 bytes."""
    total = 0
    for identifier, kind, block, text, _ in passages:
        told = f"{identifier}\0{kind}\0{block or ''}\0{text}"
        total += int.from_bytes(hashlib.sha256(told.encode()).digest()[:16], "big")
    return (total % STATES).to_bytes(16, "big")


def _establishments(record: Certification) -> tuple[int, ...]:
    """Who awards it, trains for it or assesses it: those that gave a SIRET."""
    sirets = [each.siret for each in record.certifiers] + [each.siret for each in record.partners]
    return tuple(dict.fromkeys(int(siret) for siret in sirets if siret and siret.isdecimal()))
