"""`json_file.py`: files that a checkpoint brings, and the paths that they name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models import ConfigError, ModelFilesError
from lattice_models.json_file import JsonFile, path_inside, read_json


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"\xef\xbb\xbf{}", b"[" * 100_000])
def test_what_is_no_json_names_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_json(path)
    assert (caught.value.field, caught.value.expected) == (str(path), "JSON")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(ModelFilesError) as caught:
            read_json(path)
        assert caught.value.field == str(path)


@pytest.mark.parametrize("content", ["[]", "5", "null", '"x"'])
def test_what_is_no_object_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(ConfigError, match="a JSON object"):
        JsonFile(tmp_path / "x.json")


@pytest.mark.parametrize("name", ["", ".", "a", "a/b", "./a", "a//b", "1_Pooling/", "ä b.c"])
def test_paths_below_the_directory(tmp_path: Path, name: str) -> None:
    path = path_inside(tmp_path, name, field="f")
    assert path == tmp_path / name
    assert path.is_relative_to(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["..", "a/../b", "/", "/etc", "//host/share", "C:", "C:\\a", "a\\b", "..\\a", "a\0b", 5, None],
)
def test_other_paths_are_refused(tmp_path: Path, name: object) -> None:
    with pytest.raises(ConfigError) as caught:
        path_inside(tmp_path, name, field="f")
    error = caught.value
    assert (error.field, error.received) == ("f", repr(name))
    assert error.expected == "a path inside the model directory"


@given(st.text(st.sampled_from("./\\:aC\0~ "), max_size=8))
def test_no_path_leaves_the_directory(name: str) -> None:
    directory = Path("/models/one")
    try:
        path = path_inside(directory, name, field="f")
    except ConfigError:
        return
    assert path.is_relative_to(directory)
    assert ".." not in path.parts
