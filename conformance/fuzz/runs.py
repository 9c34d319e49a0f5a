"""`runs.jsonl`: the fuzz runs that somebody has kept, one per line, whatever they found.

`python -m conformance fuzz --keep` appends to it; nothing else changes it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..cases import canonical_json, replace_files
from ..provenance import today
from .fuzzing import Totals

__all__ = ["RUNS", "Run", "keep_run", "read_runs"]

RUNS = Path(__file__).resolve().parent / "runs.jsonl"


@dataclass(frozen=True)
class Run:
    """`versions`: of the oracle and of the engine. `tokens`: of all encodings compared."""

    date: str
    name: str
    engine: str
    versions: dict[str, str]
    seed: int
    tokenizers: int
    strings: int
    tokens: int
    differences: int


def keep_run(
    totals: Totals, name: str, engine: str, versions: dict[str, str], seed: int, path: Path = RUNS
) -> Run:
    """Append what `totals` counted."""
    run = Run(
        today(),
        name,
        engine,
        versions,
        seed,
        totals.subjects,
        totals.strings,
        totals.tokens,
        len(totals.failures),
    )
    before = path.read_bytes() if path.exists() else b""
    replace_files({path: before + f"{canonical_json(asdict(run))}\n".encode()})
    return run


def read_runs(path: Path = RUNS) -> list[Run]:
    """All runs; raises `ValueError` naming a line that is none."""
    runs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            runs.append(Run(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path.name}:{number}: expected a run, received {error}") from error
    return runs
