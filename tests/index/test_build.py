"""From passages to an index on disk, changed in one step."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from index.build import Index, build, open_index
from kb.errors import EmptyKnowledgeBase, IndexMismatch
from kb.model import Passage


def test_every_passage_stands_on_one_shelf_by_identifier(
    index: Index, passages: list[Passage]
) -> None:
    kept = [[shelf.passages[row] for row in range(len(shelf))] for shelf in index.shelves.values()]
    assert sorted(p.id for shelf in kept for p in shelf) == sorted(p.id for p in passages)
    for shelf in kept:
        assert [p.id for p in shelf] == sorted(p.id for p in shelf)
    assert {p for shelf in kept for p in shelf} == set(passages)


def test_rows_under_an_identifier(index: Index) -> None:
    file = index.shelves["competences"].passages
    assert [file[row].id for row in file.rows_under("rncp:RNCP99002/")] == [
        "rncp:RNCP99002/BC01.1",
        "rncp:RNCP99002/BC01.2",
    ]
    assert file.rows_of("rncp:RNCP99002/BC01") == []
    assert [p.text for p in index.passages("rncp:RNCP99001BC02")] == ["Assister la direction"]


def test_the_manifest_names_model_and_state(tmp_path: Path, index: Index) -> None:
    manifest = index.manifest
    assert (manifest.model, manifest.revision, manifest.dimension) == ("counting", "1", 9)
    assert (manifest.state, manifest.passages) == ("state", 10)
    current = (tmp_path / "index" / "current").read_text()
    written = json.loads((tmp_path / "index" / current / "manifest.json").read_text())
    assert written == dataclasses.asdict(manifest)


def test_meaningful_words_are_encoded(encoder: Any, index: Index) -> None:
    assert index.manifest.passages
    assert "tenir agenda equipe commerciale" in encoder.encoded
    assert "suivre clients" in encoder.encoded


def test_a_failed_build_leaves_the_old_one_in_use(
    tmp_path: Path, index: Index, encoder: Any, passages: list[Passage]
) -> None:
    def fail(texts: Any, kind: str) -> None:
        raise RuntimeError(f"{kind} {len(texts)}")

    encoder.encode = fail
    new = Passage("rncp:X", "certification", "rncp:X", "Neuf")
    with pytest.raises(RuntimeError):
        build([*passages, new], encoder, tmp_path / "index", "new")
    assert open_index(tmp_path / "index", encoder, "state").manifest == index.manifest
    assert len(list((tmp_path / "index").glob("build-*"))) == 1


def test_an_index_that_does_not_fit_is_refused(tmp_path: Path, index: Index, encoder: Any) -> None:
    folder = tmp_path / "index"
    assert open_index(folder, None).manifest == index.manifest
    with pytest.raises(IndexMismatch, match="passerelle rebuild"):
        open_index(folder, encoder, "another state")
    encoder.name = "another model"
    with pytest.raises(IndexMismatch, match="model counting"):
        open_index(folder, encoder)


def test_an_index_of_another_format_is_refused(tmp_path: Path, index: Index, encoder: Any) -> None:
    folder = tmp_path / "index"
    path = folder / (folder / "current").read_text() / "manifest.json"
    content = dataclasses.asdict(index.manifest) | {"format": 0}
    path.write_text(json.dumps(content))
    with pytest.raises(IndexMismatch, match="format 0"):
        open_index(folder, encoder)


def test_no_index_says_what_to_do(tmp_path: Path, encoder: Any) -> None:
    with pytest.raises(EmptyKnowledgeBase, match="passerelle ingest"):
        open_index(tmp_path, encoder)


def test_an_unknown_kind_of_passage_is_no_passage(tmp_path: Path, encoder: Any) -> None:
    with pytest.raises(KeyError):
        build([Passage("x", "poem", "x", "Ô")], encoder, tmp_path, "s")
