"""`kill -9` at any moment: at most the rows of the open transaction are lost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("killed_writers.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork and no SIGKILL")
def test_writers_that_are_killed_lose_nothing_that_was_kept(tmp_path: Path) -> None:
    """A thousand kills where CI is set, which is a minute; LATTICE_CACHE_KILLS says how many."""
    kills = os.environ.get("LATTICE_CACHE_KILLS") or ("1000" if os.environ.get("CI") else "40")
    outcome = subprocess.run(
        [sys.executable, SCRIPT, tmp_path, kills], check=False, capture_output=True, text=True
    )
    assert outcome.returncode == 0, outcome.stderr
    counts = re.match(rf"{kills} kills, (\d+) rows kept", outcome.stdout)
    assert counts, outcome.stdout
    assert int(counts[1]) > int(kills), "too slow a machine: nothing was written before the kills"
    print(outcome.stdout)
