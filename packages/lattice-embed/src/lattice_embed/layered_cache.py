"""Several caches, the fastest first -> one cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from .cache_key import KeySpace

__all__ = ["Cache", "LayeredCache"]


class Cache(Protocol):
    """What keeps vectors; a vector is the bytes of its little-endian float32 numbers.

    A cache that cannot keep or find something says so in the log and goes on: neither method
    raises because of a file, and what is not found is computed.
    """

    def get(self, space: KeySpace, keys: Sequence[bytes]) -> dict[bytes, bytes]: ...
    def put(self, space: KeySpace, vectors: Mapping[bytes, bytes]) -> None: ...


class LayeredCache:
    """Asks each cache for what the ones before it do not have; keeps in all of them.

    >>> from lattice_embed.memory_cache import MemoryCache
    >>> from lattice_embed.vector_cache import VectorCache
    >>> cache = LayeredCache(MemoryCache(), VectorCache())
    """

    def __init__(self, *caches: Cache) -> None:
        self._caches = caches

    def get(self, space: KeySpace, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is found in a later cache is also put into the earlier ones."""
        found: dict[bytes, bytes] = {}
        for place, cache in enumerate(self._caches):
            here = cache.get(space, [key for key in keys if key not in found] if found else keys)
            if here:
                for faster in self._caches[:place]:
                    faster.put(space, here)
                found.update(here)
            if len(found) == len(keys):
                break
        return found

    def put(self, space: KeySpace, vectors: Mapping[bytes, bytes]) -> None:
        for cache in self._caches:
            cache.put(space, vectors)
