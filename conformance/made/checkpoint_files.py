"""Tensors and settings -> the files of a Hugging Face directory, the same bytes everywhere.

Weights are written here because NumPy has no bfloat16, and the library of safetensors takes raw
bytes in a way of its own in each version.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

__all__ = [
    "Stored",
    "modules_json",
    "uncut",
    "write_json",
    "write_safetensors",
    "write_shards",
]


class Stored(NamedTuple):
    """A tensor as a file holds it."""

    shape: tuple[int, ...]
    content: bytes


def write_json(path: Path, content: Any, *, indent: int | None = 2) -> None:
    """A JSON file with the line ends of every system alike; `indent=None` for a long one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=indent) + "\n"
    path.write_bytes(text.encode("utf-8"))


def modules_json(modules: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """What modules.json says of steps: the folder of each, and its type.

    >>> modules_json([("", "Transformer")])[0]["type"]
    'sentence_transformers.models.Transformer'
    """
    return [
        {
            "idx": index,
            "name": str(index),
            "path": folder,
            "type": f"sentence_transformers.models.{kind}",
        }
        for index, (folder, kind) in enumerate(modules)
    ]


def uncut(tokenizer: Mapping[str, Any]) -> dict[str, Any]:
    """A tokenizer.json without truncation and padding, which belong to the user of a tokenizer."""
    return {**tokenizer, "truncation": None, "padding": None}


def write_safetensors(
    path: Path, tensors: Mapping[str, Stored], dtype: str, *, compact: bool = False
) -> None:
    """The length of a JSON header, the header padded to 8 bytes, and the tensors one by one.

    `dtype` as safetensors names it; `compact` leaves the spaces out of the header.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    stop = 0
    for name, (shape, content) in tensors.items():
        start, stop = stop, stop + len(content)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}
    text = json.dumps(header, separators=(",", ":") if compact else None).encode("utf-8")
    text += b" " * (-len(text) % 8)
    contents = (content for _, content in tensors.values())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join((len(text).to_bytes(8, "little"), text, *contents)))


def write_shards(
    directory: Path,
    tensors: Mapping[str, Stored],
    dtype: str,
    *,
    shard_of: Mapping[str, int],
    compact: bool = False,
) -> None:
    """Several files and their index; `shard_of` each tensor, from 0 on."""
    count = max(shard_of.values()) + 1
    files = [f"model-{shard + 1:05}-of-{count:05}.safetensors" for shard in range(count)]
    for shard, file in enumerate(files):
        part = {name: tensor for name, tensor in tensors.items() if shard_of[name] == shard}
        write_safetensors(directory / file, part, dtype, compact=compact)
    index = {
        "metadata": {"total_size": sum(len(tensor.content) for tensor in tensors.values())},
        "weight_map": {name: files[shard_of[name]] for name in tensors},
    }
    write_json(directory / "model.safetensors.index.json", index)
