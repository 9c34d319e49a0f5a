"""One pinned file from a hub, as the package's sources of pinned files bring it."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

import pytest

from .conftest import COMMIT, READ, User
from .hub_server import Fault, HubServer

CONTENT = READ["model.safetensors"]
SHA256 = hashlib.sha256(CONTENT).hexdigest()

# What the client process does: fetch one pinned file, and say what happened.
CLIENT = f"""
import json, sys
from pathlib import Path
from lattice_embed.hub import HubSource
from lattice_embed.pinned_files import PinnedFile, fetch_files
source = HubSource("owner/model", "{COMMIT}", "model.safetensors")
file = PinnedFile("weights", "{SHA256}", {len(CONTENT)}, (source,))
outcome = fetch_files([file], Path(sys.argv[1]))
errors = [[type(a.error).__name__, str(a.error)] for a in outcome.failed_attempts]
print(json.dumps(dict(missing=[f.path for f in outcome.missing], errors=errors)))
"""


def fetch(user: User, **variables: str) -> dict[str, list[Any]]:
    outcome = user.python("-c", CLIENT, user.folder / "models", **variables)
    assert outcome.returncode == 0, outcome.stderr
    answer: dict[str, list[Any]] = json.loads(outcome.stdout.splitlines()[-1])
    return answer


def test_a_file_is_brought_from_its_revision_once(hub: HubServer, user: User) -> None:
    weights = user.folder / "models" / "weights"
    assert fetch(user) == {"missing": [], "errors": []}
    assert weights.read_bytes() == CONTENT
    weights.unlink()
    hub.requests.clear()
    assert fetch(user) == {"missing": [], "errors": []}
    assert weights.read_bytes() == CONTENT
    assert hub.requests == [], "the hub's own cache has it"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("GET /cdn", "wrong"), "WrongBytesError"),
        (Fault("GET /cdn", "status", 404), "SourceError"),
        (Fault("HEAD .*resolve", "status", 404), "SourceError"),
    ],
)
def test_a_failure_leaves_nothing_and_is_told(
    hub: HubServer, user: User, fault: Fault, error: str
) -> None:
    hub.faults.append(fault)
    answer = fetch(user)
    assert answer["missing"] == ["weights"]
    assert [name for name, _ in answer["errors"]] == [error]
    assert list((user.folder / "models").iterdir()) == []
    hub.faults.clear()
    assert fetch(user) == {"missing": [], "errors": []}, "wrong bytes are not kept"


def test_where_there_is_no_hub_the_answer_is_quick(user: User) -> None:
    began = time.monotonic()
    answer = fetch(user, HF_ENDPOINT="http://127.0.0.1:9")  # the discard port: nothing listens
    assert "cannot be reached" in str(answer["errors"])
    assert time.monotonic() - began < 10, "huggingface_hub alone would retry for 20 seconds"


def test_offline_nothing_is_asked(hub: HubServer, user: User) -> None:
    answer = fetch(user, HF_HUB_OFFLINE="1")
    assert answer["missing"] == ["weights"]
    assert "HF_HUB_OFFLINE" in str(answer["errors"])
    assert hub.requests == []
