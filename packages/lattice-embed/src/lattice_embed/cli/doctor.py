"""`lattice-embed doctor`: this installation and this machine -> what works, and what does not."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import click
import lattice_models
import lattice_tokenize
import numpy as np
from lattice_models.compiled import compiled_kernels
from lattice_models.threads import available_cores
from threadpoolctl import threadpool_info

from .. import __version__
from ..catalog import DEFAULT_MODEL
from ..model_files import cache_directory, is_present
from ..model_names import find_record, given_directory
from ..native_service import NativeEmbeddingService
from .options import model_option

__all__ = ["doctor"]

_Verdict = Literal["ok", "note", "wrong"]
_STYLES = {"ok": "green", "note": "yellow", "wrong": "bold red"}
_SPEED_TEST_S = 1.5
# "hello world" with the default model, of Hugging Face transformers in float64
_HELLO = (-0.03447727, 0.03102319, 0.00673497, 0.026109, -0.03936203, -0.16030248)
_TOLERANCE = 1e-5


class Finding(NamedTuple):
    """`verdict`: "note" is for what works, but perhaps not as it is wanted."""

    verdict: _Verdict
    what: str
    told: str


@click.command()
@model_option
def doctor(model: str) -> None:
    """Check this installation and this machine.

    Versions, matrix library, threads and caches are shown, and a model is tried for two seconds.
    Nothing is downloaded. The exit code is 1 if something is wrong.

    \b
    Examples:
      lattice-embed doctor
      lattice-embed doctor --model bge-small
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    findings: list[Finding] = []
    for part in (_versions(), _blas(), _kernels(), _threads(), _caches(), _self_test(model)):
        table = Table.grid(padding=(0, 2))
        table.add_column(width=5)
        table.add_column(width=14)
        table.add_column(overflow="fold")
        for finding in part:
            findings.append(finding)
            verdict = Text(finding.verdict, style=_STYLES[finding.verdict])
            table.add_row(verdict, finding.what, Text(finding.told))
        console.print(table)
    if any(finding.verdict == "wrong" for finding in findings):
        raise click.ClickException("Something is wrong, see above.")


def _versions() -> Iterator[Finding]:
    yield Finding("ok", "python", f"{platform.python_version()}, {platform.platform()}")
    packages = (
        ("lattice-embed", __version__),
        ("lattice-models", lattice_models.__version__),
        ("lattice-tokenize", lattice_tokenize.__version__),
        ("numpy", np.__version__),
    )
    yield Finding("ok", "packages", ", ".join(f"{name} {version}" for name, version in packages))


def _blas() -> Iterator[Finding]:
    found = [library for library in threadpool_info() if library.get("user_api") == "blas"]
    if not found:
        yield Finding("note", "matrix library", "none that is known; NumPy may be slow")
    for library in found:
        kernel = library.get("architecture", "unknown kernel")
        told = f"{library['internal_api']} {library['version']}, {kernel}"
        yield Finding("ok", "matrix library", f"{told}, {_gigaflops():.0f} GFLOP/s")
    kernel = os.environ.get("OPENBLAS_CORETYPE", "")
    if kernel:
        yield Finding("note", "matrix library", f"OPENBLAS_CORETYPE={kernel} chooses its kernel")


def _kernels() -> Iterator[Finding]:
    kernels = compiled_kernels()
    if kernels is not None:
        yield Finding("ok", "kernels", f"compiled for {kernels.name}")
    else:
        told = "NumPy; on x86-64, pip install 'lattice-embed[compiled]' makes it faster"
        yield Finding("ok", "kernels", told)


def _gigaflops() -> float:
    size = 768
    matrix = np.ones((size, size), np.float32)
    seconds = []
    for _ in range(4):
        began = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - began)
    return 2 * size**3 / min(seconds) / 1e9


def _threads() -> Iterator[Finding]:
    yield Finding("ok", "threads", f"{available_cores()} cores for this process")
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        value = os.environ.get(name)
        if value is not None:
            yield Finding("note", "threads", f"{name}={value}: a single long text uses no more")


def _caches() -> Iterator[Finding]:
    from huggingface_hub import constants

    for what, path in (("models", cache_directory()), ("hub cache", constants.HF_HUB_CACHE)):
        directory = Path(path)
        there = directory.is_dir()
        nearest = next(p for p in (directory, *directory.absolute().parents) if p.exists())
        if there and not os.access(directory, os.W_OK):
            yield Finding("note", what, f"{directory}, which cannot be written to")
        elif not there and not os.access(nearest, os.W_OK):
            yield Finding("wrong", what, f"{directory} cannot be made: set LATTICE_CACHE_DIR")
        else:
            yield Finding("ok", what, f"{directory}{'' if there else ', not there yet'}")
    if constants.HF_HUB_OFFLINE:
        yield Finding("note", "network", "HF_HUB_OFFLINE is set: nothing is downloaded")


def _self_test(model: str) -> Iterator[Finding]:
    service = NativeEmbeddingService(model)
    record = service.record
    try:
        if given_directory(model) is None and not is_present(find_record(model)):
            told = f"{service.model_name} is not here: lattice-embed pull {model}"
            yield Finding("note", "self-test", told)
            return
        began = time.perf_counter()
        vector = service.embed("hello world")
    except ValueError as error:  # all errors of the three packages
        yield Finding("wrong", "self-test", str(error))
        return
    milliseconds = (time.perf_counter() - began) * 1000
    yield Finding("ok", "loading", f"{service.model_name}, {milliseconds:.0f} ms to a first vector")
    if record is not None and record.name == DEFAULT_MODEL:
        difference = float(np.abs(vector[: len(_HELLO)] - np.array(_HELLO)).max())
        told = f"{difference:.1e} from the published model, at most {_TOLERANCE:.0e} is right"
        yield Finding("ok" if difference <= _TOLERANCE else "wrong", "vectors", told)
    together = service.embed(["hello world", "some other and somewhat longer text"])[0]
    difference = float(np.abs(together - vector).max())
    told = f"{difference:.1e} between alone and in a batch"
    yield Finding("ok" if difference <= _TOLERANCE else "wrong", "vectors", told)
    yield Finding("ok", "speed", _speed(service))


def _speed(service: NativeEmbeddingService) -> str:
    texts = tokens = 0
    began = time.perf_counter()
    while (seconds := time.perf_counter() - began) < _SPEED_TEST_S:
        batch = [
            f"{number} words of a short text, all different" for number in range(texts, texts + 32)
        ]
        tokens += int(service.embed_detailed(batch).token_counts.sum())
        texts += len(batch)
    return f"{texts / seconds:,.0f} short texts/s, {tokens / seconds:,.0f} tokens/s"
