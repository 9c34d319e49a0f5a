"""Token ids to embedding vectors with NumPy, from Hugging Face checkpoints."""

from .errors import (
    ConfigError,
    InputError,
    ModelError,
    ModelFilesError,
    PickleRefusedError,
    PoolingNotStatedError,
    UnsupportedModelError,
    WeightsError,
)
from .sentence_encoder import SentenceEncoder

__all__ = [
    "ConfigError",
    "InputError",
    "ModelError",
    "ModelFilesError",
    "PickleRefusedError",
    "PoolingNotStatedError",
    "SentenceEncoder",
    "UnsupportedModelError",
    "WeightsError",
    "__version__",
]

__version__ = "0.1.0"
