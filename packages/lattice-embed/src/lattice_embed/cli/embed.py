"""`lattice-embed embed`: texts -> vectors, printed or in a file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from ..embeddings import Embeddings
from ..errors import TextTooLongError
from ..native_service import NativeEmbeddingService
from ..role import EmbeddingRole
from .options import file_options, role_options, service_options
from .progress import BATCH_TEXTS, show_progress
from .resumable_output import ResumableOutput
from .texts import TextSource, import_pyarrow, read_texts
from .vector_files import FORMATS, json_line

__all__ = ["embed"]


@click.command()
@click.argument("texts", nargs=-1)
@file_options
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path),
              help="Write a .npy, .jsonl or .parquet file.")  # fmt: skip
@click.option("--restart", is_flag=True,
              help="Begin anew, also where an earlier run was stopped.")  # fmt: skip
@role_options
@service_options
def embed(
    *,
    texts: tuple[str, ...],
    file: str | None,
    column: str | None,
    output: Path | None,
    restart: bool,
    role: EmbeddingRole,
    prompt: str | None,
    service: NativeEmbeddingService,
) -> None:
    """Turn TEXTS, lines or a column into vectors.

    Without texts and without --file, lines are read from standard input. Every line gives a
    vector, empty ones too, so that rows and lines agree.

    A run that writes a file can be stopped at any moment: the same command again goes on where it
    was. Until all is done, the vectors are in OUTPUT.partial.

    \b
    Examples:
      lattice-embed embed "one text" "another text"
      lattice-embed embed --file lines.txt --output vectors.npy
      lattice-embed embed -f rows.csv --column title -o rows.parquet
      cat lines.txt | lattice-embed embed --role query
    """
    source = read_texts(texts, file, column)
    if output is None:
        if restart:
            raise click.UsageError("--restart is for runs with --output.")
        _print_all(source, service, role, prompt)
        return
    if output.suffix.lower() not in FORMATS:
        endings = ", ".join(FORMATS)
        raise click.UsageError(f"--output: expected a name that ends with {endings}, got {output}")
    if not output.parent.is_dir():
        raise click.ClickException(f"{output}: the directory {output.parent} does not exist.")
    if output.suffix.lower() == ".parquet":
        import_pyarrow()
    run = _run(service, role, prompt)
    with ResumableOutput(output, run, restart=restart) as resumable:
        _write_all(source, service, role, prompt, resumable)
    click.echo(f"{resumable.count:,} vectors of {service.dimensions} numbers in {output}", err=True)
    _tell_of_cuts(resumable.truncated, resumable.count, service)


def _print_all(
    source: TextSource, service: NativeEmbeddingService, role: EmbeddingRole, prompt: str | None
) -> None:
    count = truncated = 0
    with show_progress(source.total) as progress:
        for batch, embeddings in _embedded(iter(source), service, role, prompt):
            for text, vector in zip(batch, embeddings.vectors, strict=True):
                click.echo(json_line(text, vector).encode("utf-8"))
            count += len(batch)
            truncated += int(embeddings.truncated.sum())
            progress.update(done=source.done, texts=count)
    if not count:
        raise _nothing(source)
    _tell_of_cuts(truncated, count, service)


def _write_all(
    source: TextSource,
    service: NativeEmbeddingService,
    role: EmbeddingRole,
    prompt: str | None,
    output: ResumableOutput,
) -> None:
    texts = iter(source)
    output.skip_done(texts)
    if output.count:
        click.echo(f"Going on behind {output.count:,} texts in {output.partial}", err=True)
    begun_with = output.count
    try:
        with show_progress(source.total, began_with_texts=begun_with) as progress:
            for batch, embeddings in _embedded(texts, service, role, prompt, begun_with):
                truncated = int(embeddings.truncated.sum())
                output.append(batch, embeddings.vectors, truncated=truncated)
                progress.update(done=source.done, texts=output.count)
    except BaseException:
        if output.count == 0:
            output.discard()
        else:
            output.commit()
            told = f"{output.count:,} texts are in {output.partial}: the same command goes on."
            click.echo(told, err=True)
        raise
    if not output.count:
        output.discard()
        raise _nothing(source)
    output.finish()


def _embedded(
    texts: Iterator[str],
    service: NativeEmbeddingService,
    role: EmbeddingRole,
    prompt: str | None,
    count: int = 0,
) -> Iterator[tuple[list[str], Embeddings]]:
    """`texts` in batches with what became of them; `count` texts came before."""
    while batch := list(islice(texts, BATCH_TEXTS)):
        try:
            embeddings = service.embed_detailed(batch, role=role, prompt=prompt)
        except TextTooLongError as error:
            place = count + error.index
            raise TextTooLongError(place, error.token_count, error.max_tokens) from None
        yield batch, embeddings
        count += len(batch)


def _run(
    service: NativeEmbeddingService, role: EmbeddingRole, prompt: str | None
) -> dict[str, Any]:
    """What decides how the vectors come out, but for the texts."""
    directory = service.local_model.directory
    weights = {
        path.name: [path.stat().st_size, path.stat().st_mtime_ns]
        for path in sorted(directory.glob("*.safetensors"))
    }
    return {
        "model": service.model_name,
        "weights": weights,
        "instruction": service.instruction(role, prompt),
        "on_overflow": service.on_overflow,
        "dimensions": service.dimensions,
        "precision": service.precision,
    }


def _nothing(source: TextSource) -> click.ClickException:
    return click.ClickException(f"{source.name}: expected at least one text, received none.")


def _tell_of_cuts(truncated: int, count: int, service: NativeEmbeddingService) -> None:
    if truncated:
        click.echo(
            f"{truncated:,} of {count:,} texts have more than {service.max_tokens} tokens and were "
            "cut; --on-overflow chunk reads all of them.",
            err=True,
        )
