"""What the README quotes is counted, not written down."""

from __future__ import annotations

import re
from pathlib import Path

from ..cases import read_case_sets
from ..engines import ENGINES
from ..fixtures import ROOT
from ..ledger import read_ledger
from ..mutants import MUTANTS
from ..numbers import numbers, properties_in

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_cases_are_counted_once_in_their_sets_and_once_in_all() -> None:
    told = list(numbers())
    in_sets = sum(number for number, what in told if what.startswith("cases in "))
    (whole,) = (number for number, what in told if what.startswith("cases: "))
    assert in_sets == whole == sum(len(s.cases) for s in read_case_sets())


def test_nothing_that_the_suite_is_made_of_is_missing() -> None:
    counted = {what.split()[0]: number for number, what in numbers()}
    for what in ("tags", "engines,", "mutants,", "properties", "hostile", "fuzz", "fixture"):
        assert counted[what] > 0, what


def test_properties_are_tests_of_generated_values(tmp_path: Path) -> None:
    path = tmp_path / "test_some.py"
    path.write_text(
        "@given(a)\ndef test_one(): ...\n\n"
        "@mark\n@given(b, c)\ndef test_two(): ...\n\n"
        "@forgiven(d)\ndef test_three(): ...\n"
    )
    assert properties_in(path) == 2


def test_the_readme_quotes_what_is_counted() -> None:
    counted = {what.split()[0].rstrip(":,"): number for number, what in numbers()}
    sets, words = len(read_case_sets()), " ".join(README.split())
    mutants, listed = counted["mutants"], _expected_failures()
    real = ("all-minilm-l6-v2", "qwen3-embedding", "multilingual-e5-small-q4")
    of_real = sum(len(s.cases) for s in read_case_sets("tokenizer") if s.subject in real)
    for quoted in (
        f"{counted['cases']:,} cases in {sets} sets with {counted['tags']} tags",
        f"in all {of_real:,} cases",
        f"{counted['properties']} properties",
        f"{counted['hostile']:,} hostile files",
        f"{counted['engines']} engines",
        f"{counted['fuzz'] / 1e6:.1f} million fuzz strings",
        f"each of {counted['components']} components and options",
        f"{mutants} of {mutants} deliberately wrong engines",
        f"holds {mutants} wrong engines",
        f"the {listed} that the badge leaves out",
    ):
        assert quoted in words, quoted


def test_every_engine_of_the_guide_was_asked_every_case() -> None:
    """Rows of `nox -s engines`: pass, in part, fail, expected and unsupported are all cases."""
    guide = (ROOT / "docs" / "guides" / "engines.md").read_text(encoding="utf-8")
    cases = sum(len(case_set.cases) for case_set in read_case_sets())
    assert f"with all of its {cases:,} cases" in guide
    row = re.compile(r"^\| `([a-z0-9-]+)`.*?" + 5 * r" \| ([0-9,]+)[^|]*", re.MULTILINE)
    told = {name: [int(n.replace(",", "")) for n in counts] for name, *counts in row.findall(guide)}
    assert told.keys() == ENGINES.keys() - {"transformers-bfloat16"}
    assert {name: sum(counts) for name, counts in told.items()} == dict.fromkeys(told, cases)


def test_badges_say_what_is_counted() -> None:
    """Made by `conformance report --badges` and `conformance mutants --badges`."""
    cases = sum(len(case_set.cases) for case_set in read_case_sets())
    mutants = len(MUTANTS) + 1
    for name, told in (
        ("cases-lattice.svg", f"lattice: {cases - _expected_failures()} of {cases} cases"),
        ("mutants.svg", f"mutants: {mutants} of {mutants} caught"),
    ):
        picture = (ROOT / "docs" / "badges" / name).read_text(encoding="utf-8")
        assert f"<title>{told}</title>" in picture
        assert f"![{told}](docs/badges/{name})" in README


def _expected_failures() -> int:
    return sum(entry.engine == "lattice" for entry in read_ledger())
