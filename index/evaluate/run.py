"""`passerelle evaluate`: the tasks, measured with the matcher as it ships."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, load_encoder
from index.evaluate import metrics, tasks
from index.evaluate.metrics import Judged
from index.evaluate.queries import SearchQuery, read_queries
from index.evaluate.tasks import Variant
from index.lexical import Lexical, stems
from index.rank import Ranker, order, shipped_folds, shipped_weights
from kb.errors import InvalidSetting
from kb.reference import EvaluationTables

TASKS = ("T1", "T2", "T3", "T4", "T5", "T6", "french")
_ENCODER_ALONE = {"name": 1.0}

Report = dict[str, dict[str, dict[str, Any]]]


def evaluate(
    tables: EvaluationTables,
    chosen: Collection[str] = TASKS,
    encoder: Encoder | None = None,
    queries: Sequence[SearchQuery] | None = None,
) -> Report:
    """{task: {variant: figures}}.

    Figures: n, mrr, hit1, hit5, recall10, ndcg10 (0 to 1), ci (95 %, by bootstrap), texts_per_s
    (the encoder on this task's texts), halves (choice: looked at when choices were made; kept),
    encoder (the first stage alone), baselines (bm25, random) and over_bm25 (paired difference).
    Where weights were learned on a task's labels, each question is ranked with the weights of
    the fold that did not see it.

    Raises:
        InvalidSetting: an unknown task. MissingModel: the shipped model cannot be read.
    """
    unknown = sorted(set(chosen) - set(TASKS))
    if unknown:
        raise InvalidSetting(
            f"no task {', '.join(unknown)}", f"Name one or more of {', '.join(TASKS)}."
        )
    encoder = encoder or load_encoder()
    report: Report = {}
    for variant in variants(tables, chosen, encoder, queries):
        report.setdefault(variant.task, {})[variant.name] = measure(variant, encoder)
    return report


def variants(
    tables: EvaluationTables,
    chosen: Collection[str],
    encoder: Encoder,
    queries: Sequence[SearchQuery] | None = None,
) -> Iterator[Variant]:
    """What the chosen tasks measure, in the order of their names."""
    if "T1" in chosen:
        yield from map(tasks.names, tables.names)
    if "T2" in chosen:
        yield from tasks.job_sheets(tables, encoder)
    if "T3" in chosen:
        yield tasks.occupations(tables)
    if "T4" in chosen:
        yield tasks.offers(tables)
    if "T5" in chosen:
        yield tasks.blocks(tables)
    if "T6" in chosen:
        yield tasks.search(tables, read_queries() if queries is None else queries)
    if "french" in chosen:
        yield from tasks.french(tables)


def measure(variant: Variant, encoder: Encoder) -> dict[str, Any]:
    """One variant's figures, as `evaluate` tells."""
    ours, alone, bm25, chance = rankings(variant, encoder)
    return {
        **metrics.summary(ours),
        "texts_per_s": _speed(variant, encoder),
        "halves": {
            name: metrics.means([one for one in ours if tasks.half(one.key) == name])
            for name in ("choice", "kept")
        },
        "encoder": metrics.means(alone),
        "baselines": {"bm25": metrics.means(bm25), "random": metrics.means(chance)},
        "over_bm25": metrics.difference(ours, bm25),
    }


def rankings(
    variant: Variant, encoder: Encoder
) -> tuple[list[Judged], list[Judged], list[Judged], list[Judged]]:
    """The questions judged with our ranking, the encoder alone, BM25 and by chance."""
    ranker = Ranker(variant.entries, encoder)
    folds = shipped_folds(variant.profile)
    weights = shipped_weights(variant.profile)
    words = Lexical.build([". ".join((*e.names, *e.parts)) for e in variant.entries])
    random = np.random.default_rng(0)
    judged: tuple[list[Judged], ...] = ([], [], [], [])
    for question, right in zip(variant.questions, variant.right, strict=True):
        signals = ranker.signals(question)
        own = folds[tasks.fold(question.key)] if variant.task in LEARNED_ON else weights
        for kept, ranked in zip(
            judged,
            (
                order(signals, own),
                order(signals, _ENCODER_ALONE),
                _by_words(words, question.names[0]),
                random.permutation(len(variant.entries)),
            ),
            strict=True,
        ):
            kept.append(metrics.judge(question.key, ranked, right))
    return judged[0], judged[1], judged[2], judged[3]


LEARNED_ON = frozenset({"T1", "T2", "T3", "T5", "T6"})
"""Tasks on whose own labels the weights of their profile were learned, so that folds count."""


def _by_words(words: Lexical, text: str) -> npt.NDArray[np.int64]:
    found = words.search(stems(text), words.rows)[1]
    rest = np.setdiff1d(np.arange(words.rows), found)
    return np.concatenate([found, rest])


def _speed(variant: Variant, encoder: Encoder) -> float:
    texts = [name for entry in variant.entries for name in entry.names][:20_000]
    encoder.encode(texts[:100], "passage")
    start = time.perf_counter()
    encoder.encode(texts, "passage")
    return round(len(texts) / max(time.perf_counter() - start, 1e-9), 1)
