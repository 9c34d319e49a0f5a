"""Reports of single tests -> the closing lines of a run, and whether it may count as passed."""

from __future__ import annotations

from collections import defaultdict

import pytest

from ..cases import read_case_sets
from .distance import Distance

__all__ = ["SuiteReport"]


class SuiteReport:
    """A pytest plugin; it lives in the process that gathers the reports of all workers."""

    def __init__(self, missing_subjects: frozenset[str], *, every_case: bool) -> None:
        self._missing_subjects = missing_subjects
        self._every_case = every_case
        self._cases: set[str] = set()
        self._skipped: list[str] = []
        self._distances: defaultdict[str, list[Distance]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self._skipped.append(report.nodeid)
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name == "case":
                self._cases.add(str(value))
            elif name == "distance":
                distance = Distance.from_json(str(value))
                self._distances[distance.subject].append(distance)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK and (self._skipped or self._not_run()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        terminalreporter.section("conformance")
        write(f"{len(self._cases)} cases were run")
        for subject, distances in sorted(self._distances.items()):
            difference = max(distance.max_abs_diff for distance in distances)
            angle = max(1 - distance.cosine for distance in distances)
            limit = distances[0]
            write(
                f"{subject}: {len(distances)} vectors against float64, max abs diff "
                f"{difference:.2e} (limit {limit.max_abs_diff_limit:.0e}), 1 - cosine {angle:.1e} "
                f"(limit {1 - limit.cosine_limit:.0e})"
            )
        for name in self._skipped:
            write(f"SKIPPED, which fails the run: {name}", red=True)
        for name in self._not_run():
            write(f"NOT RUN, which fails the run: {name}", red=True)
        for subject in sorted(self._missing_subjects):
            write(f"NOT TESTED, the fixtures of {subject} are missing", yellow=True)

    def _not_run(self) -> list[str]:
        if not self._every_case:
            return []
        names = [
            f"{case_set.stage}/{case_set.subject}/{case.id}"
            for case_set in read_case_sets()
            if case_set.subject not in self._missing_subjects
            for case in case_set.cases
        ]
        return [name for name in names if name not in self._cases]
