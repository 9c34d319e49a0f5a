"""F1: without fixtures the run fails, before its first test, and says what to do.

Each test runs the real commands in a copy of the suite that has no `fixtures/` beside it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..fixtures import ALLOW_MISSING, MANIFEST, read_manifest
from ..provision import SOURCES_VARIABLE

SUITE = MANIFEST.parent
WEIGHTS = "fixtures/all-minilm-l6-v2/model.safetensors"


@pytest.fixture
def bare_copy(tmp_path: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SUITE, tmp_path / "conformance", ignore=ignore)
    shutil.copy(SUITE.parent / "pyproject.toml", tmp_path)
    return tmp_path


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if k not in ("CI", ALLOW_MISSING)}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**inherited, SOURCES_VARIABLE: "none", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def pytest_run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    arguments = ("-p", "no:cacheprovider", "conformance/tests/test_unicode.py")
    return run(folder, "pytest", *arguments, **variables)


def test_provision_fails_and_names_every_file_its_sources_and_the_command(
    bare_copy: Path,
) -> None:
    outcome = run(bare_copy, "conformance", "provision")
    assert outcome.returncode == 1
    for fixture in read_manifest():
        assert f"fixtures/{fixture.file.path}: missing" in outcome.stderr
        assert all(str(source) in outcome.stderr for source in fixture.file.sources)
    assert "nox -s provision" in outcome.stderr


def test_pytest_fails_before_the_first_test(bare_copy: Path) -> None:
    outcome = pytest_run(bare_copy)
    told = outcome.stdout + outcome.stderr
    assert outcome.returncode == 1
    assert f"{WEIGHTS}: missing" in told
    assert "nox -s provision" in told
    assert "passed" not in told


def test_a_file_with_other_bytes_counts_as_missing(bare_copy: Path) -> None:
    weights = bare_copy / WEIGHTS
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"not the weights")
    outcome = pytest_run(bare_copy)
    assert outcome.returncode == 1
    assert f"{WEIGHTS}: other bytes" in outcome.stdout + outcome.stderr


def test_opting_out_says_in_the_last_lines_what_is_not_tested(bare_copy: Path) -> None:
    outcome = pytest_run(bare_copy, **{ALLOW_MISSING: "1"})
    assert outcome.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    subjects = {fixture.file.path.partition("/")[0] for fixture in read_manifest()}
    last_lines = outcome.stdout.splitlines()[-len(subjects) - 1 : -1]  # before pytest's own
    assert {line.split()[5] for line in last_lines if "NOT TESTED" in line} == subjects
    assert run(bare_copy, "conformance", "provision", **{ALLOW_MISSING: "1"}).returncode == 0


def test_opting_out_is_refused_in_ci(bare_copy: Path) -> None:
    variables = {ALLOW_MISSING: "1", "CI": "true"}
    for outcome in (
        pytest_run(bare_copy, **variables),
        run(bare_copy, "conformance", "provision", **variables),
    ):
        assert outcome.returncode == 1
        assert "is refused where CI is set" in outcome.stdout + outcome.stderr
