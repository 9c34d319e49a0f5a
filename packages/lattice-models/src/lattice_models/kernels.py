"""Which of two ways the arithmetic goes: NumPy, or kernels that are compiled for this machine.

`linear`, `layer_norm`, `rms_norm`, `attention` and `gated_feed_forward` ask `kernels_in_use()`, and
go their own way in NumPy if there are none. What computes what stays the same for a whole `encode`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .compiled import Kernels

__all__ = ["kernels_in_use", "using"]

_of_thread = threading.local()


def kernels_in_use() -> Kernels | None:
    """The compiled kernels that this thread works with; `None`: NumPy."""
    return getattr(_of_thread, "kernels", None)


@contextmanager
def using(kernels: Kernels | None, *, helpers: int = 0) -> Iterator[None]:
    """Let this thread work with `kernels` meanwhile, and `helpers` more share its work."""
    before = kernels_in_use()
    _of_thread.kernels = kernels
    try:
        with nullcontext() if kernels is None or not helpers else kernels.helped(helpers):
            yield
    finally:
        _of_thread.kernels = before
