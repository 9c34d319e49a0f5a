"""Texts and their vectors -> JSON lines, a .npy file or a Parquet file, batch by batch.

While it grows, a file can be cut back to where it was after any batch, and go on from there.
Parquet cannot; so an Arrow stream grows, from which the Parquet file is written in the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np

from ..service import Vectors
from .texts import import_pyarrow

__all__ = ["FORMATS", "VectorFile", "json_line"]

_ROW_GROUP = 1 << 16


class VectorFile(Protocol):
    """A file that grows. `file` is open for reading and writing, and at its end."""

    def __init__(self, file: BinaryIO) -> None: ...

    def append(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Write a batch; the first decides what all vectors are like."""

    def finish(self, count: int, output: Path) -> None:
        """With all `count` vectors in `file`, put the finished file at `output`, in one step."""


def json_line(text: str, vector: Vectors) -> str:
    """One object, with float32 numbers in their shortest exact spelling."""
    numbers = ", ".join(map(str, vector))
    return f'{{"text": {json.dumps(text, ensure_ascii=False)}, "embedding": [{numbers}]}}'


class JsonLines:
    """`{"text": ..., "embedding": [...]}` for each text."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def append(self, texts: Sequence[str], vectors: Vectors) -> None:
        for text, vector in zip(texts, vectors, strict=True):
            self._file.write(f"{json_line(text, vector)}\n".encode())

    def finish(self, count: int, output: Path) -> None:
        self._file.close()
        Path(self._file.name).replace(output)


class Npy:
    """An array `(n, D)`. NumPy leaves room in the header for the number of rows to grow."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def append(self, texts: Sequence[str], vectors: Vectors) -> None:
        if self._file.tell() == 0:
            self._write_header(vectors.dtype, 0, vectors.shape[1])
        self._file.write(np.ascontiguousarray(vectors).data)

    def finish(self, count: int, output: Path) -> None:
        self._file.seek(0)
        np.lib.format.read_magic(self._file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(self._file)
        length = self._file.tell()
        self._file.seek(0)
        self._write_header(dtype, count, shape[1])
        assert self._file.tell() == length
        self._file.close()
        Path(self._file.name).replace(output)

    def _write_header(self, dtype: np.dtype[Any], rows: int, columns: int) -> None:
        header = {"descr": dtype.str, "fortran_order": False, "shape": (rows, columns)}
        np.lib.format.write_array_header_1_0(self._file, header)


class Parquet:
    """Columns `text` and `embedding`, a list of fixed length."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._pyarrow = import_pyarrow()

    def append(self, texts: Sequence[str], vectors: Vectors) -> None:
        pa = self._pyarrow
        numbers = pa.array(np.ascontiguousarray(vectors).reshape(-1))
        columns = {
            "text": pa.array(texts, pa.string()),
            "embedding": pa.FixedSizeListArray.from_arrays(numbers, vectors.shape[1]),
        }
        batch = pa.RecordBatch.from_pydict(columns)
        if self._file.tell() == 0:
            self._file.write(batch.schema.serialize())
        self._file.write(batch.serialize())

    def finish(self, count: int, output: Path) -> None:
        pa = self._pyarrow
        whole = output.with_name(f"{output.name}.whole")
        self._file.seek(0)
        with pa.ipc.open_stream(self._file) as stream:
            writer = pa.parquet.ParquetWriter(whole, stream.schema)
            with writer:
                for batches in self._row_groups(stream):
                    writer.write_table(pa.Table.from_batches(batches))
        self._file.close()
        whole.replace(output)
        Path(self._file.name).unlink()

    def _row_groups(self, stream: Any) -> Iterator[list[Any]]:
        batches, rows = [], 0
        for batch in stream:
            batches.append(batch)
            rows += batch.num_rows
            if rows >= _ROW_GROUP:
                yield batches
                batches, rows = [], 0
        if batches:
            yield batches


FORMATS: dict[str, type[VectorFile]] = {
    ".jsonl": JsonLines,
    ".ndjson": JsonLines,
    ".npy": Npy,
    ".parquet": Parquet,
}
