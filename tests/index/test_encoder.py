"""The shipped model: shape, determinism, the same vectors through sentence-transformers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.encoder import SHIPPED, StaticEncoder, load_encoder
from kb.errors import MissingModel

TEXTS = [
    "Assistante de direction (H/F)",
    "Rédiger un compte rendu de réunion, en veillant à l'orthographe",
    "boulanger/ère",
    "C++ et C#",
    "x" * 300,
]


def test_rows_are_float32_of_unit_length() -> None:
    encoder = load_encoder()
    found = encoder.encode(TEXTS)
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS), encoder.dimension)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_no_text_gives_no_row() -> None:
    encoder = load_encoder()
    assert encoder.encode([]).shape == (0, encoder.dimension)


@pytest.mark.parametrize("text", ["", "   ", "?!", "\n\t"])
def test_a_text_without_a_word_is_the_unknown_word(text: str) -> None:
    encoder = load_encoder()
    found = encoder.encode([text, "boulanger"])
    assert np.isfinite(found).all()
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(found[0], encoder.encode([""])[0])


def test_a_text_has_one_vector_whatever_is_beside_it() -> None:
    encoder = load_encoder()
    together = encoder.encode(TEXTS * 1000)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_array_equal(together[: len(TEXTS)], alone)
    np.testing.assert_array_equal(together[-len(TEXTS) :], alone)


def test_case_accents_and_gender_marks_do_not_count() -> None:
    encoder = load_encoder()
    found = encoder.encode(["Infirmier (H/F)", "INFIRMIER", "infirmier h/f/x", "infirmier"])
    np.testing.assert_allclose(found @ found[3], 1, atol=1e-6)
    accents = encoder.encode(["Électricité générale", "electricite generale"])
    np.testing.assert_allclose(accents[0], accents[1], atol=1e-6)


def test_near_texts_are_nearer_than_far_ones() -> None:
    encoder = load_encoder()
    job, near, far = encoder.encode(
        ["Assistant de direction", "secrétaire de direction", "Conduire une grue de chantier"]
    )
    assert job @ near > job @ far + 0.3


def test_sentence_transformers_reads_the_same_vectors() -> None:
    from sentence_transformers import SentenceTransformer

    other = SentenceTransformer(str(SHIPPED), device="cpu").encode(TEXTS)
    np.testing.assert_allclose(load_encoder().encode(TEXTS), other, atol=1e-5)


def test_a_folder_is_read_through_sentence_transformers() -> None:
    other = load_encoder(str(SHIPPED))
    np.testing.assert_allclose(load_encoder().encode(TEXTS), other.encode(TEXTS), atol=1e-5)
    assert other.encode([]).shape == (0, other.dimension)


def test_the_shipped_model_needs_neither_torch_nor_sentence_transformers() -> None:
    code = (
        "import sys; from index.encoder import load_encoder; load_encoder().encode(['a']); "
        "print(sorted({'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="PASSERELLE_MODEL"):
        load_encoder(str(tmp_path / "nothing"))


@pytest.mark.parametrize("name", ["tokenizer.json", "model.safetensors", "card.json"])
def test_a_damaged_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    (folder / name).write_text("{}")
    with pytest.raises(MissingModel, match="train"):
        StaticEncoder(folder)
