"""An index brought up to date is the one that is made from nothing."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index import vectors
from index.background import Background
from index.build import open_index, refresh
from kb.model import Passage

WORDS = (
    "Tenir l'agenda", "les achats (H/F)", "afin de suivre la facture", "en pesant le pain",
    "des devis", "l’équipe", "conduire", "de la", "à l'aide d'un local", "vérifier", "C++",
)  # fmt: skip


class Things:
    """A knowledge base in memory: passages by thing. read: the things asked for."""

    def __init__(self, passages: Iterable[Passage] = ()) -> None:
        self.held: dict[str, list[Passage]] = {}
        self.read: list[str] = []
        for passage in passages:
            self.held.setdefault(passage.entity, []).append(passage)

    def state(self) -> str:
        return hashlib.sha256(repr(sorted(self.states().items())).encode()).hexdigest()

    def states(self) -> dict[str, bytes]:
        return {
            entity: hashlib.md5(repr(passages).encode()).digest()
            for entity, passages in self.held.items()
        }

    def each_passage(self, entities: Iterable[str]) -> Iterator[Passage]:
        for entity in entities:
            self.read.append(entity)
            yield from self.held[entity]


def text(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 3)))


def sheet(entity: str, rng: random.Random) -> list[Passage]:
    """A certification, or a job, of invented texts; some have no competency, some no passage."""
    if rng.random() < 0.2:
        made = [Passage(entity, "job", entity, text(rng))]
        made += [Passage(f"{entity}/mission/{n}", "mission", entity, text(rng)) for n in range(3)]
        return made
    made = [Passage(entity, "certification", entity, text(rng))] * rng.randint(0, 1)
    for n in range(rng.randint(0, 6)):
        block = rng.choice([None, "BC01", f"{entity[5:]}BC02"])
        made.append(Passage(f"{entity}/{n}", "competency", entity, text(rng), block))
        # The same identifier under several things and kinds.
        kind = rng.choice(["block", "job_title", "activity"])
        made.append(Passage(f"rncp:B{n}", kind, entity, text(rng), block))
    return made


def change(things: Things, rng: random.Random) -> None:
    """Add, reword and remove some things."""
    for entity in rng.sample(sorted(things.held), min(len(things.held), rng.randint(0, 3))):
        if rng.random() < 0.4:
            del things.held[entity]
        else:
            things.held[entity] = sheet(entity, rng)
    for _ in range(rng.randint(0, 3)):
        entity = f"rncp:RNCP99{rng.randint(0, 60):03}"
        things.held[entity] = sheet(entity, rng)


def files(folder: Path) -> dict[str, bytes]:
    current = folder / (folder / "current").read_text()
    return {
        str(path.relative_to(current)): path.read_bytes()
        for path in current.rglob("*")
        if path.is_file()
    }


# 0 to some 30 texts a shelf are never kept as codes, or always, or now and then.
@pytest.mark.parametrize("large", [1000, 16, 30])
@pytest.mark.parametrize("seed", range(4))
def test_every_file_is_the_same(
    tmp_path: Path, encoder: Any, monkeypatch: pytest.MonkeyPatch, seed: int, large: int
) -> None:
    monkeypatch.setattr(vectors, "LARGE", large)
    monkeypatch.setattr("index.build.helpers", ThreadPoolExecutor)
    rng, things = random.Random(seed), Things()
    for step in range(8):
        change(things, rng)
        refresh(things, encoder, tmp_path / "kept")
        refresh(things, encoder, tmp_path / str(step))
        kept, made = files(tmp_path / "kept"), files(tmp_path / str(step))
        assert [name for name in made.keys() | kept.keys() if made[name] != kept[name]] == []


@pytest.fixture
def things(passages: list[Passage]) -> Things:
    return Things(passages)


def test_only_changed_things_are_read_and_encoded(
    tmp_path: Path, encoder: Any, things: Things
) -> None:
    refresh(things, encoder, tmp_path)
    assert things.read == ["rncp:RNCP99001", "rncp:RNCP99002"]
    things.read.clear()
    encoder.encoded.clear()
    office = things.held["rncp:RNCP99001"]
    office[:] = [
        replace(p, text="Tenir les agendas") if p.id.endswith("BC02.1") else p for p in office
    ]
    things.held["rncp:X"] = [Passage("rncp:X", "certification", "rncp:X", "Neuf")]
    refresh(things, encoder, tmp_path)
    assert things.read == ["rncp:RNCP99001", "rncp:X"]
    # Words are read one by one besides.
    assert [text for text in encoder.encoded if " " in text] == ["tenir agendas"]
    assert "neuf" in encoder.encoded
    index = open_index(tmp_path, encoder, things.state())
    assert sorted(index.states()) == ["rncp:RNCP99001", "rncp:RNCP99002", "rncp:X"]


def test_what_another_model_made_is_not_carried_over(
    tmp_path: Path, encoder: Any, things: Things
) -> None:
    refresh(things, encoder, tmp_path)
    encoder.revision = "2"
    things.read.clear()
    refresh(things, encoder, tmp_path)
    assert things.read == ["rncp:RNCP99001", "rncp:RNCP99002"]
    assert open_index(tmp_path, encoder).manifest.revision == "2"


def test_nothing_is_carried_over_where_it_is_to_be_made_anew(
    tmp_path: Path, encoder: Any, things: Things
) -> None:
    refresh(things, encoder, tmp_path)
    before = files(tmp_path)
    things.read.clear()
    encoder.encoded.clear()
    refresh(things, encoder, tmp_path, anew=True)
    assert things.read == ["rncp:RNCP99001", "rncp:RNCP99002"]
    assert "suivre clients" in encoder.encoded
    assert files(tmp_path) == before


def test_a_damaged_index_is_refused_and_made_anew(
    tmp_path: Path, encoder: Any, things: Things
) -> None:
    refresh(things, encoder, tmp_path)
    whole = files(tmp_path)
    # The shelves have the same files.
    for name in [name for name in whole if not name.startswith(("jobs", "names"))]:
        content = whole[name]
        for damaged in (content[: len(content) // 2], None):
            path = tmp_path / (tmp_path / "current").read_text() / name
            if damaged is None:
                path.unlink()
            else:
                path.write_bytes(damaged)
            things.read.clear()
            refresh(things, encoder, tmp_path)
            assert (name, files(tmp_path)) == (name, whole)


def test_an_index_that_is_replaced_while_it_is_opened(
    tmp_path: Path, encoder: Any, things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(things, encoder, tmp_path)
    load = Background.load

    def late(folder: Path) -> Background:
        monkeypatch.setattr(Background, "load", load)
        things.held["rncp:X"] = [Passage("rncp:X", "certification", "rncp:X", "Neuf")]
        refresh(things, encoder, tmp_path)
        return load(folder)

    monkeypatch.setattr(Background, "load", late)
    assert open_index(tmp_path, encoder).holds("rncp:X")
