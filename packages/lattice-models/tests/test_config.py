"""`config.py` and `json_file.py`: values of the right kind, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lattice_models import ConfigError, ModelError, ModelFilesError, UnsupportedModelError
from lattice_models.config import ConfigFile, read_config


def write(directory: Path, content: object) -> Path:
    (directory / "config.json").write_text(json.dumps(content), encoding="utf-8")
    return directory


def config(directory: Path, **content: object) -> ConfigFile:
    return read_config(write(directory, content))


def test_what_is_stated_wins_over_the_default(tmp_path: Path) -> None:
    file = config(tmp_path, size=3, eps=0.5, name="b", flag=True)
    assert file.size("size", 7) == 3
    assert file.epsilon("eps", 1e-5) == 0.5
    assert file.choice("name", ["a", "b"], "a") == "b"
    file.refuse_unless("flag", True)


def test_what_is_not_stated_is_the_default(tmp_path: Path) -> None:
    file = config(tmp_path)
    assert file.size("size", 7) == 7
    assert file.epsilon("eps", 1e-5) == 1e-5
    assert file.choice("name", ["a", "b"], "a") == "a"
    file.refuse_unless("flag", True)
    file.refuse_unless("name", "a")


def test_without_a_default_it_must_be_stated(tmp_path: Path) -> None:
    file = config(tmp_path, other=1)
    with pytest.raises(ConfigError) as caught:
        file.size("size")
    assert caught.value.field == f"{tmp_path / 'config.json'}: size"
    assert (caught.value.expected, caught.value.received) == ("a value of type int", "nothing")
    with pytest.raises(ConfigError, match="eps: expected a value of type float, received nothing"):
        file.epsilon("eps")
    with pytest.raises(UnsupportedModelError, match="name: expected one of a, b, received nothing"):
        file.choice("name", ["a", "b"])


@pytest.mark.parametrize("value", [True, 1.0, "12", [12], {}])
def test_a_size_is_an_integer(tmp_path: Path, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, size=value).size("size")
    assert caught.value.received == repr(value)


@pytest.mark.parametrize(("value", "least"), [(0, 1), (-1, 1), (-1, 0), (3, 4)])
def test_a_size_has_a_least_value(tmp_path: Path, value: int, least: int) -> None:
    expected = {1: "a positive number"}.get(least, f"a number from {least} up")
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, size=value).size("size", least=least)
    assert (caught.value.expected, caught.value.received) == (expected, str(value))
    assert config(tmp_path, size=least).size("size", least=least) == least


def test_an_integer_may_stand_for_an_epsilon(tmp_path: Path) -> None:
    eps = config(tmp_path, eps=1).epsilon("eps")
    assert (eps, type(eps)) == (1.0, float)


@pytest.mark.parametrize("eps", [float("nan"), float("inf"), -1e-12, 10**400, "1e-12", None, True])
def test_an_epsilon_that_cannot_be_computed_with_is_named(tmp_path: Path, eps: object) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, eps=eps).epsilon("eps")
    assert caught.value.field == f"{tmp_path / 'config.json'}: eps"


@pytest.mark.parametrize("value", ["c", "A", "", 1, ["a"], {"a": 1}, True])
def test_a_choice_is_one_of_the_known(tmp_path: Path, value: object) -> None:
    with pytest.raises(UnsupportedModelError) as caught:
        config(tmp_path, name=value).choice("name", {"a": 1, "b": 2}, "a")
    assert (caught.value.expected, caught.value.received) == ("one of a, b", repr(value))


@pytest.mark.parametrize(
    ("supported", "value"), [(False, True), (False, 0), ("x", "y"), ("x", None), (32, 16)]
)
def test_any_other_value_is_refused(
    tmp_path: Path, supported: str | bool | int, value: object
) -> None:
    with pytest.raises(UnsupportedModelError) as caught:
        config(tmp_path, key=value).refuse_unless("key", supported)
    assert (caught.value.expected, caught.value.received) == (repr(supported), repr(value))


def test_a_remainder_is_refused(tmp_path: Path) -> None:
    config(tmp_path, whole=12, part=3).refuse_remainder("whole", "part")
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, whole=12, part=5).refuse_remainder("whole", "part")
    assert caught.value.field.endswith("config.json: whole")
    assert (caught.value.expected, caught.value.received) == ("a multiple of part, 5", "12")


def test_a_directory_without_config_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError) as caught:
        read_config(tmp_path)
    error = caught.value
    assert error.field == str(tmp_path)
    assert (error.expected, error.received) == ("a model directory with config.json", "one without")


@pytest.mark.parametrize("text", ["", "{", '{"a": }', "[" * 100_000, '{"a": 1}}', "1" * 5000])
def test_malformed_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path)
    assert (caught.value.field, caught.value.expected) == (str(path), "JSON")


def test_bytes_that_are_not_utf_8_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b'{"model_type": "\xff"}')
    with pytest.raises(ConfigError):
        read_config(tmp_path)


@pytest.mark.parametrize(("content", "received"), [([], "list"), (None, "NoneType"), (3, "int")])
def test_json_that_is_no_object_is_refused(tmp_path: Path, content: object, received: str) -> None:
    with pytest.raises(ModelError) as caught:
        read_config(write(tmp_path, content))
    assert isinstance(caught.value, ConfigError)
    assert (caught.value.expected, caught.value.received) == ("a JSON object", received)


def test_a_directory_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").mkdir()
    with pytest.raises(ModelFilesError) as caught:
        read_config(tmp_path)
    assert (caught.value.field, caught.value.expected) == (
        str(tmp_path / "config.json"),
        "a readable file",
    )


def test_values_keep_their_type(tmp_path: Path) -> None:
    file = config(tmp_path, flag=True, text="x")
    assert file.get("flag", bool) is True
    assert file.get("text", str) == "x"
    assert file.get("absent", int, 7) == 7
