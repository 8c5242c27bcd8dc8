"""`passerelle evaluate`: the tasks, measured with the matcher as it ships."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.build import build, open_index
from index.encoder import Encoder, load_encoder
from index.evaluate import metrics, segments, tasks
from index.evaluate.about import About
from index.evaluate.calibration import calibration
from index.evaluate.floors import file_hash, labels_hash
from index.evaluate.metrics import Judged
from index.evaluate.queries import SearchQuery, read_queries
from index.evaluate.results import Measured, Named, Question, Report, as_report
from index.evaluate.tasks import Variant
from index.lexical import Lexical, stems
from index.pairs import PAIRS
from index.rank import Ranker, order, shipped_folds, shipped_weights
from index.search import Searcher
from kb.errors import InvalidSetting
from kb.identity import certification_id
from kb.model import Passage, Relation, Standing
from kb.reference import EvaluationTables

RANKED = ("T1", "T2", "T3", "T4", "T5", "T6", "french")
"""Tasks that rank entries of the reference tables."""
OWN = ("segments", "calibration")
"""Tasks on labelled sets of our own, which need no table."""
TASKS = (*RANKED, *OWN)
LEARNED_ON = frozenset({"T2", "T3", "T5"})
"""Tasks on whose own labels the weights of their profile were learned, so that folds count."""

_ENCODER_ALONE = {"name": 1.0}

Order = npt.NDArray[np.int64]


def evaluate(
    tables: EvaluationTables,
    chosen: Collection[str] = TASKS,
    encoder: Encoder | None = None,
    queries: Sequence[SearchQuery] | None = None,
    second: Encoder | None = None,
) -> Report:
    """{task: {variant: figures}}.

    Figures of the ranked tasks: n, mrr, hit1, hit5, recall10, ndcg10 (0 to 1), ci (95 %, by
    bootstrap), texts_per_s (the encoder on this task's texts), halves (choice: looked at when
    choices were made; kept), encoder (the first stage alone), baselines (bm25, random), over_bm25
    and over_encoder (paired differences). Where weights were learned on a task's labels, each
    question is ranked with the weights of the fold that did not see it. Those of the two others:
    `index.evaluate.segments`, `index.evaluate.calibration`.

    Args:
        encoder: None for the shipped model. queries: None for those in the package. second: the
            second stage; None to measure the first alone.
    Raises:
        InvalidSetting: an unknown task. MissingModel: the shipped model cannot be read.
    """
    return as_report(measured(tables, chosen, encoder or load_encoder(), queries, second))


def measured(
    tables: EvaluationTables,
    chosen: Collection[str],
    encoder: Encoder,
    queries: Sequence[SearchQuery] | None = None,
    second: Encoder | None = None,
) -> Iterator[Measured]:
    """The same one by one, with the questions; arguments and errors as `evaluate`."""
    refuse_unknown(chosen)
    asked = read_queries() if queries is None else queries
    about = About(tables, asked)
    for variant in variants(tables, chosen, encoder, asked):
        yield measure(variant, encoder, about, second)
    if "segments" in chosen:
        labels = file_hash(segments.LABELS)
        yield Measured("segments", "characters", segments.segments(), labels)
    if "calibration" in chosen:
        labels = file_hash(PAIRS)
        yield Measured("calibration", "pairs", calibration(encoder), labels)
        if second is not None:
            figures = calibration(encoder, second=second)
            yield Measured("calibration", "pairs by both stages", figures, labels)


def refuse_unknown(chosen: Collection[str]) -> None:
    """Names of tasks, as somebody typed them.

    Raises:
        InvalidSetting: one of them does not exist.
    """
    unknown = sorted(set(chosen) - set(TASKS))
    if unknown:
        raise InvalidSetting(
            f"no task {', '.join(unknown)}", f"Name one or more of {', '.join(TASKS)}."
        )


def variants(
    tables: EvaluationTables,
    chosen: Collection[str],
    encoder: Encoder,
    queries: Sequence[SearchQuery],
) -> Iterator[Variant]:
    """What the chosen tasks rank, in the order of their names."""
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
        yield tasks.search(tables, queries)
    if "french" in chosen:
        yield from tasks.french(tables)


def measure(
    variant: Variant, encoder: Encoder, about: About, second: Encoder | None = None
) -> Measured:
    """One variant's figures, as `evaluate` tells, and its questions."""
    judged = rankings(variant, encoder, second)
    figures = {
        **metrics.summary(judged["shipped"]),
        "texts_per_s": _speed(variant, encoder),
        "halves": {
            name: metrics.means([one for one in judged["shipped"] if tasks.half(one.key) == name])
            for name in ("choice", "kept")
        },
        "encoder": metrics.means(judged["encoder"]),
        "baselines": {name: metrics.means(judged[name]) for name in ("bm25", "random")},
        "over_bm25": metrics.difference(judged["shipped"], judged["bm25"]),
        "over_encoder": metrics.difference(judged["shipped"], judged["encoder"]),
    }
    questions = tuple(_questions(variant, judged["shipped"], about))
    return Measured(variant.task, variant.name, figures, labels_hash(variant), questions)


def _questions(variant: Variant, judged: Sequence[Judged], about: About) -> Iterator[Question]:
    named = [Named(entry.key, entry.names[0]) for entry in variant.entries]
    for question, rows, one in zip(variant.questions, variant.right, judged, strict=True):
        right = sorted(rows)
        yield Question(
            about.text(question),
            one,
            named[one.first],
            tuple(named[row] for row in right),
            about.groups(question, [variant.entries[row] for row in right]),
        )


def rankings(
    variant: Variant, encoder: Encoder, second: Encoder | None = None
) -> dict[str, list[Judged]]:
    """The questions judged as shipped, by the encoder alone, by BM25 and by chance."""
    judged: dict[str, list[Judged]] = {"shipped": [], "encoder": [], "bm25": [], "random": []}
    if not variant.questions:
        return judged
    used = shipped_weights(variant.profile) if variant.task != "T6" else {}
    ranker = Ranker(variant.entries, encoder, second if "second" in used else None)
    words = Lexical.build([". ".join((*e.names, *e.parts)) for e in variant.entries])
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        search = _searcher(variant, encoder, Path(folder)) if variant.task == "T6" else None
        for question, right in zip(variant.questions, variant.right, strict=True):
            weights = _weights(variant, question.key)
            signals = ranker.signals(question, {*weights, *_ENCODER_ALONE})
            ranked = {
                "shipped": search(question.names[0]) if search else order(signals, weights),
                "encoder": order(signals, _ENCODER_ALONE),
                "bm25": _by_words(words, question.names[0]),
                "random": random.permutation(len(variant.entries)),
            }
            for name, positions in ranked.items():
                judged[name].append(metrics.judge(question.key, positions, right))
    return judged


def _weights(variant: Variant, key: str) -> Mapping[str, float]:
    if variant.task == "T6":
        return {}  # the product's search has its own
    if variant.task in LEARNED_ON:
        return shipped_folds(variant.profile)[tasks.fold(key)]
    return shipped_weights(variant.profile)


class _NoGraph:
    """Titles alone: nothing is related to anything."""

    def standings(self) -> Mapping[str, Standing]:
        return {}

    def relations(
        self,
        *,
        source: str | None = None,  # noqa: ARG002
        target: str | None = None,  # noqa: ARG002
    ) -> list[Relation]:
        return []


def _searcher(variant: Variant, encoder: Encoder, folder: Path) -> Callable[[str], Order]:
    """The product's own search over the entries, as titles of certifications."""
    place = {certification_id(entry.key, None): row for row, entry in enumerate(variant.entries)}
    build(
        (
            Passage(identifier, "certification", identifier, variant.entries[row].names[0])
            for identifier, row in place.items()
        ),
        encoder,
        folder,
        state="evaluation",
    )
    searcher = Searcher(open_index(folder, encoder), encoder, _NoGraph())

    def search(text: str) -> Order:
        found = [place[result.id] for result in searcher.search(text, limit=len(place)).results]
        rest = np.setdiff1d(np.arange(len(place)), found)
        return np.concatenate([np.array(found, np.int64), rest])

    return search


def _by_words(words: Lexical, text: str) -> Order:
    found = words.search(stems(text), words.rows)[1]
    rest = np.setdiff1d(np.arange(words.rows), found)
    return np.concatenate([found, rest])


def _speed(variant: Variant, encoder: Encoder) -> float:
    texts = [name for entry in variant.entries for name in entry.names][:20_000]
    encoder.encode(texts[:100], "passage")
    start = time.perf_counter()
    encoder.encode(texts, "passage")
    return round(len(texts) / max(time.perf_counter() - start, 1e-9), 1)
