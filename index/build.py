"""Knowledge base -> passages -> indexes; what did not change is carried over.

A folder of indexes holds one sub-folder a build and the file `current`, which names the one in
use: a new build is written beside the old and takes its place in one step.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np

from index import vectors
from index.align import WordRows
from index.background import Background
from index.clauses import core_span
from index.encoder import Encoder
from index.initials import initials
from index.lexical import Lexical, Postings, content
from index.passages import Collected, PassageFile
from index.vectors import Rows, Vectors
from kb.errors import EmptyKnowledgeBase, IndexMismatch
from kb.model import Passage
from kb.processes import helpers

FORMAT = 8
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


@dataclass(frozen=True)
class Shelf:
    """One searchable set: row i of the vectors and the words is text i of the passages."""

    passages: PassageFile
    vectors: Any  # faiss.Index, as index.vectors gives it
    lexical: Lexical
    words: WordRows | None = None  # of the shelves of ALIGNED

    def __len__(self) -> int:
        return self.passages.texts


@dataclass(frozen=True)
class Index:
    """An index as opened: its manifest, its shelves by name, and what its model is near to."""

    manifest: Manifest
    shelves: dict[str, Shelf]
    background: Background
    folder: Path

    def passages(self, identifier: str) -> list[Passage]:
        """All passages with this identifier, in the order of the shelves."""
        return [
            shelf.passages[row]
            for shelf in self.shelves.values()
            for row in shelf.passages.rows_of(identifier)
        ]

    def states(self) -> dict[str, bytes]:
        """The state of each thing that it was made of, as the source gave it.

        Raises:
            IndexMismatch: the file is missing or was cut off.
        """
        try:
            content = (self.folder / "states").read_bytes()
            return msgspec.msgpack.decode(content, type=dict[str, bytes])
        except (OSError, msgspec.DecodeError) as fault:
            raise _unreadable(self.folder, fault) from fault

    def holds(self, entity: str) -> bool:
        """Whether anything is stated of this certification or job, be it without a title."""
        files = (shelf.passages for shelf in self.shelves.values())
        return any(file.entity_number(entity) is not None for file in files)


class Source(Protocol):
    """What an index is made of; `kb.store.Store` has it."""

    def state(self) -> str: ...

    def states(self) -> Mapping[str, bytes]: ...

    def each_passage(self, entities: Iterable[str]) -> Iterable[Passage]: ...


def text_to_index(passage: Passage) -> str:
    """Titles are also found by their initials ("BTS MCO")."""
    if passage.kind not in ("certification", "block", "job"):
        return passage.text
    return " ".join((passage.text, *initials(passage.text)))


def build(passages: Iterable[Passage], encoder: Encoder, folder: Path, state: str) -> Manifest:
    """Write the index of these passages and make it the one in use.

    Args:
        passages: all of them; their order does not matter.
        state: hash of the passages, kept in the manifest.
    Raises:
        KeyError: a passage of a kind that no shelf holds.
    """
    return _build(passages, encoder, folder, state, {}, None, frozenset())


def refresh(source: Source, encoder: Encoder, folder: Path, anew: bool = False) -> Manifest:
    """The index that `build` makes of all passages of the source, in a fraction of the time.

    Passages are read of things that are new or changed; what was made of the others is carried
    over from the index in use, unless it cannot be opened or another model made it.

    Args:
        anew: carry nothing over.
    """
    # What is written after the states were read is taken up by the next refresh.
    state, states = source.state(), source.states()
    old, before = None, {}
    if not anew:
        with suppress(EmptyKnowledgeBase, IndexMismatch):
            opened = open_index(folder, encoder)
            old, before = opened, opened.states()
    kept = frozenset(entity for entity, each in states.items() if before.get(entity) == each)
    changed = [entity for entity in states if entity not in kept]
    return _build(source.each_passage(changed), encoder, folder, state, states, old, kept)


def _build(
    passages: Iterable[Passage],
    encoder: Encoder,
    folder: Path,
    state: str,
    states: Mapping[str, bytes],
    old: Index | None,
    kept: frozenset[str],
) -> Manifest:
    """Write the index of these passages and of those of the old one whose entities are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    shelved = {name: Collected() for name in set_of_shelves()}
    for passage in passages:
        shelved[SHELVES[passage.kind]].add(passage, text_to_index(passage))
    target = Path(tempfile.mkdtemp(prefix="build-", dir=folder))
    try:
        written = _write_shelves(shelved, encoder, old, kept, target)
        manifest = Manifest(
            FORMAT, encoder.name, encoder.revision, encoder.dimension, state, written
        )
        _background(old, encoder).save(target / "background")
        (target / "states").write_bytes(msgspec.msgpack.encode(dict(sorted(states.items()))))
        (target / "manifest.json").write_text(json.dumps(asdict(manifest), indent=2), "utf-8")
        _switch(folder, target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return manifest


def _write_shelves(
    shelved: dict[str, Collected],
    encoder: Encoder,
    old: Index | None,
    kept: frozenset[str],
    target: Path,
) -> int:
    """Write all shelves, and forget what they were made of; the number of passages.

    The two largest side by side, where they are large.
    """

    def size(name: str) -> int:
        return len(shelved[name]) + (len(old.shelves[name].passages) if old else 0)

    def work(name: str) -> tuple[Collected, Encoder, Path | None, frozenset[str], Path]:
        held = old.folder / name if old else None
        return shelved.pop(name), encoder, held, kept, target / name

    by_size = sorted(shelved, key=size, reverse=True)
    if size(by_size[1]) < vectors.LARGE:
        return sum(_write_shelf(*work(name)) for name in by_size)
    with helpers(1) as pool:
        apart = pool.submit(_write_shelf, *work(by_size.pop(1)))
        return sum(_write_shelf(*work(name)) for name in by_size) + apart.result()


def _write_shelf(
    collected: Collected, encoder: Encoder, old: Path | None, kept: frozenset[str], folder: Path
) -> int:
    """Write what was collected and what is kept of an older shelf; the number of passages."""
    folder.mkdir()
    shelf = _open_shelf(old) if old else _empty_shelf(folder.name, encoder)
    listed = collected.write(folder, shelf.passages, kept)
    held, order = len(shelf), listed.order
    # Rounded vectors are no help where exact ones are wanted.
    known = 0 if len(order) < vectors.LARGE <= held else held

    def take(rows: Rows) -> Vectors:
        numbers = order[rows]
        found = np.empty((len(rows), encoder.dimension), np.float32)
        carried = numbers < known
        found[carried] = vectors.rows_of(shelf.vectors, numbers[carried])
        new = [
            shelf.passages.text_numbered(number) if number < held else listed.texts[number - held]
            for number in numbers[~carried].tolist()
        ]
        found[~carried] = encoder.encode(list(map(content, new)), kind="passage")
        return found

    # Nothing is given a name that would keep it in memory.
    vectors.save(
        vectors.gather(len(order), encoder.dimension, take, vectors.LARGE),
        folder / "vectors.faiss",
    )
    cores = list(map(core_span, listed.indexed))
    Lexical.of([shelf.lexical.postings(), Postings.of(listed.indexed, cores)], order).save(
        folder / "words"
    )
    if shelf.words is not None:  # its texts are found by nothing else
        WordRows.of([shelf.words, WordRows.build(listed.texts, encoder, cores)], order).save(
            folder / "aligned"
        )
    return listed.rows


def _background(old: Index | None, encoder: Encoder) -> Background:
    if old is not None and old.background.is_current():
        return old.background
    return Background.of(encoder)


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
            another state of the knowledge base; or a file is missing or was cut off.
    """
    try:
        current = _current(folder)
    except FileNotFoundError:
        raise EmptyKnowledgeBase(
            "nothing is indexed yet",
            "Read documents first: passerelle ingest FILE",
            where=str(folder),
        ) from None
    try:
        manifest = _manifest(current, encoder, state)
        shelves = {name: _open_shelf(current / name) for name in set_of_shelves()}
        return Index(manifest, shelves, Background.load(current / "background"), current)
    except IndexMismatch:
        raise
    except Exception as fault:  # whatever NumPy, FAISS and the file system raise
        if _current(folder) != current:  # another took its place meanwhile
            return open_index(folder, encoder, state)
        raise _unreadable(folder, fault) from fault


def _manifest(current: Path, encoder: Encoder | None, state: str | None) -> Manifest:
    """The manifest of a build, if the index may be used."""
    content = json.loads((current / "manifest.json").read_text("utf-8"))
    folder = current.parent
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
    return manifest


def _current(folder: Path) -> Path:
    return folder / (folder / "current").read_text("utf-8")


def set_of_shelves() -> tuple[str, ...]:
    """Names of the shelves, in a fixed order."""
    return tuple(dict.fromkeys(SHELVES.values()))


def _open_shelf(folder: Path) -> Shelf:
    return Shelf(
        PassageFile.load(folder),
        vectors.load(folder / "vectors.faiss"),
        Lexical.load(folder / "words"),
        WordRows.load(folder / "aligned") if folder.name in ALIGNED else None,
    )


def _empty_shelf(name: str, encoder: Encoder) -> Shelf:
    return Shelf(
        PassageFile.empty(),
        vectors.build(np.zeros((0, encoder.dimension), np.float32)),
        Lexical.build([]),
        WordRows.build([], encoder) if name in ALIGNED else None,
    )


def _model_name(name: str, revision: str, dimension: int) -> str:
    return f"model {name} (revision {revision}, {dimension} dimensions)"


def _unreadable(folder: Path, fault: Exception) -> IndexMismatch:
    return IndexMismatch(
        f"the index cannot be read ({fault})",
        "Make it again: passerelle rebuild",
        where=str(folder),
    )


def _mismatch(folder: Path, made: str, now: str) -> IndexMismatch:
    return IndexMismatch(
        f"the index was made with {made}, but now it is {now}",
        "Make it again: passerelle rebuild",
        where=str(folder),
    )
