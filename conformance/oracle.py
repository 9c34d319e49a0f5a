"""A case -> what the oracle says of it: Hugging Face, asked as any engine is.

It computes in float64, or in the `dtype` of source.json. Vectors are rounded to a fixed number of
decimals, so that every machine records the same bytes. What its float32 errs is measured once for
each vector, and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from . import cache_files, cache_keys
from .cases import ERROR_KEY, Case, CaseSet, expected_keys
from .engines import Engine, EngineBrokenError, Question, open_engine
from .tolerance import float32_error

__all__ = ["Oracle"]

_DECIMALS = 8
_IN_FLOAT32 = "transformers-float32"
_ENGINES = {
    "float64": "transformers",
    "float32": _IN_FLOAT32,
    "bfloat16": "transformers-bfloat16",
}
_VECTORS = ("vectors", "service")
# stages of which no library says what is right: the script that does, and its answer to an input
_DERIVED: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "cache_key": (cache_keys.DERIVATION, lambda asked: {"key": cache_keys.derived_key(asked)}),
    "cache_file": (cache_files.DERIVATION, cache_files.derived_answer),
}


class Oracle:
    """The engines of Hugging Face, each opened when it is first needed.

    `open_by_name` opens them, from "tokenizers", "transformers" and the others of that name.
    """

    def __init__(self, open_by_name: Callable[[str], Engine] = open_engine) -> None:
        self._engine = cache(open_by_name)

    def versions(self, case_set: CaseSet) -> dict[str, str]:
        """`oracle` of source.json: what answers the cases of a set."""
        if case_set.stage in _DERIVED:
            return {"derivation": _DERIVED[case_set.stage][0]}
        if case_set.stage == "model_files":
            from .engines.hugging_face import cache_versions

            return cache_versions()
        versions = self._of(case_set).versions()
        return {**versions, "decimals": str(_DECIMALS)} if case_set.stage in _VECTORS else versions

    def expect(self, case_set: CaseSet, case: Case) -> dict[str, Any]:
        """What it says, under the keys that the stage compares. Raises what an engine raises."""
        asked = case.input
        if case_set.stage in _DERIVED:
            return _DERIVED[case_set.stage][1](asked)
        if case_set.stage == "vectors":
            asked = {"ids": self._cut_ids(case_set, asked["text"])}
        question = Question(case_set.stage, case_set.subject, asked)
        answer = {**asked, **self._of(case_set).ask(question)}
        keys = expected_keys(case_set, asked)
        if "vector" in answer:
            answer["vector"] = [round(value, _DECIMALS) for value in answer["vector"]]
        if ERROR_KEY in keys:
            answer[ERROR_KEY] = _kept_error(case, answer["vector"]) or float32_error(
                self._engine(_IN_FLOAT32).ask(question)["vector"], answer["vector"]
            )
        lacking = [key for key in keys if key not in answer]
        if lacking:
            raise EngineBrokenError(f"oracle: expected {', '.join(lacking)}, received no such key")
        return {key: answer[key] for key in keys}

    def _of(self, case_set: CaseSet) -> Engine:
        """What answers the cases of a set; tokenizing needs no torch."""
        return self._engine(
            "tokenizers" if case_set.stage == "tokenizer" else _ENGINES[case_set.dtype]
        )

    def _cut_ids(self, case_set: CaseSet, text: str) -> list[int]:
        """The ids of a text for its model, no more than that takes."""
        asked = {"text": text, "max_tokens": case_set.source["limit"]["max_tokens"]}
        answer = self._of(case_set).ask(Question("tokenizer", case_set.subject, asked))
        ids: list[int] = answer["ids"]
        return ids


def _kept_error(case: Case, vector: list[float]) -> dict[str, float] | None:
    """The committed error, while the vector is the same: float32 differs from machine to machine.

    Whoever wants it measured anew takes it out of the case.
    """
    committed = case.expect or {}
    error: dict[str, float] | None = committed.get(ERROR_KEY)
    return error if committed.get("vector") == vector else None
