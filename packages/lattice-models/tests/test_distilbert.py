"""`distilbert.py`: what differs from BERT. Numbers of the oracle are in test_families.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lattice_models.bert import read_bert
from lattice_models.config import read_config
from lattice_models.distilbert import read_distilbert
from numpy.typing import NDArray

WriteModel = Callable[..., Path]

RENAMED = {
    "encoder.layer": "transformer.layer",
    "attention.self.query": "attention.q_lin",
    "attention.self.key": "attention.k_lin",
    "attention.self.value": "attention.v_lin",
    "attention.output.dense": "attention.out_lin",
    "attention.output.LayerNorm": "sa_layer_norm",
    "intermediate.dense": "ffn.lin1",
    "output.dense": "ffn.lin2",
    "output.LayerNorm": "output_layer_norm",
}


@pytest.mark.parametrize("eps", [1e-3, None])
def test_bert_without_types_under_other_names(
    tmp_path: Path,
    write_model: WriteModel,
    config: dict[str, Any],
    tensors: dict[str, NDArray[np.float32]],
    eps: float | None,
) -> None:
    tensors["embeddings.token_type_embeddings.weight"][0] = 0
    bert_config = {**config, "layer_norm_eps": 1e-12}  # whatever DistilBERT's config says
    directory = write_model(tmp_path, config=bert_config, tensors=tensors)
    bert = read_bert(directory, read_config(directory))
    del tensors["embeddings.token_type_embeddings.weight"]
    for ours, theirs in RENAMED.items():
        tensors = {name.replace(ours, theirs): tensor for name, tensor in tensors.items()}
    distil_config = {
        "model_type": "distilbert",
        "vocab_size": 40,
        "dim": 12,
        "n_layers": 2,
        "n_heads": 3,
        "hidden_dim": 20,
        "max_position_embeddings": 80,
        "layer_norm_eps": eps,
    }
    directory = write_model(tmp_path, config=distil_config, tensors=tensors)
    distilbert = read_distilbert(directory, read_config(directory))
    batch = np.array([7, 8, 9, 10, 11]), np.array([0, 3, 5])
    assert np.array_equal(distilbert(*batch), bert(*batch))
    assert distilbert.max_positions == 80
