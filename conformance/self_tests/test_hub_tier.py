"""`--tier hub` fails before its first test where it has no weights, and says how to bring them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..fixtures import ROOT
from ..tests import hub_tier


def run_tier(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    places = {"HF_HOME": str(folder / "hf"), "LATTICE_CACHE_DIR": str(folder / "lattice")}
    inherited = {k: v for k, v in os.environ.items() if k not in ("HF_HUB_CACHE", "CI")}
    inherited.pop("LATTICE_MODEL_DIR", None)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "conformance/tests", *arguments],
        cwd=ROOT,
        env={**inherited, **places, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_weights_it_fails_and_names_them(tmp_path: Path) -> None:
    outcome = run_tier(tmp_path, "--tier", "hub")
    told = outcome.stdout + outcome.stderr
    assert outcome.returncode == 1
    assert "--tier hub: the weights are missing; nothing was tested." in told
    assert str(Path("lattice", "models", "qwen3-embedding-0.6b", "model.safetensors")) in told
    assert "Qwen/Qwen3-Embedding-0.6B" in told
    assert "LATTICE_MODEL_DIR" in told
    assert "passed" not in told


def test_a_tier_of_another_name_is_refused(tmp_path: Path) -> None:
    outcome = run_tier(tmp_path, "--tier", "moon")
    assert outcome.returncode == pytest.ExitCode.USAGE_ERROR
    assert "invalid choice: 'moon'" in outcome.stderr


def test_without_the_oracle_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_tier, "hub_folder", Path)
    monkeypatch.setattr(hub_tier, "find_spec", lambda name: None if name == "torch" else name)
    with pytest.raises(hub_tier.HubTierError, match=r"received no torch(.|\n)*--group oracle"):
        hub_tier.require_hub_tier()
