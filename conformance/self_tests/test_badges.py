"""Badges say what was counted, and are well-formed whatever an engine is called."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from ..badges import badge, case_badges, mutants_badge, write_badges


def texts(svg: str) -> list[str]:
    namespace = "{http://www.w3.org/2000/svg}"
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{namespace}text")]


def report(**changed: Any) -> dict[str, Any]:
    counts = {"pass": 5, "fail": 0}
    given = {"engine": "mine", "counts": counts, "in_part": 0, "passed": True, "results": [0] * 7}
    return {**given, **changed}


def test_passes_are_counted_out_of_all_cases() -> None:
    ((name, svg),) = case_badges([report()]).items()
    assert name == "cases-mine.svg"
    assert texts(svg) == ["mine", "5 of 7 cases"]


def test_passes_in_part_are_no_passes() -> None:
    (svg,) = case_badges([report(in_part=2, passed=False)]).values()
    assert texts(svg) == ["mine", "✗ 3 of 7 cases"]


def test_an_engine_of_any_name_makes_a_file_and_an_image(tmp_path: Path) -> None:
    badges = case_badges([report(engine='stdio:./"<a>&b" --x')])
    write_badges(tmp_path, badges)
    (path,) = tmp_path.iterdir()
    assert path.name == "cases-stdio-----a--b----x.svg"
    assert texts(path.read_text(encoding="utf-8"))[0] == 'stdio:./"<a>&b" --x'


@pytest.mark.parametrize(
    ("caught", "mutants", "value"),
    [(3, 3, "3 of 3 caught"), (2, 3, "✗ 2 of 3 caught"), (0, 0, "✗ 0 of 0 caught")],
)
def test_mutants_that_survive_are_said_in_letters(caught: int, mutants: int, value: str) -> None:
    assert texts(mutants_badge(caught, mutants)["mutants.svg"]) == ["mutants", value]


def test_good_and_bad_differ_in_more_than_colour() -> None:
    good, bad = badge("a", "1", good=True), badge("a", "1", good=False)
    assert texts(good) == ["a", "1"]
    assert texts(bad) == ["a", "✗ 1"]
