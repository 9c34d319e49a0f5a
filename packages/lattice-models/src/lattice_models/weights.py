"""`model.safetensors` -> named float32 arrays, each of the shape that the model expects.

Pickled checkpoints are refused: opening one can run code.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from .errors import ModelFilesError, PickleRefusedError, UnsupportedModelError, WeightsError

__all__ = ["Weights", "find_weights_file"]

_PICKLES = ("pytorch_model.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_READ_EXACTLY = ("F16", "F32", "F64")


def find_weights_file(directory: Path) -> Path:
    """The safetensors file of a model directory."""
    path = directory / "model.safetensors"
    if path.exists():
        return path
    if (directory / "model.safetensors.index.json").exists():
        raise UnsupportedModelError(
            str(directory), "model.safetensors in one file", "a sharded checkpoint"
        )
    pickles = sorted({file.name for pattern in _PICKLES for file in directory.glob(pattern)})
    if pickles:
        raise PickleRefusedError(
            str(directory),
            "model.safetensors",
            f"only the pickle {pickles[0]}, which can run code when opened and is never loaded",
            "Ask the publisher for safetensors, or convert it in a place that you can lose.",
        )
    raise ModelFilesError(str(directory), "model.safetensors", "no such file in the directory")


class Weights:
    """The tensors of a checkpoint. Take each one that the model has, then call `finish`."""

    def __init__(self, path: Path, *, prefixes: Iterable[str] = ()) -> None:
        """`prefixes`: what may stand before every name, such as "bert."."""
        self.path = path
        try:
            self._file = safe_open(path, framework="numpy")
        except (SafetensorError, OSError) as error:
            raise ModelFilesError(
                str(path),
                "a whole safetensors file",
                f"one that cannot be opened ({error})",
                "It was cut off or changed after it was written: download it again.",
            ) from error
        self._left = set(self._file.keys())
        self._prefix = next(
            (prefix for prefix in prefixes if any(n.startswith(prefix) for n in self._left)), ""
        )

    def take(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """The tensor `name` as float32; raises `WeightsError` if its shape is not `shape`."""
        full_name = self._prefix + name
        if full_name not in self._left:
            raise WeightsError(full_name, f"a tensor of shape {shape}", f"none in {self.path}")
        header = self._file.get_slice(full_name)
        found = tuple(header.get_shape())
        if found != shape:
            raise WeightsError(
                full_name,
                f"shape {shape}, as config.json says",
                f"shape {found}",
                "config.json and the weights belong to different models.",
            )
        if header.get_dtype() not in _READ_EXACTLY:
            raise UnsupportedModelError(full_name, " or ".join(_READ_EXACTLY), header.get_dtype())
        self._left.discard(full_name)
        with np.errstate(over="ignore"):  # infinity is found in the vectors, and named there
            tensor: NDArray[np.float32] = self._file.get_tensor(full_name).astype(
                np.float32, copy=False
            )
        return tensor

    def finish(self, *, ignored: Iterable[str]) -> None:
        """Refuse tensors that were not taken, but for names that begin with one of `ignored`."""
        known = tuple(self._prefix + name for name in ignored) + tuple(ignored)
        unknown = sorted(name for name in self._left if not name.startswith(known))
        if unknown:
            raise WeightsError(
                unknown[0],
                "only tensors of the architecture in config.json",
                f"{len(unknown)} that it has no place for",
                "Leaving them out would compute another model.",
            )
