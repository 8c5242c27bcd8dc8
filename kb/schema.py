"""Tables of the knowledge base.

A document says records; what records say together of one thing (an entity) is merged when it is
asked for. Titles, passages and relations of the merged thing are kept beside, to be searched.
"""

from __future__ import annotations

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

SCHEMA = "1"
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
    Column("content", LargeBinary, nullable=False),
    Index("document_part", "source", "part"),
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
    Column("body", LargeBinary, nullable=False),  # compressed JSON
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
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False, index=True),
    Column("title", String),
    Column("level", Integer),
    Column("active", Integer),
)
passages = Table(
    "passage",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("entity", ForeignKey("entity.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("block", String),
    Column("text", Text, nullable=False),
    Column("text_hash", String(10), nullable=False, index=True),
    sqlite_with_rowid=False,
)
relations = Table(
    "relation",
    metadata,
    Column("entity", ForeignKey("entity.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("source", String, primary_key=True, index=True),
    Column("target", String, primary_key=True, index=True),
    sqlite_with_rowid=False,
)
establishments = Table(
    # Who awards a certification, trains for it or assesses it, by SIRET: what the sheet says of
    # them stands in its record.
    "establishment",
    metadata,
    Column("entity", ForeignKey("entity.id", ondelete="CASCADE"), primary_key=True),
    Column("siret", String(14), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
