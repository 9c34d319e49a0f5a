"""A model's service -> the same with the cache on this machine before it.

A run adds vectors up to a number of texts, so that one large corpus does not drive all else out of
the cache; what is there already is found however many texts there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..cache_key import KeySpace
from ..cached_service import CachedEmbeddingService
from ..layered_cache import LayeredCache
from ..memory_cache import MemoryCache
from ..native_service import NativeEmbeddingService
from ..service import EmbeddingService
from ..vector_cache import VectorCache

__all__ = ["MOST_ADDED", "in_front_of"]

MOST_ADDED = 100_000  # texts; of 384 numbers each, a twelfth of what the file may hold


@contextmanager
def in_front_of(service: NativeEmbeddingService, *, use: bool) -> Iterator[EmbeddingService]:
    """The service with the cache, or, unless `use`, without it."""
    if not use:
        yield service
        return
    with VectorCache() as disk:
        yield CachedEmbeddingService(service, LayeredCache(MemoryCache(), _Adding(disk)))


class _Adding:
    """A cache that takes no more than `MOST_ADDED` vectors."""

    def __init__(self, cache: VectorCache) -> None:
        self._cache = cache
        self._left = MOST_ADDED

    def get(self, space: KeySpace, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        return self._cache.get(space, keys)

    def put(self, space: KeySpace, vectors: Mapping[bytes, bytes]) -> None:
        if len(vectors) <= self._left:
            self._left -= len(vectors)
            self._cache.put(space, vectors)
