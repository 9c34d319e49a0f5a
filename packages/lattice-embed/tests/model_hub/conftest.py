"""A hub that publishes one model, and a user's process that asks for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .hub_server import HubServer, serve_hub

CLIENT = Path(__file__).with_name("client.py")
COMMIT = "c0" * 20
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
NOT_READ = {
    "README.md": b"# a model",
    "modeling_own.py": b"raise SystemExit('code of the repository ran')",
    "pytorch_model.bin": b"a pickle",
    "vocab.txt": b"[PAD]\n",
    "onnx/model.onnx": b"another format",
}


@dataclass
class User:
    """A user's machine: folders of its own, and a process for each call."""

    hub: HubServer
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def hub_cache(self) -> Path:
        return self.folder / "home" / "hub"

    @property
    def repository(self) -> Path:
        return self.hub_cache / "models--owner--model"

    def environment(self, **variables: str) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
        own = {
            "HF_ENDPOINT": self.hub.address,
            "HF_HOME": str(self.folder / "home"),
            "HF_HUB_DISABLE_XET": "1",
            "LATTICE_CACHE_DIR": str(self.folder / "lattice-cache"),
        }
        return {**inherited, **own, **self.variables, **variables}

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(CLIENT), *arguments],
            env=self.environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def locate(
        self, model: str = "owner/model", pins: Mapping[str, Any] | None = None, **variables: str
    ) -> dict[str, Any]:
        arguments = [model, *([json.dumps(pins)] if pins is not None else [])]
        return self.answer(self.start(*arguments, **variables))

    @staticmethod
    def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
        stdout, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr
        assert "Traceback" not in stderr, stderr
        answer: dict[str, Any] = json.loads(stdout.splitlines()[-1])
        return answer


@pytest.fixture
def hub() -> Iterator[HubServer]:
    """A hub that has `owner/model`."""
    with serve_hub() as server:
        server.publish("owner/model", {**READ, **NOT_READ}, COMMIT)
        yield server


@pytest.fixture
def user(hub: HubServer, tmp_path: Path) -> User:
    return User(hub, tmp_path)
