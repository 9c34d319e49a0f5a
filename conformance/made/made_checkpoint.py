"""A description of an encoder and its modules -> the directory that Hugging Face would have of it.

Deterministic to the byte: uniform numbers of NumPy's PCG64, which are the same in every version and
on every machine, scaled by operations that IEEE 754 rounds in one way only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .checkpoint_files import Stored, modules_json, write_json, write_safetensors, write_shards

__all__ = ["Made", "Module", "Shapes", "write_made"]

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Module:
    """A step after the encoder: its type, its config.json and its weights."""

    kind: str
    config: dict[str, Any] = field(default_factory=dict)
    tensors: Shapes = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """One checkpoint. `tokenizer` is given the parsed `tokenizer.json` of another fixture."""

    seed: int
    config: dict[str, Any]
    tensors: Shapes  # of the encoder
    others: Shapes  # of other heads, and buffers
    modules: tuple[Module, ...]
    tokenizer: Callable[[dict[str, Any]], dict[str, Any]]
    max_tokens: int
    prefix: str = ""
    dtype: str = "F32"  # as safetensors names it
    shards: int = 1
    prompts: Mapping[str, str] = field(default_factory=dict)


def write_made(made: Made, tokenizer_json: bytes, directory: Path) -> None:
    """Write all files of a checkpoint; `tokenizer_json` is that of another fixture."""
    tokenizer = made.tokenizer(json.loads(tokenizer_json))
    folders = [f"{i}_{m.kind}" if i else "" for i, m in enumerate(made.modules)]
    placed = [*zip(folders, made.modules, strict=True)]
    files: dict[str, Any] = {
        "config.json": made.config,
        "modules.json": modules_json((folder, module.kind) for folder, module in placed),
        "sentence_bert_config.json": {"max_seq_length": made.max_tokens},
        "config_sentence_transformers.json": {"prompts": dict(made.prompts)},
        "tokenizer_config.json": _tokenizer_config(tokenizer, made.max_tokens),
    }
    files |= {f"{folder}/config.json": module.config for folder, module in placed if module.config}
    for name, content in files.items():
        write_json(directory / name, content)
    write_json(directory / "tokenizer.json", tokenizer, indent=None)
    generator = np.random.Generator(np.random.PCG64(made.seed))
    shapes = {made.prefix + name: shape for name, shape in made.tensors.items()} | made.others
    tensors = _random(generator, shapes, made.dtype)
    if made.shards > 1:  # in turns, so that a layer lies in several files
        shard_of = {name: index % made.shards for index, name in enumerate(tensors)}
        write_shards(directory, tensors, made.dtype, shard_of=shard_of)
    else:
        write_safetensors(directory / "model.safetensors", tensors, made.dtype)
    for folder, module in placed:
        if module.tensors:
            tensors = _random(generator, module.tensors, "F32")
            write_safetensors(directory / folder / "model.safetensors", tensors, "F32")


def _tokenizer_config(tokenizer: dict[str, Any], max_tokens: int) -> dict[str, Any]:
    """The class that takes tokenizer.json as it is, whatever the family's own would make of it."""
    names = {
        "unk_token": ("[UNK]", "<unk>"),
        "cls_token": ("[CLS]", "<s>"),
        "sep_token": ("[SEP]", "</s>"),
        "pad_token": ("[PAD]", "<pad>"),
        "mask_token": ("[MASK]", "<mask>"),
    }
    special = {token["content"] for token in tokenizer["added_tokens"] if token["special"]}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_tokens,
        "model_input_names": ["input_ids", "attention_mask"],
        **{role: token for role, tokens in names.items() for token in tokens if token in special},
    }


def _random(generator: np.random.Generator, shapes: Shapes, dtype: str) -> dict[str, Stored]:
    """Norms around 1, small biases, products that keep the scale of what they are given.

    Attention is far from uniform, and no activation is saturated.
    """
    tensors = {}
    for name, shape in shapes.items():
        values = (generator.random(shape) * 2 - 1) * math.sqrt(3)  # of variance 1
        if name.endswith("bias"):
            values *= 0.2
        elif len(shape) == 1:
            values = 1 + values * 0.2
        elif "embed" in name or "relative" in name:
            values *= 1.0 if "word" in name or "tokens" in name else 0.5
        else:
            values *= 1.3 / math.sqrt(shape[-1])
        if dtype == "BF16":  # the upper half of float32; what is cut off is random anyway
            content = (values.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()
        else:
            content = values.astype({"F16": "<f2", "F32": "<f4"}[dtype]).tobytes()
        tensors[name] = Stored(shape, content)
    return tensors
