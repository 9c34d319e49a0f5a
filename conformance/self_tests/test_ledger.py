"""The ledger of expected failures is read strictly."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ..cases import CASES, read_case_set
from ..ledger import Entry, lint_ledger, of_stages, read_ledger
from ..run import case_name

ENTRY = """
[[failure]]
engine = "lattice"
case = "vectors/subject/id"
reason = "float32 cannot meet it: 2e-3"
link = "docs/decisions/0002-float64-goldens.md"
since = "2026.11"
"""


def read(folder: Path, text: str) -> int:
    path = folder / "ledger.toml"
    path.write_text(text, encoding="utf-8")
    return len(read_ledger(path))


def test_entries_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "") == 0
    assert read(tmp_path, ENTRY) == 1
    assert read(tmp_path, ENTRY + ENTRY.replace("/id", "/other")) == 2


@pytest.mark.parametrize(
    "text",
    [
        ENTRY + ENTRY,
        ENTRY + 'more = "x"\n',
        ENTRY.replace('since = "2026.11"\n', ""),
        ENTRY.replace("float32 cannot meet it: 2e-3", " "),
    ],
)
def test_what_is_not_as_it_should_be_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"ledger\.toml: failure\[\d\]"):
        read(tmp_path, text)


def test_a_run_of_one_stage_is_held_to_the_entries_of_that_stage() -> None:
    listed = Entry("lattice", "vectors/subject/id", "why", "link", "2026.11")
    other = replace(listed, case="service/subject/id")
    assert of_stages([listed, other], ["vectors", "tokenizer"]) == [listed]
    assert of_stages([listed, other], ["tokenizer"]) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("subject/id", "subject/other", "case: expected a case, received 'vectors/subject/other'"),
        ('"lattice"', '"latice"', "engine: expected one of lattice, lattice-compiled, .*'latice'"),
        ("2026.11", "2999.01", r"since: expected a version up to \d{4}\.\d{2}, received '2999"),
        ("2026.11", "v1", "since: expected a version up to .*, received 'v1'"),
        ("0002-float64", "0000-none", "link: expected an address, or a file and a heading"),
        ("goldens.md", "goldens.md, No such heading", "link: expected .*No such heading"),
        ("since", "because", r"failure\[0\]: expected exactly"),
    ],
)
def test_an_entry_that_points_at_nothing_is_a_problem(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path, cases = tmp_path / "ledger.toml", ["vectors/subject/id"]
    path.write_text(ENTRY, encoding="utf-8")
    assert list(lint_ledger(cases, path)) == []
    path.write_text(ENTRY.replace(old, new), encoding="utf-8")
    ((line, message),) = lint_ledger(cases, path)
    assert re.search(told, message)
    assert line in (1, 4)


def test_the_ledger_of_the_suite_tells_how_far_each_vector_is() -> None:
    entries = read_ledger()
    told = re.compile(r"max abs diff (\d\.\d\de-\d\d), 1 - cosine (\d\.\de-\d\d)$")
    for entry in entries:
        found = told.search(entry.reason)
        assert found, entry.case
        assert float(found[1]) > 1e-3 or float(found[2]) > 5e-3, entry.case
    assert entries


def test_what_bfloat16_expects_and_float32_meets_is_not_in_the_ledger() -> None:
    """F11: cases that pass and cases that cannot stand apart, in one set."""
    case_set = read_case_set(CASES / "vectors" / "made-qwen3-wide")
    listed = {entry.case for entry in read_ledger() if entry.engine == "lattice"}
    names = {case_name(case_set, case) for case in case_set.cases}
    assert names & listed
    assert names - listed
