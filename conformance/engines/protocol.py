"""What an engine is to the suite: something that answers questions, one at a time.

A question is the input of a case with the stage and the subject that it belongs to. The answer has
the keys of the expectation. Nothing here depends on any engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Engine", "EngineBrokenError", "Question", "UnsupportedError"]


class UnsupportedError(Exception):
    """The engine does not claim to answer this; the message says why. Counted, never a pass."""


class EngineBrokenError(Exception):
    """The adapter itself does not work: it did not start, did not answer, or broke the protocol."""


@dataclass(frozen=True)
class Question:
    """`subject` is a folder of the fixtures; `input` is that of the case.

    stage "tokenizer": `text`, perhaps `pair`, `max_tokens`, `as_filed` -> `ids`, `tokens`,
    `type_ids`, `decoded`, or all fields of the padded encoding where `as_filed` is true.
    stage "vectors": `ids` -> `vector`.
    stage "service": `text`, `role` -> `ids`, as the model is given them, and `vector`.
    stage "model_files": `refs`, `snapshots`, which `hub_cache.py` makes a hub's cache of ->
    `commit`, the snapshot of revision "main" that a model is read from without a connection.
    """

    stage: str
    subject: str
    input: dict[str, Any]


class Engine(Protocol):
    """An engine in this process. `ask` may raise `UnsupportedError`; any other error is a result
    too: the case ends as "error"."""

    def versions(self) -> dict[str, str]:
        """Names and versions of what answers."""

    def ask(self, question: Question) -> dict[str, Any]:
        """The answer, with the keys of the expectation."""

    def stop(self) -> None:
        """Nothing more will be asked."""
