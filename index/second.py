"""The second stage: a small transformer that reads again the best of what the first one found.

Optional: without ONNX Runtime (`pip install 'passerelle[second]'`) the first stage stands alone.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from index.encoder import SHIPPED, Kind, Vectors
from kb.errors import MissingModel

FOLDER = SHIPPED / "second"
PROMPT = "query: "
"""Stands before every text, as in the training of the model that this one was made from."""
LONGEST = 64
"""Pieces that are read of a text; the names of training have fewer."""

_AT_ONCE = 2  # texts read side by side
_REMEMBERED = 20_000  # vectors


class SecondStage:
    """Texts to vectors, as `index.encoder.Encoder` says; some hundred texts a second.

    A text is read alone: numbers are rounded by what they are read with, so that its vector would
    depend on its neighbours. Vectors are kept for the next question.

    Raises:
        MissingModel: ONNX Runtime is not installed, or the folder lacks a file.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        try:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._session: Any = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            card = json.loads((folder / "card.json").read_text("utf-8"))
            self.name, self.revision = str(card["name"]), str(card["revision"])
            self.dimension = int(card["dimension"])
        except Exception as fault:  # ONNX Runtime and tokenizers raise classes of their own
            raise MissingModel(
                f"the second stage cannot be read ({fault})",
                "Install it: pip install 'passerelle[second]', or unset PASSERELLE_SECOND.",
                where=str(folder),
            ) from fault
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:  # noqa: ARG002
        """float32 (n, dimension), rows of unit length; queries and passages are read alike."""
        known = self._known  # other threads may add to it; none takes from it
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            made = dict(zip(missing, pool.map(self._read, missing), strict=True))
        found = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            found[row] = made[text] if text in made else known[text]
        if len(known) + len(made) > _REMEMBERED:
            self._known = made
        else:
            known.update(made)
        return found

    def _read(self, text: str) -> Vectors:
        ids = np.array([self._tokenizer.encode(PROMPT + text).ids[:LONGEST]], np.int64)
        found: Vectors = self._session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0][0]
        return found


def load_second() -> SecondStage | None:
    """The shipped second stage; None where ONNX Runtime is not installed.

    Raises:
        MissingModel: it is installed, but the model cannot be read.
    """
    return SecondStage() if importlib.util.find_spec("onnxruntime") else None
