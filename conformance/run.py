"""An engine and the cases -> one outcome per case, and whether the run as a whole may count.

Five outcomes: pass, fail, error (the engine raised), expected failure (in the ledger), unsupported
(the engine does not claim it; counted and shown, never a pass). A pass of an engine that claims
some keys only is a pass in part: it is counted apart, and a run with such passes has not passed
unless the caller says that parts will do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .cases import ERROR_KEY, Case, CaseSet
from .compare import Distance, compare
from .engines import Engine, EngineBrokenError, Question, UnsupportedError, claims_of
from .ledger import Entry, unknown_entries
from .tolerance import limit_of

__all__ = ["CaseResult", "Outcome", "Report", "case_name", "judge", "question", "run", "smoke"]

# what an engine may leave out of an answer without claiming anything: unclaimed, then
_OPTIONAL_KEYS = frozenset({"offsets"})


class Outcome(Enum):
    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    EXPECTED_FAILURE = "expected failure"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class CaseResult:
    """`message` says why a case is no pass; `expected` and `received` are there where it failed.

    `unclaimed`: the keys of the expectation that were not held against anything.
    """

    name: str
    tags: tuple[str, ...]
    outcome: Outcome
    message: str = ""
    distance: Distance | None = None
    expected: dict[str, Any] | None = None
    received: dict[str, Any] | None = None
    unclaimed: tuple[str, ...] = ()

    @property
    def in_part(self) -> bool:
        """Whether it is a pass of some keys only."""
        return self.outcome is Outcome.PASS and bool(self.unclaimed)


@dataclass(frozen=True)
class Report:
    """A run. `complaints` are what is wrong beside the cases, the ledger for one.

    `parts_will_do`: the caller has said that passes in part count.
    """

    engine: str
    versions: dict[str, str]
    results: tuple[CaseResult, ...]
    complaints: tuple[str, ...]
    parts_will_do: bool = False

    def counts(self) -> Counter[Outcome]:
        return Counter(result.outcome for result in self.results)

    @property
    def in_part(self) -> int:
        """How many passes are of some keys only."""
        return sum(result.in_part for result in self.results)

    @property
    def passed(self) -> bool:
        """Nothing failed, nothing is wrong with the ledger, and something was tested, in full."""
        counts = self.counts()
        bad = counts[Outcome.FAIL] + counts[Outcome.ERROR] + len(self.complaints)
        in_full = self.parts_will_do or not self.in_part
        return bad == 0 and counts[Outcome.PASS] > 0 and in_full


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
    given = {ERROR_KEY, "ids"} if case_set.stage == "vectors" else {ERROR_KEY}
    expect = {key: value for key, value in case.expect.items() if key not in given}
    distance, answer = None, None
    unclaimed: tuple[str, ...] = ()
    claimed = claims_of(engine).get(case_set.stage, frozenset(expect))
    try:
        answer = engine.ask(question(case_set, case))
        claimed -= _OPTIONAL_KEYS - answer.keys()
        unclaimed = tuple(key for key in expect if key not in claimed)
        held = {key: value for key, value in expect.items() if key in claimed}
        verdict = compare(held, answer, limit_of(case_set, case))
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
        return CaseResult(name, case.tags, outcome, message, distance, unclaimed=unclaimed)
    return CaseResult(name, case.tags, outcome, message, distance, expect, answer, unclaimed)


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
    engine_name: str,
    engine: Engine,
    case_sets: Sequence[CaseSet],
    ledger: Sequence[Entry],
    *,
    parts_will_do: bool = False,
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
    return Report(engine_name, engine.versions(), results, complaints, parts_will_do)
