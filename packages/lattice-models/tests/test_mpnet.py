"""`mpnet.py`: buckets of distances and the bias of scores. Numbers: test_families.py."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lattice_models import ConfigError, UnsupportedModelError
from lattice_models.bert import BertConfig
from lattice_models.config import ConfigFile
from lattice_models.json_file import read_json
from lattice_models.mpnet import MPNet, MPNetConfig, distance_buckets
from lattice_models.weights import open_weights
from numpy.typing import NDArray
from safetensors.numpy import save_file

HIDDEN, HEADS, POSITIONS = 6, 2, 150


def mpnet_config(*, eps: float) -> MPNetConfig:
    return MPNetConfig(BertConfig(9, HIDDEN, 1, HEADS, HIDDEN, "gelu", POSITIONS, None, eps))


@pytest.fixture(scope="module")
def mpnet(tmp_path_factory: pytest.TempPathFactory) -> MPNet:
    """One layer, of random weights."""
    directory = tmp_path_factory.mktemp("mpnet")
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (9, HIDDEN),
        "embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "encoder.relative_attention_bias.weight": (32, HEADS),
    }
    layer = "encoder.layer.0"
    linears = ["attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o"]
    for name in [*linears, "intermediate.dense", "output.dense"]:
        shapes[f"{layer}.{name}.weight"] = (HIDDEN, HIDDEN)
        shapes[f"{layer}.{name}.bias"] = (HIDDEN,)
    norms = ("embeddings", f"{layer}.attention", f"{layer}.output")
    for name in norms:
        shapes[f"{name}.LayerNorm.weight"] = shapes[f"{name}.LayerNorm.bias"] = (HIDDEN,)
    rng = np.random.default_rng(0)
    tensors = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    save_file(tensors, directory / "model.safetensors")
    return MPNet(mpnet_config(eps=1e-5), open_weights(directory))


def slow_bucket(offset: int) -> int:
    """Raffel et al. 2019, section 2.1, with 32 buckets and a largest distance of 128."""
    distance, bucket = abs(offset), 16 if offset > 0 else 0
    if distance < 8:
        return bucket + distance
    # the tiny addend keeps the powers of 2 on their own side of the rounding
    steps = math.log(distance / 8) / math.log(128 / 8) * 8 + 1e-9
    return bucket + min(8 + int(steps), 15)


def test_buckets_by_their_formula() -> None:
    offsets = np.arange(-600, 601)
    assert distance_buckets(offsets).tolist() == [slow_bucket(int(offset)) for offset in offsets]


def test_buckets_as_the_oracle_has_them() -> None:
    # asked of MPNetEncoder.relative_position_bucket: where a new bucket begins, to both sides
    offsets = np.arange(0, 2000)
    starts = np.flatnonzero(np.diff(distance_buckets(-offsets), prepend=-1))
    assert starts.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91]
    assert (distance_buckets(offsets[1:]) == distance_buckets(-offsets[1:]) + 16).all()
    assert distance_buckets(np.array([-91, 91])).tolist() == [15, 31]


@pytest.mark.parametrize("length", [1, 2, 17, 148])
def test_the_bias_of_a_pair_of_tokens_is_that_of_their_distance(mpnet: MPNet, length: int) -> None:
    bias = mpnet.score_bias(length)
    table: NDArray[np.float32] = np.empty((HEADS, 32), np.float32)
    table[:, distance_buckets(np.arange(-147, 148))] = mpnet.distance_bias
    assert bias.shape == (HEADS, length, length)
    for query in range(length):
        for key in range(length):
            assert bias[:, query, key].tolist() == table[:, slow_bucket(key - query)].tolist()


def test_the_bias_costs_no_memory_and_cannot_be_written(mpnet: MPNet) -> None:
    bias = mpnet.score_bias(148)
    assert np.shares_memory(bias, mpnet.distance_bias)
    assert not bias.flags.writeable


def test_two_positions_are_never_reached(mpnet: MPNet) -> None:
    assert mpnet.max_positions == 148
    hidden = mpnet(np.arange(148) % 9, np.array([0, 148]))
    assert hidden.shape == (148, HIDDEN)


def test_a_text_is_what_it_is_alone(mpnet: MPNet) -> None:
    texts = [[1, 2, 3], [4], [5, 6, 7, 1], [8, 0, 1]]
    ids, cu_seqlens = np.concatenate(texts), np.cumsum([0, *map(len, texts)])
    alone = [mpnet(np.array(text), np.array([0, len(text)])) for text in texts]
    assert np.abs(mpnet(ids, cu_seqlens) - np.concatenate(alone)).max() < 1e-5


def config_file(directory: Path, **changes: Any) -> ConfigFile:
    path = directory / "config.json"
    path.write_text(
        '{"vocab_size": 9, "hidden_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2,'
        '"intermediate_size": 6, "max_position_embeddings": 150}'
    )
    file = ConfigFile(path)
    file.content = {**read_json(path), **changes}
    return file


def test_defaults_are_those_of_the_original(tmp_path: Path) -> None:
    assert MPNetConfig.read(config_file(tmp_path)) == mpnet_config(eps=1e-12)


@pytest.mark.parametrize("buckets", [16, 64, None, 32.0])
def test_another_number_of_buckets_is_refused(tmp_path: Path, buckets: object) -> None:
    # the oracle computes with 32 in every case: it fails below, and leaves rows unused above
    with pytest.raises(UnsupportedModelError, match="relative_attention_num_buckets: expected 32"):
        MPNetConfig.read(config_file(tmp_path, relative_attention_num_buckets=buckets))


def test_positions_must_reach_beyond_the_padding_id(tmp_path: Path) -> None:
    assert MPNetConfig.read(config_file(tmp_path, max_position_embeddings=3)).max_positions == 1
    with pytest.raises(ConfigError, match="max_position_embeddings: expected more than 2"):
        MPNetConfig.read(config_file(tmp_path, max_position_embeddings=2))
