"""Everyday words, and the official ones that they stand for."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from index.synonyms import Reading, Synonyms
from kb.identity import text_key

FILE = Path(__file__).resolve().parent.parent.parent / "index" / "synonyms.json"
ENTRIES = {
    "dompteur": ["éleveur de dragons"],
    "bts ded": ["élevage et dressage de dragons"],
    "cracheurs de feu": ["artiste du feu", "éleveur de dragons"],
    "feu": ["artificier"],
    "DE GR": ["diplômé des griffons"],
}
SYNONYMS = Synonyms(ENTRIES.items(), {"whole": 0.9, "part": 0.8, "word": 0.7})


def read(query: str) -> dict[str, float]:
    """Readings beside the query as typed."""
    first, *others = SYNONYMS.readings(query)
    assert first == Reading(query, 1.0)
    return {each.text: each.weight for each in others}


@pytest.mark.parametrize("typed", ["dompteur", "Dompteurs", "DOMPTEUR", "dompteür"])
def test_a_whole_query_is_read_as_its_official_phrase(typed: str) -> None:
    assert read(typed) == {"éleveur de dragons": 0.9}


def test_the_longest_entry_in_a_query_counts() -> None:
    assert read("cracheur de feu à Brest") == {
        "artiste du feu à Brest": 0.8,
        "éleveur de dragons à Brest": 0.8,
    }
    assert read("jongler avec le feu") == {"jongler avec artificier": 0.7}


def test_entries_are_whole_words() -> None:
    assert read("dompteuse feuille") == {}
    assert read("gr") == {}


def test_a_first_small_word_is_part_of_an_entry_others_are_not() -> None:
    assert read("de gr") == {"diplômé des griffons": 0.9}
    assert read("BTS de DED") == {"élevage et dressage de dragons": 0.9}


def test_a_weight_of_nothing_leaves_readings_out() -> None:
    silent = Synonyms(ENTRIES.items(), {"whole": 0.9, "part": 0.0, "word": 0.0})
    assert silent.readings("dompteur à Brest") == (Reading("dompteur à Brest", 1.0),)


def test_readings_are_few() -> None:
    many = Synonyms([("x", [f"phrase {n}" for n in range(30)])], {"whole": 0.9})
    assert len(many.readings("x")) == 9


def test_words_of_entries() -> None:
    assert {"dompteur", "dragons", "éleveur", "de", "gr"} <= set(SYNONYMS.words)


def test_the_shipped_entries_are_clean() -> None:
    kinds = json.loads(FILE.read_text("utf-8"))
    assert set(kinds) == {"diploma", "field", "job", "english"}
    times: Counter[str] = Counter()
    for entries in kinds.values():
        assert list(entries) == sorted(entries)
        times.update(map(text_key, entries))
        for everyday, official in entries.items():
            assert everyday == " ".join(everyday.split()).strip()
            assert text_key(everyday)
            assert official
            assert len(set(official)) == len(official)
            assert all(text_key(phrase) for phrase in official)
    assert [words for words, n in times.items() if n > 1] == []
    assert sum(times.values()) > 3000


def test_the_shipped_entries_are_read() -> None:
    (first, *others) = Synonyms.shipped().readings("BTS MUC")
    assert first.text == "BTS MUC"
    assert "management commercial opérationnel" in [each.text for each in others]
