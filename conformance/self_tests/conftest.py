"""The suite's own tests. They need no fixtures: a small tree of cases is made for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..cases import CASES, Case, CaseSet, case_set_files, read_case_set, replace_files

SUBJECT = "all-minilm-l6-v2"


def _case(name: str, text: str, tag: str) -> Case:
    ids = [101, 102]
    expect = {
        "ids": ids,
        "tokens": ["[CLS]", "[SEP]"],
        "offsets": [[0, 0], [0, 0]],
        "type_ids": [0, 0],
        "decoded": "",
    }
    return Case(name, {"text": text}, expect, (tag,), f"why {name} exists")


@pytest.fixture
def case_set() -> CaseSet:
    """Three cases that obey every rule, with the committed provenance of a real subject."""
    source = read_case_set(CASES / "tokenizer" / SUBJECT).source
    cases = (
        _case("kana/mark", "\u3099", "kana"),
        _case("whitespace/one", " ", "whitespace"),
        _case("whitespace/two", "a\u00a0\U0001f600", "whitespace"),
    )
    return CaseSet("tokenizer", SUBJECT, source, cases)


@pytest.fixture
def root(tmp_path: Path, case_set: CaseSet) -> Path:
    """A tree of cases without a mistake: those cases, and a dictionary of their tags."""
    replace_files(case_set_files(case_set, root=tmp_path))
    (tmp_path / "tags.toml").write_text(
        '[kana]\nmeans = "voiced marks"\nguards = ["F4"]\n\n[whitespace]\nmeans = "spaces"\n'
    )
    return tmp_path


@pytest.fixture
def folder(root: Path) -> Path:
    """The folder of the one case set of `root`."""
    return root / "tokenizer" / SUBJECT


@pytest.fixture
def vectors_folder(root: Path) -> Path:
    """A set of vectors in the same tree: the committed one, cut down to its first case."""
    committed = read_case_set(CASES / "vectors" / SUBJECT)
    small = CaseSet("vectors", SUBJECT, committed.source, committed.cases[:1])
    replace_files(case_set_files(small, root=root))
    with (root / "tags.toml").open("a") as tags:
        tags.write('\n[length]\nmeans = "lengths"\n')
    return root / "vectors" / SUBJECT


@pytest.fixture
def service_folder(root: Path) -> Path:
    """A set of service cases in the same tree: the first of the committed ones."""
    committed = read_case_set(CASES / "service" / SUBJECT)
    small = CaseSet("service", SUBJECT, committed.source, committed.cases[:1])
    replace_files(case_set_files(small, root=root))
    return root / "service" / SUBJECT


@pytest.fixture
def no_manifest(tmp_path: Path) -> Path:
    """A manifest of fixtures that has no file."""
    path = tmp_path / "fixtures.toml"
    path.write_text("files = []\nsources = {}\n")
    return path
