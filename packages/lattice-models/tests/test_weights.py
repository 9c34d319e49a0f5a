"""`weights.py`: safetensors in, pickles out."""

from __future__ import annotations

import json
import os
import pickle
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lattice_models import (
    ConfigError,
    ModelError,
    ModelFilesError,
    PickleRefusedError,
    SentenceEncoder,
    UnsupportedModelError,
    WeightsError,
)
from lattice_models.weights import Weights, open_weights
from numpy.typing import NDArray
from safetensors.numpy import save_file

WriteModel = Callable[..., Path]


def raw_file(path: Path, header: object, data: bytes) -> Path:
    """A safetensors file by its definition: the length of the header, the header, the data."""
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(2, np.float32)}
    save_file(tensors, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def test_a_tensor_by_hand(tmp_path: Path) -> None:
    header = {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    path = raw_file(tmp_path / "w", header, struct.pack("<2f", 1.5, -2))
    assert Weights(path).take("x", (2,)).tolist() == [1.5, -2]


@pytest.mark.parametrize(("dtype", "code"), [("F16", "e"), ("F32", "f"), ("F64", "d")])
def test_all_floats_become_float32(tmp_path: Path, dtype: str, code: str) -> None:
    data = struct.pack(f"<2{code}", 0.25, 3)
    header = {"x": {"dtype": dtype, "shape": [2], "data_offsets": [0, len(data)]}}
    tensor = Weights(raw_file(tmp_path / "w", header, data)).take("x", (2,))
    assert (tensor.dtype.name, tensor.tolist()) == ("float32", [0.25, 3])


@pytest.mark.parametrize(("dtype", "size"), [("I64", 8), ("I8", 1), ("U8", 1), ("BOOL", 1)])
def test_other_types_are_refused_by_name_where_they_are_taken(
    tmp_path: Path, dtype: str, size: int
) -> None:
    header = {"x": {"dtype": dtype, "shape": [2], "data_offsets": [0, 2 * size]}}
    path = raw_file(tmp_path / "w", header, bytes(2 * size))
    Weights(path).finish(ignored=["x"])
    with pytest.raises(UnsupportedModelError) as caught:
        Weights(path).take("x", (2,))
    error = caught.value
    assert (error.field, error.received) == ("x", dtype)
    assert error.expected == "F32 or F16 or BF16 or F64"


def test_stored_types_are_those_of_floats(tmp_path: Path) -> None:
    tensors: dict[str, NDArray[Any]] = {"a": np.ones(1, np.float16), "b": np.ones(1, np.int64)}
    save_file(tensors, tmp_path / "w")
    assert Weights(tmp_path / "w").stored_as == "float16"
    save_file({**tensors, "c": np.ones(1), "d": np.ones(2)}, tmp_path / "w")
    assert Weights(tmp_path / "w").stored_as == "float16, float64"


def test_has_tells_what_is_left_to_take(file: Path) -> None:
    weights = Weights(file)
    assert (weights.has("a"), weights.has("c")) == (True, False)
    weights.take("a", (2, 3))
    assert not weights.has("a")


def test_a_missing_tensor_is_named(file: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        Weights(file).take("c", (1,))
    error = caught.value
    assert (error.field, error.expected) == ("c", "a tensor of shape (1,)")
    assert error.received == f"none in {file}"


@pytest.mark.parametrize("shape", [(3, 2), (6,), (2, 3, 1), (2,)])
def test_a_wrong_shape_is_named(file: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(WeightsError) as caught:
        Weights(file).take("a", shape)
    error = caught.value
    assert (error.field, error.received) == ("a", "shape (2, 3)")
    assert error.expected == f"shape {shape}, as config.json says"


def test_what_was_not_taken_is_refused_unless_ignored(file: Path) -> None:
    weights = Weights(file)
    weights.take("a", (2, 3))
    weights.finish(ignored=["b"])
    with pytest.raises(WeightsError) as caught:
        weights.finish(ignored=["a", "x"])
    assert caught.value.field == "b"
    assert caught.value.received == "1 that it has no place for, this one of shape (2,)"
    weights.take("b", (2,))
    weights.finish(ignored=[])


@pytest.mark.parametrize(
    ("names", "prefix"),
    [(["bert.a", "cls.b"], "bert."), (["a", "b"], ""), (["model.a"], "model.")],
)
def test_a_prefix_is_found_and_put_before_names(
    tmp_path: Path, names: list[str], prefix: str
) -> None:
    save_file({name: np.ones(1, np.float32) for name in names}, tmp_path / "w")
    weights = Weights(tmp_path / "w", prefixes=["bert.", "model."])
    weights.take("a", (1,))
    with pytest.raises(WeightsError) as caught:
        weights.take("zzz", (1,))
    assert caught.value.field == f"{prefix}zzz"


def test_ignored_names_hold_with_and_without_the_prefix(tmp_path: Path) -> None:
    names = ["bert.a", "bert.pooler.x", "pooler.y"]
    save_file({name: np.ones(1, np.float32) for name in names}, tmp_path / "w")
    weights = Weights(tmp_path / "w", prefixes=["bert."])
    weights.take("a", (1,))
    weights.finish(ignored=["pooler."])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_in_the_header_is_an_answer(
    tmp_path: Path, write_model: WriteModel, place: float, bit: int
) -> None:
    path = write_model(tmp_path) / "model.safetensors"
    content = bytearray(path.read_bytes())
    header_end = 8 + struct.unpack("<Q", content[:8])[0]
    content[int(place * header_end)] ^= 1 << bit
    path.write_bytes(content)
    try:
        vectors = SentenceEncoder.from_pretrained(tmp_path).encode([1, 2], [0, 2])
    except ModelError:
        return
    assert np.isfinite(vectors).all()


class _Bomb:
    """A pickle that makes a directory when it is opened."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize(
    "name",
    ["pytorch_model.bin", "pytorch_model-00001-of-00002.bin", "x.pt", "x.pth", "x.ckpt", "x.pkl"],
)
def test_a_pickle_is_refused_and_never_opened(
    tmp_path: Path, write_model: WriteModel, name: str
) -> None:
    directory = write_model(tmp_path / "model")
    (directory / "model.safetensors").unlink()
    (directory / name).write_bytes(pickle.dumps(_Bomb(tmp_path / "marker")))
    opened: list[str] = []
    watching = True

    def watch(event: str, args: tuple[object, ...]) -> None:
        if watching and event == "open":
            opened.append(str(args[0]))

    sys.addaudithook(watch)  # a hook cannot be removed, only told to sleep
    with pytest.raises(PickleRefusedError) as caught:
        SentenceEncoder.from_pretrained(directory)
    watching = False
    assert caught.value.field == str(directory)
    assert name in caught.value.received
    assert any(path.endswith("config.json") for path in opened)
    assert [path for path in opened if path.endswith(name)] == []
    assert not (tmp_path / "marker").exists()


def test_safetensors_are_taken_where_a_pickle_lies_beside_them(file: Path) -> None:
    (file.parent / "pytorch_model.bin").write_bytes(b"x")
    assert open_weights(file.parent).path == file


def test_no_weights_at_all(tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError) as caught:
        open_weights(tmp_path)
    error = caught.value
    assert not isinstance(error, PickleRefusedError)
    assert error.field == str(tmp_path)
    assert error.expected == "model.safetensors or model.safetensors.index.json"


def test_tensors_outlive_the_file_object(file: Path) -> None:
    tensor: NDArray[np.float32] = Weights(file).take("a", (2, 3))
    if sys.platform != "win32":  # there a file that is mapped cannot be removed
        file.unlink()
    assert tensor.sum() == 15


SHARDS: dict[str, dict[str, NDArray[Any]]] = {
    "model-00001-of-00002.safetensors": {"a": np.ones((2, 3), np.float32)},
    "model-00002-of-00002.safetensors": {"b": np.full(2, 2.0), "c": np.zeros(1, np.int64)},
}
FIRST, SECOND = SHARDS


def write_shards(directory: Path, **changes: object) -> Path:
    """A sharded checkpoint; `changes` to the index, `None` takes a tensor out."""
    for name, tensors in SHARDS.items():
        save_file(tensors, directory / name)
    weight_map: dict[str, object] = {tensor: name for name in SHARDS for tensor in SHARDS[name]}
    weight_map = {k: v for k, v in {**weight_map, **changes}.items() if v is not None}
    index = directory / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 56}, "weight_map": weight_map}))
    return index


def shards_refused(directory: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        open_weights(directory)
    return caught.value


def test_shards_are_one_checkpoint(tmp_path: Path) -> None:
    index = write_shards(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    weights = open_weights(tmp_path)
    assert (weights.path, weights.stored_as) == (index, "float32, float64")
    assert weights.take("b", (2,)).tolist() == [2, 2]
    assert weights.take("a", (2, 3)).sum() == 6
    weights.finish(ignored=["c"])


def test_one_file_is_preferred_to_shards(file: Path) -> None:
    write_shards(file.parent)
    assert open_weights(file.parent).path == file


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    write_shards(tmp_path)
    (tmp_path / SECOND).unlink()
    error = shards_refused(tmp_path)
    assert isinstance(error, ModelFilesError)
    assert (error.field, error.received) == (str(tmp_path / SECOND), "no such file")
    assert error.expected == "a shard, which model.safetensors.index.json names"


def test_a_truncated_shard_is_named(tmp_path: Path) -> None:
    write_shards(tmp_path)
    shard = tmp_path / SECOND
    shard.write_bytes(shard.read_bytes()[:-1])
    error = shards_refused(tmp_path)
    assert (error.field, error.expected) == (str(shard), "a whole safetensors file")


@pytest.mark.parametrize(
    "shard", ["../other/w", "a/../../other/w", "/etc/w", "..\\other\\w", "C:w", "\0", 5, None, [1]]
)
def test_a_shard_outside_the_directory_is_refused(tmp_path: Path, shard: object) -> None:
    model = tmp_path / "model"
    for folder in (model, tmp_path / "other"):
        folder.mkdir()
    save_file({"z": np.ones(1)}, tmp_path / "other" / "w")  # would be read if followed
    index = write_shards(model, z=[shard] if shard is None else shard)
    error = shards_refused(model)
    assert isinstance(error, ConfigError)
    assert (error.field, error.expected) == (
        f"{index}: weight_map",
        "a path inside the model directory",
    )


@pytest.mark.parametrize(
    ("changes", "tensor", "received"),
    [
        ({"z": FIRST}, "z", "none there"),
        ({"a": SECOND}, "a", "none there"),
        ({"a": SECOND, "b": FIRST}, "a", "none there"),  # both shards exist, and are opened
        ({"c": None}, "c", f"one only in {SECOND}"),
    ],
)
def test_an_index_that_contradicts_its_shards_names_the_tensor(
    tmp_path: Path, changes: dict[str, object], tensor: str, received: str
) -> None:
    write_shards(tmp_path, **changes)
    error = shards_refused(tmp_path)
    assert isinstance(error, WeightsError)
    assert (error.field, error.received) == (tensor, received)


def test_a_tensor_in_two_shards_is_named(tmp_path: Path) -> None:
    write_shards(tmp_path)
    save_file({**SHARDS[SECOND], "a": np.ones(1)}, tmp_path / SECOND)
    error = shards_refused(tmp_path)
    assert isinstance(error, WeightsError)
    assert (error.field, error.received) == ("a", f"two: {FIRST} and {SECOND}")


@pytest.mark.parametrize("content", [{}, {"weight_map": {}}, {"weight_map": [1]}, [], "x"])
def test_an_index_without_a_map_is_refused(tmp_path: Path, content: object) -> None:
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(content))
    assert isinstance(shards_refused(tmp_path), ConfigError)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_a_changed_byte_in_the_index_is_an_answer(tmp_path: Path, place: float, byte: int) -> None:
    index = write_shards(tmp_path)
    content = bytearray(index.read_bytes())
    content[int(place * len(content))] = byte
    index.write_bytes(content)
    with suppress(ModelError):
        assert open_weights(tmp_path).take("a", (2, 3)).sum() == 6
