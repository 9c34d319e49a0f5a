"""`precision.py`: vectors in fewer bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models import InputError, quantize

UNIT = st.floats(-1, 1, width=32)


def test_int8_rounds_to_nearest_and_half_to_even() -> None:
    # 127 times these are -127, -2.5, -1.5, -0.5, 0.5, 1.5, 63.4, 63.5, 63.6, 127
    scaled = [-127, -2.5, -1.5, -0.5, 0.5, 1.5, 63.4, 63.5, 63.6, 127]
    found = quantize(np.array([scaled]) / 127, "int8")
    assert found.dtype == np.dtype(np.int8)
    assert found.tolist() == [[-127, -2, -2, 0, 0, 2, 63, 64, 64, 127]]


def test_what_rounding_carried_beyond_1_is_1() -> None:
    one = np.nextafter(np.float32(1), np.float32(2))
    assert quantize(np.array([[one, -one]]), "int8").tolist() == [[127, -127]]


def test_binary_is_the_ubinary_of_sentence_transformers() -> None:
    # quantize_embeddings(..., "ubinary") of 6.2 gives these two bytes; 0 and -0 are not above 0
    vectors = np.array([[0.1, -0.1, 0.0, -0.0, 1e-9, 2, -3, 1, 0.5]], np.float32)
    found = quantize(vectors, "binary")
    assert found.dtype == np.dtype(np.uint8)
    assert found.tolist() == [[141, 128]]


@given(st.lists(st.lists(UNIT, min_size=9, max_size=9), min_size=1, max_size=5))
def test_a_vector_alone_equals_itself_in_a_batch(rows: list[list[float]]) -> None:
    vectors = np.array(rows, np.float32)
    for precision in ("int8", "binary"):
        together = quantize(vectors, precision)
        for index in range(len(rows)):
            alone = quantize(vectors[index : index + 1], precision)
            assert np.array_equal(alone, together[index : index + 1])


@given(st.lists(UNIT, min_size=1, max_size=9))
def test_int8_is_within_half_a_step(row: list[float]) -> None:
    found = quantize(np.array([row], np.float32), "int8")
    assert np.abs(found / 127.0 - row).max() <= 0.5 / 127 + 1e-12


@pytest.mark.parametrize("precision", ["int8", "binary"])
def test_vectors_are_not_changed(precision: str) -> None:
    vectors = np.array([[0.6, -0.8]], np.float32)
    quantize(vectors, precision)
    assert vectors.tolist() == np.array([[0.6, -0.8]], np.float32).tolist()


@pytest.mark.parametrize(("precision", "shape"), [("int8", (0, 9)), ("binary", (0, 2))])
def test_no_vectors(precision: str, shape: tuple[int, int]) -> None:
    assert quantize(np.empty((0, 9), np.float32), precision).shape == shape


@pytest.mark.parametrize(
    ("vectors", "received"),
    [
        ([[0.5]], "list"),
        (np.array([0.5]), "float64 (1,)"),
        (np.array([[1]]), "int64 (1, 1)"),
        (np.array([["a"]]), "<U1 (1, 1)"),
        (np.array([[0.5, np.nan]]), "NaN or infinity"),
        (np.array([[np.inf]]), "NaN or infinity"),
    ],
)
@pytest.mark.parametrize("precision", ["int8", "binary"])
def test_what_are_no_vectors_is_refused(vectors: Any, received: str, precision: str) -> None:
    with pytest.raises(InputError) as caught:
        quantize(vectors, precision)
    assert (caught.value.field, caught.value.received) == ("vectors", received)


def test_int8_of_vectors_that_are_longer_than_1_is_refused() -> None:
    vectors = np.array([[0.1, -1.5]])
    with pytest.raises(InputError) as caught:
        quantize(vectors, "int8")
    assert (caught.value.field, caught.value.received) == ("vectors", "1.5")
    assert quantize(vectors, "binary").tolist() == [[128]]


@pytest.mark.parametrize("precision", ["float32", "ubinary", "", None, 8])
def test_another_precision_is_refused(precision: Any) -> None:
    with pytest.raises(InputError) as caught:
        quantize(np.array([[0.5]]), precision)
    assert (caught.value.field, caught.value.received) == ("precision", repr(precision))
