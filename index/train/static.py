"""Static embeddings: one vector per piece, a text is the mean of its pieces' vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from index.encoder import Vectors
from index.train.pairs import PairGroup


class Teaches(Protocol):
    """A model whose similarities are worth learning."""

    def encode(self, texts: Sequence[str], prompt: str = ...) -> Vectors:
        """float32 (n, any width), rows of unit length."""
        ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """What training may be told. temperature divides cosines; rate is Adam's first step.

    distillation: weight of the teacher's similarities beside the pairs; 0 trains without.
    """

    pieces: int = 30_000
    dimension: int = 256
    epochs: int = 4
    batch: int = 1024
    rate: float = 0.01
    temperature: float = 0.05
    frequency_weight: float = 1e-3
    distillation: float = 0.3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts with the teacher's vectors of them: float (n, 384), rows of unit length."""

    texts: Sequence[str]
    vectors: Vectors


def first_vectors(
    tokenizer: Tokenizer, teacher: Teaches, texts: Sequence[str], recipe: Recipe
) -> Vectors:
    """float32 (pieces, dimension): the teacher's vectors, cut by SVD, rare pieces heavier."""
    pieces = [
        (tokenizer.id_to_token(n) or "").removeprefix("##")
        for n in range(tokenizer.get_vocab_size())
    ]
    vectors = teacher.encode(pieces, prompt="query: ")
    vectors -= vectors.mean(0)
    _, _, axes = np.linalg.svd(vectors, full_matrices=False)
    reduced = vectors @ axes[: recipe.dimension].T
    counts = np.ones(len(pieces))
    for encoded in tokenizer.encode_batch(list(texts)):
        np.add.at(counts, encoded.ids, 1)
    weight = recipe.frequency_weight / (recipe.frequency_weight + counts / counts.sum())
    reduced /= np.linalg.norm(reduced, axis=1, keepdims=True).clip(1e-6)
    first: Vectors = (reduced * weight[:, None]).astype(np.float32)
    return first


@dataclass(frozen=True, slots=True)
class Bags:
    """Texts as pieces: `ids[starts[n]:starts[n + 1]]` are text n's."""

    ids: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, tokenizer: Tokenizer, texts: Sequence[str], most: int = 128) -> Bags:
        rows = [encoded.ids[:most] or [0] for encoded in tokenizer.encode_batch(list(texts))]
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        return cls(np.concatenate(rows).astype(np.int64), starts.astype(np.int64))

    def take(self, rows: npt.NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        sizes = self.starts[rows + 1] - self.starts[rows]
        offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        places = np.arange(sizes.sum()) - np.repeat(offsets - self.starts[rows], sizes)
        return torch.from_numpy(self.ids[places]), torch.from_numpy(offsets)


def train_static(
    tokenizer: Tokenizer,
    first: Vectors,
    groups: Sequence[PairGroup],
    lesson: Lesson,
    recipe: Recipe,
) -> Vectors:
    """Pull both texts of a pair together, away from the others of their batch; and set the
    texts of a batch of the lesson among each other as the teacher does.

    A text of the batch that belongs to the same right-hand text is no negative.
    """
    torch.manual_seed(recipe.seed)
    random = np.random.default_rng(recipe.seed)
    texts = list(dict.fromkeys(text for group in groups for pair in group.pairs for text in pair))
    place = {text: n for n, text in enumerate(texts)}
    bags = Bags.of(tokenizer, texts)
    learn = _listened(tokenizer, lesson, recipe, random) if recipe.distillation else None
    numbered = [np.array([(place[a], place[b]) for a, b in g.pairs], np.int64) for g in groups]
    model = torch.nn.EmbeddingBag.from_pretrained(
        torch.from_numpy(first.copy()), freeze=False, mode="mean"
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.rate)
    size = sum(int(len(rows) * group.share) for rows, group in zip(numbered, groups, strict=True))
    steps = recipe.epochs * (size // recipe.batch)
    done = 0
    for _ in range(recipe.epochs):
        pairs = np.concatenate(
            [
                _shared(rows, group.share, random)
                for rows, group in zip(numbered, groups, strict=True)
            ]
        )
        random.shuffle(pairs)
        for start in range(0, len(pairs) - recipe.batch + 1, recipe.batch):
            chosen = pairs[start : start + recipe.batch]
            for parameters in optimizer.param_groups:
                parameters["lr"] = recipe.rate * max(0.02, 1 - done / steps)
            loss = _loss(model, bags, chosen, recipe.temperature)
            if learn is not None:
                loss = loss + recipe.distillation * learn(model)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            done += 1
    trained: Vectors = model.weight.detach().numpy()
    return trained


def _listened(
    tokenizer: Tokenizer, lesson: Lesson, recipe: Recipe, random: np.random.Generator
) -> Callable[[torch.nn.EmbeddingBag], torch.Tensor]:
    """How far a model's neighbourhoods in a batch of the lesson are from the teacher's."""
    taught = Bags.of(tokenizer, lesson.texts)
    # The teacher's vectors share one large component, which says nothing of any text.
    ideal = torch.from_numpy(lesson.vectors - lesson.vectors.mean(0))
    ideal = torch.nn.functional.normalize(ideal, dim=-1)
    size = min(recipe.batch, len(ideal))
    itself = torch.eye(size, dtype=torch.bool)

    def distance(model: torch.nn.EmbeddingBag) -> torch.Tensor:
        rows = random.choice(len(ideal), size, replace=False)
        ours = torch.nn.functional.normalize(model(*taught.take(rows)), dim=-1)
        wanted = (ideal[rows] @ ideal[rows].T / recipe.temperature).masked_fill(itself, -1e4)
        found = (ours @ ours.T / recipe.temperature).masked_fill(itself, -1e4)
        return torch.nn.functional.kl_div(
            found.log_softmax(1), wanted.log_softmax(1), log_target=True, reduction="batchmean"
        )

    return distance


def _shared(
    rows: npt.NDArray[np.int64], share: float, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    whole, part = divmod(share, 1)
    chosen = random.permutation(len(rows))[: int(len(rows) * part)]
    return np.concatenate([*[rows] * int(whole), rows[chosen]])


def no_negatives(pairs: npt.NDArray[np.int64]) -> torch.Tensor:
    """bool (n, n) for pairs of numbered texts (n, 2): the right text of another pair that shares a
    text with this one."""
    lefts, rights = torch.from_numpy(pairs[:, 0].copy()), torch.from_numpy(pairs[:, 1].copy())
    same = (rights[:, None] == rights[None]) | (lefts[:, None] == lefts[None])
    same |= (lefts[:, None] == rights[None]) | (rights[:, None] == lefts[None])
    return same.fill_diagonal_(False)


def _loss(
    model: torch.nn.EmbeddingBag, bags: Bags, pairs: npt.NDArray[np.int64], temperature: float
) -> torch.Tensor:
    left = torch.nn.functional.normalize(model(*bags.take(pairs[:, 0])), dim=-1)
    right = torch.nn.functional.normalize(model(*bags.take(pairs[:, 1])), dim=-1)
    scores = left @ right.T / temperature
    scores = scores.masked_fill(no_negatives(pairs), -1e4)
    truth = torch.arange(len(pairs))
    return (
        torch.nn.functional.cross_entropy(scores, truth)
        + torch.nn.functional.cross_entropy(scores.T, truth)
    ) / 2
