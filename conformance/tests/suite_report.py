"""Reports of single tests -> the closing lines of a run, and whether it may count as passed."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

import pytest

from ..cases import read_case_sets
from ..compare import Distance
from ..run import Outcome, case_name

__all__ = ["SuiteReport"]


class SuiteReport:
    """A pytest plugin; it lives in the process that gathers the reports of all workers."""

    def __init__(self, missing_subjects: frozenset[str], *, every_case: bool) -> None:
        self._missing_subjects = missing_subjects
        self._every_case = every_case
        self._outcomes: dict[str, str] = {}
        self._distances: defaultdict[str, list[Distance]] = defaultdict(list)
        self._skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self._skipped.append(report.nodeid)
        if report.when != "call":
            return
        for key, value in report.user_properties:
            if key == "case":
                fields = json.loads(str(value))
                self._outcomes[fields["name"]] = fields["outcome"]
                if fields["distance"]:
                    subject = "/".join(fields["name"].split("/")[:2])
                    self._distances[subject].append(Distance(**fields["distance"]))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK and (self._skipped or self._not_run()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        terminalreporter.section("conformance")
        counts = Counter(self._outcomes.values())
        words = [f"{counts[outcome.value]} {outcome.value}" for outcome in Outcome]
        write(f"{len(self._outcomes)} cases: {', '.join(words)}")
        for subject, distances in sorted(self._distances.items()):
            worst = max(distances, key=lambda distance: distance.share)
            write(f"{subject}: {len(distances)} vectors, nearest to its limit: {worst}")
        for name in self._skipped:
            write(f"SKIPPED, which fails the run: {name}", red=True)
        for name in self._not_run():
            write(f"NOT RUN, which fails the run: {name}", red=True)
        for subject in sorted(self._missing_subjects):
            write(f"NOT TESTED, the fixtures of {subject} are missing", yellow=True)

    def _not_run(self) -> list[str]:
        if not self._every_case:
            return []
        return [
            name
            for case_set in read_case_sets()
            if case_set.subject not in self._missing_subjects
            for case in case_set.cases
            if (name := case_name(case_set, case)) not in self._outcomes
        ]
