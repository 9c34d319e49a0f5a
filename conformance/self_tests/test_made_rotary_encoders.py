"""`made/rotary_encoders.py`: the same bytes on every machine.

The weights of Qwen3 do not depend on the tokenizer, so they can be made here without fixtures.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from lattice_embed.pinned_files import is_pinned_content

from ..fixtures import read_manifest
from ..made.rotary_encoders import make_rotary_encoder

MANIFEST = {fixture.file.path: fixture.file for fixture in read_manifest()}


@pytest.mark.parametrize("name", ["made-qwen3", "made-qwen3-wide"])
def test_the_bytes_are_those_of_the_manifest(name: str, tmp_path: Path) -> None:
    make_rotary_encoder(b"{}", tmp_path / name)
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert written == {path for path in MANIFEST if path.startswith(f"{name}/")}
    for path in written - {f"{name}/tokenizer.json"}:
        assert is_pinned_content(tmp_path / path, MANIFEST[path]), path
