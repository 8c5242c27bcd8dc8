"""Texts to vectors: the shipped model, read with tokenizers and NumPy alone; any other through
sentence-transformers, which costs seconds and hundreds of megabytes to import."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from kb.errors import MissingModel

Vectors = npt.NDArray[np.float32]
Kind = Literal["query", "passage"]

SHIPPED = Path(__file__).parent / "model"
_AT_ONCE = 4096  # texts read into pieces together
_REMEMBERED = 100_000  # words
_WORD = re.compile(r"[0-9a-z]+")
_PLAIN = re.compile(r"[0-9a-z]+(?: [0-9a-z]+)*")


class Encoder(Protocol):
    """What turns texts into vectors. name and revision go into an index's manifest."""

    @property
    def name(self) -> str: ...

    @property
    def revision(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:
        """float32 (n, dimension), rows of unit length, in the order of the texts.

        A text without a word (empty, blanks, punctuation) gets the vector of the unknown word:
        near nothing in particular, and never a division by zero.
        """
        ...


class StaticEncoder:
    """One vector a piece of a word; a text is the mean of its pieces, at unit length.

    The same folder read by sentence-transformers (StaticEmbedding, Normalize) gives the same
    vectors, except that it gives zeros for a text without a word.

    Raises:
        MissingModel: the folder lacks a file, or its files do not fit each other.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._pieces = _mapped(folder / "model.safetensors", "embedding.weight")
            card = json.loads((folder / "card.json").read_text("utf-8"))
            self.name, self.revision = str(card["name"]), str(card["revision"])
        except Exception as fault:  # tokenizers raises bare Exception
            raise MissingModel(
                f"the model cannot be read ({fault})",
                "Install passerelle again, or make the model with `passerelle train`.",
                where=str(folder),
            ) from fault
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        if len(self._pieces) != self._tokenizer.get_vocab_size():
            raise MissingModel(
                f"{len(self._pieces)} vectors for {self._tokenizer.get_vocab_size()} pieces",
                "Make the model again with `passerelle train`.",
                where=str(folder),
            )
        self.dimension = int(self._pieces.shape[1])
        self._words: dict[str, list[int]] = {}  # pieces of words read before
        self._unknown = self._tokenizer.token_to_id("[UNK]") or 0

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:  # noqa: ARG002
        """As `Encoder.encode`; queries and passages are read alike."""
        found = np.empty((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _AT_ONCE):
            # One sum a text stays in the processor's cache; one gather of all is ten times slower.
            for row, ids in enumerate(self._read(texts[start : start + _AT_ONCE]), start):
                pieces = self._pieces.take(ids or [self._unknown], axis=0)
                np.add.reduce(pieces, axis=0, out=found[row])
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        found /= np.maximum(lengths, np.float32(1e-12))
        return found

    def _read(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """The pieces of each text. Where blanks alone stand between words, these are read once."""
        known = self._words
        parts = [text.split(" ") if _PLAIN.fullmatch(text) else [text] for text in texts]
        new = [part for part in dict.fromkeys(chain.from_iterable(parts)) if part not in known]
        read = self._tokenizer.encode_batch_fast(new, add_special_tokens=False)
        made = {part: one.ids for part, one in zip(new, read, strict=True)}
        for each in parts:
            yield [i for part in each for i in (known[part] if part in known else made[part])]
        if len(known) > _REMEMBERED:
            self._words = known = {}
        known.update((part, ids) for part, ids in made.items() if _WORD.fullmatch(part))


class SentenceEncoder:
    """Any model that sentence-transformers reads, by folder or by name, with its prompts."""

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer

            self._model: Any = SentenceTransformer(name, device="cpu")
        except Exception as fault:  # whatever the hub, torch and the file system raise
            raise MissingModel(
                f"the model {name} cannot be loaded ({type(fault).__name__}: {fault})",
                "Set PASSERELLE_MODEL to a folder or a name that sentence-transformers reads, "
                "or unset it for the shipped model.",
            ) from fault
        self.name = name
        self.dimension = int(self._model.encode(["?"], show_progress_bar=False).shape[1])
        self.revision = str(getattr(self._model.model_card_data, "base_model_revision", "") or "")
        prompts = {key for key, prompt in (self._model.prompts or {}).items() if prompt}
        e5 = "e5" in name.rstrip("/").rsplit("/", 1)[-1].lower()
        self._prompts = {
            "query": {"prompt_name": "query"} if "query" in prompts else _e5(e5, "query: "),
            "passage": next(
                (
                    {"prompt_name": key}
                    for key in ("passage", "document", "corpus")
                    if key in prompts
                ),
                _e5(e5, "passage: "),
            ),
        }

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:
        """As `Encoder.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        found = self._model.encode(
            [text if text.strip() else "?" for text in texts],
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
            **self._prompts[kind],
        )
        return np.asarray(found, np.float32)


def load_encoder(model: str | None = None) -> Encoder:
    """The shipped model for None, else the model of that folder or name.

    Raises:
        MissingModel: it cannot be read; the message says why.
    """
    return StaticEncoder(SHIPPED) if model is None else SentenceEncoder(model)


def _e5(needed: bool, prompt: str) -> dict[str, str]:
    # e5 models were trained with these words in front and do not always publish them.
    return {"prompt": prompt} if needed else {}


def _mapped(path: Path, name: str) -> Vectors:
    """A float32 matrix of a safetensors file, read from disk as it is used."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(size))[name]
    if entry["dtype"] != "F32":
        raise ValueError(f"{name} is {entry['dtype']}, expected F32")
    place = 8 + size + entry["data_offsets"][0]
    # A plain array over the file's pages: indexing a memmap itself costs more than the sums.
    return np.asarray(np.memmap(path, np.float32, "r", place, tuple(entry["shape"])))
