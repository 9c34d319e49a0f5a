"""Every part of tokenizer.json is noticed by a case; and a part that is not is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from ..cases import CaseSet, read_case_sets
from ..coverage import FORMAT, Coverage, Part, coverage
from ..coverage.without import others
from ..fuzz.subjects import OPENERS


@cache
def case_sets() -> tuple[CaseSet, ...]:
    return tuple(read_case_sets("tokenizer"))


def covered(sets: Iterable[CaseSet]) -> Coverage:
    return coverage(sets, OPENERS["lattice"])


def test_every_part_of_the_format_is_noticed_by_some_case() -> None:
    told = covered(case_sets())
    unnoticed = [str(row.part) for row in told.rows if not row.cases or row.gaps]
    assert unnoticed == []
    assert told.complete


def test_without_its_tokenizer_a_component_is_not_noticed() -> None:
    told = covered(s for s in case_sets() if s.subject != "made-scripts")
    rows = {row.part: row for row in told.rows}
    assert rows[Part("pre_tokenizer", "UnicodeScripts")].cases == ()
    assert not told.complete


def test_a_value_that_no_case_tells_from_another_is_a_gap() -> None:
    """Of the ways to cut, the one text shows the way of its own mark alone."""
    (words,) = (s for s in case_sets() if s.subject == "made-split")
    plain = replace(words, cases=tuple(c for c in words.cases if c.id == "split/removed"))
    rows = {row.part: row for row in covered((plain,)).rows}
    assert rows[Part("pre_tokenizer", "Split", "behavior", "Removed")].gaps == ()
    previous = rows[Part("pre_tokenizer", "Split", "behavior", "MergedWithPrevious")]
    assert previous.gaps == ("Removed", "Isolated", "MergedWithNext", "Contiguous")


def test_the_parts_of_a_document_can_be_left_out_or_have_another_value() -> None:
    lower, strip = {"type": "Lowercase"}, {"type": "Strip", "strip_left": True, "strip_right": True}
    document: dict[str, Any] = {
        **dict.fromkeys(FORMAT),
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [lower, strip]},
        "model": {"type": "WordLevel", "vocab": {}},
    }
    found = {(str(part), other): changed["normalizer"] for part, other, changed in others(document)}

    def sequence(*parts: object) -> object:
        return {"type": "Sequence", "normalizers": list(parts)}

    assert found == {
        ("normalizer Sequence", "nothing"): None,
        ("normalizer Sequence", "the other order"): sequence(strip, lower),
        ("normalizer Lowercase", "nothing"): sequence(strip),
        ("normalizer Strip", "nothing"): sequence(lower),
        ("normalizer Strip strip_left=true", "false"): sequence(
            lower, {**strip, "strip_left": False}
        ),
        ("normalizer Strip strip_right=true", "false"): sequence(
            lower, {**strip, "strip_right": False}
        ),
    }
    assert document["normalizer"] == sequence(lower, strip)
