"""A few words or a code against a small knowledge base."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from index.build import Index, build, open_index
from index.score import Fusion
from index.search import Searcher
from index.synonyms import Synonyms
from kb.errors import EmptyKnowledgeBase
from kb.model import Passage, Relation

HALVES = Fusion({"dense": 0.5, "lexical": 0.5}, threshold=0.3)


@pytest.fixture
def searcher(index: Index, encoder: Any, graph: Any) -> Searcher:
    return Searcher(index, encoder, graph, HALVES)


def test_words_find_certifications_blocks_and_competences(searcher: Searcher) -> None:
    found = {r.id: r for r in searcher.search("devis").results}
    assert found["rncp:RNCP99002/BC01.1"].kind == "competency"
    assert next(iter(found)) == "rncp:RNCP99002/BC01.1"
    assert searcher.search("assistant commercial").results[0].id == "rncp:RNCP99002"
    assert searcher.search("suivre les clients").results[0].id == "rncp:RNCP99002BC01"


@pytest.mark.parametrize("typed", ["RNCP99001", "rncp99001", "RNCP 99001", "99001"])
def test_a_number_is_found_exactly(searcher: Searcher, typed: str) -> None:
    (only,) = searcher.search(typed).results
    assert (only.id, only.kind, only.title) == (
        "rncp:RNCP99001",
        "certification",
        "Responsable de bureau",
    )


def test_a_block_code_is_found_exactly(searcher: Searcher) -> None:
    (only,) = searcher.search("RNCP99001BC02").results
    assert (only.id, only.title) == ("rncp:RNCP99001BC02", "Assister la direction")


def test_a_rome_code_finds_what_bears_it(index: Index, encoder: Any, graph: Any) -> None:
    bearer = Relation("leads_to", "rncp:RNCP99002", "rome:D1401")
    searcher = Searcher(index, encoder, type(graph)(relations=[bearer]), HALVES)
    assert [r.id for r in searcher.search("d1401").results] == ["rncp:RNCP99002"]


@pytest.mark.parametrize("typed", ["amenagment", "aménagemant", "aménagemnt"])
def test_a_misspelt_word_is_read_as_its_neighbour(index: Index, graph: Any, typed: str) -> None:
    words_alone = Searcher(index, None, graph, HALVES)
    assert words_alone.search(typed).results[0].id == "rncp:RNCP99001/BC01.2"


def everyday(entries: dict[str, list[str]], whole: float = 0.9) -> Synonyms:
    return Synonyms(entries.items(), {"whole": whole, "part": 0.8, "word": 0.7})


def test_everyday_words_find_the_title_that_they_stand_for(
    index: Index, encoder: Any, graph: Any
) -> None:
    silent = Searcher(index, encoder, graph, HALVES, everyday({}))
    assert silent.search("fourgueur").results == ()
    searcher = Searcher(
        index, encoder, graph, HALVES, everyday({"fourgueur": ["assistant commercial"]})
    )
    (first, *_) = searcher.search("fourgueurs").results
    assert (first.id, first.title) == ("rncp:RNCP99002", "Assistant commercial")


def test_the_answer_tells_how_the_query_was_read(index: Index, encoder: Any, graph: Any) -> None:
    entries = everyday({"fourgueur": ["assistant commercial", "vendeur"]})
    searcher = Searcher(index, encoder, graph, HALVES, entries)
    misspelt = searcher.search("frougueur  ")
    assert misspelt.read_as == ("fourgueur", "assistant commercial", "vendeur")
    assert misspelt.results[0].id == "rncp:RNCP99002"
    assert searcher.search("fourgueur d'agendas").read_as[1:] == (
        "assistant commercial d'agendas",
        "vendeur d'agendas",
    )
    assert searcher.search("agenda").read_as == ("agenda",)
    assert searcher.search("RNCP99001").read_as == ("RNCP99001",)
    assert searcher.search("zzyzx").read_as == ("zzyzx",)


def test_the_weight_of_a_reading_counts(index: Index, encoder: Any, graph: Any) -> None:
    entries = {"agenda": ["assistant commercial"]}
    scores = []
    for whole in (1.0, 0.7):
        found = Searcher(index, encoder, graph, HALVES, everyday(entries, whole)).search("agenda")
        scores.append({r.id: r.score for r in found.results}["rncp:RNCP99002"])
    assert scores == [0.5, 0.35]  # its words alone, of two signals that count half


def test_a_title_with_an_option_is_the_title(
    tmp_path: Path, encoder: Any, graph: Any, passages: list[Passage]
) -> None:
    title = "Vente de dragons exotiques : option entretien des griffons et autres volatiles"
    entity = "rncp:RNCP99003"
    build(
        [*passages, Passage(entity, "certification", entity, title)], encoder, tmp_path / "i", "s"
    )
    searcher = Searcher(open_index(tmp_path / "i", encoder), encoder, graph, HALVES)
    assert searcher.search("vente de dragons exotiques").results[0].score == 1.0
    assert searcher.search("dragons exotiques, option entretien").results[0].score < 1.0


def test_a_job_title_speaks_for_its_certification(
    tmp_path: Path, encoder: Any, graph: Any, passages: list[Passage]
) -> None:
    entity = "rncp:RNCP99001"
    title = Passage(f"{entity}/job/concierge", "job_title", entity, "Concierge d'entreprise")
    build([*passages, title], encoder, tmp_path / "i", "s")
    searcher = Searcher(open_index(tmp_path / "i", encoder), encoder, graph, HALVES)
    first = searcher.search("concierge d'entreprise").results[0]
    assert (first.id, first.title) == (entity, "Responsable de bureau")
    assert first.highlights[0] == "Concierge d'entreprise"


def test_nothing_meets_nonsense(searcher: Searcher) -> None:
    assert searcher.search("zzyzx").results == ()
    assert searcher.search("!!!").results == ()


def test_limit(searcher: Searcher) -> None:
    assert len(searcher.search("agenda", limit=1).results) == 1
    with pytest.raises(ValueError, match="limit"):
        searcher.search("agenda", limit=0)


def test_an_empty_knowledge_base_says_so(tmp_path: Path, encoder: Any, graph: Any) -> None:
    build([], encoder, tmp_path / "i", "s")
    with pytest.raises(EmptyKnowledgeBase):
        Searcher(open_index(tmp_path / "i", encoder), encoder, graph).search("devis")


def test_of_equals_what_is_in_force_comes_first(tmp_path: Path, encoder: Any, graph: Any) -> None:
    titles = [
        Passage(f"rncp:RNCP9900{n}", "certification", f"rncp:RNCP9900{n}", "Assistant commercial")
        for n in (7, 8)
    ]
    build(titles, encoder, tmp_path / "i", "s")
    states = type(graph)(inactive=["rncp:RNCP99007"])
    searcher = Searcher(open_index(tmp_path / "i", encoder), encoder, states, HALVES)
    found = searcher.search("assistant commercial").results
    assert [(r.id, r.standing.active) for r in found] == [
        ("rncp:RNCP99008", None),
        ("rncp:RNCP99007", False),
    ]


def test_what_is_in_force_no_more_can_be_left_out(index: Index, encoder: Any, graph: Any) -> None:
    states = type(graph)(inactive=["rncp:RNCP99002"])
    searcher = Searcher(index, encoder, states, HALVES)
    for query, found in (("devis", "RNCP99002/BC01.1"), ("suivre les clients", "RNCP99002BC01")):
        every = {r.id: r.standing.active for r in searcher.search(query).results}
        assert every[f"rncp:{found}"] is False
        some = {r.id for r in searcher.search(query, in_force=True).results}
        assert not any("RNCP99002" in identifier for identifier in some)
    (typed,) = searcher.search("RNCP99002", in_force=True).results
    assert typed.standing.active is False
