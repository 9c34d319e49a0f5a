"""The files of a model -> what it does with a text, each setting with the file that says so.

Weights are not read, but for the few models whose other files leave open how long a text may be.
What is wrong or not supported is told beside the settings that can be read all the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lattice_models import ModelError, SentenceEncoder, Setting
from lattice_models.config import ConfigFile, read_config
from lattice_models.dense import Dense
from lattice_models.families import FAMILIES
from lattice_models.pipeline_files import read_pipeline
from lattice_models.settings import file_in
from lattice_models.weights import open_weights
from lattice_tokenize import TokenizeError, Tokenizer

from .catalog import ModelRecord, find_model
from .errors import EmbedError
from .model_files import LocalModel, locate_model
from .model_names import given_directory
from .repository_files import encoder_directory
from .role import PROMPTS_FILE

__all__ = ["EffectiveSettings", "effective_settings"]

_CATALOG = "the catalog"
# what config.json calls the width of the encoder, and how many positions it has
_HIDDEN_SIZES = ("hidden_size", "dim", "n_embd")
_POSITIONS = ("max_position_embeddings", "n_positions")
_MOST_RESERVED = 8  # positions that some architectures keep for themselves


@dataclass(frozen=True)
class EffectiveSettings:
    """`problems`: why the model cannot be loaded, as far as its files tell."""

    settings: tuple[Setting, ...]
    problems: tuple[str, ...]


def effective_settings(model: str | os.PathLike[str]) -> EffectiveSettings:
    """Everything that decides about the vectors of a model, which is downloaded if need be.

    Raises `EmbedError` where there is no model.

    >>> settings = effective_settings(minilm).settings
    >>> print(next(setting for setting in settings if setting.name == "pooling"))
    pooling = mean (1_Pooling/config.json)
    """
    local = locate_model(model)
    record = None if given_directory(model) else find_model(os.fspath(model))
    directory, folder = local.directory, encoder_directory(local.directory)
    settings: list[Setting] = []
    problems: list[str] = []
    for part in (
        _of_the_model(local, record),
        _of_the_encoder(directory, folder),
        _of_the_weights(directory, folder),
        _of_the_pipeline(directory, record),
        _of_the_instructions(local, record),
        _of_the_tokenizer(directory, folder),
    ):
        try:
            settings.extend(part)  # as far as it goes
        except (EmbedError, ModelError, TokenizeError) as error:
            problems.append(str(error))
    return EffectiveSettings(tuple(settings), tuple(dict.fromkeys(problems)))


def _of_the_model(local: LocalModel, record: ModelRecord | None) -> Iterator[Setting]:
    yield Setting("model", local.name, _CATALOG if record else "its name")
    yield Setting("directory", str(local.directory), "found by its name" if record else "given")
    if local.revision is not None:
        yield Setting("commit", local.revision, "the hub's cache")
    if record is not None:
        yield Setting("hub_id", record.hub_id, _CATALOG)
        yield Setting("revision", record.revision, _CATALOG)
        yield Setting("sha256", record.sha256 or "not pinned", _CATALOG)
        if record.tokenizer_sha256 is not None:
            yield Setting("tokenizer_sha256", record.tokenizer_sha256, _CATALOG)
        if record.min_output_dim is not None:
            yield Setting("min_output_dim", record.min_output_dim, _CATALOG)


def _of_the_encoder(directory: Path, folder: Path) -> Iterator[Setting]:
    config = read_config(folder)
    yield Setting("architecture", config.get("model_type", str), file_in(directory, config.path))
    config.choice("model_type", FAMILIES)


def _of_the_weights(directory: Path, folder: Path) -> Iterator[Setting]:
    weights = open_weights(folder)
    yield Setting("weights", weights.stored_as, file_in(directory, weights.path))


def _of_the_pipeline(directory: Path, record: ModelRecord | None) -> Iterator[Setting]:
    pipeline = read_pipeline(directory, pooling=None, normalize=None)
    config = read_config(pipeline.encoder_folder)
    size_key = next((key for key in _HIDDEN_SIZES if key in config.content), _HIDDEN_SIZES[0])
    dimensions = pipeline.dimensions(config.size(size_key))
    sources = [config.path, *(m.source for m in pipeline.modules if isinstance(m, Dense))]
    yield Setting("dimensions", dimensions, file_in(directory, sources[-1]))
    yield from pipeline.settings[:-1]
    limit = pipeline.settings[-1]
    if record is not None and record.max_tokens < pipeline.max_tokens:
        limit = Setting(limit.name, record.max_tokens, _CATALOG)
    elif record is None and not _has_positions(config, pipeline.max_tokens):
        try:
            limit = SentenceEncoder.from_pretrained(directory).settings[-1]
        except ModelError:
            yield limit  # as its file says
            raise
    yield limit


def _has_positions(config: ConfigFile, count: int) -> bool:
    """Whether the encoder certainly has positions for so many tokens."""
    stated = [config.content[key] for key in _POSITIONS if key in config.content]
    whole = bool(stated) and all(type(positions) is int for positions in stated)
    scaled = config.content.get("rotary_scaling_factor") is not None
    return whole and not scaled and count + _MOST_RESERVED <= min(stated)


def _of_the_instructions(local: LocalModel, record: ModelRecord | None) -> Iterator[Setting]:
    there = (local.directory / PROMPTS_FILE).exists()
    source = _CATALOG if record else PROMPTS_FILE if there else "not stated"
    yield Setting("query_instruction", local.instructions.query, source)
    yield Setting("passage_instruction", local.instructions.passage, source)
    yield Setting("generic_instruction", local.instructions.generic, source)


def _of_the_tokenizer(directory: Path, folder: Path) -> Iterator[Setting]:
    tokenizer = Tokenizer.from_pretrained(folder)
    path = folder / "tokenizer.json"
    source = file_in(directory, path) if path.exists() else "the files of its tokenizer"
    yield Setting("tokenizer", type(tokenizer.model).__name__, source)
    yield Setting("vocabulary", tokenizer.get_vocab_size(), source)
    truncation = tokenizer.truncation
    if truncation is not None:
        stated = f"{truncation['max_length']} tokens, not obeyed: max_tokens holds"
        yield Setting("tokenizer_limit", stated, source)
