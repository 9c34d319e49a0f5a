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
    """LATTICE_CACHE_KILLS in the environment asks for more than 40."""
    kills = os.environ.get("LATTICE_CACHE_KILLS", "40")
    outcome = subprocess.run(
        [sys.executable, SCRIPT, tmp_path, kills], check=False, capture_output=True, text=True
    )
    assert outcome.returncode == 0, outcome.stderr
    counts = re.match(rf"{kills} kills, (\d+) rows kept", outcome.stdout)
    assert counts, outcome.stdout
    assert int(counts[1]) > int(kills), "too slow a machine: nothing was written before the kills"
    print(outcome.stdout)
