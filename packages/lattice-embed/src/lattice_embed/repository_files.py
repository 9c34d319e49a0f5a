"""The names of a repository's files -> those that a model is read from, and those that it lacks.

Follows sentence-transformers: `modules.json` names a folder for each stage; the encoder's, usually
the repository itself, holds the tokenizer and the weights. Pickles and code are never chosen.
A folder outside the repository is refused before any file in it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from .errors import ModelFilesUnavailableError

__all__ = ["ModelFileNames", "encoder_directory", "model_file_names"]

_SETTINGS = (
    "modules.json",
    "config_sentence_transformers.json",
    # the longest text: one name for each kind of encoder that there was
    *(
        f"sentence_{kind}_config.json"
        for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
    ),
)
_TOKENIZER_SETTINGS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
# any one of these is a tokenizer; the first that is there is brought
_TOKENIZERS = (
    ("tokenizer.json",),
    ("vocab.txt",),
    ("vocab.json", "merges.txt"),
    ("sentencepiece.bpe.model",),
    ("spiece.model",),
    ("tokenizer.model",),
    ("spm.model",),
    ("sentencepiece.model",),
)
_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
# on Windows these lead elsewhere: to another folder, a drive, a stream of a file
_UNSAFE = frozenset("\\:\0")
_LONGEST_FOLDER_BYTES = 255  # of one name, for most file systems
_WITH_WEIGHTS = ("Dense", "LayerNorm")
_WITH_CONFIG = ("Pooling", *_WITH_WEIGHTS)


@dataclass(frozen=True)
class ModelFileNames:
    """`present`: in the order in which they are brought, so that weights come last.

    A model whose weights are there is whole. `missing`: without them it cannot be loaded.
    """

    present: tuple[str, ...]
    missing: tuple[str, ...]


def model_file_names(
    names: Collection[str], read: Callable[[str], bytes], *, lacks_modules: bool = False
) -> ModelFileNames:
    """Choose from `names`; `read` gives the bytes of `modules.json` or of an index of weights.

    `lacks_modules`: the repository is known to have no `modules.json`, so that it is not missing.
    Raises `ModelFilesUnavailableError` for a `modules.json` or an index that is not as it must be.

    >>> names = ["config.json", "tokenizer.json", "model.safetensors", "pytorch_model.bin"]
    >>> model_file_names(names, lambda name: b"", lacks_modules=True).missing
    ()
    """
    modules = _modules(read("modules.json")) if "modules.json" in names else ()
    encoder = _encoder_folder(modules)
    wanted = [*_SETTINGS, *_under(encoder, ("config.json", *_TOKENIZER_SETTINGS, *_SETTINGS))]
    needed = [] if lacks_modules else ["modules.json"]
    needed += _under(encoder, ("config.json",))
    tokenizer = next(
        (files for files in _TOKENIZERS if all(_join(encoder, file) in names for file in files)),
        _TOKENIZERS[0],
    )
    needed += _under(encoder, tokenizer)
    for kind, folder in modules:
        if kind != "Transformer":
            wanted += _under(folder, ("config.json",))
            needed += _under(folder, ("config.json",) if kind in _WITH_CONFIG else ())
    weights = [
        name
        for folder in [f for kind, f in modules if kind in _WITH_WEIGHTS] + [encoder]
        for name in _weights(folder, names, read)
    ]
    chosen = dict.fromkeys([*wanted, *needed, *weights])
    return ModelFileNames(
        tuple(name for name in chosen if name in names),
        tuple(name for name in dict.fromkeys([*needed, *weights]) if name not in names),
    )


def encoder_directory(directory: Path) -> Path:
    """Where in a model directory the encoder's config and weights and the tokenizer are.

    Raises `ModelFilesUnavailableError` for a `modules.json` that is not as it must be.
    """
    path = directory / "modules.json"
    modules = _modules(path.read_bytes()) if path.is_file() else ()
    return directory / _encoder_folder(modules)


def _encoder_folder(modules: tuple[tuple[str, str], ...]) -> str:
    return next((folder for kind, folder in modules if kind == "Transformer"), "")


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _under(folder: str, names: Collection[str]) -> list[str]:
    return [_join(folder, name) for name in names]


def _weights(folder: str, names: Collection[str], read: Callable[[str], bytes]) -> Iterator[str]:
    index = _join(folder, _INDEX)
    if _join(folder, _WEIGHTS) in names or index not in names:
        yield _join(folder, _WEIGHTS)
        return
    yield index
    content = _parse(index, read(index))
    shards = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(shards, dict) or not shards:
        raise ModelFilesUnavailableError(
            f"{index}: weight_map", "the names of shards", _short(shards)
        )
    for shard in shards.values():
        plain = isinstance(shard, str) and PurePosixPath(shard).name == shard
        if not plain or not shard.endswith(".safetensors") or set(shard) & _UNSAFE:
            raise ModelFilesUnavailableError(
                f"{index}: weight_map", "names of .safetensors files beside it", _short(shard)
            )
    for shard in dict.fromkeys(shards.values()):
        yield _join(folder, shard)


def _modules(content: bytes) -> tuple[tuple[str, str], ...]:
    """(kind, folder) of each module."""
    modules = _parse("modules.json", content)
    if not isinstance(modules, list) or not all(isinstance(module, dict) for module in modules):
        raise ModelFilesUnavailableError("modules.json", "a list of objects", _short(modules))
    return tuple(
        (str(module.get("type", "")).rpartition(".")[2], _folder(module.get("path", "")))
        for module in modules
    )


def _folder(path: object) -> str:
    if isinstance(path, str):
        parts = PurePosixPath(path).parts
        inside = ".." not in parts and not path.startswith("/") and not set(path) & _UNSAFE
        if inside and len(path.encode("utf-8", "surrogatepass")) <= _LONGEST_FOLDER_BYTES:
            return "/".join(parts)
    raise ModelFilesUnavailableError(
        "modules.json: path",
        "a folder inside the repository",
        _short(path),
        "It asks for files elsewhere: do not trust this model.",
    )


def _parse(name: str, content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelFilesUnavailableError(name, "JSON", str(error)) from error


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}..."
