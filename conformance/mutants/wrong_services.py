"""Services that feed the model something else, and runs that hide what they did not test."""

from __future__ import annotations

from typing import Any

from lattice_embed.role import Instructions
from lattice_tokenize import PackedIds

from ..engines import UnsupportedError
from .mutant import Mutant, Patch, wrap

__all__ = ["WRONG_SERVICES"]

_PACKED = "lattice_embed.service.NativeEmbeddingService._packed"
_SEPARATOR = 102


def _ids(change: Any) -> Patch:
    """The ids of each text are changed on their way to the model."""

    def around(f: Any, *arguments: Any) -> PackedIds:
        packed = f(*arguments)
        return PackedIds.from_lists([change(row.tolist()) for row in packed], packed.truncated)

    return wrap(_PACKED, around)


def _instructions(change: Any) -> Patch:
    return wrap("lattice_embed.model_files.read_instructions", lambda f, folder: change(f(folder)))


def _limit(max_tokens: int) -> Patch:
    def around(f: Any, self: Any, texts: Any, **options: Any) -> Any:
        return f(self, texts, **{**options, "max_tokens": max_tokens})

    return wrap("lattice_tokenize.tokenizer.Tokenizer.encode_packed", around)


def _refuse(*_: Any) -> Any:
    raise UnsupportedError("the weights are not there")


WRONG_SERVICES = (
    Mutant("separator-twice", "service/", _ids(lambda ids: [*ids, _SEPARATOR]), "F6"),
    Mutant("separator-lost", "service/", _ids(lambda ids: ids[:-1])),
    Mutant("no-query-instruction", "role", _instructions(lambda _: Instructions()), "F8"),
    Mutant("instruction-twice", "role", _instructions(lambda i: Instructions(i.query * 2))),
    Mutant("instruction-for-passages-too", "role", _instructions(lambda i: Instructions(i.query, i.query))),
    Mutant("instruction-without-its-colon", "role", _instructions(lambda i: Instructions(i.query.replace(":", "")))),
    Mutant("limit-of-tokenizer-json", "service/all-minilm", _limit(128)),
    Mutant("limit-one-higher", "truncation", _limit(257)),
    Mutant("every-case-skipped", "", wrap("conformance.engines.lattice.LatticeEngine.ask", _refuse), "F1"),
)  # fmt: skip
