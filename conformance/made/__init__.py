"""Fixtures that scripts make from other fixtures. One module each; deterministic to the byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["MAKERS"]


def _e5_small_q4(inputs: list[Path], directory: Path) -> None:
    from .e5_small_q4 import make_e5_small_q4  # its dependencies are those of provisioning alone

    make_e5_small_q4(inputs[0].read_bytes(), directory)


# name in fixtures.toml -> what fills a directory from its input files
MAKERS: dict[str, Callable[[list[Path], Path], None]] = {"e5_small_q4": _e5_small_q4}
