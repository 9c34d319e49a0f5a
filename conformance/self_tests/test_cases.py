"""The canonical form: nothing is lost in it, everything can be seen in it, and it is stable."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ..cases import Case, CaseSet, canonical_json, case_set_files, read_case_set, replace_files
from ..format import format_cases
from ..printable import escaped

deterministic = settings(derandomize=True, deadline=None, max_examples=200)

texts = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)  # fmt: skip


@given(json_values)
@deterministic
def test_any_json_value_comes_back(value: Any) -> None:
    line = canonical_json(value)
    assert json.loads(line) == value
    assert "\n" not in line


@given(texts)
@deterministic
def test_any_text_comes_back_and_what_it_shows_is_printable(text: str) -> None:
    line = canonical_json(text)
    assert json.loads(line) == text
    hidden = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
    assert all(c == " " or unicodedata.category(c) not in hidden for c in line)


def test_every_code_point_comes_back() -> None:
    text = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF)
    assert json.loads(canonical_json(text)) == text


def test_what_a_reader_cannot_see_is_escaped_and_the_rest_is_not() -> None:
    shown = canonical_json("a\t\u00a0\u200b\u3042\U0001f600\U000e0001\x7f")
    assert shown == r'"a\t\u00a0\u200bあ😀\udb40\udc01\u007f"'


def test_the_form_does_not_follow_the_unicode_of_the_running_python() -> None:
    """U+9FFF came with Unicode 14: Python 3.10 calls it unprintable, 3.11 does not."""
    assert escaped("\u9ffc\u9fff") == "\u9ffc\\u9fff"
    assert Case("a/b", {"text": "\u9fff\u9fa5"}, None, (), "").hash == "b7454075c889"


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


def test_the_hash_is_of_the_input_alone(case_set: CaseSet) -> None:
    case = case_set.cases[0]
    assert replace(case, id="a/b", expect=None, tags=(), comment="").hash == case.hash
    assert replace(case, input={**case.input, "max_tokens": 2}).hash != case.hash


@given(st.lists(texts, min_size=1, max_size=5, unique=True))
@deterministic
def test_a_case_set_of_any_texts_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    root = tmp_path_factory.mktemp("root")
    cases = tuple(Case(f"a/{i}", {"text": t}, None, ("b",), t) for i, t in enumerate(lines))
    case_set = CaseSet("tokenizer", "subject", {"about": lines[0], "cases": len(cases)}, cases)
    files = case_set_files(case_set, root=root)
    replace_files(files)
    assert read_case_set(root / "tokenizer" / "subject") == case_set
    assert format_cases(root) == []


def test_format_undoes_another_form_and_is_idempotent(root: Path, folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    cases, source = folder / "cases.jsonl", folder / "source.json"
    lines = [json.loads(line) for line in cases.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        del line["hash"]
    cases.write_text("\r\n".join(json.dumps(dict(reversed(line.items()))) for line in lines))
    source.write_text(json.dumps({**json.loads(source.read_bytes()), "cases": 99}))
    assert sorted(format_cases(root)) == [cases, source]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert format_cases(root) == []


def test_format_leaves_a_false_hash_to_the_reader(root: Path, folder: Path) -> None:
    """The input was changed by hand: what stands beside it is not its expectation."""
    path = folder / "cases.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"text": " "', b'"text": "  "'))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"cases\.jsonl:2: expected hash [0-9a-f]{12}, received"):
        format_cases(root)
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    old, blocked = tmp_path / "old", tmp_path / "blocked"
    old.write_bytes(b"old")
    (blocked / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="blocked"):
        replace_files({blocked: b"new", old: b"new"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blocked", "old"]
    assert old.read_bytes() == b"old"


def test_of_files_that_belong_together_none_is_written_alone(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_bytes(b"old")
    with pytest.raises(OSError, match="old"):
        replace_files({old: b"new", old / "inside": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert old.read_bytes() == b"old"
