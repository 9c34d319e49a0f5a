"""Case sets -> parameters of a test, one per case, marked with the fixtures that it needs."""

from __future__ import annotations

import pytest
from _pytest.mark.structures import ParameterSet

from ..cases import read_case_sets

__all__ = ["case_parameters"]


def case_parameters(stage: str, *, subjects: tuple[str, ...] | None = None) -> list[ParameterSet]:
    """(case set, case) for every case of a stage, or of some of its subjects."""
    return [
        pytest.param(
            case_set,
            case,
            id=f"{case_set.subject}/{case.id}",
            marks=pytest.mark.fixtures(case_set.subject),
        )
        for case_set in read_case_sets(stage)
        if subjects is None or case_set.subject in subjects
        for case in case_set.cases
    ]
