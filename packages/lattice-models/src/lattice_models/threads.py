"""Independent pieces of work -> all cores, each with a matrix library that keeps to one thread.

A matrix library that splits every product over all cores waits for the slowest core at each of
them; where another process wants a core too, it waits most of the time. Splitting the batch
instead needs no waiting, and gives the same bits whatever the number of threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController

__all__ = ["available_cores", "for_each", "limited_blas"]

Item = TypeVar("Item")


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    # finding the loaded libraries takes milliseconds, so it is done once
    return ThreadpoolController().select(user_api="blas")


_lock = threading.Lock()
_limits: list[int] = []  # of all who are inside now
_given_back: Any = None


@contextmanager
def limited_blas(threads: int) -> Iterator[None]:
    """Hold the matrix library of this process to `threads` threads, and give its setting back.

    The setting is one for the whole process: while several are inside, the smallest number holds,
    and the last to leave restores what was found.
    """
    global _given_back
    with _lock:
        if not _limits:
            _given_back = _blas().limit()  # remembers
        _limits.append(threads)
        _blas().limit(limits=min(_limits))
    try:
        yield
    finally:
        with _lock:
            _limits.remove(threads)
            if _limits:
                _blas().limit(limits=min(_limits))
            else:
                _given_back.restore_original_limits()
                _given_back = None


@lru_cache(maxsize=1)
def _keep_freed_memory() -> None:
    """Let memory that a layer gives back be there for the next one, which wants as much.

    The GNU C library hands memory at the end of a thread's room back to the system once there is
    twice as much as the largest block that was ever freed, and page by page it is filled with zeros
    when it is wanted again: 3 % of the time. 31 MB is nearly the most that it takes notice of. This
    block is never written to, so it costs nothing.
    """
    np.empty(31 << 20, np.uint8)


def for_each(
    work: Callable[[Item], None], items: Sequence[Item], *, threads: int | None = None
) -> None:
    """Call `work` on every item, from `threads` threads: as many as there are cores if `None`.

    The first error is raised. One item alone is left to the matrix library's own threads, of
    which it has `threads`, or as many as it is set to.
    """
    if len(items) > 1:
        _keep_freed_memory()
        workers = min(available_cores() if threads is None else threads, len(items))
        if workers == 1:
            with limited_blas(1):
                for item in items:
                    work(item)
            return
        with (
            limited_blas(1),
            ThreadPoolExecutor(workers, thread_name_prefix="lattice") as pool,
        ):
            for _ in pool.map(work, items):
                pass
    elif items:
        with nullcontext() if threads is None else limited_blas(threads):
            work(items[0])
