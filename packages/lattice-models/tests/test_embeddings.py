"""`embeddings.py`: positions of packed texts, and sums of rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models.embeddings import Embeddings, positions_after_padding, positions_from_zero
from lattice_models.weights import open_weights
from numpy.typing import NDArray
from safetensors.numpy import save_file

TEXTS = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=9), max_size=6)


def packed(texts: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ids = np.array([token for text in texts for token in text], np.int64)
    return ids, np.cumsum([0, *map(len, texts)])


def slow_positions(text: list[int], padding_id: int) -> list[int]:
    """`make_positions` of fairseq, which RoBERTa and MPNet were trained with."""
    positions, counted = [], 0
    for token in text:
        counted += token != padding_id
        positions.append(padding_id if token == padding_id else padding_id + counted)
    return positions


def test_no_texts() -> None:
    assert positions_from_zero(np.array([0])).tolist() == []
    assert positions_after_padding(np.empty(0, np.int64), np.array([0]), 1).tolist() == []


@given(texts=TEXTS)
def test_positions_from_zero(texts: list[list[int]]) -> None:
    _, cu_seqlens = packed(texts)
    expected = [place for text in texts for place in range(len(text))]
    assert positions_from_zero(cu_seqlens).tolist() == expected


@given(texts=TEXTS, padding_id=st.integers(0, 3))
def test_positions_after_padding(texts: list[list[int]], padding_id: int) -> None:
    expected = [place for text in texts for place in slow_positions(text, padding_id)]
    assert positions_after_padding(*packed(texts), padding_id).tolist() == expected


@pytest.mark.parametrize("dtype", [np.int32, np.uint16, np.uint64])
def test_any_integers_will_do(dtype: type) -> None:
    positions = positions_after_padding(np.array([0, 1, 2], dtype), np.array([0, 3]), 1)
    assert positions.tolist() == [2, 1, 3]


def embeddings(directory: Path, **tables: list[list[float]]) -> Callable[[int | None], Embeddings]:
    tensors = {
        f"embeddings.{name}_embeddings.weight": np.array(rows, np.float32)
        for name, rows in tables.items()
    }
    tensors["embeddings.LayerNorm.weight"] = np.ones(2, np.float32)
    tensors["embeddings.LayerNorm.bias"] = np.zeros(2, np.float32)
    save_file(tensors, directory / "model.safetensors")

    def read(types: int | None) -> Embeddings:
        weights = open_weights(directory)
        read = Embeddings.read(
            weights, hidden_size=2, vocab_size=2, positions=2, types=types, eps=0.0
        )
        weights.finish(ignored=[])
        return read

    return read


def test_word_position_and_first_type_are_added_and_normalised(tmp_path: Path) -> None:
    read = embeddings(
        tmp_path, word=[[1, 0], [0, 0]], position=[[0, 5], [0, 0]], token_type=[[2, 0], [9, 9]]
    )
    # (1, 0) + (0, 5) + (2, 0) = (3, 5), of mean 4 and deviation 1; (0, 0) + (2, 0): 1 and 1
    assert read(2)(np.array([0, 1]), np.array([0, 1])).tolist() == [[-1, 1], [1, -1]]


def test_a_family_may_have_no_types(tmp_path: Path) -> None:
    read = embeddings(tmp_path, word=[[1, 0], [0, 0]], position=[[0, 5], [0, 0]])
    assert read(None)(np.array([0]), np.array([0])).tolist() == [[-1, 1]]  # (1, 5)
    assert read(None)(np.array([0]), np.array([1])).tolist() == [[1, -1]]  # (1, 0)
