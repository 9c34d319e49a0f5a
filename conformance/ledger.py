"""`expected_failures.toml` -> which cases an engine is known to get wrong, and why.

The ledger is strict both ways: a listed case that passes is out of date, and so is an entry that
names no case.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["LEDGER", "Entry", "of_stages", "read_ledger", "unknown_entries"]

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
