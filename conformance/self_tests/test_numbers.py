"""What the README quotes is counted, not written down."""

from __future__ import annotations

from pathlib import Path

from ..cases import read_case_sets
from ..numbers import numbers, properties_in


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
