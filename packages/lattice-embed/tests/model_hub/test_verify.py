"""`lattice-embed verify`: what is wrong is named, and brought again where it can be."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from .conftest import COMMIT, READ, User
from .hub_server import Fault, HubServer
from .test_download import files_below

RIGHT, WRONG = 0, 1


def verify(user: User, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return user.python("-m", "lattice_embed", "verify", *arguments, **variables)


def damage_unseen(path: Path) -> None:
    """Other bytes of the same size and time, as a failing disk gives them."""
    status = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.fixture
def snapshot(user: User) -> Path:
    """The model in the hub's cache."""
    assert user.locate()["error"] == ""
    return user.repository / "snapshots" / COMMIT


def test_a_right_model(hub: HubServer, user: User, snapshot: Path) -> None:
    hub.requests.clear()
    outcome = verify(user, "owner/model")
    assert outcome.returncode == RIGHT
    assert outcome.stdout == f"right  owner/model  {snapshot}  {len(READ)} hashes\n"
    assert hub.requests == []


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
def test_what_was_damaged_unseen_is_found_and_repaired(
    hub: HubServer, user: User, snapshot: Path, name: str
) -> None:
    damage_unseen(snapshot / name)
    assert user.locate()["error"] == "", "it was right once, and nothing tells of the damage"
    hub.requests.clear()
    outcome = verify(user, "owner/model")
    assert outcome.returncode == WRONG
    assert outcome.stdout.startswith("wrong  owner/model")
    assert f"{snapshot / name}: expected " in outcome.stderr
    assert hub.requests == [], "without --repair nothing is asked"
    outcome = verify(user, "--repair", "owner/model")
    assert outcome.returncode == RIGHT, outcome.stderr
    assert files_below(snapshot) == READ
    assert len(hub.asked("GET .*resolve|GET /cdn")) == 1, "only what was wrong is brought"
    assert user.locate(HF_HUB_OFFLINE="1")["error"] == ""


def test_what_was_lost_is_brought_again(user: User, snapshot: Path) -> None:
    (snapshot / "config.json").resolve().unlink()
    assert "without config.json" in verify(user, "owner/model").stderr
    assert verify(user, "owner/model", "--repair").returncode == RIGHT
    assert files_below(snapshot) == READ


def test_a_wrong_file_stays_where_no_right_one_can_be_had(
    hub: HubServer, user: User, snapshot: Path
) -> None:
    damage_unseen(snapshot / "model.safetensors")
    damaged = (snapshot / "model.safetensors").read_bytes()
    hub.faults.append(Fault("GET /cdn", "status", 404))
    outcome = verify(user, "owner/model", "--repair")
    assert outcome.returncode == WRONG
    assert "status 404" in outcome.stderr
    assert (snapshot / "model.safetensors").read_bytes() == damaged
    outcome = verify(user, "owner/model", "--repair", HF_HUB_OFFLINE="1")
    assert outcome.returncode == WRONG
    assert "HF_HUB_OFFLINE" in outcome.stderr


def test_a_model_that_is_not_here(hub: HubServer, user: User) -> None:
    outcome = verify(user, "owner/model")
    assert outcome.returncode == WRONG
    assert "owner/model: not on this machine" in outcome.stderr
    assert hub.requests == []
    assert verify(user, "owner/model", "--repair").returncode == RIGHT


def test_without_names_the_catalog_is_checked(user: User, snapshot: Path) -> None:
    outcome = verify(user)
    assert outcome.returncode == RIGHT
    assert "No model of the catalog is on this machine." in outcome.stderr
    folder = user.folder / "lattice-cache" / "models" / "bge-small-en-v1.5"
    for name, content in READ.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    outcome = verify(user)
    assert outcome.returncode == WRONG
    assert f"{folder / 'model.safetensors'}: expected sha256 3c9f3166" in outcome.stderr


def test_weights_by_hand_are_held_against_the_catalog(user: User) -> None:
    """Whatever the source: these are not the weights of bge-small."""
    folder = user.folder / "lattice-cache" / "models" / "bge-small-en-v1.5"
    for name, content in READ.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    error = user.locate("bge-small", HF_HUB_OFFLINE="1")["error"]
    assert f"{folder / 'model.safetensors'}: expected sha256 3c9f3166" in error


def test_a_directory_is_checked_for_what_it_lacks(user: User, snapshot: Path) -> None:
    (snapshot / "tokenizer.json").unlink()
    outcome = verify(user, str(snapshot))
    assert outcome.returncode == WRONG
    assert "without tokenizer.json" in outcome.stderr


def test_hostile_modules_are_told_in_a_sentence(user: User, snapshot: Path) -> None:
    modules = snapshot / "modules.json"
    modules.unlink()
    modules.write_text(json.dumps([{"path": "/etc", "type": "x.Pooling"}]))
    outcome = verify(user, "owner/model")
    assert outcome.returncode == WRONG
    assert "a folder inside the repository" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_name_that_is_none(user: User) -> None:
    for name in ("all-minilm-l6", "x" * 5000, "/" + "x" * 5000, "a/../b", "../b"):
        outcome = verify(user, name)
        assert outcome.returncode == WRONG
        assert "Traceback" not in outcome.stderr
        assert len(outcome.stderr) < 600
