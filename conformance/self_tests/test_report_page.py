"""Reports for people and for CI services."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import pytest

from .. import SUITE_VERSION
from ..cases import Case, CaseSet
from ..coverage import Coverage, Part, Row
from ..engines import Question, UnsupportedError
from ..ledger import Entry
from ..report import as_json
from ..report_page import html_page, junit_xml
from ..run import run

HOSTILE = "<script>alert(1)</script>\x00\x1b&\"'"
SHOWN = "<script>alert(1)</script>\\u0000\\u001b&\"'"
SET = CaseSet(
    "tokenizer",
    "subject",
    {},
    (
        Case("right", {"text": "right"}, {"tokens": ["a"]}, ("plain",), "why"),
        Case("wrong", {"text": "wrong"}, {"tokens": ["a", "b"]}, ("odd", "plain"), "why"),
        Case("none", {"text": "none"}, {"tokens": []}, ("rare",), "why"),
        Case("part", {"text": "right"}, {"tokens": ["a"], "offsets": []}, ("some",), "why"),
    ),
)


def page_of(expect: dict[str, Any], answer: dict[str, Any], *ledger: Entry) -> Texts:
    """The page of a run of one case, in an engine that gives `answer`."""

    class Answering(FakeEngine):
        def ask(self, _: Question) -> dict[str, Any]:
            return answer

    case_set = CaseSet("tokenizer", "s", {}, (Case("a/b", {"text": ""}, expect, ("t",), "why"),))
    report = json.loads(as_json(run("fake", Answering(), [case_set], ledger)))
    return Texts(html_page([report]))


class FakeEngine:
    def versions(self) -> dict[str, str]:
        return {"fake": "1"}

    def ask(self, question: Question) -> dict[str, Any]:
        if question.input["text"] == "none":
            raise UnsupportedError("not this")
        return {"tokens": ["a"] if question.input["text"] == "right" else ["a", HOSTILE]}

    def stop(self) -> None:
        pass


@pytest.fixture
def reports() -> list[dict[str, Any]]:
    report = as_json(run("fake", FakeEngine(), [SET], ()))
    return [json.loads(report), {**json.loads(report), "engine": HOSTILE}]


class Texts(HTMLParser):
    """The text of each element, by its tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: dict[str, list[str]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "elements are closed in order"

    def handle_data(self, data: str) -> None:
        if self.open:  # not the line end after the page
            self.found.setdefault(self.open[-1], []).append(data)


def test_the_page_shows_the_matrix_and_what_differs(reports: list[dict[str, Any]]) -> None:
    page = Texts(html_page(reports))
    assert page.open == []
    cells = page.found["td"]
    assert cells.count("✗ 1 / 2") == 2  # "plain", in both engines: not by colour alone
    assert cells.count("✗ 0 / 1") == 2  # "odd"
    assert cells.count("–") == 2  # "rare" was not claimed
    assert cells.count("◐ 1 / 1") == 2  # "some" has no offsets in the answer
    assert "− b" in page.found["span"]
    assert f"+ {SHOWN}" in page.found["span"]
    assert "script" not in page.found


def test_the_page_loads_nothing(reports: list[dict[str, Any]]) -> None:
    page = html_page(reports)
    assert not any(word in page for word in ("http:", "https:", "src=", "<link", "<script"))


def test_junit_counts_every_case(reports: list[dict[str, Any]]) -> None:
    suites = ET.fromstring(junit_xml(reports).encode())
    assert [suite.get("name") for suite in suites] == ["fake", SHOWN]
    first = suites[0]
    counts = {key: first.get(key) for key in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "4", "failures": "1", "errors": "0", "skipped": "2"}
    told = {one.get("name"): one.get("value") for one in first.iterfind("properties/property")}
    assert told == {"suite": SUITE_VERSION, "fake": "1"}
    cases = first.findall("testcase")
    assert [child.tag for case in cases for child in case] == ["failure", "skipped", "skipped"]
    assert cases[3][0].get("message") == "passed in part, without offsets"


@pytest.mark.parametrize("answer", [[0.6, 0.8], [0.0, 1.0], [float("nan"), 0.8]])
def test_junit_tells_the_distance_of_every_vector_and_its_limit(answer: list[float]) -> None:
    class Answering(FakeEngine):
        def ask(self, _: Question) -> dict[str, Any]:
            return {"vector": answer}

    source = {"limit": {"max_abs_diff": 1e-3, "min_cosine": 0.999}}
    case = Case("a/b", {"text": ""}, {"ids": [1], "vector": [0.6, 0.8]}, ("t",), "why")
    report = as_json(run("fake", Answering(), [CaseSet("vectors", "s", source, (case,))], ()))
    (told,) = ET.fromstring(junit_xml([json.loads(report)]).encode()).iter("system-out")
    assert told.text is not None
    assert "(limit 1.00e-03), 1 - cosine" in told.text
    assert told.text.endswith("(limit 1.0e-03)")


def test_the_page_shows_which_cases_notice_a_part_and_which_parts_nobody_does(
    reports: list[dict[str, Any]],
) -> None:
    rows = (
        Row(Part("normalizer", "NFC"), ("tokenizer/small/nfc/one",), ()),
        Row(Part("decoder", "Fuse"), (), ()),
        Row(Part("decoder", "CTC", "cleanup", "true"), ("tokenizer/small/a/b",), ("false",)),
    )
    page = Texts(html_page(reports, Coverage(rows)))
    assert page.open == []
    assert "tokenizer/small/nfc/one" in page.found["code"]
    cells = {*page.found["td"]}
    assert {"normalizer NFC", "1", "✗ no case", "✗ no case tells it from false"} <= cells


@pytest.mark.parametrize(
    ("expect", "answer", "spans", "legend"),
    [
        (
            {"ids": [1, 2], "tokens": ["a", "b"], "offsets": [[0, 1], [1, 2]]},
            {"ids": [1, 2], "tokens": ["a", "b"], "offsets": [[0, 1], [2, 3]]},
            ["a [0, 1]", "− b [1, 2]", "+ b [2, 3]"],
            "offsets",
        ),
        ({"ids": [1, 2]}, {"ids": [1, 3], "more": 1}, ["1", "− 2", "+ 3"], "ids"),
        # of an engine that has ids alone, those that are right are the same
        (
            {"ids": [1, 2], "tokens": ["a", "b"]},
            {"ids": [1, 3]},
            ["a 1", "− b 2", "+ 3"],
            "ids",
        ),
        (
            {"ids": [1], "tokens": ["a"], "decoded": "xy"},
            {"ids": [1], "tokens": ["a"], "decoded": "xz"},
            ["x", "− y", "+ z"],
            "decoded",
        ),
    ],
)
def test_whatever_differs_is_shown_piece_by_piece(
    expect: dict[str, Any], answer: dict[str, Any], spans: list[str], legend: str
) -> None:
    page = page_of(expect, answer)
    assert page.found["span"] == spans
    assert f"{legend}: − expected and missing, + not expected" in page.found["p"]


def test_an_expected_failure_is_shown_and_counted_by_a_sign_of_its_own() -> None:
    entry = Entry("fake", "tokenizer/s/a/b", "why", "link", "2026.11")
    page = page_of({"ids": [1]}, {"ids": [2]}, entry)
    assert "⚑ 1 expected failures" in page.found["h3"]
    assert "tokenizer/s/a/b" in page.found["code"]
    assert "0 + ⚑ 1 / 1" in page.found["td"]
