"""Runs are kept as they were, and never written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..fuzz.fuzzing import Totals
from ..fuzz.runs import Run, keep_run, read_runs

VERSIONS = {"tokenizers": "0.1", "mine": "2"}


def test_runs_are_appended_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    first = keep_run(Totals(1, 10, 9, tokens=30), "a", "mine", VERSIONS, 7, path)
    second = keep_run(Totals(2, 5, 5, tokens=6), "b", "mine", VERSIONS, 8, path)
    assert read_runs(path) == [first, second]
    assert first == Run(first.date, "a", "mine", VERSIONS, 7, 1, 10, 30, 0)


@pytest.mark.parametrize("line", ["{}", "[]", "nonsense", '{"date": "2026-01-31"}'])
def test_a_line_that_is_no_run_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"runs\.jsonl:1: expected a run"):
        read_runs(path)


def test_the_kept_runs_can_be_read_and_compared_something() -> None:
    runs = read_runs()
    assert runs
    assert all(run.strings > 0 and run.tokens > 0 for run in runs)
