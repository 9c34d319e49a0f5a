"""Word -> tokens of a vocabulary: the models of `tokenizer.json`."""

from __future__ import annotations

from collections.abc import Callable

from ..json_fields import JsonFields
from .bpe import BPE, read_bpe
from .model import Model
from .token import Token
from .unigram import Unigram, read_unigram
from .word_level import WordLevel, read_word_level
from .wordpiece import WordPiece, read_wordpiece

__all__ = ["BPE", "MODELS", "Model", "Token", "Unigram", "WordLevel", "WordPiece", "read_model"]

MODELS: dict[str, Callable[[object, str], Model]] = {
    "BPE": read_bpe,
    "WordPiece": read_wordpiece,
    "WordLevel": read_word_level,
    "Unigram": read_unigram,
}


def read_model(value: object, path: str = "model") -> Model:
    """The model at `path` of a `tokenizer.json`.

    Files of the first versions of the format do not say the type; there the fields tell it, as
    in the oracle.

    >>> read_model({"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}).ids(["a"])
    [(0,)]
    """
    fields = JsonFields(value, path)
    if fields.has("type"):
        return MODELS[fields.one_of("type", tuple(MODELS))](value, path)
    assert isinstance(value, dict)  # JsonFields has made sure
    if "merges" in value:
        kind = "BPE"
    elif "max_input_chars_per_word" in value:
        kind = "WordPiece"
    elif isinstance(value.get("vocab"), list):
        kind = "Unigram"
    else:
        kind = "WordLevel"
    return MODELS[kind]({"type": kind, **value}, path)
