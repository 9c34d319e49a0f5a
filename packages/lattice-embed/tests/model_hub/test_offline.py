"""HF_HUB_OFFLINE: no connection is tried, and what is missing is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import COMMIT, OTHER_COMMIT, READ, WEIGHTS_SHA256, User
from .hub_server import HubServer


def test_a_model_that_is_there_needs_no_connection(user: User) -> None:
    user.locate()
    answer = user.locate(HF_HUB_OFFLINE="1", HF_ENDPOINT="http://127.0.0.1:9")
    assert (answer["error"], answer["connections"]) == ("", [])


@pytest.mark.parametrize("model", ["owner/model", "all-minilm-l6-v2", "bge-small", "qwen3"])
def test_a_cold_cache_fails_at_once_and_names_every_file(
    hub: HubServer, user: User, model: str
) -> None:
    answer = user.locate(model, HF_HUB_OFFLINE="1")
    assert answer["kind"] == "ModelFilesUnavailableError"
    assert answer["connections"] == []
    assert hub.requests == []
    assert answer["seconds"] < 1
    assert "HF_HUB_OFFLINE" in answer["error"]
    by_hand = answer["error"].partition(" here:\n")[2].split("\n")
    paths = [Path(line.strip()) for line in by_hand]
    folder = paths[0].parent
    assert folder.is_relative_to(user.folder / "lattice-cache" / "models")
    names = {path.relative_to(folder).as_posix() for path in paths}
    assert names >= {"config.json", "modules.json", "1_Pooling/config.json", "tokenizer.json"}
    assert "model.safetensors" in names


@pytest.mark.parametrize("offline", ["0", "1"])
def test_another_commit_with_the_pinned_weights_is_used(
    hub: HubServer, user: User, offline: str
) -> None:
    """Another program has brought what main was then; only a card has changed since."""
    user.locate()
    hub.requests.clear()
    pins = {"revision": OTHER_COMMIT, "sha256": WEIGHTS_SHA256}
    answer = user.locate("pinned", pins, HF_HUB_OFFLINE=offline)
    assert (answer["error"], answer["revision"]) == ("", COMMIT)
    assert hub.requests == []


@pytest.mark.parametrize("pins", [{"sha256": "0" * 64}, {}])
def test_another_commit_with_other_weights_or_unknown_ones_is_not(
    user: User, pins: dict[str, str]
) -> None:
    user.locate()
    answer = user.locate("pinned", {"revision": OTHER_COMMIT, **pins}, HF_HUB_OFFLINE="1")
    assert answer["kind"] == "ModelFilesUnavailableError"


def test_what_was_put_there_by_hand_is_used(user: User) -> None:
    """At the paths that the error names."""
    error = user.locate(HF_HUB_OFFLINE="1")["error"]
    folder = user.folder / "lattice-cache" / "models" / "owner" / "model"
    for name in ("config.json", "modules.json", "tokenizer.json", "model.safetensors"):
        assert str(folder / name) in error
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(READ[name])
    error = user.locate(HF_HUB_OFFLINE="1")["error"]
    assert "expected its files (1_Pooling/config.json), received none" in error
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_bytes(READ["1_Pooling/config.json"])
    answer = user.locate(HF_HUB_OFFLINE="1")
    assert answer["directory"] == str(folder)


def test_a_directory_of_models_can_be_named(user: User) -> None:
    shared = user.folder / "shared"
    for name, content in READ.items():
        (shared / "owner" / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (shared / "owner" / "model" / name).write_bytes(content)
    answer = user.locate(HF_HUB_OFFLINE="1", LATTICE_MODEL_DIR=str(shared))
    assert answer["directory"] == str(shared / "owner" / "model")
    assert answer["connections"] == []


def test_a_file_is_missing_where_the_snapshot_is_not_whole(user: User) -> None:
    snapshot = user.repository / "snapshots" / COMMIT
    user.locate()
    (snapshot / "tokenizer.json").unlink()
    error = user.locate(HF_HUB_OFFLINE="1")["error"]
    assert "expected its files (tokenizer.json)" in error
    assert str(snapshot / "tokenizer.json") in error
