"""index/words.json: in how many short texts of the reference tables each word stands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from index.lexical import WordWeights, content
from index.train.pairs import is_test_certification, items
from kb.reference import TrainingTables

SHIPPED = Path(__file__).parent.parent / "words.json"
_ABOUT = (
    "In how many of so many short texts (competences of the register, items of ROME, block titles) "
    "each French stem and each word form stands"
)
_AT_LEAST = 3


def count_words(tables: TrainingTables, path: Path = SHIPPED) -> int:
    """Write the counts; returns the number of texts. The same tables give the same file."""
    texts = sorted(set(_texts(tables)))
    weights = WordWeights.count(texts, _AT_LEAST)
    forms: Counter[str] = Counter()
    for text in texts:
        forms.update(set(content(text).split()))
    kept = {form: n for form, n in sorted(forms.items()) if n >= _AT_LEAST and form.isalpha()}
    counted = {
        "about": _ABOUT,
        "documents": weights.documents,
        "counts": dict(weights.counts),
        "forms": kept,
    }
    path.write_text(json.dumps(counted, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    return weights.documents


def _texts(tables: TrainingTables) -> Iterable[str]:
    for sheet in tables.rome:
        yield from (*sheet.activities, *sheet.knowledge)
    for listed in tables.certifications:
        if not is_test_certification(listed.number):
            yield from listed.blocks
    for detailed in tables.detailed:
        if not is_test_certification(detailed.number):
            for block in detailed.blocks:
                yield from items(block.text)
