"""`python -m conformance`: the suite's own commands."""

from __future__ import annotations

import sys

import click

from .fixtures import OptOutRefusedError


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


main()
