"""How many texts per second the cache answers, without a model.

    python benchmarks/cache.py [--rounds 7] [--texts 20000] [--dimensions 384]

Keys are made, rows found, checked and put together, as in every call of `CachedEmbeddingService`;
all texts hit. From memory, and from disk with nothing in memory but what SQLite and the operating
system keep. What counts is the median of the rounds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
from lattice_embed.cache_key import CacheIdentity
from lattice_embed.cached_service import CachedEmbeddingService
from lattice_embed.layered_cache import Cache
from lattice_embed.memory_cache import MemoryCache
from lattice_embed.role import EmbeddingRole
from lattice_embed.vector_cache import VectorCache
from numpy.typing import NDArray

_BATCHES = (256, 512, 1024)
_GOALS = {"memory": 50_000, "disk": 10_000}


class _Numbers:
    """Random vectors at no cost worth measuring."""

    cache_identity = CacheIdentity("all-minilm-l6-v2", "v2")

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._random = np.random.default_rng(0)

    def embed_texts(
        self,
        texts: Sequence[str],
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
    ) -> NDArray[np.float32]:
        return self._random.random((len(texts), self.dimensions), np.float32)


def _texts(count: int) -> list[str]:
    """Paragraphs of CPython's help topics, each with a number that makes it another one."""
    paragraphs = [part for name in sorted(topics) for part in topics[name].split("\n\n")]
    return [f"{number}. {paragraphs[number % len(paragraphs)]}" for number in range(count)]


def _texts_per_s(service: CachedEmbeddingService, texts: list[str], batch: int) -> float:
    start = time.perf_counter()
    for first in range(0, len(texts), batch):
        service.embed(texts[first : first + batch])
    return len(texts) / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--dimensions", type=int, default=384)
    options = parser.parse_args()
    texts = _texts(options.texts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.sqlite3"
        caches: dict[str, Cache] = {
            "memory": MemoryCache(max_bytes=1 << 30),
            "disk": VectorCache(path),
        }
        inner = _Numbers(options.dimensions)
        services = {name: CachedEmbeddingService(inner, cache) for name, cache in caches.items()}
        for name, service in services.items():
            print(f"{name:<8}first use   {_texts_per_s(service, texts, 256):>10,.0f} texts/s")
        rates: dict[tuple[str, int], list[float]] = {}
        for _ in range(options.rounds):  # in turns: the speed of a machine drifts
            for name, service in services.items():
                for batch in _BATCHES:
                    rate = _texts_per_s(service, texts, batch)
                    rates.setdefault((name, batch), []).append(rate)
        for (name, batch), values in rates.items():
            median = statistics.median(values)
            print(
                f"{name:<8}batch {batch:>5} {median:>10,.0f} texts/s"
                f"  (goal {_GOALS[name]:,}; {min(values):,.0f} to {max(values):,.0f})"
            )
        print(f"{options.texts:,} texts, {options.dimensions} numbers each,", end=" ")
        print(f"{path.stat().st_size / 1e6:.1f} MB on disk")


if __name__ == "__main__":
    main()
