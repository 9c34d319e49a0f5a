"""Texts and their role -> vectors, of which each is computed once.

    texts --keys--> cache --the missing ones--> inner service --> cache

A hit is the bytes that the inner service gave when it computed them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from lattice_tokenize import TokenizeError
from numpy.typing import NDArray

from .cache_key import CacheIdentity, KeySpace
from .errors import EmbedError
from .layered_cache import Cache, LayeredCache
from .memory_cache import MemoryCache
from .role import EmbeddingRole
from .service import EmbeddingService, Vectors
from .vector_cache import VectorCache

__all__ = ["CacheableService", "CachedEmbeddingService"]


class CacheableService(Protocol):
    """A service that says on what its vectors depend; `cache_identity` is `None` if it cannot.

    Where it is not `None`, `embed_texts` gives float32.
    """

    @property
    def dimensions(self) -> int: ...
    @property
    def cache_identity(self) -> CacheIdentity | None: ...
    def embed_texts(
        self, texts: Sequence[str], *, role: EmbeddingRole, prompt: str | None = None
    ) -> Vectors: ...


@runtime_checkable
class QuantizingService(Protocol):
    """A service whose vectors are made of others, of float32, which are what a cache keeps."""

    def unquantized(self) -> CacheableService: ...
    def quantized(self, vectors: NDArray[np.float32]) -> Vectors: ...


class _RefusedError(Exception):
    """The inner service finds fault with a text."""


class _Running:
    """Vectors that a thread is computing."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.vectors: dict[bytes, bytes] = {}  # stays empty if it fails


class CachedEmbeddingService(EmbeddingService):
    """Gives what `inner` gives, without computing a text twice. Safe to use from several threads.

    The text, the model and its files, the dimensions and the role or prompt decide what is the
    same. Texts that come twice in a call, or at the same time in two threads, are computed once.
    Vectors are kept as float32 and quantized afterwards, so that all precisions find them.

    >>> from lattice_embed import NativeEmbeddingService
    >>> service = CachedEmbeddingService(NativeEmbeddingService(minilm), MemoryCache())
    >>> first = service.embed(["one text", "another", "one text"])
    >>> bool((service.embed("one text") == first[2]).all())
    True
    """

    def __init__(self, inner: CacheableService, cache: Cache | None = None) -> None:
        """`cache`: if none is given, 64 MiB in memory before `VectorCache()` on disk."""
        self.inner = inner
        self._kept: CacheableService = inner
        self._quantized: Callable[[Vectors], Vectors] | None = None
        if isinstance(inner, QuantizingService):
            self._kept, self._quantized = inner.unquantized(), inner.quantized
        self._cache = LayeredCache(MemoryCache(), VectorCache()) if cache is None else cache
        self._lock = threading.Lock()
        self._running: dict[bytes, _Running] = {}
        self._ended = 0

    @property
    def dimensions(self) -> int:
        """`D`, the length of a vector."""
        return self.inner.dimensions

    @property
    def cache_identity(self) -> CacheIdentity | None:
        """The inner service's."""
        return self.inner.cache_identity

    def embed_texts(
        self,
        texts: Sequence[str],
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
    ) -> Vectors:
        """The vectors `(n, D)`, as the inner service gives them. Errors are its own."""
        vectors = self._kept_vectors(texts, role, prompt)
        return self._quantized(vectors) if self._quantized else vectors

    def _kept_vectors(
        self, texts: Sequence[str], role: EmbeddingRole, prompt: str | None
    ) -> Vectors:
        space = self._space(role, prompt)
        keys = space and _keys_of(space, texts)
        if not space or not keys:
            return self._kept.embed_texts(texts, role=role, prompt=prompt)
        wanted = dict(zip(keys, texts, strict=True))
        ended = self._ended
        found = self._cache.get(space, list(wanted))
        if len(found) < len(wanted):
            missing = {key: text for key, text in wanted.items() if key not in found}
            refused = False
            try:
                found.update(self._shared(space, missing, ended))
            except _RefusedError:
                refused = True
            if refused:  # to be told the place in what the caller gave, not in what was missing
                return self._kept.embed_texts(texts, role=role, prompt=prompt)
        rows = bytearray().join([found[key] for key in keys])  # so that the array is writable
        vectors = np.frombuffer(rows, "<f4").reshape(len(keys), space.dimensions)
        return vectors.astype(np.float32, copy=False)

    def _space(self, role: object, prompt: object) -> KeySpace | None:
        """`None` for what is not cached: the inner service knows whether it is an error."""
        identity = self._kept.cache_identity
        if identity is None or not isinstance(role, EmbeddingRole):
            return None
        if not isinstance(prompt, (str, type(None))):
            return None
        return KeySpace(identity, self._kept.dimensions, role, prompt)

    def _shared(
        self, space: KeySpace, missing: Mapping[bytes, str], ended: int
    ) -> dict[bytes, bytes]:
        """Compute what no other thread is computing, then wait for what others are.

        `ended`: `self._ended` of before the cache was asked.
        """
        run = _Running()
        with self._lock:
            others = {key: self._running[key] for key in missing if key in self._running}
            mine = {key: text for key, text in missing.items() if key not in others}
            self._running.update(dict.fromkeys(mine, run))
            perhaps_there = self._ended != ended  # a thread that was computing has ended since
        try:
            found = self._cache.get(space, list(mine)) if perhaps_there else {}
            left = {key: text for key, text in mine.items() if key not in found}
            if left:
                found.update(self._compute(space, left))
            run.vectors = found
        finally:
            with self._lock:
                self._ended += 1
                for key in mine:
                    del self._running[key]
            run.done.set()
        found = dict(found)
        for key, other in others.items():
            other.done.wait()
            if key in other.vectors:
                found[key] = other.vectors[key]
        failed = {key: text for key, text in missing.items() if key not in found}
        if failed:
            found.update(self._compute(space, failed))
        return found

    def _compute(self, space: KeySpace, missing: Mapping[bytes, str]) -> dict[bytes, bytes]:
        texts = list(missing.values())
        try:
            vectors = self._kept.embed_texts(texts, role=space.role, prompt=space.prompt)
        except (EmbedError, TokenizeError) as error:
            raise _RefusedError from error
        if vectors.shape != (len(texts), space.dimensions) or vectors.dtype != np.float32:
            raise EmbedError(
                "vectors of the inner service",
                f"float32 {(len(texts), space.dimensions)}",
                f"{vectors.dtype} {vectors.shape}",
            )
        rows = np.ascontiguousarray(vectors, "<f4")
        computed = {key: row.tobytes() for key, row in zip(missing, rows, strict=True)}
        sound = np.isfinite(rows).all(axis=1)  # what is no number is given, but not kept
        self._cache.put(
            space, {key: computed[key] for key, kept in zip(missing, sound, strict=True) if kept}
        )
        return computed


def _keys_of(space: KeySpace, texts: Sequence[str]) -> list[bytes] | None:
    """`None` if some of it is no text: the inner service says best what is wrong."""
    if isinstance(texts, str) or not isinstance(texts, Sequence):
        return None
    if not all(isinstance(text, str) for text in texts):
        return None
    try:
        return [space.key(text) for text in texts]
    except UnicodeEncodeError:
        return None
