"""The second stage: as it ships, as it is made, and where it is missing."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from index.encoder import load_encoder
from index.second import PROMPT, SecondStage, load_second
from index.train.compact import CompactRecipe, cut, fine_pairs, fine_tune
from index.train.pairs import PairGroup
from index.train.second import export_second
from index.train.teacher import Teacher
from kb.errors import MissingModel
from kb.reference import EscoOccupation, FormacodeTerm, TrainingTables

TEXTS = ("Aide-comptable", "Assistante comptable", "Soudeur à l'arc")


@pytest.fixture(scope="module")
def shipped() -> SecondStage:
    return SecondStage()


def test_vectors_have_unit_length_and_near_names_are_near(shipped: SecondStage) -> None:
    vectors = shipped.encode(TEXTS)
    assert vectors.shape == (3, shipped.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.3 + vectors[0] @ vectors[2]


def test_a_text_is_read_alike_in_any_company(shipped: SecondStage) -> None:
    together = shipped.encode(TEXTS)
    alone = np.vstack([SecondStage().encode([text]) for text in reversed(TEXTS)])[::-1]
    assert np.array_equal(together, alone)
    assert np.array_equal(together, shipped.encode(TEXTS))


def test_no_text_gives_no_vector(shipped: SecondStage) -> None:
    assert shipped.encode([]).shape == (0, shipped.dimension)
    assert np.isfinite(shipped.encode(["", "…"])).all()


def test_both_stages_fit_in_60_megabytes() -> None:
    folder = Path(importlib.import_module("index.encoder").SHIPPED)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 60e6


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="PASSERELLE_SECOND"):
        SecondStage(tmp_path)


def test_without_onnx_runtime_there_is_no_second_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert load_second() is None


def small_teacher(seed: int = 0) -> Teacher:
    """A transformer of two small layers over the letters, and a few longer pieces."""
    torch.manual_seed(seed)
    letters = sorted({letter for text in (*TEXTS, PROMPT) for letter in text} | {"▁"})
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *letters, "comptable", "▁Soude", "ж", "щука"]
    tokenizer = Tokenizer(models.Unigram([(piece, -float(len(pieces))) for piece in pieces], 3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    return Teacher(BertModel(config, add_pooling_layer=False).eval(), tokenizer)


def test_a_cut_vocabulary_reads_its_texts_as_before() -> None:
    before = small_teacher().encode(TEXTS)
    teacher = small_teacher()
    size = teacher.tokenizer.get_vocab_size()
    smaller = cut(teacher, [PROMPT + text for text in TEXTS], size - 1)
    assert smaller.tokenizer.get_vocab_size() < size
    assert smaller.tokenizer.token_to_id("щука") is None
    assert np.allclose(smaller.encode(TEXTS), before, atol=1e-2)


def test_training_draws_pairs_together_and_is_told(tmp_path: Path) -> None:
    pairs = (("Aide-comptable", "Assistante comptable"), ("Soudeur", "Soudeur à l'arc"))
    losses = []
    trained = fine_tune(
        small_teacher(),
        [PairGroup("names", pairs)],
        load_encoder(),
        CompactRecipe(steps=12, batch=2, rate=1e-3),
        lambda _, loss: losses.append(loss),
    )
    assert len(losses) == 12
    assert losses[-1] < losses[0]
    revision = export_second(tmp_path, trained, {"date": None})
    read = SecondStage(tmp_path)
    assert read.revision == revision
    assert (read.encode(TEXTS) * trained.encode(TEXTS)).sum(1) == pytest.approx(1, abs=0.02)


def test_the_same_seed_trains_the_same_model() -> None:
    pairs = (("Aide-comptable", "Assistante comptable"), ("Soudeur", "Soudeur à l'arc"))

    def made() -> np.ndarray:
        recipe = CompactRecipe(steps=3, batch=2, rate=1e-3)
        group = PairGroup("names", pairs)
        return fine_tune(small_teacher(), [group], load_encoder(), recipe).encode(TEXTS)

    assert np.array_equal(made(), made())


def test_fine_pairs_are_names_of_one_thing() -> None:
    names = ("aléseur", "fraiseur", "ajusteur")
    tables = TrainingTables(
        rome=(),
        rome4=(),
        moves=(),
        occupations=(EscoOccupation("a:1", "tourneur", names, "Il tourne.", "7223"),),
        skills=(),
        terms=(FormacodeTerm("1", "usinage", "23", ("tournage",), (), ("mécanique",), (), ()),),
        certifications=(),
        detailed=(),
        diplomas=(),
    )
    pairs = {pair for group in fine_pairs(tables) for pair in group.pairs}
    assert ("aléseur", "tourneur") in pairs
    assert ("aléseur", "fraiseur") in pairs
    assert ("ajusteur", "aléseur") in pairs
    assert ("tournage", "usinage") in pairs
    assert ("usinage", "mécanique") not in pairs
    assert not any("Il tourne." in pair for pair in pairs)
