"""Arguments, standard input or a file -> texts, one after the other.

    .jsonl .ndjson   a field of each object      .parquet   a column
    .csv .tsv        a column                    others     every line, empty ones too

Texts are read as they are needed. What is no text is told with its place.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import click
from lattice_tokenize.inputs import checked_text

__all__ = ["TextSource", "import_pyarrow", "read_texts"]

_DEFAULT_COLUMN = "text"
# the greatest that every platform's C long holds; the default refuses long documents
_CSV_FIELD_CHARACTERS = 2**31 - 1


class TextSource:
    """Texts, and how much of them has been read: `done` of `total`, in any unit.

    `total` is `None` where it is not known before the end.
    """

    def __init__(
        self, name: str, read: Callable[[TextSource], Iterator[str]], total: int | None = None
    ) -> None:
        self.name = name
        self.total = total
        self.done = 0
        self._read = read

    def __iter__(self) -> Iterator[str]:
        return self._read(self)


def read_texts(texts: tuple[str, ...], file: str | None, column: str | None) -> TextSource:
    """The source that the arguments of a command describe."""
    if texts and file is not None:
        raise click.UsageError("Give texts or --file, not both.")
    if texts:
        if column is not None:
            raise click.UsageError("--column says where in a file the texts are: give --file too.")
        return TextSource("the arguments", lambda source: _arguments(texts, source), len(texts))
    if file is None and sys.stdin.isatty():
        raise click.UsageError("There is no text: give one, or --file, or lines on standard input.")
    suffix = Path(file or "-").suffix.lower()
    name = "standard input" if file in (None, "-") else str(file)
    if suffix == ".parquet":
        return _parquet(name, column or _DEFAULT_COLUMN)
    readers: dict[str, Callable[[TextSource, str], Iterator[str]]] = {
        ".jsonl": _json_lines,
        ".ndjson": _json_lines,
        ".csv": lambda source, wanted: _csv(source, wanted, ","),
        ".tsv": lambda source, wanted: _csv(source, wanted, "\t"),
    }
    reader = readers.get(suffix)
    size_bytes = None if name == "standard input" else Path(name).stat().st_size
    if reader is None:
        if column is not None:
            raise click.UsageError(f"--column: {name} has lines, and no columns.")
        return TextSource(name, _every_line, size_bytes)
    read, wanted = reader, column or _DEFAULT_COLUMN
    return TextSource(name, lambda source: read(source, wanted), size_bytes)


def import_pyarrow() -> Any:
    """The module, or an error that says how to install it."""
    try:
        import_module("pyarrow.parquet")
    except ImportError as error:
        raise click.ClickException(
            "Parquet files need pyarrow: pip install 'lattice-embed[parquet]'"
        ) from error
    return import_module("pyarrow")


def _arguments(texts: tuple[str, ...], source: TextSource) -> Iterator[str]:
    for place, text in enumerate(texts, start=1):
        source.done = place
        # what a shell gives as bytes that are not UTF-8 arrives as lone surrogates
        yield checked_text(text, f"argument {place}")


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "standard input":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        raise click.ClickException(f"{name}: {error.strerror}") from error


def _lines(source: TextSource) -> Iterator[str]:
    """Lines with their ends. Only a line feed ends one: U+2028 and its like are part of a text."""
    with _opened(source.name) as file:
        for number, line in enumerate(file, start=1):
            source.done += len(line)
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise click.ClickException(
                    f"{source.name}:{number}: expected UTF-8 text, received byte "
                    f"0x{line[error.start]:02x} at index {error.start} of the line."
                ) from error
            yield text.removeprefix("\ufeff") if number == 1 else text


def _every_line(source: TextSource) -> Iterator[str]:
    for line in _lines(source):
        yield line.removesuffix("\n").removesuffix("\r")


def _json_lines(source: TextSource, column: str) -> Iterator[str]:
    for number, line in enumerate(_lines(source), start=1):
        if not line.strip():
            continue
        place = f"{source.name}:{number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise click.ClickException(f"{place}: expected a JSON object ({error}).") from error
        if not isinstance(row, dict):
            kind = type(row).__name__
            raise click.ClickException(f"{place}: expected a JSON object, received a {kind}.")
        if column not in row:
            raise _no_column(place, column, list(row))
        yield checked_text(row[column], f"{place}: {column}")


def _csv(source: TextSource, column: str, delimiter: str) -> Iterator[str]:
    csv.field_size_limit(_CSV_FIELD_CHARACTERS)
    rows = csv.reader(_lines(source), delimiter=delimiter, strict=True)
    try:
        header = next(rows, [])
        if column not in header:
            raise _no_column(source.name, column, header)
        index = header.index(column)
        for row in rows:
            if not row:
                continue
            place = f"{source.name}:{rows.line_num}"
            if len(row) <= index:
                raise click.ClickException(
                    f"{place}: expected {len(header)} fields as in the header, received {len(row)}."
                )
            yield checked_text(row[index], f"{place}: {column}")
    except csv.Error as error:
        raise click.ClickException(f"{source.name}:{rows.line_num}: {error}.") from error


def _parquet(name: str, column: str) -> TextSource:
    pyarrow = import_pyarrow()
    # what it raises for files that are damaged; a text that is not UTF-8 is a ValueError
    damaged = (pyarrow.ArrowException, OSError, ValueError)
    try:
        file = pyarrow.parquet.ParquetFile(name)
        names: list[str] = file.schema_arrow.names
    except damaged as error:
        raise click.ClickException(f"{name}: expected a Parquet file ({error}).") from error
    if column not in names:
        raise _no_column(name, column, names)

    def values() -> Iterator[object]:
        try:
            for batch in file.iter_batches(batch_size=1024, columns=[column]):
                yield from batch.column(0).to_pylist()
        except damaged as error:
            raise click.ClickException(f"{name}: the file is damaged ({error}).") from error

    def read(source: TextSource) -> Iterator[str]:
        for value in values():
            source.done += 1
            yield checked_text(value, f"{name}: row {source.done}: {column}")

    return TextSource(name, read, file.metadata.num_rows)


def _no_column(place: str, column: str, names: list[str]) -> click.ClickException:
    there = ", ".join(map(str, names)) or "none"
    return click.ClickException(
        f"{place}: expected a column {column!r}, received {there[:200]}. Choose one with --column."
    )
