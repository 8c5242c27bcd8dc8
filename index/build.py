"""Knowledge base -> passages -> indexes; only what changed is encoded again.

A folder of indexes holds one sub-folder a build and the file `current`, which names the one in
use: a new build is written beside the old and takes its place in one step.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index import vectors
from index.align import WordRows
from index.background import Background
from index.clauses import core_span
from index.encoder import Encoder
from index.initials import initials
from index.lexical import Lexical, content
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

    def passages(self, identifier: str) -> list[Passage]:
        """All passages with this identifier, in the order of the shelves."""
        return [
            shelf.passages[row]
            for shelf in self.shelves.values()
            for row in shelf.passages.rows_of(identifier)
        ]

    def holds(self, entity: str) -> bool:
        """Whether anything is stated of this certification or job, be it without a title."""
        files = (shelf.passages for shelf in self.shelves.values())
        return any(file.entity_number(entity) is not None for file in files)


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
    shelved = {name: Collected() for name in set_of_shelves()}
    for passage in passages:
        shelved[SHELVES[passage.kind]].add(passage, text_to_index(passage))
    total = sum(map(len, shelved.values()))
    manifest = Manifest(
        FORMAT, encoder.name, encoder.revision, encoder.dimension, state, passages=total
    )
    target = Path(tempfile.mkdtemp(prefix="build-", dir=folder))
    try:
        done = 0
        for written in _write_shelves(shelved, encoder, folder, target):
            done += written
            if progress is not None:
                progress(done, total)
        _background(folder, encoder).save(target / "background")
        (target / "manifest.json").write_text(json.dumps(asdict(manifest), indent=2), "utf-8")
        _switch(folder, target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return manifest


def _write_shelves(
    shelved: dict[str, Collected], encoder: Encoder, folder: Path, target: Path
) -> Iterator[int]:
    """Write all shelves, and forget what they were made of; the number of passages of each.

    The two largest side by side, where they are large.
    """
    by_size = sorted(shelved, key=lambda name: len(shelved[name]))
    apart = by_size[-2]
    if len(shelved[apart]) < vectors.LARGE:
        for name in by_size:
            yield _write_shelf(shelved.pop(name), encoder, folder, target / name)
        return
    with helpers(1) as pool:
        written = pool.submit(_write_shelf, shelved.pop(apart), encoder, folder, target / apart)
        for name in reversed(list(shelved)):
            yield _write_shelf(shelved.pop(name), encoder, folder, target / name)
        yield written.result()


def _write_shelf(collected: Collected, encoder: Encoder, index: Path, folder: Path) -> int:
    """index: the folder of the index in use. Returns the number of passages."""
    folder.mkdir()
    known, count = _Known(index, encoder), len(collected)
    texts, indexed = collected.write(folder)
    keys = np.fromiter(map(_key, texts), np.uint64, len(texts))

    def take(rows: Rows) -> Vectors:
        found = np.empty((len(rows), encoder.dimension), np.float32)
        missing = known.fill(found, keys[rows])
        if len(missing):
            new = [content(texts[row]) for row in rows[missing].tolist()]
            found[missing] = encoder.encode(new, kind="passage")
        return found

    vectors.save(vectors.gather(len(texts), encoder.dimension, take), folder / "vectors.faiss")
    np.save(folder / "keys.npy", keys)
    cores = list(map(core_span, indexed))
    Lexical.build(indexed, cores).save(folder / "words")
    if folder.name in ALIGNED:  # whose texts are found by nothing else
        WordRows.build(texts, encoder, cores).save(folder / "aligned")
    return count


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


class _Known:
    """The vectors of the index in use, by the text that they were made from."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._shelves: list[tuple[Any, npt.NDArray[np.uint64], Rows]] = []
        try:
            index = open_index(folder, encoder)
        except (EmptyKnowledgeBase, IndexMismatch):
            return
        for name, shelf in index.shelves.items():
            keys = np.load(_current(folder) / name / "keys.npy")
            if len(keys):
                order = np.argsort(keys)
                self._shelves.append((shelf.vectors, keys[order], order))

    def fill(self, found: Vectors, keys: npt.NDArray[np.uint64]) -> Rows:
        """Put what is known of the texts with these keys into `found`; positions of the others."""
        missing = np.arange(len(keys))
        for held, known, rows in self._shelves:
            wanted = keys[missing]
            at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
            same = known[at] == wanted
            found[missing[same]] = vectors.rows_of(held, rows[at[same]])
            missing = missing[~same]
        return missing


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
        current = _current(folder)
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


def _current(folder: Path) -> Path:
    return folder / (folder / "current").read_text("utf-8")


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
