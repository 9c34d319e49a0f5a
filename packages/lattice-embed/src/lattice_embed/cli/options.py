"""Options that several commands share."""

from __future__ import annotations

import click

from ..catalog import DEFAULT_MODEL

__all__ = ["model_option"]

model_option = click.option(
    "--model",
    "-m",
    default=DEFAULT_MODEL,
    show_default=True,
    help="A name of `lattice-embed models`, a hub id (owner/name) or a directory.",
)
