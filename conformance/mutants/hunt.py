"""All mutants -> which of them the suite catches, and by which case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..cases import CaseSet, read_case_sets
from ..engines import Engine, EngineBrokenError, Question
from ..engines.lattice import LatticeEngine
from ..ledger import Entry
from ..run import CaseResult, Outcome, case_name, judge, run, smoke
from .bend_tokenizer import read_once
from .mutant import SMALL_SUBJECTS, Mutant
from .wrong_bpe import WRONG_BPE
from .wrong_cache_files import WRONG_CACHE_FILES
from .wrong_cache_keys import WRONG_CACHE_KEYS
from .wrong_encoders import WRONG_ENCODERS
from .wrong_fast_ways import WRONG_FAST_WAYS
from .wrong_model_files import WRONG_MODEL_FILES
from .wrong_offsets import WRONG_OFFSETS
from .wrong_rotary_encoders import WRONG_ROTARY_ENCODERS
from .wrong_services import WRONG_SERVICES
from .wrong_tokenizer_files import WRONG_TOKENIZER_FILES
from .wrong_tokenizers import WRONG_TOKENIZERS
from .wrong_unigram import WRONG_UNIGRAM

__all__ = [
    "MUTANTS",
    "Catch",
    "hunt",
    "ledger_is_strict",
    "may_notice",
    "missed_by_right_engine",
]

# A mutant that so many cases have noticed is not asked more.
_ENOUGH = 3
# What a mutant raises that no longer fits the engine: it would be caught, but not for its fault.
_BENT_WHERE_NOTHING_IS = ("TypeError", "AttributeError", "NameError", "ImportError")


def _asked(mutants: Sequence[Mutant], *stages: str) -> Iterator[Mutant]:
    return (replace(mutant, stages=stages) for mutant in mutants)


MUTANTS: tuple[Mutant, ...] = (
    *_asked(WRONG_TOKENIZERS, "tokenizer"),
    *_asked(WRONG_BPE, "tokenizer"),
    *_asked(WRONG_UNIGRAM, "tokenizer"),
    *_asked(WRONG_TOKENIZER_FILES, "tokenizer"),
    *_asked(WRONG_FAST_WAYS, "tokenizer"),
    *(replace(mutant, offsets=True) for mutant in _asked(WRONG_OFFSETS, "tokenizer")),
    *_asked(WRONG_ENCODERS, "vectors", "service"),
    *_asked(WRONG_ROTARY_ENCODERS, "vectors"),
    *_asked(WRONG_SERVICES, "service"),
    *_asked(WRONG_MODEL_FILES, "model_files"),
    *_asked(WRONG_CACHE_KEYS, "cache_key"),
    *_asked(WRONG_CACHE_FILES, "cache_file"),
)


@dataclass(frozen=True)
class Catch:
    """`by`: the first case that must notice this mutant and did; empty if none did.

    `noticed` of the `asked` cases failed, all of which must notice it.
    """

    mutant: Mutant
    by: str
    noticed: int = 0
    asked: int = 0


def _case_sets(subjects: Sequence[str], stages: Sequence[str]) -> list[CaseSet]:
    return [s for s in read_case_sets() if s.subject in subjects and s.stage in stages]


def may_notice(mutant: Mutant, case_sets: Sequence[CaseSet]) -> list[CaseSet]:
    """Those of the cases that must notice this mutant, or some of them."""
    chosen = []
    for case_set in case_sets:
        if case_set.subject in mutant.subjects and case_set.stage in mutant.stages:
            cases = [
                case
                for case in case_set.cases
                if mutant.caught_by in case.tags
                or case_name(case_set, case).startswith(mutant.caught_by)
            ]
            if cases:
                chosen.append(replace(case_set, cases=tuple(cases)))
    return chosen


class _WithoutOffsets:
    """An engine whose offsets nobody looks at.

    Who bends a normalizer bends the places of what it gives as well: its mutant must be caught for
    its ids or tokens.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def versions(self) -> dict[str, str]:
        return self._engine.versions()

    def ask(self, question: Question) -> dict[str, Any]:
        answer = self._engine.ask(question)
        return {key: value for key, value in answer.items() if key != "offsets"}

    def stop(self) -> None:
        self._engine.stop()


def _judged(engine: Engine, case_sets: Sequence[CaseSet]) -> Iterator[CaseResult]:
    return (judge(engine, case_set, case, ()) for case_set in case_sets for case in case_set.cases)


def _is_noticed(result: CaseResult) -> bool:
    if result.outcome is Outcome.ERROR:
        return not result.message.startswith(_BENT_WHERE_NOTHING_IS)
    return result.outcome is Outcome.FAIL


def _told_by_smoke(engine: Engine, case_sets: Sequence[CaseSet]) -> str:
    """Where nothing is tested, no case can fail; but the run must not pass."""
    try:
        smoke(engine, case_sets)
    except EngineBrokenError as error:
        return f"the smoke check, {str(error).splitlines()[0]}"
    return ""


def hunt(mutants: Sequence[Mutant] = MUTANTS) -> Iterator[Catch]:
    """Ask each mutant the cases that must notice it, until enough of them have."""
    all_case_sets = read_case_sets()
    for mutant in mutants:
        case_sets = may_notice(mutant, all_case_sets)
        asked = 0
        noticed: list[str] = []
        with read_once(), mutant.patch():
            engine = mutant.engine()
            if not mutant.offsets:
                engine = _WithoutOffsets(engine)
            if not mutant.caught_by:
                yield Catch(mutant, _told_by_smoke(engine, case_sets))
                continue
            for result in _judged(engine, case_sets):
                asked += 1
                if _is_noticed(result):
                    noticed.append(result.name)
                if len(noticed) == _ENOUGH:
                    break
        yield Catch(mutant, noticed[0] if noticed else "", len(noticed), asked)


def missed_by_right_engine() -> list[str]:
    """The cases that the engine fails as it is: what mutants do there says nothing.

    Asked after the mutants, it also finds what one of them has left behind.
    """
    asked = {(subject, stage) for m in MUTANTS for subject in m.subjects for stage in m.stages}
    case_sets = [s for s in read_case_sets() if (s.subject, s.stage) in asked]
    with read_once():
        results = _judged(LatticeEngine(), case_sets)
        return [result.name for result in results if result.outcome is not Outcome.PASS]


def ledger_is_strict() -> bool:
    """F11: a ledger that lists cases which pass, beside one that names no case, fails the run."""
    (case_set,) = _case_sets(SMALL_SUBJECTS[:1], ("service",))
    name = case_name(case_set, case_set.cases[0])
    engine = LatticeEngine()
    for wrong in (name, "service/no/case"):
        entry = Entry("lattice", wrong, "a mutant", "none", "2026.11")
        if run("lattice", engine, [case_set], [entry]).passed:
            return False
    return run("lattice", engine, [case_set], []).passed
