"""The Qwen cases on the real Qwen3-Embedding-0.6B. Collected with `--tier hub` alone.

No goldens of it are recorded. Ids are those of the cases; vectors are held against Hugging Face's
own float64, computed when the tier runs, and by the limits that its float32 gives.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from ..cases import CASES, ERROR_KEY, Case, CaseSet, read_case_set
from ..engines.lattice import LatticeEngine
from ..engines.protocol import Question
from ..run import Outcome, judge
from ..tolerance import float32_error
from .hub_tier import hub_folder

IDS = read_case_set(CASES / "tokenizer" / "qwen3-embedding")
_MADE = read_case_set(CASES / "vectors" / "made-qwen3")
# no more than four times what the float32 of Hugging Face errs, however much that is
_LIMIT = {**_MADE.source["limit"], "max_abs_diff": 1e-3, "min_cosine": 0.995}
TEXTS = replace(_MADE, source={**_MADE.source, "limit": _LIMIT})


@cache
def engine() -> LatticeEngine:
    return LatticeEngine()


def on_the_real_model(case_set: CaseSet) -> CaseSet:
    """The folder is absolute, so it is the one that engines read."""
    return replace(case_set, subject=str(hub_folder()))


@cache
def vectors_of_oracle(dtype: str) -> dict[str, list[float]]:
    """Case -> vector. The model, of several gigabytes, is gone when they are there."""
    from ..engines.hugging_face import HuggingFaceEngine

    oracle, folder = HuggingFaceEngine(dtype), str(hub_folder())
    return {
        case.id: oracle.ask(Question("vectors", folder, {"ids": (case.expect or {})["ids"]}))[
            "vector"
        ]
        for case in TEXTS.cases
    }


@pytest.mark.parametrize("case", IDS.cases, ids=lambda case: case.id)
def test_ids(case: Case) -> None:
    result = judge(engine(), on_the_real_model(IDS), case, ())
    assert result.outcome is Outcome.PASS, result.message


@pytest.mark.parametrize("case", TEXTS.cases, ids=lambda case: case.id)
def test_vector(case: Case) -> None:
    truth, nearby = (vectors_of_oracle(dtype)[case.id] for dtype in ("float64", "float32"))
    ids = (case.expect or {})["ids"]
    expect = {"ids": ids, "vector": truth, ERROR_KEY: float32_error(nearby, truth)}
    result = judge(engine(), on_the_real_model(TEXTS), replace(case, expect=expect), ())
    print(f"{case.id}: {result.distance}")
    assert result.outcome is Outcome.PASS, result.message
