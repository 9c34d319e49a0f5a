"""How far a run is -> a progress bar on standard error, once a second has passed.

Nothing is shown where standard error is no terminal.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ..role import EmbeddingRole
from ..service import EmbeddingService, Vectors

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

__all__ = ["BATCH_TEXTS", "Progress", "embed_with_progress", "show_progress"]

BATCH_TEXTS = 128
_QUIET_S = 1.0


class Progress:
    """What has been done; the bar follows it."""

    def __init__(self, total: int | None, began_with_texts: int = 0) -> None:
        self._total = total
        self._bar: Bar | None = None
        self._began = time.monotonic()
        self._began_with_texts = began_with_texts

    def update(self, *, done: int, texts: int) -> None:
        """`done` of `total`, `texts` of them embedded."""
        seconds = time.monotonic() - self._began
        if self._bar is None:
            # not asked again: the bar stands before standard error, and is no terminal itself
            if seconds <= _QUIET_S or not sys.stderr.isatty():
                return
            self._bar = _begin(self._total)
        rate = (texts - self._began_with_texts) / seconds
        told = f"{texts:,} texts, {rate:,.0f}/s"
        if self._total is not None and done and rate:
            # what is left is taken to have as many texts for its size as what is done
            left_s = (self._total - done) * texts / done / rate
            told += f" ETA {timedelta(seconds=round(max(0.0, left_s)))}"
        self._bar.update(self._bar.task_ids[0], completed=done, told=told)

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()


def _begin(total: int | None) -> Bar:
    from rich.console import Console  # here, because most runs are over before they need it
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    bar = Bar(
        TextColumn("Embedding"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[told]}"),
        console=Console(file=sys.stderr),
        transient=True,
    )
    bar.add_task("embed", total=total, told="")
    bar.start()
    return bar


@contextmanager
def show_progress(total: int | None, *, began_with_texts: int = 0) -> Iterator[Progress]:
    """A bar as long as the body runs."""
    progress = Progress(total, began_with_texts)
    try:
        yield progress
    finally:
        progress.stop()


def embed_with_progress(
    service: EmbeddingService, texts: Sequence[str], role: EmbeddingRole
) -> Vectors:
    """The vectors of `texts`, shown on a terminal while it takes its time."""
    parts: list[Vectors] = []
    with show_progress(len(texts)) as progress:
        for start in range(0, len(texts), BATCH_TEXTS):
            parts.append(service.embed_texts(texts[start : start + BATCH_TEXTS], role=role))
            done = start + len(parts[-1])
            progress.update(done=done, texts=done)
    return np.concatenate(parts)
