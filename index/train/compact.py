"""The second stage: multilingual-e5-small, its vocabulary cut to the pieces that French texts of
this field use, then fine-tuned on pairs of names that mean the same.

Fine pairs only: pairs such as job title and title of its ROME code draw all the jobs of one code
together, which lowers what this stage is for.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from index.encoder import Vectors
from index.second import LONGEST, PROMPT
from index.train.pairs import PairGroup, training_pairs
from index.train.static import no_negatives
from index.train.teacher import Teacher
from kb.reference import TrainingTables

_LETTERS = {"▁"}  # how the vocabulary writes a blank
_TOGETHER = 160  # texts of about one length that are read together


@dataclass(frozen=True, slots=True)
class CompactRecipe:
    """What fine-tuning may be told. temperature divides cosines; rate is AdamW's highest step.

    beside: weight of the first stage's cosines while training, as if both were already added, so
    that the second stage learns what the first does not know.
    """

    pieces: int = 12_000
    steps: int = 160
    batch: int = 192
    rate: float = 4e-5
    temperature: float = 0.05
    beside: float = 0.25
    seed: int = 0


class Reads(Protocol):
    """The first stage."""

    def encode(self, texts: Sequence[str]) -> Vectors: ...


def fine_pairs(tables: TrainingTables) -> tuple[PairGroup, ...]:
    """Names of one thing: of ESCO's occupations and skills, and of Formacode's terms."""
    groups = {group.name: group for group in training_pairs(tables)}
    broader = {(term.label, label) for term in tables.terms for label in term.broader}
    terms = tuple(pair for pair in groups["formacode"].pairs if pair not in broader)
    return (
        groups["occupations"],
        PairGroup("occupation names", tuple(_neighbours(tables)), 0.5),
        PairGroup("formacode", terms),
        groups["skills"],
    )


def _neighbours(tables: TrainingTables) -> Iterator[tuple[str, str]]:
    """Other names of an occupation, each with the next one."""
    for occupation in tables.occupations:
        names = occupation.alternatives
        if len(names) > 2:
            pairs = zip(names, (*names[1:], names[0]), strict=True)
            yield from (pair for pair in pairs if pair[0] != pair[1])


def cut(teacher: Teacher, texts: Iterable[str], pieces: int) -> Teacher:
    """The same model with the `pieces` pieces that these texts use most, and all their letters."""
    listed = list(texts)
    content = json.loads(teacher.tokenizer.to_str())
    vocabulary = content["model"]["vocab"]
    counts: Counter[int] = Counter()
    for encoded in teacher.tokenizer.encode_batch(listed):
        counts.update(encoded.ids)
    special = range(4)  # <s>, <pad>, </s>, <unk>
    letters = {letter for text in listed for letter in text} | _LETTERS
    kept = set(special) | {n for n, (piece, _) in enumerate(vocabulary) if piece in letters}
    for n, _ in counts.most_common():
        if len(kept) >= pieces:
            break
        kept.add(n)
    rows = sorted(kept)
    content["model"]["vocab"] = [vocabulary[row] for row in rows]
    content["model"]["unk_id"] = rows.index(content["model"]["unk_id"])
    for one in content["post_processor"]["special_tokens"].values():
        one["ids"] = [rows.index(n) for n in one["ids"]]
    model = teacher.model
    words = model.embeddings.word_embeddings.weight.detach()[rows].clone()
    model.embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(
        words, freeze=False, padding_idx=rows.index(1)
    )
    model.config.vocab_size = len(rows)
    return Teacher(model, Tokenizer.from_str(json.dumps(content)))


def fine_tune(
    student: Teacher,
    groups: Sequence[PairGroup],
    first: Reads,
    recipe: CompactRecipe,
    say: Callable[[int, float], None] = lambda *_: None,
) -> Teacher:
    """Pull both texts of a pair together, away from the others of their batch.

    Args:
        groups: fine pairs; a group's share is how often its pairs are drawn.
        say: told the number of the step and its loss.
    """
    torch.manual_seed(recipe.seed)
    random = np.random.default_rng(recipe.seed)
    pairs = [pair for group in groups for pair in group.pairs]
    chance = np.concatenate([np.full(len(g.pairs), g.share) for g in groups])
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    place = {text: row for row, text in enumerate(texts)}
    numbered = np.array([(place[left], place[right]) for left, right in pairs])
    known = torch.from_numpy(first.encode(texts)) * math.sqrt(recipe.beside)
    read = student.tokenizer.encode_batch([PROMPT + text for text in texts])
    tokens = [one.ids[:LONGEST] for one in read]
    model = student.model.eval()  # without dropout, whose chances take as long as the rest
    model.config._attn_implementation = "eager"  # the fused kernel's way back is slow on a CPU
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=0.01, fused=True)
    for step, chosen in enumerate(_batches(numbered, chance, recipe, random)):
        for parameters in optimizer.param_groups:
            parameters["lr"] = recipe.rate * _pace(step, recipe.steps)
        rows, places = np.unique(chosen, return_inverse=True)
        vectors = torch.cat([_read(student, [tokens[row] for row in rows]), known[rows]], 1)
        left, right = (vectors[column] for column in places.reshape(-1, 2).T)
        scores = (left @ right.T / recipe.temperature).masked_fill(no_negatives(chosen), -1e4)
        truth = torch.arange(len(chosen))
        loss = (
            torch.nn.functional.cross_entropy(scores, truth)
            + torch.nn.functional.cross_entropy(scores.T, truth)
        ) / 2
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        say(step, float(loss.detach()))
    return Teacher(model, student.tokenizer)


def _batches(
    pairs: npt.NDArray[np.int64],
    chance: npt.NDArray[np.float64],
    recipe: CompactRecipe,
    random: np.random.Generator,
) -> Iterator[npt.NDArray[np.int64]]:
    """`steps` batches; no pair comes again before the others of its kind have come."""
    pool = np.zeros(0, np.int64)
    for _ in range(recipe.steps):
        if len(pool) < recipe.batch:
            times = np.floor(chance + random.random(len(chance))).astype(np.int64)
            pool = random.permutation(np.repeat(np.arange(len(pairs)), times))
        yield pairs[pool[: recipe.batch]]
        pool = pool[recipe.batch :]


def _read(student: Teacher, tokens: Sequence[Sequence[int]]) -> torch.Tensor:
    """As `Teacher.pool`, texts of one length together: most of a batch would be padding."""
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    with torch.autocast("cpu", torch.bfloat16):
        found = [
            student.pool([tokens[row] for row in order[start : start + _TOGETHER]])
            for start in range(0, len(order), _TOGETHER)
        ]
    back = torch.empty(len(order), dtype=torch.int64)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(found)[back]


def _pace(step: int, steps: int) -> float:
    """Faster over the first twentieth, then slower to the end."""
    return min((step + 1) / max(1, steps // 20), max(0.02, 1 - step / steps))
