"""The files beside the weights -> the most tokens that a text may have.

Follows the Transformer module of sentence-transformers: `max_seq_length` of its own file, else
`model_max_length` of the tokenizer, but no more than `max_position_embeddings`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .errors import ConfigError
from .json_file import JsonFile

__all__ = ["read_sentence_config", "read_token_limit"]

# Names that versions of sentence-transformers have given to one file; the first that says
# something is the one that counts.
_SENTENCE_CONFIGS = tuple(
    f"sentence_{name}_config.json"
    for name in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)

# the smaller of the two counts; max_len is an old name, n_positions the one of Nomic-BERT
_LIMITS = {
    "tokenizer_config.json": ("model_max_length", "max_len"),
    "config.json": ("max_position_embeddings", "n_positions"),
}
_NO_LIMIT = 1 << 31  # tokenizers write 1e30 where they know of none


def read_sentence_config(folder: Path) -> JsonFile | None:
    """What sentence-transformers wrote about the encoder in `folder`."""
    files = (JsonFile(folder / name) for name in _SENTENCE_CONFIGS if (folder / name).exists())
    return next((file for file in files if file.content), None)


def read_token_limit(folder: Path) -> tuple[int, Path]:
    """The limit, special tokens included, and the file that sets it."""
    sentence_config = read_sentence_config(folder)
    if sentence_config is not None:
        stated = _limit(sentence_config, "max_seq_length")
        if stated is not None:
            return stated, sentence_config.path
    found = [
        (limit, folder / name)
        for name, keys in _LIMITS.items()
        for limit in [_first_limit(folder / name, keys)]
        if limit is not None
    ]
    if not found:
        raise ConfigError(
            str(folder),
            "max_seq_length in sentence_bert_config.json, model_max_length in "
            "tokenizer_config.json or max_position_embeddings in config.json",
            "none of them",
            "Without one a text has no limit that the model was trained for.",
        )
    return min(found, key=lambda pair: pair[0])


def _first_limit(path: Path, keys: tuple[str, ...]) -> int | None:
    file = JsonFile(path) if path.exists() else None
    limits = [_limit(file, key) for key in keys] if file is not None else []
    return next((limit for limit in limits if limit is not None), None)


def _limit(file: JsonFile, key: str) -> int | None:
    """A whole number from 1 up, if the file states one."""
    value: Any = file.content.get(key)
    if value is None:
        return None
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or value < 1:
        raise ConfigError(f"{file.path}: {key}", "a positive number", repr(value))
    return value if value < _NO_LIMIT else None
