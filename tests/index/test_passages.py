"""Passages on disk: what is written is what is read, each distinct text once."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from index.passages import Collected, PassageFile
from index.strings import Strings
from kb.model import Passage


def passage(number: int, text: str, block: str | None = None) -> Passage:
    entity = f"rncp:RNCP99{number % 7:03}"
    return Passage(f"{entity}/C{number:04}", "competency", entity, text, block)


def written(passages: list[Passage], folder: Path) -> PassageFile:
    collected = Collected()
    for each in passages:
        collected.add(each, each.text)
    collected.write(folder, PassageFile.empty(), ())
    return PassageFile.load(folder)


@pytest.fixture
def passages() -> list[Passage]:
    """500 passages, a fifth of them with the text of another."""
    return [
        passage(n, f"Tenir l’agenda n° {n % 400}\nde l'équipe", f"B{n % 3}" if n % 4 else None)
        for n in range(500)
    ]


@pytest.mark.parametrize("strings", [["", "é\n", "œuvre", "x" * 1000, "", "a", ""], [""], []])
def test_strings(tmp_path: Path, strings: list[str]) -> None:
    kept = Strings.of(strings)
    assert (len(kept), [kept[i] for i in range(len(kept))]) == (len(strings), strings)
    order = random.Random(0).sample(range(len(strings) + 2), len(strings))
    Strings.write(tmp_path / "s.bin", [kept, Strings.of(["ô", "b"])], np.array(order, np.int64))
    loaded = Strings.load(tmp_path / "s.bin")
    assert [loaded[i] for i in range(len(loaded))] == [[*strings, "ô", "b"][i] for i in order]


def test_strings_that_were_cut_off(tmp_path: Path) -> None:
    Strings.write(tmp_path / "s.bin", [Strings.of(["abc", "d"])], np.arange(2))
    (tmp_path / "s.bin").write_bytes(b"abc")
    with pytest.raises(ValueError, match="3 bytes; expected 4"):
        Strings.load(tmp_path / "s.bin")


def test_rows_are_in_the_order_of_identifiers(tmp_path: Path, passages: list[Passage]) -> None:
    shuffled = random.Random(0).sample(passages, len(passages))
    file = written(shuffled, tmp_path)
    assert [file[row] for row in range(len(file))] == sorted(passages, key=lambda p: p.id)


def test_the_same_bytes_in_whatever_order_they_come(
    tmp_path: Path, passages: list[Passage]
) -> None:
    for name, given in (("a", passages), ("b", passages[::-1])):
        (tmp_path / name).mkdir()
        written(given, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(files) > 6
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_each_text_stands_once_and_knows_who_says_it(
    tmp_path: Path, passages: list[Passage]
) -> None:
    file = written(passages, tmp_path)
    assert (len(file), file.texts) == (500, 400)
    texts = np.array([7, 0, 399])
    rows, owners = file.saying(texts)
    for at, text in enumerate(texts):
        said = rows[owners == at].tolist()
        assert said == [row for row in range(500) if file.text[row] == text]
        assert len({file[row].text for row in said}) == 1


def test_rows_by_identifier_and_by_its_beginning(tmp_path: Path, passages: list[Passage]) -> None:
    file = written(passages, tmp_path)
    for each in passages[::37]:
        (row,) = file.rows_of(each.id)
        assert file[row] == each
    assert file.rows_of("rncp:RNCP99000/C") == file.rows_of("zzz") == file.rows_of("a") == []
    of_one = [p.id for p in sorted(passages, key=lambda p: p.id) if p.entity == "rncp:RNCP99003"]
    assert [file.id_of(row) for row in file.rows_under("rncp:RNCP99003/")] == of_one
    assert file.entity_number("rncp:RNCP99003") == 3
    assert file.entity_number("rncp:RNCP9900") is None


def test_no_passage(tmp_path: Path) -> None:
    file = written([], tmp_path)
    assert (len(file), file.texts, file.rows_of("a"), len(file.rows_under("a"))) == (0, 0, [], 0)
