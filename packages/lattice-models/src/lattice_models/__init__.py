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
from .precision import quantize
from .sentence_encoder import KernelChoice, SentenceEncoder
from .settings import Setting

__all__ = [
    "ConfigError",
    "InputError",
    "KernelChoice",
    "ModelError",
    "ModelFilesError",
    "PickleRefusedError",
    "PoolingNotStatedError",
    "SentenceEncoder",
    "Setting",
    "UnsupportedModelError",
    "WeightsError",
    "__version__",
    "quantize",
]

__version__ = "0.1.0"
