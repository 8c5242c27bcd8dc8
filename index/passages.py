"""Passages on disk: each distinct text once, and who says it.

A row is a passage's position in the order of identifiers. A text has a number: texts are counted
as the rows first say them.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from array import array
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from index.strings import Strings
from index.vectors import Rows, mapped, smallest
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
_COLUMNS = ("text", "entity", "block", "kind", "said", "bounds")


class PassageFile:
    """Passages read one by one.

    Columns by row: the number of its `text`, of its `entity` in the order of identifiers, and of
    its `block` (0 for none) and `kind`. The rows that say text t are said[bounds[t]:bounds[t + 1]].
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts, self._ids = Strings(folder / "texts.bin"), Strings(folder / "ids.bin")
        columns = (mapped(folder / f"{name}.npy") for name in _COLUMNS)
        self.text, self.entity, self._block, self.kind, self._said, self._bounds = columns
        self.texts = len(self._bounds) - 1

    def __len__(self) -> int:
        return len(self.text)

    def __getitem__(self, row: int) -> Passage:
        return Passage(
            self._ids[row],
            KINDS[int(self.kind[row])],
            self.entity_of(row),
            self.text_of(row),
            self.block_of(row),
        )

    def id_of(self, row: int) -> str:
        return self._ids[row]

    def text_of(self, row: int) -> str:
        return self.text_numbered(int(self.text[row]))

    def text_numbered(self, text: int) -> str:
        return self._texts[text]

    def entity_of(self, row: int) -> str:
        return self.entities[int(self.entity[row])]

    def block_of(self, row: int) -> str | None:
        return self._blocks[int(self._block[row])] or None

    def saying(self, texts: Rows) -> tuple[Rows, Rows]:
        """Rows that say these texts, and for each the position of its text among them."""
        starts = self._bounds[texts].astype(np.int64)
        sizes = self._bounds[texts + 1] - starts
        owners = np.repeat(np.arange(len(texts)), sizes)
        places = np.arange(len(owners)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
        return self._said[places].astype(np.int64), owners

    def rows_of(self, identifier: str) -> list[int]:
        """Rows of the passages with this identifier; they stand together."""
        rows = range(self._first(identifier), len(self))
        return list(itertools.takewhile(lambda row: self._ids[row] == identifier, rows))

    def rows_under(self, prefix: str) -> range:
        """Rows of the passages whose identifiers start so; they stand together."""
        return range(self._first(prefix), self._first(prefix + chr(0x10FFFF)))

    def entity_number(self, entity: str) -> int | None:
        """Its number; None when nothing is said of it here."""
        at = bisect.bisect_left(self.entities, entity)
        return at if self.entities[at : at + 1] == [entity] else None

    @functools.cached_property
    def entities(self) -> list[str]:
        """Identifiers of the certifications and jobs that speak here, in order."""
        return self._list("entities")

    @functools.cached_property
    def _blocks(self) -> list[str]:
        return self._list("blocks")

    def _list(self, name: str) -> list[str]:
        return msgspec.json.decode((self._folder / f"{name}.json").read_bytes(), type=list[str])

    def _first(self, identifier: str) -> int:
        return bisect.bisect_left(self._ids, identifier)


class Collected:
    """Passages of one shelf as they come, each distinct text once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # by what a text is found by
        self._texts: list[str] = []
        self._ids: list[str] = []
        self._entities: dict[str, int] = {}
        self._blocks = {"": 0}
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

    def write(self, folder: Path) -> tuple[list[str], list[str]]:
        """Write what `PassageFile` reads, and forget it.

        Returns:
            the texts by their number, and what each is found by.
        """
        order = sorted(
            range(len(self)),
            key=lambda row: (self._ids[row], self._kind[row], self._texts[self._text[row]]),
        )
        rows = np.array(order, np.int64)
        ids = [self._ids[row] for row in order]
        del self._ids, order
        text, listed = _renumbered(np.array(self._text, np.int64)[rows], len(self._texts))
        entities, entity = _sorted(self._entities, np.array(self._entity, np.int64)[rows])
        blocks, block = _sorted(self._blocks, np.array(self._block, np.int64)[rows])
        columns: dict[str, Rows] = {
            "text": text,
            "entity": entity,
            "block": block,
            "kind": np.array(self._kind, np.int64)[rows],
            "said": np.argsort(text, kind="stable"),
            "bounds": np.concatenate([[0], np.cumsum(np.bincount(text, minlength=len(listed)))]),
        }
        for name, column in columns.items():
            np.save(folder / f"{name}.npy", smallest(column))
        found = list(self._numbers)
        indexed = [found[number] for number in listed]
        texts = [self._texts[number] for number in listed]
        del found, self._texts, self._numbers
        Strings.write(texts, folder / "texts.bin")
        Strings.write(ids, folder / "ids.bin")
        for name, content in {"entities": entities, "blocks": blocks}.items():
            (folder / f"{name}.json").write_bytes(msgspec.json.encode(content))
        return texts, indexed


def _renumbered(numbers: Rows, count: int) -> tuple[Rows, list[int]]:
    """Numbers in the order in which they first come; and the old number of each new one."""
    listed, first = np.unique(numbers, return_index=True)
    old = listed[np.argsort(first)]
    new = np.zeros(count, np.int64)
    new[old] = np.arange(len(old))
    return new[numbers], old.tolist()


def _sorted(names: dict[str, int], numbers: Rows) -> tuple[Sequence[str], Rows]:
    """The names in order, and the numbers by it."""
    ordered = sorted(names)
    new = np.empty(len(names), np.int64)
    new[[names[name] for name in ordered]] = np.arange(len(names))
    return ordered, new[numbers]
