"""Keys -> vectors, in memory: those used last, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from .cache_key import KeySpace
from .errors import EmbedError

__all__ = ["MemoryCache"]

_ROW_BYTES = 250  # what CPython takes for a key, an entry and the head of a bytes, rounded up


class MemoryCache:
    """The least recently used go first. Safe to use from several threads.

    >>> from lattice_embed.cache_key import CacheIdentity
    >>> space = KeySpace(CacheIdentity("an example", None, 64 * "0"), 384)
    >>> cache = MemoryCache(max_bytes=1_000_000)
    >>> cache.put(space, {space.key("a"): bytes(4 * 384)})
    >>> len(cache), len(cache.get(space, [space.key("a"), space.key("b")]))
    (1, 1)
    """

    def __init__(self, *, max_bytes: int = 64 << 20) -> None:
        """`max_bytes`: of vectors and keys together. Raises `EmbedError` below 0."""
        if type(max_bytes) is not int or max_bytes < 0:
            raise EmbedError("max_bytes", "an int from 0 up", repr(max_bytes))
        self.max_bytes = max_bytes
        self._size_bytes = 0
        self._rows: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def size_bytes(self) -> int:
        """What is held now, never more than `max_bytes`."""
        return self._size_bytes

    def get(self, space: KeySpace, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The vectors that are here, as the bytes of little-endian float32."""
        rows, found = self._rows, {}
        with self._lock:
            for key in keys:
                vector = rows.get(key)
                if vector is not None:
                    rows.move_to_end(key)
                    found[key] = vector
        return found

    def put(self, space: KeySpace, vectors: Mapping[bytes, bytes]) -> None:
        """Keep what fits."""
        with self._lock:
            for key, vector in vectors.items():
                old = self._rows.pop(key, None)
                if old is not None:
                    self._size_bytes -= len(old) + _ROW_BYTES
                self._rows[key] = vector
                self._size_bytes += len(vector) + _ROW_BYTES
                while self._size_bytes > self.max_bytes:
                    _, dropped = self._rows.popitem(last=False)
                    self._size_bytes -= len(dropped) + _ROW_BYTES
