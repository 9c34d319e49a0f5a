"""`lattice-embed verify`: are the files of a model still what was published?"""

from __future__ import annotations

import sys

import click

from ..catalog import MODELS
from ..model_files import places
from ..verification import repair_model, verify_model

__all__ = ["verify"]


@click.command()
@click.argument("models", metavar="[MODEL]...", nargs=-1)
@click.option("--repair", is_flag=True, help="Download again what is wrong or missing.")
def verify(models: tuple[str, ...], repair: bool) -> None:
    """Check the files of MODELS against their hashes.

    Names those that are not as published.

    Without MODELS: all models of the catalog that are on this machine. Without --repair no
    connection is opened. Exit codes: 0 all files are right, or are now; 1 some are not.

    \b
    Examples:
      lattice-embed verify
      lattice-embed verify bge-small --repair
    """
    names = models or tuple(r.name for r in MODELS if next(places(r), None) is not None)
    if not names:
        click.echo("No model of the catalog is on this machine.", err=True)
    wrong = 0
    for name in names:
        for checked in repair_model(name) if repair else verify_model(name):
            wrong += bool(checked.problems)
            state = "wrong" if checked.problems else "right"
            click.echo(f"{state}  {name}  {checked.directory or '-'}  {checked.hashed} hashes")
            for problem in checked.problems:
                click.echo(f"  {problem}", err=True)
    sys.exit(1 if wrong else 0)
