"""A .tiktoken file -> a byte-level BPE document."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from lattice_tokenize.errors import TokenizerFileError
from lattice_tokenize.other_files.merge_places import merge_places
from lattice_tokenize.other_files.tiktoken_ranks import (
    PATTERNS,
    read_tiktoken_ranks,
    tiktoken_document,
)

BYTES = {bytes([byte]): byte for byte in range(256)}
RANKS = {**BYTES, b"ab": 256, b" a": 257, b"abc": 258, b"bc": 259}


def _lines(ranks: dict[bytes, int]) -> list[str]:
    return [f"{base64.b64encode(token).decode()} {rank}" for token, rank in ranks.items()]


def _read(tmp_path: Path, lines: list[str]) -> dict[bytes, int]:
    path = tmp_path / "x.tiktoken"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_tiktoken_ranks(path)


def test_ranks(tmp_path: Path) -> None:
    assert _read(tmp_path, _lines(RANKS)) == RANKS
    assert _read(tmp_path, [*_lines(RANKS), "", ""]) == RANKS


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("YWI=", "line 257: expected a token in base64, a space and a rank"),
        ("YWI= 1 2", "a token in base64, a space and a rank"),
        ("YWI 256", "line 257: expected a token in base64, received b'YWI'"),
        ("Y!WI= 256", "a token in base64, received"),
        ("YWJ= 256", "a token in base64, received"),
        ("= 256", "a token in base64, received"),
        ("YWI= -1", "a rank from 0 to 2147483647, received b'-1'"),
        ("YWI= 2147483648", "a rank from 0 to 2147483647"),
        ("YWI= " + "9" * 5000, "a rank from 0 to 2147483647"),
        ("YQ== 256", "a token that is new, received b'a' again"),
        ("YWI= 97", "a rank that is new, received 97, as in line 98"),
    ],
)
def test_lines_that_are_none(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        _read(tmp_path, [*_lines(BYTES), line])
    assert message in str(caught.value)


def test_every_byte_must_be_a_token(tmp_path: Path) -> None:
    with pytest.raises(TokenizerFileError, match="received none for 0x7A"):
        _read(tmp_path, _lines({token: rank for token, rank in RANKS.items() if token != b"z"}))


def test_the_document() -> None:
    document = tiktoken_document(
        RANKS, pattern=PATTERNS["qwen"], special_tokens={"<end>": 300, "<start>": 260}
    )
    model = document["model"]
    # every way to put a token together, the lowest rank first
    assert model["merges"] == [
        ["a", "b"],
        ["Ġ", "a"],
        ["a", "bc"],
        ["ab", "c"],
        ["b", "c"],
    ]
    assert model["ignore_merges"] is True
    assert model["vocab"]["Ġa"] == 257
    # ids with a gap before them are only believed where the vocabulary has them
    assert (model["vocab"]["<start>"], model["vocab"]["<end>"]) == (260, 300)
    assert [(token["id"], token["special"]) for token in document["added_tokens"]] == [
        *((260, True), (300, True))
    ]
    split, byte_level = document["pre_tokenizer"]["pretokenizers"]
    assert split["pattern"] == {"Regex": PATTERNS["qwen"]}
    assert byte_level["use_regex"] is False
    assert document["normalizer"] is None
    assert document["post_processor"] is None


@pytest.mark.parametrize(
    ("special_tokens", "message"),
    [
        ({"<end>": 97}, "an id of its own, received 97, which 'a' has"),
        ({"<end>": 300, "<start>": 300}, "received 300, which '<end>' has"),
        ({"ab": 300}, "a token that is new"),
        ({"": 300}, "a token that is new"),
        ({"<end>": -1}, "an id from 0 to 2147483647, received -1"),
    ],
)
def test_special_tokens_that_cannot_be(special_tokens: dict[str, int], message: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        tiktoken_document(RANKS, pattern=".", special_tokens=special_tokens)
    assert message in str(caught.value)


@pytest.mark.parametrize("pattern", [r"\p{N}{1,3}+", r"a{2}+", r"\s++$", "^a"])
def test_spellings_that_mean_something_else_are_refused(pattern: str) -> None:
    with pytest.raises(TokenizerFileError, match=r"a pattern of tokenizer\.json"):
        tiktoken_document(RANKS, pattern=pattern, special_tokens={})


@pytest.mark.parametrize("pattern", [*PATTERNS.values(), r"[^\s$]+", r"\$\^\{1\}+", r"[\]^]"])
def test_spellings_that_mean_the_same_are_not(pattern: str) -> None:
    document = tiktoken_document(RANKS, pattern=pattern, special_tokens={})
    assert document["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] == pattern


def test_places_are_those_where_both_sides_may_be_tokens() -> None:
    lengths = [1, 2, 3, 7, 9, 40]
    places = merge_places(lengths)
    for length in lengths:
        both = [place for place in range(1, length) if {place, length - place} <= {*lengths}]
        assert list(places[length]) == both


def test_one_token_of_a_million_bytes_takes_no_time() -> None:
    begin = time.process_time()
    document = tiktoken_document({**BYTES, b"a" * 1_000_000: 256}, pattern=".", special_tokens={})
    assert document["model"]["merges"] == []
    assert time.process_time() - begin < 5
