"""A report -> lines for a terminal, or JSON."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict

from . import SUITE_VERSION
from .run import CaseResult, Outcome, Report

__all__ = ["as_json", "summary"]


def summary(report: Report, *, details: int = 20) -> Iterator[str]:
    """A table of outcomes per stage and subject, then what went wrong, `details` cases of it."""
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    yield f"suite {SUITE_VERSION}, engine {report.engine} ({versions})"
    groups: defaultdict[str, list[CaseResult]] = defaultdict(list)
    for result in report.results:
        groups["/".join(result.name.split("/")[:2])].append(result)
    yield f"{'':<44}" + "".join(
        f"{word:>7}" for word in ("pass", "part", "fail", "error", "expect", "unsup")
    )
    for name, results in groups.items():
        counts = [sum(r.outcome is outcome for r in results) for outcome in Outcome]
        parts = sum(r.in_part for r in results)
        counts[:1] = [counts[0] - parts, parts]
        yield f"{name:<44}" + "".join(f"{count:>7}" for count in counts)
        distances = [result.distance for result in results if result.distance]
        if distances:
            worst = max(distances, key=lambda distance: distance.share)
            yield f"    nearest to its limit: {worst}"
    bad = [r for r in report.results if r.outcome in (Outcome.FAIL, Outcome.ERROR)]
    for result in bad[:details]:
        yield f"{result.outcome.value.upper()} {result.name}: {result.message}"
    if len(bad) > details:
        yield f"... and {len(bad) - details} more"
    for result in report.results:
        if result.outcome is Outcome.EXPECTED_FAILURE:
            yield f"expected {result.name}: {result.message}"
    yield from report.complaints
    if report.in_part:
        keys = ", ".join(dict.fromkeys(key for r in report.results for key in r.unclaimed))
        yield f"{report.in_part} cases passed in part: the engine does not claim all of {keys}"
    yield "passed" if report.passed else "FAILED"


def as_json(report: Report) -> str:
    """Everything in a report; the keys are those of its classes."""
    results = [{**asdict(result), "outcome": result.outcome.value} for result in report.results]
    content = {
        "suite_version": SUITE_VERSION,
        "engine": report.engine,
        "versions": report.versions,
        "passed": report.passed,
        "complaints": list(report.complaints),
        "counts": {outcome.value: report.counts()[outcome] for outcome in Outcome},
        "in_part": report.in_part,
        "results": results,
    }
    text = json.dumps(content, indent=1, ensure_ascii=False)
    # an engine may answer half a surrogate pair, which JSON has an escape for and UTF-8 no bytes
    return text.encode("utf-8", "backslashreplace").decode() + "\n"
