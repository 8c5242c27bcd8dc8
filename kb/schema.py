"""Tables of the knowledge base.

A document says records; what records say together of one thing (an entity) is merged when it is
asked for. Titles, passages and relations of the merged thing are kept beside, to be searched.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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

SCHEMA = "2"
"""Raised whenever the tables change their meaning."""

metadata = MetaData()
settings = Table(
    "setting",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)
documents = Table(
    "document",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("source", String, nullable=False),
    Column("authority", Integer, nullable=False),
    Column("publisher", String, nullable=False),
    Column("address", String, nullable=False),
    Column("dated", String(10)),
    # A sheet of an export is a document of its own; `part` is its number, `current` is 0 once a
    # newer export words it otherwise. What is no part of an export is always current.
    Column("part", String),
    Column("current", Integer, nullable=False, server_default="1"),
    Index("document_part", "source", "part"),
)
contents = Table(
    # Apart from the documents, which a newer export touches every day.
    "content",
    metadata,
    Column("document", ForeignKey("document.position", ondelete="CASCADE"), primary_key=True),
    Column("body", LargeBinary, nullable=False),  # the document's bytes, compressed
)
staged = Table(
    # Sheets of an export that is not yet read to its end, ready to be written; see kb.prepared.
    "staged",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("source", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
exports = Table(
    "export",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("source", String, nullable=False),
    Column("publisher", String, nullable=False),
    Column("address", String, nullable=False),
    Column("dated", String(10)),
    Column("parts", Integer, nullable=False),
)
changes = Table(
    "change",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("day", String(10), nullable=False, index=True),
    Column("entity", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("field", String),
    Column("before", Text),
    Column("after", Text),
)
remarks = Table(
    "remark",
    metadata,
    Column("document", ForeignKey("document.position", ondelete="CASCADE"), nullable=False),
    Column("place", String),
    Column("text", Text, nullable=False),
    Index("remark_document", "document"),
)
records = Table(
    "record",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("entity", String, nullable=False, index=True),
    Column("document", ForeignKey("document.position", ondelete="CASCADE"), nullable=False),
    Column("body", LargeBinary, nullable=False),  # see kb.prepared.pack
    Index("record_document", "document"),
)
names = Table(
    # The keys by which a job is one: its main title, its official code.
    "job_name",
    metadata,
    Column("name", String, primary_key=True),
    Column("entity", String, nullable=False),
)
entities = Table(
    "entity",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False, index=True),
    Column("title", String),
    Column("level", Integer),
    Column("active", Integer),
    Column("competencies", Integer, nullable=False),
    Column("state", LargeBinary(16), nullable=False),
)
passages = Table(
    # All of one thing together: they are read, written and dropped together.
    "passage",
    metadata,
    Column("entity", ForeignKey("entity.position", ondelete="CASCADE"), primary_key=True),
    Column("body", LargeBinary, nullable=False),  # see kb.prepared.unpack_passages
    # Beside whose content they are packed: a sheet that alone speaks of the thing.
    Column("document", ForeignKey("document.position", ondelete="CASCADE")),
)
sentences = Table(
    # Which things list a competency with this text, by its hash.
    "sentence",
    metadata,
    Column("entity", ForeignKey("entity.position", ondelete="CASCADE"), primary_key=True),
    Column("hash", BigInteger, primary_key=True, index=True),
    sqlite_with_rowid=False,
)
relations = Table(
    "relation",
    metadata,
    Column("entity", ForeignKey("entity.position", ondelete="CASCADE"), index=True, nullable=False),
    Column("kind", String, nullable=False),
    Column("source", String),  # NULL: the entity itself
    Column("target", String, nullable=False, index=True),
)
Index(
    "relation_source",
    relations.c.source,
    sqlite_where=relations.c.source.is_not(None),
    postgresql_where=relations.c.source.is_not(None),
)
establishments = Table(
    # Who awards a certification, trains for it or assesses it, by SIRET: what the sheet says of
    # them stands in its record.
    "establishment",
    metadata,
    Column("entity", ForeignKey("entity.position", ondelete="CASCADE"), primary_key=True),
    Column("siret", BigInteger, primary_key=True, index=True),
    sqlite_with_rowid=False,
)
