"""`modules.json` and the files that it names -> what happens after the encoder.

The format is that of sentence-transformers: a list of modules, each with a type and a folder.
There is no default pooling: BERT checkpoints differ in it, and a wrong one gives vectors
that look right and are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from .errors import ConfigError, PoolingNotStatedError, UnsupportedModelError
from .json_file import JsonFile, read_json
from .pooling import POOLINGS

__all__ = ["Pipeline", "read_pipeline"]

_POOLING_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}


@dataclass(frozen=True)
class Pipeline:
    """`pooling`: a key of `POOLINGS`. `max_tokens`: special tokens included; `None` if unsaid."""

    pooling: str
    normalize: bool
    max_tokens: int | None


def read_pipeline(directory: Path, *, pooling: str | None, normalize: bool | None) -> Pipeline:
    """Read the files of a model directory; `pooling` and `normalize` win over them if given."""
    stated_pooling, stated_normalize = None, None
    path = directory / "modules.json"
    if path.exists():
        stated_pooling, stated_normalize = _read_modules(path)
    pooling = stated_pooling if pooling is None else pooling
    if pooling is None:
        raise PoolingNotStatedError(
            str(directory),
            "modules.json with a Pooling module",
            "no word on how token vectors become one vector",
            f"Give pooling=, one of {', '.join(POOLINGS)}; the model's card says which.",
        )
    if not isinstance(pooling, str) or pooling not in POOLINGS:
        raise UnsupportedModelError("pooling", " or ".join(POOLINGS), repr(pooling))
    if normalize is None:
        normalize = bool(stated_normalize)
    return Pipeline(pooling, normalize, _read_max_tokens(directory))


def _read_modules(path: Path) -> tuple[str | None, bool]:
    modules = read_json(path)
    if not isinstance(modules, list) or not all(isinstance(m, dict) for m in modules):
        raise ConfigError(str(path), "a list of objects", type(modules).__name__)
    kinds = [str(module.get("type", "")).rpartition(".")[2] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise UnsupportedModelError(
            str(path), "Transformer, Pooling and perhaps Normalize", ", ".join(kinds) or "nothing"
        )
    return _read_pooling(_module_folder(path, modules[1]) / "config.json"), "Normalize" in kinds


def _module_folder(modules_path: Path, module: dict[str, Any]) -> Path:
    name = module.get("path", "")
    parts = PurePosixPath(name).parts if isinstance(name, str) else ("..",)
    if ".." in parts or Path(str(name)).is_absolute() or "\\" in str(name):
        raise ConfigError(
            f"{modules_path}: path", "a folder inside the model directory", repr(name)
        )
    return modules_path.parent.joinpath(*parts)


def _read_pooling(path: Path) -> str:
    file = JsonFile(path)
    if "pooling_mode" in file.content:  # written by sentence-transformers 5 and later
        return file.get("pooling_mode", str)
    modes = [mode for flag, mode in _POOLING_FLAGS.items() if file.get(flag, bool, False)]
    if len(modes) != 1:
        raise UnsupportedModelError(str(path), "one pooling mode", " + ".join(modes) or "none")
    return modes[0]


def _read_max_tokens(directory: Path) -> int | None:
    path = directory / "sentence_bert_config.json"
    if not path.exists():
        return None
    file = JsonFile(path)
    if file.content.get("max_seq_length") is None:
        return None
    max_tokens = file.get("max_seq_length", int)
    if max_tokens < 1:
        raise ConfigError(f"{path}: max_seq_length", "a positive number", str(max_tokens))
    return max_tokens
