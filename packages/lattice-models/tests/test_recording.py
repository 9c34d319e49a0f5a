"""Short texts in one call, and helpers that stay a while: the bits of kernels called one by one."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from lattice_models.activation import gelu
from lattice_models.compiled import Kernels
from lattice_models.compiled.machine import this_machine
from lattice_models.compiled.recording import Recording
from lattice_models.compiled.team import Team
from lattice_models.kernels import using
from lattice_models.layer_norm import LayerNorm
from lattice_models.linear import Linear
from lattice_models.post_norm_layer import PostNormLayer, PostNormLayers
from numpy.typing import NDArray

Array = NDArray[np.float32]
Bias = Callable[[int], Array]


def numbers(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def layer(seed: int) -> PostNormLayer:
    def linear(out: int, into: int) -> Linear:
        return Linear(numbers(seed + out, out, into) / np.float32(8), numbers(seed, out))

    def norm() -> LayerNorm:
        return LayerNorm(numbers(seed, 64), numbers(seed + 1, 64), 1e-12)

    return PostNormLayer(
        4, linear(192, 64), linear(64, 64), norm(), linear(80, 64), gelu, linear(64, 80), norm()
    )


@pytest.fixture
def layers() -> PostNormLayers:
    return PostNormLayers([layer(10 * number) for number in range(3)])


def one_by_one(layers: PostNormLayers, hidden: Array, bias: Bias | None = None) -> Array:
    for each in layers.layers:
        hidden = each(hidden, np.array([0, len(hidden)]), bias=bias)
    return hidden


def bias_of(length: int) -> Array:
    return numbers(length, 4, length, length)


@pytest.mark.parametrize("helpers", [0, 1, 2])
@pytest.mark.parametrize("bias", [None, bias_of])
def test_texts_of_every_length_and_again(
    kernels: Kernels, layers: PostNormLayers, bias: Bias | None, helpers: int
) -> None:
    for repeated in range(3):
        for tokens in (1, 2, 13, 14, 15, 31, 64, 65):
            hidden = numbers(100 * repeated + tokens, tokens, 64)
            with using(kernels, helpers=helpers):
                expected = one_by_one(layers, hidden, bias)
                given = hidden.copy()
                result = layers(given, np.array([0, tokens]), bias=bias)
            assert np.array_equal(result, expected)
            assert np.array_equal(given, hidden)
            assert not np.shares_memory(result, kernels._rooms)  # which the next text writes to


def test_several_texts_are_not_taken_for_one(kernels: Kernels, layers: PostNormLayers) -> None:
    hidden = numbers(1, 13, 64)
    with using(kernels):
        alone = layers(hidden, np.array([0, 13]))
        apart = layers(hidden, np.array([0, 6, 13]))
        assert np.array_equal(layers(hidden, np.array([0, 13])), alone)
        assert np.array_equal(apart[:6], layers(hidden[:6], np.array([0, 6])))
        assert np.array_equal(apart[6:], layers(hidden[6:], np.array([0, 7])))


def test_what_finds_no_room_has_memory_of_its_own(kernels: Kernels) -> None:
    small = Recording(np.empty(2 * 32, np.float32))
    first, second = small.empty(2, 9), small.empty(1)
    first[:], second[:] = 1, 2
    assert first.base is not None
    assert second.base is None  # it would begin at the end of the room
    small.turn()
    small.empty(2, 9)[:] = 3
    assert (first == 1).all()
    small.turn()
    assert np.shares_memory(small.empty(18), first)


def test_several_threads(kernels: Kernels, layers: PostNormLayers) -> None:
    texts = [numbers(seed, 5 + seed % 3, 64) for seed in range(6)]
    with using(kernels):
        expected = [one_by_one(layers, text) for text in texts]
    wrong: list[int] = []

    def work(number: int) -> None:
        cu_seqlens = np.array([0, len(texts[number])])
        for _ in range(200):
            with using(kernels, helpers=1):
                if not np.array_equal(layers(texts[number], cu_seqlens), expected[number]):
                    wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_failed_recording_is_not_kept(kernels: Kernels) -> None:
    def fails(_: Array) -> Array:
        raise MemoryError

    made: dict[int, Recording] = {}
    with pytest.raises(MemoryError):
        kernels.in_one_call([fails], numbers(0, 2, 3), made)
    assert not made
    panels = kernels.panels(np.eye(3, dtype=np.float32), None)
    # and kernels run again at once when they are called
    assert np.array_equal(kernels.linear(numbers(0, 2, 3), panels), numbers(0, 2, 3))


def test_helpers_leave_after_a_while(kernels: Kernels) -> None:
    with kernels.helped(2):
        pass
    start = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - start < 0.15  # a helper that stays would take all of a core


def test_no_more_help_than_is_asked_for(compiled: Kernels) -> None:
    """Helpers that came for the text before, and are still here, do not take part."""
    machine = this_machine()
    assert machine is not None
    team, busy = Team(machine), set()

    def note(_arguments: int, _start: int, _stop: int) -> None:
        busy.add(threading.get_ident())
        time.sleep(0.001)  # others come

    def who(helpers: int) -> int:
        busy.clear()
        with team.gathered(helpers) as gathered:
            assert gathered is not None
            gathered.share(address, None, 20, 1)
        return len(busy)

    signature = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    kernel = signature(note)
    address = ctypes.cast(kernel, ctypes.c_void_p).value or 0
    deadline = time.monotonic() + 60
    while who(3) < 3:
        assert time.monotonic() < deadline, "three were asked, and two never came"
    assert all(who(1) <= 2 for _ in range(10))
