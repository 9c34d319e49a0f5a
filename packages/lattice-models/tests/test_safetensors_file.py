"""`safetensors_file.py`: what the `safetensors` package writes and refuses, without its copies."""

from __future__ import annotations

import json
import struct
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lattice_models import ModelFilesError
from lattice_models.safetensors_file import FLOATS, SafetensorsFile, StoredTensor
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

NUMPY_DTYPES = ["float32", "float16", "float64", "int64", "int8", "uint8", "bool"]
SIZES = {"F32": 4, "F16": 2, "BF16": 2, "F64": 8, "I64": 8, "I8": 1, "U8": 1, "BOOL": 1}


def raw_file(path: Path, header: object, data: bytes) -> Path:
    """A safetensors file by its definition: the length of the header, the header, the data."""
    text = header.encode() if isinstance(header, str) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def one_tensor(path: Path, dtype: str, data: bytes) -> NDArray[np.float32]:
    count = len(data) // SIZES[dtype]
    header = {"x": {"dtype": dtype, "shape": [count], "data_offsets": [0, len(data)]}}
    return SafetensorsFile(raw_file(path, header, data)).read("x")


def refused(path: Path) -> ModelFilesError:
    with pytest.raises(ModelFilesError) as caught:
        SafetensorsFile(path)
    assert (caught.value.field, caught.value.expected) == (str(path), "a whole safetensors file")
    return caught.value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tensors=st.dictionaries(
        st.text(max_size=9).filter(lambda name: name != "__metadata__"),
        st.tuples(
            st.sampled_from(NUMPY_DTYPES), st.lists(st.integers(0, 4), max_size=4).map(tuple)
        ),
        max_size=5,
    ),
    # with no tensors and metadata={} the package writes a file that it cannot read itself
    metadata=st.none() | st.dictionaries(st.text(max_size=5), st.text(max_size=5), min_size=1),
    seed=st.integers(0, 99),
)
def test_every_file_that_the_package_writes_reads_the_same(
    tmp_path: Path,
    tensors: dict[str, tuple[str, tuple[int, ...]]],
    metadata: dict[str, str] | None,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    arrays = {
        name: np.asarray(rng.normal(0, 9, shape)).astype(dtype)
        for name, (dtype, shape) in tensors.items()
    }
    save_file(arrays, tmp_path / "w", metadata=metadata)
    file = SafetensorsFile(tmp_path / "w")
    assert {name: tensor.shape for name, tensor in file.tensors.items()} == {
        name: array.shape for name, array in arrays.items()
    }
    for name, array in load_file(tmp_path / "w").items():
        if file.tensors[name].dtype in FLOATS:
            tensor = file.read(name)
            assert (tensor.dtype.name, tensor.shape) == ("float32", array.shape)
            assert np.array_equal(tensor, array.astype(np.float32))
        else:
            assert array.dtype.kind in "iub"


def test_a_file_by_hand(tmp_path: Path) -> None:
    header = {
        "__metadata__": {"format": "pt"},
        "x": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
        "y": {"dtype": "I64", "shape": [], "data_offsets": [8, 16]},
    }
    data = struct.pack("<2fq", 1.5, -2, 7)
    path = raw_file(tmp_path / "w", header, data)
    start = path.stat().st_size - 16
    file = SafetensorsFile(path)
    assert file.read("x").tolist() == [[1.5], [-2]]
    assert file.tensors == {
        "x": StoredTensor("F32", (2, 1), start, start + 8),
        "y": StoredTensor("I64", (), start + 8, start + 16),
    }


def test_every_bfloat16_is_the_upper_half_of_its_float32(tmp_path: Path) -> None:
    numbers = np.arange(1 << 16, dtype=np.uint16)
    read = one_tensor(tmp_path / "w", "BF16", numbers.astype("<u2").tobytes())
    assert np.array_equal(read.view(np.uint32), numbers.astype(np.uint32) << 16)
    # 1.5 is sign 0, exponent 127, first bit of the fraction; -inf has no fraction
    assert [read[0x3FC0], read[0xFF80], read[0x0001]] == [1.5, -np.inf, 2.0**-133]


def test_every_float16_is_read_without_a_change_of_value(tmp_path: Path) -> None:
    data = np.arange(1 << 16, dtype="<u2").tobytes()
    read = one_tensor(tmp_path / "w", "F16", data)
    expected = [value for (value,) in struct.iter_unpack("<e", data)]
    assert np.array_equal(read, expected, equal_nan=True)


def test_float64_is_rounded_once_to_nearest_and_half_to_even(tmp_path: Path) -> None:
    half = 2.0**-24  # half of the distance from 1 to the next float32
    values = [0.1, 1 + half, 1 + 1.001 * half, 1 + 3 * half, 1e39, -0.0]
    read = one_tensor(tmp_path / "w", "F64", struct.pack("<6d", *values))
    # 0.1 in float32 is 13421773 * 2**-27
    assert read.tolist() == [13421773 * 2.0**-27, 1, 1 + 2 * half, 1 + 4 * half, np.inf, 0]
    assert np.signbit(read[5])


def test_float32_lies_in_the_file_and_cannot_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "w"
    save_file({"x": np.arange(4, dtype=np.float32)}, path)
    tensor = SafetensorsFile(path).read("x")
    assert not tensor.flags.writeable
    with path.open("r+b") as file:
        file.seek(-4, 2)
        file.write(struct.pack("<f", 9))
    assert tensor.tolist() == [0, 1, 2, 9]  # a copy would not have seen it


@pytest.mark.parametrize("spaces", range(4))
def test_data_that_does_not_lie_at_a_multiple_of_4_is_copied(tmp_path: Path, spaces: int) -> None:
    header = '{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}' + " " * spaces
    path = raw_file(tmp_path / "w", header, struct.pack("<2f", 1.5, -2))
    tensor = SafetensorsFile(path).read("x")
    assert tensor.tolist() == [1.5, -2]
    assert tensor.flags.aligned


def entry(start: int, stop: int, *, shape: object = (2,), dtype: object = "F32") -> Any:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


LIES: dict[str, object] = {
    "no object": [],
    "no tensor": {"x": 5},
    "beyond the end": {"x": entry(0, 16)},
    "short of the end": {"x": entry(0, 4, shape=[1])},
    "shape and size differ": {"x": entry(0, 8, shape=[3])},
    "descending": {"x": entry(8, 0)},
    "negative": {"x": entry(-8, 0)},
    "product overflows": {"x": entry(0, 8, shape=[2**62, 4])},
    "product overflows before it is 0": {"x": entry(0, 0, shape=[2**63, 4, 0])},
    "number beyond 64 bits": {"x": entry(0, 8, shape=[2**64 + 2])},
    "negative length": {"x": entry(0, 8, shape=[-2])},
    "fraction": {"x": entry(0, 8, shape=[2.0])},
    "unknown type": {"x": entry(0, 8, dtype="F31")},
    "hole": {"x": entry(0, 4, shape=[1]), "y": entry(6, 8, shape=[1], dtype="F16")},
    "overlap": {"x": entry(0, 8), "y": entry(4, 8, shape=[1])},
    "three offsets": {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4, 8]}},
    "no shape": {"x": {"dtype": "F32", "data_offsets": [0, 8]}},
    "metadata that is no text": {"__metadata__": {"a": 1}, "x": entry(0, 8)},
    "deep": "[" * 100_000,
    "no JSON": '{"x"',
    "no number": '{"x":{"dtype":"F32","shape":[NaN],"data_offsets":[0,8]}}',
    "half of a letter": '{"\\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
}


@pytest.mark.parametrize("lie", LIES)
def test_a_header_that_lies_is_refused(tmp_path: Path, lie: str) -> None:
    refused(raw_file(tmp_path / "w", LIES[lie], bytes(8)))


@pytest.mark.parametrize("length", [9, 10_000, 99_999_999, 100_000_001, 2**63, 2**64 - 1])
def test_a_header_longer_than_the_file_is_refused_before_it_is_read(
    tmp_path: Path, length: int
) -> None:
    (tmp_path / "w").write_bytes(struct.pack("<Q", length) + b'{"x":{}}')
    tracemalloc.start()
    refused(tmp_path / "w")
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


TENSOR = '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'


@pytest.mark.parametrize(
    ("header", "received"),
    [
        (f'{{"x":{TENSOR},"x":{TENSOR}}}', "'x' stands twice"),
        (f'{{"__metadata__":{{"a":"1","a":"2"}},"x":{TENSOR}}}', "'a' stands twice"),
        ('{"x":["F32",[2],[0,8]]}', "'x' is no object"),
    ],
)
def test_what_the_package_takes_and_this_refuses(
    tmp_path: Path, header: str, received: str
) -> None:
    path = raw_file(tmp_path / "w", header, bytes(8))
    with safe_open(path, framework="numpy") as file:
        assert file.keys() == ["x"]
    assert received in refused(path).received


def test_a_truncated_file_is_refused_at_every_length(tmp_path: Path) -> None:
    path = tmp_path / "w"
    save_file({"a": np.ones((2, 3), np.float32), "b": np.ones(2, np.float16)}, path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        refused(path)
    path.write_bytes(whole + b"\0")
    refused(path)


def test_a_directory_or_nothing_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        refused(path)


def assert_never_more_lenient_than_the_package(path: Path) -> None:
    try:
        with safe_open(path, framework="numpy") as file:
            names = set(file.keys())
    except (SafetensorError, OSError):
        refused(path)
        return
    try:
        ours = SafetensorsFile(path)
    except ModelFilesError:
        assert any(why in refused(path).received for why in ("stands twice", "is no object"))
        return
    assert set(ours.tensors) == names
    for name, tensor in ours.tensors.items():
        if tensor.dtype in FLOATS:
            assert ours.read(name).size * SIZES[tensor.dtype] == tensor.stop - tensor.start


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=3),
    cut=st.none() | st.floats(0, 1),
)
def test_changed_bytes(tmp_path: Path, places: list[tuple[float, int]], cut: float | None) -> None:
    path = tmp_path / "w"
    save_file({"ab": np.ones(3, np.float32), "c": np.ones((1, 2), np.float16)}, path)
    content = bytearray(path.read_bytes())
    for place, byte in places:
        content[int(place * len(content))] = byte
    path.write_bytes(content if cut is None else content[: int(cut * len(content))])
    assert_never_more_lenient_than_the_package(path)


NUMBERS: st.SearchStrategy[Any] = st.sampled_from(
    [0, 1, 2, 4, 8, 16, -1, 2**31, 2**63, 2**64, 1.0, None, "2", [], True]
)
ENTRIES = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "F16", "BF16", "F64", "I8", "BOOL", "F31", 1, None]),
        "shape": st.lists(NUMBERS, max_size=3) | NUMBERS,
        "data_offsets": st.lists(NUMBERS, min_size=1, max_size=3) | NUMBERS,
    },
    optional={"more": NUMBERS},
)


def right_headers(sizes: list[int]) -> Iterator[tuple[str, Any]]:
    start = 0
    for index, size in enumerate(sizes):
        yield f"t{index}", entry(start, start + 4 * size, shape=[size])
        start += 4 * size


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(0, 3), max_size=3),
    more=st.dictionaries(st.sampled_from(["t0", "t1", "__metadata__", "z"]), ENTRIES, max_size=2),
    order=st.randoms(use_true_random=False),
)
def test_made_up_headers(tmp_path: Path, sizes: list[int], more: Any, order: Any) -> None:
    pairs = [*right_headers(sizes), *more.items()]
    order.shuffle(pairs)
    header = "{" + ",".join(f"{json.dumps(name)}:{json.dumps(e)}" for name, e in pairs) + "}"
    path = raw_file(tmp_path / "w", header, bytes(4 * sum(sizes)))
    assert_never_more_lenient_than_the_package(path)
