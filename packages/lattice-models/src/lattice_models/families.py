"""`config.json` -> the encoder that it describes. One line for each `model_type`.

A family is imported when a model asks for it: most programs have one model, and wait for its first
vector.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from .config import ConfigFile, read_config
from .encoder import Encoder

__all__ = ["FAMILIES", "read_encoder"]

Reader = Callable[[Path, ConfigFile], Encoder]


def _of(module: str) -> Reader:
    """Its function `read_...`, and the module imported only when that is called."""

    def read(directory: Path, config: ConfigFile) -> Encoder:
        family = import_module(f".{module}", __package__)
        read_family: Reader = getattr(family, f"read_{module}")
        return read_family(directory, config)

    return read


# model_type -> what reads the config and the weights of a directory
FAMILIES: dict[str, Reader] = {
    "bert": _of("bert"),
    "camembert": _of("roberta"),
    "distilbert": _of("distilbert"),
    "gemma3_text": _of("gemma3"),
    "modernbert": _of("modernbert"),
    "mpnet": _of("mpnet"),
    "nomic_bert": _of("nomic_bert"),
    "qwen3": _of("qwen3"),
    "roberta": _of("roberta"),
    "xlm-roberta": _of("roberta"),
}


def read_encoder(directory: Path) -> Encoder:
    """Load the model of a Hugging Face directory.

    Raises `ModelFilesError`, `ConfigError`, `WeightsError`; `UnsupportedModelError` for a
    `model_type` that is not in `FAMILIES`.

    >>> encoder = read_encoder(minilm)
    >>> encoder.hidden_size, encoder.vocab_size, encoder.max_positions
    (384, 30522, 512)
    >>> encoder(np.array([101, 7592, 102]), np.array([0, 3])).shape
    (3, 384)
    """
    config = read_config(directory)
    return FAMILIES[config.choice("model_type", FAMILIES)](directory, config)
