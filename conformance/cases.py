"""Case files <-> cases. A case is data: an input, what is expected, and why it is there.

    cases/<stage>/<subject>/cases.jsonl    one case per line
    cases/<stage>/<subject>/source.json    which oracle said so, about which files, and the limits

Files are written in one canonical form, so that a recorded file changes only where its content
does.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["CASES", "Case", "CaseSet", "canonical_json", "case_set_files", "read_case_sets"]

CASES = Path(__file__).resolve().parent / "cases"
_KEYS = {"id", "hash", "input", "expect", "tags", "comment"}


@dataclass(frozen=True)
class Case:
    """One line. `expect` is what the oracle said, `None` before it has been asked."""

    id: str
    input: dict[str, Any]
    expect: dict[str, Any] | None
    tags: tuple[str, ...]
    comment: str

    @property
    def hash(self) -> str:
        """Of the input alone: it tells whether two cases ask the same."""
        return hashlib.sha256(canonical_json(self.input).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class CaseSet:
    """The cases of one stage ("tokenizer", "vectors") and one subject (a fixture folder)."""

    stage: str
    subject: str
    source: dict[str, Any]
    cases: tuple[Case, ...]

    @property
    def folder(self) -> Path:
        return CASES / self.stage / self.subject


def canonical_json(value: object) -> str:
    """JSON on one line; what a reader could not see is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "), allow_nan=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def read_case_sets(stage: str | None = None) -> list[CaseSet]:
    """All case sets, or those of one stage, in the order of their names."""
    return [
        _read(folder)
        for folder in sorted(CASES.glob("*/*"))
        if folder.is_dir() and stage in (None, folder.parent.name)
    ]


def _read(folder: Path) -> CaseSet:
    path = folder / "cases.jsonl"
    cases: dict[str, Case] = {}
    hashes: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path.relative_to(CASES)}:{number}"
        fields = json.loads(line)
        unknown = fields.keys() - _KEYS
        if unknown:
            raise ValueError(f"{where}: expected only {sorted(_KEYS)}, received {sorted(unknown)}")
        case = Case(
            fields["id"],
            fields["input"],
            fields.get("expect"),
            tuple(fields["tags"]),
            fields["comment"],
        )
        if case.id in cases:
            raise ValueError(f"{where}: expected an id of its own, received {case.id!r} again")
        if case.hash in hashes:
            raise ValueError(f"{where}: {case.id!r} asks the same as {hashes[case.hash]!r}")
        if fields.get("hash", case.hash) != case.hash:
            raise ValueError(f"{where}: expected hash {case.hash}, received {fields['hash']}")
        cases[case.id] = case
        hashes[case.hash] = case.id
    source = json.loads((folder / "source.json").read_text(encoding="utf-8"))
    return CaseSet(folder.parent.name, folder.name, source, tuple(cases.values()))


def case_set_files(case_set: CaseSet) -> dict[Path, bytes]:
    """Both files of a case set in canonical form."""
    lines = [
        canonical_json(
            {
                "id": case.id,
                "hash": case.hash,
                "input": case.input,
                "expect": case.expect,
                "tags": list(case.tags),
                "comment": case.comment,
            }
        )
        for case in case_set.cases
    ]
    source = json.dumps(case_set.source, indent=2, ensure_ascii=False)
    return {  # bytes: the same line ends on every system
        case_set.folder / "cases.jsonl": ("\n".join(lines) + "\n").encode(),
        case_set.folder / "source.json": f"{source}\n".encode(),
    }
