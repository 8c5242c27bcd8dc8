"""The model's folder: read by `index.encoder`, and by sentence-transformers as it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from tokenizers import Tokenizer

NAME = "passerelle-static"
_MODULES = [
    ("", "sentence_transformers.models.StaticEmbedding"),
    ("normalize", "sentence_transformers.models.Normalize"),
]


def export(
    folder: Path,
    tokenizer: Tokenizer,
    pieces: npt.NDArray[np.float32],
    facts: Mapping[str, object],
) -> str:
    """Write the folder; returns the revision, a hash of the tokenizer and the vectors.

    The vectors are rounded to half precision and kept in single: any reader gets the same
    numbers without converting, and archives pack them to half their size.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rounded = np.ascontiguousarray(pieces.astype(np.float16).astype(np.float32))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    save_file({"embedding.weight": rounded}, folder / "model.safetensors")
    revision = hashlib.sha256(
        (folder / "tokenizer.json").read_bytes() + rounded.tobytes()
    ).hexdigest()[:12]
    _write(
        folder / "modules.json",
        [
            {"idx": n, "name": str(n), "path": path, "type": kind}
            for n, (path, kind) in enumerate(_MODULES)
        ],
    )
    _write(
        folder / "config_sentence_transformers.json",
        {"prompts": {}, "default_prompt_name": None, "similarity_fn_name": "cosine"},
    )
    _write(
        folder / "card.json",
        {
            "name": NAME,
            "revision": revision,
            "pieces": len(rounded),
            "dimension": rounded.shape[1],
            **facts,
        },
    )
    return revision


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
