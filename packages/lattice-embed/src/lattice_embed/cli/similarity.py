"""`lattice-embed similarity`: a few texts -> how alike each two of them are."""

from __future__ import annotations

import click
import numpy as np
from numpy.typing import NDArray

from ..native_service import NativeEmbeddingService
from ..role import EmbeddingRole
from .json_output import print_json
from .options import file_options, model_option, role_options
from .printable import printable
from .texts import read_texts

__all__ = ["similarity"]

# of a cell with its space; and the least that a text is shown with
_CELL_COLUMNS = 6
_LABEL_COLUMNS = 16
# the lowest similarity of each style, on a dark and on a light ground
_STYLES = (
    (0.75, "bold green"),
    (0.5, "green"),
    (0.25, "yellow"),
    (-1.0, "dim"),
)


@click.command()
@click.argument("texts", nargs=-1)
@file_options
@click.option("--json", "as_json", is_flag=True, help="One JSON array for each row.")
@role_options
@model_option
def similarity(
    *,
    texts: tuple[str, ...],
    file: str | None,
    column: str | None,
    as_json: bool,
    role: EmbeddingRole,
    prompt: str | None,
    model: str,
) -> None:
    """Show how alike each two of TEXTS are.

    The number is the cosine of their vectors, 1 for the same meaning. A
    text that is too long for the model is read in chunks.

    \b
    Examples:
      lattice-embed similarity "a cat" "a kitten" "the stock market"
      lattice-embed similarity --file lines.txt --json
    """
    source = read_texts(texts, file, column)
    given = list(source)
    if len(given) < 2:
        raise click.UsageError(f"Expected two texts or more, received {len(given)}.")
    from rich.console import Console

    console = Console(highlight=False)
    most = (console.width - _LABEL_COLUMNS) // _CELL_COLUMNS
    if len(given) > most and not as_json:
        raise click.UsageError(
            f"{len(given)} texts do not fit into a table of {console.width} columns (at most "
            f"{most}). --json prints any number."
        )
    service = NativeEmbeddingService(model, on_overflow="chunk")
    vectors = service.embed_texts(given, role=role, prompt=prompt)
    cosines = _cosines(vectors)
    if as_json:
        for row in cosines:
            print_json([round(float(cosine), 6) for cosine in row])
        return
    from rich.text import Text

    label = console.width - _CELL_COLUMNS * len(given) - 4
    header = Text(" " * (label + 3))
    for number in range(1, len(given) + 1):
        header.append(f"{number:>{_CELL_COLUMNS}}", style="bold")
    console.print(header)
    for number, (text, row) in enumerate(zip(given, cosines, strict=True), start=1):
        line = Text(f"{number:>2} ", style="bold", no_wrap=True)
        shown = Text(printable(text), style="not bold")
        shown.truncate(label, overflow="ellipsis", pad=True)
        line.append_text(shown)
        for cosine in row:
            line.append(f"{cosine:>{_CELL_COLUMNS}.2f}", style=f"not bold {_style(float(cosine))}")
        console.print(line)


def _cosines(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The similarity of each two rows, `(n, n)`, whether or not they have length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    directions = vectors / lengths
    # rounding alone must not make anything more alike than the same
    cosines: NDArray[np.float32] = np.clip(directions @ directions.T, -1, 1)
    return cosines


def _style(cosine: float) -> str:
    return next(style for least, style in _STYLES if cosine >= least - 1e-3)
