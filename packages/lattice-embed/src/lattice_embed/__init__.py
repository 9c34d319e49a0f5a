"""Text to embedding vectors on a CPU."""

from .catalog import DEFAULT_MODEL, MODELS, ModelRecord, get_model
from .errors import EmbedError, ModelFilesUnavailableError, TextsError, UnknownModelError
from .role import EmbeddingRole
from .service import EmbeddingService, NativeEmbeddingService

__all__ = [
    "DEFAULT_MODEL",
    "MODELS",
    "EmbedError",
    "EmbeddingRole",
    "EmbeddingService",
    "ModelFilesUnavailableError",
    "ModelRecord",
    "NativeEmbeddingService",
    "TextsError",
    "UnknownModelError",
    "__version__",
    "get_model",
]

__version__ = "0.1.0"
