"""The linter: no problem where there is none, and each planted mistake is found where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ..cases import CASES, read_case_set
from ..ledger import LEDGER, read_ledger
from ..lint import lint


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    """Plants a mistake: the first `old` in a file becomes `new`."""

    def plant(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode(), 1)

    return plant


def line_again(number: int, **fields: object) -> Callable[[bytes], bytes]:
    """Plants a copy of a line at the end, with other fields."""

    def plant(content: bytes) -> bytes:
        copy = json.loads(content.decode().split("\n")[number - 1]) | fields
        return content + json.dumps(copy).encode() + b"\n"

    return plant


def _latin_1(content: bytes) -> bytes:
    return b"\xe9" + content


# (file, what is planted, line, what must be said)
MISTAKES: list[tuple[str, Callable[[bytes], bytes], int, str]] = [
    # form
    ("cases.jsonl", replaced('{"id": "white', '"id": "white'), 2, "expected a case in JSON"),
    ("cases.jsonl", replaced('"ids": [101', '"ids": [NaN'), 1, "NaN, which JSON does not have"),
    ("cases.jsonl", replaced("\n", "\n\n"), 2, "expected a case in JSON"),
    ("cases.jsonl", _latin_1, 1, "expected a file in UTF-8"),
    ("cases.jsonl", replaced('"comment"', '"remark"'), 1, "expected the fields"),
    ("cases.jsonl", replaced('["kana"]', '["kana"], "since": 1'), 1, "only known fields"),
    ("cases.jsonl", replaced('"decoded": ""', '"decoded": 1'), 1, "expect.decoded: expected type"),
    ("cases.jsonl", replaced('", "input"', '","input"'), 1, "expected the canonical form"),
    ("cases.jsonl", replaced(r"\u00a0", "\u00a0"), 3, "expected the canonical form"),
    ("cases.jsonl", replaced("}\n", "}\r\n"), 1, "expected the canonical form"),
    ("cases.jsonl", lambda content: content[:-1], 3, "received no line end at the end"),
    # what a case says
    ("cases.jsonl", replaced('"text": " "', '"text": "  "'), 2, "hash: expected"),
    ("cases.jsonl", replaced("space/two", "space/one"), 3, "id: expected one of its own, received"),
    ("cases.jsonl", replaced('"kana"', '"kanna"'), 1, "expected tags that tags.toml defines"),
    ("cases.jsonl", replaced("why kana/mark exists", "kana/mark"), 1, "comment: expected why"),
    ("cases.jsonl", replaced("why kana/mark exists", " "), 1, "comment: expected pattern"),
    # where it comes from
    ("source.json", replaced('"cases": 3', '"cases": 4'), 3, "cases: expected 3, received 4"),
    ("source.json", replaced("Apache-2.0", "MIT"), 13, 'licence: expected "Apache-2.0"'),
    ("source.json", replaced("be50c3", "be50c4"), 15, "sha256.tokenizer.json: expected"),
    ("source.json", replaced("c9745e", "c9745f"), 9, "model: expected"),
    ("source.json", replaced('"recorded"', '"on"'), 1, "expected the fields"),
    ("source.json", replaced('"2', '"day 2'), 5, "recorded: expected format"),
    ("source.json", replaced('"0.', '"v0.'), 7, "oracle.tokenizers: expected pattern"),
    ("source.json", replaced("  ", " "), 2, "expected the canonical form"),
    ("source.json", replaced("{", ""), 1, "expected a JSON file"),
    # the dictionary
    ("tags.toml", replaced("[kana]", "[kana"), 1, "expected a dictionary of tags in TOML"),
    ("tags.toml", replaced("F4", "F40"), 1, "kana.guards[0]: expected pattern"),
    ("tags.toml", replaced("means", "sense"), 1, "kana: expected"),
    ("tags.toml", replaced("[white", '[snow]\nmeans = "?"\n[white'), 5, "tagged 'snow', received"),
]


def test_a_tree_without_a_mistake_has_no_problem(root: Path, vectors_folder: Path) -> None:
    assert lint(root) == []


def test_the_committed_cases_have_no_problem() -> None:
    assert [str(problem) for problem in lint(CASES, ledger=LEDGER)] == []


def test_problems_of_the_ledger_are_told_with_the_others(root: Path) -> None:
    (case,) = {entry.case for entry in read_ledger()[:1]}
    problem = next(p for p in lint(root, ledger=LEDGER) if p.path == LEDGER)
    assert problem.message == f"case: expected a case, received {case!r}"
    assert case in LEDGER.read_text(encoding="utf-8").split("\n")[problem.line - 1]


@pytest.mark.parametrize(("name", "plant", "line", "told"), MISTAKES)
def test_a_planted_mistake_is_found(
    root: Path, folder: Path, name: str, plant: Callable[[bytes], bytes], line: int, told: str
) -> None:
    path = (root if name == "tags.toml" else folder) / name
    path.write_bytes(plant(path.read_bytes()))
    said = [str(problem) for problem in lint(root)]
    assert any(one.startswith(f"{path}:{line}: ") and told in one for one in said), said
    for one in said:
        assert re.search(r":\d+: .*expected.*received", one), one


def test_a_doubled_input_names_the_first(root: Path, folder: Path) -> None:
    path = folder / "cases.jsonl"
    path.write_bytes(line_again(2, id="whitespace/again")(path.read_bytes()))
    said = [str(problem) for problem in lint(root)]
    assert f"{path}:4: input: expected one of its own, received that of line 2, " in "".join(said)
    assert "whitespace/one" in "".join(said)


def test_all_problems_are_told_at_once(root: Path, folder: Path) -> None:
    path = folder / "cases.jsonl"
    content = path.read_bytes()
    for plant in (replaced('"kana"', '"kanna"'), replaced("why whitespace/one exists", " ")):
        content = plant(content)
    path.write_bytes(content)
    assert [problem.line for problem in lint(root) if problem.path == path] == [1, 2]


def test_one_mistake_in_a_line_is_one_problem(root: Path, folder: Path) -> None:
    path = folder / "cases.jsonl"
    path.write_bytes(replaced('"comment"', '"remark"')(path.read_bytes()))
    assert [str(problem).partition(": ")[2] for problem in lint(root)] == [
        'it: expected the fields ["id", "hash", "input", "expect", "tags", "comment"], '
        'received none of ["comment"]',
        "it: expected only known fields, received others: Unevaluated properties are not allowed "
        "('remark' was unexpected)",
    ]


def test_a_set_whose_files_are_not_fixtures_is_a_problem(
    root: Path, folder: Path, no_manifest: Path
) -> None:
    (problem,) = lint(root, no_manifest)
    assert problem.path == folder / "source.json"
    assert "expected a file of fixtures.toml, received 'all-minilm-l6-v2/tokenizer.json'" in str(
        problem
    )


@pytest.mark.parametrize("name", ["cases.jsonl", "source.json"])
def test_a_missing_file_is_a_problem(root: Path, folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert any(problem.path == folder / name for problem in lint(root))


def test_a_missing_dictionary_is_a_problem(root: Path) -> None:
    (root / "tags.toml").unlink()
    assert any(problem.path == root / "tags.toml" for problem in lint(root))


def test_an_unknown_stage_is_a_problem(root: Path, folder: Path) -> None:
    folder.parent.rename(root / "tokens")
    assert "expected a stage of" in str(lint(root)[0])


def test_vectors_have_the_provenance_of_all_their_files(root: Path, vectors_folder: Path) -> None:
    path = vectors_folder / "source.json"
    path.write_bytes(replaced("53aa51", "53aa52")(path.read_bytes()))
    (problem,) = lint(root)
    assert "sha256.model.safetensors: expected" in str(problem)
    assert path.read_text(encoding="utf-8").split("\n")[problem.line - 1].count("53aa52") == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"cases"', '"dtype": "bfloat16",\n  "cases"', "expected 'bfloat16', received 'float64'"),
        ('"dtype": "float64"', '"dtype": "bfloat16"', "expected 'float64', received 'bfloat16'"),
    ],
)
def test_vectors_come_from_the_dtype_that_is_asked_for(
    root: Path, vectors_folder: Path, old: str, new: str, told: str
) -> None:
    path = vectors_folder / "source.json"
    path.write_bytes(replaced(old, new)(path.read_bytes()))
    (problem,) = lint(root)
    assert f"oracle.dtype: {told}" in str(problem)
    assert '"dtype"' in path.read_text(encoding="utf-8").split("\n")[problem.line - 1]


def test_a_vector_without_the_error_of_float32_is_told(root: Path, vectors_folder: Path) -> None:
    path = vectors_folder / "cases.jsonl"
    case = read_case_set(vectors_folder).cases[0]
    assert case.expect is not None
    expect = {key: value for key, value in case.expect.items() if key != "float32_error"}
    path.write_bytes(f"{replace(case, expect=expect).line}\n".encode())
    (problem,) = lint(root)
    told = (
        "expect: expected ids, vector, float32_error, as source.json has it, received ids, vector"
    )
    assert told in str(problem)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("cases.jsonl", '"offsets": [[0, 0], [0, 0]], ', ""),
        ("source.json", '  "offsets": true,\n', ""),
    ],
)
def test_cases_hold_offsets_where_their_source_says_so(
    root: Path, folder: Path, name: str, old: str, new: str
) -> None:
    path = folder / name
    path.write_bytes(replaced(old, new)(path.read_bytes()))
    problems = lint(root)
    lines = [1] if name == "cases.jsonl" else [1, 2, 3]
    assert [problem.line for problem in problems] == lines
    for problem in problems:
        assert problem.path == folder / "cases.jsonl"
        assert "expect: expected ids, tokens, " in problem.message
