"""All mutants -> which of them the suite catches, and by which case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..cases import CaseSet, read_case_sets
from ..engines import EngineBrokenError
from ..engines.lattice import LatticeEngine
from ..ledger import Entry
from ..run import CaseResult, Outcome, case_name, run
from .mutant import SMALL_SUBJECTS, Mutant
from .wrong_encoders import WRONG_ENCODERS
from .wrong_services import WRONG_SERVICES
from .wrong_tokenizer_files import WRONG_TOKENIZER_FILES
from .wrong_tokenizers import WRONG_TOKENIZERS

__all__ = ["MUTANTS", "Catch", "hunt", "ledger_is_strict"]


def _asked(mutants: Sequence[Mutant], *stages: str) -> Iterator[Mutant]:
    return (replace(mutant, stages=stages) for mutant in mutants)


MUTANTS: tuple[Mutant, ...] = (
    *_asked(WRONG_TOKENIZERS, "tokenizer", "service"),
    *_asked(WRONG_TOKENIZER_FILES, "tokenizer"),
    *_asked(WRONG_ENCODERS, "vectors", "service"),
    *_asked(WRONG_SERVICES, "service"),
)


@dataclass(frozen=True)
class Catch:
    """`by`: a case that must notice this mutant and did; empty if none did."""

    mutant: Mutant
    by: str
    failures: int


def _case_sets(subjects: Sequence[str], stages: Sequence[str]) -> list[CaseSet]:
    return [s for s in read_case_sets() if s.subject in subjects and s.stage in stages]


def _notices(result: CaseResult, mutant: Mutant) -> bool:
    bad = result.outcome in (Outcome.FAIL, Outcome.ERROR)
    return bad and (mutant.caught_by in result.tags or result.name.startswith(mutant.caught_by))


def hunt(mutants: Sequence[Mutant] = MUTANTS) -> Iterator[Catch]:
    """Run the suite against each mutant."""
    for mutant in mutants:
        case_sets = _case_sets(mutant.subjects, mutant.stages)
        with mutant.patch():
            try:
                report = run("mutant", mutant.engine(), case_sets, ())
            except EngineBrokenError as error:  # nothing was tested, and the run says so
                first_line = str(error).splitlines()[0]
                yield Catch(mutant, "" if mutant.caught_by else f"the smoke check, {first_line}", 0)
                continue
        noticed = [result.name for result in report.results if _notices(result, mutant)]
        failures = sum(r.outcome in (Outcome.FAIL, Outcome.ERROR) for r in report.results)
        caught = noticed and not report.passed
        yield Catch(mutant, noticed[0] if caught else "", failures)


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
