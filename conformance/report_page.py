"""Reports of one or more engines -> one self-contained HTML page, or JUnit XML.

The page holds a matrix of engines and tags, and every failing case with what was expected and what
came, piece by piece. No outcome is told by colour alone.
"""

from __future__ import annotations

import difflib
import html
import xml.etree.ElementTree as ET
from collections import defaultdict
from typing import Any

__all__ = ["html_page", "junit_xml"]

ReportJson = dict[str, Any]  # as `report.as_json` writes it

_BAD = ("fail", "error")
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid #8888; padding: .3rem .6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
td.bad { background: #d55e0033; font-weight: bold; }
td.good { background: #0072b222; }
td.none { color: #888; }
details { border: 1px solid #8888; border-radius: .3rem; margin: .5rem 0; padding: .3rem .8rem; }
summary { cursor: pointer; }
code, .pieces { font-family: ui-monospace, monospace; font-size: .9rem; }
.pieces span { border: 1px solid #8888; border-radius: .2rem; display: inline-block; margin: .1rem;
  padding: 0 .3rem; white-space: pre; }
.pieces .missing { border: 2px dashed #d55e00; text-decoration: line-through; }
.pieces .extra { border: 2px solid #d55e00; font-weight: bold; }
"""


def html_page(reports: list[ReportJson]) -> str:
    """One page for all reports."""
    body = "".join(
        [
            f"<p>Suite {_text(reports[0]['suite_version'])}. In each cell: cases passed of cases "
            "asked; <b>✗</b> where some failed, <b>–</b> where the engine claims none of them.</p>",
            _overview(reports),
            _matrix(reports),
            *(_failures(report) for report in reports),
        ]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Conformance report</title>'
        f"<style>{_STYLE}</style></head><body><h1>Conformance report</h1>{body}</body></html>\n"
    )


def _text(value: object) -> str:
    return html.escape(_printable(str(value)))


def _printable(text: str) -> str:
    """Neither HTML nor XML has a place for control characters, not even escaped."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _overview(reports: list[ReportJson]) -> str:
    outcomes = list(reports[0]["counts"])
    head = "".join(f"<th>{_text(outcome)}</th>" for outcome in outcomes)
    rows = ""
    for report in reports:
        versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
        cells = "".join(f"<td>{report['counts'][outcome]}</td>" for outcome in outcomes)
        result = "passed" if report["passed"] else "✗ failed"
        rows += (
            f"<tr><td><b>{_text(report['engine'])}</b> ({_text(versions)})</td>{cells}"
            f"<td>{result}</td></tr>"
        )
    return f"<table><tr><th>engine</th>{head}<th>run</th></tr>{rows}</table>"


def _matrix(reports: list[ReportJson]) -> str:
    tags = sorted({tag for report in reports for r in report["results"] for tag in r["tags"]})
    head = "".join(f"<th>{_text(report['engine'])}</th>" for report in reports)
    rows = ""
    for tag in tags:
        cells = "".join(
            _cell([r for r in report["results"] if tag in r["tags"]]) for report in reports
        )
        rows += f"<tr><td>{_text(tag)}</td>{cells}</tr>"
    return f"<h2>Tags</h2><table><tr><th>tag</th>{head}</tr>{rows}</table>"


def _cell(results: list[dict[str, Any]]) -> str:
    asked = [r for r in results if r["outcome"] != "unsupported"]
    if not asked:
        return '<td class="none">–</td>'
    passed = sum(r["outcome"] == "pass" for r in asked)
    bad = any(r["outcome"] in _BAD for r in asked)
    shown = f"{'✗ ' if bad else ''}{passed} / {len(asked)}"
    return f'<td class="{"bad" if bad else "good"}">{shown}</td>'


def _failures(report: ReportJson) -> str:
    failed = [r for r in report["results"] if r["outcome"] in _BAD]
    parts = [f"<h2>{_text(report['engine'])}: {len(failed)} failing cases</h2>"]
    parts += [f"<p>{_text(complaint)}</p>" for complaint in report["complaints"]]
    for result in failed:
        parts.append(
            f"<details><summary><code>{_text(result['name'])}</code> {_text(result['outcome'])}"
            f"</summary><p>{_text(result['message'])}</p>{_pieces(result)}</details>"
        )
    return "".join(parts)


def _pieces(result: dict[str, Any]) -> str:
    """The tokens that were expected and those that came, with what is missing and what is new."""
    expected, received = result.get("expected") or {}, result.get("received") or {}
    key = next((k for k in ("tokens", "ids") if k in expected and k in received), None)
    if key is None:
        return ""
    wanted, came = list(map(str, expected[key])), list(map(str, received[key]))
    spans = ""
    for change, a, b, c, d in difflib.SequenceMatcher(None, wanted, came, False).get_opcodes():
        if change == "equal":
            spans += "".join(f"<span>{_text(piece)}</span>" for piece in wanted[a:b])
            continue
        spans += "".join(f'<span class="missing">− {_text(piece)}</span>' for piece in wanted[a:b])
        spans += "".join(f'<span class="extra">+ {_text(piece)}</span>' for piece in came[c:d])
    return f'<p class="pieces">{spans}</p><p>− expected and missing, + not expected</p>'


def junit_xml(reports: list[ReportJson]) -> str:
    """A test suite per engine, in the form that CI services read."""
    root = ET.Element("testsuites")
    for report in reports:
        ET.indent(_suite(root, report))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, report: ReportJson) -> ET.Element:
    grouped: defaultdict[str, int] = defaultdict(int, report["counts"])
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_printable(report["engine"]),
        tests=str(len(report["results"])),
        failures=str(grouped["fail"]),
        errors=str(grouped["error"]),
        skipped=str(grouped["unsupported"] + grouped["expected failure"]),
    )
    for result in report["results"]:
        group, _, name = result["name"].rpartition("/")
        case = ET.SubElement(suite, "testcase", classname=_printable(group), name=_printable(name))
        kind = {"fail": "failure", "error": "error", "pass": ""}.get(result["outcome"], "skipped")
        if kind:
            ET.SubElement(case, kind, message=_printable(result["message"]))
    return suite
