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
    ModelError,
    ModelFilesError,
    PickleRefusedError,
    SentenceEncoder,
    UnsupportedModelError,
    WeightsError,
)
from lattice_models.weights import Weights, find_weights_file
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


@pytest.mark.parametrize(("dtype", "size"), [("BF16", 2), ("I64", 8), ("I8", 1), ("U8", 1)])
def test_other_types_are_refused_by_name(tmp_path: Path, dtype: str, size: int) -> None:
    header = {"x": {"dtype": dtype, "shape": [2], "data_offsets": [0, 2 * size]}}
    path = raw_file(tmp_path / "w", header, bytes(2 * size))
    with pytest.raises(UnsupportedModelError) as caught:
        Weights(path).take("x", (2,))
    error = caught.value
    assert (error.field, error.expected, error.received) == ("x", "F16 or F32 or F64", dtype)


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
    assert caught.value.received == "1 that it has no place for"
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


def test_a_truncated_file_is_refused_at_every_length(file: Path) -> None:
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(ModelFilesError) as caught:
            Weights(file)
        assert (caught.value.field, caught.value.expected) == (
            str(file),
            "a whole safetensors file",
        )


def test_a_file_with_bytes_after_its_end_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(ModelFilesError):
        Weights(file)


@pytest.mark.parametrize(
    "header",
    [
        [],
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 16]}},  # beyond the end
        {"x": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}},  # shape and size differ
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}},
        {"x": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 8]}},  # overflows
        {"x": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}},
        {"x": {"dtype": "F31", "shape": [2], "data_offsets": [0, 8]}},
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, header: object) -> None:
    with pytest.raises(ModelFilesError):
        Weights(raw_file(tmp_path / "w", header, bytes(8)))


def test_any_flipped_bit_at_the_start_is_an_answer(file: Path) -> None:
    whole = file.read_bytes()
    for place in range(64):  # the length of the header, and its first tensor
        for bit in range(8):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            with suppress(ModelError):
                Weights(file).take("a", (2, 3))


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


def test_a_directory_or_nothing_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(ModelFilesError) as caught:
            Weights(path)
        assert caught.value.field == str(path)


class _Bomb:
    """A pickle that makes a directory when it is opened."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "x.pt", "x.pth", "x.ckpt", "x.pkl"])
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
    assert find_weights_file(file.parent) == file


def test_a_sharded_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.index.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(UnsupportedModelError) as caught:
        find_weights_file(tmp_path)
    assert caught.value.received == "a sharded checkpoint"


def test_no_weights_at_all(tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError) as caught:
        find_weights_file(tmp_path)
    assert not isinstance(caught.value, PickleRefusedError)
    assert (caught.value.field, caught.value.expected) == (str(tmp_path), "model.safetensors")


def test_tensors_outlive_the_file_object(file: Path) -> None:
    tensor: NDArray[np.float32] = Weights(file).take("a", (2, 3))
    file.unlink()
    assert tensor.sum() == 15
