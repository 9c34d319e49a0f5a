"""The commands that tell of the suite and its runs: pages, badges, numbers, coverage, exports."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

__all__ = ["TELLING"]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--html", "html_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Write one self-contained page.")  # fmt: skip
@click.option("--junit", "junit_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Write JUnit XML.")  # fmt: skip
@click.option("--badges", "badges_folder", type=click.Path(file_okay=False, path_type=Path),
              help="Write a badge for each engine.")  # fmt: skip
def report(
    files: tuple[Path, ...],
    html_file: Path | None,
    junit_file: Path | None,
    badges_folder: Path | None,
) -> None:
    """Turn FILES that `run --json` wrote, one per engine, into a page, JUnit XML or badges."""
    from .badges import case_badges, write_badges
    from .cases import read_case_sets
    from .coverage import coverage
    from .fuzz.subjects import OPENERS
    from .report_page import html_page, junit_xml

    reports = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    if html_file:
        covered = coverage(read_case_sets("tokenizer"), OPENERS["lattice"])
        html_file.write_text(html_page(reports, covered), encoding="utf-8")
    if junit_file:
        junit_file.write_text(junit_xml(reports), encoding="utf-8")
    if badges_folder:
        write_badges(badges_folder, case_badges(reports))


@click.command()
def numbers() -> None:
    """How large the suite is: the numbers that the README quotes."""
    from .numbers import numbers as counted

    for number, what in counted():
        click.echo(f"{number:>8,} {what}")


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
def export_(folder: Path) -> None:
    """Write cases, schemas, ledger and version into a new FOLDER, for other repositories."""
    from .export import ExportError, export

    try:
        count = export(folder)
    except ExportError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count} files are in {folder}.")


@click.command("coverage")
def coverage_() -> None:
    """Which cases notice each component and option of tokenizer.json; exit 1 if none does.

    Needs no fixtures: it looks at the small tokenizers that lie beside their cases.
    """
    from .cases import read_case_sets
    from .coverage import coverage
    from .fuzz.subjects import OPENERS

    told = coverage(read_case_sets("tokenizer"), OPENERS["lattice"])
    for row in told.rows:
        click.echo(f"{len(row.cases):>5} {row.part!s:<56} {' '.join(row.subjects)}")
    for row in told.rows:
        if not row.cases:
            click.echo(f"{row.part}: no case notices it", err=True)
        for gap in row.gaps if row.cases else ():
            click.echo(f"{row.part}: no case tells it from {gap}", err=True)
    noticed = sum(bool(row.cases) and not row.gaps for row in told.rows)
    click.echo(f"{noticed} of {len(told.rows)} parts are noticed")
    sys.exit(0 if told.complete else 1)


TELLING = (report, numbers, coverage_, export_)
