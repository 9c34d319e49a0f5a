"""Every case of the suite, asked of the reference engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import cache

import pytest
from lattice_models import KernelChoice

from ..cases import Case, CaseSet, read_case_sets
from ..engines.lattice import LatticeEngine
from ..ledger import read_ledger, unknown_entries
from ..run import Outcome, case_name, judge

ENGINE = "lattice"
COMPILED = "lattice-compiled"


@cache
def engine(kernels: KernelChoice = "numpy") -> LatticeEngine:
    """Loaded once per process."""
    return LatticeEngine(kernels)


def every_case(stage: str | None = None) -> pytest.MarkDecorator:
    """The cases of a stage, or of all."""
    return pytest.mark.parametrize(
        ("case_set", "case"),
        [
            pytest.param(
                case_set,
                case,
                id=case_name(case_set, case),
                marks=pytest.mark.fixtures(case_set.subject),
            )
            for case_set in read_case_sets(stage)
            for case in case_set.cases
        ],
    )


@every_case()
def test_case(
    case_set: CaseSet, case: Case, record_property: Callable[[str, object], None]
) -> None:
    ledger = [entry for entry in read_ledger() if entry.engine == ENGINE]
    result = judge(engine(), case_set, case, ledger)
    distance = asdict(result.distance) if result.distance else None
    fields = {"name": result.name, "outcome": result.outcome.value, "distance": distance}
    record_property("case", json.dumps(fields))
    bad = result.outcome in (Outcome.FAIL, Outcome.ERROR)
    assert not bad, f"{result.message}\nwhy the case exists: {case.comment}"


@every_case("vectors")
def test_vectors_of_compiled_kernels(case_set: CaseSet, case: Case) -> None:
    ledger = [entry for entry in read_ledger() if entry.engine == COMPILED]
    result = judge(engine("compiled"), case_set, case, ledger)
    assert result.outcome in (Outcome.PASS, Outcome.EXPECTED_FAILURE), result.message


def test_the_ledger_names_only_cases() -> None:
    names = [case_name(s, case) for s in read_case_sets() for case in s.cases]
    assert unknown_entries(read_ledger(), names) == []
