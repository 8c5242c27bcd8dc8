"""From what documents say to what the knowledge base holds; inside one transaction of the store."""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from kb import schema
from kb.history import changes
from kb.identity import certification_id, job_id, job_key, nomenclature_id, text_hash
from kb.merge import Entry, Origin, merge_certification, merge_job, merge_term
from kb.model import Certification, Document, Job, Passage, Record, Remark, Term
from kb.occupations import references, worded
from kb.passages import passages_of, relations_of

T = TypeVar("T")

CHUNK = 500
"""Identifiers in one statement; SQLite takes 32,766, other databases fewer."""


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
class Ingested:
    """What came of one document: ids of the things it speaks of, and all remarks."""

    document: str
    source: str
    entities: tuple[str, ...]
    remarks: tuple[Remark, ...]


def _speaks(reading: Reading) -> bool:
    return any(not isinstance(record, Remark) for record in reading.records)


def pack(value: object) -> bytes:
    """Compressed JSON."""
    return zlib.compress(msgspec.json.encode(value), 6)


def unpack(body: bytes, kind: type[T]) -> T:
    return msgspec.json.decode(zlib.decompress(body), type=kind)


def origin(row: Any) -> Origin:
    """From the columns of `ORIGIN`."""
    sha256, source, address, publisher, authority, dated = row
    return Origin(sha256, source, address, publisher, authority, parse_day(dated))


def parse_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


ORIGIN = [
    schema.documents.c[name]
    for name in ("sha256", "source", "address", "publisher", "authority", "dated")
]


def chunks(values: Iterable[T]) -> Iterable[list[T]]:
    listed = list(values)
    return (listed[i : i + CHUNK] for i in range(0, len(listed), CHUNK))


class Writer:
    """Writes through one connection, whose transaction the caller ends."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._touched: dict[str, None] = {}
        c = schema.documents.c
        parts = connection.scalars(
            sa.select(sa.func.min(c.part)).group_by(sa.func.substr(c.part, 1, 2))
        )
        self._registers = {certification_id(part, None).partition(":")[0] for part in parts if part}

    def ingest(self, readings: Sequence[Reading]) -> list[Ingested]:
        """Keep documents and what they say; idempotent by each document's hash.

        A sheet of an export in which nothing can be read does not take the older one's place.
        """
        readings = [replace(r, records=list(r.records)) for r in readings]
        unread = [r for r in readings if r.part and not _speaks(r)]
        readings = [r for r in readings if not (r.part and not _speaks(r))]
        positions = self._keep(readings)
        replaced = self._replace(readings, positions)
        before = self._merged(list(replaced))
        lost = {position for positions in replaced.values() for position in positions}
        self._forget([*positions, *lost])
        done, rows, own = [], [], []
        for reading, position in zip(readings, positions, strict=True):
            remarks: list[Remark] = []
            stated: dict[str, None] = {}
            for record in reading.records:
                if isinstance(record, Remark):
                    own.append({"document": position, "place": record.place, "text": record.text})
                    remarks.append(record)
                    continue
                entity = self._identify(record)
                if position not in lost:
                    rows.append({"entity": entity, "document": position, "body": pack(record)})
                remarks += record.warnings
                stated[entity] = None
            self._touched |= stated
            name = reading.document.name
            done.append(Ingested(name, reading.source, tuple(stated), tuple(remarks)))
        self._insert(schema.records, rows)
        self._insert(schema.remarks, own)
        self._refresh_touched()
        self._remember(readings, before)
        return done + [
            Ingested(
                r.document.name, r.source, (), tuple(x for x in r.records if isinstance(x, Remark))
            )
            for r in unread
        ]

    def seen(self, sha256s: Iterable[str], address: str, dated: date | None) -> None:
        """These parts stand unchanged in a newer export."""
        c = schema.documents.c
        day = dated.isoformat() if dated else None
        for chunk in chunks(sha256s):
            newer = c.sha256.in_(chunk) & ((c.dated < day) | c.dated.is_(None))
            self._connection.execute(
                schema.documents.update()
                .where(newer)
                .values(dated=day, address=sa.literal(address + "#") + c.part)
            )

    def exported(self, export: Document, source: str, publisher: str, parts: int) -> None:
        """Remember an export that was read, without its bytes: its parts have them."""
        c = schema.exports.c
        self._connection.execute(schema.exports.delete().where(c.sha256 == export.sha256))
        row = {
            "sha256": export.sha256,
            "source": source,
            "publisher": publisher,
            "address": export.address,
            "dated": export.dated.isoformat() if export.dated else None,
            "parts": parts,
        }
        self._insert(schema.exports, [row])

    def clear(self) -> None:
        """Forget everything but the documents."""
        for table in (
            schema.establishments,
            schema.relations,
            schema.passages,
            schema.entities,
            schema.names,
            schema.records,
            schema.remarks,
        ):
            self._connection.execute(table.delete())
        self._set("state", "0")

    def _replace(
        self, readings: Sequence[Reading], positions: Sequence[int]
    ) -> dict[str, list[int]]:
        """Make the newest wording of each part the current one.

        Returns:
            thing that a replaced part speaks of -> positions of the documents that lost.
        """
        c = schema.documents.c
        new = {(r.source, r.part): p for r, p in zip(readings, positions, strict=True) if r.part}
        replaced: dict[str, list[int]] = {}
        for chunk in chunks(new):
            rows = self._connection.execute(
                sa.select(c.position, c.source, c.part, c.dated)
                .where(c.part.in_([part for _, part in chunk]))
                .order_by(c.position)
            ).all()
            worded: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
            for position, source, part, dated in rows:
                if (source, part) in new:
                    # Of two wordings of one day, the one that comes now is the newer.
                    now = position == new[source, part]
                    worded[source, part].append((f"{dated or ''} {int(now)}", position))
            for (_, part), wordings in worded.items():
                *old, (_, newest) = sorted(wordings)
                if old:
                    lost = [position for _, position in old]
                    replaced[certification_id(part, None)] = lost
                    self._mark(lost, 0)
                self._mark([newest], 1)
        return replaced

    def _mark(self, positions: list[int], current: int) -> None:
        c = schema.documents.c
        at = c.position.in_(positions) & (c.current != current)
        self._connection.execute(schema.documents.update().where(at).values(current=current))

    def _remember(self, readings: Sequence[Reading], before: list[Entry[Any]]) -> None:
        """Write what changed in the sheets of an export."""
        parts = {certification_id(r.part, None): r.document.dated for r in readings if r.part}
        old = {entry.id: entry for entry in before}
        # The first export of a register creates nothing: it only tells us what there is.
        told = [i for i in parts if i in old or i.partition(":")[0] in self._registers]
        rows: list[dict[str, Any]] = []
        for entry in self._merged(told):
            day = parts[entry.id]
            if day is not None:
                rows += [asdict(x) for x in changes(old.get(entry.id), entry, day)]
        for row in rows:
            row["day"] = row["day"].isoformat()
        self._insert(schema.changes, rows)

    def _insert(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(table.insert(), rows)

    def _keep(self, readings: Sequence[Reading]) -> list[int]:
        """Positions of the documents, new ones added, known ones with their new address."""
        c = schema.documents.c
        by_hash = {reading.document.sha256: reading for reading in readings}
        known: dict[str, int] = {}
        for chunk in chunks(by_hash):
            found = self._connection.execute(
                sa.select(c.sha256, c.position).where(c.sha256.in_(chunk))
            )
            known |= {sha256: position for sha256, position in found}  # noqa: C416
        last = self._connection.scalar(sa.select(sa.func.max(c.position))) or 0
        new = []
        for sha256, reading in by_hash.items():
            document = reading.document
            values = {
                "source": reading.source,
                "authority": reading.authority,
                "publisher": reading.publisher,
                "address": document.address,
                "dated": document.dated.isoformat() if document.dated else None,
                "part": reading.part,
            }
            if sha256 in known:
                at = c.position == known[sha256]
                self._connection.execute(schema.documents.update().where(at).values(values))
                continue
            last += 1
            known[sha256] = last
            content = zlib.compress(document.content, 6)
            new.append({"position": last, "sha256": sha256, "content": content, **values})
        self._insert(schema.documents, new)
        return [known[reading.document.sha256] for reading in readings]

    def _forget(self, positions: list[int]) -> None:
        """Drop what these documents said before."""
        c = schema.records.c
        for chunk in chunks(positions):
            said = self._connection.scalars(
                sa.select(c.entity).where(c.document.in_(chunk)).order_by(c.position)
            )
            self._touched |= dict.fromkeys(said)
            for table in (schema.records, schema.remarks):
                self._connection.execute(table.delete().where(table.c.document.in_(chunk)))

    def _identify(self, record: Certification | Job | Term) -> str:
        """The id of the thing a record speaks of. Jobs are one by main title or official code."""
        if isinstance(record, Term):
            return nomenclature_id(record.scheme, record.code)
        if isinstance(record, Job) and record.nomenclature:
            return nomenclature_id(record.nomenclature, record.code or "")
        if isinstance(record, Certification):
            return certification_id(record.number, record.title)
        keys = [f"title {job_key(record.title)}"]
        if record.code:
            keys.append(f"code {record.code}")
        c = schema.names.c
        named: dict[str, str] = dict(
            self._connection.execute(sa.select(c.name, c.entity).where(c.name.in_(keys))).all()
        )
        entity = min(named.values(), default=job_id(record.title))
        for other in set(named.values()) - {entity}:
            # The title names one job, the code another: they are one.
            for table in (schema.records, schema.names):
                self._connection.execute(
                    table.update().where(table.c.entity == other).values(entity=entity)
                )
            self._touched[other] = None
        new = [{"name": key, "entity": entity} for key in keys if key not in named]
        self._insert(schema.names, new)
        return entity

    def _refresh_touched(self) -> None:
        """Merge what was touched again, and write what is searched of it."""
        before = self._names_of(self._touched)
        self._write_again(self._touched)
        after = self._names_of(self._touched)
        renamed = [i for i in after if after[i] != before.get(i)]
        # Tables of a nomenclature name each other's entries by code: their words are filled in.
        self._write_again(self._naming(renamed))
        self._touched.clear()

    def _names_of(self, identifiers: Iterable[str]) -> dict[str, str | None]:
        """Titles of those of these things that others name by code."""
        c = schema.entities.c
        found: dict[str, str | None] = {}
        for chunk in chunks(i for i in identifiers if i.startswith(_NAMED_BY_CODE)):
            query = sa.select(c.id, c.title).where(c.id.in_(chunk))
            found |= dict(self._connection.execute(query).all())
        return found

    def _naming(self, identifiers: Iterable[str]) -> dict[str, None]:
        """Ids of the things that name these by code."""
        c = schema.relations.c
        found: dict[str, None] = {}
        for chunk in chunks(identifiers):
            query = sa.select(c.entity).where(c.target.in_(chunk), c.kind.in_(_BY_CODE))
            found |= dict.fromkeys(self._connection.scalars(query.order_by(c.entity)))
        return found

    def _write_again(self, identifiers: Iterable[str]) -> None:
        for chunk in chunks(identifiers):
            entries = self._merged(chunk)
            c = schema.passages.c
            old = self._connection.execute(sa.select(c.id, c.text).where(c.entity.in_(chunk))).all()
            for table in (schema.establishments, schema.relations, schema.passages):
                self._connection.execute(table.delete().where(table.c.entity.in_(chunk)))
            at = schema.entities.c.id.in_(chunk)
            self._connection.execute(schema.entities.delete().where(at))
            passages = [p for entry in entries for p in passages_of(entry)]
            self._insert(schema.entities, [_entity_row(entry) for entry in entries])
            self._insert(schema.passages, [_passage_row(p) for p in passages])
            self._insert(schema.establishments, [r for e in entries for r in _sirets(e)])
            edges = [(entry.id, r) for entry in entries for r in relations_of(entry)]
            self._insert(
                schema.relations,
                [
                    {"entity": entity, "kind": r.kind, "source": r.source, "target": r.target}
                    for entity, r in dict.fromkeys(edges)
                ],
            )
            self._count_state({(i, t) for i, t in old}, {(p.id, p.text) for p in passages})

    def _merged(self, identifiers: list[str]) -> list[Entry[Any]]:
        return [e for chunk in chunks(identifiers) for e in merged(self._connection, chunk)]

    def _count_state(self, old: set[tuple[str, str]], new: set[tuple[str, str]]) -> None:
        """Keep the sum of the passages' hashes: the same for the same passages in any order."""
        if old == new:
            return
        total = int(setting(self._connection, "state") or "0", 16)
        for sign, changed in ((-1, old - new), (1, new - old)):
            for identifier, text in changed:
                digest = hashlib.sha256(f"{identifier}\0{text}".encode()).digest()[:16]
                total += sign * int.from_bytes(digest, "big")
        self._set("state", f"{total % 2**128:x}")

    def _set(self, name: str, value: str) -> None:
        c = schema.settings.c
        done = self._connection.execute(
            schema.settings.update().where(c.name == name).values(value=value)
        )
        if done.rowcount == 0:
            self._insert(schema.settings, [{"name": name, "value": value}])


def setting(connection: sa.Connection, name: str) -> str | None:
    """A value of the table of settings."""
    c = schema.settings.c
    return connection.scalar(sa.select(c.value).where(c.name == name))


def merged(connection: sa.Connection, identifiers: list[str]) -> list[Entry[Any]]:
    """What documents say of these things, united; those that nothing speaks of are left out."""
    rows = connection.execute(
        sa.select(schema.records.c.entity, schema.records.c.body, *ORIGIN)
        .join(schema.documents, schema.records.c.document == schema.documents.c.position)
        .where(schema.records.c.entity.in_(identifiers))
        .order_by(schema.records.c.position)
    )
    said: dict[str, list[tuple[bytes, Origin]]] = defaultdict(list)
    for entity, body, *columns in rows:
        said[entity].append((body, origin(columns)))
    entries: list[Entry[Any]] = []
    for entity in identifiers:
        if entity not in said:
            continue
        if entity.startswith(_NAMED_BY_CODE):
            entries.append(_merged_by_code(entity, said[entity]))
        elif entity.startswith("job:"):
            jobs = [(unpack(body, Job), by) for body, by in said[entity]]
            entries.append(merge_job(entity, jobs))
        else:
            sheets = [(unpack(body, Certification), by) for body, by in said[entity]]
            entries.append(merge_certification(entity, sheets))
    wanted = {i for e in entries if isinstance(e.record, Job) for i in references(e.record)}
    labels = _titles(connection, sorted(wanted))
    return [
        replace(e, record=worded(e.record, labels)) if isinstance(e.record, Job) else e
        for e in entries
    ]


_NAMED_BY_CODE = ("rome:", "esco:", "formacode:")
_BY_CODE = ("involves", "cut_from", "moves_to", "moves_as")


def _merged_by_code(entity: str, said: list[tuple[bytes, Origin]]) -> Entry[Any]:
    """An entry of a nomenclature: an occupation, or a term. What documents say of it tells."""
    stated = [(msgspec.json.decode(zlib.decompress(body)), by) for body, by in said]
    terms = [(msgspec.convert(s, Term), by) for s, by in stated if "scheme" in s]
    jobs = [(msgspec.convert(s, Job), by) for s, by in stated if "scheme" not in s]
    return merge_job(entity, jobs) if jobs else merge_term(entity, terms)


def _titles(connection: sa.Connection, identifiers: list[str]) -> dict[str, str]:
    c = schema.entities.c
    found: dict[str, str] = {}
    for chunk in chunks(identifiers):
        query = sa.select(c.id, c.title).where(c.id.in_(chunk), c.title.is_not(None))
        found |= dict(connection.execute(query).all())
    return found


def _entity_row(entry: Entry[Any]) -> dict[str, Any]:
    record = entry.record
    sheet = record if isinstance(record, Certification) else None
    kind = "job" if isinstance(record, Job) else "term"
    return {
        "id": entry.id,
        "kind": "certification" if sheet else kind,
        "title": record.title,
        "level": sheet.level if sheet else None,
        "active": sheet.active if sheet else None,
    }


def _sirets(entry: Entry[Any]) -> list[dict[str, Any]]:
    record = entry.record
    if not isinstance(record, Certification):
        return []
    sirets = [each.siret for each in record.certifiers] + [each.siret for each in record.partners]
    return [{"entity": entry.id, "siret": siret} for siret in dict.fromkeys(sirets) if siret]


def _passage_row(passage: Passage) -> dict[str, Any]:
    return {
        "id": passage.id,
        "kind": passage.kind,
        "entity": passage.entity,
        "block": passage.block,
        "text": passage.text,
        "text_hash": text_hash(passage.text),
    }
