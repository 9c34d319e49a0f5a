"""What holds for every run of the suite.

- Fixtures that are missing stop the run before its first test (F1).
- Nothing is skipped: a skipped test fails the run.
- With `--require-all-cases`, every case of every file must have been run.
- With `--tier hub`, the cases of the real Qwen3-Embedding-0.6B are run in the place of all others;
  without its weights nothing is, and the run fails.
- The closing lines say how far the vectors were from the truth, and what was not tested.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from ..fixtures import OptOutRefusedError, absent, allows_missing, read_manifest, report_missing
from .hub_tier import HubTierError, require_hub_tier
from .suite_report import SuiteReport

# the same examples at every run; how long one takes is not what is tested
settings.register_profile("conformance", derandomize=True, deadline=None, max_examples=200)
# --hypothesis-profile=deep: others at every run, and many; what fails is told with its seed
settings.register_profile("deep", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile("conformance")

_HUB_TESTS = "test_hub_tier.py"
_MISSING_SUBJECTS = pytest.StashKey[frozenset[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-all-cases",
        action="store_true",
        help="fail unless every case of every case file has been run",
    )
    parser.addoption(
        "--tier",
        choices=("fixtures", "hub"),
        default="fixtures",
        help="hub: run the Qwen cases on the real Qwen3-Embedding-0.6B, and nothing else",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--tier") == "hub":
        try:
            require_hub_tier()
        except HubTierError as error:
            pytest.exit(str(error), returncode=1)
        config.stash[_MISSING_SUBJECTS] = frozenset()
        return
    missing = absent(read_manifest())
    if missing:
        try:
            allowed = allows_missing()
        except OptOutRefusedError as error:
            pytest.exit(str(error), returncode=1)
        if not allowed:
            message = f"{len(missing)} fixtures are missing; nothing was tested.\n"
            pytest.exit(message + report_missing(missing, {}), returncode=1)
    subjects = frozenset(fixture.file.path.partition("/")[0] for fixture in missing)
    config.stash[_MISSING_SUBJECTS] = subjects
    if not hasattr(config, "workerinput"):  # a worker of pytest-xdist reports to the one process
        every_case = config.getoption("--require-all-cases")
        config.pluginmanager.register(SuiteReport(subjects, every_case=every_case))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A tier is a run of its own: the tests of the other one are not collected."""
    if not collection_path.name.startswith("test_"):
        return None
    of_hub = collection_path.name == _HUB_TESTS
    return True if of_hub != (config.getoption("--tier") == "hub") else None


def pytest_report_header() -> str:
    chosen = settings.get_current_profile_name()
    return f"properties: profile {chosen}, {settings().max_examples} examples each"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out what needs a missing fixture: deselected and said, never skipped."""
    missing = config.stash[_MISSING_SUBJECTS]

    def needs_missing(item: pytest.Item) -> bool:
        return any(missing.intersection(mark.args) for mark in item.iter_markers("fixtures"))

    out = [item for item in items if needs_missing(item)]
    if out:
        items[:] = [item for item in items if item not in out]
        config.hook.pytest_deselected(items=out)
