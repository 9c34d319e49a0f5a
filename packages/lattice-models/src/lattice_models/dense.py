"""Sentence vectors -> sentence vectors: the modules that a checkpoint may put after pooling.

Follows `Dense`, `LayerNorm` and `Normalize` of sentence-transformers. All compute in float64, as
pooling does; weights are read once and are small. Where the peer takes tanh in place of an
activation that it does not trust, this refuses.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import ConfigError, UnsupportedModelError, WeightsError
from .json_file import JsonFile
from .pooling import Vectors, l2_normalize
from .weights import Weights, open_weights

__all__ = ["Dense", "LayerNorm", "Normalize", "SentenceModule", "read_dense", "read_layer_norm"]


def _sigmoid(x: Vectors) -> Vectors:
    # exp of what is not positive cannot overflow
    small = np.exp(-np.abs(x))
    y: Vectors = np.where(x < 0, small, 1) / (1 + small)
    return y


def _gelu(x: Vectors) -> Vectors:
    phi = [math.erfc(-value / math.sqrt(2)) / 2 for value in x.flat]
    y: Vectors = x * np.reshape(phi, x.shape)
    return y


# torch's name -> the function, as torch computes it with default arguments
_ACTIVATIONS: dict[str, Callable[[Vectors], Vectors]] = {
    "Identity": lambda x: x,
    "Tanh": np.tanh,
    "ReLU": lambda x: np.maximum(x, 0),
    "GELU": _gelu,
    "SiLU": lambda x: x * _sigmoid(x),
    "Sigmoid": _sigmoid,
}
_ACTIVATION_HOMES = ("torch.nn", "torch.nn.modules.activation", "torch.nn.modules.linear")


@dataclass(frozen=True, eq=False)
class Dense:
    """`activation(x Wᵀ + b)`, and a residual if the module has one."""

    source: Path
    activation: str
    weight: Vectors  # (out, in)
    bias: Vectors | None  # (out,)
    use_residual: bool
    residual: Vectors | None  # (out, in); None: the vectors are added as they are

    @property
    def description(self) -> str:
        """What the module does, for the list of settings."""
        out, into = self.weight.shape
        return f"{into} -> {out}, {self.activation}" + " + residual" * self.use_residual

    def output_size(self, size: int) -> int:
        """The length of vectors that had `size` numbers before."""
        if size != self.weight.shape[1]:
            received = str(self.weight.shape[1])
            raise ConfigError(f"{self.source}: in_features", str(size), received, _OTHER_MODEL)
        return len(self.weight)

    def __call__(self, vectors: Vectors) -> Vectors:
        """`(n, in)` -> `(n, out)`"""
        projected: Vectors = vectors @ self.weight.T
        if self.bias is not None:
            projected += self.bias
        projected = _ACTIVATIONS[self.activation](projected)
        if not self.use_residual:
            return projected
        return projected + (vectors if self.residual is None else vectors @ self.residual.T)


@dataclass(frozen=True, eq=False)
class LayerNorm:
    """`(x - mean) / sqrt(variance + 1e-5)`, scaled and shifted."""

    source: Path
    weight: Vectors  # (D,)
    bias: Vectors  # (D,)

    @property
    def description(self) -> str:
        """What the module does, for the list of settings."""
        return str(len(self.weight))

    def output_size(self, size: int) -> int:
        """The length of vectors that had `size` numbers before."""
        if size != len(self.weight):
            received = str(len(self.weight))
            raise ConfigError(f"{self.source}: dimension", str(size), received, _OTHER_MODEL)
        return size

    def __call__(self, vectors: Vectors) -> Vectors:
        """`(n, D)` -> `(n, D)`"""
        centred = vectors - vectors.mean(axis=1, keepdims=True)
        variance = (centred**2).mean(axis=1, keepdims=True)
        normal: Vectors = centred / np.sqrt(variance + 1e-5)
        return normal * self.weight + self.bias


@dataclass(frozen=True, eq=False)
class Normalize:
    """Length 1."""

    source: Path
    description: str = "length 1"

    def output_size(self, size: int) -> int:
        """The length of vectors that had `size` numbers before."""
        return size

    def __call__(self, vectors: Vectors) -> Vectors:
        """`(n, D)` -> `(n, D)`"""
        return l2_normalize(vectors)


SentenceModule = Dense | LayerNorm | Normalize

_OTHER_MODEL = "The files belong to different models: the vectors before it have another length."


def _take(weights: Weights, name: str, shape: tuple[int, ...]) -> Vectors:
    tensor = weights.take(name, shape)
    if not np.isfinite(tensor).all():  # tanh would hide infinity
        raise WeightsError(f"{weights.path}: {name}", "finite numbers", "NaN or infinity")
    return tensor.astype(np.float64)


def _size(file: JsonFile, key: str) -> int:
    size = file.get(key, int)
    if size < 1:
        raise ConfigError(f"{file.path}: {key}", "a positive number", str(size))
    return size


def read_dense(folder: Path) -> Dense:
    """Read `config.json` and the weights of a Dense module."""
    file = JsonFile(folder / "config.json")
    into, out = _size(file, "in_features"), _size(file, "out_features")
    full_name = file.get("activation_function", str, "torch.nn.modules.activation.Tanh")
    home, _, activation = full_name.rpartition(".")
    if home not in _ACTIVATION_HOMES or activation not in _ACTIVATIONS:
        raise UnsupportedModelError(
            f"{file.path}: activation_function",
            " or ".join(f"torch.nn.{name}" for name in _ACTIVATIONS),
            repr(full_name),
        )
    weights = open_weights(folder)
    weight = _take(weights, "linear.weight", (out, into))
    bias = _take(weights, "linear.bias", (out,)) if file.get("bias", bool, True) else None
    use_residual, residual = file.get("use_residual", bool, False), None
    if use_residual and into != out:
        residual = _take(weights, "residual.weight", (out, into))
    weights.finish()
    return Dense(file.path, activation, weight, bias, use_residual, residual)


def read_layer_norm(folder: Path) -> LayerNorm:
    """Read `config.json` and the weights of a LayerNorm module."""
    file = JsonFile(folder / "config.json")
    size = _size(file, "dimension")
    weights = open_weights(folder)
    weight, bias = (_take(weights, f"norm.{name}", (size,)) for name in ("weight", "bias"))
    weights.finish()
    return LayerNorm(file.path, weight, bias)
