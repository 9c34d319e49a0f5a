"""A pytest plugin that runs what the documentation shows.

- `python` blocks are run; where they hold `>>>`, what they print is compared.
- `console` blocks are run line by line (`$ command`), and what they print is compared; `...`
  stands for anything.
- `sh` blocks are run in a fresh copy of the repository, as a newcomer would.

All examples know `minilm`, the directory of a model. A block after `<!-- skip: next -->` is not
run. Docstrings are run by `docstrings.py`.
"""

from __future__ import annotations

import doctest
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).resolve().parent.parent
MINILM = ROOT / "fixtures" / "all-minilm-l6-v2"
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _environment(cache: Path) -> dict[str, str]:
    """A user's shell: this interpreter's commands, 80 columns, the model already in the cache."""
    folder = cache / "models" / MINILM.name
    if not folder.exists():
        shutil.copytree(MINILM, folder)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "COLUMNS": "80", "LATTICE_CACHE_DIR": str(cache)}


def _shell(script: str, *, folder: Path, cache: Path) -> str:
    outcome = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=_environment(cache),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if outcome.returncode:
        raise AssertionError(f"{script!r} ended with {outcome.returncode}:\n{outcome.stdout}")
    return outcome.stdout


class _ConsoleParser(CodeBlockParser):
    language = "console"

    def evaluate(self, example: Example) -> str | None:
        commands = str(example.parsed).split("$ ")
        if commands[0].strip():
            raise AssertionError("a console block begins with `$ command`")
        for command in commands[1:]:
            script, _, wanted = command.partition("\n")
            received = _shell(script, folder=ROOT, cache=example.namespace["cache"])
            if not doctest.OutputChecker().check_output(wanted, received, _FLAGS):
                return f"$ {script}\nexpected:\n{wanted}\nreceived:\n{received}"
        return None


class _ShellParser(CodeBlockParser):
    language = "sh"

    def evaluate(self, example: Example) -> str | None:
        copy = example.namespace["cache"].parent / "clone"
        tracked = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
        for name in filter(None, tracked.split("\0")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
        _shell(str(example.parsed), folder=copy, cache=example.namespace["cache"])
        return None


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LATTICE_CACHE_DIR", str(tmp_path / "cache"))  # for Python's examples too
    return tmp_path / "cache"


def _names(namespace: dict[str, Any]) -> None:
    namespace["minilm"] = MINILM


pytest_collect_file = Sybil(
    path=str(ROOT),
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=_FLAGS),
        _ConsoleParser(),
        _ShellParser(),
        SkipParser(),
    ],
    patterns=["*.md"],
    setup=_names,
    fixtures=["cache"],
).pytest()
