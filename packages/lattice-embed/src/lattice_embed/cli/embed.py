"""`lattice-embed embed`: texts -> vectors, printed or in a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click

from ..errors import TextTooLongError
from ..model_fingerprint import settings_sha256, weights_sha256
from ..native_service import NativeEmbeddingService
from ..role import EmbeddingRole
from ..service import EmbeddingService, Vectors
from .cached import in_front_of
from .options import cache_option, file_options, role_options, service_options
from .printable import counted
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
@cache_option
@role_options
@service_options
def embed(
    *,
    texts: tuple[str, ...],
    file: str | None,
    column: str | None,
    output: Path | None,
    restart: bool,
    use_cache: bool,
    role: EmbeddingRole,
    prompt: str | None,
    service: NativeEmbeddingService,
) -> None:
    """Turn TEXTS, lines or a column into vectors.

    Without texts and without --file, lines are read from standard input. Every line gives a
    vector, empty ones too, so that rows and lines agree.

    A run that writes a file can be stopped at any moment: the same command again goes on where it
    was. Until all is done, the vectors are in OUTPUT.partial.

    Vectors are also kept in the cache (lattice-embed cache), at most 100,000 from one run.

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
        with in_front_of(service, use=use_cache) as cached:
            _print_all(source, _Embedder(service, cached, role, prompt))
        return
    if output.suffix.lower() not in FORMATS:
        endings = ", ".join(FORMATS)
        raise click.UsageError(f"--output: expected a name that ends with {endings}, got {output}")
    if not output.parent.is_dir():
        raise click.ClickException(f"{output}: the directory {output.parent} does not exist.")
    if output.suffix.lower() == ".parquet":
        import_pyarrow()
    run = _run(service, role, prompt)
    with (
        in_front_of(service, use=use_cache) as cached,
        ResumableOutput(output, run, restart=restart) as resumable,
    ):
        _write_all(source, _Embedder(service, cached, role, prompt), resumable)
    done = counted(resumable.count, "vector")
    click.echo(f"{done} of {service.dimensions} numbers in {output}", err=True)
    _tell_of_cuts(resumable.truncated, resumable.count, service)


@dataclass(frozen=True)
class _Embedder:
    """`cached`: the service with the cache before it."""

    service: NativeEmbeddingService
    cached: EmbeddingService
    role: EmbeddingRole
    prompt: str | None

    def batches(
        self, texts: Iterator[str], count: int = 0
    ) -> Iterator[tuple[list[str], Vectors, int]]:
        """Texts with their vectors, and how many were cut; `count` texts came before."""
        while batch := list(islice(texts, BATCH_TEXTS)):
            try:
                vectors = self.cached.embed_texts(batch, role=self.role, prompt=self.prompt)
            except TextTooLongError as error:
                place = count + error.index
                raise TextTooLongError(place, error.token_count, error.max_tokens) from None
            yield batch, vectors, self._truncated(batch)
            count += len(batch)

    def _truncated(self, batch: list[str]) -> int:
        """Counted again, for a cache knows nothing of it; that takes far less than embedding."""
        if self.service.on_overflow != "truncate":
            return 0
        counts = self.service.token_counts(batch, role=self.role, prompt=self.prompt)
        return int((counts > self.service.max_tokens).sum())


def _print_all(source: TextSource, embedder: _Embedder) -> None:
    count = truncated = 0
    with show_progress(source.total) as progress:
        for batch, vectors, cut in embedder.batches(iter(source)):
            for text, vector in zip(batch, vectors, strict=True):
                click.echo(json_line(text, vector).encode("utf-8"))
            count += len(batch)
            truncated += cut
            progress.update(done=source.done, texts=count)
    if not count:
        raise _nothing(source)
    _tell_of_cuts(truncated, count, embedder.service)


def _write_all(source: TextSource, embedder: _Embedder, output: ResumableOutput) -> None:
    texts = iter(source)
    output.skip_done(texts)
    if output.count:
        click.echo(f"Going on behind {counted(output.count, 'text')} in {output.partial}", err=True)
    begun_with = output.count
    try:
        with show_progress(source.total, began_with_texts=begun_with) as progress:
            for batch, vectors, cut in embedder.batches(texts, begun_with):
                output.append(batch, vectors, truncated=cut)
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


def _run(
    service: NativeEmbeddingService, role: EmbeddingRole, prompt: str | None
) -> dict[str, Any]:
    """What decides how the vectors come out, but for the texts."""
    directory = service.local_model.directory
    return {
        "model": service.model_name,
        "weights": weights_sha256(directory),
        "settings": settings_sha256(directory),
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
