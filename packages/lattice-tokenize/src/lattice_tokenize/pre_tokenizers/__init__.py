"""Normalized text -> words: the kinds of pre-tokenizers that `tokenizer.json` may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..component import read_component
from ..decoders.metaspace import without_old_fields
from ..errors import TokenizerFileError
from ..kinds import Kinds
from .pre_tokenizer import PreTokenizer, Spells

if TYPE_CHECKING:
    from .byte_level import ByteLevel
    from .digits import Digits
    from .fixed_length import FixedLength
    from .metaspace import Metaspace
    from .punctuation import BertPreTokenizer, Punctuation
    from .sequence import Sequence
    from .split import Split
    from .unicode_scripts import UnicodeScripts
    from .whitespace import CharDelimiterSplit, Whitespace, WhitespaceSplit

__all__ = [
    "PRE_TOKENIZERS",
    "BertPreTokenizer",
    "ByteLevel",
    "CharDelimiterSplit",
    "Digits",
    "FixedLength",
    "Metaspace",
    "PreTokenizer",
    "Punctuation",
    "Sequence",
    "Spells",
    "Split",
    "UnicodeScripts",
    "Whitespace",
    "WhitespaceSplit",
    "read_pre_tokenizer",
    "read_pre_tokenizers",
]

PRE_TOKENIZERS = Kinds(
    __name__,
    {
        "BertPreTokenizer": "punctuation",
        "ByteLevel": "byte_level",
        "CharDelimiterSplit": "whitespace",
        "Metaspace": "metaspace",
        "Whitespace": "whitespace",
        "Sequence": "sequence",
        "Split": "split",
        "Punctuation": "punctuation",
        "WhitespaceSplit": "whitespace",
        "Digits": "digits",
        "UnicodeScripts": "unicode_scripts",
        "FixedLength": "fixed_length",
    },
)


def __getattr__(name: str) -> type:
    return PRE_TOKENIZERS.attribute(name)


def read_pre_tokenizer(value: object, path: str) -> PreTokenizer | None:
    """The pre-tokenizer at `path` of the file, or None where it is null.

    >>> read_pre_tokenizer({"type": "Digits", "individual_digits": True}, "pre_tokenizer")
    Digits(individual_digits=True)
    """
    return None if value is None else _read(value, path)


def read_pre_tokenizers(value: object, path: str) -> tuple[PreTokenizer, ...]:
    """The list of pre-tokenizers at `path` of the file."""
    if not isinstance(value, list):
        raise TokenizerFileError(path, "a list", type(value).__name__)
    return tuple(_read(item, f"{path}[{index}]") for index, item in enumerate(value))


def _read(value: object, path: str) -> PreTokenizer:
    if isinstance(value, dict) and value.get("type") == "Metaspace":
        value = without_old_fields(value, path)
        if isinstance(value, dict) and "replacement" not in value:
            raise TokenizerFileError(f"{path}.replacement", "a character", "nothing")
    pre_tokenizer: PreTokenizer = read_component(value, path, PRE_TOKENIZERS)
    return pre_tokenizer
