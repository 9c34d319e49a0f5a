"""A loaded model -> what it does with a text, each setting with the file that says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from lattice_models import SentenceEncoder
from lattice_tokenize import Tokenizer

from .catalog import ModelRecord
from .native_service import NativeEmbeddingService
from .role import PROMPTS_FILE, Instructions

__all__ = ["Setting", "effective_settings"]

_CATALOG = "the catalog"


class Setting(NamedTuple):
    """`source`: a file of the model directory, or the catalog."""

    name: str
    value: object
    source: str


def effective_settings(service: NativeEmbeddingService) -> tuple[Setting, ...]:
    """Everything that decides about the vectors of a service's model.

    >>> settings = effective_settings(NativeEmbeddingService(minilm))
    >>> next(setting for setting in settings if setting.name == "pooling")
    Setting(name='pooling', value='mean', source='1_Pooling/config.json')
    """
    local, record = service.local_model, service.record
    found = "found by its name" if record else "named by you"
    return (
        Setting("model", service.model_name, _CATALOG if record else "its directory"),
        Setting("directory", str(local.directory), found),
        *_of_the_catalog(record),
        *_of_the_weights(local.directory),
        *_of_the_encoder(service.encoder, local.directory),
        _limit(service, record),
        *_of_the_instructions(local.instructions, local.directory, record),
        *_of_the_tokenizer(service.tokenizer, local.directory),
    )


def _of_the_catalog(record: ModelRecord | None) -> list[Setting]:
    if record is None:
        return []
    settings = [
        Setting("hub id", record.hub_id, _CATALOG),
        Setting("revision", record.revision, _CATALOG),
        Setting("sha256", record.sha256 or "not pinned", _CATALOG),
    ]
    if record.min_output_dim is not None:
        settings.append(Setting("shortest vector", record.min_output_dim, _CATALOG))
    return settings


def _of_the_weights(directory: Path) -> list[Setting]:
    return [
        Setting("weights", f"{path.stat().st_size:,} bytes", path.name)
        for path in sorted(directory.glob("*.safetensors"))
    ]


def _of_the_encoder(encoder: SentenceEncoder, directory: Path) -> list[Setting]:
    modules = _objects(directory / "modules.json")
    folders = [module.get("path") for module in modules if "Pooling" in str(module.get("type"))]
    return [
        Setting("architecture", _value(directory / "config.json", "model_type"), "config.json"),
        Setting("dimensions", encoder.dimensions, "config.json"),
        Setting("pooling", encoder.pooling, f"{folders[0]}/config.json"),
        Setting("normalize", encoder.normalize, "modules.json"),
    ]


def _limit(service: NativeEmbeddingService, record: ModelRecord | None) -> Setting:
    directory, limit = service.local_model.directory, service.max_tokens
    if record is not None and limit < service.encoder.max_tokens:
        return Setting("max tokens", limit, _CATALOG)
    path = directory / "sentence_bert_config.json"
    stated = _value(path, "max_seq_length") == limit
    return Setting("max tokens", limit, path.name if stated else "config.json")


def _of_the_instructions(
    instructions: Instructions, directory: Path, record: ModelRecord | None
) -> list[Setting]:
    there = (directory / PROMPTS_FILE).exists()
    source = _CATALOG if record else PROMPTS_FILE if there else "not stated"
    told = (
        ("query instruction", instructions.query),
        ("passage instruction", instructions.passage),
        ("generic instruction", instructions.generic),
    )
    return [Setting(name, instruction, source) for name, instruction in told]


def _of_the_tokenizer(tokenizer: Tokenizer, directory: Path) -> list[Setting]:
    path = directory / "tokenizer.json"
    source = path.name if path.exists() else "the files of its tokenizer"
    settings = [
        Setting("tokenizer", type(tokenizer.model).__name__, source),
        Setting("vocabulary", f"{tokenizer.get_vocab_size():,} tokens", source),
    ]
    truncation = tokenizer.truncation
    if truncation is not None:
        stated = f"{truncation['max_length']} tokens, not obeyed: max tokens holds"
        settings.append(Setting("limit of the tokenizer", stated, source))
    return settings


def _value(path: Path, key: str) -> Any:
    content = _content(path)
    return content.get(key) if isinstance(content, dict) else None


def _objects(path: Path) -> list[dict[str, Any]]:
    content = _content(path)
    entries = content if isinstance(content, list) else []
    return [entry for entry in entries if isinstance(entry, dict)]


def _content(path: Path) -> Any:
    """The model has been loaded, so what must be there is there, and JSON."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
