"""A model that can be computed by hand, and a small knowledge base in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.build import Index, build, open_index
from index.encoder import Kind, Vectors
from kb.errors import NotFound
from kb.identity import fold
from kb.merge import Entry
from kb.model import Job, Passage, Relation, Standing

WORDS = ("achat", "agenda", "devis", "local", "pain", "equipe", "facture")


class CountingEncoder:
    """One dimension a word of WORDS (does the text have it?); a query and a passage that have
    none of them are orthogonal to everything."""

    name = "counting"
    revision = "1"
    dimension = len(WORDS) + 2

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:
        self.encoded.extend(texts)
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            folded = fold(text).replace("locaux", "local")
            row[: len(WORDS)] = [word in folded for word in WORDS]
            row[-1 if kind == "query" else -2] = not row.any()
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


class Graph:
    """Jobs, relations and states as the store gives them. inactive: ids of certifications."""

    def __init__(
        self,
        jobs: Sequence[Entry[Job]] = (),
        relations: Sequence[Relation] = (),
        inactive: Sequence[str] = (),
    ) -> None:
        self._jobs = {entry.id: entry for entry in jobs}
        self._relations = list(relations)
        self._standings = {identifier: Standing(False, 5) for identifier in inactive}

    def standings(self) -> dict[str, Standing]:
        return self._standings

    def job(self, identifier: str) -> Entry[Job]:
        if identifier not in self._jobs:
            raise NotFound(f"no job {identifier}", "See: passerelle search")
        return self._jobs[identifier]

    def relations(self, *, source: str | None = None, target: str | None = None) -> list[Relation]:
        return [
            r for r in self._relations if source in (None, r.source) and target in (None, r.target)
        ]


def certification(
    number: str, title: str, blocks: dict[str, tuple[str, list[str]]]
) -> list[Passage]:
    """Passages of a certification. blocks: code's end -> title and competences."""
    entity = f"rncp:{number}"
    passages = [Passage(entity, "certification", entity, title)]
    for end, (name, competencies) in blocks.items():
        code = f"{number}{end}"
        passages.append(Passage(f"rncp:{code}", "block", entity, name, code))
        for place, text in enumerate(competencies, 1):
            passages.append(Passage(f"{entity}/{end}.{place}", "competency", entity, text, code))
    return passages


OFFICE = certification(
    "RNCP99001",
    "Responsable de bureau",
    {
        "BC01": (
            "Organiser la vie du bureau",
            [
                "Opérer les achats de fournitures, en comparant les prix, afin de tenir le budget",
                "Aménager les locaux en veillant à la sécurité de chacun",
            ],
        ),
        "BC02": (
            "Assister la direction",
            ["Tenir l'agenda de la direction, en fixant les rendez-vous selon leur urgence"],
        ),
    },
)
SALES = certification(
    "RNCP99002",
    "Assistant commercial",
    {
        "BC01": (
            "Suivre les clients",
            [
                "Rédiger les devis demandés par les clients, afin de conclure la vente",
                "Tenir l'agenda de l'équipe commerciale",
            ],
        )
    },
)


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def passages() -> list[Passage]:
    return [*OFFICE, *SALES]


@pytest.fixture
def index(tmp_path: Path, encoder: CountingEncoder, passages: list[Passage]) -> Index:
    build(passages, encoder, tmp_path / "index", "state")
    return open_index(tmp_path / "index", encoder, "state")


@pytest.fixture
def graph() -> Graph:
    return Graph()
