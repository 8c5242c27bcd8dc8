"""From what documents say to what the knowledge base holds; inside one transaction of the store."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import islice
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from kb import schema
from kb.history import changes
from kb.identity import certification_id, job_id, job_key
from kb.merge import Entry, Origin, merge_certification, merge_insertion, merge_job, merge_term
from kb.model import Certification, Document, Insertion, Job, Remark, Term
from kb.occupations import references, worded
from kb.prepared import STATES, Prepared, Reading, Searched, Staged, prepare, searched, unpack

T = TypeVar("T")
Row = tuple[Any, ...]

CHUNK = 500
"""Identifiers in one statement; SQLite takes 32,766, other databases fewer."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of one document: ids of the things it speaks of, and all remarks."""

    document: str
    source: str
    entities: tuple[str, ...]
    remarks: tuple[Remark, ...]


def _ingested(reading: Prepared, entities: tuple[str, ...]) -> Ingested:
    return Ingested(reading.name, reading.source, entities, reading.remarks)


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


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values, so many at a time; taken only as far as they are asked for."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


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

    def ingest(self, readings: Sequence[Reading | Prepared]) -> list[Ingested]:
        """Keep documents and what they say; idempotent by each document's hash.

        A sheet of an export in which nothing can be read does not take the older one's place.
        """
        prepared = [r if isinstance(r, Prepared) else prepare(r) for r in readings]
        unread = [r for r in prepared if r.part and not r.statements]
        prepared = [r for r in prepared if not (r.part and not r.statements)]
        positions = self._keep(prepared)
        replaced = self._replace(prepared, positions)
        before = self._merged(list(replaced))
        lost = {position for positions in replaced.values() for position in positions}
        self._forget([*positions, *lost])
        done, rows, own = [], [], []
        alone: dict[str, tuple[Searched | None, int | None]] = {}
        for reading, position in zip(prepared, positions, strict=True):
            stated: dict[str, None] = {}
            for statement in reading.statements:
                entity = statement.entity or self._identify(statement.job)
                if position not in lost:
                    rows.append({"entity": entity, "document": position, "body": statement.body})
                    alone[entity] = statement.alone, position if reading.part else None
                stated[entity] = None
            own += [{"document": position, "place": r.place, "text": r.text} for r in reading.own]
            self._touched |= stated
            done.append(_ingested(reading, tuple(stated)))
        self._insert(schema.records, rows)
        self._insert(schema.remarks, own)
        self._refresh_touched(alone)
        self._remember(prepared, before)
        return done + [_ingested(reading, ()) for reading in unread]

    def stage(self, readings: Sequence[Reading | Staged], source: str) -> None:
        """Lay sheets of an export by until all of it is read: no reader sees them."""
        ready = [r if isinstance(r, Staged) else Staged.of(prepare(r)) for r in readings]
        self._drop_staged(each.sha256 for each in ready)
        rows = [(each.sha256, source, each.body) for each in ready]
        self._insert_rows(schema.staged, rows)

    def ingest_staged(
        self, wanted: Sequence[tuple[str, str]], dated: date | None
    ) -> list[Ingested]:
        """Write sheets that were laid by, in this order.

        Args:
            wanted: (hash, address in the export that has them now). dated: its day.
        """
        c = schema.staged.c
        sha256s = [sha256 for sha256, _ in wanted]
        query = sa.select(c.sha256, c.body).where(c.sha256.in_(sha256s))
        bodies: dict[str, bytes] = dict(self._connection.execute(query).all())
        # Their pages are free before what comes of them is written.
        self._drop_staged(sha256s)
        return self.ingest(
            [
                replace(Staged(sha256, body).prepared(), address=address, dated=dated)
                for sha256, address in wanted
                if (body := bodies.get(sha256))
            ]
        )

    def _drop_staged(self, sha256s: Iterable[str]) -> None:
        for chunk in chunks(sha256s):
            at = schema.staged.c.sha256.in_(chunk)
            self._connection.execute(schema.staged.delete().where(at))

    def forget_staged(self, source: str) -> None:
        """Drop what is left of exports that were never read to their end."""
        self._connection.execute(schema.staged.delete().where(schema.staged.c.source == source))

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

    def retire(self, sha256s: Iterable[str]) -> None:
        """What these documents say is told no longer; they themselves are kept."""
        c = schema.documents.c
        for chunk in chunks(sha256s):
            positions = list(
                self._connection.scalars(sa.select(c.position).where(c.sha256.in_(chunk)))
            )
            self._mark(positions, 0)
            self._forget(positions)
        self._refresh_touched({})

    def clear(self) -> None:
        """Forget everything but the documents."""
        for table in (
            *_OF_ENTITY,
            schema.entities,
            schema.names,
            schema.records,
            schema.remarks,
            schema.staged,
        ):
            self._connection.execute(table.delete())
        keep_setting(self._connection, "state", "0")

    def _replace(
        self, readings: Sequence[Prepared], positions: Sequence[int]
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
                .where(c.source.in_({source for source, _ in chunk}))
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

    def _remember(self, readings: Sequence[Prepared], before: list[Entry[Any]]) -> None:
        """Write what changed in the sheets of an export."""
        parts = {certification_id(r.part, None): r.dated for r in readings if r.part}
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

    def _insert_rows(self, table: sa.Table, rows: list[Row]) -> None:
        """Insert rows in the order of the table's columns: half the time of `_insert`."""
        if not rows:
            return
        statement = table.insert().compile(dialect=self._connection.dialect)
        if not statement.positional:
            self._insert(table, [dict(zip(table.c.keys(), row, strict=True)) for row in rows])
            return
        self._connection.exec_driver_sql(str(statement), rows)

    def _keep(self, readings: Sequence[Prepared]) -> list[int]:
        """Positions of the documents, new ones added, known ones with their new address."""
        c = schema.documents.c
        by_hash = {reading.sha256: reading for reading in readings}
        known: dict[str, int] = {}
        for chunk in chunks(by_hash):
            found = self._connection.execute(
                sa.select(c.sha256, c.position).where(c.sha256.in_(chunk))
            )
            known |= {sha256: position for sha256, position in found}  # noqa: C416
        last = self._connection.scalar(sa.select(sa.func.max(c.position))) or 0
        new, contents = [], []
        for sha256, reading in by_hash.items():
            values = {
                "source": reading.source,
                "authority": reading.authority,
                "publisher": reading.publisher,
                "address": reading.address,
                "dated": reading.dated.isoformat() if reading.dated else None,
                "part": reading.part,
                "current": 1,
            }
            if sha256 in known:
                at = c.position == known[sha256]
                self._connection.execute(schema.documents.update().where(at).values(values))
                continue
            last += 1
            known[sha256] = last
            new.append({"position": last, "sha256": sha256, **values})
            contents.append((last, reading.content))
        self._insert(schema.documents, new)
        self._insert_rows(schema.contents, contents)
        return [known[reading.sha256] for reading in readings]

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

    def _identify(self, record: Job | None) -> str:
        """The id of a job: one by main title or official code."""
        assert record is not None  # a statement has an id or a job
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

    def _refresh_touched(self, alone: _Alone) -> None:
        """Merge what was touched again, and write what is searched of it.

        Args:
            alone: what was prepared of these things for the case that one document alone speaks.
        """
        before = self._names_of(self._touched)
        self._write_again(self._touched, alone)
        after = self._names_of(self._touched)
        renamed = [i for i in after if after[i] != before.get(i)]
        # Tables of a nomenclature name each other's entries by code: their words are filled in.
        self._write_again(self._naming(renamed), {})
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
            named = sa.select(c.entity).where(c.target.in_(chunk), c.kind.in_(_BY_CODE))
            query = sa.select(schema.entities.c.id).where(schema.entities.c.position.in_(named))
            found |= dict.fromkeys(self._connection.scalars(query.order_by(schema.entities.c.id)))
        return found

    def _write_again(self, identifiers: Iterable[str], alone: _Alone) -> None:
        for chunk in chunks(identifiers):
            ready = {
                i: (found, document)
                for i in self._told_once(chunk)
                for found, document in [alone.get(i, (None, None))]
                if found is not None
            }
            others = self._merged([i for i in chunk if i not in ready])
            written = [*ready.values(), *((searched(entry), None) for entry in others)]
            old = self._drop(chunk)
            last = self._connection.scalar(sa.select(sa.func.max(schema.entities.c.position))) or 0
            placed = [(at, x) for at, (x, _) in enumerate(written, last + 1)]
            self._insert_rows(
                schema.entities,
                [
                    (at, x.id, x.kind, x.title, x.level, x.active, x.competencies, x.state)
                    for at, x in placed
                ],
            )
            self._insert_rows(
                schema.passages,
                [(at, x.passages, document) for at, (x, document) in enumerate(written, last + 1)],
            )
            self._insert_rows(
                schema.sentences, [(at, hashed) for at, x in placed for hashed in x.sentences]
            )
            self._insert_rows(
                schema.relations, [(at, *edge) for at, x in placed for edge in x.relations]
            )
            self._insert_rows(
                schema.establishments,
                [(at, siret) for at, x in placed for siret in x.establishments],
            )
            self._count_state(_sum(x.state for _, x in placed) - old)

    def _drop(self, identifiers: list[str]) -> int:
        """Drop what is searched of these things; the sum of its states."""
        c = schema.entities.c
        query = sa.select(c.position, c.state).where(c.id.in_(identifiers))
        known = self._connection.execute(query).all()
        positions = [position for position, _ in known]
        if positions:
            for table in _OF_ENTITY:
                self._connection.execute(table.delete().where(table.c.entity.in_(positions)))
            self._connection.execute(schema.entities.delete().where(c.position.in_(positions)))
        return _sum(state for _, state in known)

    def _told_once(self, identifiers: list[str]) -> list[str]:
        """Those of these things that one record alone speaks of."""
        c = schema.records.c
        query = sa.select(c.entity).where(c.entity.in_(identifiers)).group_by(c.entity)
        return list(self._connection.scalars(query.having(sa.func.count() == 1)))

    def _merged(self, identifiers: list[str]) -> list[Entry[Any]]:
        return [e for chunk in chunks(identifiers) for e in merged(self._connection, chunk)]

    def _count_state(self, added: int) -> None:
        """Keep the sum of the passages' hashes: the same for the same passages in any order."""
        if added:
            total = int(setting(self._connection, "state") or "0", 16)
            keep_setting(self._connection, "state", f"{(total + added) % STATES:x}")


_Alone = Mapping[str, tuple[Searched | None, int | None]]
"""By thing: what is searched of it, and the document beside which it is packed, if any."""

_OF_ENTITY = (schema.establishments, schema.relations, schema.sentences, schema.passages)


def _sum(states: Iterable[bytes]) -> int:
    return sum(int.from_bytes(state, "big") for state in states)


def setting(connection: sa.Connection, name: str) -> str | None:
    """A value of the table of settings."""
    c = schema.settings.c
    return connection.scalar(sa.select(c.value).where(c.name == name))


def keep_setting(connection: sa.Connection, name: str, value: str) -> None:
    """Remember a value by its name."""
    table = schema.settings
    done = connection.execute(table.update().where(table.c.name == name).values(value=value))
    if done.rowcount == 0:
        connection.execute(table.insert().values(name=name, value=value))


def merged(connection: sa.Connection, identifiers: list[str]) -> list[Entry[Any]]:
    """What documents say of these things, united; those that nothing speaks of are left out."""
    d = schema.documents.c
    # The content of what is no part of an export may be large, and packs nothing.
    beside = (schema.contents.c.document == d.position) & d.part.is_not(None)
    rows = connection.execute(
        sa.select(schema.records.c.entity, schema.records.c.body, schema.contents.c.body, *ORIGIN)
        .join(schema.documents, schema.records.c.document == d.position)
        .outerjoin(schema.contents, beside)
        .where(schema.records.c.entity.in_(identifiers))
        .order_by(schema.records.c.position)
    )
    said: dict[str, list[tuple[bytes, Origin]]] = defaultdict(list)
    for entity, body, content, *columns in rows:
        told = unpack(body, zlib.decompress(content) if content else b"")
        said[entity].append((told, origin(columns)))
    entries: list[Entry[Any]] = []
    for entity in identifiers:
        if entity not in said:
            continue
        if entity.startswith(_NAMED_BY_CODE):
            entries.append(_merged_by_code(entity, said[entity]))
        elif entity.startswith("insertion:"):
            figures = [(msgspec.json.decode(told, type=Insertion), by) for told, by in said[entity]]
            entries.append(merge_insertion(entity, figures))
        elif entity.startswith("job:"):
            jobs = [(msgspec.json.decode(told, type=Job), by) for told, by in said[entity]]
            entries.append(merge_job(entity, jobs))
        else:
            entries.append(
                merge_certification(
                    entity,
                    [(msgspec.json.decode(x, type=Certification), by) for x, by in said[entity]],
                )
            )
    wanted = {i for e in entries if isinstance(e.record, Job) for i in references(e.record)}
    labels = titles_of(connection, sorted(wanted))
    return [
        replace(e, record=worded(e.record, labels)) if isinstance(e.record, Job) else e
        for e in entries
    ]


_NAMED_BY_CODE = ("rome:", "esco:", "formacode:")
_BY_CODE = ("involves", "cut_from", "moves_to", "moves_as")


def _merged_by_code(entity: str, said: list[tuple[bytes, Origin]]) -> Entry[Any]:
    """An entry of a nomenclature: an occupation, or a term. What documents say of it tells."""
    stated = [(msgspec.json.decode(told), by) for told, by in said]
    terms = [(msgspec.convert(s, Term), by) for s, by in stated if "scheme" in s]
    jobs = [(msgspec.convert(s, Job), by) for s, by in stated if "scheme" not in s]
    return merge_job(entity, jobs) if jobs else merge_term(entity, terms)


def titles_of(connection: sa.Connection, identifiers: list[str]) -> dict[str, str]:
    """Titles of these things, by id; those that have none are left out."""
    c = schema.entities.c
    found: dict[str, str] = {}
    for chunk in chunks(identifiers):
        query = sa.select(c.id, c.title).where(c.id.in_(chunk), c.title.is_not(None))
        found |= dict(connection.execute(query).all())
    return found
