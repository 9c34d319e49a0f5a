"""`lattice-embed cache`: what is in the cache of vectors, and its upkeep."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from .. import cache_upkeep
from ..errors import CacheFileError
from ..vector_cache import default_cache_path
from .printable import counted, printable

__all__ = ["cache"]

_SQLITE = b"SQLite format 3\0"
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

_file_option = click.option(
    "--file",
    "-f",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The cache file, if it is not the one in the cache directory.",
)


def _bytes_of(size: str) -> int:
    """`500MB` -> 500,000,000."""
    match = re.fullmatch(r"([0-9]{1,15}) ?([KMGT]?)B?", size.upper())
    if not match:
        raise click.UsageError(f"--to: expected bytes, as 500MB or 2GB, received {size!r}")
    return int(match[1]) * _UNITS[match[2]]


@click.group()
def cache() -> None:
    """Look after the vectors that are kept on disk.

    They lie in one file in the cache directory (LATTICE_CACHE_DIR moves it). It is safe to use
    these while other processes use the file.

    \b
    Examples:
      lattice-embed cache stats
      lattice-embed cache prune --to 500MB
    """


@cache.command()
@_file_option
def stats(path: Path | None) -> None:
    """Show how many vectors there are of each model and role.

    Those of a prompt are named by its hash. `+chunk` and `+error` stand behind
    the role where texts that are too long are read in chunks, or refused.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    path = _present(path)
    statistics = cache_upkeep.read_statistics(path)
    table = Table(box=None, pad_edge=False)
    for name in ("MODEL", "NUMBERS", "ROLE", "VECTORS"):
        right = name in ("NUMBERS", "VECTORS")
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for group in statistics.groups:
        table.add_row(
            # names in a damaged or foreign file may hold anything
            *(Text(printable(str(part))) for part in (group.model, group.dimensions, group.role)),
            f"{group.rows:,}",
        )
    console = Console(file=sys.stdout, highlight=False)
    if statistics.groups:
        console.print(table)
    click.echo(
        f"{counted(statistics.rows, 'vector')}, {_readable(statistics.live_bytes)} used of"
        f" {_readable(statistics.size_bytes)}, schema version {statistics.schema_version}"
    )
    click.echo(str(path))


@cache.command()
@_file_option
def verify(path: Path | None) -> None:
    """Check the file and every vector in it.

    Vectors that fail their checksum are dropped, and so computed again. A file that is damaged is
    renamed, never deleted. Exit code 1 if anything was wrong.
    """
    path = _present(path)
    outcome = cache_upkeep.verify(path)
    if outcome.set_aside is not None:
        raise click.ClickException(
            f"{path}: damaged, renamed to {outcome.set_aside.name}. The next use begins a new one."
        )
    click.echo(f"{outcome.rows - outcome.dropped:,} of {outcome.rows:,} vectors are sound")
    if outcome.dropped:
        raise click.ClickException(f"{path}: {counted(outcome.dropped, 'damaged vector')} dropped")


@cache.command()
@click.option("--to", "size", required=True, metavar="SIZE", help="As 500MB or 2GB.")
@_file_option
def prune(path: Path | None, size: str) -> None:
    """Drop the vectors that were used least recently."""
    max_bytes = _bytes_of(size)
    path = _present(path)
    dropped = cache_upkeep.prune(path, max_bytes)
    click.echo(
        f"{counted(dropped, 'vector')} dropped, the file has {_readable(path.stat().st_size)}"
    )


@cache.command()
@_file_option
def migrate(path: Path | None) -> None:
    """Bring a file of an older release to today's schema.

    Using it does the same. Its vectors stay, and are found again.
    """
    path = _present(path)
    before = cache_upkeep.migrate(path)
    statistics = cache_upkeep.read_statistics(path)
    vectors = counted(statistics.rows, "vector")
    click.echo(f"schema version {before} -> {statistics.schema_version}, {vectors}")


@cache.command()
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@_file_option
def clear(path: Path | None, yes: bool) -> None:
    """Drop all vectors."""
    path = _present(path)
    if not yes:
        click.confirm(f"Drop all vectors of {path}?", abort=True, err=True)
    click.echo(f"{counted(cache_upkeep.clear(path), 'vector')} dropped")


def _present(given: Path | None) -> Path:
    path = given or default_cache_path()
    if not path.exists():
        raise CacheFileError(
            f"cache {path}", "a file", "nothing at this path", "Nothing has been cached there yet."
        )
    if given is not None and not _begins_as_sqlite(given):  # somebody's notes must not be renamed
        raise CacheFileError(
            f"cache {path}",
            "a cache file of lattice-embed",
            "no SQLite file at all",
            "It is left as it is.",
        )
    return path


def _begins_as_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) in (_SQLITE, b"")


def _readable(size_bytes: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"
