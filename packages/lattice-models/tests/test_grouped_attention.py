"""`grouped_attention.py` against its formulas in float64, one token and one head at a time."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from lattice_models import WeightsError
from lattice_models.grouped_attention import GroupedAttention
from lattice_models.rotary import Turn
from lattice_models.weights import open_weights
from numpy.typing import NDArray
from safetensors.numpy import save_file

HIDDEN, HEADS, KEY_HEADS, SIZE = 6, 4, 2, 4  # heads are together wider than the hidden states
SCALE, EPS = 0.3, 0.5
LENGTHS = [5, 1, 3]
Tensors = dict[str, NDArray[np.float32]]


def tensors(*, bias: bool) -> Tensors:
    rng = np.random.default_rng(0)
    rows = {
        "q_proj": (HEADS * SIZE, HIDDEN),
        "k_proj": (KEY_HEADS * SIZE, HIDDEN),
        "v_proj": (KEY_HEADS * SIZE, HIDDEN),
        "o_proj": (HIDDEN, HEADS * SIZE),
    }
    shapes: dict[str, tuple[int, ...]] = {f"{name}.weight": rows[name] for name in rows}
    shapes |= {f"{name}_norm.weight": (SIZE,) for name in "qk"}
    if bias:
        shapes |= {f"{name}.bias": rows[name][:1] for name in rows}
    return {
        f"layers.7.self_attn.{name}": rng.normal(size=shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def block(
    directory: Path,
    stored: Tensors,
    *,
    causal: bool = False,
    window: tuple[int, int] | None = None,
    norms_around: float = 0.0,
) -> GroupedAttention:
    save_file(stored, directory / "model.safetensors")
    weights = open_weights(directory)
    read = GroupedAttention.read(
        weights,
        "layers.7",
        hidden_size=HIDDEN,
        num_heads=HEADS,
        key_heads=KEY_HEADS,
        head_size=SIZE,
        scale=SCALE,
        causal=causal,
        window=window,
        bias="layers.7.self_attn.q_proj.bias" in stored,
        eps=EPS,
        norms_around=norms_around,
    )
    weights.finish()
    return read


def turned(x: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """A head whose halves are the two axes of planes: Su et al. 2021 as GPT-NeoX pairs numbers."""
    first, second = x[: SIZE // 2], x[SIZE // 2 :]
    cos, sin = math.cos(angle), math.sin(angle)
    return np.concatenate([first * cos - second * sin, second * cos + first * sin])


def slow(
    stored: Tensors,
    hidden: NDArray[np.float32],
    angles: list[float],
    *,
    causal: bool,
    window: tuple[int, int],
    norms_around: float,
) -> NDArray[np.float64]:
    part = {name.removeprefix("layers.7.self_attn."): t.astype(float) for name, t in stored.items()}

    def linear(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(part[f"{name}.weight"] @ x + part.get(f"{name}.bias", 0.0))

    def normed(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        weight = norms_around + part[f"{name}.weight"]
        return np.asarray(x / math.sqrt((x**2).mean() + EPS) * weight)

    rows = []
    for token in range(len(hidden)):
        text = int(np.searchsorted(np.cumsum(LENGTHS), token, side="right"))
        start, stop = sum(LENGTHS[:text]), sum(LENGTHS[: text + 1])
        before, after = window
        seen = range(max(start, token - before), min(stop, token + (0 if causal else after) + 1))
        heads = []
        for head in range(HEADS):
            query = linear("q_proj", hidden[token].astype(float))[head * SIZE :][:SIZE]
            query = turned(normed("q_norm", query), angles[token])
            of_key = slice(head // 2 * SIZE, (head // 2 + 1) * SIZE)  # 4 heads, 2 key heads
            keys, values = (
                [linear(name, hidden[other].astype(float))[of_key] for other in seen]
                for name in ("k_proj", "v_proj")
            )
            scores = [
                SCALE * float(query @ turned(normed("k_norm", key), angles[other]))
                for key, other in zip(keys, seen, strict=True)
            ]
            powers = [math.exp(score) for score in scores]
            heads.append(sum(p * v for p, v in zip(powers, values, strict=True)) / sum(powers))
        rows.append(linear("o_proj", np.concatenate(heads)))
    return np.stack(rows)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("window", [None, (2, 1)])
@pytest.mark.parametrize("norms_around", [0.0, 1.0])
def test_same_as_the_formulas(
    tmp_path: Path,
    bias: bool,
    causal: bool,
    window: tuple[int, int] | None,
    norms_around: float,
) -> None:
    stored = tensors(bias=bias)
    rng = np.random.default_rng(1)
    hidden = rng.normal(size=(sum(LENGTHS), HIDDEN)).astype(np.float32)
    angles = rng.uniform(0, 6, len(hidden))
    cos, sin = (f(angles).astype(np.float32)[:, None] for f in (np.cos, np.sin))
    ones = np.ones((1, SIZE // 2), np.float32)
    turn = Turn(cos * np.tile(ones, 2), sin * np.concatenate([-ones, ones], axis=1))
    attend = block(tmp_path, stored, causal=causal, window=window, norms_around=norms_around)
    expected = slow(
        stored,
        hidden,
        angles.tolist(),
        causal=causal,
        window=window or (9, 9),
        norms_around=norms_around,
    )
    copy = hidden.copy()
    given = attend(hidden, np.cumsum([0, *LENGTHS]), turn)
    assert given.dtype == np.dtype(np.float32)
    assert np.abs(given - expected).max() < 1e-5
    assert np.array_equal(hidden, copy)


def test_a_missing_bias_is_named(tmp_path: Path) -> None:
    stored = tensors(bias=True)
    del stored["layers.7.self_attn.o_proj.bias"]
    with pytest.raises(WeightsError) as caught:
        block(tmp_path, stored)
    assert caught.value.field == "layers.7.self_attn.o_proj.bias"
