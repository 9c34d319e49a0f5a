"""Five outcomes, the ledger, and what counts as a passed run; with engines made for the purpose."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..cases import Case, CaseSet
from ..engines import EngineBrokenError, Question, UnsupportedError
from ..ledger import Entry
from ..report import as_json, summary
from ..run import Outcome, judge, run

SET = CaseSet(
    "tokenizer",
    "subject",
    {},
    tuple(Case(name, {"text": name}, {"ids": [1]}, ("tag",), "why") for name in ("a", "b")),
)
NAME = "tokenizer/subject/a"


class FakeEngine:
    """Answers every text with what it was made with; an exception is raised."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def versions(self) -> dict[str, str]:
        return {"fake": "1"}

    def ask(self, question: Question) -> dict[str, Any]:
        answer: Any = self._answers.get(question.input["text"], {"ids": [1]})
        if isinstance(answer, Exception):
            raise answer
        wanted: dict[str, Any] = answer
        return wanted

    def stop(self) -> None:
        pass


def entry(case: str = NAME) -> Entry:
    return Entry("fake", case, "reason", "link", "2026.11")


@pytest.mark.parametrize(
    ("answer", "listed", "outcome"),
    [
        ({"ids": [1]}, False, Outcome.PASS),
        ({"ids": [2]}, False, Outcome.FAIL),
        (RuntimeError("boom"), False, Outcome.ERROR),
        (UnsupportedError("no"), False, Outcome.UNSUPPORTED),
        ({"ids": [2]}, True, Outcome.EXPECTED_FAILURE),
        ({"ids": [1]}, True, Outcome.FAIL),  # strict: it should be taken out of the ledger
        (RuntimeError("boom"), True, Outcome.ERROR),  # a crash was not what was expected
        (UnsupportedError("no"), True, Outcome.UNSUPPORTED),
    ],
)
def test_outcomes(answer: Any, listed: bool, outcome: Outcome) -> None:
    ledger = [entry()] if listed else []
    result = judge(FakeEngine(a=answer), SET, SET.cases[0], ledger)
    assert result.outcome is outcome
    assert bool(result.message) is (outcome is not Outcome.PASS)


def test_a_case_without_expectation_is_an_error() -> None:
    case = Case("c", {"text": "c"}, None, ("tag",), "why")
    assert judge(FakeEngine(), SET, case, []).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("answers", "ledger", "passed"),
    [
        ({}, [], True),
        ({"b": {"ids": [2]}}, [], False),
        ({"b": RuntimeError()}, [], False),
        ({"b": UnsupportedError("no")}, [], True),
        ({"a": {"ids": [2]}}, [entry()], True),
        ({}, [entry()], False),
        ({}, [entry("tokenizer/subject/none")], False),
        ({"a": {"ids": [2]}, "b": UnsupportedError("no")}, [entry()], False),  # nothing passed
    ],
)
def test_what_counts_as_passed(answers: dict[str, Any], ledger: list[Entry], passed: bool) -> None:
    report = run("fake", FakeEngine(**answers), [SET], ledger)
    assert report.passed is passed
    assert list(summary(report))[-1] == ("passed" if passed else "FAILED")
    assert json.loads(as_json(report))["passed"] is passed


def test_entries_of_other_engines_do_not_matter() -> None:
    assert run("another", FakeEngine(), [SET], [entry()]).passed


@pytest.mark.parametrize("answer", [RuntimeError("no weights"), UnsupportedError("none"), [1]])
def test_an_engine_that_answers_nothing_is_a_broken_adapter(answer: Any) -> None:
    """F1: a run in which everything was skipped is no run."""
    with pytest.raises(EngineBrokenError, match="no question was answered"):
        run("fake", FakeEngine(a=answer, b=answer), [SET], [])


def test_the_summary_names_what_failed() -> None:
    lines = list(summary(run("fake", FakeEngine(b={"ids": [7]}), [SET], [])))
    assert (
        "FAIL tokenizer/subject/b: ids: from item 0 expected [1], received [7] (1 and 1 items)"
        in lines
    )
