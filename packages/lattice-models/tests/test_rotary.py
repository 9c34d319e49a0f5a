"""`rotary.py` against the oracle's angles, and against complex numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models import ConfigError, UnsupportedModelError
from lattice_models.config import read_config
from lattice_models.rotary import Rotary, Turn, read_theta, rotate
from numpy.typing import NDArray

pytestmark = pytest.mark.usefixtures("each_kernels")


def slow_rotate(
    x: NDArray[np.float32], positions: NDArray[np.int64], theta: float
) -> NDArray[np.complex128]:
    """Pairs as complex numbers, each multiplied by one of length 1: `(T, H, Dh / 2)`."""
    size = x.shape[2]
    pairs = x[..., : size // 2] + 1j * x[..., size // 2 :].astype(np.float64)
    frequencies = theta ** (-2 * np.arange(size // 2) / size)
    return np.asarray(pairs * np.exp(1j * positions[:, None, None] * frequencies))


# cos and sin of Qwen3RotaryEmbedding, transformers 5.23, the same from float32 and float64 models.
# With exact angles the cosines at 8191 and 32767 would differ from the fourth decimal on.
@pytest.mark.parametrize(
    ("theta", "size", "position", "pair", "cos", "sin"),
    [
        (1e6, 128, 1, 1, 0.6925039, 0.7214141),
        (1e6, 128, 8191, 1, -0.9859807, -0.1668593),
        (1e6, 128, 8191, 5, 0.9997727, 0.0213194),
        (1e6, 128, 32767, 63, 0.9991734, 0.0406506),
        (1e6, 128, 32767, 5, 0.4492994, 0.8933812),
        (160000.0, 64, 8191, 1, -0.9597157, 0.2809728),
        (160000.0, 64, 8191, 31, 0.9972301, 0.074378),
        (160000.0, 64, 32767, 5, 0.7575164, -0.6528161),
        (1000.0, 64, 8191, 31, -0.738641, -0.674099),
    ],
)
def test_angles_are_those_of_the_oracle(
    theta: float, size: int, position: int, pair: int, cos: float, sin: float
) -> None:
    turn = Rotary(size, theta)(np.array([0, position]))
    assert turn.cos.dtype == turn.sin.dtype == np.dtype(np.float32)
    half = size // 2
    for column, sign in ((pair, -1), (half + pair, 1)):
        assert float(turn.cos[1, column]) == pytest.approx(cos, abs=1e-7)
        assert float(turn.sin[1, column]) == pytest.approx(sign * sin, abs=1e-7)
    assert turn.cos[0].tolist() == [1] * size
    assert turn.sin[0].tolist() == [0] * size


def test_the_table_grows_and_what_was_in_it_stays() -> None:
    rotary = Rotary(8, 100.0)
    few = rotary(np.array([3, 63]))
    one_more = rotary(np.array([64]))
    many = rotary(np.array([3, 63, 64, 1000]))
    again = rotary(np.array([3, 63]))
    assert np.array_equal(few.cos, many.cos[:2])
    assert np.array_equal(few.sin, again.sin)
    assert np.array_equal(one_more.cos[0], many.cos[2])
    assert np.array_equal(many.cos[3], Rotary(8, 100.0)(np.array([1000])).cos[0])
    assert rotary(np.array([], np.int64)).cos.shape == (0, 8)


@given(
    seed=st.integers(0, 2**32 - 1),
    tokens=st.sampled_from([0, 1, 3, 300]),
    heads=st.sampled_from([1, 3]),
    size=st.sampled_from([2, 6, 64]),
    scale=st.sampled_from([1.0, 0.125, 0.3]),
)
def test_same_as_complex_numbers(
    seed: int, tokens: int, heads: int, size: int, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    fused = rng.normal(size=(tokens, 3, heads, size)).astype(np.float32)
    x = fused[:, 1]  # a view
    positions = rng.integers(0, 40, tokens)
    expected = slow_rotate(x, positions, 50.0) * scale
    before = fused.copy()
    rotated = rotate(x, Rotary(size, 50.0)(positions), scale=scale)
    assert rotated is x
    got = rotated[..., : size // 2] + 1j * rotated[..., size // 2 :]
    assert np.abs(got - expected).max(initial=0) < 1e-5
    before[:, 1] = x
    assert np.array_equal(fused, before)  # the other heads of the product are as they were


def test_a_quarter_turn() -> None:
    quarter = Turn(np.zeros((1, 4), np.float32), np.array([[-1, -1, 1, 1]], np.float32))
    x = np.array([[[1, 2, 3, 4]]], np.float32)  # pairs (1, 3) and (2, 4)
    assert rotate(x, quarter).tolist() == [[[-3, -4, 1, 2]]]


def theta(directory: Path, content: dict[str, Any], **options: Any) -> float:
    (directory / "config.json").write_text(json.dumps(content), encoding="utf-8")
    return read_theta(read_config(directory), **{"default": 7.0, **options})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, 7),
        ({"rope_theta": 1000000}, 1000000),
        ({"rope_theta": 5.5, "rope_scaling": None, "rope_parameters": None}, 5.5),
        ({"rope_theta": 5.5, "rope_scaling": {"type": "default"}}, 5.5),
        ({"rope_parameters": {"rope_type": "default", "rope_theta": 20}}, 20),
        ({"rope_parameters": {"rope_theta": 20}, "rope_theta": 5.5}, 20),
        ({"rope_parameters": {"rope_type": "default"}, "rope_theta": 5.5}, 5.5),
    ],
)
def test_both_forms_of_the_base(tmp_path: Path, content: dict[str, Any], expected: float) -> None:
    assert theta(tmp_path, content) == expected


def test_one_base_for_each_type_of_layers(tmp_path: Path) -> None:
    content = {"rope_parameters": {"full_attention": {"rope_theta": 20}, "other": {}}, "local": 3}
    assert theta(tmp_path, content, layer_type="full_attention") == 20
    assert theta(tmp_path, content, key="local", layer_type="other") == 3
    with pytest.raises(ConfigError) as caught:
        theta(tmp_path, content, layer_type="sliding_attention")
    assert caught.value.field == f"{tmp_path / 'config.json'}: rope_parameters"
    assert "'sliding_attention'" in caught.value.expected
    assert caught.value.received == "the keys full_attention, other"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"rope_scaling": {"rope_type": "yarn", "factor": 4.0}}, "rope_scaling"),
        ({"rope_scaling": {"type": "linear", "factor": 8.0}}, "rope_scaling"),
        ({"rope_scaling": {"rope_type": ["default"]}}, "rope_scaling"),
        ({"rope_parameters": {"rope_type": "llama3", "rope_theta": 5}}, "rope_parameters"),
    ],
)
def test_scaled_angles_are_refused_by_name(
    tmp_path: Path, content: dict[str, Any], field: str
) -> None:
    with pytest.raises(UnsupportedModelError) as caught:
        theta(tmp_path, content)
    ((values),) = content.values()
    kind = values.get("rope_type", values.get("type"))
    assert caught.value.field == f"{tmp_path / 'config.json'}: {field}"
    assert caught.value.received == f"the kind {kind!r}"


@pytest.mark.parametrize("value", [0, -1, 0.5, 1e31, True, "10000", None, [1], float("nan")])
def test_a_base_that_cannot_be_is_named(tmp_path: Path, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        theta(tmp_path, {"rope_theta": value})
    assert caught.value.field == f"{tmp_path / 'config.json'}: rope_theta"


@pytest.mark.parametrize("key", ["rope_scaling", "rope_parameters"])
@pytest.mark.parametrize("value", ["default", 1, [], False])
def test_parameters_that_are_no_object_are_named(tmp_path: Path, key: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        theta(tmp_path, {key: value})
    assert caught.value.field == f"{tmp_path / 'config.json'}: {key}"
    assert caught.value.received == repr(value)
