"""Files from a hub, with the real huggingface_hub and a server on loopback that speaks its API."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

CONTENT = b"weights " * 50_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
COMMIT = "c" * 40

# What the client process does: fetch one pinned file, and say what happened.
CLIENT = f"""
import json, sys
from pathlib import Path
from lattice_embed.hub import HubSource
from lattice_embed.pinned_files import PinnedFile, fetch_files
source = HubSource("owner/model", "{COMMIT}", "model.bin")
file = PinnedFile("model.bin", "{SHA256}", {len(CONTENT)}, (source,))
outcome = fetch_files([file], Path(sys.argv[1]))
errors = [[type(a.error).__name__, str(a.error)] for a in outcome.failed_attempts]
print(json.dumps(dict(missing=[f.path for f in outcome.missing], errors=errors)))
"""


@dataclass
class Hub:
    """`behaviour` is what the server does when it is asked for the file."""

    address: str
    behaviour: str = "right"
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def hub() -> Iterator[Hub]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Keep the output of the tests clean."""

        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def answer(self, *, with_body: bool) -> None:
            state.requests.append(f"{self.command} {self.path}")
            if self.path.strip("/") == "":
                self.send(200, b"", {}, with_body=False)
            elif state.behaviour == "absent":
                self.send(404, b"", {"X-Error-Code": "EntryNotFound"}, with_body=False)
            else:
                body = CONTENT[::-1] if state.behaviour == "wrong bytes" else CONTENT
                headers = {"ETag": f'"{COMMIT}"', "X-Repo-Commit": COMMIT}
                self.send(200, body, headers, with_body=with_body)

        def send(
            self, status: int, body: bytes, headers: dict[str, str], *, with_body: bool
        ) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if with_body and state.behaviour == "cut off":
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            elif with_body:
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Hub(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(hub_address: str, folder: Path, **variables: str) -> dict[str, list[Any]]:
    inherited = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    home = {"HF_ENDPOINT": hub_address, "HF_HOME": str(folder / "home"), "HF_HUB_DISABLE_XET": "1"}
    outcome = subprocess.run(
        [sys.executable, "-c", CLIENT, str(folder / "models")],
        env={**inherited, **home, **variables},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answer: dict[str, list[Any]] = json.loads(outcome.stdout.splitlines()[-1])
    return answer


def test_a_file_is_brought_from_its_revision(hub: Hub, tmp_path: Path) -> None:
    assert fetch(hub.address, tmp_path) == {"missing": [], "errors": []}
    assert (tmp_path / "models" / "model.bin").read_bytes() == CONTENT
    assert any(f"/owner/model/resolve/{COMMIT}/model.bin" in line for line in hub.requests)


def test_the_hubs_own_cache_is_used_without_asking(hub: Hub, tmp_path: Path) -> None:
    fetch(hub.address, tmp_path)
    (tmp_path / "models" / "model.bin").unlink()
    hub.requests.clear()
    assert fetch(hub.address, tmp_path) == {"missing": [], "errors": []}
    assert hub.requests == []


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("wrong bytes", "WrongBytesError"),
        ("cut off", "SourceError"),
        ("absent", "SourceError"),
    ],
)
def test_a_failure_leaves_nothing_and_is_told(
    hub: Hub, tmp_path: Path, behaviour: str, error: str
) -> None:
    hub.behaviour = behaviour
    answer = fetch(hub.address, tmp_path)
    assert answer["missing"] == ["model.bin"]
    assert [name for name, _ in answer["errors"]] == [error]
    assert list((tmp_path / "models").iterdir()) == []


def test_where_there_is_no_hub_the_answer_is_quick(tmp_path: Path) -> None:
    began = time.monotonic()
    answer = fetch("http://127.0.0.1:9", tmp_path)  # the discard port: nothing listens
    assert "cannot be reached" in str(answer["errors"])
    assert time.monotonic() - began < 10, "huggingface_hub alone would retry for 20 seconds"


def test_offline_nothing_is_asked(hub: Hub, tmp_path: Path) -> None:
    answer = fetch(hub.address, tmp_path, HF_HUB_OFFLINE="1")
    assert answer["missing"] == ["model.bin"]
    assert "HF_HUB_OFFLINE" in str(answer["errors"])
    assert hub.requests == []
