"""Text to embedding vectors on a CPU."""

from .cache_key import CacheIdentity
from .cached_service import CachedEmbeddingService
from .catalog import DEFAULT_MODEL, MODELS, ModelRecord, get_model
from .embeddings import Embeddings
from .errors import (
    CacheFileError,
    EmbedError,
    ModelFilesUnavailableError,
    TextsError,
    TextTooLongError,
    UnknownModelError,
)
from .layered_cache import LayeredCache
from .memory_cache import MemoryCache
from .native_service import NativeEmbeddingService
from .role import EmbeddingRole
from .service import EmbeddingService
from .vector_cache import VectorCache

__all__ = [
    "DEFAULT_MODEL",
    "MODELS",
    "CacheFileError",
    "CacheIdentity",
    "CachedEmbeddingService",
    "EmbedError",
    "EmbeddingRole",
    "EmbeddingService",
    "Embeddings",
    "LayeredCache",
    "MemoryCache",
    "ModelFilesUnavailableError",
    "ModelRecord",
    "NativeEmbeddingService",
    "TextTooLongError",
    "TextsError",
    "UnknownModelError",
    "VectorCache",
    "__version__",
    "get_model",
]

__version__ = "0.1.0"
