"""`lattice-embed models` and `pull`: what there is, and bringing it here."""

from __future__ import annotations

import click

from ..catalog import DEFAULT_MODEL, MODELS
from ..model_files import is_present, locate_model

__all__ = ["models", "pull"]


@click.command()
def models() -> None:
    """List the models that are known by name.

    Any other sentence-transformers model works by its hub id or its directory, as far as its
    architecture is supported.
    """
    click.echo(f"{'NAME':<39}{'NUMBERS':>8}{'TOKENS':>8}  {'POOLING':<10}HERE")
    for record in MODELS:
        here = "yes" if is_present(record) else "-"
        mark = " *" if record.name == DEFAULT_MODEL else ""
        click.echo(
            f"{record.name + mark:<39}{record.dimensions:>8}{record.max_tokens:>8}"
            f"  {record.pooling:<10}{here}"
        )
    click.echo("* the default")


@click.command()
@click.argument("model")
def pull(model: str) -> None:
    """Download MODEL, check it, and print the directory that holds it."""
    click.echo(locate_model(model).directory)
