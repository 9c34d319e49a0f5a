"""`settings.py`: what decides a vector, and where it came from."""

from __future__ import annotations

from pathlib import Path

from lattice_models import Setting
from lattice_models.settings import file_in


def test_a_setting_prints_its_source() -> None:
    assert str(Setting("max_tokens", 256, "config.json")) == "max_tokens = 256 (config.json)"


def test_files_are_named_from_the_directory_on() -> None:
    directory = Path("models") / "one"
    assert file_in(directory, directory / "1_Pooling" / "config.json") == "1_Pooling/config.json"
