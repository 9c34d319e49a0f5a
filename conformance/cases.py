"""Case files <-> cases. A case is data: an input, what is expected, and why it is there.

    cases/<stage>/<subject>/cases.jsonl    one case per line
    cases/<stage>/<subject>/source.json    which oracle said so, about which files, and the limits
    cases/tokenizer/<subject>/tokenizer.json    where the tokenizer is a small one of our own
    cases/tags.toml                        what the tags mean (tags.py)

Files are written in one canonical form, so that a recorded file changes only where its content
does. `schema/` says what a file may hold; `lint.py` checks it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .printable import escaped

__all__ = [
    "CASES",
    "ERROR_KEY",
    "Case",
    "CaseSet",
    "canonical_json",
    "case_set_files",
    "case_set_folders",
    "expected_keys",
    "read_case_set",
    "read_case_sets",
    "replace_files",
    "source_text",
]

CASES = Path(__file__).resolve().parent / "cases"
# beside what is expected: how far the oracle's own float32 is from it (tolerance.py)
ERROR_KEY = "float32_error"
_KEYS = {"id", "hash", "input", "expect", "tags", "comment"}
_REQUIRED = {"id", "input", "tags", "comment"}
_SOURCE_ORDER = (
    "about",
    "dtype",
    "cases",
    "limit",
    "offsets",
    "recorded",
    "oracle",
    "model",
    "licence",
    "sha256",
)


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

    @property
    def line(self) -> str:
        """The case in canonical form."""
        return canonical_json(
            {
                "id": self.id,
                "hash": self.hash,
                "input": self.input,
                "expect": self.expect,
                "tags": list(self.tags),
                "comment": self.comment,
            }
        )


@dataclass(frozen=True)
class CaseSet:
    """The cases of one stage ("tokenizer", "vectors") and one subject (a fixture folder)."""

    stage: str
    subject: str
    source: dict[str, Any]
    cases: tuple[Case, ...]

    @property
    def dtype(self) -> str:
        """What the oracle computes vectors in: "float64" unless source.json says otherwise."""
        dtype: str = self.source.get("dtype", "float64")
        return dtype


def canonical_json(value: object) -> str:
    """JSON on one line; what a reader could not see is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "), allow_nan=False)
    return escaped(text)


def source_text(source: Mapping[str, Any]) -> str:
    """`source.json` in canonical form."""
    known = [key for key in _SOURCE_ORDER if key in source]
    ordered = {key: source[key] for key in [*known, *sorted(source.keys() - set(known))]}
    lines = json.dumps(ordered, indent=2, ensure_ascii=False, allow_nan=False).split("\n")
    return "".join(f"{escaped(line)}\n" for line in lines)


def case_set_folders(stage: str | None = None, *, root: Path = CASES) -> list[Path]:
    """The folders of all case sets, or of those of one stage, in the order of their names."""
    return [
        folder
        for folder in sorted(root.glob("*/*"))
        if folder.is_dir() and stage in (None, folder.parent.name)
    ]


def read_case_sets(stage: str | None = None, *, root: Path = CASES) -> list[CaseSet]:
    """All case sets, or those of one stage, in the order of their names."""
    return [read_case_set(folder) for folder in case_set_folders(stage, root=root)]


def read_case_set(folder: Path) -> CaseSet:
    """The case set in `<stage>/<subject>`; raises `ValueError` at the first line that is wrong."""
    path = folder / "cases.jsonl"
    cases: dict[str, Case] = {}
    hashes: dict[str, str] = {}
    # not splitlines(): a text may hold other line ends than ours
    lines = path.read_bytes().decode().removesuffix("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        where = f"{folder.parent.name}/{folder.name}/{path.name}:{number}"
        fields = json.loads(line)
        unknown, missing = fields.keys() - _KEYS, _REQUIRED - fields.keys()
        if unknown:
            raise ValueError(f"{where}: expected only {sorted(_KEYS)}, received {sorted(unknown)}")
        if missing:
            raise ValueError(f"{where}: expected {sorted(_REQUIRED)}, received no {min(missing)!r}")
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
    source = json.loads((folder / "source.json").read_bytes())
    return CaseSet(folder.parent.name, folder.name, source, tuple(cases.values()))


def case_set_files(case_set: CaseSet, *, root: Path = CASES) -> dict[Path, bytes]:
    """Both files of a case set in canonical form."""
    folder = root / case_set.stage / case_set.subject
    lines = "".join(f"{case.line}\n" for case in case_set.cases)
    source = source_text({**case_set.source, "cases": len(case_set.cases)})
    return {  # bytes: the same line ends on every system
        folder / "cases.jsonl": lines.encode(),
        folder / "source.json": source.encode(),
    }


def expected_keys(case_set: CaseSet, asked: Mapping[str, Any]) -> tuple[str, ...]:
    """What is compared, and so recorded, of an answer to the input `asked`."""
    if case_set.stage == "model_files":
        return ("commit",)
    if case_set.stage == "cache_key":
        return ("key",)
    if case_set.stage == "cache_file":
        return ("found", "file", "rows")
    if case_set.stage != "tokenizer":
        error = (ERROR_KEY,) if "float32" in case_set.source["limit"] else ()
        return ("ids", "vector", *error)
    masks = ("attention_mask", "special_tokens_mask")
    offsets = ("offsets",) if case_set.source.get("offsets") else ()
    last = masks if asked.get("as_filed") else ("decoded",)
    return ("ids", "tokens", *offsets, "type_ids", *last)


def replace_files(files: Mapping[Path, bytes]) -> None:
    """Write every file under another name first: none is ever there in part, and none alone."""
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(content)
        for path in files:
            beside[path].replace(path)
    finally:
        for path in beside.values():
            path.unlink(missing_ok=True)
