"""Mutants: that each can be told from the others, and that a hunt tells the truth of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from conformance.cases import Case, read_case_sets
from conformance.engines import Question
from conformance.mutants import MUTANTS, Catch, Mutant, hunt, may_notice

CASE_SETS = read_case_sets()
FIRST = replace(MUTANTS[0], caught_by="kana")


def test_names_are_unique() -> None:
    names = [mutant.name for mutant in MUTANTS]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_some_case_must_notice_it(mutant: Mutant) -> None:
    assert may_notice(mutant, CASE_SETS)


def test_only_cases_that_must_notice_are_asked() -> None:
    case_sets = may_notice(FIRST, CASE_SETS)

    assert {case_set.subject for case_set in case_sets} == {"all-minilm-l6-v2"}
    assert all("kana" in case.tags for case_set in case_sets for case in case_set.cases)


class _Told:
    """An engine that has been told the answers, and does with them as it likes."""

    def __init__(self, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        (case_set,) = may_notice(FIRST, CASE_SETS)
        self._expected = {case.hash: case.expect or {} for case in case_set.cases}
        self._answer = answer

    def versions(self) -> dict[str, str]:
        return {}

    def ask(self, question: Question) -> dict[str, Any]:
        asked = Case("", question.input, None, (), "")
        return self._answer(self._expected[asked.hash])

    def stop(self) -> None:
        pass


def _caught(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Catch:
    (catch,) = hunt([replace(FIRST, patch=nullcontext, engine=lambda: _Told(answer))])
    return catch


def test_a_mutant_that_is_right_survives() -> None:
    catch = _caught(lambda expected: expected)

    assert (catch.by, catch.noticed) == ("", 0)
    assert catch.asked > 3


def test_a_mutant_is_asked_until_three_cases_have_noticed() -> None:
    catch = _caught(lambda expected: {**expected, "ids": []})

    assert catch.by.startswith("tokenizer/all-minilm-l6-v2/")
    assert (catch.noticed, catch.asked) == (3, 3)


def test_offsets_catch_no_mutant_but_those_of_offsets() -> None:
    elsewhere = replace(
        FIRST, patch=nullcontext, engine=lambda: _Told(lambda right: {**right, "offsets": []})
    )

    catches = list(hunt([elsewhere, replace(elsewhere, offsets=True)]))

    assert [catch.noticed for catch in catches] == [0, 3]


def test_an_error_is_noticed() -> None:
    def fail(_: object) -> dict[str, Any]:
        raise AssertionError

    assert _caught(fail).by


def test_a_mutant_that_does_not_fit_the_engine_is_not_caught() -> None:
    def fail(_: object) -> dict[str, Any]:
        raise AttributeError("no such part")

    assert not _caught(fail).by
