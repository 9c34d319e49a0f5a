"""A question -> the folder that it is about: a fixture, or made of what the case describes.

A made one is there for as long as the question is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from .cache_files import make_cache_file
from .engines.protocol import Question
from .fixtures import folder_of
from .hub_cache import make_hub_cache

__all__ = ["asked_folder"]

_MAKERS = {"model_files": make_hub_cache, "cache_file": make_cache_file}


@contextmanager
def asked_folder(question: Question) -> Iterator[Path]:
    """What the engine may read and, if it was made for the question, write."""
    if question.stage not in _MAKERS:
        yield folder_of(question.subject)
        return
    # an engine may still hold a file open, which Windows then does not delete
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        _MAKERS[question.stage](Path(name), question.input)
        yield Path(name)
