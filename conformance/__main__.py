"""`python -m conformance`: the suite's own commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .fixtures import OptOutRefusedError, absent, read_manifest, report_missing


@click.group()
def main() -> None:
    """Fixtures and goldens of the conformance suite. The tests themselves run under pytest."""


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
def record(check: bool) -> None:
    """Ask the oracle for the expectation of every case, and write the case files anew."""
    from .record import check_all, record_all

    if check:
        sys.exit(0 if check_all() else 1)
    record_all()


@main.command()
@click.option("--engine", "name", default="lattice", show_default=True,
              help="A name, or stdio:COMMAND for an engine in any language.")  # fmt: skip
@click.option("--stage", "stages", multiple=True, help="Only this stage; may be repeated.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Also write the whole report to this file.")  # fmt: skip
def run(name: str, stages: tuple[str, ...], json_file: Path | None) -> None:
    """Hold an engine against every case.

    Exit codes: 0 passed, 1 a case failed or nothing was tested, 2 the adapter itself is broken.
    """
    from .cases import read_case_sets
    from .engines import EngineBrokenError, open_engine
    from .ledger import read_ledger
    from .report import as_json, summary
    from .run import run as run_cases

    missing = absent(read_manifest())
    if missing:
        raise click.ClickException("fixtures are missing.\n" + report_missing(missing, {}))
    case_sets = [s for s in read_case_sets() if not stages or s.stage in stages]
    try:
        engine = open_engine(name)
        try:
            report = run_cases(name, engine, case_sets, read_ledger())
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
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--html", "html_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Write one self-contained page.")  # fmt: skip
@click.option("--junit", "junit_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Write JUnit XML.")  # fmt: skip
def report(files: tuple[Path, ...], html_file: Path | None, junit_file: Path | None) -> None:
    """Turn FILES that `run --json` wrote, one per engine, into a page or JUnit XML."""
    from .report_page import html_page, junit_xml

    reports = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    if html_file:
        html_file.write_text(html_page(reports), encoding="utf-8")
    if junit_file:
        junit_file.write_text(junit_xml(reports), encoding="utf-8")


@main.command()
def mutants() -> None:
    """Run the suite against deliberately wrong engines; exit 1 if one of them passes."""
    from .mutants import MUTANTS, hunt, ledger_is_strict

    survivors = 0
    for catch in hunt():
        name = f"{catch.mutant.defect:<4}{catch.mutant.name}"
        told = f"caught by {catch.by} ({catch.failures} failures)" if catch.by else "SURVIVED"
        click.echo(f"{name:<44} {told}")
        survivors += not catch.by
    strict = ledger_is_strict()
    click.echo(f"{'F11 ledger-that-hides':<44} {'caught by the ledger' if strict else 'SURVIVED'}")
    survivors += not strict
    click.echo(f"caught {len(MUTANTS) + 1 - survivors} of {len(MUTANTS) + 1}")
    sys.exit(1 if survivors else 0)


@main.command()
@click.argument("name")
def serve(name: str) -> None:
    """Answer questions on standard input for engine NAME: the far side of stdio:COMMAND."""
    from .engines import open_engine
    from .engines.stdio import serve as answer

    answer(open_engine(name), sys.stdin, sys.stdout)


main()
