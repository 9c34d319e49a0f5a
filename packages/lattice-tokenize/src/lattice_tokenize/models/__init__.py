"""Word -> tokens of a vocabulary: the models of `tokenizer.json`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from ..json_fields import JsonFields
from ..kinds import Kinds
from .model import Model
from .token import Token

if TYPE_CHECKING:
    from .bpe import BPE
    from .unigram import Unigram
    from .word_level import WordLevel
    from .wordpiece import WordPiece

__all__ = ["BPE", "MODELS", "Model", "Token", "Unigram", "WordLevel", "WordPiece", "read_model"]

MODELS = Kinds(
    __name__,
    {"BPE": "bpe", "WordPiece": "wordpiece", "WordLevel": "word_level", "Unigram": "unigram"},
)


def __getattr__(name: str) -> type:
    return MODELS.attribute(name)


def read_model(value: object, path: str = "model") -> Model:
    """The model at `path` of a `tokenizer.json`.

    Files of the first versions of the format do not say the type; there the fields tell it, as
    in the oracle.

    >>> read_model({"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}).ids(["a"])
    [(0,)]
    """
    fields = JsonFields(value, path)
    if fields.has("type"):
        return _read(fields.one_of("type", tuple(MODELS)), value, path)
    assert isinstance(value, dict)  # JsonFields has made sure
    if "merges" in value:
        kind = "BPE"
    elif "max_input_chars_per_word" in value:
        kind = "WordPiece"
    elif isinstance(value.get("vocab"), list):
        kind = "Unigram"
    else:
        kind = "WordLevel"
    return _read(kind, {"type": kind, **value}, path)


def _read(kind: str, value: object, path: str) -> Model:
    module = import_module(MODELS[kind].__module__)
    read: Callable[[object, str], Model] = getattr(module, f"read_{module.__name__.split('.')[-1]}")
    return read(value, path)
