"""Reports of one or more engines -> one self-contained HTML page, or JUnit XML.

The page holds a matrix of engines and tags, the parts of tokenizer.json and how many cases notice
each, and every failing case with what was expected and what came, piece by piece. No outcome is
told by colour alone.
"""

from __future__ import annotations

import difflib
import html
import xml.etree.ElementTree as ET
from collections import defaultdict
from typing import Any

from .compare import Distance
from .coverage import Coverage

__all__ = ["html_page", "junit_xml"]

ReportJson = dict[str, Any]  # as `report.as_json` writes it

_BAD = ("fail", "error")
_EXPECTED = "expected failure"
# what can be shown piece by piece, the first that differs; a text, letter by letter
_SHOWN = (
    "tokens",
    "ids",
    "offsets",
    "type_ids",
    "attention_mask",
    "special_tokens_mask",
    "decoded",
)
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; }
table { border-collapse: collapse; display: block; margin: 1rem 0; overflow-x: auto; }
th, td { border: 1px solid #8888; padding: .3rem .6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
td.run, td.good, td.part, td.bad { white-space: nowrap; }
td.bad { background: #d55e0033; font-weight: bold; }
td.good { background: #0072b222; }
td.part { border: 2px dashed #888; }
td.none { color: #888; }
td details { border: 0; margin: 0; padding: 0; text-align: left; }
details { border: 1px solid #8888; border-radius: .3rem; margin: .5rem 0; padding: .3rem .8rem; }
summary { cursor: pointer; }
code, .pieces { font-family: ui-monospace, monospace; font-size: .9rem; }
.pieces span { border: 1px solid #8888; border-radius: .2rem; display: inline-block; margin: .1rem;
  padding: 0 .3rem; white-space: pre; }
.pieces .missing { border: 2px dashed #d55e00; text-decoration: line-through; }
.pieces .extra { border: 2px solid #d55e00; font-weight: bold; }
"""


def html_page(reports: list[ReportJson], coverage: Coverage | None = None) -> str:
    """One page for all reports, and for the coverage of the format if it is given."""
    body = "".join(
        [
            f"<p>Suite {_text(reports[0]['suite_version'])}. In each cell: cases passed of cases "
            "asked; <b>✗</b> where some failed, <b>–</b> where the engine claims none of them. "
            "<b>◐</b> counts cases that passed in part: the engine claims some keys only. <b>⚑</b> "
            "counts failures that expected_failures.toml expects.</p>",
            _overview(reports),
            _matrix(reports),
            _coverage(coverage) if coverage else "",
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
    outcomes = [*reports[0]["counts"]]
    outcomes.insert(outcomes.index("pass") + 1, "◐ in part")
    head = "".join(f"<th>{_text(outcome)}</th>" for outcome in outcomes)
    rows = ""
    for report in reports:
        versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
        counts = {**report["counts"], "pass": report["counts"]["pass"] - report["in_part"]}
        cells = f"<td>{counts.pop('pass')}</td><td>{report['in_part']}</td>"
        cells += "".join(f"<td>{count}</td>" for count in counts.values())
        result = "passed" if report["passed"] else "✗ failed"
        rows += (
            f"<tr><td><b>{_text(report['engine'])}</b> ({_text(versions)})</td>{cells}"
            f'<td class="run">{result}</td></tr>'
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
    passed = sum(r["outcome"] == "pass" and not r["unclaimed"] for r in asked)
    in_part = sum(r["outcome"] == "pass" and bool(r["unclaimed"]) for r in asked)
    bad = any(r["outcome"] in _BAD for r in asked)
    counts = [str(passed)] if passed or not in_part else []
    counts += [f"◐ {in_part}"] if in_part else []
    expected = sum(r["outcome"] == _EXPECTED for r in asked)
    counts += [f"⚑ {expected}"] if expected else []
    shown = f"{'✗ ' if bad else ''}{' + '.join(counts)} / {len(asked)}"
    kind = "bad" if bad else "part" if in_part else "good"
    return f'<td class="{kind}">{shown}</td>'


def _coverage(coverage: Coverage) -> str:
    """Every part of tokenizer.json, and which cases notice it."""
    rows = ""
    for row in coverage.rows:
        gaps = [f"no case tells it from {gap}" for gap in row.gaps] if row.cases else ["no case"]
        kind = "bad" if gaps else "good"
        shown = f"✗ {'; '.join(gaps)}" if gaps else str(len(row.cases))
        cases = "<br>".join(f"<code>{_text(name)}</code>" for name in row.cases)
        listed = f"<details><summary>{_text(', '.join(row.subjects))}</summary>{cases}</details>"
        rows += f'<tr><td>{_text(row.part)}</td><td class="{kind}">{_text(shown)}</td>'
        rows += f"<td>{listed if row.cases else ''}</td></tr>"
    return (
        "<h2>Parts of tokenizer.json</h2><p>How many cases notice each: their answer is another one"
        " without the component, or with another value of the option.</p><table>"
        f"<tr><th>part</th><th>cases</th><th>of</th></tr>{rows}</table>"
    )


def _failures(report: ReportJson) -> str:
    failed = [r for r in report["results"] if r["outcome"] in _BAD]
    expected = [r for r in report["results"] if r["outcome"] == _EXPECTED]
    parts = [f"<h2>{_text(report['engine'])}: {len(failed)} failing cases</h2>"]
    parts += [f"<p>{_text(complaint)}</p>" for complaint in report["complaints"]]
    parts += map(_told, failed)
    if expected:
        parts.append(f"<h3>⚑ {len(expected)} expected failures</h3>")
        parts += map(_told, expected)
    parts.append(_distances(report))
    return "".join(parts)


def _told(result: dict[str, Any]) -> str:
    """A case that was not passed, with what differs."""
    return (
        f"<details><summary><code>{_text(result['name'])}</code> {_text(result['outcome'])}"
        f"</summary><p>{_text(result['message'])}</p>{_pieces(result)}</details>"
    )


def _distances(report: ReportJson) -> str:
    """Every vector: how far it is from float64, and how far it may be."""
    rows = ""
    for result in report["results"]:
        distance = result["distance"]
        if distance is None:
            continue
        bad = result["outcome"] in _BAD
        near = f"{distance['max_abs_diff']:.2e} / {distance['max_abs_diff_limit']:.2e}"
        turned = f"{1 - distance['cosine']:.1e} / {1 - distance['cosine_limit']:.1e}"
        cells = f'<td class="{"bad" if bad else "good"}">{"✗ " * bad}{near}</td><td>{turned}</td>'
        rows += f"<tr><td><code>{_text(result['name'])}</code></td>{cells}</tr>"
    head = "<th>vector</th><th>max abs diff / limit</th><th>1 − cosine / limit</th>"
    table = f"<table><tr>{head}</tr>{rows}</table>"
    return f"<details><summary>Distances of its vectors</summary>{table}</details>" if rows else ""


def _pieces(result: dict[str, Any]) -> str:
    """What was expected and what came, piece by piece: what is missing, and what is new."""
    expected, received = result.get("expected") or {}, result.get("received") or {}
    shared = [key for key in _SHOWN if key in expected and key in received]
    differing = [key for key in shared if expected[key] != received[key]]
    if not differing:
        return ""
    wanted, came = (_column(answer, differing[0]) for answer in (expected, received))
    one, other = ([*map(str, answer[differing[0]])] for answer in (expected, received))
    spans = ""
    for change, a, b, c, d in difflib.SequenceMatcher(None, one, other, False).get_opcodes():
        if change == "equal":
            spans += "".join(f"<span>{_text(piece)}</span>" for piece in wanted[a:b])
            continue
        spans += "".join(f'<span class="missing">− {_text(piece)}</span>' for piece in wanted[a:b])
        spans += "".join(f'<span class="extra">+ {_text(piece)}</span>' for piece in came[c:d])
    legend = f"<p>{differing[0]}: − expected and missing, + not expected</p>"
    return f'<p class="pieces">{spans}</p>{legend}'


def _column(answer: dict[str, Any], key: str) -> list[str]:
    """A column of an answer, each value behind its token if there are any."""
    values = [*map(str, answer[key])]
    if key in ("tokens", "decoded") or len(answer.get("tokens", ())) != len(values):
        return values
    return [f"{token} {value}" for token, value in zip(answer["tokens"], values, strict=True)]


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
        skipped=str(grouped["unsupported"] + grouped["expected failure"] + report["in_part"]),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in {"suite": report["suite_version"], **report["versions"]}.items():
        ET.SubElement(properties, "property", name=_printable(name), value=_printable(value))
    for result in report["results"]:
        group, _, name = result["name"].rpartition("/")
        case = ET.SubElement(suite, "testcase", classname=_printable(group), name=_printable(name))
        kind = {"fail": "failure", "error": "error", "pass": ""}.get(result["outcome"], "skipped")
        message = result["message"]
        if not kind and result["unclaimed"]:
            kind, message = "skipped", f"passed in part, without {', '.join(result['unclaimed'])}"
        if kind:
            ET.SubElement(case, kind, message=_printable(message))
        if result["distance"]:
            ET.SubElement(case, "system-out").text = str(Distance(**result["distance"]))
    return suite
