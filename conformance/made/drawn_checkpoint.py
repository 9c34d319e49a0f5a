"""Tensors drawn one after the other -> a checkpoint, with the files that stand around it.

The generator is NumPy's PCG64, whose stream is the same in every version and on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checkpoint_files import (
    Stored,
    modules_json,
    uncut,
    write_json,
    write_safetensors,
    write_shards,
)

__all__ = ["Draw", "write_dense", "write_files", "write_tokenizer"]

Tensors = dict[str, NDArray[np.float64]]


class Draw:
    """Tensors of one checkpoint, in the order in which they are asked for."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))
        self.tensors: Tensors = {}

    def normal(self, name: str, *shape: int, mean: float = 0.0, scale: float) -> None:
        # uniform numbers are exact on every machine; a normal law's logarithms need not be
        values = self._generator.random(shape) * 2 - 1
        self.tensors[name] = mean + values * (scale * 3**0.5)

    def linear(self, name: str, out: int, into: int, *, gain: float = 1.0) -> None:
        self.normal(f"{name}.weight", out, into, scale=gain * into**-0.5)

    def norm(self, name: str, size: int, *, mean: float = 1.0, bias: bool = False) -> None:
        self.normal(f"{name}.weight", size, mean=mean, scale=0.2)
        if bias:
            self.normal(f"{name}.bias", size, scale=0.2)

    def write(self, directory: Path, dtype: str, *, first_shard: Collection[str] = ()) -> None:
        """One file of all tensors, or two: those of `first_shard`, and the others."""
        stored = {name: Stored(t.shape, _STORED_AS[dtype](t)) for name, t in self.tensors.items()}
        if first_shard:
            shard_of = {name: int(name not in first_shard) for name in stored}
            write_shards(directory, stored, dtype, shard_of=shard_of, compact=True)
        else:
            write_safetensors(directory / "model.safetensors", stored, dtype, compact=True)


def _bfloat16(tensor: NDArray[np.float64]) -> bytes:
    """The upper half of float32, rounded to the nearest and in a tie to the even one."""
    bits: NDArray[np.uint32] = tensor.astype("<f4").view("<u4")
    rounded: NDArray[np.uint16] = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
    return rounded.tobytes()


_STORED_AS: dict[str, Callable[[NDArray[np.float64]], bytes]] = {
    "BF16": _bfloat16,
    "F16": lambda tensor: tensor.astype("<f2").tobytes(),
    "F32": lambda tensor: tensor.astype("<f4").tobytes(),
}


def write_files(
    directory: Path,
    config: Mapping[str, Any],
    *,
    pooling: str,
    dimension: int,
    max_tokens: int,
    special_tokens: Mapping[str, str],
    prompts: Mapping[str, str] | None = None,
    dense: Mapping[str, tuple[int, int]] | None = None,
) -> None:
    """All but the tokenizer and the weights. `pooling`: cls_token, mean_tokens or lasttoken."""
    dense = dense or {}
    modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
    modules += [(folder, "Dense") for folder in dense]
    modules.append((f"{len(modules)}_Normalize", "Normalize"))
    files: dict[str, Any] = {
        "config.json": config,
        "modules.json": modules_json(modules),
        "1_Pooling/config.json": {
            "word_embedding_dimension": dimension,
            "pooling_mode_cls_token": pooling == "cls_token",
            "pooling_mode_mean_tokens": pooling == "mean_tokens",
            "pooling_mode_lasttoken": pooling == "lasttoken",
        },
        "sentence_bert_config.json": {"max_seq_length": max_tokens},
        "tokenizer_config.json": {
            "model_max_length": max_tokens,
            "tokenizer_class": "PreTrainedTokenizerFast",
            **special_tokens,
        },
    }
    for folder, (into, out) in dense.items():
        files[f"{folder}/config.json"] = {
            "in_features": into,
            "out_features": out,
            "bias": False,
            "activation_function": "torch.nn.modules.linear.Identity",
        }
    if prompts is not None:
        files["config_sentence_transformers.json"] = {"prompts": prompts}
    for name, content in files.items():
        write_json(directory / name, content)


def write_dense(directory: Path, dense: Mapping[str, tuple[int, int]], dtype: str) -> None:
    """The weights of Dense modules: folder -> how many numbers come in and go out."""
    for folder, (into, out) in dense.items():
        head = Draw(20261126 + out)
        head.linear("linear", out, into)
        head.write(directory / folder, dtype)


def write_tokenizer(directory: Path, tokenizer_json: bytes) -> None:
    """That of another fixture, which neither cuts nor pads here."""
    write_json(directory / "tokenizer.json", uncut(json.loads(tokenizer_json)), indent=None)
