"""Models from a hub that fails: what the user is told, and what is left behind."""

from __future__ import annotations

import re
import time
from pathlib import Path

import huggingface_hub
import pytest

from .conftest import COMMIT, READ, WEIGHTS_SHA256, User
from .hub_server import Fault, HubServer
from .test_download import files_below

LISTING, HEAD_CONFIG, GET_CONFIG = (
    "GET /api/models",
    "HEAD .*/config.json",
    "GET .*resolve.*/config.json",
)
GET_WEIGHTS = "GET /cdn"


@pytest.mark.parametrize("status", [500, 503, 429])
@pytest.mark.parametrize("pattern", [LISTING, GET_WEIGHTS])
def test_a_hub_that_is_busy_for_a_moment_is_asked_again(
    hub: HubServer, user: User, status: int, pattern: str
) -> None:
    hub.faults.append(Fault(pattern, "status", status, times=1))
    assert user.locate()["error"] == ""


def test_a_hub_that_is_busy_before_a_file_is_asked_again(hub: HubServer, user: User) -> None:
    hub.faults.append(Fault(HEAD_CONFIG, "status", 503, times=1))
    assert user.locate()["error"] == ""


def test_a_redirect_is_followed(hub: HubServer, user: User) -> None:
    location = f"{hub.address}/api/models/owner/model/revision/{COMMIT}"
    hub.faults.append(Fault("revision/main", "status", 307, headers={"Location": location}))
    assert user.locate()["error"] == ""
    assert hub.asked("GET /cdn"), "weights are always redirected"


@pytest.mark.skipif(
    tuple(map(int, huggingface_hub.__version__.split(".")[:2])) < (1, 20),
    reason="before 1.20 the library resumes a download only when it is asked again",
)
def test_a_download_that_breaks_off_is_resumed(hub: HubServer, user: User) -> None:
    weights = b"weights " * 3_000_000  # huggingface_hub writes 10 MB at a time
    hub.publish("owner/model", {**READ, "model.safetensors": weights}, COMMIT)
    hub.faults.append(Fault(GET_WEIGHTS, "cut", times=1))
    answer = user.locate()
    assert (Path(answer["directory"]) / "model.safetensors").read_bytes() == weights
    whole, rest = hub.asked(GET_WEIGHTS)
    assert "range" not in whole.headers
    assert rest.headers["range"] == "bytes=10485760-"


def test_a_hub_that_is_slow_is_waited_for(hub: HubServer, user: User) -> None:
    hub.faults += [Fault(LISTING, "stall", seconds=0.4), Fault(GET_WEIGHTS, "stall", seconds=0.4)]
    user.variables |= {"HF_HUB_ETAG_TIMEOUT": "3", "HF_HUB_DOWNLOAD_TIMEOUT": "3"}
    assert user.locate()["error"] == ""


def test_a_download_that_stops_is_resumed_after_the_timeout(hub: HubServer, user: User) -> None:
    hub.faults.append(Fault(GET_WEIGHTS, "stall in the middle", seconds=20, times=1))
    answer = user.locate(HF_HUB_DOWNLOAD_TIMEOUT="1")
    assert answer["error"] == ""
    assert answer["seconds"] < 10
    assert files_below(Path(answer["directory"])) == READ


def test_a_hub_that_says_nothing_is_given_up(hub: HubServer, user: User) -> None:
    hub.faults.append(Fault(LISTING, "stall", seconds=20))
    answer = user.locate(HF_HUB_ETAG_TIMEOUT="1")
    assert "the hub cannot be reached, or broke off" in answer["error"]
    assert answer["seconds"] < 5


def test_where_there_is_no_hub_the_answer_is_quick(user: User) -> None:
    nothing_listens = "http://127.0.0.1:9"  # the discard port
    answer = user.locate(HF_ENDPOINT=nothing_listens, WHOLE_PAUSES="1")
    assert "the hub cannot be reached" in answer["error"]
    assert answer["seconds"] < 5, "huggingface_hub alone would try for 20 seconds"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(LISTING, "status", 500), "the hub answered with status 500"),
        (Fault(GET_WEIGHTS, "status", 503), "the hub answered with status 503"),
        (Fault(GET_WEIGHTS, "status", 404), "the hub answered with status 404"),
        (Fault(GET_WEIGHTS, "status", 403), "the hub answered with status 403"),
        (Fault(GET_WEIGHTS, "cut"), "the hub cannot be reached, or broke off"),
        (Fault(GET_WEIGHTS, "wrong"), f"sent other bytes .* expected sha256 {WEIGHTS_SHA256}"),
        (Fault(GET_CONFIG, "wrong"), "sent other bytes .*: config.json"),
        (Fault(LISTING, "wrong"), "the hub cannot be reached, or broke off"),
    ],
)
def test_a_failure_is_told_and_the_next_run_begins_where_it_was(
    hub: HubServer, user: User, fault: Fault, told: str
) -> None:
    hub.faults.append(fault)
    answer = user.locate()
    assert answer["kind"] == "ModelFilesUnavailableError"
    assert re.search(told, answer["error"]), answer["error"]
    assert not (user.repository / "refs").exists(), "nothing names what is not whole"
    assert user.locate(HF_HUB_OFFLINE="1")["error"] != ""
    hub.faults.clear()
    hub.requests.clear()
    answer = user.locate()
    assert files_below(Path(answer["directory"])) == READ
    if fault.pattern == GET_WEIGHTS:
        assert [str(r) for r in hub.asked("GET") if "/api/" not in r.path] == [
            f"GET /cdn/{WEIGHTS_SHA256}"
        ]


@pytest.mark.parametrize(
    ("model", "pins", "told"),
    [
        ("owner/none", None, "no such repository, or it is private"),
        ("pinned", {"revision": "ab" * 20}, "no such revision"),
    ],
)
def test_what_the_hub_does_not_have_is_told(
    user: User, model: str, pins: dict[str, str] | None, told: str
) -> None:
    assert told in user.locate(model, pins)["error"]


def test_a_hub_that_answers_with_another_commit_is_not_followed(hub: HubServer, user: User) -> None:
    location = f"{hub.address}/api/models/owner/model/revision/{COMMIT}"
    hub.faults.append(Fault("revision/ab", "status", 307, headers={"Location": location}))
    assert "says that revision abab" in user.locate("pinned", {"revision": "ab" * 20})["error"]


def test_pinned_weights_are_demanded_of_the_hub_too(hub: HubServer, user: User) -> None:
    """The hub has other weights at that revision than the catalog: the file itself is whole."""
    wrong = user.locate("pinned", {"sha256": "0" * 64})
    assert "sent other bytes than the pinned ones" in wrong["error"]
    hub.requests.clear()
    again = user.locate("pinned", {"sha256": "0" * 64})
    assert f"expected sha256 {'0' * 64}, received {WEIGHTS_SHA256}" in again["error"]
    assert hub.asked("cdn") == [], "it would be the same once more"
    assert user.locate("pinned", {"sha256": WEIGHTS_SHA256})["error"] == ""


@pytest.mark.parametrize(
    ("pins", "changed"),
    [
        ({"sha256": "0" * 64}, "model.safetensors"),
        ({"tokenizer_sha256": "0" * 64}, "tokenizer.json"),
    ],
)
def test_a_file_that_was_changed_on_the_hub_is_refused_with_what_to_do(
    user: User, pins: dict[str, str], changed: str
) -> None:
    settings: list[dict[str, str]] = [{}, {}, {"HF_HUB_OFFLINE": "1"}]
    for variables in settings:
        error = user.locate("pinned", pins, **variables)["error"]
        assert f"The hub has another {changed} at revision main than this release knows." in error
        assert "hf download owner/model --local-dir DIRECTORY" in error
        assert "--repair" not in error, "it would bring the same"


def test_a_killed_download_leaves_nothing_that_looks_whole(hub: HubServer, user: User) -> None:
    hub.faults.append(Fault(GET_WEIGHTS, "stall in the middle", seconds=30, times=1))
    process = user.start("owner/model")
    deadline = time.monotonic() + 60
    while not hub.asked(GET_WEIGHTS):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)
    process.kill()
    process.wait()
    offline = user.locate(HF_HUB_OFFLINE="1")
    assert offline["kind"] == "ModelFilesUnavailableError"
    hub.requests.clear()
    assert files_below(Path(user.locate()["directory"])) == READ
    assert len(hub.asked("GET .*resolve|GET /cdn")) == 1, "only the weights were missing"


def test_a_full_disk_is_told(user: User) -> None:
    answer = user.locate(LARGEST_FILE_BYTES="100000")
    assert "cannot write" in answer["error"]
    assert "File too large" in answer["error"]
    assert user.locate(HF_HUB_OFFLINE="1")["error"] != ""


def test_a_cache_that_cannot_be_written_is_told(user: User) -> None:
    user.folder.joinpath("home").write_text("a file where the folder should be")
    answer = user.locate()
    assert "cannot write" in answer["error"]
    assert str(user.folder / "home") in answer["error"]


def test_without_a_place_to_remember_hashes_a_model_is_still_used(user: User) -> None:
    user.folder.joinpath("lattice-cache").write_text("a file where the folder should be")
    for _ in range(2):
        assert user.locate()["error"] == ""
