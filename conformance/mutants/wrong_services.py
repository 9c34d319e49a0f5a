"""Services that feed the model something else, and runs that hide what they did not test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lattice_embed.overflow import ModelInput
from lattice_embed.role import Instructions
from lattice_tokenize import PackedIds

from ..engines import UnsupportedError
from .mutant import Mutant, Patch, exchange, wrap

__all__ = ["WRONG_SERVICES"]

_SERVICE = "lattice_embed.native_service.NativeEmbeddingService"
_QWEN3, _XLM_R = ("made-qwen3",), ("made-xlm-roberta",)


def _ids(change: Any) -> Patch:
    """The ids of each text are changed on their way to the model."""

    def around(f: Any, *arguments: Any) -> ModelInput:
        given: ModelInput = f(*arguments)
        rows = [change(row.tolist()) for row in given.sequences]
        return replace(given, sequences=PackedIds.from_lists(rows, [False] * len(rows)))

    return wrap(f"{_SERVICE}._model_input", around)


def _instructions(change: Any) -> Patch:
    return wrap("lattice_embed.model_files.read_instructions", lambda f, folder: change(f(folder)))


def _limit(max_tokens: int) -> Patch:
    return exchange(f"{_SERVICE}.max_tokens", property(lambda _: max_tokens))


def _refuse(*_: Any) -> Any:
    raise UnsupportedError("the weights are not there")


WRONG_SERVICES = (
    Mutant("separator-twice", "service/", _ids(lambda ids: [*ids, ids[-1]]), "F6"),
    Mutant("separator-lost", "service/", _ids(lambda ids: ids[:-1])),
    Mutant("no-query-instruction", "role", _instructions(lambda _: Instructions()), "F8"),
    Mutant("instruction-twice", "role", _instructions(lambda i: Instructions(i.query * 2))),
    Mutant("instruction-for-passages-too", "role", _instructions(lambda i: Instructions(i.query, i.query))),
    Mutant("instruction-without-its-colon", "role", _instructions(lambda i: Instructions(i.query.replace(":", "")))),
    Mutant("end-of-text-twice", "service/", _ids(lambda ids: [*ids, ids[-1]]), "F6", subjects=_QWEN3),
    Mutant("end-of-text-lost", "service/", _ids(lambda ids: ids[:-1] or ids), subjects=_QWEN3),
    Mutant("ends-of-text-made-one", "service/made-qwen3/eos", _ids(lambda ids: ids[:-1] if ids[-2:-1] == ids[-1:] else ids), subjects=_QWEN3),
    Mutant("end-of-text-cut-off", "truncation", _ids(lambda ids: [*ids[:-1], ids[-2]] if len(ids) > 511 else ids), subjects=_QWEN3),
    Mutant("instruction-without-its-last-space", "role", _instructions(lambda i: Instructions(i.query.rstrip(), i.passage)), subjects=_QWEN3),
    Mutant("instruction-on-one-line", "role", _instructions(lambda i: Instructions(i.query.replace("\n", " "), i.passage)), subjects=_QWEN3),
    Mutant("no-passage-instruction", "role", _instructions(lambda i: Instructions(i.query)), subjects=_XLM_R),
    Mutant("instructions-swapped", "role", _instructions(lambda i: Instructions(i.passage, i.query)), subjects=_XLM_R),
    Mutant("limit-of-tokenizer-json", "service/all-minilm", _limit(128)),
    Mutant("limit-one-higher", "truncation", _limit(257)),
    Mutant("every-case-skipped", "", wrap("conformance.engines.lattice.LatticeEngine.ask", _refuse), "F1"),
)  # fmt: skip
