"""Every component of the tokenizer.json format, and the values of its options that change answers.

Left out are options that no answer of a case shows: `stride` (only what overflows has it),
`dropout` (chance), the options of the decoder ByteLevel and `trim_offsets` of the pre-tokenizer
(which do nothing), and texts, numbers and vocabularies that each tokenizer has of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["FORMAT", "Given", "Options", "Part", "Wording", "all_parts", "choices"]


@dataclass(frozen=True)
class Given:
    """An option that holds a text or a number of one's own. `instead`: another value of it."""

    instead: Any


@dataclass(frozen=True)
class Wording:
    """A pattern: `{"String": ...}` or `{"Regex": ...}`."""


Options = Mapping[str, "tuple[Any, ...] | Given | Wording"]

_FLAG = (True, False)
_BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
_NONE: Options = {}

# field of tokenizer.json -> type -> options -> values; "" where the field has one type alone
FORMAT: Mapping[str, Mapping[str, Options]] = {
    "added_tokens": {
        "": dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), _FLAG)
    },
    "normalizer": {
        "BertNormalizer": {
            "clean_text": _FLAG,
            "handle_chinese_chars": _FLAG,
            "strip_accents": (None, True, False),
            "lowercase": _FLAG,
        },
        "ByteLevel": _NONE,
        "Lowercase": _NONE,
        "NFC": _NONE,
        "NFD": _NONE,
        "NFKC": _NONE,
        "NFKD": _NONE,
        "Nmt": _NONE,
        "Precompiled": _NONE,
        "Prepend": _NONE,
        "Replace": {"pattern": Wording()},
        "Sequence": _NONE,
        "Strip": {"strip_left": _FLAG, "strip_right": _FLAG},
        "StripAccents": _NONE,
    },
    "pre_tokenizer": {
        "BertPreTokenizer": _NONE,
        "ByteLevel": {"add_prefix_space": _FLAG, "use_regex": _FLAG},
        "CharDelimiterSplit": _NONE,
        "Digits": {"individual_digits": _FLAG},
        "FixedLength": {"length": Given(5)},
        "Metaspace": {
            "replacement": Given("+"),
            "prepend_scheme": ("always", "first", "never"),
            "split": _FLAG,
        },
        "Punctuation": {"behavior": _BEHAVIORS},
        "Sequence": _NONE,
        "Split": {"pattern": Wording(), "behavior": _BEHAVIORS, "invert": _FLAG},
        "UnicodeScripts": _NONE,
        "Whitespace": _NONE,
        "WhitespaceSplit": _NONE,
    },
    "model": {
        "BPE": {
            "unk_token": Given(None),
            "continuing_subword_prefix": Given(None),
            "end_of_word_suffix": Given(None),
            "fuse_unk": _FLAG,
            "byte_fallback": _FLAG,
            "ignore_merges": _FLAG,
        },
        "Unigram": {"byte_fallback": _FLAG},
        "WordLevel": _NONE,
        "WordPiece": {
            "continuing_subword_prefix": Given("~"),
            "max_input_chars_per_word": Given(4),
        },
    },
    "post_processor": {
        "BertProcessing": _NONE,
        "ByteLevel": {"trim_offsets": _FLAG, "add_prefix_space": _FLAG},
        "RobertaProcessing": {"trim_offsets": _FLAG, "add_prefix_space": _FLAG},
        "Sequence": _NONE,
        "TemplateProcessing": _NONE,
    },
    "decoder": {
        "BPEDecoder": {"suffix": Given("~")},
        "ByteFallback": _NONE,
        "ByteLevel": _NONE,
        "CTC": {"cleanup": _FLAG, "pad_token": Given("~"), "word_delimiter_token": Given("~")},
        "Fuse": _NONE,
        "Metaspace": {"replacement": Given("+"), "prepend_scheme": ("always", "never")},
        "Replace": {"pattern": Wording()},
        "Sequence": _NONE,
        "Strip": {"start": Given(0), "stop": Given(0)},
        "WordPiece": {"prefix": Given("~"), "cleanup": _FLAG},
    },
    "truncation": {
        "": {
            "direction": ("Right", "Left"),
            "strategy": ("LongestFirst", "OnlyFirst", "OnlySecond"),
            "max_length": Given(9),
        }
    },
    "padding": {
        "": {
            "direction": ("Right", "Left"),
            "strategy": ("BatchLongest", "Fixed"),
            "pad_to_multiple_of": Given(None),
            "pad_id": Given(1),
            "pad_type_id": Given(3),
            "pad_token": Given("~"),
        }
    },
}


@dataclass(frozen=True, order=True)
class Part:
    """A component, or an option of one with a value: "Strip", "Strip strip_left=true"."""

    field: str
    type: str
    option: str = ""
    value: str = ""

    def __str__(self) -> str:
        option = f"{self.option}={self.value}" if self.option else ""
        return " ".join(word for word in (self.field, self.type, option) if word)


def choices(values: tuple[Any, ...] | Given | Wording) -> tuple[str, ...]:
    """The values of an option, as parts name them."""
    if isinstance(values, Given):
        return ("given",)
    if isinstance(values, Wording):
        return ("String", "Regex")
    names = {None: "null", True: "true", False: "false"}
    return tuple(names[v] if v is None or isinstance(v, bool) else str(v) for v in values)


def all_parts() -> list[Part]:
    """Every part that must be noticed."""
    return [
        part
        for field, types in FORMAT.items()
        for kind, options in types.items()
        for part in (
            *([Part(field, kind)] if kind or field in ("truncation", "padding") else ()),
            *(
                Part(field, kind, option, value)
                for option, values in options.items()
                for value in choices(values)
            ),
        )
    ]
