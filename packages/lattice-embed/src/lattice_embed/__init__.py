"""Text to embedding vectors on a CPU."""

from .catalog import DEFAULT_MODEL, MODELS, ModelRecord, get_model
from .embeddings import Embeddings
from .errors import (
    EmbedError,
    ModelFilesUnavailableError,
    TextsError,
    TextTooLongError,
    UnknownModelError,
)
from .native_service import NativeEmbeddingService
from .role import EmbeddingRole
from .service import EmbeddingService

__all__ = [
    "DEFAULT_MODEL",
    "MODELS",
    "EmbedError",
    "EmbeddingRole",
    "EmbeddingService",
    "Embeddings",
    "ModelFilesUnavailableError",
    "ModelRecord",
    "NativeEmbeddingService",
    "TextTooLongError",
    "TextsError",
    "UnknownModelError",
    "__version__",
    "get_model",
]

__version__ = "0.1.0"
