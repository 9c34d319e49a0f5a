"""Fixtures that scripts make from other fixtures. One module each; deterministic to the byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["MAKERS"]


def _bert_cls(inputs: list[Path], directory: Path) -> None:
    from .bert_cls import make_bert_cls

    make_bert_cls(inputs[0].read_bytes(), directory)


def _e5_small_q4(inputs: list[Path], directory: Path) -> None:
    from .e5_small_q4 import make_e5_small_q4

    make_e5_small_q4(inputs[0].read_bytes(), directory)


def _encoders(inputs: list[Path], directory: Path) -> None:
    from .encoders import make_encoder

    make_encoder(inputs[0].read_bytes(), directory)


def _qwen3_embedding(inputs: list[Path], directory: Path) -> None:
    from .qwen3_embedding import make_qwen3_embedding

    make_qwen3_embedding(inputs[0].read_bytes(), directory)


def _rotary_encoders(inputs: list[Path], directory: Path) -> None:
    from .rotary_encoders import make_rotary_encoder

    make_rotary_encoder(inputs[0].read_bytes(), directory)


# name in fixtures.toml -> what fills a directory, which has the name of the fixture, from its input
# files. Imported when it is called: what a script needs is installed for provisioning alone.
MAKERS: dict[str, Callable[[list[Path], Path], None]] = {
    "bert_cls": _bert_cls,
    "e5_small_q4": _e5_small_q4,
    "encoders": _encoders,
    "qwen3_embedding": _qwen3_embedding,
    "rotary_encoders": _rotary_encoders,
}
