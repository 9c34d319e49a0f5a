"""A folder that fills -> a progress bar on standard error.

Nothing is printed for what is done within a second.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["watch_folder"]

_QUIET_S = 1.0
_INTERVAL_S = 0.1


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # renamed or removed between the listing and now
            continue
    return total


@contextmanager
def watch_folder(folder: Path, name: str, *, total_bytes: int) -> Iterator[None]:
    """While the body runs, show how many of `total_bytes` lie in `folder`."""
    done = threading.Event()
    watcher = threading.Thread(target=_show, args=(folder, name, total_bytes, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _show(folder: Path, name: str, total_bytes: int, done: threading.Event) -> None:
    if done.wait(_QUIET_S):
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.table import Column

    console = Console(file=sys.stderr)
    if not console.is_terminal:  # a log gets one line, not a hundred
        console.print(f"Downloading {name} ({total_bytes / 1e6:.0f} MB) ...", highlight=False)
        return
    with Progress(
        TextColumn("Downloading"),  # the bar must fit into 80 columns
        BarColumn(bar_width=20),
        DownloadColumn(table_column=Column(no_wrap=True)),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task(name, total=total_bytes)
        while not done.wait(_INTERVAL_S):
            progress.update(task, completed=min(_bytes_in(folder), total_bytes))
