"""`modules.json` and the files that it names -> what happens after the encoder.

The format is that of sentence-transformers: a list of modules, each with a type and a folder. The
encoder comes first, then pooling, then any of the modules in `dense.py`. A type outside
sentence-transformers is code of the checkpoint's own and is refused, never imported.
There is no default pooling (the peer takes the mean where a file is silent): checkpoints differ in
it, and a wrong one gives vectors that look right and are not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .dense import Normalize, SentenceModule, read_dense, read_layer_norm
from .errors import ConfigError, ModelFilesError, PoolingNotStatedError, UnsupportedModelError
from .json_file import JsonFile, path_inside, read_json
from .pooling import POOLINGS
from .settings import GIVEN, Setting, file_in
from .token_limit import read_sentence_config, read_token_limit

__all__ = ["Pipeline", "read_pipeline"]

_POOLING_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}

# kind -> the package and the file in which sentence-transformers 6 keeps it
_KINDS = {
    "Transformer": ("base", "transformer"),
    "Pooling": ("sentence_transformer", "pooling"),
    "Dense": ("base", "dense"),
    "LayerNorm": ("sentence_transformer", "layer_norm"),
    "Normalize": ("base", "normalize"),
    "Dropout": ("sentence_transformer", "dropout"),  # does nothing outside training
}
_KIND_OF_TYPE = {
    type_: kind
    for kind, (package, file) in _KINDS.items()
    for type_ in (
        f"sentence_transformers.models.{kind}",
        f"sentence_transformers.{package}.modules.{kind}",
        f"sentence_transformers.{package}.modules.{file}.{kind}",
    )
}


@dataclass(frozen=True)
class Pipeline:
    """What happens after the encoder, which is in `encoder_folder`.

    `pooling`: keys of `POOLINGS`, whose vectors lie side by side. `modules` come next, and at the
    end, if `normalize`, every vector is scaled to length 1. `max_tokens` counts special tokens.
    `settings` tells where each of these came from.
    """

    encoder_folder: Path
    pooling: tuple[str, ...]
    modules: tuple[SentenceModule, ...]
    normalize: bool
    max_tokens: int
    settings: tuple[Setting, ...]
    # the hidden size that the file of the Pooling states, and the field in which it does
    stated_size: tuple[int, str] | None = None

    def dimensions(self, hidden_size: int) -> int:
        """The length of a vector; raise `ConfigError` where modules do not fit together."""
        if self.stated_size is not None and self.stated_size[0] != hidden_size:
            size, field = self.stated_size
            raise ConfigError(
                field, f"{hidden_size}, the hidden size of the encoder", str(size),
                "The files belong to different models.",
            )  # fmt: skip
        size = hidden_size * len(self.pooling)
        for module in self.modules:
            size = module.output_size(size)
        return size


@dataclass(frozen=True)
class _Stated:
    """What modules.json says; `source` is what said it."""

    encoder_folder: Path
    source: Path | None = None
    pooling_file: Path | None = None
    modules: tuple[SentenceModule, ...] = ()


def read_pipeline(directory: Path, *, pooling: str | None, normalize: bool | None) -> Pipeline:
    """Read the files of a model directory; `pooling` and `normalize` win over them if given.

    `pooling` may name several with "+" between them: "cls+mean".
    """
    path = directory / "modules.json"
    stated = _read_modules(path) if path.exists() else _Stated(directory)
    folder = stated.encoder_folder
    if not (folder / "config.json").exists():
        raise ModelFilesError(
            str(folder),
            "a model directory with config.json",
            "one without",
            "Point to the directory that save_pretrained() wrote.",
        )
    _check_output(folder)
    modes, pooling_source, stated_size = _choose_pooling(directory, stated, pooling)
    modules, normalize, normalize_source = _choose_length(directory, stated, normalize)
    max_tokens, limit_file = read_token_limit(folder)
    settings = (
        Setting("pooling", "+".join(modes), pooling_source),
        *(
            Setting(type(module).__name__, module.description, file_in(directory, module.source))
            for module in modules
        ),
        Setting("normalize", normalize, normalize_source),
        Setting("max_tokens", max_tokens, file_in(directory, limit_file)),
    )
    return Pipeline(folder, modes, modules, normalize, max_tokens, settings, stated_size)


def _read_modules(path: Path) -> _Stated:
    modules = read_json(path)
    if not isinstance(modules, list) or not all(isinstance(m, dict) for m in modules):
        raise ConfigError(str(path), "a list of objects", type(modules).__name__)
    kinds = [_kind(path, module) for module in modules]
    folders = [
        path_inside(path.parent, module.get("path", ""), field=f"{path}: path")
        for module in modules
    ]
    if kinds[:1] != ["Transformer"] or "Transformer" in kinds[1:] or "Pooling" in kinds[2:]:
        raise UnsupportedModelError(
            str(path),
            "a Transformer, then one Pooling, then what changes its vectors",
            ", ".join(kinds) or "nothing",
        )
    stated = _Stated(folders[0], path)
    if kinds[1:2] == ["Pooling"]:
        stated = replace(stated, pooling_file=folders[1] / "config.json")
    elif kinds[1:]:
        raise UnsupportedModelError(str(path), "Pooling after the Transformer", ", ".join(kinds))
    following: list[SentenceModule] = []
    for kind, folder in zip(kinds[2:], folders[2:], strict=True):
        if kind != "Dropout":
            _check_names(folder / "config.json")
        if kind == "Dense":
            following.append(read_dense(folder))
        elif kind == "LayerNorm":
            following.append(read_layer_norm(folder))
        elif kind == "Normalize":
            following.append(Normalize(path))
    return replace(stated, modules=tuple(following))


def _kind(path: Path, module: dict[str, Any]) -> str:
    type_ = module.get("type")
    kind = _KIND_OF_TYPE.get(type_) if isinstance(type_, str) else None
    if kind is None:
        raise UnsupportedModelError(
            f"{path}: type",
            f"{', '.join(_KINDS)} of sentence_transformers",
            repr(type_),
            "Leaving it out would compute another model, and code of a checkpoint is never run.",
        )
    return kind


def _check_names(path: Path) -> None:
    """A module after pooling must read and write sentence vectors, not those of tokens."""
    file = JsonFile(path) if path.exists() else None
    for key in ("module_input_name", "module_output_name"):
        name = file.content.get(key) if file is not None else None
        if name not in (None, "sentence_embedding"):
            raise UnsupportedModelError(f"{path}: {key}", "'sentence_embedding'", repr(name))


def _check_output(folder: Path) -> None:
    """The encoder must give the hidden states of its last layer, and not, say, scores."""
    file = read_sentence_config(folder)
    if file is None:
        return
    content: Any = file.content
    for keys, supported in (
        (("transformer_task",), "feature-extraction"),
        (("module_output_name",), "token_embeddings"),
        (("modality_config", "text", "method"), "forward"),
        (("modality_config", "text", "method_output_name"), "last_hidden_state"),
    ):
        value = content
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else value
        if value not in (None, supported):
            field = f"{file.path}: {'.'.join(keys)}"
            raise UnsupportedModelError(field, repr(supported), repr(value))


def _choose_pooling(
    directory: Path, stated: _Stated, given: str | None
) -> tuple[tuple[str, ...], str, tuple[int, str] | None]:
    """The modes, what said so, and the hidden size that it states."""
    if given is not None:
        modes = tuple(given.split("+")) if isinstance(given, str) else (given,)
        _check_modes("pooling", modes)
        return modes, GIVEN, None
    if stated.pooling_file is None:
        raise PoolingNotStatedError(
            str(directory),
            "modules.json with a Pooling module",
            "no word on how token vectors become one vector",
            _GIVE_POOLING,
        )
    file = JsonFile(stated.pooling_file)
    return _read_pooling(file), file_in(directory, file.path), _read_size(file)


def _choose_length(
    directory: Path, stated: _Stated, given: bool | None
) -> tuple[tuple[SentenceModule, ...], bool, str]:
    """The modules before the last scaling to length 1, whether there is one, and who said so."""
    modules = stated.modules
    normalizes = bool(modules) and isinstance(modules[-1], Normalize)
    if normalizes:
        modules = modules[:-1]
    if given is not None:
        return modules, bool(given), GIVEN
    source = "no modules.json" if stated.source is None else file_in(directory, stated.source)
    return modules, normalizes, source


def _read_pooling(file: JsonFile) -> tuple[str, ...]:
    if not file.get("include_prompt", bool, True):
        raise UnsupportedModelError(
            f"{file.path}: include_prompt", "true: the tokens of a prompt are pooled too", "false"
        )
    if "pooling_mode" in file.content:  # written by sentence-transformers 5 and later
        stated = file.content["pooling_mode"]
        modes = tuple(stated) if isinstance(stated, list) else (stated,)
        _check_modes(f"{file.path}: pooling_mode", modes)
    else:
        modes = tuple(mode for key, mode in _POOLING_FLAGS.items() if file.get(key, bool, False))
    if not modes:
        raise PoolingNotStatedError(str(file.path), "a pooling mode", "none", _GIVE_POOLING)
    return modes


def _read_size(file: JsonFile) -> tuple[int, str] | None:
    for key in ("embedding_dimension", "word_embedding_dimension"):  # the new name and the old
        if key in file.content:
            return file.get(key, int), f"{file.path}: {key}"
    return None


def _check_modes(field: str, modes: tuple[object, ...]) -> None:
    for mode in modes:
        if not isinstance(mode, str) or mode not in POOLINGS:
            raise UnsupportedModelError(field, " or ".join(POOLINGS), repr(mode))


_GIVE_POOLING = f"Give pooling=, one of {', '.join(POOLINGS)}; the model's card says which."
