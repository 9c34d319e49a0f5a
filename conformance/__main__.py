"""`python -m conformance`: the suite's own commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .engines.protocol import MAIN_KEYS
from .fixtures import ROOT, OptOutRefusedError, absent, read_manifest, report_missing
from .telling import TELLING


@click.group()
def main() -> None:
    """Fixtures, cases and goldens of the suite. The tests themselves run under pytest."""


@main.command()
def provision() -> None:
    """Bring every fixture, from the DVC storage or from its sources."""
    from .provision import provision as bring

    try:
        complete = bring()
    except OptOutRefusedError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(0 if complete else 1)


@main.command()
@click.option("--check", is_flag=True, help="Write nothing: ask twice and compare with the files.")
@click.option("--subject", "subjects", multiple=True, help="Only this one; may be repeated.")
def record(subjects: tuple[str, ...], *, check: bool) -> None:
    """Ask the oracle for the expectation of every case, and write the case files anew."""
    from .record import check_all, record_all

    if check:
        sys.exit(0 if check_all(subjects) else 1)
    record_all(subjects)


@main.command()
@click.option("--engine", "name", default="lattice", show_default=True,
              help="A name, or stdio:COMMAND for an engine in any language.")  # fmt: skip
@click.option("--stage", "stages", multiple=True, type=click.Choice(tuple(MAIN_KEYS)),
              help="Only this stage; may be repeated.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Also write the whole report to this file.")  # fmt: skip
@click.option("--in-part", is_flag=True, help="Let an engine pass that claims some keys only.")
def run(name: str, stages: tuple[str, ...], json_file: Path | None, *, in_part: bool) -> None:
    """Hold an engine against every case.

    Exit codes: 0 passed, 1 a case failed, nothing was tested or some keys were not claimed, 2 the
    adapter itself is broken.
    """
    from .cases import read_case_sets
    from .engines import EngineBrokenError, open_engine
    from .ledger import of_stages, read_ledger
    from .report import as_json, summary
    from .run import run as run_cases

    missing = absent(read_manifest())
    if missing:
        raise click.ClickException("fixtures are missing.\n" + report_missing(missing, {}))
    asked = stages or tuple(MAIN_KEYS)
    case_sets = [case_set for case_set in read_case_sets() if case_set.stage in asked]
    ledger = of_stages(read_ledger(), asked)
    try:
        engine = open_engine(name)
        try:
            report = run_cases(name, engine, case_sets, ledger, parts_will_do=in_part)
        finally:
            engine.stop()
    except EngineBrokenError as error:
        click.echo(f"The adapter is broken: {error}", err=True)
        sys.exit(2)
    for line in summary(report):
        click.echo(line)
    if json_file:
        json_file.write_text(as_json(report), encoding="utf-8")
    sys.exit(0 if report.passed else 1)


@main.command()
@click.option("--badges", "badges_folder", type=click.Path(file_okay=False, path_type=Path),
              help="Write a badge of how many were caught.")  # fmt: skip
def mutants(badges_folder: Path | None) -> None:
    """Run the suite against deliberately wrong engines; exit 1 if one of them passes.

    After each: the case that noticed it first, and how many of those asked did.
    """
    from .badges import mutants_badge, write_badges
    from .mutants import MUTANTS, hunt, ledger_is_strict, missed_by_right_engine

    survivors = 0
    for catch in hunt():
        name = f"{catch.mutant.defect:<4}{catch.mutant.name}"
        told = (
            f"caught by {catch.by} ({catch.noticed} of {catch.asked})" if catch.by else "SURVIVED"
        )
        click.echo(f"{name:<44} {told}")
        survivors += not catch.by
    strict = ledger_is_strict()
    click.echo(f"{'F11 ledger-that-hides':<44} {'caught by the ledger' if strict else 'SURVIVED'}")
    survivors += not strict
    count = len(MUTANTS) + 1
    click.echo(f"caught {count - survivors} of {count}")
    if badges_folder:
        write_badges(badges_folder, mutants_badge(count - survivors, count))
    missed = missed_by_right_engine()
    for name in missed:
        click.echo(f"the engine itself fails {name}, so nothing is told there", err=True)
    sys.exit(1 if survivors or missed else 0)


@main.command()
@click.argument("name")
def serve(name: str) -> None:
    """Answer questions on standard input for engine NAME: the far side of stdio:COMMAND."""
    from .engines import open_engine
    from .engines.stdio import serve as answer

    answer(open_engine(name), sys.stdin, sys.stdout)


@main.command()
def lint() -> None:
    """Check the case files and the ledger: form, provenance, tags, duplicates, links.

    Needs no fixtures.
    """
    from .cases import read_case_sets
    from .ledger import LEDGER
    from .lint import lint as problems_of

    problems = problems_of(ledger=LEDGER)
    for problem in problems:
        click.echo(f"{problem.path.relative_to(ROOT)}:{problem.line}: {problem.message}", err=True)
    if problems:
        sys.exit(1)
    case_sets = read_case_sets()
    cases = sum(len(case_set.cases) for case_set in case_sets)
    click.echo(f"{cases} cases in {len(case_sets)} sets are as they must be.")


@main.command("format")
def format_() -> None:
    """Rewrite the case files in canonical form, with true counts. Needs no fixtures."""
    from .format import format_cases

    try:
        changed = format_cases()
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    for path in changed:
        click.echo(f"formatted {path.relative_to(ROOT)}")


@main.command()
@click.argument("stage")
@click.argument("subject")
@click.argument("text")
@click.option("--tag", "tags", multiple=True, required=True, help="One of cases/tags.toml.")
@click.option("--why", required=True, help="Why the case exists.")
@click.option("--pair", help="A second text, for tokenizer.")
@click.option("--max-tokens", type=int, help="Cut to this many, special tokens included.")
@click.option("--as-filed", is_flag=True, help="Cut and pad as tokenizer.json asks for it.")
@click.option("--role", help="What a text is for, for service: generic, query or passage.")
@click.option("--escaped", is_flag=True, help=r"The texts are written with escapes: a\u3099.")
@click.option("--id", "case_id", help="Otherwise made of the first tag and the text.")
def add(
    stage: str,
    subject: str,
    text: str,
    *,
    tags: tuple[str, ...],
    why: str,
    pair: str | None,
    max_tokens: int | None,
    as_filed: bool,
    role: str | None,
    escaped: bool,
    case_id: str | None,
) -> None:
    """Add TEXT as a case, with what the oracle says of it, and show what Lattice says.

    STAGE is tokenizer, vectors or service.
    """
    from .add import AddError, add_case, open_case_set, unescaped
    from .engines import EngineBrokenError, open_engine
    from .oracle import Oracle
    from .run import case_name, question
    from .side_by_side import side_by_side
    from .tolerance import limit_of

    try:
        case_set = open_case_set(stage, subject)
        written = unescaped if escaped else str
        given: dict[str, Any] = {
            "text": written(text),
            "pair": None if pair is None else written(pair),
            "max_tokens": max_tokens,
            "as_filed": as_filed or None,
            "role": role,
        }
        asked = {field: value for field, value in given.items() if value is not None}
        _require_fixture(case_set.subject)
        case = add_case(case_set, asked, tags=tags, why=why, oracle=Oracle(), case_id=case_id)
    except (AddError, EngineBrokenError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"added {case_name(case_set, case)}")
    assert case.expect is not None
    expect = dict(case.expect)
    if stage == "vectors":
        del expect["ids"]  # which the engine is given
    try:
        received = open_engine("lattice").ask(question(case_set, case))
    except Exception as error:  # whatever it is, it is what this engine says of the case
        click.echo(f"!= lattice: {type(error).__name__}: {error}")
        return
    for line in side_by_side(expect, received, name="lattice", limit=limit_of(case_set, case)):
        click.echo(line)


@main.command()
@click.option("--tokenizer", "names", multiple=True,
              help="A folder of fixtures, or a tokenizer.json; otherwise all.")  # fmt: skip
@click.option("--made", "generated", is_flag=True, help="Generated tokenizers of all components.")
@click.option("--first", default=0, help="The number of the first generated tokenizer.")
@click.option("--engine", default="lattice", show_default=True, help="Or tokenizers, itself.")
@click.option("--strings", default=20_000, show_default=True,
              help="For each tokenizer; of --made in all.")  # fmt: skip
@click.option("--seed", default=0, show_default=True)
@click.option("--seconds", type=float, help="Stop after so many, whatever is left.")
@click.option("--failures", default=3, show_default=True, help="Stop after so many differences.")
@click.option("--save", metavar="SET",
              help="Add what fails as cases of this set, all-minilm-l6-v2.")  # fmt: skip
@click.option("--keep", is_flag=True, help="Append what was counted to fuzz/runs.jsonl.")
@click.option("--mutants", "of_mutants", is_flag=True,
              help="Fuzz wrong engines: all must be caught.")  # fmt: skip
def fuzz(names: tuple[str, ...], *, of_mutants: bool, **options: Any) -> None:
    """Hold an engine against the oracle on generated texts.

    Exit codes: 0 all answers are the oracle's, 1 one is not, or nothing was compared.
    """
    from .fuzz.command import fuzz as run_fuzz
    from .fuzz.command import fuzz_mutants

    if of_mutants:
        passed = fuzz_mutants(names, strings=options["strings"], seed=options["seed"])
    else:
        passed = run_fuzz(names, **options)
    sys.exit(0 if passed else 1)


def _require_fixture(subject: str) -> None:
    """That every file of a subject is there, with the pinned bytes, if they are fixtures at all."""
    own = [f for f in read_manifest() if f.file.path.startswith(f"{subject}/")]
    missing = absent(own)
    if missing:
        raise click.ClickException("fixtures are missing.\n" + report_missing(missing, {}))


for command in TELLING:
    main.add_command(command)
main()
