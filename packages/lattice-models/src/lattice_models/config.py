"""`config.json` -> the sizes of a BERT encoder.

Follows `BertConfig` of Hugging Face transformers. Keys that cannot change a vector are not read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from .errors import ConfigError, ModelFilesError, UnsupportedModelError
from .json_file import JsonFile

__all__ = ["BertConfig", "read_config"]


@dataclass(frozen=True)
class BertConfig:
    """Sizes of the model, under the names of `config.json`."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float

    @property
    def head_size(self) -> int:
        return self.hidden_size // self.num_attention_heads


# key -> the only value that this version computes
_FIXED = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "add_cross_attention": False,
}


def read_config(directory: Path) -> BertConfig:
    """Read `config.json` of a model directory."""
    path = directory / "config.json"
    if not path.exists():
        raise ModelFilesError(
            str(directory),
            "a model directory with config.json",
            "one without",
            "Point to the directory that save_pretrained() wrote.",
        )
    file = JsonFile(path)
    for key, supported in _FIXED.items():
        value = file.content.get(key, None if key == "model_type" else supported)
        if value != supported:
            raise UnsupportedModelError(f"{path}: {key}", repr(supported), repr(value))
    sizes = {
        name: file.get(name, int)
        for name in (
            "vocab_size",
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "intermediate_size",
            "max_position_embeddings",
        )
    }
    config = BertConfig(
        **sizes,
        type_vocab_size=file.get("type_vocab_size", int, 2),
        layer_norm_eps=file.get("layer_norm_eps", float, 1e-12),
    )
    for name, size in {**sizes, "type_vocab_size": config.type_vocab_size}.items():
        if size < 1:
            raise ConfigError(f"{path}: {name}", "a positive number", str(size))
    if not (math.isfinite(config.layer_norm_eps) and config.layer_norm_eps >= 0):
        raise ConfigError(
            f"{path}: layer_norm_eps", "a finite number from 0 up", str(config.layer_norm_eps)
        )
    if config.hidden_size % config.num_attention_heads:
        raise ConfigError(
            f"{path}: hidden_size",
            f"a multiple of num_attention_heads, {config.num_attention_heads}",
            str(config.hidden_size),
        )
    return config
