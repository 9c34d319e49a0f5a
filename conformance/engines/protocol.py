"""What an engine is to the suite: something that answers questions, one at a time.

A question is the input of a case with the stage and the subject that it belongs to. The answer has
the keys of the expectation. An engine that has some of the keys only says so, in `claims`: those
are held against the oracle, the others are counted and shown. Nothing here depends on any engine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

__all__ = [
    "MAIN_KEYS",
    "ClaimingEngine",
    "Engine",
    "EngineBrokenError",
    "Question",
    "UnsupportedError",
    "claims_of",
]

# what every engine that answers a stage must claim
MAIN_KEYS = {
    "tokenizer": "ids",
    "vectors": "vector",
    "service": "vector",
    "model_files": "commit",
    "cache_key": "key",
    "cache_file": "found",
}


class UnsupportedError(Exception):
    """The engine does not claim to answer this; the message says why. Counted, never a pass."""


class EngineBrokenError(Exception):
    """The adapter itself does not work: it did not start, did not answer, or broke the protocol."""


@dataclass(frozen=True)
class Question:
    """`subject` is a folder with the files of a model; `input` is that of the case.

    stage "tokenizer": `text`, perhaps `pair`, `max_tokens`, `as_filed` -> `ids`, `tokens`,
    `offsets`, `type_ids`, `decoded`; where `as_filed` is true, masks instead of `decoded`.
    stage "vectors": `ids` -> `vector`.
    stage "service": `text`, `role` -> `ids`, as the model is given them, and `vector`.
    stage "model_files": `refs`, `snapshots`, which `hub_cache.py` makes a hub's cache of ->
    `commit`, the snapshot of revision "main" that a model is read from without a connection.
    stage "cache_key": `text`, `model`, `key_version`, `dimensions`, `role` -> `key`, in hex.
    stage "cache_file": `file`, which `cache_files.py` makes a cache of vectors of, perhaps `put`,
    vectors to keep in it, and `asked` -> `found`, a vector or `None` for each text of `asked`, by a
    cache that was opened anew; `file`, what has become of it, and `rows`, how many it has then.
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


@runtime_checkable
class ClaimingEngine(Engine, Protocol):
    """An engine that answers some keys only. Its passes are passes in part, and shown as such."""

    def claims(self) -> Mapping[str, Collection[str]]:
        """Stage -> the keys that it answers; a stage that is not there is claimed in full."""


def claims_of(engine: Engine) -> dict[str, frozenset[str]]:
    """What an engine claims; raises `EngineBrokenError` for claims that would test nothing."""
    if not isinstance(engine, ClaimingEngine):
        return {}
    claims = {stage: frozenset(keys) for stage, keys in engine.claims().items()}
    for stage, keys in claims.items():
        if stage not in MAIN_KEYS:
            known = ", ".join(MAIN_KEYS)
            raise EngineBrokenError(f"claims: expected stages of {known}, received {stage!r}")
        if MAIN_KEYS[stage] not in keys:
            raise EngineBrokenError(
                f"claims.{stage}: expected {MAIN_KEYS[stage]!r} among them, received {sorted(keys)}"
            )
    return claims
