"""`lattice-embed embed`: texts -> vectors, as JSON lines or as one .npy file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import BinaryIO

import click
import numpy as np
from numpy.typing import NDArray

from ..role import EmbeddingRole
from ..service import NativeEmbeddingService
from .options import model_option
from .progress import embed_with_progress

__all__ = ["embed"]


@click.command()
@click.argument("texts", nargs=-1)
@click.option("--file", "-f", "file", type=click.File("rb"),
              help="Embed each line of this file; - is standard input.")  # fmt: skip
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path),
              help="Write a float32 array (n, D) to this .npy file.")  # fmt: skip
@click.option("--role", type=click.Choice([role.value for role in EmbeddingRole]),
              default="generic", show_default=True,
              help="What the texts are for; some models want an instruction.")  # fmt: skip
@model_option
def embed(
    texts: tuple[str, ...],
    file: BinaryIO | None,
    output: Path | None,
    role: str,
    model: str,
) -> None:
    """Print the vector of each of TEXTS, or of each line of a file.

    Without texts and without --file, lines are read from standard input. Every line gives a
    vector, empty ones too, so that rows and lines agree.

    \b
    Examples:
      lattice-embed embed "one text" "another text"
      lattice-embed embed --file lines.txt --output vectors.npy
      cat lines.txt | lattice-embed embed --role query
    """
    inputs = _inputs(texts, file)
    if output is not None and output.suffix != ".npy":
        raise click.UsageError(f"--output: expected a name that ends with .npy, received {output}")
    service = NativeEmbeddingService(model)
    vectors = embed_with_progress(service, inputs, EmbeddingRole(role))
    if output is None:
        for text, vector in zip(inputs, vectors, strict=True):
            # str() of a float32 is its shortest exact spelling
            numbers = [float(str(value)) for value in vector]
            click.echo(json.dumps({"text": text, "embedding": numbers}, ensure_ascii=False))
    else:
        _save(output, vectors)
        click.echo(f"{len(vectors)} vectors of {vectors.shape[1]} numbers in {output}", err=True)


def _inputs(texts: tuple[str, ...], file: BinaryIO | None) -> list[str]:
    if texts and file is not None:
        raise click.UsageError("Give texts or --file, not both.")
    if texts:
        return list(texts)
    if file is None and sys.stdin.isatty():
        raise click.UsageError("Nothing to embed: give texts, --file, or lines on standard input.")
    name = getattr(file, "name", "standard input")
    stream = sys.stdin.buffer if file is None else file
    try:
        content = stream.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{name}: expected UTF-8 text ({error})") from error
    lines = content.split("\n")  # not splitlines(): U+2028 and its like are part of a text
    if lines[-1] == "":
        lines.pop()
    if not lines:
        raise click.ClickException(f"{name}: expected at least one line, received none.")
    return [line.removesuffix("\r") for line in lines]


def _save(output: Path, vectors: NDArray[np.float32]) -> None:
    """Write in one step: a run that is stopped leaves the old file or the new one."""
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with partial.open("wb") as file:
            np.save(file, vectors)
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise click.ClickException(f"{output}: {error.strerror}") from error
