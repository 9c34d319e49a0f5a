"""A value -> one line of JSON on standard output, in UTF-8 whatever the terminal speaks."""

from __future__ import annotations

import json

import click

__all__ = ["print_json"]


def print_json(value: object) -> None:
    """Print `value` as one line."""
    click.echo(json.dumps(value, ensure_ascii=False).encode("utf-8"))
