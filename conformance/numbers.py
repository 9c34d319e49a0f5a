"""The suite's own files -> how large it is: the numbers that the README quotes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .cases import read_case_sets
from .coverage.format_parts import all_parts
from .engines import ENGINES
from .fixtures import read_manifest
from .fuzz.runs import read_runs
from .hostile.recipes import entries
from .ledger import read_ledger
from .mutants import MUTANTS
from .tags import read_tags

__all__ = ["numbers", "properties_in"]

_TESTS = Path(__file__).resolve().parent / "tests"


def numbers() -> Iterator[tuple[int, str]]:
    """A number and what it counts: the case sets one by one, then the suite."""
    case_sets = read_case_sets()
    for case_set in case_sets:
        yield len(case_set.cases), f"cases in {case_set.stage}/{case_set.subject}"
    stages = Counter(case_set.stage for case_set in case_sets for _ in case_set.cases)
    told = ", ".join(f"{count} {stage}" for stage, count in stages.items())
    defects = {mutant.defect for mutant in MUTANTS if mutant.defect} | {"F11"}
    in_order = sorted(defects, key=lambda defect: int(defect.removeprefix("F")))
    runs = read_runs()
    yield sum(stages.values()), f"cases: {told}"
    yield len(read_tags()), "tags"
    yield len(all_parts()), "components and options of tokenizer.json, each noticed by a case"
    yield len(ENGINES), "engines, and any other over stdio"
    yield len(MUTANTS) + 1, f"mutants, among them {', '.join(in_order)}"
    yield sum(map(properties_in, sorted(_TESTS.glob("test_*.py")))), "properties of engines"
    yield len(entries()), "hostile files"
    yield sum(run.strings for run in runs), f"fuzz strings in {len(runs)} kept runs"
    yield sum(run.differences for run in runs), "differences that they found"
    yield len(read_ledger()), "expected failures"
    yield len(read_manifest()), "fixture files"


def properties_in(path: Path) -> int:
    """How many tests of a file are given generated values."""
    tree = ast.parse(path.read_bytes())
    return sum(
        any(ast.unparse(decorator).startswith("given(") for decorator in node.decorator_list)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    )
