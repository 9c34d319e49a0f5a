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
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from threadpoolctl import ThreadpoolController

__all__ = ["available_cores", "for_each", "single_threaded_blas"]

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
_holders = 0
_limit: Any = None


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Hold the matrix library of this process to one thread, and give its setting back.

    The setting is one for the whole process: the first to enter changes it, the last to leave
    restores it.
    """
    global _holders, _limit
    with _lock:
        if _holders == 0:
            _limit = _blas().limit(limits=1)
        _holders += 1
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if _holders == 0:
                _limit.restore_original_limits()
                _limit = None


def for_each(work: Callable[[Item], None], items: Sequence[Item]) -> None:
    """Call `work` on every item, from as many threads as there are cores.

    The first error is raised. One item alone is left to the matrix library's own threads.
    """
    if len(items) <= 1:
        for item in items:
            work(item)
        return
    threads = min(available_cores(), len(items))
    with (
        single_threaded_blas(),
        ThreadPoolExecutor(threads, thread_name_prefix="lattice") as pool,
    ):
        for _ in pool.map(work, items):
            pass
