"""Knowledge base -> passages -> indexes; only what changed is encoded again.

A folder of indexes holds one sub-folder a build and the file `current`, which names the one in
use: a new build is written beside the old and takes its place in one step.
"""

from __future__ import annotations

import bisect
import hashlib
import itertools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from index import vectors
from index.align import WordRows
from index.background import Background
from index.encoder import Encoder
from index.initials import initials
from index.lexical import Lexical, content
from index.vectors import Vectors, mapped
from kb.errors import EmptyKnowledgeBase, IndexMismatch
from kb.model import Passage

FORMAT = 6
"""Raised whenever the files or the text that is encoded change their meaning."""

SHELVES = {
    "competency": "competences",
    "mission": "jobs",
    "skill": "jobs",
    "certification": "names",
    "block": "names",
    "job": "names",
    "job_title": "names",
    "activity": "names",
    "term": "names",
    "synonym": "names",
}
"""What is searched together: competences for a task, missions for a career, names for a search."""

ALIGNED = frozenset({"competences", "jobs"})
"""Shelves that tasks are compared with word by word."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made from. state: hash of the passages, as the store gives it."""

    format: int
    model: str
    revision: str
    dimension: int
    state: str
    passages: int


class PassageFile:
    """Passages on disk, read one by one; a row is a position in the order of identifiers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bounds = mapped(folder / "passages.npy")

    @staticmethod
    def write(passages: Sequence[Passage], folder: Path) -> None:
        bounds = [0]
        with (folder / "passages.jsonl").open("wb") as file:
            for p in passages:
                line = json.dumps([p.id, p.kind, p.entity, p.text, p.block], ensure_ascii=False)
                bounds.append(bounds[-1] + file.write(line.encode() + b"\n"))
        np.save(folder / "passages.npy", np.array(bounds, np.int64))

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def __getitem__(self, row: int) -> Passage:
        start, end = int(self._bounds[row]), int(self._bounds[row + 1])
        return Passage(*msgspec.json.decode(self._content[start:end]))

    @cached_property
    def _content(self) -> memoryview | bytes:
        path = self._folder / "passages.jsonl"
        if path.stat().st_size == 0:
            return b""
        return np.memmap(path, np.uint8, "r").data

    def rows_of(self, identifier: str) -> list[int]:
        """Rows of the passages with this identifier; they stand together."""
        rows = range(self._first(identifier), len(self))
        return list(itertools.takewhile(lambda row: self[row].id == identifier, rows))

    def rows_under(self, prefix: str) -> range:
        """Rows of the passages whose identifiers start so; they stand together."""
        start, rows = self._first(prefix), range(len(self))
        end = bisect.bisect_left(
            rows, True, lo=start, key=lambda row: not self[row].id.startswith(prefix)
        )
        return range(start, end)

    def _first(self, identifier: str) -> int:
        return bisect.bisect_left(range(len(self)), identifier, key=lambda row: self[row].id)


@dataclass(frozen=True)
class Shelf:
    """One searchable set: row i of the vectors, the words and the passages is one statement."""

    passages: PassageFile
    vectors: Any  # faiss.Index, as index.vectors gives it
    lexical: Lexical
    words: WordRows | None = None  # of the shelves of ALIGNED

    def __len__(self) -> int:
        return len(self.passages)


@dataclass(frozen=True)
class Index:
    """An index as opened: its manifest, its shelves by name, and what its model is near to."""

    manifest: Manifest
    shelves: dict[str, Shelf]
    background: Background

    def passages(self, identifier: str) -> list[Passage]:
        """All passages with this identifier, in the order of the shelves."""
        return [
            shelf.passages[row]
            for shelf in self.shelves.values()
            for row in shelf.passages.rows_of(identifier)
        ]

    def holds(self, entity: str) -> bool:
        """Whether anything is stated of this certification or job, be it without a title."""
        files = [shelf.passages for shelf in self.shelves.values()]
        starts = [(file, file.rows_under(entity)) for file in files]
        return any(len(rows) and file[rows[0]].entity == entity for file, rows in starts)


def text_to_encode(passage: Passage) -> str:
    """What the model is given of a passage; queries are reduced alike (`index.lexical.content`)."""
    return content(passage.text)


def text_to_index(passage: Passage) -> str:
    """Titles are also found by their initials ("BTS MCO")."""
    if passage.kind not in ("certification", "block", "job"):
        return passage.text
    return " ".join((passage.text, *initials(passage.text)))


def build(
    passages: Iterable[Passage],
    encoder: Encoder,
    folder: Path,
    state: str,
    progress: Callable[[int, int], None] | None = None,
    batch: int = 4096,
) -> Manifest:
    """Write the index of these passages and make it the one in use.

    Vectors of texts that the index in use holds already, made by the same model, are kept.

    Args:
        passages: all of them; their order does not matter.
        state: hash of the passages, kept in the manifest.
        progress: called with the numbers of passages done and in all.
    Raises:
        KeyError: a passage of a kind that no shelf holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shelved: dict[str, list[Passage]] = {name: [] for name in SHELVES.values()}
    for passage in passages:
        shelved[SHELVES[passage.kind]].append(passage)
    known = _Known(folder, encoder)
    total = sum(map(len, shelved.values()))
    manifest = Manifest(
        FORMAT, encoder.name, encoder.revision, encoder.dimension, state, passages=total
    )
    target = Path(tempfile.mkdtemp(prefix="build-", dir=folder))
    try:
        done = 0
        for name, content in shelved.items():
            content.sort(key=lambda p: (p.id, p.kind, p.text))
            _write_shelf(content, encoder, known, target / name, batch)
            done += len(content)
            if progress is not None:
                progress(done, total)
        _background(folder, encoder).save(target / "background")
        (target / "manifest.json").write_text(json.dumps(asdict(manifest), indent=2), "utf-8")
        _switch(folder, target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return manifest


def _write_shelf(
    passages: Sequence[Passage],
    encoder: Encoder,
    known: _Known,
    folder: Path,
    batch: int,
) -> None:
    folder.mkdir()
    keys = [_key(text_to_encode(passage)) for passage in passages]
    # On disk: of a whole register they would take a gigabyte of memory.
    scratch = folder / "rows.tmp"
    rows = _rows_on_disk(scratch, len(passages), encoder.dimension)
    # The same sentence stands in many sheets: it is encoded once.
    first: dict[bytes, int] = {}
    for row, key in enumerate(keys):
        first.setdefault(key, row)
    known.fill(rows, first)
    missing = [row for key, row in first.items() if key not in known]
    for start in range(0, len(missing), batch):
        part = missing[start : start + batch]
        texts = [text_to_encode(passages[row]) for row in part]
        rows[part] = encoder.encode(texts, kind="passage")
    for start in range(0, len(keys), batch):
        part = [first[key] for key in keys[start : start + batch]]
        rows[start : start + len(part)] = rows[part]
    vectors.save(vectors.build(rows), folder / "vectors.faiss")
    scratch.unlink()
    Lexical.build([text_to_index(passage) for passage in passages]).save(folder / "words")
    if folder.name in ALIGNED:
        aligned = WordRows.build([passage.text for passage in passages], encoder)
        aligned.save(folder / "aligned")
    PassageFile.write(passages, folder)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]


def _rows_on_disk(path: Path, rows: int, dimension: int) -> Vectors:
    if not rows:
        path.touch()
        return np.zeros((0, dimension), np.float32)
    return np.memmap(path, np.float32, "w+", shape=(rows, dimension))


class _Known:
    """The vectors of the index in use, by the text that they were made from."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._places: dict[bytes, tuple[str, int]] = {}
        try:
            self._index = open_index(folder, encoder)
        except (EmptyKnowledgeBase, IndexMismatch):
            return
        for name, shelf in self._index.shelves.items():
            for row in range(len(shelf)):
                self._places[_key(text_to_encode(shelf.passages[row]))] = name, row

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def fill(self, rows: Vectors, wanted: Mapping[bytes, int], batch: int = 4096) -> None:
        """Copy what is known of the wanted texts to these rows."""
        by_shelf: dict[str, list[tuple[int, int]]] = {}
        for key, row in wanted.items():
            if place := self._places.get(key):
                by_shelf.setdefault(place[0], []).append((row, place[1]))
        for name, pairs in by_shelf.items():
            for start in range(0, len(pairs), batch):
                to, of = (list(each) for each in zip(*pairs[start : start + batch], strict=True))
                held = self._index.shelves[name].vectors
                rows[to] = vectors.rows_of(held, np.array(of, np.int64))


def _background(folder: Path, encoder: Encoder) -> Background:
    try:
        known = open_index(folder, encoder).background
    except (EmptyKnowledgeBase, IndexMismatch):
        return Background.of(encoder)
    return known if known.is_current() else Background.of(encoder)


def _switch(folder: Path, target: Path) -> None:
    """Name the new build in one step, then drop the others."""
    pointer = folder / "current.new"
    pointer.write_text(target.name, "utf-8")
    pointer.replace(folder / "current")
    for other in folder.glob("build-*"):
        if other != target:
            shutil.rmtree(other, ignore_errors=True)


def open_index(folder: Path, encoder: Encoder | None, state: str | None = None) -> Index:
    """The index in use, its arrays memory-mapped.

    Args:
        encoder: the model that will encode the queries; None when there is none and words
            alone are searched.
        state: hash of the passages that the index must have been made from; None: any.
    Raises:
        EmptyKnowledgeBase: nothing was indexed yet.
        IndexMismatch: made by another model or another version of this program, or from
            another state of the knowledge base.
    """
    try:
        current = folder / (folder / "current").read_text("utf-8")
        content = json.loads((current / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise EmptyKnowledgeBase(
            "nothing is indexed yet",
            "Read documents first: passerelle ingest FILE",
            where=str(folder),
        ) from None
    if content.get("format") != FORMAT:
        raise _mismatch(folder, f"format {content.get('format')}", f"format {FORMAT}")
    manifest = Manifest(**content)
    if encoder is not None:
        made = (manifest.model, manifest.revision, manifest.dimension)
        given = (encoder.name, encoder.revision, encoder.dimension)
        if made != given:
            raise _mismatch(folder, _model_name(*made), _model_name(*given))
    if state is not None and manifest.state != state:
        raise _mismatch(
            folder, f"state {manifest.state[:12]} of the knowledge base", f"state {state[:12]}"
        )
    shelves = {name: _open_shelf(current / name) for name in set_of_shelves()}
    return Index(manifest, shelves, Background.load(current / "background"))


def set_of_shelves() -> tuple[str, ...]:
    """Names of the shelves, in a fixed order."""
    return tuple(dict.fromkeys(SHELVES.values()))


def _open_shelf(folder: Path) -> Shelf:
    return Shelf(
        PassageFile(folder),
        vectors.load(folder / "vectors.faiss"),
        Lexical.load(folder / "words"),
        WordRows.load(folder / "aligned") if folder.name in ALIGNED else None,
    )


def _model_name(name: str, revision: str, dimension: int) -> str:
    return f"model {name} (revision {revision}, {dimension} dimensions)"


def _mismatch(folder: Path, made: str, now: str) -> IndexMismatch:
    return IndexMismatch(
        f"the index was made with {made}, but now it is {now}",
        "Make it again: passerelle rebuild",
        where=str(folder),
    )
