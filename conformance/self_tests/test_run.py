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


class PartialEngine(FakeEngine):
    """Claims what it is told to."""

    def __init__(self, claims: dict[str, list[str]], **answers: Any) -> None:
        super().__init__(**answers)
        self._claims = claims

    def claims(self) -> dict[str, list[str]]:
        return self._claims


WIDE = CaseSet(
    "tokenizer",
    "subject",
    {},
    (Case("a", {"text": "a"}, {"ids": [1], "tokens": ["x"], "offsets": [[0, 1]]}, ("t",), "why"),),
)


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


def test_what_no_file_can_hold_is_told_with_escapes() -> None:
    report = run("fake", FakeEngine(b={"ids": [1], "odd": "\ud800"}), [SET], [])
    failing = run("fake", FakeEngine(b={"ids": "\ud800"}), [SET], [])
    for told in (as_json(report), as_json(failing), *summary(failing)):
        assert told.encode()
    received = json.loads(as_json(failing))["results"][1]["received"]
    assert received == {"ids": "\ud800"}


def test_the_summary_names_what_failed() -> None:
    lines = list(summary(run("fake", FakeEngine(b={"ids": [7]}), [SET], [])))
    assert (
        "FAIL tokenizer/subject/b: ids: from item 0 expected [1], received [7] (1 and 1 items)"
        in lines
    )


def test_an_engine_that_claims_some_keys_passes_in_part_only_and_only_where_that_will_do() -> None:
    engine = PartialEngine({"tokenizer": ["ids"]}, a={"ids": [1], "tokens": "not looked at"})
    report = run("fake", engine, [WIDE], [])
    assert report.results[0].outcome is Outcome.PASS
    assert report.results[0].unclaimed == ("tokens", "offsets")
    assert (report.in_part, report.passed) == (1, False)
    told = list(summary(report))
    assert told[-2] == ("1 cases passed in part: the engine does not claim all of tokens, offsets")
    assert told[2].split() == ["tokenizer/subject", "0", "1", "0", "0", "0", "0"]
    assert json.loads(as_json(report))["in_part"] == 1
    assert run("fake", engine, [WIDE], [], parts_will_do=True).passed


@pytest.mark.parametrize("answer", [{"ids": [2]}, {}])
def test_what_is_claimed_must_be_answered_and_right(answer: dict[str, Any]) -> None:
    engine = PartialEngine({"tokenizer": ["ids"]}, a=answer)
    report = run("fake", engine, [WIDE], [], parts_will_do=True)
    assert report.results[0].outcome is Outcome.FAIL


def test_without_claims_only_offsets_may_be_left_out_and_are_counted() -> None:
    report = run("fake", FakeEngine(a={"ids": [1], "tokens": ["x"]}), [WIDE], [])
    assert report.results[0].unclaimed == ("offsets",)
    assert not report.passed
    wrong = {"ids": [1], "tokens": ["x"], "offsets": [[0, 2]]}
    assert judge(FakeEngine(a=wrong), WIDE, WIDE.cases[0], []).outcome is Outcome.FAIL
    assert judge(FakeEngine(a={"ids": [1]}), WIDE, WIDE.cases[0], []).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"tokenizer": []}, "expected 'ids' among them"),
        ({"tokenizer": ["tokens"]}, "expected 'ids' among them"),
        ({"tokeniser": ["ids"]}, "received 'tokeniser'"),
    ],
)
def test_claims_that_would_test_nothing_are_a_broken_adapter(
    claims: dict[str, list[str]], told: str
) -> None:
    with pytest.raises(EngineBrokenError, match=told):
        run("fake", PartialEngine(claims), [WIDE], [], parts_will_do=True)
