"""`roberta.py`: positions and the padding id. The layers are BERT's; see test_families.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lattice_models import ConfigError, UnsupportedModelError
from lattice_models.bert import read_bert
from lattice_models.config import read_config
from lattice_models.roberta import Roberta, read_roberta
from numpy.typing import NDArray

WriteModel = Callable[..., Path]


def load(directory: Path) -> Roberta:
    return read_roberta(directory, read_config(directory))


@pytest.mark.parametrize("padding_id", [0, 1, 5])
def test_bert_with_shifted_positions(
    tmp_path: Path,
    write_model: WriteModel,
    config: dict[str, Any],
    tensors: dict[str, NDArray[np.float32]],
    padding_id: int,
) -> None:
    roberta = load(write_model(tmp_path, config={**config, "pad_token_id": padding_id}))
    assert roberta.max_positions == 80 - padding_id - 1
    name = "embeddings.position_embeddings.weight"
    tensors[name] = np.roll(tensors[name], -padding_id - 1, axis=0)
    bert_directory = write_model(tmp_path, tensors=tensors)
    bert = read_bert(bert_directory, read_config(bert_directory))
    batch = np.array([7, 8, 9, 10, 11]), np.array([0, 3, 5])
    assert np.array_equal(roberta(*batch), bert(*batch))


def test_the_padding_id_is_1_unless_stated(tmp_path: Path, write_model: WriteModel) -> None:
    assert load(write_model(tmp_path)).padding_id == 1


@pytest.mark.parametrize("value", [-1, None, "1", 1.0, True])
def test_a_padding_id_that_is_none_is_refused(
    tmp_path: Path, write_model: WriteModel, config: dict[str, Any], value: object
) -> None:
    # Hugging Face cannot compute positions without one either
    with pytest.raises(ConfigError) as caught:
        load(write_model(tmp_path, config={**config, "pad_token_id": value}))
    assert caught.value.field == f"{tmp_path / 'config.json'}: pad_token_id"


def test_positions_must_reach_beyond_the_padding_id(
    tmp_path: Path, write_model: WriteModel, config: dict[str, Any]
) -> None:
    assert load(write_model(tmp_path, config={**config, "pad_token_id": 78})).max_positions == 1
    with pytest.raises(ConfigError) as caught:
        load(write_model(tmp_path, config={**config, "pad_token_id": 79}))
    error = caught.value
    assert error.field == f"{tmp_path / 'config.json'}: max_position_embeddings"
    assert error.expected.startswith("more than pad_token_id + 1, 80")
    assert error.received == "80"


def test_a_decoder_is_refused(
    tmp_path: Path, write_model: WriteModel, config: dict[str, Any]
) -> None:
    with pytest.raises(UnsupportedModelError, match="is_decoder"):
        load(write_model(tmp_path, config={**config, "is_decoder": True}))
