"""One kernel, several cores: each takes some of its units, and then some more, until none is left.

A product of a short text takes some 20 microseconds: too little to wake a thread for. So helpers
stay in `help` while a text is being encoded, and look for work without pause; and for a while after
it, since the next text may come soon, and coming back needs the interpreter's lock, which that text
is using. They are needed for nothing: what they do not take, the caller of `share` does.

A team is a block of memory, 8 bytes a field. `state` says which piece of work is open (the upper
half) and which of its units is next (the lower half), so that taking a unit of a work that has
ended in the meantime must fail. `share` closes the state before it writes the next work, and is
done when all units are.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .machine import Machine

__all__ = ["Team"]

_FIELDS = ("state", "kernel", "arguments", "units", "grain", "done", "wanted")
_STEP = 8  # fields from one to the next: each has a cache line of its own
_MOST_HELPERS = 255
_PATIENCE = 1 << 21  # ticks of the processor's clock, about a millisecond, that a helper waits

# take: units of the open work, as long as there are any and more helpers are wanted than `taker`.
#       That is looked at after the state: if it is of an earlier text, so is the state.
# share: the same until all of a new work are done
# do_all: that for one work after the other, or alone what they are
# help: the same for all works, as long as more helpers are wanted than have a lower number
_ASSEMBLY = """
declare void @llvm.x86.sse2.pause()
declare i64 @llvm.readcyclecounter()

define i64 @take(ptr %team, i64 %taker) {
entry:
  %state = load atomic i64, ptr %team acquire, align 8
  %helpers.at = getelementptr i64, ptr %team, i64 48
  %helpers = load atomic i64, ptr %helpers.at acquire, align 8
  %invited = icmp sgt i64 %helpers, %taker
  br i1 %invited, label %read, label %none

read:
  %kernel.at = getelementptr i64, ptr %team, i64 8
  %kernel = load ptr, ptr %kernel.at, align 8
  %arguments.at = getelementptr i64, ptr %team, i64 16
  %arguments = load ptr, ptr %arguments.at, align 8
  %units.at = getelementptr i64, ptr %team, i64 24
  %units = load i64, ptr %units.at, align 8
  %grain.at = getelementptr i64, ptr %team, i64 32
  %grain = load i64, ptr %grain.at, align 8
  %done.at = getelementptr i64, ptr %team, i64 40
  %next = and i64 %state, 4294967295
  %left = icmp ult i64 %next, %units
  br i1 %left, label %claim, label %none

claim:
  %wanted = add i64 %next, %grain
  %over = icmp ult i64 %wanted, %units
  %stop = select i1 %over, i64 %wanted, i64 %units
  %count = sub i64 %stop, %next
  %after = add i64 %state, %count
  %pair = cmpxchg ptr %team, i64 %state, i64 %after acq_rel acquire
  %mine = extractvalue { i64, i1 } %pair, 1
  br i1 %mine, label %work, label %again

work:
  call void %kernel(ptr %arguments, i64 %next, i64 %stop)
  %before = atomicrmw add ptr %done.at, i64 %count release
  br label %again

again:
  ret i64 1

none:
  ret i64 0
}

define void @share(ptr %team, ptr %kernel, ptr %arguments, i64 %units, i64 %grain) {
entry:
  %state = load atomic i64, ptr %team monotonic, align 8
  %number = lshr i64 %state, 32
  %following = add i64 %number, 1
  %open = shl i64 %following, 32
  %closed = or i64 %open, 4294967295
  store atomic i64 %closed, ptr %team seq_cst, align 8
  %kernel.at = getelementptr i64, ptr %team, i64 8
  store ptr %kernel, ptr %kernel.at, align 8
  %arguments.at = getelementptr i64, ptr %team, i64 16
  store ptr %arguments, ptr %arguments.at, align 8
  %units.at = getelementptr i64, ptr %team, i64 24
  store i64 %units, ptr %units.at, align 8
  %grain.at = getelementptr i64, ptr %team, i64 32
  store i64 %grain, ptr %grain.at, align 8
  %done.at = getelementptr i64, ptr %team, i64 40
  store atomic i64 0, ptr %done.at monotonic, align 8
  store atomic i64 %open, ptr %team seq_cst, align 8
  br label %some

some:
  %more = call i64 @take(ptr %team, i64 -1)
  %any = icmp ne i64 %more, 0
  br i1 %any, label %some, label %wait

wait:
  %done = load atomic i64, ptr %done.at acquire, align 8
  %all = icmp eq i64 %done, %units
  br i1 %all, label %end, label %still

still:
  call void @llvm.x86.sse2.pause()
  br label %wait

end:
  ret void
}

define void @do_all(ptr %team, ptr %steps, i64 %count, i64 %shared) {
entry:
  %alone = icmp eq i64 %shared, 0
  br label %look

look:
  %number = phi i64 [0, %entry], [%following, %next]
  %left = icmp ult i64 %number, %count
  br i1 %left, label %step, label %end

step:
  %place = mul i64 %number, 4
  %kernel.at = getelementptr i64, ptr %steps, i64 %place
  %kernel = load ptr, ptr %kernel.at, align 8
  %arguments.at = getelementptr i64, ptr %kernel.at, i64 1
  %arguments = load ptr, ptr %arguments.at, align 8
  %units.at = getelementptr i64, ptr %kernel.at, i64 2
  %units = load i64, ptr %units.at, align 8
  %grain.at = getelementptr i64, ptr %kernel.at, i64 3
  %grain = load i64, ptr %grain.at, align 8
  br i1 %alone, label %one, label %many

one:
  call void %kernel(ptr %arguments, i64 0, i64 %units)
  br label %next

many:
  call void @share(ptr %team, ptr %kernel, ptr %arguments, i64 %units, i64 %grain)
  br label %next

next:
  %following = add i64 %number, 1
  br label %look

end:
  ret void
}

define void @help(ptr %team, i64 %number, i64 %patience) {
entry:
  %wanted.at = getelementptr i64, ptr %team, i64 48
  br label %wait

wait:
  %since = call i64 @llvm.readcyclecounter()
  br label %look

look:
  %wanted = load atomic i64, ptr %wanted.at acquire, align 8
  %needed = icmp ugt i64 %wanted, %number
  br i1 %needed, label %some, label %idle

some:
  %more = call i64 @take(ptr %team, i64 %number)
  %any = icmp ne i64 %more, 0
  br i1 %any, label %wait, label %none

none:
  call void @llvm.x86.sse2.pause()
  br label %wait

idle:
  call void @llvm.x86.sse2.pause()
  %now = call i64 @llvm.readcyclecounter()
  %waited = sub i64 %now, %since
  %patient = icmp ult i64 %waited, %patience
  br i1 %patient, label %look, label %end

end:
  ret void
}
"""


class Team:
    """The calling thread and its helpers."""

    def __init__(self, machine: Machine) -> None:
        self._fields = np.zeros(len(_FIELDS) * _STEP, np.int64)
        self._address: int = self._fields.ctypes.data
        self._wanted = self._fields[_FIELDS.index("wanted") * _STEP :]
        functions = machine.compiled_text(_ASSEMBLY, "share", "do_all", "help")
        pointer, whole = ctypes.c_void_p, ctypes.c_int64
        self._share = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, whole, whole)(functions[0])
        self._do_all = ctypes.CFUNCTYPE(None, pointer, pointer, whole, whole)(functions[1])
        self._help = ctypes.CFUNCTYPE(None, pointer, whole, whole)(functions[2])
        self._busy = threading.Lock()
        self._threads = _new_threads()
        self._helping: list[Future[None]] = []
        self._process = os.getpid()

    def share(self, kernel: int, arguments: Any, units: int, grain: int) -> None:
        """Have all `units` done; `kernel` is an address, and `arguments` its block."""
        self._share(self._address, kernel, arguments, units, grain)

    def do_all(self, steps: NDArray[np.int64], *, shared: bool) -> None:
        """`steps` `(n, 4)`: what `share` is given, one after the other; or not `shared` at all."""
        self._do_all(self._address, steps.ctypes.data, len(steps), shared)

    @contextmanager
    def gathered(self, helpers: int) -> Iterator[Team | None]:
        """With `helpers` at hand; `None` while the team works for another thread."""
        if helpers < 1 or not self._busy.acquire(blocking=False):
            yield None
            return
        try:
            self._call(helpers)
            self._wanted[0] = helpers
            yield self
        finally:
            self._wanted[0] = 0
            self._busy.release()

    def _call(self, helpers: int) -> None:
        """Have the first `helpers` come that are not here still."""
        if self._process != os.getpid():  # threads do not survive a fork
            self._process, self._helping, self._threads = os.getpid(), [], _new_threads()
        for number in range(helpers):
            if number < len(self._helping) and not self._helping[number].done():
                continue
            coming = self._threads.submit(self._help, self._address, number, _PATIENCE)
            self._helping[number : number + 1] = [coming]


def _new_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MOST_HELPERS, thread_name_prefix="lattice-helper")
