"""Passages on disk: each distinct text once, and who says it.

A row is a passage's position in the order of identifiers. A text has a number: texts are counted
as the rows first say them.
"""

from __future__ import annotations

import bisect
import hashlib
import itertools
from array import array
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from index.strings import Strings
from index.vectors import Numbers, Rows, mapped, runs, smallest
from kb.model import Passage

KINDS = (
    "competency",
    "mission",
    "skill",
    "certification",
    "block",
    "job",
    "job_title",
    "activity",
    "term",
    "synonym",
)
"""Kinds of passages by their number on disk."""

_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
_COLUMNS = ("text", "entity", "block", "kind", "said", "bounds", "keys")
_NAMES = ("entities", "blocks")
_Key = tuple[str, int, str, str]  # id, kind, text and entity of a passage


class PassageFile:
    """Passages read one by one.

    Columns by row: the number of its `text`, of its `entity` and `block` in the order of their
    names, and its `kind`. The rows that say text t are said[bounds[t]:bounds[t + 1]]; keys[t] is
    a hash of what it is found by. entities: ids of the certifications and jobs that speak here.
    """

    def __init__(
        self, ids: Strings, texts: Strings, columns: Sequence[Numbers], names: Sequence[list[str]]
    ) -> None:
        self.ids, self.strings = ids, texts
        self.text, self.entity, self.block, self.kind = columns[:4]
        self._said, self._bounds, self.keys = columns[4:]
        self.entities, self.blocks = names
        self.texts = len(texts)

    @classmethod
    def load(cls, folder: Path) -> PassageFile:
        """As `Collected.write` wrote them, the columns memory-mapped."""
        lists = ((folder / f"{name}.json").read_bytes() for name in _NAMES)
        return cls(
            Strings.load(folder / "ids.bin"),
            Strings.load(folder / "texts.bin"),
            [mapped(folder / f"{name}.npy") for name in _COLUMNS],
            [msgspec.json.decode(each, type=list[str]) for each in lists],
        )

    @classmethod
    def empty(cls) -> PassageFile:
        """No passages."""
        nothing = np.zeros(0, np.int64)
        columns = [*[nothing] * 5, np.zeros(1, np.int64), nothing.astype(np.uint64)]
        return cls(Strings.of([]), Strings.of([]), columns, [[], []])

    def __len__(self) -> int:
        return len(self.text)

    def __getitem__(self, row: int) -> Passage:
        return Passage(
            self.ids[row],
            KINDS[int(self.kind[row])],
            self.entity_of(row),
            self.text_of(row),
            self.block_of(row),
        )

    def id_of(self, row: int) -> str:
        return self.ids[row]

    def text_of(self, row: int) -> str:
        return self.text_numbered(int(self.text[row]))

    def text_numbered(self, text: int) -> str:
        return self.strings[text]

    def entity_of(self, row: int) -> str:
        return self.entities[int(self.entity[row])]

    def block_of(self, row: int) -> str | None:
        return self.blocks[int(self.block[row])] or None

    def saying(self, texts: Rows) -> tuple[Rows, Rows]:
        """Rows that say these texts, and for each the position of its text among them."""
        starts = self._bounds[texts].astype(np.int64)
        sizes = self._bounds[texts + 1] - starts
        owners = np.repeat(np.arange(len(texts)), sizes)
        return self._said[runs(starts, sizes)].astype(np.int64), owners

    def rows_of(self, identifier: str) -> list[int]:
        """Rows of the passages with this identifier; they stand together."""
        rows = range(self._first(identifier), len(self))
        return list(itertools.takewhile(lambda row: self.ids[row] == identifier, rows))

    def rows_under(self, prefix: str) -> range:
        """Rows of the passages whose identifiers start so; they stand together."""
        return range(self._first(prefix), self._first(prefix + chr(0x10FFFF)))

    def entity_number(self, entity: str) -> int | None:
        """Its number; None when nothing is said of it here."""
        at = bisect.bisect_left(self.entities, entity)
        return at if self.entities[at : at + 1] == [entity] else None

    def _first(self, identifier: str) -> int:
        return bisect.bisect_left(self.ids, identifier)

    def place(self, passage: _Key) -> int:
        """The first row that does not come before this passage in the order of the rows."""
        row = self._first(passage[0])
        while row < len(self) and self._key(row) < passage:
            row += 1
        return row

    def _key(self, row: int) -> _Key:
        return self.ids[row], int(self.kind[row]), self.text_of(row), self.entity_of(row)


@dataclass(frozen=True, slots=True)
class Listed:
    """A shelf that was written: how many rows it has, and where its texts come from.

    order: (n,), for each its number in the older shelf or, counted on from the texts of that, its
    place among the new ones. texts: these; indexed: what each is found by.
    """

    rows: int
    order: Rows
    texts: list[str]
    indexed: list[str]


class Collected:
    """Passages of one shelf as they come, each distinct text once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # by what a text is found by
        self._texts: list[str] = []
        self._ids: list[str] = []
        self._entities: dict[str, int] = {}
        self._blocks: dict[str, int] = {}
        self._text, self._entity, self._block = array("i"), array("i"), array("i")
        self._kind = array("b")

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, passage: Passage, indexed: str) -> None:
        """One more passage. indexed: its text, with whatever else it is found by."""
        number = self._numbers.setdefault(indexed, len(self._numbers))
        if number == len(self._texts):
            self._texts.append(indexed if indexed == passage.text else passage.text)
        self._text.append(number)
        self._ids.append(passage.id)
        self._entity.append(self._entities.setdefault(passage.entity, len(self._entities)))
        self._block.append(self._blocks.setdefault(passage.block or "", len(self._blocks)))
        self._kind.append(_NUMBER[passage.kind])

    def write(self, folder: Path, old: PassageFile, kept: Container[str]) -> Listed:
        """Write these passages, and those of `old` whose entities are kept, for
        `PassageFile.load`; then forget them."""
        found = list(self._numbers)
        keys = np.fromiter(map(_hash, found), np.uint64, len(found))
        number = np.full(len(keys), -1)
        _, here, there = np.intersect1d(keys, old.keys, assume_unique=True, return_indices=True)
        number[here] = there
        new = np.flatnonzero(number < 0)
        number[new] = old.texts + np.arange(len(new))
        rows = self._rows(old, kept)
        text, listed = _renumbered(_joined(old.text, number[np.asarray(self._text)], rows))
        entity = _joined(old.entity, np.asarray(self._entity) + len(old.entities), rows)
        block = _joined(old.block, np.asarray(self._block) + len(old.blocks), rows)
        entities, entity = _sorted([*old.entities, *self._entities], entity)
        blocks, block = _sorted([*old.blocks, *self._blocks], block)
        columns = {
            "text": text,
            "entity": entity,
            "block": block,
            "kind": _joined(old.kind, self._kind, rows),
            "said": np.argsort(text, kind="stable"),
            "bounds": np.concatenate([[0], np.cumsum(np.bincount(text, minlength=len(listed)))]),
        }
        for name, column in columns.items():
            np.save(folder / f"{name}.npy", smallest(column))
        np.save(folder / "keys.npy", np.concatenate([old.keys, keys[new]])[listed])
        for name, listing in {"entities": entities, "blocks": blocks}.items():
            (folder / f"{name}.json").write_bytes(msgspec.json.encode(listing))
        Strings.write(folder / "ids.bin", [old.ids, Strings.of(self._ids)], rows)
        added = np.flatnonzero(listed >= old.texts)
        # Counted as they stand in the shelf: nothing is moved where all are new.
        new = new[listed[added] - old.texts]
        listed[added] = old.texts + np.arange(len(new))
        texts, indexed = ([each[at] for at in new.tolist()] for each in (self._texts, found))
        for each in (found, self._numbers, self._texts, self._ids):
            each.clear()
        Strings.write(folder / "texts.bin", [old.strings, Strings.of(texts)], listed)
        return Listed(len(rows), listed, texts, indexed)

    def _rows(self, old: PassageFile, kept: Container[str]) -> Rows:
        """Rows in the order of identifiers: those kept of `old` by their number there, those
        collected counted on from all of these."""
        stay = np.array([entity in kept for entity in old.entities], bool)
        stays = np.flatnonzero(stay[old.entity])
        entities = list(self._entities)
        passages = [
            (identifier, kind, self._texts[text], entities[entity])
            for identifier, kind, text, entity in zip(
                self._ids, self._kind, self._text, self._entity, strict=True
            )
        ]
        mine = sorted(range(len(self)), key=passages.__getitem__)
        places = [old.place(passages[row]) for row in mine]
        return np.insert(stays, np.searchsorted(stays, places), len(old) + np.array(mine, np.int64))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _joined(old: Numbers, new: Numbers | array[int], rows: Rows) -> Rows:
    """The rows of a column and of what was collected of it."""
    return np.concatenate([old, np.asarray(new, np.int64)])[rows]


def _renumbered(numbers: Rows) -> tuple[Rows, Rows]:
    """Numbers in the order in which they first come; and the old number of each new one."""
    old, first, place = np.unique(numbers, return_index=True, return_inverse=True)
    order = np.argsort(first)
    new = np.empty(len(old), np.int64)
    new[order] = np.arange(len(old))
    return new[place], old[order]


def _sorted(names: Sequence[str], numbers: Rows) -> tuple[list[str], Rows]:
    """Those of the names that have one of the numbers, in order, and the numbers by it."""
    used, place = np.unique(numbers, return_inverse=True)
    said = [names[number] for number in used.tolist()]
    ordered = sorted(set(said))
    number = {name: i for i, name in enumerate(ordered)}
    return ordered, np.array([number[name] for name in said], np.int64)[place]
