"""The safetensors files of a directory -> named float32 arrays, each of the expected shape.

Follows Hugging Face transformers: `model.safetensors`, else the shards that
`model.safetensors.index.json` names. Stricter on purpose: a tensor that neither the model nor its
list of other heads knows is an error. Pickled checkpoints are refused: opening one can run code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import (
    ConfigError,
    ModelFilesError,
    PickleRefusedError,
    UnsupportedModelError,
    WeightsError,
)
from .json_file import JsonFile, path_inside
from .safetensors_file import FLOATS, SafetensorsFile

__all__ = ["Weights", "open_weights"]

_WHOLE = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_PICKLES = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_NUMPY_NAMES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "F64": "float64"}


def open_weights(directory: Path, *, prefixes: Iterable[str] = ()) -> Weights:
    """The weights of a model directory, in one file or in shards."""
    whole, index = directory / _WHOLE, directory / _INDEX
    if whole.exists():
        return Weights(whole, prefixes=prefixes)
    if index.exists():
        return Weights(index, prefixes=prefixes)
    pickles = sorted({file.name for pattern in _PICKLES for file in directory.glob(pattern)})
    if pickles:
        raise PickleRefusedError(
            str(directory),
            _WHOLE,
            f"only the pickle {pickles[0]}, which can run code when opened and is never loaded",
            "Ask the publisher for safetensors, or convert it in a place that you can lose.",
        )
    raise ModelFilesError(
        str(directory), f"{_WHOLE} or {_INDEX}", "neither of the two in the directory"
    )


class Weights:
    """The tensors of a checkpoint. Take each one that the model has, then call `finish`.

    Arrays of float32 are read-only views of the file, see `SafetensorsFile`.
    """

    def __init__(self, path: Path, *, prefixes: Iterable[str] = ()) -> None:
        """`path`: a safetensors file or an index of shards.

        `prefixes`: what may stand before every name, such as "bert.".
        """
        self.path = path
        self._files = _read_index(path) if path.suffix == ".json" else _read_whole(path)
        self._left = set(self._files)
        self._prefix = next(
            (prefix for prefix in prefixes if any(n.startswith(prefix) for n in self._left)), ""
        )

    @property
    def stored_as(self) -> str:
        """The types of the floats in the files: "float16", or several, as "float16, float32"."""
        found = {file.tensors[name].dtype for name, file in self._files.items()}
        return ", ".join(sorted(_NUMPY_NAMES[dtype] for dtype in found & FLOATS.keys()))

    def has(self, name: str) -> bool:
        """Whether `take` has not yet been called for a tensor `name` of the files."""
        return self._prefix + name in self._left

    def take(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """The tensor `name` as float32; raises `WeightsError` if its shape is not `shape`."""
        full_name = self._prefix + name
        if full_name not in self._left:
            raise WeightsError(full_name, f"a tensor of shape {shape}", f"none in {self.path}")
        file = self._files[full_name]
        stored = file.tensors[full_name]
        if stored.shape != shape:
            raise WeightsError(
                full_name,
                f"shape {shape}, as config.json says",
                f"shape {stored.shape}",
                "config.json and the weights belong to different models.",
            )
        if stored.dtype not in FLOATS:
            raise UnsupportedModelError(full_name, " or ".join(FLOATS), stored.dtype)
        self._left.discard(full_name)
        return file.read(full_name)

    def finish(self, *, ignored: Iterable[str] = ()) -> None:
        """Refuse tensors that were not taken, but for names that begin with one of `ignored`."""
        ignored = tuple(ignored)
        known = (*ignored, *(self._prefix + name for name in ignored))
        unknown = sorted(name for name in self._left if not name.startswith(known))
        if unknown:
            shape = self._files[unknown[0]].tensors[unknown[0]].shape
            raise WeightsError(
                unknown[0],
                "only tensors of the architecture in config.json",
                f"{len(unknown)} that it has no place for, this one of shape {shape}",
                "Leaving them out would compute another model.",
            )


def _read_whole(path: Path) -> Mapping[str, SafetensorsFile]:
    file = SafetensorsFile(path)
    return dict.fromkeys(file.tensors, file)


def _read_index(path: Path) -> Mapping[str, SafetensorsFile]:
    """Every tensor that the index names is in the shard that it names, and nowhere else."""
    weight_map = JsonFile(path).content.get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ConfigError(f"{path}: weight_map", "an object: tensor -> shard", repr(weight_map))
    shards: dict[str, SafetensorsFile] = {}
    for shard in weight_map.values():
        if isinstance(shard, str) and shard in shards:
            continue
        shard_path = path_inside(path.parent, shard, field=f"{path}: weight_map")
        if not shard_path.exists():
            raise ModelFilesError(
                str(shard_path), f"a shard, which {path.name} names", "no such file",
                "The download is not complete.",
            )  # fmt: skip
        shards[shard] = SafetensorsFile(shard_path)
    found: dict[str, SafetensorsFile] = {}
    for file in shards.values():
        for name in file.tensors:
            if name in found:
                received = f"two: {found[name].path.name} and {file.path.name}"
                raise WeightsError(name, "one shard that holds it", received)
            found[name] = file
    for name, file in found.items():
        if name not in weight_map:
            raise WeightsError(name, f"a tensor that {path} names", f"one only in {file.path.name}")
    for name, shard in weight_map.items():
        if found.get(name) is not shards[shard]:
            raise WeightsError(name, f"a tensor in {shards[shard].path}", "none there")
    return found
