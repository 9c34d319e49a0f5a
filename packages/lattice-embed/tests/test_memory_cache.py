"""Vectors in memory."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_embed import EmbedError
from lattice_embed.cache_key import CacheIdentity, KeySpace
from lattice_embed.memory_cache import MemoryCache

SPACE = KeySpace(CacheIdentity("all-minilm-l6-v2", "v2"), 4)
ROW = 16 + 250  # bytes: a vector of 4 numbers, and what a row takes besides


def key(number: int) -> bytes:
    return SPACE.key(str(number))


def vector(number: int) -> bytes:
    return number.to_bytes(16, "little")


def test_what_was_put_is_found_and_nothing_else() -> None:
    cache = MemoryCache()
    cache.put(SPACE, {key(1): vector(1), key(2): vector(2)})
    assert cache.get(SPACE, [key(2), key(3), key(1)]) == {key(1): vector(1), key(2): vector(2)}


def test_the_least_recently_used_goes_first() -> None:
    cache = MemoryCache(max_bytes=3 * ROW)
    cache.put(SPACE, {key(n): vector(n) for n in (1, 2, 3)})
    cache.get(SPACE, [key(1)])
    cache.put(SPACE, {key(4): vector(4)})
    assert set(cache.get(SPACE, [key(n) for n in range(6)])) == {key(1), key(3), key(4)}


def test_a_vector_larger_than_the_cache_is_not_kept() -> None:
    cache = MemoryCache(max_bytes=ROW - 1)
    cache.put(SPACE, {key(1): vector(1)})
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_no_room_at_all() -> None:
    cache = MemoryCache(max_bytes=0)
    cache.put(SPACE, {key(1): vector(1)})
    assert len(cache) == 0


@pytest.mark.parametrize("size", [-1, 1e6, "1MB", None])
def test_a_bound_that_is_none(size: int) -> None:
    with pytest.raises(EmbedError, match="max_bytes: expected an int from 0 up, received"):
        MemoryCache(max_bytes=size)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=60), st.integers(0, 6))
def test_it_does_what_a_list_would(steps: list[tuple[bool, int]], capacity: int) -> None:
    cache = MemoryCache(max_bytes=capacity * ROW)
    model: list[int] = []  # the least recently used first
    for is_put, number in steps:
        if is_put:
            cache.put(SPACE, {key(number): vector(number)})
        else:
            assert (key(number) in cache.get(SPACE, [key(number)])) == (number in model)
        if is_put or number in model:
            model = [n for n in model if n != number] + [number]
        model = model[len(model) - capacity :] if len(model) > capacity else model
        assert cache.size_bytes == len(model) * ROW


def test_several_threads() -> None:
    cache = MemoryCache(max_bytes=50 * ROW)
    wrong: list[object] = []

    def work(seed: int) -> None:
        for step in range(2000):
            number = (seed * 31 + step * 7) % 100
            cache.put(SPACE, {key(number): vector(number)})
            found = cache.get(SPACE, [key(number), key(number + 1)])
            wrong.extend(
                k for k, v in found.items() if v not in (vector(number), vector(number + 1))
            )

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(cache) == 50
    assert cache.size_bytes == 50 * ROW
