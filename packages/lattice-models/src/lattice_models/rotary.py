"""Positions -> angles -> queries and keys turned by them (Su et al. 2021, "RoFormer").

Follows the default rotary embedding of Hugging Face transformers, in the form of GPT-NeoX: number
`i` of a head is paired with number `i + Dh / 2`, and position `p` turns the pair by `p f(i)`, where
`f(i)` is `theta ** (-2i / Dh)`.

Transformers computes `f(i)` and `p f(i)` in float32, even when the model runs in float64, and the
models were trained so. At position 8,191 such an angle is up to 5e-4 from the exact one. The same
float32 angles are used here; only their cosines and sines are computed more exactly, in float64.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .config import ConfigFile
from .errors import ConfigError, UnsupportedModelError
from .kernels import kernels_in_use

__all__ = ["Rotary", "Turn", "read_theta", "rotate"]

Array = NDArray[np.float32]

_LARGEST_THETA = 1e30  # far below where float32 ends

# Rows are worked on in blocks whose arrays stay in the cache of a core.
_BLOCK_ELEMENTS = 1 << 15


class Turn(NamedTuple):
    """What the numbers of a head, and their partners, are multiplied by: each `(T, Dh)`.

    Both halves of `cos` are the cosines of the pairs; of `sin`, the first is minus their sines.
    """

    cos: Array
    sin: Array


class Rotary:
    """The angles of one `theta`, for heads of one size.

    Cosines and sines are kept for all positions seen so far. Safe from several threads: the table
    is replaced as a whole, and at worst made twice.
    """

    def __init__(self, head_size: int, theta: float) -> None:
        exponents = np.arange(0, head_size, 2, dtype=np.float32) / np.float32(head_size)
        powers = (np.float64(theta) ** exponents.astype(np.float64)).astype(np.float32)
        self._frequencies = np.float32(1) / powers
        self._table = self._made(64)

    def _made(self, positions: int) -> Turn:
        angles = np.arange(positions, dtype=np.float32)[:, None] * self._frequencies
        cos, sin = (f(angles.astype(np.float64)).astype(np.float32) for f in (np.cos, np.sin))
        return Turn(np.concatenate([cos, cos], axis=1), np.concatenate([-sin, sin], axis=1))

    def __call__(self, positions: NDArray[np.int64]) -> Turn:
        """`positions` `(T,)`, each the place of a token in its text."""
        table, needed = self._table, int(positions.max(initial=0)) + 1
        if needed > len(table.cos):
            self._table = table = self._made(1 << (needed - 1).bit_length())
        return Turn(table.cos[positions], table.sin[positions])


def rotate(x: Array, turn: Turn, *, scale: float = 1.0) -> Array:
    """Turn the heads of `x` `(T, H, Dh)` in place, and multiply them by `scale`.

    Queries take the scale of the scores here, where it costs nothing.

    >>> quarter = Turn(np.array([[0, 0]], np.float32), np.array([[-1, 1]], np.float32))
    >>> rotate(np.array([[[3, 5]]], np.float32), quarter, scale=2).tolist()
    [[[-10.0, 6.0]]]
    """
    kernels = kernels_in_use()
    if kernels is not None:
        return kernels.rotate(x, turn.cos, turn.sin, scale)
    half = x.shape[2] // 2
    rows = max(1, _BLOCK_ELEMENTS // max(1, x[:1].size))
    room = np.empty((rows, *x.shape[1:]), np.float32)
    for start in range(0, len(x), rows):
        block = x[start : start + rows]
        from_partner = room[: len(block)]
        cos, sin = (part[start : start + rows, None] for part in turn)  # the same for all heads
        if scale != 1:
            cos, sin = cos * np.float32(scale), sin * np.float32(scale)
        np.multiply(block[..., half:], sin[..., :half], out=from_partner[..., :half])
        np.multiply(block[..., :half], sin[..., half:], out=from_partner[..., half:])
        block *= cos
        block += from_partner
    return x


def read_theta(
    file: ConfigFile, key: str = "rope_theta", *, default: float, layer_type: str | None = None
) -> float:
    """The base of the angles, from either form of `config.json`.

    Transformers 5 writes `rope_parameters`, with an object for each `layer_type` where a family has
    several; before, the base stood under `key`, and `rope_scaling` said how to stretch the angles.
    Raises `UnsupportedModelError` for every kind of stretching.
    """
    scaling = _object(file, "rope_scaling", file.content.get("rope_scaling"))
    field, parameters = "rope_parameters", file.content.get("rope_parameters")
    parameters = _object(file, field, parameters)
    if layer_type is not None and parameters:
        if not isinstance(parameters.get(layer_type), dict):
            raise ConfigError(
                f"{file.path}: {field}",
                f"an object for each type of layers, one under {layer_type!r}",
                f"the keys {', '.join(parameters)}",
            )
        field, parameters = f"{field}: {layer_type}", parameters[layer_type]
    for name, values in (("rope_scaling", scaling), (field, parameters)):
        kind = values.get("rope_type", values.get("type", "default"))
        if kind != "default":
            raise UnsupportedModelError(
                f"{file.path}: {name}", "rotary angles that are not scaled", f"the kind {kind!r}"
            )
    value = parameters.get("rope_theta", scaling.get("rope_theta", file.content.get(key, default)))
    if type(value) not in (int, float) or not 1 <= value <= _LARGEST_THETA:
        raise ConfigError(f"{file.path}: {key}", "a number from 1 up", repr(value))
    return float(value)


def _object(file: ConfigFile, key: str, value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(f"{file.path}: {key}", "an object or null", repr(value))
    return value
