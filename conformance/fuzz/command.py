"""`python -m conformance fuzz`: what it does, from options to an exit code."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from ..add import AddError, add_case, open_case_set
from ..engines import open_engine
from ..oracle import Oracle
from .fuzzing import Failure, Fuzzer, Totals
from .runs import keep_run
from .subjects import OPENERS, Open, Subject, from_fixture, made, names_of_fixtures
from .told import as_case, told_failure, told_totals, why

__all__ = ["fuzz"]

_STRINGS_PER_MADE = 60  # a generated tokenizer is asked so many, then comes the next


def fuzz(
    names: tuple[str, ...],
    *,
    generated: bool,
    first: int,
    engine: str,
    strings: int,
    seed: int,
    seconds: float | None,
    failures: int,
    save: str | None,
    keep: bool = False,
) -> bool:
    """Whether the engine gave the oracle's answers to every string, and there were some.

    Without `names`, and unless only generated ones are asked for: the tokenizers of the fixtures.
    """
    if engine not in OPENERS:
        known = ", ".join(OPENERS)
        raise click.ClickException(f"engine: expected one of {known}, received {engine!r}")
    if strings < 1:
        raise click.ClickException(f"strings: expected at least 1, received {strings}")
    passed = True
    runs: list[tuple[str, Iterator[Subject] | list[Subject], int]] = []
    for name in names or ([] if generated else names_of_fixtures()):
        try:
            runs.append((name, [from_fixture(name)], strings))
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    if generated:
        share = min(strings, _STRINGS_PER_MADE)
        count = -(-strings // share)
        numbers = itertools.islice(itertools.count(first), count)
        runs.append(("made", (made(seed, number) for number in numbers), share))
    for name, subjects, share in runs:
        batch = 20 if name == "made" else 200
        fuzzer = Fuzzer(
            OPENERS["tokenizers"],
            OPENERS[engine],
            seed=seed,
            seconds=seconds,
            failures=failures,
            failures_each=1 if name == "made" else failures,
            batch=batch,
        )
        try:
            with _quiet_panics():
                totals = fuzzer.run(subjects, share)
        except ImportError as error:
            raise click.ClickException(f"engine: it needs {error.name}, not installed") from error
        _tell(totals, name, engine, seed)
        if keep:
            keep_run(totals, name, engine, _versions(engine), seed)
        for failure in totals.failures if save else ():
            assert save is not None
            _save(failure, save.removeprefix("tokenizer/"), seed)
        passed = passed and totals.passed
    return passed


def _versions(engine: str) -> dict[str, str]:
    """Of the oracle and of the engine."""
    return {**open_engine("tokenizers").versions(), **open_engine(engine).versions()}


@contextmanager
def _quiet_panics() -> Iterator[None]:
    """Nothing on standard error: Rust writes a page there for every panic, which are counted."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # one core, one order
    sys.stderr.flush()
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def _tell(totals: Totals, name: str, engine: str, seed: int) -> None:
    for failure in totals.failures:
        for line in told_failure(failure, engine, seed):
            click.echo(line)
    click.echo(f"{told_totals(totals, name)}, seed {seed}")
    if totals.complaint:
        click.echo(f"FAILED {totals.complaint}", err=True)


def _save(failure: Failure, subject: str, seed: int) -> None:
    asked = as_case(failure)
    if asked is None:
        click.echo("not saved: no case can say this", err=True)
        return
    try:
        case_set = open_case_set("tokenizer", subject)
        told = why(failure, seed)
        case = add_case(case_set, asked, tags=[failure.tag], why=told, oracle=Oracle())
    except AddError as error:
        click.echo(f"not saved: {error}", err=True)
        return
    click.echo(f"saved tokenizer/{subject}/{case.id}")


def fuzz_mutants(names: tuple[str, ...], *, strings: int, seed: int) -> bool:
    """Whether the wrong tokenizers of `conformance/mutants` are caught, all or those of `names`."""
    from ..mutants.wrong_tokenizer_files import WRONG_TOKENIZER_FILES

    survivors = asked = 0
    for mutant in WRONG_TOKENIZER_FILES:
        (name,) = mutant.subjects
        if names and name not in names:
            continue
        asked += 1
        subject = from_fixture(name)
        with mutant.patch():
            bent = _bent(name)
        fuzzer = Fuzzer(OPENERS["tokenizers"], _opens(bent), seed=seed, failures=1)
        with _quiet_panics():
            totals = fuzzer.run([subject], strings)
        told = "SURVIVED"
        if totals.failures:
            failure = totals.failures[0]
            told = f"{totals.strings:>6} strings: {failure.difference.field}, {failure.sample!a}"
        survivors += not totals.failures
        click.echo(f"{mutant.name:<44} {told[:120]}")
    click.echo(f"caught {asked - survivors} of {asked}, seed {seed}")
    return asked > 0 and survivors == 0


def _opens(tokenizer: Any) -> Open:
    return lambda _: tokenizer


def _bent(subject: str) -> Any:
    """The oracle as the mutant that is in force has it."""
    from ..engines import hugging_face

    return hugging_face.open_tokenizer(subject, as_filed=True)
