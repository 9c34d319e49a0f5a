"""A server on loopback that speaks the hub's API as huggingface_hub uses it, and fails on demand.

    GET  /api/models/OWNER/NAME[/revision/REVISION]    commit, files, sizes, digests
    GET  /api/models/OWNER/NAME/tree/REVISION          the same as a list
    HEAD, GET /OWNER/NAME/resolve/REVISION/PATH        ETag, X-Repo-Commit; weights are redirected
    HEAD, GET /cdn/SHA256                              with ranges

As on the hub, the ETag of a small file is git's name of its content, that of weights their sha256.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

__all__ = ["Fault", "HubServer", "Request", "git_name", "serve_hub"]


def git_name(content: bytes) -> str:
    """The name that git gives to a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass(frozen=True)
class Request:
    """`headers`: names in small letters."""

    method: str
    path: str
    headers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Fault:
    """What goes wrong with requests whose `METHOD path` the pattern finds, the first `times`.

    cut: half of the body is sent. wrong: the body is turned round. stall: nothing is sent for
    `seconds`, before the answer or, with `cut`, after its first half. Else `status` is answered.
    """

    pattern: str
    kind: Literal["status", "cut", "wrong", "stall", "stall in the middle"]
    status: int = 500
    seconds: float = 0.0
    times: int = 10**6
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class HubServer:
    """`commits`: by repository and commit, the files. `references`: by repository, of `main`."""

    address: str
    commits: dict[str, dict[str, dict[str, bytes]]] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, repository: str, files: dict[str, bytes], commit: str) -> None:
        """Add a commit, which becomes `main`."""
        self.commits.setdefault(repository, {})[commit] = files
        self.references[repository] = commit

    def asked(self, pattern: str) -> list[Request]:
        """The requests in whose `METHOD path` the pattern is found."""
        return [request for request in self.requests if re.search(pattern, str(request))]

    def fault_of(self, request: Request) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and re.search(fault.pattern, str(request)):
                    fault.times -= 1
                    return fault
        return None


@contextmanager
def serve_hub() -> Iterator[HubServer]:
    class Handler(_Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.hub = hub = HubServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: HubServer

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        path = unquote(urlsplit(self.path).path)  # a proxy is given the whole address
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, headers)
        self.hub.requests.append(request)
        self.fault = self.hub.fault_of(request)
        try:
            if self.fault and self.fault.kind == "stall":
                time.sleep(self.fault.seconds)
            if self.fault and self.fault.kind == "status":
                self.send(self.fault.status, b"", self.fault.headers)
            else:
                self.route(path)
        except (BrokenPipeError, ConnectionResetError):  # the client did not wait
            self.close_connection = True

    def route(self, path: str) -> None:
        api = re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/([^/]+))?", path)
        file = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        content = re.fullmatch(r"/cdn/([0-9a-f]{64})", path)
        if content:
            self.send_content(content[1])
        elif api or file:
            found = api or file
            assert found is not None
            repository = found[1]
            if repository not in self.hub.commits:
                # as the hub does, which does not tell what is private from what is not there
                self.send(401, b"", {"X-Error-Code": "RepoNotFound"})
            elif repository in self.hub.gated and not self.has_token() and file:
                self.send(401, b"", {"X-Error-Code": "GatedRepo"})
            elif api:
                self.send_listing(repository, api[2], api[3] or "main")
            else:
                self.send_file(repository, found[2], found[3])
        else:
            self.send(200 if path == "/" else 404, b"")

    def has_token(self) -> bool:
        return self.headers.get("Authorization", "").startswith("Bearer hf_")

    def files(self, repository: str, revision: str) -> tuple[str, dict[str, bytes]] | None:
        commit = self.hub.references[repository] if revision == "main" else revision
        files = self.hub.commits[repository].get(commit)
        if files is None:
            self.send(404, b"", {"X-Error-Code": "RevisionNotFound"})
            return None
        return commit, files

    def send_listing(self, repository: str, kind: str | None, revision: str) -> None:
        found = self.files(repository, revision)
        if found is None:
            return
        commit, files = found
        listed: list[dict[str, Any]] = []
        for name, content in files.items():
            oid = {"oid": git_name(content), "blobId": git_name(content)}
            entry = {"path": name, "rfilename": name, "type": "file", "size": len(content), **oid}
            if _is_large(name):
                digest = hashlib.sha256(content).hexdigest()
                sizes = {"size": len(content), "pointerSize": 134}
                entry["lfs"] = {"oid": digest, "sha256": digest, **sizes}
            listed.append(entry)
        answer: Any = listed
        if kind != "tree":
            answer = {"id": repository, "sha": commit, "siblings": listed, "private": False}
        self.send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def send_file(self, repository: str, revision: str, name: str) -> None:
        found = self.files(repository, revision)
        if found is None:
            return
        commit, files = found
        headers = {"X-Repo-Commit": commit}
        if name not in files:
            self.send(404, b"", {**headers, "X-Error-Code": "EntryNotFound"})
        elif _is_large(name):
            digest = hashlib.sha256(files[name]).hexdigest()
            headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(files[name]))}
            # another host, as the hub's: huggingface_hub takes the headers of the last on its own
            elsewhere = self.hub.address.replace("127.0.0.1", "localhost")
            self.send(302, b"", {**headers, "Location": f"{elsewhere}/cdn/{digest}"})
        else:
            self.send(200, files[name], {**headers, "ETag": f'"{git_name(files[name])}"'})

    def send_content(self, digest: str) -> None:
        for commits in self.hub.commits.values():
            for files in commits.values():
                for content in files.values():
                    if hashlib.sha256(content).hexdigest() == digest:
                        self.send_range(content, {"ETag": f'"{digest}"'})
                        return
        self.send(404, b"")

    def send_range(self, content: bytes, headers: dict[str, str]) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not asked:
            self.send(200, content, {**headers, "Accept-Ranges": "bytes"})
            return
        start, size = int(asked[1]), len(content)
        place = f"bytes {start}-{size - 1}/{size}"
        self.send(206, content[start:], {**headers, "Content-Range": place})

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        kind = self.fault.kind if self.fault else ""
        if kind == "wrong":
            body = body[::-1]
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if kind in ("cut", "stall in the middle"):
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            if self.fault and kind == "stall in the middle":
                time.sleep(self.fault.seconds)
            self.close_connection = True
        else:
            self.wfile.write(body)


def _is_large(name: str) -> bool:
    return name.endswith((".safetensors", ".bin"))
