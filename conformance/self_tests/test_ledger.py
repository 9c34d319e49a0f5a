"""The ledger of expected failures is read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..ledger import read_ledger

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


def test_the_ledger_of_the_suite_is_well_formed() -> None:
    read_ledger()
