"""A mistake -> what is printed of it; on a terminal, lines that are broken between words.

A terminal would break them anywhere. Where standard error is none they stay whole, so that logs can
be searched.
"""

from __future__ import annotations

import io
import shutil
import sys
import textwrap

import click

__all__ = ["tell", "wrapped"]


def tell(error: click.ClickException) -> None:
    """Print what click prints of `error`, in lines that fit."""
    told = io.StringIO()
    error.show(told)
    columns = _terminal_columns()
    text = told.getvalue()
    click.echo(wrapped(text, columns) if columns else text, err=True, nl=False)


def _terminal_columns() -> int | None:
    return shutil.get_terminal_size().columns if sys.stderr.isatty() else None


def wrapped(text: str, columns: int) -> str:
    """The lines of `text` within `columns`. A line that is indented stays so, a path whole.

    >>> wrapped("some words, and\\n  a/path indented", 12).splitlines()
    ['some words,', 'and', '  a/path', '  indented']
    """
    lines: list[str] = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        lines += (
            [line]
            if len(line) <= columns
            else textwrap.wrap(
                line,
                columns,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
    return "\n".join(lines) + ("\n" if text.endswith("\n") else "")
