"""What is exported is the whole suite, and can be read and checked without this repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from .. import SUITE_VERSION
from ..cases import CASES, read_case_sets
from ..export import ExportError, export
from ..ledger import LEDGER, read_ledger
from ..lint import lint
from ..schemas import SCHEMAS
from ..tags import read_tags


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "new"
    export(folder)
    return folder


def test_the_cases_are_read_back_and_have_no_problem(exported: Path) -> None:
    assert read_case_sets(root=exported / "cases") == read_case_sets()
    assert read_tags(exported / "cases") == read_tags()
    assert lint(exported / "cases", exported / "fixtures.toml") == []


def test_a_broken_export_has_problems(exported: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    export(copy)
    small = copy / "cases" / "tokenizer" / "made-words" / "tokenizer.json"
    small.write_bytes(small.read_bytes() + b" ")
    (problem,) = lint(copy / "cases", copy / "fixtures.toml")
    assert "sha256.tokenizer.json" in problem.message


def test_version_schemas_and_ledger_are_there(exported: Path) -> None:
    assert (exported / "VERSION").read_text(encoding="utf-8") == f"{SUITE_VERSION}\n"
    assert read_ledger(exported / LEDGER.name) == read_ledger()
    for path in SCHEMAS.iterdir():
        assert (exported / "schema" / path.name).read_bytes() == path.read_bytes()


def test_the_readme_counts_every_set(exported: Path) -> None:
    readme = (exported / "README.md").read_text(encoding="utf-8")
    case_sets = read_case_sets()
    for case_set in case_sets:
        assert f"| {case_set.stage} | {case_set.subject} | {len(case_set.cases)} |" in readme
    assert f"{sum(len(s.cases) for s in case_sets):,} cases" in readme


def test_every_file_of_the_cases_is_there_and_the_same(exported: Path) -> None:
    for path in CASES.rglob("*"):
        if path.is_file():
            copy = exported / "cases" / path.relative_to(CASES)
            assert copy.read_bytes() == path.read_bytes()


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    kept = tmp_path / "README.md"
    kept.write_text("mine")
    for folder in (tmp_path, kept):
        with pytest.raises(ExportError, match="expected a new or empty one"):
            export(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert kept.read_text() == "mine"
