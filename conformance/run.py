"""An engine and the cases -> one outcome per case, and whether the run as a whole may count.

Five outcomes: pass, fail, error (the engine raised), expected failure (in the ledger), unsupported
(the engine does not claim it; counted and shown, never a pass).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .cases import Case, CaseSet
from .compare import Distance, compare
from .engines import Engine, EngineBrokenError, Question, UnsupportedError
from .ledger import Entry, unknown_entries

__all__ = ["CaseResult", "Outcome", "Report", "case_name", "judge", "question", "run", "smoke"]


class Outcome(Enum):
    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    EXPECTED_FAILURE = "expected failure"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class CaseResult:
    """`message` says why a case is no pass; `expected` and `received` are there where it failed."""

    name: str
    tags: tuple[str, ...]
    outcome: Outcome
    message: str = ""
    distance: Distance | None = None
    expected: dict[str, Any] | None = None
    received: dict[str, Any] | None = None


@dataclass(frozen=True)
class Report:
    """A run. `complaints` are what is wrong beside the cases, the ledger for one."""

    engine: str
    versions: dict[str, str]
    results: tuple[CaseResult, ...]
    complaints: tuple[str, ...]

    def counts(self) -> Counter[Outcome]:
        return Counter(result.outcome for result in self.results)

    @property
    def passed(self) -> bool:
        """Nothing failed, nothing is wrong with the ledger, and something was tested."""
        counts = self.counts()
        bad = counts[Outcome.FAIL] + counts[Outcome.ERROR] + len(self.complaints)
        return bad == 0 and counts[Outcome.PASS] > 0


def case_name(case_set: CaseSet, case: Case) -> str:
    return f"{case_set.stage}/{case_set.subject}/{case.id}"


def question(case_set: CaseSet, case: Case) -> Question:
    """What an engine is asked. An encoder gets ids, so that a tokenizer's faults are not its."""
    asked = dict(case.input)
    if case_set.stage == "vectors" and case.expect is not None:
        asked["ids"] = case.expect["ids"]
    return Question(case_set.stage, case_set.subject, asked)


def judge(engine: Engine, case_set: CaseSet, case: Case, ledger: Iterable[Entry]) -> CaseResult:
    """Ask one case. `ledger`: the entries of this engine."""
    name = case_name(case_set, case)
    if case.expect is None:
        return CaseResult(name, case.tags, Outcome.ERROR, "the case has not been recorded")
    expect = case.expect
    if case_set.stage == "vectors":  # the ids were given
        expect = {key: value for key, value in expect.items() if key != "ids"}
    distance, answer = None, None
    try:
        answer = engine.ask(question(case_set, case))
        verdict = compare(expect, answer, _limit(case_set))
        message, distance = verdict.message, verdict.distance
        outcome = Outcome.PASS if verdict.right else Outcome.FAIL
    except UnsupportedError as error:
        return CaseResult(name, case.tags, Outcome.UNSUPPORTED, str(error))
    except EngineBrokenError:
        raise
    except Exception as error:  # whatever an engine raises is a result of the case
        message, outcome = f"{type(error).__name__}: {error}", Outcome.ERROR
    listed = any(entry.case == name for entry in ledger)
    if listed and outcome is Outcome.PASS:
        message = "passes, but stands in expected_failures.toml: take it out"
        outcome = Outcome.FAIL
    elif listed and outcome is Outcome.FAIL:
        outcome = Outcome.EXPECTED_FAILURE
    if outcome is Outcome.PASS:
        return CaseResult(name, case.tags, outcome, message, distance)
    return CaseResult(name, case.tags, outcome, message, distance, expect, answer)


def _limit(case_set: CaseSet) -> dict[str, Any]:
    limit: dict[str, Any] = case_set.source.get("limit", {})
    return limit


def smoke(engine: Engine, case_sets: Sequence[CaseSet]) -> None:
    """Raise `EngineBrokenError` unless some first question gets an answer of the right form.

    It tells a broken adapter from a wrong engine: whether the answer is right does not matter.
    """
    problems = []
    for case_set in case_sets:
        case = case_set.cases[0]
        try:
            answer = engine.ask(question(case_set, case))
        except UnsupportedError as error:
            problems.append(f"{case_set.stage}/{case_set.subject}: unsupported: {error}")
            continue
        except EngineBrokenError:
            raise
        except Exception as error:  # an adapter that does not work at all
            problems.append(f"{case_set.stage}/{case_set.subject}: {type(error).__name__}: {error}")
            continue
        if isinstance(answer, dict) and all(isinstance(key, str) for key in answer):
            return
        problems.append(
            f"{case_set.stage}/{case_set.subject}: expected a dict, received {answer!r}"
        )
    raise EngineBrokenError("no question was answered:\n  " + "\n  ".join(problems))


def run(
    engine_name: str, engine: Engine, case_sets: Sequence[CaseSet], ledger: Sequence[Entry]
) -> Report:
    """Ask every case of every set."""
    smoke(engine, case_sets)
    own = [entry for entry in ledger if entry.engine == engine_name]
    results = tuple(judge(engine, s, case, own) for s in case_sets for case in s.cases)
    names = [result.name for result in results]
    complaints = tuple(
        f"expected_failures.toml: {entry.case!r} is no case"
        for entry in unknown_entries(own, names)
    )
    return Report(engine_name, engine.versions(), results, complaints)
