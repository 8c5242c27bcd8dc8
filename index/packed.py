"""Strings on disk by position, compressed some together."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np

from index.vectors import mapped

_REMEMBERED = 512  # parts


class Packed:
    """As written by `Packed.write`; the parts read last are kept, decompressed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._together, *_ = self._bounds = mapped(path.with_suffix(".npy"))
        self._part = functools.lru_cache(maxsize=_REMEMBERED)(self._read)

    @staticmethod
    def write(strings: Iterable[str], path: Path, together: int) -> None:
        """Write the file and, beside it, where its parts of so many strings start."""
        rest, starts = iter(strings), [0]
        with path.open("wb") as file:
            while part := list(islice(rest, together)):
                starts.append(starts[-1] + file.write(zlib.compress(msgspec.json.encode(part), 6)))
        np.save(path.with_suffix(".npy"), np.array([together, *starts], np.int64))

    def __getitem__(self, position: int) -> str:
        part, place = divmod(position, int(self._together))
        return self._part(part)[place]

    def _read(self, part: int) -> list[str]:
        start, end = self._bounds[part + 1 : part + 3].tolist()
        content: list[str] = msgspec.json.decode(zlib.decompress(self._content[start:end]))
        return content

    @functools.cached_property
    def _content(self) -> memoryview:
        return np.memmap(self._path, np.uint8, "r").data
