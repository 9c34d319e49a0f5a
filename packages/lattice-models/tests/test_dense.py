"""`dense.py`: the modules after pooling. Literals are those of sentence-transformers in float64."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lattice_models import (
    ConfigError,
    ModelError,
    ModelFilesError,
    PickleRefusedError,
    UnsupportedModelError,
    WeightsError,
)
from lattice_models.dense import Normalize, read_dense, read_layer_norm
from numpy.typing import NDArray
from safetensors.numpy import save_file

X = np.array([[0.5, -1.25, 3.0], [-4.0, 0.0, 1e-3]])
WEIGHT = np.array([[0.5, -1.0, 0.25], [2.0, 0.125, -0.75]])
BIAS = np.array([0.1875, -0.375])
RESIDUAL = np.array([[1.0, 0, 2], [0, -1, 0.5]])


def write_dense(
    folder: Path, *, tensors: dict[str, NDArray[Any]] | None = None, **config: object
) -> Path:
    content = {"in_features": 3, "out_features": 2, **config}
    (folder / "config.json").write_text(json.dumps(content))
    if tensors is None:
        tensors = {"linear.weight": WEIGHT, "linear.bias": BIAS}
    save_file(tensors, folder / "model.safetensors")
    return folder


def close(found: NDArray[np.float64], expected: object) -> bool:
    return bool(np.abs(found - np.array(expected)).max() < 1e-15)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("torch.nn.modules.linear.Identity", [[2.4375, -1.78125], [-1.81225, -8.37575]]),
        (
            "torch.nn.modules.activation.Tanh",
            [
                [0.9848455174642784, -0.9448294355464201],
                [-0.9480599960379616, -0.9999998938436545],
            ],
        ),
        ("torch.nn.ReLU", [[2.4375, 0], [0, 0]]),
        (
            "torch.nn.modules.activation.GELU",
            [[2.4194756451672284, -0.06668253542699083], [-0.06338124773206288, 0]],
        ),
        (
            "torch.nn.modules.activation.SiLU",
            [
                [2.2416286697458703, -0.25676514446456916],
                [-0.2543790314132582, -0.001929219552989284],
            ],
        ),
        (
            "torch.nn.modules.activation.Sigmoid",
            [
                [0.9196425311777929, 0.14414885303274058],
                [0.14036641269872158, 0.00023033394657066939],
            ],
        ),
    ],
)
def test_activations(tmp_path: Path, activation: str, expected: object) -> None:
    dense = read_dense(write_dense(tmp_path, activation_function=activation))
    assert close(dense(X), expected)
    assert dense.output_size(3) == 2
    assert dense.description == f"3 -> 2, {activation.rpartition('.')[2]}"


def test_without_a_word_on_it_the_activation_is_tanh(tmp_path: Path) -> None:
    assert close(
        read_dense(write_dense(tmp_path))(X[:1]), [[0.9848455174642784, -0.9448294355464201]]
    )


@pytest.mark.parametrize("activation", ["Sigmoid", "SiLU", "GELU", "Tanh"])
def test_large_numbers_do_not_overflow(tmp_path: Path, activation: str) -> None:
    dense = read_dense(write_dense(tmp_path, activation_function=f"torch.nn.{activation}"))
    expected = {"Sigmoid": (1, 0), "SiLU": (5000.1875, 0), "GELU": (5000.1875, 0), "Tanh": (1, -1)}
    with np.errstate(over="raise"):
        assert close(dense(np.array([[0, -5e3, 0]])), [expected[activation]])


def test_without_bias(tmp_path: Path) -> None:
    write_dense(
        tmp_path,
        tensors={"linear.weight": WEIGHT},
        bias=False,
        activation_function="torch.nn.Identity",
    )
    assert close(read_dense(tmp_path)(X), [[2.25, -1.40625], [-1.99975, -8.00075]])


def test_a_residual_of_another_size(tmp_path: Path) -> None:
    tensors = {"linear.weight": WEIGHT, "linear.bias": BIAS, "residual.weight": RESIDUAL}
    dense = read_dense(write_dense(tmp_path, tensors=tensors, use_residual=True))
    expected = [[7.4848455174642785, 1.8051705644535798], [-4.946059996037961, -0.9994998938436546]]
    assert close(dense(X), expected)
    assert dense.description == "3 -> 2, Tanh + residual"


def test_a_residual_of_the_same_size_has_no_weights(tmp_path: Path) -> None:
    tensors = {"linear.weight": np.vstack([WEIGHT, np.ones((1, 3))])}
    write_dense(tmp_path, tensors=tensors, out_features=3, bias=False, use_residual=True)
    expected = [
        [1.4780261147388136, -2.1366951493840523, 3.978026114738814],
        [-4.964009913112111, -0.9999997752670282, -0.9983279574474401],
    ]
    assert close(read_dense(tmp_path)(X), expected)


def test_layer_norm(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"dimension": 3}')
    tensors = {"norm.weight": np.array([1.5, -0.5, 2]), "norm.bias": np.array([0.25, 0, -1])}
    save_file(tensors, tmp_path / "model.safetensors")
    norm = read_layer_norm(tmp_path)
    expected = [
        [0.03498203629852295, 0.5733812365372721, 1.5802155644177245],
        [-1.8713173114990291, -0.3534203194885897, 0.4147418040443469],
    ]
    assert close(norm(X), expected)
    # so small that the eps of 1e-5 shows
    expected = [
        [0.14615999035133972, 0.2769066923964275, 0.24608011578392386],
        [-0.8365291239018794, -0.18102028773418385, -0.27537565240089645],
    ]
    assert close(norm(X * 1e-3), expected)
    assert (norm.output_size(3), norm.description) == (3, "3")
    with pytest.raises(ConfigError) as caught:
        norm.output_size(4)
    assert caught.value.field == f"{tmp_path / 'config.json'}: dimension"


def test_normalize(tmp_path: Path) -> None:
    expected = [
        [0.1520571842539411, -0.38014296063485276, 0.9123431055236466],
        [-0.9999999687500015, 0, 0.0002499999921875004],
    ]
    normalize = Normalize(tmp_path)
    assert close(normalize(X.copy()), expected)
    assert normalize.output_size(7) == 7


def test_vectors_are_not_changed(tmp_path: Path) -> None:
    before = X.copy()
    read_dense(write_dense(tmp_path, activation_function="torch.nn.Identity"))(X)
    assert np.array_equal(X, before)


def refused(folder: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read_dense(folder)
    return caught.value


@pytest.mark.parametrize(
    "name",
    [
        "custom.Tanh",
        "torch.nn.functional.relu",
        "torch.nn.modules.activation.Hardswish",
        "Tanh",
        "",
    ],
)
def test_other_activations_are_refused_by_name(tmp_path: Path, name: str) -> None:
    error = refused(write_dense(tmp_path, activation_function=name))
    assert isinstance(error, UnsupportedModelError)
    assert error.field == f"{tmp_path / 'config.json'}: activation_function"
    assert error.received == repr(name)
    assert error.expected.startswith("torch.nn.Identity or torch.nn.Tanh or ")


@pytest.mark.parametrize("key", ["in_features", "out_features"])
@pytest.mark.parametrize("value", [0, -1, None, "3", 3.0, True])
def test_sizes_that_cannot_be_are_named(tmp_path: Path, key: str, value: Any) -> None:
    error = refused(write_dense(tmp_path, **{key: value}))
    assert isinstance(error, ConfigError)
    assert error.field == f"{tmp_path / 'config.json'}: {key}"


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"out_features": 10**9}, "linear.weight"),
        ({"bias": False}, "linear.bias"),
        ({"use_residual": True}, "residual.weight"),
    ],
)
def test_weights_that_contradict_the_config_are_named(
    tmp_path: Path, config: dict[str, Any], field: str
) -> None:
    error = refused(write_dense(tmp_path, **config))
    assert isinstance(error, WeightsError)
    assert error.field == field


def test_a_module_that_does_not_fit_the_one_before_is_named(tmp_path: Path) -> None:
    dense = read_dense(write_dense(tmp_path))
    with pytest.raises(ConfigError) as caught:
        dense.output_size(4)
    error = caught.value
    assert error.field == f"{tmp_path / 'config.json'}: in_features"
    assert (error.expected, error.received) == ("4", "3")


@pytest.mark.parametrize("damage", [np.nan, np.inf, -np.inf])
def test_damage_that_tanh_would_hide_is_found_when_loading(tmp_path: Path, damage: float) -> None:
    weight = WEIGHT.copy()
    weight[1, 2] = damage
    error = refused(write_dense(tmp_path, tensors={"linear.weight": weight, "linear.bias": BIAS}))
    assert isinstance(error, WeightsError)
    assert error.field == f"{tmp_path / 'model.safetensors'}: linear.weight"


def test_a_pickle_or_nothing_is_refused(tmp_path: Path) -> None:
    write_dense(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    assert isinstance(refused(tmp_path), ModelFilesError)
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    assert isinstance(refused(tmp_path), PickleRefusedError)
