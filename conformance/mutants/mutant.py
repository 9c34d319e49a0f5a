"""A deliberately wrong engine: the reference engine with one part exchanged.

If the suite passes a mutant, the suite has a hole. Each mutant says which cases must notice it, so
that it is caught for its own fault and not by accident.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any
from unittest import mock

from ..engines import Engine
from ..engines.lattice import LatticeEngine

__all__ = ["SMALL_SUBJECTS", "Mutant", "Patch", "exchange", "together", "wrap"]

# small enough to be loaded anew for each mutant
SMALL_SUBJECTS = ("all-minilm-l6-v2", "made-bert-cls")

Patch = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Mutant:
    """`caught_by`: a tag, or the beginning of a case's name; one such case must fail.

    `defect`: the one of F1 to F12 that it is, empty for a subtler one. `engine` is what is bent,
    `subjects` and `stages` what it is asked about: a part of the suite that catches it is enough.
    `offsets`: whether it may be caught by its offsets.
    """

    name: str
    caught_by: str
    patch: Patch
    defect: str = ""
    engine: Callable[[], Engine] = LatticeEngine
    subjects: tuple[str, ...] = SMALL_SUBJECTS
    stages: tuple[str, ...] = ("tokenizer", "vectors", "service")
    offsets: bool = False


def exchange(target: str, replacement: object) -> Patch:
    """Put `replacement` in the place of the dotted name `target`."""
    return lambda: mock.patch(target, replacement)


def wrap(target: str, around: Callable[..., Any]) -> Patch:
    """Put `around(original, *arguments)` in the place of the function `target`."""

    def patch() -> AbstractContextManager[Any]:
        owner, _, name = target.rpartition(".")
        original = getattr(_resolve(owner), name)

        def replacement(*arguments: Any, **options: Any) -> Any:
            return around(original, *arguments, **options)

        return mock.patch(target, replacement)

    return patch


def together(*patches: Patch) -> Patch:
    """All of `patches`, for a fault that has several places."""

    @contextmanager
    def patch() -> Iterator[None]:
        with ExitStack() as stack:
            for one in patches:
                stack.enter_context(one())
            yield

    return patch


def _resolve(dotted: str) -> Any:
    return resolve_name(dotted)
