"""Models from a hub that works, and what is asked of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import COMMIT, MODULES, NOT_READ, OTHER_COMMIT, READ, User
from .hub_server import HubServer


def files_below(directory: Path) -> dict[str, bytes]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def test_what_a_model_is_read_from_is_brought_and_nothing_else(hub: HubServer, user: User) -> None:
    answer = user.locate()
    assert answer["error"] == ""
    assert answer["revision"] == COMMIT
    assert files_below(Path(answer["directory"])) == READ
    assert (user.repository / "refs" / "main").read_text() == COMMIT
    for name in NOT_READ:
        assert hub.asked(f"resolve/.*/{name}") == []


def test_what_is_there_is_used_without_a_connection(hub: HubServer, user: User) -> None:
    first = user.locate()
    hub.requests.clear()
    again = user.locate()
    assert (again["directory"], again["connections"]) == (first["directory"], [])
    assert hub.requests == []


def test_a_cache_that_another_library_filled_is_used_without_a_connection(
    hub: HubServer, user: User
) -> None:
    fill = "import huggingface_hub; huggingface_hub.snapshot_download('owner/model')"
    assert user.python("-c", fill).returncode == 0
    answer = user.locate()
    assert answer["error"] == ""
    assert answer["connections"] == []
    assert Path(answer["directory"]).name == COMMIT


def test_a_named_snapshot_that_is_not_whole_is_completed(hub: HubServer, user: User) -> None:
    user.locate()
    hub.publish("owner/model", {**READ, "config.json": b'{"new": 1}'}, OTHER_COMMIT)
    fetch_one = "import huggingface_hub as h; h.hf_hub_download('owner/model', 'config.json')"
    assert user.python("-c", fetch_one).returncode == 0
    offline = user.locate(HF_HUB_OFFLINE="1")
    assert (offline["error"], offline["revision"]) == ("", COMMIT)
    hub.requests.clear()
    answer = user.locate()
    assert answer["revision"] == OTHER_COMMIT
    assert hub.asked("GET /cdn") == [], "the weights are the same blob"


def test_main_stays_the_commit_that_it_was(hub: HubServer, user: User) -> None:
    user.locate()
    hub.publish("owner/model", {**READ, "config.json": b'{"new": 1}'}, OTHER_COMMIT)
    assert user.locate()["revision"] == COMMIT


def test_a_pinned_commit_is_the_one_that_is_asked_for(hub: HubServer, user: User) -> None:
    hub.publish("owner/model", {**READ, "config.json": b'{"new": 1}'}, OTHER_COMMIT)
    answer = user.locate("pinned", {"revision": COMMIT})
    assert answer["revision"] == COMMIT
    assert not (user.repository / "refs").exists(), "nobody asked what main is"
    assert hub.asked(f"revision/(?!{COMMIT})") == []


def test_shards_come_with_their_index(hub: HubServer, user: User) -> None:
    shards = {f"model-0000{i}-of-00002.safetensors": b"part %d" % i for i in (1, 2)}
    index = {"weight_map": dict(zip("abc", [*shards, *list(shards)[:1]], strict=True))}
    files = {name: content for name, content in READ.items() if name != "model.safetensors"}
    files["model.safetensors.index.json"] = json.dumps(index).encode()
    hub.publish("owner/model", {**files, **shards, **NOT_READ}, COMMIT)
    assert files_below(Path(user.locate()["directory"])) == {**files, **shards}


def test_a_dense_module_comes_with_its_weights(hub: HubServer, user: User) -> None:
    modules = [*MODULES[:2], {"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]
    dense = {"2_Dense/config.json": b"{}", "2_Dense/model.safetensors": b"dense"}
    files = {**READ, **dense, "modules.json": json.dumps(modules).encode()}
    hub.publish("owner/model", {**files, "2_Dense/pytorch_model.bin": b"pickle"}, COMMIT)
    assert files_below(Path(user.locate()["directory"])) == files


def test_a_repository_without_modules_is_known_to_have_none(hub: HubServer, user: User) -> None:
    files = {name: READ[name] for name in ("config.json", "tokenizer.json", "model.safetensors")}
    hub.publish("owner/model", files, COMMIT)
    assert files_below(Path(user.locate()["directory"])) == files
    again = user.locate(HF_HUB_OFFLINE="1")
    assert (again["error"], again["connections"]) == ("", [])


def test_a_token_opens_a_gated_repository(hub: HubServer, user: User) -> None:
    hub.gated.add("owner/model")
    closed = user.locate()
    assert "gated: accept its terms on its page, and set HF_TOKEN" in closed["error"]
    assert user.locate(HF_TOKEN="hf_token")["error"] == ""


def test_a_proxy_is_obeyed(hub: HubServer, user: User) -> None:
    """The server serves as the proxy: it is asked for the address of a hub that is not there."""
    hub.publish("owner/model", {**READ, "model.safetensors": b"small"}, COMMIT)
    user.variables |= {"HF_ENDPOINT": "http://hub.invalid", "HTTP_PROXY": hub.address}
    assert user.locate()["error"] == ""
    assert hub.asked("GET /api/models/owner/model")


def test_the_cache_is_where_the_user_wants_it(user: User) -> None:
    elsewhere = user.folder / "elsewhere"
    assert user.locate(HF_HUB_CACHE=str(elsewhere))["error"] == ""
    assert (elsewhere / "models--owner--model" / "snapshots" / COMMIT).is_dir()
    assert not user.repository.exists()


def test_two_processes_at_once_end_well(hub: HubServer, user: User) -> None:
    processes = [user.start("owner/model") for _ in range(3)]
    answers = [user.answer(process) for process in processes]
    assert [answer["error"] for answer in answers] == ["", "", ""]
    assert files_below(Path(answers[0]["directory"])) == READ
    assert len(hub.asked("GET /cdn")) == 1, "the others wait for the first"


@pytest.mark.parametrize("path", ["../../outside", "/etc"])
def test_a_folder_outside_the_repository_is_refused_before_it_is_asked_for(
    hub: HubServer, user: User, path: object
) -> None:
    modules = [MODULES[0], {"path": path, "type": "sentence_transformers.models.Pooling"}]
    hub.publish("owner/model", {**READ, "modules.json": json.dumps(modules).encode()}, COMMIT)
    answer = user.locate()
    assert "modules.json: path: expected a folder inside the repository" in answer["error"]
    resolved = {request.path for request in hub.asked("resolve|cdn")}
    assert resolved == {f"/owner/model/resolve/{COMMIT}/modules.json"}


def test_a_shard_outside_the_repository_is_refused(hub: HubServer, user: User) -> None:
    files = {name: content for name, content in READ.items() if name != "model.safetensors"}
    index = json.dumps({"weight_map": {"a": "../secret.safetensors"}}).encode()
    hub.publish("owner/model", {**files, "model.safetensors.index.json": index}, COMMIT)
    assert "expected names of .safetensors files beside it" in user.locate()["error"]
    assert hub.asked("secret") == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model.safetensors": None}, "no model.safetensors, only the pickle pytorch_model.bin"),
        ({"tokenizer.json": None, "vocab.txt": None}, "the repository has no tokenizer.json"),
        ({"modules.json": b"[" * 100_000}, "modules.json: expected JSON"),
    ],
)
def test_a_repository_that_is_no_model_is_told_apart(
    hub: HubServer, user: User, change: dict[str, bytes | None], told: str
) -> None:
    files = {**READ, **NOT_READ, **change}
    there = {name: content for name, content in files.items() if content is not None}
    hub.publish("owner/model", there, COMMIT)
    assert told in user.locate()["error"]
    assert hub.asked("GET /cdn") == [], "weights are the last that is brought"
