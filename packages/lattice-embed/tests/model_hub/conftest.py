"""A hub that publishes one model, and a user's process that asks for it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .hub_server import HubServer, serve_hub

HERE = Path(__file__).parent
COMMIT = "c0" * 20
OTHER_COMMIT = "d1" * 20
MODULES = [
    {"path": "", "type": "sentence_transformers.models.Transformer"},
    {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]
READ = {
    "config.json": b"{}",
    "modules.json": json.dumps(MODULES).encode(),
    "1_Pooling/config.json": b'{"pooling_mode_mean_tokens": true}',
    "config_sentence_transformers.json": b'{"prompts": {"query": "ask: "}}',
    "sentence_bert_config.json": b'{"max_seq_length": 20}',
    "tokenizer.json": b'{"model": {}}',
    "tokenizer_config.json": b'{"tokenizer_class": "BertTokenizer"}',
    "model.safetensors": b"weights " * 50_000,
}
WEIGHTS_SHA256 = hashlib.sha256(READ["model.safetensors"]).hexdigest()
NOT_READ = {
    "README.md": b"# a model",
    "modeling_own.py": b"raise SystemExit('code of the repository ran')",
    "pytorch_model.bin": b"a pickle",
    "vocab.txt": b"[PAD]\n",
    "onnx/model.onnx": b"another format",
}


class Processes:
    """A process for each call, forked from one that need not import anything again."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, str(HERE / "process_server.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **asked: object) -> int:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(f"{json.dumps(asked)}\n")
        self._server.stdin.flush()
        answer: int = json.loads(self._server.stdout.readline())
        return answer

    def end(self) -> None:
        self._server.communicate()


@dataclass
class Process:
    """A process that has been started."""

    processes: Processes
    output: Path
    id: int

    def kill(self) -> None:
        os.kill(self.id, signal.SIGKILL)

    def wait(self) -> subprocess.CompletedProcess[str]:
        code = self.processes.ask(wait=self.id)
        told = [self.output.with_suffix(f".{name}").read_text() for name in ("stdout", "stderr")]
        return subprocess.CompletedProcess([], code, *told)


@dataclass
class User:
    """A user's machine: folders of its own, and a process for each call."""

    hub: HubServer
    folder: Path
    processes: Processes
    variables: dict[str, str] = field(default_factory=dict)
    _started: int = 0

    @property
    def hub_cache(self) -> Path:
        return self.folder / "home" / "hub"

    @property
    def repository(self) -> Path:
        return self.hub_cache / "models--owner--model"

    def environment(self, **variables: str) -> dict[str, str]:
        # nothing of what a shell may say of hubs, caches, proxies and certificates
        inherited = {
            name: value
            for name, value in os.environ.items()
            if "proxy" not in name.lower() and not name.startswith(("HF_", "LATTICE_", "SSL_"))
        }
        own = {
            "HF_ENDPOINT": self.hub.address,
            "HF_HOME": str(self.folder / "home"),
            "HF_HUB_DISABLE_XET": "1",
            "LATTICE_CACHE_DIR": str(self.folder / "lattice-cache"),
            # macOS ends a forked process that asks it for proxies; it is not asked where there is
            # any, and nobody uses this one
            "FTP_PROXY": "http://none.invalid",
        }
        return {**inherited, **own, **self.variables, **variables}

    def start_python(self, *arguments: str | Path, **variables: str) -> Process:
        self._started += 1
        output = self.folder / f"process-{self._started}"
        started = self.processes.ask(
            start=[str(argument) for argument in arguments],
            environment=self.environment(**variables),
            output=str(output),
        )
        return Process(self.processes, output, started)

    def python(self, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.start_python(*arguments, **variables).wait()

    def start(self, *arguments: str, **variables: str) -> Process:
        return self.start_python(HERE / "client.py", *arguments, **variables)

    def locate(
        self, model: str = "owner/model", pins: Mapping[str, Any] | None = None, **variables: str
    ) -> dict[str, Any]:
        arguments = [model, *([json.dumps(pins)] if pins is not None else [])]
        return self.answer(self.start(*arguments, **variables))

    @staticmethod
    def answer(process: Process) -> dict[str, Any]:
        ended = process.wait()
        assert ended.returncode == 0, ended.stderr
        assert "Traceback" not in ended.stderr, ended.stderr
        answer: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
        return answer


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    if not hasattr(os, "fork"):
        pytest.skip("the hub's cache is made of links, and processes are forked: not on Windows")
    started = Processes()
    yield started
    started.end()


@pytest.fixture
def hub() -> Iterator[HubServer]:
    """A hub that has `owner/model`."""
    with serve_hub() as server:
        server.publish("owner/model", {**READ, **NOT_READ}, COMMIT)
        yield server


@pytest.fixture
def user(hub: HubServer, tmp_path: Path, processes: Processes) -> User:
    return User(hub, tmp_path, processes)
