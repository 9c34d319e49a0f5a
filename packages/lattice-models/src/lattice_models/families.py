"""`config.json` -> the encoder that it describes. One line for each `model_type`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .bert import read_bert
from .config import ConfigFile, read_config
from .distilbert import read_distilbert
from .encoder import Encoder
from .gemma3 import read_gemma3
from .modernbert import read_modernbert
from .mpnet import read_mpnet
from .nomic_bert import read_nomic_bert
from .qwen3 import read_qwen3
from .roberta import read_roberta

__all__ = ["FAMILIES", "read_encoder"]

# model_type -> what reads the config and the weights of a directory
FAMILIES: dict[str, Callable[[Path, ConfigFile], Encoder]] = {
    "bert": read_bert,
    "camembert": read_roberta,
    "distilbert": read_distilbert,
    "gemma3_text": read_gemma3,
    "modernbert": read_modernbert,
    "mpnet": read_mpnet,
    "nomic_bert": read_nomic_bert,
    "qwen3": read_qwen3,
    "roberta": read_roberta,
    "xlm-roberta": read_roberta,
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
