"""`lattice-embed info`: a model -> what it does with a text, and which of its files says so."""

from __future__ import annotations

from collections.abc import Sequence

import click
from lattice_models import Setting

from ..effective_settings import effective_settings
from .json_output import print_json
from .printable import printable

__all__ = ["info"]


@click.command()
@click.argument("model")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each setting.")
def info(model: str, as_json: bool) -> None:
    """Show the settings of MODEL and their files.

    All that decides about vectors, and which file says so. MODEL is downloaded if it is not here.
    Of one that cannot be loaded, the reasons are told too, and the exit code is 1.

    \b
    Examples:
      lattice-embed info bge-small
      lattice-embed info ./my-model --json
    """
    effective = effective_settings(model)
    if as_json:
        for setting in effective.settings:
            print_json(vars(setting))
    else:
        _show(effective.settings)
    if effective.problems:
        raise click.ClickException("\n".join(("it cannot be loaded.", *effective.problems)))


def _show(settings: Sequence[Setting]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("from", overflow="fold")
    for setting in settings:
        name, value = setting.name, setting.value
        told = repr(value) if name.endswith("instruction") else printable(str(value))
        if told == "''":
            told = "none"
        table.add_row(
            Text(name, style="bold"),
            Text(told, style="dim" if told == "none" else "green"),
            Text(printable(setting.source), style="cyan"),
        )
    Console(highlight=False).print(table)
