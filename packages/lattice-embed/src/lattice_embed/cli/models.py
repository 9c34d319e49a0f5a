"""`lattice-embed models` and `pull`: what there is, and bringing it here."""

from __future__ import annotations

import click

from ..catalog import DEFAULT_MODEL, MODELS
from ..model_files import is_present, locate_model
from .json_output import print_json

__all__ = ["models", "pull"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each model.")
def models(as_json: bool) -> None:
    """List the catalog: models that are known by name.

    Any other sentence-transformers model works by its hub id or its directory, as far as its
    architecture is supported. `lattice-embed info MODEL` says more about one.

    \b
    Examples:
      lattice-embed models
      lattice-embed models --json
    """
    if as_json:
        for record in MODELS:
            fields = {
                "name": record.name,
                "aliases": record.aliases,
                "hub_id": record.hub_id,
                "dimensions": record.dimensions,
                "max_tokens": record.max_tokens,
                "pooling": record.pooling,
                "query_instruction": record.query_instruction,
                "passage_instruction": record.passage_instruction,
                "here": is_present(record),
            }
            print_json(fields)
        return
    click.echo(f"{'NAME':<39}{'NUMBERS':>8}{'TOKENS':>8}  {'POOLING':<11}HERE")
    for record in MODELS:
        here = "yes" if is_present(record) else "-"
        mark = " *" if record.name == DEFAULT_MODEL else ""
        click.echo(
            f"{record.name + mark:<39}{record.dimensions:>8}{record.max_tokens:>8}"
            f"  {record.pooling:<11}{here}"
        )
    click.echo("* the default")


@click.command()
@click.argument("model")
def pull(model: str) -> None:
    """Download MODEL, check it, print its directory.

    \b
    Example:
      lattice-embed pull bge-small
    """
    click.echo(locate_model(model).directory)
