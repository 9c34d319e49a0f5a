"""`expected_failures.toml` -> which cases an engine is known to get wrong, and why.

The ledger is strict both ways: a listed case that passes is out of date, and so is an entry that
names no case. `lint_ledger` also checks what an entry points at: its engine, its link, its version.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import SUITE_VERSION
from .engines import ENGINES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["LEDGER", "Entry", "lint_ledger", "of_stages", "read_ledger", "unknown_entries"]

LEDGER = Path(__file__).resolve().parent / "expected_failures.toml"
_KEYS = {"engine", "case", "reason", "link", "since"}


@dataclass(frozen=True)
class Entry:
    """`case` is `<stage>/<subject>/<id>`; `since` the suite version that listed it first."""

    engine: str
    case: str
    reason: str
    link: str
    since: str


def read_ledger(path: Path = LEDGER) -> tuple[Entry, ...]:
    """All entries; raises `ValueError` naming the entry that is not as it should be."""
    entries: list[Entry] = []
    for number, fields in enumerate(tomllib.loads(path.read_text("utf-8")).get("failure", [])):
        where = f"{path.name}: failure[{number}]"
        if fields.keys() != _KEYS:
            odd = sorted(fields.keys() ^ _KEYS)
            raise ValueError(f"{where}: expected exactly {sorted(_KEYS)}, differs in {odd}")
        empty = [key for key, value in fields.items() if not str(value).strip()]
        if empty:
            raise ValueError(f"{where}: expected a text in {empty[0]}, received none")
        entry = Entry(**fields)
        if any((entry.engine, entry.case) == (other.engine, other.case) for other in entries):
            raise ValueError(f"{where}: expected one entry per case, received {entry.case!r} again")
        entries.append(entry)
    return tuple(entries)


def of_stages(ledger: Iterable[Entry], stages: Collection[str]) -> list[Entry]:
    """The entries that a run of these stages alone can prove right or wrong."""
    return [entry for entry in ledger if entry.case.partition("/")[0] in stages]


def unknown_entries(ledger: Iterable[Entry], cases: Iterable[str]) -> list[Entry]:
    """Entries that name no case."""
    known = set(cases)
    return [entry for entry in ledger if entry.case not in known]


def lint_ledger(cases: Iterable[str], path: Path = LEDGER) -> Iterator[tuple[int, str]]:
    """Every problem with its line: what was expected, what was received."""
    lines = path.read_text("utf-8").split("\n")
    places = (number for number, line in enumerate(lines, start=1) if line.startswith("case ="))
    try:
        entries = read_ledger(path)
    except ValueError as error:
        yield 1, str(error)
        return
    known = set(cases)
    for entry in entries:
        line = next(places, 1)
        if entry.engine not in ENGINES and not entry.engine.startswith("stdio:"):
            yield line, f"engine: expected one of {', '.join(ENGINES)}, received {entry.engine!r}"
        if entry.case not in known:
            yield line, f"case: expected a case, received {entry.case!r}"
        if not (re.fullmatch(r"\d{4}\.\d{2}", entry.since) and entry.since <= SUITE_VERSION):
            yield line, f"since: expected a version up to {SUITE_VERSION}, received {entry.since!r}"
        if not _leads_somewhere(entry.link):
            yield (
                line,
                f"link: expected an address, or a file and a heading, received {entry.link!r}",
            )


def _leads_somewhere(link: str) -> bool:
    """Whether a link is an address of the web, or a file of the repository, and a heading in it."""
    if link.startswith("https://"):
        return True
    name, _, heading = link.partition(", ")
    path = LEDGER.parent.parent / name
    return path.is_file() and heading in path.read_text("utf-8")
