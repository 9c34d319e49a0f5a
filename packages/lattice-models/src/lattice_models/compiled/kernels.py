"""NumPy arrays in, NumPy arrays out: the compiled kernels, each compiled when it is first called.

What each computes is told by its twin, the NumPy version of the same name; only rounding differs.
The caller gives float32 arrays whose last axis has no gaps.
"""

from __future__ import annotations

import ctypes
import logging
import math
import mmap
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .assembly import Kernel
from .attention_kernel import attention_kernel, scratch_floats
from .gate_kernel import gate_kernel
from .linear_kernel import linear_kernel
from .machine import Machine, this_machine
from .norm_kernel import norm_kernel
from .products import PANEL_REGISTERS
from .recording import Layer, Recording, Recordings, Step
from .rotary_kernel import rotary_kernel
from .team import Team

__all__ = ["Kernels", "Panels", "compiled_kernels"]

Array = NDArray[np.float32]

_log = logging.getLogger("lattice_models")

_LINE = 64  # bytes that come from memory together
_BLOCK_BYTES = 32 << 20
# Into how many pieces work is cut that cores share: the last to begin decides how long all wait.
_PIECES = 12
# Floats between the kernels of one layer of a recorded text: 16 MB, touched as far as is needed.
_ROOM = 1 << 22
_SIGNATURE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)


class Panels(NamedTuple):
    """The weights of a linear layer as the kernel reads them."""

    weight: Array  # (panels, in, columns), 0 behind the last column
    bias: Array  # (panels * columns,)
    out: int


class _OfThread(threading.local):
    team: Team | None = None
    recording: Recording | None = None
    scratch: Array = np.empty(0, np.float32)


class Kernels:
    """All kernels for one machine. Safe to use from several threads."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._columns = PANEL_REGISTERS * machine.width
        self._helpers = Team(machine)
        self._functions: dict[str, tuple[Callable[..., None], int]] = {}
        self._lock = threading.RLock()
        self._recorder = threading.Lock()
        self._of_thread = _OfThread()
        self._block: NDArray[np.uint8] = np.empty(0, np.uint8)
        self._zeros = np.zeros(1 << 12, np.float32)

    @cached_property
    def _rooms(self) -> Array:
        return np.empty(2 * _ROOM, np.float32)

    @property
    def name(self) -> str:
        """For whom they are compiled, such as "skylake-avx512"."""
        return self._machine.name

    def panels(self, weight: Array, bias: Array | None) -> Panels:
        """`weight` `(out, in)` and `bias` `(out,)` -> a copy that products can be made with."""
        out, inner = weight.shape
        count = -(-out // self._columns)
        laid_out = self._memory(count * inner * self._columns)
        laid_out = laid_out.reshape(count, inner, self._columns)
        whole = out // self._columns
        inside = weight[: whole * self._columns].reshape(whole, self._columns, inner)
        laid_out[:whole] = inside.swapaxes(1, 2)
        laid_out[whole:] = 0
        if whole < count:
            laid_out[whole, :, : out % self._columns] = weight[whole * self._columns :].T
        all_bias = np.zeros(count * self._columns, np.float32)
        if bias is not None:
            all_bias[:out] = bias
        return Panels(laid_out, all_bias, out)

    def linear(
        self, x: Array, panels: Panels, activation: str | None = None, added: Array | None = None
    ) -> Array:
        """`x` `(T, in)` -> a new array `(T, out)`: the product, bias, `added`, the activation."""
        count, inner, _ = panels.weight.shape
        y = self._empty(len(x), panels.out)
        more = (self._zeros_of(panels.out), 0) if added is None else _rows(added)
        if len(x):
            self._run(
                f"linear {activation}", lambda width: linear_kernel(width, activation), count,
                *_rows(x), panels.weight, panels.bias, *more, *_rows(y), len(x), inner, panels.out,
            )  # fmt: skip
        return y

    def layer_norm(self, x: Array, weight: Array, bias: Array | None, eps: float) -> Array:
        """In place, for `(T, D)`."""
        shift = self._zeros_of(x.shape[1]) if bias is None else bias
        self._norm(x, weight, shift, eps, x, centred=True)
        return x

    def rms_norm(self, x: Array, weight: Array, eps: float, out: Array) -> Array:
        """`(rows, D)` -> `out`, which may be `x`."""
        self._norm(x, weight, weight, eps, out, centred=False)
        return out

    def _norm(
        self, x: Array, weight: Array, bias: Array, eps: float, out: Array, *, centred: bool
    ) -> None:
        rows, size = x.shape
        constants = np.array([size, eps])
        self._run(
            f"norm {centred}", lambda width: norm_kernel(width, centred=centred), rows,
            *_rows(x), weight, bias, *_rows(out), size, constants,
        )  # fmt: skip

    def rotate(self, x: Array, cos: Array, sin: Array, scale: float) -> Array:
        """In place, for `(T, H, Dh)`; `cos` and `sin` `(T, Dh)`."""
        tokens, heads, head_size = x.shape
        factor = np.array([scale], np.float32)
        self._run(
            "rotate", rotary_kernel, tokens,
            *_rows(x), cos, sin, factor, heads, head_size // 2,
        )  # fmt: skip
        return x

    def gate(self, gate: Array, up: Array, activation: str) -> Array:
        """`gate` `(T, F)`, after its activation, times `up` `(T, F)`, in place."""
        rows, size = gate.shape
        self._run(
            f"gate {activation}", lambda width: gate_kernel(width, activation), rows,
            gate, up, size,
        )  # fmt: skip
        return gate

    def attention(
        self,
        q: Array,
        k: Array,
        v: Array,
        cu_seqlens: NDArray[np.int64],
        *,
        left: int,
        right: int,
        bias: Array | None = None,
    ) -> Array:
        """As `attention`; `left` and `right` are how many tokens one sees before and after itself.

        `bias` `(H, length, length)` is for texts that have all the same length.
        """
        tokens, heads, head_size = q.shape
        out = self._empty(tokens, heads * head_size)
        longest = int(np.diff(cu_seqlens).max(initial=0))
        biased = bias is not None
        of_pairs = np.empty(0, np.float32) if bias is None else np.ascontiguousarray(bias)
        room = scratch_floats(self._machine.width, longest, head_size)
        recording = self._of_thread.recording
        # cores that share the heads need a room each
        step = 0 if recording is None and self._of_thread.team is None else room
        scratch = self._scratch(room if step == 0 else room * heads)
        if tokens:
            self._run(
                f"attention {biased}", lambda width: attention_kernel(width, biased=biased), heads,
                *_rows(q), *_rows(k), *_rows(v), of_pairs, longest * longest, longest, *_rows(out),
                cu_seqlens, len(cu_seqlens) - 1, heads // k.shape[1], head_size, left, right,
                scratch, step,
            )  # fmt: skip
        return out

    def in_one_call(self, layers: Sequence[Layer], hidden: Array, made: Recordings) -> Array:
        """`hidden` `(T, D)` through all `layers`, as one after the other would do.

        Each must compute with nothing but these kernels, and the same for all of one shape: what
        they call is recorded in `made`, and later texts of that length repeat it.
        """
        if not self._recorder.acquire(blocking=False):  # another thread uses its memory
            for layer in layers:
                hidden = layer(hidden)
            return hidden
        try:
            recording = made.get(len(hidden))
            if recording is None:
                recording = made[len(hidden)] = self._recorded(layers, hidden)
            return recording.played(hidden, self._helpers, shared=self._of_thread.team is not None)
        finally:
            self._recorder.release()

    def _recorded(self, layers: Sequence[Layer], hidden: Array) -> Recording:
        recording = self._of_thread.recording = Recording(self._rooms)
        try:
            first = last = recording.empty(*hidden.shape)
            for layer in layers:
                recording.turn()
                last = layer(last)
            recording.between(first, last)
        finally:
            self._of_thread.recording = None
        return recording

    @contextmanager
    def helped(self, helpers: int) -> Iterator[None]:
        """Let `helpers` more cores share the work of this thread, unless another has them."""
        with self._helpers.gathered(helpers) as team:
            self._of_thread.team = team
            try:
                yield
            finally:
                self._of_thread.team = None

    def _run(
        self,
        name: str,
        kernel: Callable[[int], Kernel],
        units: int,
        *arguments: int | NDArray[Any],
    ) -> None:
        """Now, or later if this is recorded; of an array the kernel gets the address."""
        function, address = self._functions.get(name) or self._compiled(name, kernel)
        numbers = [a if isinstance(a, int) else _address(a) for a in arguments]
        block = (ctypes.c_int64 * len(numbers))(*numbers)
        recording, team = self._of_thread.recording, self._of_thread.team
        if recording is not None:
            recording.add(Step(address, block, units, _grain(units)), arguments)
        elif team is not None and units > 1:
            team.share(address, block, units, _grain(units))
        elif units:
            function(block, 0, units)

    def _compiled(
        self, name: str, kernel: Callable[[int], Kernel]
    ) -> tuple[Callable[..., None], int]:
        with self._lock:
            if name not in self._functions:
                address = self._machine.compiled(kernel(self._machine.width))
                self._functions[name] = _SIGNATURE(address), address
            return self._functions[name]

    def _memory(self, floats: int) -> Array:
        """Memory for weights, in pages of megabytes: few misses of the page table."""
        size = -(-floats * 4 // _LINE) * _LINE
        with self._lock:
            if size > len(self._block):
                pages = mmap.mmap(-1, max(size, _BLOCK_BYTES))
                if hasattr(mmap, "MADV_HUGEPAGE"):
                    pages.madvise(mmap.MADV_HUGEPAGE)
                self._block = np.frombuffer(pages, np.uint8)
            taken, self._block = self._block[:size], self._block[size:]
        return taken[: floats * 4].view(np.float32)

    def _empty(self, *shape: int) -> Array:
        recording = self._of_thread.recording
        return _aligned(*shape) if recording is None else recording.empty(*shape)

    def _scratch(self, floats: int) -> Array:
        """Of this thread, and for its next call."""
        if self._of_thread.recording is not None:
            return self._of_thread.recording.empty(floats)
        if len(self._of_thread.scratch) < floats:
            self._of_thread.scratch = _aligned(floats)
        return self._of_thread.scratch

    def _zeros_of(self, floats: int) -> Array:
        if len(self._zeros) < floats:
            self._zeros = np.zeros(floats, np.float32)
        return self._zeros


def _aligned(*shape: int) -> Array:
    """A new array that begins where a line of memory does: a register is then in one line."""
    size = math.prod(shape)
    room = np.empty(size + _LINE // 4, np.float32)
    start = -_address(room) % _LINE // 4
    return room[start : start + size].reshape(shape)


def _address(array: NDArray[Any]) -> int:
    flags = array.flags
    if flags.c_contiguous and flags.writeable and array.size:
        return ctypes.addressof(ctypes.c_char.from_buffer(array.data))  # a fifth of the time
    address: int = array.__array_interface__["data"][0]
    return address


def _rows(array: Array) -> tuple[Array, int]:
    """It, and how many floats lie from one row to the next."""
    return array, array.strides[0] // 4


def _grain(units: int) -> int:
    return max(1, units // _PIECES)


def compiled_kernels(most_lanes: int = 16) -> Kernels | None:
    """Those of this machine; `None` where `this_machine` is, or LLVM does not take them."""
    with _one_maker:  # `cache` alone would let two threads make them
        return _made_once(most_lanes)


_one_maker = threading.Lock()


@cache
def _made_once(most_lanes: int) -> Kernels | None:
    machine = this_machine(most_lanes)
    if machine is None:
        return None
    try:
        kernels = Kernels(machine)
        # nearly every instruction that others have
        kernels.linear(
            np.ones((1, 1), np.float32), kernels.panels(np.ones((1, 1), np.float32), None)
        )
    except RuntimeError as error:  # of a version of LLVM that reads its language differently
        _log.warning("NumPy computes, since kernels could not be compiled: %s", error)
        return None
    return kernels
