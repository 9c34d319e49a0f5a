"""A pytest plugin: the names that every docstring's example knows.

`np` is NumPy, and `minilm` the directory of a model; the cache directory is an empty one. It is a
plugin of its own because sybil, which runs the documents, replaces pytest's reading of docstrings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

MINILM = Path(__file__).resolve().parent.parent / "fixtures" / "all-minilm-l6-v2"


@pytest.fixture(autouse=True)
def _names_of_docstrings(
    doctest_namespace: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATTICE_CACHE_DIR", str(tmp_path))
    doctest_namespace.update(np=np, minilm=MINILM)
