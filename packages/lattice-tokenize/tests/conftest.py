"""A tokenizer small enough to follow by hand, as a `tokenizer.json`, and texts that are encoded."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from lattice_tokenize import Encoding, Tokenizer
from lattice_tokenize.tokenizer_json import parse_tokenizer_json

# the same examples in every run, and no failure because a machine is slow
settings.register_profile(
    "lattice", derandomize=True, deadline=None, max_examples=100, database=None
)
settings.load_profile("lattice")

# ids are the places in this list
TOKENS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),  # 0-4
    *("token", "##iz", "##er", "##ing", "play"),  # 5-9
    *("a", "b", "c", "##s", "ing"),  # 10-14
    *("!", ",", "'", "東", "京"),  # 15-19
    *("か", "##か", "は", "##は", "creme"),  # 20-24
    *("カ", "##カ", "##\u309b", "##\uff9e"),  # 25-28
]


def _sequence(name: str, type_id: int) -> dict[str, Any]:
    return {"Sequence": {"id": name, "type_id": type_id}}


def _special(name: str, type_id: int) -> dict[str, Any]:
    return {"SpecialToken": {"id": name, "type_id": type_id}}


_DOCUMENT: dict[str, Any] = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [
        {
            "id": token_id,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for token_id, token in enumerate(TOKENS[:5])
    ],
    "normalizer": {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    },
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [_special("[CLS]", 0), _sequence("A", 0), _special("[SEP]", 0)],
        "pair": [
            *(_special("[CLS]", 0), _sequence("A", 0), _special("[SEP]", 0)),
            *(_sequence("B", 1), _special("[SEP]", 1)),
        ],
        "special_tokens": {
            "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
            "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]},
        },
    },
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
    "model": {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {token: token_id for token_id, token in enumerate(TOKENS)},
    },
}


@pytest.fixture
def document() -> dict[str, Any]:
    """A `tokenizer.json` of its own for each test, to be changed at will."""
    return copy.deepcopy(_DOCUMENT)


@pytest.fixture(scope="session")
def make_tokenizer() -> Callable[[dict[str, Any]], Tokenizer]:
    return lambda document: Tokenizer(parse_tokenizer_json(json.dumps(document)))


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return Tokenizer(parse_tokenizer_json(json.dumps(_DOCUMENT)))


@pytest.fixture(scope="session")
def text_of() -> Callable[..., Encoding]:
    """`text_of(2)`: a text of two tokens, `t0` and `t1`, as post-processors get it."""

    def text_of(length: int, first_id: int = 10, type_id: int = 0) -> Encoding:
        return Encoding(
            list(range(first_id, first_id + length)),
            type_ids=[type_id] * length,
            tokens=[f"t{i}" for i in range(length)],
            offsets=[(i, i + 1) for i in range(length)],
            word_ids=list(range(length)),
        )

    return text_of
