"""`decoders/`: reading, writing, and what each kind makes of tokens."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import TokenizerFileError
from lattice_tokenize.byte_alphabet import to_byte_alphabet
from lattice_tokenize.component import value_to_json
from lattice_tokenize.decoders import (
    CTC,
    BPEDecoder,
    ByteFallback,
    ByteLevel,
    Decoder,
    Fuse,
    Metaspace,
    Replace,
    Sequence,
    Strip,
    WordPiece,
    read_decoder,
)
from lattice_tokenize.patterns.pattern import Pattern

REPLACE = {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}
KINDS: list[dict[str, Any]] = [
    {"type": "WordPiece", "prefix": "##", "cleanup": False},
    {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
    {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first", "split": False},
    {"type": "BPEDecoder", "suffix": "</w>"},
    {"type": "ByteFallback"},
    {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 2},
    REPLACE,
    {"type": "Replace", "pattern": {"Regex": "a+"}, "content": ""},
    {"type": "CTC", "pad_token": "<p>", "word_delimiter_token": "|", "cleanup": False},
    {"type": "Sequence", "decoders": [REPLACE, {"type": "Sequence", "decoders": []}]},
]


@pytest.mark.parametrize("value", KINDS, ids=lambda value: value["type"])
def test_reading_and_writing(value: dict[str, Any]) -> None:
    assert json.dumps(value_to_json(read_decoder(value, "decoder"))) == json.dumps(value)


@pytest.mark.parametrize("value", KINDS, ids=lambda value: value["type"])
def test_what_comes_in_is_not_changed(value: dict[str, Any]) -> None:
    decoder = read_decoder(value, "decoder")
    assert decoder is not None
    tokens = ["_a", "##b", "<0x41>", "▁", "x </w> "]
    decoder.decode_chain(tokens)
    assert tokens == ["_a", "##b", "<0x41>", "▁", "x </w> "]
    assert decoder.decode([]) == ""
    assert decoder.decode(iter(tokens)) == decoder.decode(tokens)


def test_none() -> None:
    assert read_decoder(None, "decoder") is None


@pytest.mark.parametrize(
    ("value", "decoder"),
    [
        ({"add_prefix_space": True}, Metaspace("▁", "always", True)),
        ({"str_rep": "▁", "split": None}, Metaspace("▁", "always", True)),
        ({"add_prefix_space": False, "prepend_scheme": "never"}, Metaspace("▁", "never")),
        ({"add_prefix_space": True, "prepend_scheme": "never"}, Metaspace("▁", "never")),
    ],
)
def test_old_fields_of_metaspace(value: dict[str, Any], decoder: Decoder) -> None:
    assert read_decoder({"type": "Metaspace", "replacement": "▁", **value}, "decoder") == decoder


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"type": "Unknown"}, "decoder.type"),
        ({"type": "Fuse", "more": 1}, "decoder.more"),
        ({"type": "Metaspace", "replacement": "__"}, "decoder.replacement"),
        (
            {"type": "Metaspace", "replacement": "_", "add_prefix_space": False},
            "decoder.prepend_scheme",
        ),
        (
            {"type": "Metaspace", "replacement": "_", "add_prefix_space": 1},
            "decoder.add_prefix_space",
        ),
        ({"type": "Strip", "content": "", "start": 0, "stop": 0}, "decoder.content"),
        ({"type": "Strip", "content": " ", "start": -1, "stop": 0}, "decoder.start"),
        ({"type": "Sequence", "decoders": [{"type": "Fuse"}, None]}, "decoder.decoders[1]"),
        ({"type": "Sequence", "decoders": "Fuse"}, "decoder.decoders"),
        (
            {"type": "Sequence", "decoders": [{"type": "WordPiece", "prefix": 1}]},
            "decoder.decoders[0].prefix",
        ),
        ("Fuse", "decoder"),
    ],
)
def test_what_cannot_be_read(value: object, field: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        read_decoder(value, "decoder")
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ([], ""),
        (["Ġcaf", "Ã", "©"], " café"),
        (["Ã"], "\ufffd"),
        (["Ã", "a"], "\ufffda"),
        (["ðŁĺĢ"], "😀"),
        (["ðŁĺ", "a"], "\ufffda"),  # three bytes of four are one
        (["íłĢ"], "\ufffd\ufffd\ufffd"),  # a surrogate is none
        (["Ġ日"], "Ġ日"),  # no byte, so the token is text
        (["Ġa b"], "Ġa b"),
        (["Ã", "©日"], "\ufffd©日"),
    ],
)
def test_byte_level(tokens: list[str], text: str) -> None:
    assert ByteLevel().decode(tokens) == text


@given(st.text(), st.lists(st.integers(0, 40)))
def test_byte_level_undoes_the_byte_alphabet(text: str, cuts: list[int]) -> None:
    text = text.encode("utf-8", "replace").decode()
    spelled = to_byte_alphabet(text)
    bounds = [0, *sorted(cuts), len(spelled) + 40]
    pieces = [spelled[a:b] for a, b in pairwise(bounds)]
    assert ByteLevel().decode(pieces) == text


@pytest.mark.parametrize(
    ("tokens", "pieces"),
    [
        (["a", "<0xC3>", "<0xA9>", "b"], ["a", "é", "b"]),
        (["<0x41>"], ["A"]),
        (["<0xC3>", "<0x41>"], ["\ufffd", "\ufffd"]),  # all of a run, ASCII too
        (["<0xC3>", "", "<0xA9>"], ["\ufffd", "", "\ufffd"]),
        (["<0xc3>", "<0xA9>"], ["é"]),
        (["<0x+F>"], ["\x0f"]),
        (["<0x-1>", "<0x4>", "<0xGG>", "<0xé>"], ["<0x-1>", "<0x4>", "<0xGG>", "<0xé>"]),
        (["<0x414>", "<0x 1>", "<0x1 >"], ["<0x414>", "<0x 1>", "<0x1 >"]),
    ],
)
def test_byte_fallback(tokens: list[str], pieces: list[str]) -> None:
    assert ByteFallback().decode_chain(tokens) == pieces


@pytest.mark.parametrize(
    ("scheme", "text"),
    [("always", "ab c d"), ("first", "ab c d"), ("never", " a b c d")],
)
def test_metaspace(scheme: Any, text: str) -> None:
    assert Metaspace("▁", scheme).decode(["▁a▁b", "▁c", " d"]) == text


@pytest.mark.parametrize(
    ("suffix", "pieces"),
    [
        ("</w>", ["Hel", "lo ", "world"]),
        ("x", ["Hel", "lo</w>", "world</w>"]),
        ("l", ["He ", " o</w>", "word</w>"]),  # wherever it stands
        ("", [" H e l ", " l o < / w > ", "world</w>"]),
    ],
)
def test_bpe(suffix: str, pieces: list[str]) -> None:
    assert BPEDecoder(suffix).decode_chain(["Hel", "lo</w>", "world</w>"]) == pieces


def test_fuse() -> None:
    assert Fuse().decode_chain(["a", "", "b"]) == ["ab"]
    assert Fuse().decode_chain([]) == [""]


@pytest.mark.parametrize(
    ("start", "stop", "stripped"),
    [
        (0, 0, ["  a  ", "a", " b"]),
        (1, 0, [" a  ", "a", "b"]),
        (3, 1, ["a ", "a", "b"]),
        (0, 9, ["  a", "a", " b"]),
    ],
)
def test_strip(start: int, stop: int, stripped: list[str]) -> None:
    assert Strip(" ", start, stop).decode_chain(["  a  ", "a", " b"]) == stripped


def test_strip_where_nothing_is_left() -> None:
    """The oracle crashes."""
    assert Strip(" ", 1, 1).decode_chain(["", " ", "  ", "   "]) == ["", "", "", " "]


@pytest.mark.parametrize(
    ("pattern", "content", "tokens", "text"),
    [
        ({"String": "▁"}, " ", ["▁a▁", "b"], " a b"),
        ({"String": "."}, "", ["a.b"], "ab"),
        ({"String": "aa"}, "b", ["aaa", "aa"], "bab"),
        ({"Regex": r"\s+"}, "_", ["a  b", " "], "a_b_"),
        ({"Regex": "^a"}, "\\0", ["aa", "aba"], "\\0a\\0ba"),
    ],
)
def test_replace(pattern: dict[str, str], content: str, tokens: list[str], text: str) -> None:
    assert Replace(Pattern.from_json(pattern, "pattern"), content).decode(tokens) == text


def test_ctc() -> None:
    heard = ["<pad>", "<pad>", *"heell", "<pad>", *"loo||world", "<pad>", "|", " ."]
    assert CTC().decode(heard) == "hello world ."
    assert CTC(cleanup=False).decode(heard) == "hello|world| ."
    assert CTC().decode_chain(["a<pad>b", "<pad><pad>", "|"]) == ["ab", " "]


def test_sequence() -> None:
    replace = Replace(Pattern.from_json({"String": "▁"}, "pattern"), " ")
    llama = Sequence((replace, ByteFallback(), Fuse(), Strip(" ", 1, 0)))
    assert llama.decode(["▁▁Hey", "▁", "<0xE6>", "<0x97>", "<0xA5>"]) == " Hey 日"
    assert Sequence(()).decode(["a", "b"]) == "ab"
    assert Sequence((WordPiece(), Fuse())).decode_chain(["a", "##b", "c"]) == ["ab c"]
