"""The knowledge base on disk; the only SQL. SQLite by default, any SQLAlchemy address else.

Documents are kept compressed, and what each says is kept beside what they say together, so that
everything can be parsed and merged again.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from kb.config import Settings
from kb.errors import InvalidSetting, NotFound, UnreadableDocument
from kb.identity import certification_id, job_id, job_key, text_hash
from kb.merge import Difference, Entry, Origin, merge_certification, merge_job
from kb.model import Certification, Document, Job, Passage, Record, Relation, Remark
from kb.passages import passages_of, relations_of

SCHEMA = "1"

T = TypeVar("T", Certification, Job)

_meta = MetaData()
_settings = Table(
    "setting",
    _meta,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)
_documents = Table(
    "document",
    _meta,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("source", String, nullable=False),
    Column("authority", Integer, nullable=False),
    Column("publisher", String, nullable=False),
    Column("address", String, nullable=False),
    Column("dated", String(10)),
    Column("content", LargeBinary, nullable=False),
)
_remarks = Table(
    "remark",
    _meta,
    Column("document", ForeignKey("document.position", ondelete="CASCADE"), nullable=False),
    Column("place", String),
    Column("text", Text, nullable=False),
    Index("remark_document", "document"),
)
_records = Table(
    "record",
    _meta,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("entity", String, nullable=False, index=True),
    Column("document", ForeignKey("document.position", ondelete="CASCADE"), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("record_document", "document"),
)
_names = Table(
    # The keys by which a job is one: its main title, its official code.
    "job_name",
    _meta,
    Column("name", String, primary_key=True),
    Column("entity", String, nullable=False),
)
_entities = Table(
    "entity",
    _meta,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False, index=True),
    Column("title", String),
    Column("level", Integer),
    Column("active", Integer),
    Column("body", LargeBinary, nullable=False),
)
_passages = Table(
    "passage",
    _meta,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("entity", ForeignKey("entity.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("block", String),
    Column("text", Text, nullable=False),
    Column("text_hash", String(10), nullable=False, index=True),
)
_relations = Table(
    "relation",
    _meta,
    Column("kind", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("target", String, primary_key=True, index=True),
    Column("entity", ForeignKey("entity.id", ondelete="CASCADE"), nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of one document: ids of the things it speaks of, and all remarks."""

    document: str
    source: str
    entities: tuple[str, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the knowledge base holds. dated: the newest document's date."""

    documents: int
    certifications: int
    jobs: int
    competencies: int
    sources: tuple[str, ...]
    dated: date | None


def _pack(value: object) -> bytes:
    return zlib.compress(msgspec.json.encode(value), 6)


class Store:
    """The knowledge base; readers see all of a document or nothing of it."""

    def __init__(self, address: str) -> None:
        """Open, and make what is missing.

        Raises:
            InvalidSetting: an address that SQLAlchemy does not know, or an unwritable place.
            UnreadableDocument: a database of another format.
        """
        try:
            url = sa.make_url(address)
            if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(url)
            if url.get_backend_name() == "sqlite":
                sa.event.listen(self._engine, "connect", _tune_sqlite)
            with self._engine.begin() as connection:
                _meta.create_all(connection)
                schema = self._setting(connection, "schema")
                if schema is None:
                    connection.execute(_settings.insert().values(name="schema", value=SCHEMA))
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, OSError) as error:
            raise InvalidSetting(
                f"cannot use the database {address!r}: {error}",
                "Set PASSERELLE_HOME to a folder that you may write to.",
            ) from error
        except sa.exc.DatabaseError as error:
            raise UnreadableDocument(
                f"the database {address!r} cannot be opened: {error.orig}",
                "Move it away, or set PASSERELLE_HOME to another folder.",
            ) from error
        if schema not in (None, SCHEMA):
            raise UnreadableDocument(
                f"the database has format {schema}, this version reads format {SCHEMA}",
                "Set PASSERELLE_HOME to another folder and ingest the documents again.",
            )

    @classmethod
    def open(cls, settings: Settings) -> Store:
        return cls(settings.database_url)

    def close(self) -> None:
        self._engine.dispose()

    # ---- writing ----

    def ingest(
        self,
        document: Document,
        records: Iterable[Record],
        *,
        source: str,
        authority: int,
        publisher: str,
    ) -> Ingested:
        """Keep a document and what it says; one transaction, idempotent by the document's hash.

        Whatever `records` raises leaves the knowledge base as it was.
        """
        with self._engine.begin() as connection:
            return self._ingest(connection, document, records, source, authority, publisher)

    def rebuild(
        self, parse: Callable[[Document, str], tuple[Iterable[Record], int, str]]
    ) -> list[Ingested]:
        """Parse every kept document again, in the order in which they came; one transaction.

        Args:
            parse: (document, source) -> (records, authority, publisher).
        """
        with self._engine.begin() as connection:
            for table in (_relations, _passages, _entities, _names):
                connection.execute(table.delete())
            connection.execute(_records.delete())
            self._set(connection, "state", "0")
            kept = connection.execute(
                sa.select(_documents.c.sha256, _documents.c.source).order_by(_documents.c.position)
            ).all()
            done = []
            for sha256, source in kept:
                document = self._document(connection, sha256)
                records, authority, publisher = parse(document, source)
                done.append(
                    self._ingest(connection, document, records, source, authority, publisher)
                )
            return done

    def _ingest(
        self,
        connection: sa.Connection,
        document: Document,
        records: Iterable[Record],
        source: str,
        authority: int,
        publisher: str,
    ) -> Ingested:
        position = self._keep(connection, document, source, authority, publisher)
        touched = dict.fromkeys(
            connection.scalars(sa.select(_records.c.entity).where(_records.c.document == position))
        )
        connection.execute(_records.delete().where(_records.c.document == position))
        connection.execute(_remarks.delete().where(_remarks.c.document == position))
        remarks: list[Remark] = []
        own: list[Remark] = []
        stated: dict[str, None] = {}
        for record in records:
            if isinstance(record, Remark):
                own.append(record)
                remarks.append(record)
                continue
            entity = self._identify(connection, record)
            connection.execute(
                _records.insert().values(entity=entity, document=position, body=_pack(record))
            )
            remarks += record.warnings
            stated[entity] = None
        if own:
            rows = [{"document": position, "place": r.place, "text": r.text} for r in own]
            connection.execute(_remarks.insert(), rows)
        for entity in {**touched, **stated}:
            self._refresh(connection, entity)
        return Ingested(document.name, source, tuple(stated), tuple(remarks))

    def _keep(
        self,
        connection: sa.Connection,
        document: Document,
        source: str,
        authority: int,
        publisher: str,
    ) -> int:
        values = {
            "source": source,
            "authority": authority,
            "publisher": publisher,
            "address": document.address,
            "dated": document.dated.isoformat() if document.dated else None,
        }
        sha256 = document.sha256
        position = connection.scalar(
            sa.select(_documents.c.position).where(_documents.c.sha256 == sha256)
        )
        if position is not None:
            connection.execute(
                _documents.update().where(_documents.c.position == position).values(values)
            )
            return int(position)
        result = connection.execute(
            _documents.insert().values(
                sha256=sha256, content=zlib.compress(document.content, 6), **values
            )
        )
        assert result.inserted_primary_key is not None
        return int(result.inserted_primary_key[0])

    def _identify(self, connection: sa.Connection, record: Certification | Job) -> str:
        """The id of the thing a record speaks of. Jobs are one by main title or official code."""
        if isinstance(record, Certification):
            return certification_id(record.number, record.title)
        keys = [f"title {job_key(record.title)}"]
        if record.code:
            keys.append(f"code {record.code}")
        known = list(
            dict.fromkeys(
                connection.scalars(sa.select(_names.c.entity).where(_names.c.name.in_(keys)))
            )
        )
        entity = min(known) if known else job_id(record.title)
        for other in known:
            if other != entity:  # the title names one job, the code another: they are one
                connection.execute(
                    _records.update().where(_records.c.entity == other).values(entity=entity)
                )
                connection.execute(
                    _names.update().where(_names.c.entity == other).values(entity=entity)
                )
                self._refresh(connection, other)
        for key in keys:
            if connection.scalar(sa.select(_names.c.entity).where(_names.c.name == key)) is None:
                connection.execute(_names.insert().values(name=key, entity=entity))
        return entity

    def _refresh(self, connection: sa.Connection, entity: str) -> None:
        """Merge one thing again from what documents say of it."""
        kind = Job if entity.startswith("job:") else Certification
        rows = connection.execute(
            sa.select(_records.c.body, *_ORIGIN)
            .join(_documents, _records.c.document == _documents.c.position)
            .where(_records.c.entity == entity)
            .order_by(_records.c.position)
        ).all()
        statements = [
            (msgspec.json.decode(zlib.decompress(row[0]), type=kind), _origin(row[1:]))
            for row in rows
        ]
        old = {
            row.id: row.text
            for row in connection.execute(
                sa.select(_passages.c.id, _passages.c.text).where(_passages.c.entity == entity)
            )
        }
        connection.execute(_relations.delete().where(_relations.c.entity == entity))
        connection.execute(_passages.delete().where(_passages.c.entity == entity))
        connection.execute(_entities.delete().where(_entities.c.id == entity))
        passages: list[Passage] = []
        if statements:
            merge: Callable[..., Entry[Any]] = merge_job if kind is Job else merge_certification
            entry = merge(entity, statements)
            passages = list(passages_of(entry))
            self._write(connection, entry, passages)
        self._count_state(connection, old, {p.id: p.text for p in passages})

    def _write(self, connection: sa.Connection, entry: Entry[Any], passages: list[Passage]) -> None:
        record = entry.record
        is_job = isinstance(record, Job)
        body = {
            "record": record,
            "documents": entry.documents,
            "differences": entry.differences,
        }
        connection.execute(
            _entities.insert().values(
                id=entry.id,
                kind="job" if is_job else "certification",
                title=record.title,
                level=None if is_job else record.level,
                active=None if is_job else record.active,
                body=_pack(body),
            )
        )
        if passages:
            connection.execute(
                _passages.insert(),
                [
                    {
                        "id": p.id,
                        "kind": p.kind,
                        "entity": p.entity,
                        "block": p.block,
                        "text": p.text,
                        "text_hash": text_hash(p.text),
                    }
                    for p in passages
                ],
            )
        edges = {(r.kind, r.source, r.target) for r in relations_of(entry)}
        held = (
            set(
                connection.execute(
                    sa.select(_relations.c.kind, _relations.c.source, _relations.c.target).where(
                        _relations.c.source.in_({source for _, source, _ in edges})
                    )
                )
            )
            if edges
            else set()
        )
        if edges - held:
            connection.execute(
                _relations.insert(),
                [
                    {"kind": k, "source": s, "target": t, "entity": entry.id}
                    for k, s, t in sorted(edges - held)
                ],
            )

    def _count_state(
        self, connection: sa.Connection, old: dict[str, str], new: dict[str, str]
    ) -> None:
        """Keep the sum of the passages' hashes: the same for the same passages in any order."""
        gone, come = old.items() - new.items(), new.items() - old.items()
        if not gone and not come:
            return
        total = int(self._setting(connection, "state") or "0", 16)
        for sign, items in ((-1, gone), (1, come)):
            for identifier, text in items:
                digest = hashlib.sha256(f"{identifier}\0{text}".encode()).digest()[:16]
                total += sign * int.from_bytes(digest, "big")
        self._set(connection, "state", f"{total % 2**128:x}")

    @staticmethod
    def _setting(connection: sa.Connection, name: str) -> str | None:
        return connection.scalar(sa.select(_settings.c.value).where(_settings.c.name == name))

    def _set(self, connection: sa.Connection, name: str, value: str) -> None:
        done = connection.execute(
            _settings.update().where(_settings.c.name == name).values(value=value)
        )
        if done.rowcount == 0:
            connection.execute(_settings.insert().values(name=name, value=value))

    # ---- reading ----

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._engine.connect() as connection:
            yield connection

    def state(self) -> str:
        """A hash of all passages; changes when, and only when, one of them does."""
        with self._reading() as connection:
            return self._setting(connection, "state") or "0"

    def passages(self) -> list[Passage]:
        """All passages, by id."""
        columns = [_passages.c[n] for n in ("id", "kind", "entity", "text", "block")]
        with self._reading() as connection:
            rows = connection.execute(sa.select(*columns).order_by(_passages.c.id))
            return [Passage(*row) for row in rows]

    def certification(self, identifier: str) -> Entry[Certification]:
        """By id (`rncp:RNCP41308`) or number (`RNCP41308`, in any case).

        Raises:
            NotFound: the knowledge base holds no such certification.
        """
        if ":" not in identifier:
            identifier = certification_id(identifier.upper(), None)
        return self._entry(identifier, Certification)

    def job(self, identifier: str) -> Entry[Job]:
        """By id (`job:office-manager`), slug or title.

        Raises:
            NotFound: the knowledge base holds no such job.
        """
        if not identifier.startswith("job:"):
            identifier = job_id(identifier)
        return self._entry(identifier, Job)

    def entry(self, identifier: str) -> Entry[Certification] | Entry[Job]:
        """By any identifier that `show` takes."""
        if identifier.startswith("job:"):
            return self.job(identifier)
        return self.certification(identifier)

    def _entry(self, identifier: str, kind: type[T]) -> Entry[T]:
        with self._reading() as connection:
            body = connection.scalar(
                sa.select(_entities.c.body).where(_entities.c.id == identifier)
            )
        if body is None:
            raise NotFound(
                f"the knowledge base holds no {identifier}",
                "Look for it with: passerelle search, or ingest a document that describes it.",
            )
        kept = msgspec.json.decode(zlib.decompress(body))
        return Entry(
            identifier,
            msgspec.convert(kept["record"], kind),
            msgspec.convert(kept["documents"], tuple[Origin, ...]),
            msgspec.convert(kept["differences"], tuple[Difference, ...]),
        )

    def certifications(self) -> Iterator[Entry[Certification]]:
        """Every certification, by id."""
        for identifier in self._ids("certification"):
            yield self._entry(identifier, Certification)

    def jobs(self) -> Iterator[Entry[Job]]:
        """Every job, by id."""
        for identifier in self._ids("job"):
            yield self._entry(identifier, Job)

    def _ids(self, kind: str) -> list[str]:
        with self._reading() as connection:
            return list(
                connection.scalars(
                    sa.select(_entities.c.id)
                    .where(_entities.c.kind == kind)
                    .order_by(_entities.c.id)
                )
            )

    def titles(self) -> dict[str, str | None]:
        """Title of every certification and job, by id."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(_entities.c.id, _entities.c.title))
            return dict(rows.all())

    def relations(self, *, source: str | None = None, target: str | None = None) -> list[Relation]:
        """Edges from `source`, to `target`, or both; in a fixed order."""
        query = sa.select(_relations.c.kind, _relations.c.source, _relations.c.target)
        if source is not None:
            query = query.where(_relations.c.source == source)
        if target is not None:
            query = query.where(_relations.c.target == target)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(*query.selected_columns))
            return [Relation(*row) for row in rows]

    def same_text(self, competency: str) -> list[str]:
        """Ids of competences of other certifications with the same sentence."""
        other = _passages.alias()
        query = (
            sa.select(other.c.id)
            .join(_passages, _passages.c.text_hash == other.c.text_hash)
            .where(
                _passages.c.id == competency,
                other.c.kind == "competency",
                other.c.entity != _passages.c.entity,
            )
            .order_by(other.c.id)
        )
        with self._reading() as connection:
            return list(connection.scalars(query))

    def origins(self) -> list[Origin]:
        """Every document, in the order in which they came."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(*_ORIGIN).order_by(_documents.c.position))
            return [_origin(row) for row in rows]

    def document(self, sha256: str) -> Document:
        """A document as it was read.

        Raises:
            NotFound: no document has that hash.
        """
        with self._reading() as connection:
            return self._document(connection, sha256)

    @staticmethod
    def _document(connection: sa.Connection, sha256: str) -> Document:
        row = connection.execute(
            sa.select(_documents.c.content, _documents.c.address, _documents.c.dated).where(
                _documents.c.sha256 == sha256
            )
        ).first()
        if row is None:
            raise NotFound(f"no document has the hash {sha256}", "List them: passerelle sources.")
        dated = date.fromisoformat(row.dated) if row.dated else None
        return Document(zlib.decompress(row.content), row.address, dated)

    def summary(self) -> Summary:
        """Counts, sources and date of what is held."""
        with self._reading() as connection:
            count = connection.scalar
            kinds: dict[str, int] = dict(
                connection.execute(
                    sa.select(_entities.c.kind, sa.func.count()).group_by(_entities.c.kind)
                ).all()
            )
            competencies = count(sa.select(sa.func.count()).where(_passages.c.kind == "competency"))
            rows = connection.execute(sa.select(_documents.c.publisher, _documents.c.dated)).all()
        dates = [date.fromisoformat(row.dated) for row in rows if row.dated]
        return Summary(
            documents=len(rows),
            certifications=kinds.get("certification", 0),
            jobs=kinds.get("job", 0),
            competencies=competencies or 0,
            sources=tuple(sorted({row.publisher for row in rows})),
            dated=max(dates, default=None),
        )


_ORIGIN = [
    _documents.c[name]
    for name in ("sha256", "source", "address", "publisher", "authority", "dated")
]


def _origin(row: Any) -> Origin:
    sha256, source, address, publisher, authority, dated = row
    day = date.fromisoformat(dated) if dated else None
    return Origin(sha256, source, address, publisher, authority, day)


def _tune_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
