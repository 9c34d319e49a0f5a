"""Case files -> everything in them that is not as it must be, as path:line: expected, received.

Needs no fixtures and no oracle: it checks what is written, not whether the oracle would say so
again (`record --check` does that).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cases import CASES, Case, CaseSet, case_set_folders, expected_keys, source_text
from .fixtures import MANIFEST, Fixture, read_manifest
from .ledger import lint_ledger
from .provenance import ORACLE_FILES, provenance
from .schemas import broken_rules, stages, told
from .tags import read_tags_file, tags_file

__all__ = ["Problem", "lint"]

_CANONICAL = "expected the canonical form (python -m conformance format)"


@dataclass(frozen=True)
class Problem:
    """`message` says what was expected and what was received."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def lint(
    root: Path = CASES, manifest: Path = MANIFEST, ledger: Path | None = None
) -> list[Problem]:
    """Every problem of the case files under `root`, file by file, from the first line on.

    Then those of the `ledger`, if it is given.
    """
    fixtures = read_manifest(manifest)
    used: set[str] = set()
    problems: list[Problem] = []
    dictionary = _dictionary(root, problems)
    for folder in case_set_folders(root=root):
        problems += _lint_case_set(folder, dictionary, used, fixtures)
    path = tags_file(root)
    for name in sorted(dictionary.keys() - used):
        problems.append(
            Problem(path, dictionary[name], f"expected cases tagged {name!r}, received none")
        )
    if ledger is not None:
        problems += (Problem(ledger, *told) for told in lint_ledger(_names(root), ledger))
    return problems


def _names(root: Path) -> Iterator[str]:
    """Of all cases that can be read; the others are problems of their own."""
    for folder in case_set_folders(root=root):
        for line in _lines(folder / "cases.jsonl")[0]:
            try:
                yield f"{folder.parent.name}/{folder.name}/{json.loads(line)['id']}"
            except (ValueError, TypeError, KeyError):
                continue


def _dictionary(root: Path, problems: list[Problem]) -> dict[str, int]:
    """The lines on which tags are defined."""
    path = tags_file(root)
    try:
        text = path.read_bytes().decode()
        content = read_tags_file(root)
    except (OSError, ValueError) as error:
        problems.append(
            Problem(path, 1, f"expected a dictionary of tags in TOML, received {error}")
        )
        return {}
    lines = text.split("\n")
    places = {name: _index(lines, f"[{name}]") for name in content}
    for rule in broken_rules(content, "tags"):
        line = places.get(str(rule.path[0]), 1) if rule.path else 1
        problems.append(Problem(path, line, told(rule)))
    return places


def _index(lines: list[str], wanted: str) -> int:
    return next((i for i, line in enumerate(lines, start=1) if line.strip() == wanted), 1)


def _lint_case_set(
    folder: Path, dictionary: dict[str, int], used: set[str], fixtures: tuple[Fixture, ...]
) -> Iterator[Problem]:
    stage = folder.parent.name
    if stage not in stages():
        yield Problem(folder, 1, f"expected a stage of {list(stages())}, received {stage!r}")
        return
    path = folder / "cases.jsonl"
    lines, ending = _lines(path)
    yield from ending
    earlier = _Earlier({}, {})
    case_set = _without_cases(folder)
    for number, line in enumerate(lines, start=1):
        messages = _lint_line(line, number, case_set, dictionary, used, earlier)
        yield from (Problem(path, number, message) for message in messages)
    yield from _lint_source(folder, len(lines), fixtures)


def _without_cases(folder: Path) -> CaseSet:
    """A case set whose cases have not been read; without a source where that is broken."""
    stage, subject = folder.parent.name, folder.name
    try:
        source = json.loads((folder / "source.json").read_bytes())
    except (OSError, ValueError):
        source = None
    if any(broken_rules(source, "source", stage)):
        source = {}  # which `_lint_source` says
    return CaseSet(stage, subject, source, ())


def _lines(path: Path) -> tuple[list[str], list[Problem]]:
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        return [], [Problem(path, 1, f"expected a file in UTF-8, received {error}")]
    lines = text.split("\n")  # not splitlines(): a text may hold other line ends than ours
    if lines[-1]:
        return lines, [Problem(path, len(lines), f"{_CANONICAL}, received no line end at the end")]
    return lines[:-1], []


@dataclass(frozen=True)
class _Earlier:
    """Ids and hashes of the lines before, with the lines that they stand on."""

    ids: dict[str, int]
    hashes: dict[str, tuple[int, str]]


def _lint_line(
    line: str,
    number: int,
    case_set: CaseSet,
    dictionary: dict[str, int],
    used: set[str],
    earlier: _Earlier,
) -> Iterator[str]:
    try:
        fields = json.loads(line, parse_constant=_refuse_constant)
    except ValueError as error:
        yield f"expected a case in JSON, received {error}"
        return
    if isinstance(fields, dict) and isinstance(fields.get("tags"), list):
        used.update(map(str, fields["tags"]))  # of a broken line too: one mistake, one message
    broken = [told(error) for error in broken_rules(fields, "case", case_set.stage)]
    if broken:
        yield from broken
        return
    case = Case(
        fields["id"], fields["input"], fields["expect"], tuple(fields["tags"]), fields["comment"]
    )
    if fields["hash"] != case.hash:
        yield f"hash: expected {case.hash}, received {fields['hash']}"
    if case.id in earlier.ids:
        line_there = earlier.ids[case.id]
        yield f"id: expected one of its own, received that of line {line_there}, {case.id}"
    elif case.hash in earlier.hashes:
        there, other = earlier.hashes[case.hash]
        yield f"input: expected one of its own, received that of line {there}, {other}"
    earlier.ids.setdefault(case.id, number)
    earlier.hashes.setdefault(case.hash, (number, case.id))
    for tag in case.tags:
        if tag not in dictionary:
            yield f"tags: expected tags that tags.toml defines, received {tag!r}"
    yield from _lint_keys(case, case_set)
    if case.comment.strip() == case.id:
        yield "comment: expected why the case exists, received its id"
    if fields["hash"] == case.hash and line != case.line:
        yield f"{_CANONICAL}, received another: {_difference(case.line, line)}"


def _lint_keys(case: Case, case_set: CaseSet) -> Iterator[str]:
    """What a schema leaves open: source.json says whether cases hold offsets or float32 errors."""
    if case_set.source and case.expect is not None:
        wanted, held = expected_keys(case_set, case.input), tuple(case.expect)
        if sorted(held) != sorted(wanted):
            yield (
                f"expect: expected {', '.join(wanted)}, as source.json has it, "
                f"received {', '.join(held)}"
            )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name}, which JSON does not have")


def _difference(wanted: str, received: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(wanted, received, strict=False)) if a != b), 0)
    return f"{received[max(0, at - 15) : at + 25]!r}"


def _lint_source(folder: Path, cases: int, fixtures: tuple[Fixture, ...]) -> Iterator[Problem]:
    path, stage, subject = folder / "source.json", folder.parent.name, folder.name
    try:
        text = path.read_bytes().decode()
        source = json.loads(text)
    except (OSError, ValueError) as error:
        yield Problem(path, 1, f"expected a JSON file, received {error}")
        return
    broken = list(broken_rules(source, "source", stage))
    for rule in broken:
        yield Problem(path, _line_of(text, rule.path), told(rule))
    if broken:
        return
    files, root = ORACLE_FILES[stage], folder.parent.parent
    try:
        wanted = {"cases": cases, **provenance(subject, files, fixtures, root=root)}
    except ValueError as error:
        yield Problem(path, 1, str(error))
        return
    for keys, expected, received in _differences(wanted, source):
        field = ".".join(keys)
        message = f"{field}: expected {json.dumps(expected)}, received {json.dumps(received)}"
        yield Problem(path, _line_of(text, keys), message)
    recorded_in, wanted_in = (place.get("dtype", "float64") for place in (source["oracle"], source))
    if recorded_in != wanted_in:
        message = f"oracle.dtype: expected {wanted_in!r}, received {recorded_in!r}"
        yield Problem(path, _line_of(text, ["oracle", "dtype"]), message)
    canonical = source_text(source)
    if text != canonical:
        pairs = zip(canonical.split("\n"), text.split("\n"), strict=False)
        line = next((i for i, (a, b) in enumerate(pairs, start=1) if a != b), 1)
        yield Problem(path, line, f"{_CANONICAL}, received another")


def _differences(
    wanted: dict[str, Any], received: dict[str, Any]
) -> Iterator[tuple[list[str], Any, Any]]:
    """(keys, expected, received) of every field of `wanted` that differs; files one by one."""
    for key, value in wanted.items():
        if key != "sha256":
            if received[key] != value:
                yield [key], value, received[key]
            continue
        for name in sorted(value.keys() | received[key].keys()):
            if value.get(name) != received[key].get(name):
                yield [key, name], value.get(name), received[key].get(name)


def _line_of(text: str, keys: Any) -> int:
    """The line of a field in indented JSON, by the keys that lead to it."""
    at = 0
    for key in keys:
        at = max(at, text.find(f'"{key}":', at))
    return text.count("\n", 0, at) + 1
