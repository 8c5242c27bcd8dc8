"""The knowledge base on disk. SQLite by default, any SQLAlchemy address else.

Documents are kept compressed, and beside them what each says, so that everything can be parsed
and merged again. SQL stands here, in `kb.schema` and in `kb.writing`, and nowhere else.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import msgspec
import sqlalchemy as sa

from kb import schema
from kb.config import Settings
from kb.errors import InvalidSetting, NotFound, UnreadableDocument, WriteFailed
from kb.history import Change
from kb.identity import (
    certification_id,
    insertion_id,
    job_id,
    name_id,
    nomenclature_id,
    text_key,
)
from kb.merge import Entry, Origin
from kb.model import (
    Certification,
    Code,
    Document,
    Insertion,
    Job,
    Passage,
    Record,
    RegulatedOccupation,
    Relation,
    Remark,
    Standing,
    Term,
)
from kb.prepared import Reading, Staged, unpack_passages
from kb.register import SharedTexts
from kb.writing import (
    ORIGIN,
    Ingested,
    Writer,
    chunks,
    keep_setting,
    merged,
    origin,
    parse_day,
    setting,
    titles_of,
)

__all__ = ["Entry", "Ingested", "Reading", "Store", "Summary"]

T = TypeVar("T")

CACHE_KB = 64 * 1024
"""Pages that SQLite keeps in memory: the keys of the passages come in no order."""
BATCH = 200
"""Documents whose records are held at once while many are ingested."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the knowledge base holds. dated: the newest document's date."""

    documents: int
    certifications: int
    jobs: int
    competencies: int
    sources: tuple[str, ...]
    dated: date | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Sheets of a register, and those of them that are active."""

    sheets: int
    active: int


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What an export brought. entities: ids of its sheets; changed: those new or changed;
    left_out: number of sheets in which nothing could be read. unlisted: numbers of the same
    registers that are held, and that it does not list; of a part of a register, nearly all."""

    source: str
    entities: tuple[str, ...]
    left_out: int
    changed: tuple[str, ...]
    remarks: tuple[Remark, ...]
    unlisted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a nomenclature brought, table by table; none where nothing changed. retired: tables of
    the last delivery that are told no longer."""

    tables: tuple[Ingested, ...]
    retired: int


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What is remembered of a delivery. documents: hashes of its tables."""

    entries: int = 0
    documents: list[str] = field(default_factory=list)


Check = Callable[[dict[str, Counts], dict[str, Counts]], None]
"""(counts by register before, the same of an export) raises what refuses the export."""
Progress = Callable[[str, int, int | None], None]
"""("reading", bytes of the export that were read, None), then ("writing", sheets, of so many)."""


class Store:
    """The knowledge base; readers see all of a document or nothing of it."""

    def __init__(self, address: str) -> None:
        """Open, and make what is missing.

        Raises:
            InvalidSetting: an address that SQLAlchemy does not know, or an unwritable place.
            UnreadableDocument: a database of another format.
        """
        self._counted: dict[str, tuple[str | None, Any]] = {}
        try:
            url = sa.make_url(address)
            if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(url)
            if url.get_backend_name() == "sqlite":
                sa.event.listen(self._engine, "connect", _tune_sqlite)
            with self._engine.begin() as connection:
                schema.metadata.create_all(connection)
                version = setting(connection, "schema")
                if version is None:
                    keep_setting(connection, "schema", schema.SCHEMA)
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
        if version not in (None, schema.SCHEMA):
            raise UnreadableDocument(
                f"the database has format {version}, this version reads format {schema.SCHEMA}",
                "Set PASSERELLE_HOME to another folder and ingest the documents again.",
            )

    @classmethod
    def open(cls, settings: Settings) -> Store:
        return cls(settings.database_url)

    def close(self) -> None:
        self._engine.dispose()

    # ---- writing ----

    @contextmanager
    def _writing(self, visible: bool = True) -> Iterator[sa.Connection]:
        """One transaction. visible: what it writes is seen by readers."""
        try:
            with self._engine.begin() as connection:
                yield connection
                if visible:
                    keep_setting(connection, "written", uuid4().hex)
        except sa.exc.OperationalError as error:
            raise WriteFailed(
                f"the knowledge base cannot be written: {error.orig}",
                "Make room on the disk and let other ingestions end, then give the same command "
                "again: it goes on from there.",
            ) from error

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
        (done,) = self.ingest_all([Reading(document, records, source, authority, publisher)])
        return done

    def ingest_all(self, readings: Iterable[Reading]) -> list[Ingested]:
        """The same for many documents, all of them or, whatever goes wrong, none."""
        done = []
        with self._writing() as connection:
            writer = Writer(connection)
            for batch in chunks(readings, BATCH):
                done += writer.ingest(batch)
        return done

    def refresh(
        self,
        export: Document,
        parts: Iterable[tuple[str, Document] | Remark],
        read: Callable[[Iterable[tuple[str, Document]]], Iterable[Reading | Staged]],
        *,
        source: str,
        publisher: str,
        check: Check | None = None,
        progress: Progress | None = None,
    ) -> Refreshed:
        """Take an export sheet by sheet: only those that changed are parsed; all or nothing.

        Readers see the old state until it is done. Sheets that the export leaves out are kept.
        What was read is laid by batch by batch: after an interruption, or a refusal, the next run
        parses only the rest.

        Args:
            export: what is remembered of it; its bytes are not kept, those of its parts are.
            parts: (number, document) of each sheet, or a Remark for one that was left out.
            read: parses the sheets that are new or changed, in their order.
            check: see `Check`. progress: see `Progress`.
        Raises:
            WriteFailed: no room is left, or another process writes; nothing is lost.
            What `check`, `parts` and `read` raise.
        """
        c = schema.documents.c
        remarks: list[Remark] = []
        done: list[Ingested] = []
        unchanged: list[str] = []
        numbers: dict[str, None] = {}
        wanted: dict[str, str] = {}
        with self._engine.connect() as connection:
            current = sa.select(c.sha256, c.part).where(c.source == source, c.current == 1)
            held = connection.execute(current.where(c.part.is_not(None))).all()
            known = {sha256 for sha256, _ in held}
            s = schema.staged.c
            staged = set(connection.scalars(sa.select(s.sha256).where(s.source == source)))

        def unread() -> Iterator[tuple[str, Document]]:
            size = 0
            for part in parts:
                if isinstance(part, Remark):
                    remarks.append(part)
                    continue
                number, document = part
                numbers[number] = None
                sha256 = document.sha256
                size += len(document.content)
                if progress is not None:
                    progress("reading", size, None)
                if sha256 in known:
                    unchanged.append(sha256)
                elif sha256 not in wanted:
                    wanted[sha256] = document.address
                    if sha256 not in staged:
                        yield part

        for batch in chunks(read(unread()), BATCH):
            with self._writing(visible=False) as connection:
                Writer(connection).stage(batch, source)
        with self._writing() as connection:
            before = _counts(connection)
            writer = Writer(connection)
            for some in chunks(wanted.items(), BATCH):
                done += writer.ingest_staged(some, export.dated)
                if progress is not None:
                    progress("writing", len(done), len(wanted))
            writer.forget_staged(source)
            writer.seen(unchanged, export.address, export.dated)
            writer.exported(export, source, publisher, len(numbers))
            if check is not None:
                check(before, _counts(connection, set(numbers)))
        self._shrink()
        empty = {each.document.rpartition("#")[2] for each in done if not each.entities}
        without_number = len(remarks)
        remarks += [remark for each in done for remark in each.remarks]
        registers = {_register(number) for number in numbers}
        lost = {part for _, part in held if part not in numbers and _register(part) in registers}
        return Refreshed(
            source=source,
            unlisted=tuple(sorted(lost)),
            entities=tuple(certification_id(n, None) for n in numbers if n not in empty),
            left_out=len(empty) + without_number,
            changed=tuple(entity for each in done for entity in each.entities),
            remarks=tuple(remarks),
        )

    def deliver(
        self,
        readings: Sequence[Reading],
        check: Callable[[int, int], None] | None = None,
    ) -> Delivered:
        """Take all tables of a nomenclature, or of a register, at once; all or nothing.

        What the last delivery of a source held and this one does not is told no longer.

        Args:
            check: (certifications, else occupations, else terms, of a source's last delivery, of
                this one) raises what refuses it.
        """
        retired: list[str] = []
        with self._writing() as connection:
            last = {each.source: _last_delivery(connection, each.source) for each in readings}
            new: dict[str, list[str]] = {source: [] for source in last}
            for each in readings:
                new[each.source].append(each.document.sha256)
            if all(set(new[source]) == set(last[source].documents) for source in new):
                return Delivered((), 0)
            writer = Writer(connection)
            done = [each for batch in chunks(readings, BATCH) for each in writer.ingest(batch)]
            for source, sha256s in new.items():
                retired += set(last[source].documents) - set(sha256s)
                told = {i for each in done if each.source == source for i in each.entities}
                entries = _entries_of(connection, told)
                if check is not None:
                    check(last[source].entries, entries)
                kept = msgspec.json.encode(_Delivery(entries, sha256s)).decode()
                keep_setting(connection, f"delivery {source}", kept)
            writer.retire(sorted(retired))
        return Delivered(tuple(done), len(retired))

    def _shrink(self) -> None:
        """Give the room back that sheets took while they were laid by."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                # Executed as a statement, it would free one page.
                cursor: Any = connection.connection.cursor()
                cursor.executescript("PRAGMA incremental_vacuum")

    def rebuild(self, read: Callable[[Document, str], Reading]) -> list[Ingested]:
        """Parse every kept document again, in the order in which they came; one transaction.

        Args:
            read: (document, name of its source) -> what that source reads in it now.
        """
        c = schema.documents.c
        done = []
        with self._writing() as connection:
            writer = Writer(connection)
            writer.clear()
            query = sa.select(c.sha256, c.source, c.part).where(c.current == 1)
            kept = connection.execute(query.order_by(c.position)).all()
            readings = (
                replace(read(_document(connection, sha256), source), part=part)
                for sha256, source, part in kept
            )
            for batch in chunks(readings, BATCH):
                done += writer.ingest(batch)
        return done

    # ---- reading ----

    def state(self) -> str:
        """A hash of all passages; changes when, and only when, one of them does."""
        with self._engine.connect() as connection:
            return setting(connection, "state") or "0"

    def passages(self) -> list[Passage]:
        """All passages, by id."""
        return sorted(self.each_passage(self.states()), key=lambda passage: passage.id)

    def states(self) -> dict[str, bytes]:
        """By thing, a hash of its passages; changes when, and only when, one of them does."""
        c = schema.entities.c
        with self._engine.connect() as connection:
            return dict(connection.execute(sa.select(c.id, c.state)).all())

    def each_passage(self, entities: Iterable[str]) -> Iterator[Passage]:
        """Passages of these things, those of one together; read as they are taken."""
        with self._engine.connect() as connection:
            for passage, _ in _passages(connection, entities):
                yield passage

    def certification(self, identifier: str) -> Entry[Certification]:
        """By id (`rncp:RNCP41308`) or number (`RNCP41308`, in any case).

        Raises:
            NotFound: the knowledge base holds no such certification.
        """
        if ":" not in identifier:
            identifier = certification_id(identifier.upper(), None)
        entry = self._entry(identifier)
        if not isinstance(entry.record, Certification):
            raise _not_held(identifier)
        return entry

    def job(self, identifier: str) -> Entry[Job]:
        """By id (`job:office-manager`, `rome:M1604`), slug or title.

        Raises:
            NotFound: the knowledge base holds no such job.
        """
        scheme, _, code = identifier.partition(":")
        if scheme in ("rome", "esco") and code:
            identifier = nomenclature_id(scheme, code)
        elif scheme != "job":
            identifier = job_id(identifier)
        entry = self._entry(identifier)
        if not isinstance(entry.record, Job):
            raise _not_held(identifier)
        return entry

    def entry(
        self, identifier: str
    ) -> Entry[Certification] | Entry[Job] | Entry[Term] | Entry[Insertion]:
        """By any identifier that `show` takes."""
        scheme, _, code = identifier.partition(":")
        if scheme == "job":
            return self.job(identifier)
        if scheme in ("rome", "esco", "formacode", "insertion"):
            return self._entry(nomenclature_id(scheme, code))
        return self.certification(identifier)

    def regulated(self, codes: Iterable[str]) -> list[RegulatedOccupation]:
        """Regulated occupations among these ROME codes, and among the codes cut from them."""
        named = {nomenclature_id("rome", code): code for code in codes}
        with self._engine.connect() as connection:
            entries: dict[str, tuple[Entry[Any], str | None]] = {}
            for entry in merged(connection, list(named)):
                entries[entry.id] = entry, None
            for identifier, code in named.items():
                for entry in merged(connection, _cut_from(connection, identifier)):
                    entries.setdefault(entry.id, (entry, code))
        return [
            RegulatedOccupation(job.code or "", job.title, job.access, via)
            for job, via in ((entry.record, via) for entry, via in entries.values())
            if isinstance(job, Job) and job.regulated
        ]

    def insertion(self, record: Certification) -> Entry[Insertion] | None:
        """Figures of the diploma of this kind, title and level; None where none are held."""
        told = record.abbreviation
        for diploma in (told.label, told.code) if told else ():
            key = insertion_id(diploma, record.title, record.level)
            if key is not None:
                with self._engine.connect() as connection:
                    return next(iter(merged(connection, [key])), None)
        return None

    def unknown_codes(self) -> dict[str, int]:
        """ROME codes that no table of ROME has -> number of certifications and jobs that bear it,
        the most frequent first; {} where no table of ROME is held."""
        e, r = schema.entities.c, schema.relations.c
        borne = r.kind.in_(("leads_to", "filed_under")) & r.target.startswith("rome:")
        held = sa.select(e.id).where(e.kind == "job", e.id.startswith("rome:"))
        times = sa.func.count(r.entity.distinct())
        query = sa.select(r.target, times).where(borne, r.target.not_in(held)).group_by(r.target)
        with self._engine.connect() as connection:
            if connection.scalar(held.limit(1)) is None:
                return {}
            rows = connection.execute(query.order_by(times.desc(), r.target))
            return {target.partition(":")[2]: count for target, count in rows}

    def titles_of(self, identifiers: Iterable[str]) -> dict[str, str]:
        """Titles of these things, by id; those that have none are left out."""
        with self._engine.connect() as connection:
            return titles_of(connection, list(identifiers))

    def newer_codes(self, identifier: str) -> list[str]:
        """Ids of the occupations that a newer version cut from this one."""
        with self._engine.connect() as connection:
            return _cut_from(connection, identifier)

    def newer_descriptors(self, codes: Iterable[Code]) -> dict[str, Code]:
        """By code of an older version of Formacode, the descriptor that is called so today.

        By its label, else by a synonym that one descriptor alone has. Codes of the version that
        is held, and labels that it does not know, are left out.
        """
        listed = {nomenclature_id("formacode", code.code): code for code in codes}
        c, e = schema.relations.c, schema.entities.c
        found: dict[str, Code] = {}
        with self._engine.connect() as connection:
            held = titles_of(connection, list(listed))
            for identifier, code in listed.items():
                if identifier in held or not code.label:
                    continue
                query = sa.select(e.id, e.title).join(schema.relations)
                query = query.where(c.target == name_id("formacode", code.label))
                query = query.where(c.kind == "also_called")
                named: dict[str, str] = dict(connection.execute(query).all())
                same = [i for i, title in named.items() if text_key(title) == text_key(code.label)]
                now = same or list(named)
                if len(now) == 1:
                    found[code.code] = Code(now[0].partition(":")[2], named[now[0]])
        return found

    def _entry(self, identifier: str) -> Entry[Any]:
        with self._engine.connect() as connection:
            entries = merged(connection, [identifier])
        if not entries:
            raise _not_held(identifier)
        return entries[0]

    def certifications(self) -> Iterator[Entry[Certification]]:
        """Every certification, by id."""
        return self._entries("certification")

    def jobs(self) -> Iterator[Entry[Job]]:
        """Every job, by id."""
        return self._entries("job")

    def _entries(self, kind: str) -> Iterator[Entry[Any]]:
        c = schema.entities.c
        with self._engine.connect() as connection:
            query = sa.select(c.id).where(c.kind == kind).order_by(c.id)
            for batch in chunks(connection.scalars(query), BATCH):
                yield from merged(connection, batch)

    def titles(self) -> dict[str, str | None]:
        """Title of every certification and job, by id."""
        c = schema.entities.c
        with self._engine.connect() as connection:
            return dict(connection.execute(sa.select(c.id, c.title)).all())

    def relations(self, *, source: str | None = None, target: str | None = None) -> list[Relation]:
        """Edges from `source`, to `target`, or both; in a fixed order."""
        c, e = schema.relations.c, schema.entities.c
        own = sa.func.coalesce(c.source, e.id).label("source")
        query = sa.select(c.kind, own, c.target).join(schema.entities).distinct()
        if source is not None:
            named = sa.select(e.position).where(e.id == source).scalar_subquery()
            query = query.where(((c.entity == named) & c.source.is_(None)) | (c.source == source))
        if target is not None:
            query = query.where(c.target == target)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(c.kind, own, c.target))
            return [Relation(*row) for row in rows]

    def same_text(self, competency: str) -> list[str]:
        """Ids of competences of other certifications with the same sentence."""
        # The id of a competency begins with that of its certification.
        parts = competency.split("/")
        owners = ["/".join(parts[:n]) for n in range(1, len(parts))]
        with self._engine.connect() as connection:
            mine = [(p.entity, s) for p, s in _passages(connection, owners) if p.id == competency]
            return sorted(
                passage.id
                for entity, sentence in mine
                for passage, other in _passages(connection, _listing(connection, {sentence}))
                if other == sentence and passage.entity != entity
            )

    def found(self, identifiers: Iterable[str]) -> dict[str, Entry[Certification]]:
        """The certifications among these that are held, by id."""
        listed = dict.fromkeys(identifiers)
        with self._engine.connect() as connection:
            return {
                entry.id: entry
                for batch in chunks(listed, BATCH)
                for entry in merged(connection, batch)
                if isinstance(entry.record, Certification)
            }

    def of_siret(self, siret: str) -> list[str]:
        """Ids of the certifications that name this establishment as certifier or partner."""
        c, e = schema.establishments.c, schema.entities.c
        if not siret.isdecimal():
            return []
        query = sa.select(e.id).join(schema.establishments).where(c.siret == int(siret))
        query = query.order_by(e.id)
        with self._engine.connect() as connection:
            return list(connection.scalars(query))

    def shared_texts(self, certification: str) -> list[SharedTexts]:
        """Blocks of other certifications that word competences as this one's blocks do."""
        with self._engine.connect() as connection:
            own = _by_block(_passages(connection, [certification])).get(certification, {})
            alike = _listing(connection, {each for block in own.values() for each in block})
            others = _by_block(_passages(connection, alike))
        others.pop(certification, None)
        return [
            SharedTexts(block, entity, to_block, n, n, len(mine), len(theirs))
            for block, mine in _in_order(own)
            for entity, blocks in sorted(others.items())
            for to_block, theirs in _in_order(blocks)
            if (n := len(mine & theirs))
        ]

    def origins(self) -> list[Origin]:
        """Every document but the sheets of exports, in the order in which they came."""
        c = schema.documents.c
        with self._engine.connect() as connection:
            query = sa.select(*ORIGIN).where(c.part.is_(None), c.current == 1)
            query = query.order_by(c.position)
            return [origin(row) for row in connection.execute(query)]

    def exports(self) -> list[tuple[Origin, int]]:
        """Every export that was read and the number of its sheets, by day."""
        c = schema.exports.c
        authority = sa.literal(0)
        query = sa.select(
            c.sha256, c.source, c.address, c.publisher, authority, c.dated, c.parts
        ).order_by(c.dated, c.address)
        with self._engine.connect() as connection:
            return [(origin(row[:-1]), row[-1]) for row in connection.execute(query)]

    def changes(self, *, since: date | None = None, entity: str | None = None) -> list[Change]:
        """What changed in the register, oldest first."""
        c = schema.changes.c
        query = sa.select(c.day, c.entity, c.kind, c.field, c.before, c.after)
        if since is not None:
            query = query.where(c.day >= since.isoformat())
        if entity is not None:
            query = query.where(c.entity == entity)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(c.day, c.position))
            return [Change(date.fromisoformat(day), *rest) for day, *rest in rows]

    def document(self, sha256: str) -> Document:
        """A document as it was read.

        Raises:
            NotFound: no document has that hash.
        """
        with self._engine.connect() as connection:
            return _document(connection, sha256)

    def summary(self) -> Summary:
        """Counts, sources and date of what is held."""
        return self._since_written("summary", _summary)

    def standings(self) -> Mapping[str, Standing]:
        """State and level of each certification, by id; the same object until something is
        written."""
        return self._since_written("standings", _standings)

    def _since_written(self, name: str, read: Callable[[sa.Connection], T]) -> T:
        """What `read` tells, read again after each write."""
        with self._engine.connect() as connection:
            # Asked first: what is written meanwhile is read again, never missed.
            written = setting(connection, "written")
            held = self._counted.get(name)
            if held is None or held[0] != written:
                held = self._counted[name] = written, read(connection)
            found: T = held[1]
            return found


def _standings(connection: sa.Connection) -> Mapping[str, Standing]:
    c = schema.entities.c
    query = sa.select(c.id, c.active, c.level).where(c.kind == "certification")
    return {
        identifier: Standing(None if active is None else bool(active), level)
        for identifier, active, level in connection.execute(query)
    }


def _summary(connection: sa.Connection) -> Summary:
    d, e = schema.documents.c, schema.entities.c
    count = sa.func.count()
    kinds: dict[str, int] = dict(
        connection.execute(sa.select(e.kind, count).group_by(e.kind)).all()
    )
    competencies = connection.scalar(sa.select(sa.func.sum(e.competencies)))
    documents, dated = connection.execute(sa.select(count, sa.func.max(d.dated))).one()
    sources = connection.scalars(sa.select(d.publisher).distinct().order_by(d.publisher))
    return Summary(
        documents=documents,
        certifications=kinds.get("certification", 0),
        jobs=kinds.get("job", 0),
        competencies=competencies or 0,
        sources=tuple(sources),
        dated=parse_day(dated),
    )


def _not_held(identifier: str) -> NotFound:
    return NotFound(
        f"the knowledge base holds no {identifier}",
        "Look for it with: passerelle search, or ingest a document that describes it.",
    )


def _passages(
    connection: sa.Connection, entities: Iterable[str]
) -> Iterator[tuple[Passage, int | None]]:
    """Passages of these things, each with the hash of its text if a competency."""
    e = schema.entities.c
    p, beside = schema.passages.c, schema.contents.c
    query = sa.select(e.id, p.body, beside.body).join(schema.passages)
    query = query.outerjoin(schema.contents, beside.document == p.document)
    for chunk in chunks(entities):
        for entity, body, content in connection.execute(query.where(e.id.in_(chunk))):
            yield from unpack_passages(body, entity, zlib.decompress(content) if content else b"")


def _listing(connection: sa.Connection, sentences: Iterable[int | None]) -> list[str]:
    """Ids of the things that list a competency with one of these texts."""
    c, e = schema.sentences.c, schema.entities.c
    found: set[str] = set()
    for chunk in chunks(sentences):
        query = sa.select(e.id).join(schema.sentences).where(c.hash.in_(chunk))
        found |= set(connection.scalars(query))
    return sorted(found)


_Blocks = dict[str | None, set[int]]


def _by_block(passages: Iterable[tuple[Passage, int | None]]) -> dict[str, _Blocks]:
    """By thing and block, the hashes of the competences' texts."""
    found: dict[str, _Blocks] = {}
    for passage, sentence in passages:
        if sentence is not None:
            blocks = found.setdefault(passage.entity, {})
            blocks.setdefault(passage.block, set()).add(sentence)
    return found


def _in_order(blocks: _Blocks) -> list[tuple[str | None, set[int]]]:
    """By code, what stands outside of blocks first."""
    return sorted(blocks.items(), key=lambda each: each[0] or "")


def _cut_from(connection: sa.Connection, identifier: str) -> list[str]:
    c, e = schema.relations.c, schema.entities.c
    query = sa.select(e.id).join(schema.relations)
    query = query.where(c.target == identifier, c.kind == "cut_from")
    return list(connection.scalars(query.distinct().order_by(e.id)))


def _register(number: str) -> str:
    return certification_id(number, None).partition(":")[0]


def _counts(connection: sa.Connection, numbers: set[str] | None = None) -> dict[str, Counts]:
    """By register, of the certifications that exports list; of these numbers alone when given."""
    d, e = schema.documents.c, schema.entities.c
    if numbers is None:
        query = sa.select(d.part).where(d.part.is_not(None), d.current == 1)
        numbers = {part for part in connection.scalars(query) if part}
    listed = {certification_id(number, None) for number in numbers}
    rows = connection.execute(sa.select(e.id, e.active).where(e.kind == "certification"))
    counts: dict[str, Counts] = {}
    for identifier, active in rows:
        if identifier in listed:
            register = identifier.partition(":")[0]
            old = counts.get(register, Counts(0, 0))
            counts[register] = Counts(old.sheets + 1, old.active + bool(active))
    return counts


def _last_delivery(connection: sa.Connection, source: str) -> _Delivery:
    told = setting(connection, f"delivery {source}")
    return msgspec.json.decode(told, type=_Delivery) if told else _Delivery()


def _entries_of(connection: sa.Connection, identifiers: Iterable[str]) -> int:
    """Certifications among these things, else occupations, else terms."""
    e = schema.entities.c
    kinds: Counter[str] = Counter()
    for chunk in chunks(identifiers):
        kinds.update(connection.scalars(sa.select(e.kind).where(e.id.in_(chunk))))
    return kinds["certification"] or kinds["job"] or kinds["term"]


def _document(connection: sa.Connection, sha256: str) -> Document:
    c = schema.documents.c
    query = sa.select(schema.contents.c.body, c.address, c.dated).join(schema.contents)
    query = query.where(c.sha256 == sha256)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"no document has the hash {sha256}", "List them: passerelle sources.")
    return Document(zlib.decompress(row.body), row.address, parse_day(row.dated))


def _tune_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # A sheet's texts take some 4 kB: in pages of that size, half of many pages would be empty.
    cursor.execute("PRAGMA page_size = 32768")
    cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    # The log of a whole register is as large as the database: it must not stay on disk.
    cursor.execute("PRAGMA journal_size_limit = 67108864")
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    cursor.close()
