"""`compiled/` against NumPy in float64, for sizes that fill registers and panels, and do not."""

from __future__ import annotations

import ctypes
import gc
import itertools
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_models import InputError, SentenceEncoder
from lattice_models.activation import ACTIVATIONS
from lattice_models.attention import attention
from lattice_models.compiled import Kernels, compiled_kernels
from lattice_models.compiled.assembly import Kernel, Value
from lattice_models.compiled.kernels import _made_once
from lattice_models.compiled.lane_math import exponential, power_of_two
from lattice_models.compiled.machine import Machine, this_machine
from lattice_models.kernels import kernels_in_use, using
from numpy.typing import NDArray

Array = NDArray[np.float32]
SIZES = st.integers(1, 70)
FUNCTIONS = {function.__name__: function for function in ACTIVATIONS.values()}


def numbers(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@given(rows=st.integers(0, 40), inner=st.integers(1, 300), out=SIZES, seed=st.integers(0, 9))
def test_linear(kernels: Kernels, rows: int, inner: int, out: int, seed: int) -> None:
    x, weight = numbers(seed, rows, inner), numbers(seed + 1, out, inner)
    bias, added = numbers(seed + 2, out), numbers(seed + 3, rows, out)
    panels = kernels.panels(weight, bias)
    exact = x.astype(np.float64) @ weight.T.astype(np.float64) + bias
    # sums of up to 300 products of numbers around 1, each rounded to 6e-8 of itself
    assert np.abs(kernels.linear(x, panels) - exact).max(initial=0) < 1e-4
    both = kernels.linear(x, panels, added=added)
    assert np.abs(both - (exact + added)).max(initial=0) < 1e-4
    assert np.array_equal(kernels.linear(x, panels), kernels.linear(x, panels))


@given(rows=st.integers(1, 40), out=SIZES)
def test_a_row_gets_the_same_bits_among_any_others(kernels: Kernels, rows: int, out: int) -> None:
    x, panels = numbers(0, rows, 200), kernels.panels(numbers(1, out, 200), None)
    together = kernels.linear(x, panels)
    alone = np.concatenate([kernels.linear(x[row : row + 1], panels) for row in range(rows)])
    assert np.array_equal(together, alone)


@pytest.mark.parametrize("rows", [57, 175, 700])  # few tiles, some more, more than meet one panel
@pytest.mark.parametrize("inner", [1, 130, 1540])
def test_many_rows(kernels: Kernels, rows: int, inner: int) -> None:
    x, panels = numbers(0, rows, inner), kernels.panels(weight := numbers(1, 70, inner), None)
    together = kernels.linear(x, panels)
    assert np.abs(together - x.astype(np.float64) @ weight.T).max() < 1e-3
    for start in range(0, rows, 40):
        assert np.array_equal(together[start : start + 40], kernels.linear(x[start:][:40], panels))


def test_rows_of_a_wider_array(kernels: Kernels) -> None:
    wide, weight = numbers(0, 20, 90), numbers(1, 33, 30)
    exact = wide[:, 30:60].astype(np.float64) @ weight.T
    y = kernels.linear(wide[:, 30:60], kernels.panels(weight, None))
    assert np.abs(y - exact).max() < 2e-5


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_activations(kernels: Kernels, name: str) -> None:
    x = np.concatenate([np.linspace(-100, 100, 4001), [0, 1e-30, 1e20, -1e20]])[:, None]
    x = x.astype(np.float32)
    panels = kernels.panels(np.ones((1, 1), np.float32), None)
    twin = FUNCTIONS[name](x.copy())
    y = kernels.linear(x, panels, name)
    # the logistic function ends at 2e-35 on the left, not at 0
    assert np.allclose(y, twin, rtol=4e-7, atol=1e-7)
    gate, up = numbers(0, 7, 37), numbers(1, 7, 37)
    expected = FUNCTIONS[name](gate.copy()) * up
    assert np.abs(kernels.gate(gate, up, name) - expected).max() < 1e-6


@pytest.mark.parametrize("lanes", [8, 16])
@pytest.mark.parametrize(
    ("compiled", "exact", "least", "most", "units"),
    [
        (exponential, np.exp, -86, 0, 1.2),
        (power_of_two, np.exp2, -125, -1, 1.2),
        (power_of_two, np.exp2, 0, 115, 1.2),
        (power_of_two, np.exp2, -1, 0, 1.5),  # the fraction, just below 1, is itself rounded
    ],
)
def test_powers_are_off_by_about_a_unit_in_the_last_place(
    lanes: int,
    compiled: Callable[[Kernel, Value], Value],
    exact: Callable[[Any], Any],
    least: float,
    most: float,
    units: float,
) -> None:
    machine = this_machine(lanes)
    if machine is None or machine.width != lanes:
        pytest.skip(f"this processor has no registers of {lanes} numbers")
    kernel = Kernel("powers", lanes, [("x", "ptr")])

    def raise_some(place: Value, _: list[Value]) -> None:
        here = kernel.at(kernel["x"], place)
        kernel.store(compiled(kernel, kernel.load(here)), here)

    kernel.loop(kernel.start, kernel.stop, raise_some, step=lanes)
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    x = np.linspace(least, most, 1 << 20, dtype=np.float32)
    power, y = exact(x.astype(np.float64)), x.copy()
    function(machine.compiled(kernel))((ctypes.c_int64 * 1)(y.ctypes.data), 0, len(x))
    off = np.abs(y - power) / np.spacing(power.astype(np.float32))
    assert off.max() < units
    assert off.mean() < 0.3  # 0.25 are of a number that is rounded once


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_what_is_not_finite_does_not_become_so(kernels: Kernels, name: str, bad: float) -> None:
    panels = kernels.panels(np.ones((1, 1), np.float32), None)
    x = np.array([[bad]], np.float32)
    with np.errstate(all="ignore"):
        twin = FUNCTIONS[name](x.copy())
    if not np.isfinite(twin).all():  # some have a limit on the left
        assert not np.isfinite(kernels.linear(x, panels, name)).any()
    weight, bias = numbers(0, 2, 5)
    assert np.isnan(kernels.layer_norm(x.repeat(5, axis=1), weight, bias, 1e-5)).all()
    row = np.array([[bad, 1, 2]], np.float32)
    normed = kernels.rms_norm(row, np.ones(3, np.float32), 1e-5, np.empty_like(row))
    assert np.isnan(normed[0, 0])


@given(rows=st.integers(0, 20), size=st.integers(1, 300), seed=st.integers(0, 9))
def test_norms(kernels: Kernels, rows: int, size: int, seed: int) -> None:
    x = numbers(seed, rows, size) * 3 + 2
    weight, bias = numbers(seed + 1, 2, size)
    wide = x.astype(np.float64)
    centred = wide - wide.mean(axis=1, keepdims=True)
    expected = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-3)
    normed = kernels.layer_norm(x.copy(), weight, bias, 1e-3)
    assert np.abs(normed - (expected * weight + bias)).max(initial=0) < 3e-6
    without = kernels.layer_norm(x.copy(), weight, None, 1e-3)
    assert np.abs(without - expected * weight).max(initial=0) < 3e-6
    expected = wide / np.sqrt((wide**2).mean(axis=1, keepdims=True) + 1e-3) * weight
    into = np.empty_like(x)
    assert kernels.rms_norm(x, weight, 1e-3, into) is into
    assert np.abs(into - expected).max(initial=0) < 3e-6


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    key_heads=st.integers(1, 3),
    shared=st.integers(1, 3),
    head_size=st.integers(1, 40),
    window=st.none() | st.tuples(st.integers(0, 70), st.integers(0, 70)),
    causal=st.booleans(),
    biased=st.booleans(),
)
@settings(max_examples=150)
def test_attention(
    kernels: Kernels,
    lengths: list[int],
    key_heads: int,
    shared: int,
    head_size: int,
    window: tuple[int, int] | None,
    causal: bool,
    biased: bool,
) -> None:
    tokens, heads = sum(lengths), key_heads * shared
    cu_seqlens = np.cumsum([0, *lengths])
    q = numbers(0, tokens, heads, head_size) * head_size**-0.5
    fused = numbers(1, tokens, 2, key_heads, head_size)
    k, v = fused[:, 0], fused[:, 1]
    bias = (lambda length: numbers(length, heads, length, length)) if biased else None
    twin = attention(q, k, v, cu_seqlens, causal=causal, window=window, bias=bias)
    with using(kernels):
        assert kernels_in_use() is kernels
        taken = attention(q, k, v, cu_seqlens, causal=causal, window=window, bias=bias)
    assert np.abs(taken - twin).max() < 5e-6


def test_scores_far_from_zero(kernels: Kernels) -> None:
    q = np.full((3, 1, 2), 1e4, np.float32)
    k = np.array([[[1, 1]], [[-1, 1]], [[1, 1.5]]], np.float32)
    v = np.array([[[1, 0]], [[2, 0]], [[5, 7]]], np.float32)
    with using(kernels):  # the last key wins by 5,000
        taken = attention(q, k, v, np.array([0, 3]))
    assert taken.tolist() == [[5, 7]] * 3


def test_helpers_change_no_bit(kernels: Kernels) -> None:
    x, panels = numbers(0, 13, 384), kernels.panels(numbers(1, 1152, 384), None)
    alone = kernels.linear(x, panels)
    q, k, v = alone.reshape(13, 3, 12, 32).swapaxes(0, 1)
    attended = kernels.attention(q, k, v, np.array([0, 6, 13]), left=13, right=13)
    for _ in range(300):
        with kernels.helped(2):
            assert np.array_equal(kernels.linear(x, panels), alone)
            shared = kernels.attention(q, k, v, np.array([0, 6, 13]), left=13, right=13)
            assert np.array_equal(shared, attended)


def test_many_threads_with_one_team(kernels: Kernels) -> None:
    x, panels = numbers(0, 5, 100), kernels.panels(numbers(1, 500, 100), None)
    expected, wrong = kernels.linear(x, panels), []

    def work() -> None:
        for _ in range(100):
            with kernels.helped(1):
                if not np.array_equal(kernels.linear(x, panels), expected):
                    wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_an_encoder_with_each_kind(model_directory: Path, compiled: Kernels) -> None:
    ids, cu_seqlens = np.arange(40) % 37, np.array([0, 1, 9, 40])
    plain = SentenceEncoder.from_pretrained(model_directory, kernels="numpy")
    fast = SentenceEncoder.from_pretrained(model_directory, kernels="compiled")
    vectors = plain.encode(ids, cu_seqlens)
    assert np.abs(fast.encode(ids, cu_seqlens) - vectors).max() < 1e-6
    assert not np.array_equal(fast.encode(ids, cu_seqlens), vectors)  # so it is the other kind
    once = fast.encode(ids, cu_seqlens, deterministic=True)
    assert np.array_equal(fast.encode(ids[:1], [0, 1], deterministic=True), once[:1])


def test_auto_begins_with_numpy_and_goes_on_compiled(
    model_directory: Path, compiled: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, cu_seqlens = np.arange(40) % 37, np.array([0, 1, 9, 40])
    plain = SentenceEncoder.from_pretrained(model_directory, kernels="numpy")
    fast = SentenceEncoder.from_pretrained(model_directory, kernels="compiled")
    vectors = plain.encode(ids, cu_seqlens), fast.encode(ids, cu_seqlens)
    encoder = SentenceEncoder.from_pretrained(model_directory)
    clock = itertools.count()  # every piece of work takes a second
    monkeypatch.setattr("lattice_models.sentence_encoder.perf_counter", lambda: next(clock))
    monkeypatch.setattr("lattice_models.sentence_encoder._WORTH_COMPILING_S", 2.5)
    found = [encoder.encode(ids, cu_seqlens) for _ in range(6)]
    of_each = [[np.array_equal(one, kind) for kind in vectors] for one in found]
    assert of_each == [[True, False]] * 3 + [[False, True]] * 3
    exact = SentenceEncoder.from_pretrained(model_directory)
    same = fast.encode(ids, cu_seqlens, deterministic=True)
    assert np.array_equal(exact.encode(ids, cu_seqlens, deterministic=True), same)


def test_unknown_kernels(model_directory: Path) -> None:
    with pytest.raises(InputError, match=r"^kernels: expected one of 'auto', 'numpy', 'compiled'"):
        SentenceEncoder.from_pretrained(model_directory, kernels="cuda")  # type: ignore[arg-type]  # wrong


def test_threads_that_ask_first_together_get_one(compiled: Kernels) -> None:
    code = """
import gc, threading
from lattice_models.compiled import compiled_kernels
start, found = threading.Barrier(8), []
def ask():
    start.wait()
    found.append(compiled_kernels())
threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
gc.collect()
print(len({id(kernels) for kernels in found}))
"""
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    assert output == b"1\n"


def test_kernels_that_nobody_holds_keep_their_code(compiled: Kernels) -> None:
    machine = this_machine()
    assert machine is not None
    one = np.ones((1, 1), np.float32)
    for _ in range(5):
        other = Kernels(machine)
        other.linear(one, other.panels(one, None))
        del other
        gc.collect()
    assert compiled.linear(one, compiled.panels(one, None)).tolist() == [[1]]


def test_what_llvm_refuses_is_left_to_numpy(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, compiled: Kernels
) -> None:
    def refuse(self: Machine, assembly: str, *names: str) -> list[int]:
        raise RuntimeError("expected type")

    monkeypatch.setattr(Machine, "compiled_text", refuse)
    _made_once.cache_clear()
    assert compiled_kernels() is None
    _made_once.cache_clear()
    assert caplog.messages == ["NumPy computes, since kernels could not be compiled: expected type"]


def test_without_llvmlite(model_directory: Path) -> None:
    code = """
import sys
sys.modules["llvmlite"] = None
from lattice_models import InputError, SentenceEncoder
encoder = SentenceEncoder.from_pretrained(sys.argv[1])
assert encoder.encode([1] * 70, [0, 70], deterministic=True).shape == (1, 12)
try:
    SentenceEncoder.from_pretrained(sys.argv[1], kernels="compiled")
except InputError as error:
    print(error)
"""
    command = [sys.executable, "-c", code, str(model_directory)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert output.startswith("kernels: expected 'auto' or 'numpy', without llvmlite")
    assert "pip install lattice-models[compiled]" in output
