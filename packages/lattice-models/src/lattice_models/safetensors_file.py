"""A safetensors file -> float32 arrays that lie in the file itself.

The format: eight bytes with the length of the header, the header in JSON, the data. The
`safetensors` package is asked first, and refuses a header that lies (its length, sizes and offsets
against the length of the file) before anything is allocated. Its own readers copy every tensor, so
from there on the file is mapped into memory: float32 tensors are views of the map, read from the
disk as they are used and shared by all processes that have the file open. On purpose stricter than
the package: a name that stands twice in the header is refused.

While its arrays are in use the file must not be cut short in place (replace it by renaming).
"""

from __future__ import annotations

import json
import mmap
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from .errors import ModelFilesError

__all__ = ["FLOATS", "SafetensorsFile", "StoredTensor"]

# What `read` gives as float32, and NumPy's name of what lies in the file. NumPy has no bfloat16:
# it is the upper half of a float32.
FLOATS = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "F64": "<f8"}


@dataclass(frozen=True)
class StoredTensor:
    """`dtype` as the file names it; `start` and `stop` are bytes of the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


class SafetensorsFile:
    """`tensors`: what the file holds, by name. Data is read when it is used."""

    def __init__(self, path: Path) -> None:
        """Raise `ModelFilesError` unless `path` is a whole safetensors file."""
        self.path = path
        try:
            with path.open("rb") as file:
                with safe_open(path, framework="numpy"):
                    pass  # opening it is the check
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self.tensors = _read_header(self._bytes)
        except (SafetensorError, OSError, ValueError, RecursionError) as error:
            raise ModelFilesError(
                str(path),
                "a whole safetensors file",
                f"one that cannot be opened ({error})",
                "It was cut off or changed after it was written: download it again.",
            ) from error

    def read(self, name: str) -> NDArray[np.float32]:
        """A tensor of one of the types in `FLOATS`, read-only where it is a view of the file.

        F16 and BF16 are widened without a change of value; F64 is rounded once, to nearest.
        """
        tensor = self.tensors[name]
        dtype = np.dtype(FLOATS[tensor.dtype])
        count = (tensor.stop - tensor.start) // dtype.itemsize
        stored: NDArray[Any] = np.frombuffer(self._bytes, dtype, count, tensor.start)
        if tensor.dtype == "BF16":
            bits = stored.astype(np.uint32)
            bits <<= 16
            values = bits.view(np.float32)
        else:
            # at an odd place the tensor is copied: a matrix product would do so at every call
            with np.errstate(over="ignore"):  # infinity is found in the vectors, and named there
                values = stored.astype(np.float32, copy=not stored.flags.aligned)
        return values.reshape(tensor.shape)


def _read_header(content: mmap.mmap) -> dict[str, StoredTensor]:
    """The header of a file that `safetensors` has opened."""
    data = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:data].decode("utf-8"), object_pairs_hook=_object)
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        if not isinstance(entry, dict):  # the package also takes ["F32", [2], [0, 8]]
            raise ValueError(f"{name!r} is no object")
        start, stop = entry["data_offsets"]
        tensors[name] = StoredTensor(
            entry["dtype"], tuple(entry["shape"]), data + start, data + stop
        )
    if max((tensor.stop for tensor in tensors.values()), default=data) != len(content):
        raise ValueError("it changed while it was opened")
    return tensors


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{twice!r} stands twice in the header")
    return content
