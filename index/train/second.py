"""The second stage's folder: the fine-tuned transformer in numbers of 8 bits, for ONNX Runtime."""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from index.train.teacher import Teacher
from kb.errors import MissingModel

NAME = "passerelle-second"


class _Mean(torch.nn.Module):  # type: ignore[misc]
    """Pieces to one vector of unit length."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        shown = mask[..., None].to(hidden.dtype)
        return torch.nn.functional.normalize((hidden * shown).sum(1) / shown.sum(1), dim=-1)


def export_second(folder: Path, trained: Teacher, facts: Mapping[str, Any]) -> str:
    """Write model.onnx, tokenizer.json and card.json; returns the revision, a hash of both.

    Raises:
        MissingModel: onnx or ONNX Runtime is not installed.
    """
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as fault:
        raise MissingModel(
            f"the second stage cannot be written ({fault})",
            "Install what training needs: pip install 'passerelle[train]'.",
        ) from fault
    folder.mkdir(parents=True, exist_ok=True)
    model = trained.model.float().eval()
    model.config._attn_implementation = "eager"  # the others are not told in ONNX
    ids = torch.ones((2, 8), dtype=torch.int64)
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = Path(scratch) / "whole.onnx"
        names = {0: "texts", 1: "pieces"}
        torch.onnx.export(
            _Mean(model),
            (ids, torch.ones_like(ids)),
            str(whole),
            input_names=["ids", "mask"],
            output_names=["vectors"],
            dynamic_axes={"ids": names, "mask": names, "vectors": {0: "texts"}},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(
            whole, folder / "model.onnx", per_channel=True, weight_type=QuantType.QInt8
        )
    trained.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    revision = hashlib.sha256(
        (folder / "tokenizer.json").read_bytes() + (folder / "model.onnx").read_bytes()
    ).hexdigest()[:12]
    card = {
        "name": NAME,
        "revision": revision,
        "pieces": model.config.vocab_size,
        "dimension": model.config.hidden_size,
        **facts,
    }
    (folder / "card.json").write_text(
        json.dumps(card, ensure_ascii=False, indent=2) + "\n", "utf-8"
    )
    return revision
