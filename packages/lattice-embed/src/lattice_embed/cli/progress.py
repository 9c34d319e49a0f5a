"""Texts -> vectors in slices, with a progress bar on standard error once a second has passed."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..role import EmbeddingRole
from ..service import NativeEmbeddingService

__all__ = ["embed_with_progress"]

_SLICE_TEXTS = 128
_QUIET_S = 1.0

Vectors = NDArray[np.float32]


def embed_with_progress(
    service: NativeEmbeddingService, texts: Sequence[str], role: EmbeddingRole
) -> Vectors:
    """The vectors of `texts`, shown on a terminal while it takes its time."""
    embed = {
        EmbeddingRole.GENERIC: service.embed,
        EmbeddingRole.QUERY: service.embed_query,
        EmbeddingRole.PASSAGE: service.embed_passage,
    }[role]
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(file=sys.stderr)
    progress = Progress(
        TextColumn("Embedding"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("texts"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = progress.add_task("embed", total=len(texts))
    parts: list[Vectors] = []
    began = time.monotonic()
    try:
        for start in range(0, len(texts), _SLICE_TEXTS):
            parts.append(embed(texts[start : start + _SLICE_TEXTS]))
            done = start + len(parts[-1])
            progress.update(task, completed=done)
            if time.monotonic() - began > _QUIET_S and done < len(texts):
                progress.start()
    finally:
        progress.stop()
    return np.concatenate(parts)
