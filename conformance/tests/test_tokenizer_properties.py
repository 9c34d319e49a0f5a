"""The defects of tokenizers as properties: generated texts, held against the oracle itself.

F2 white space and byte-level BPE, F3 added tokens with all their flags, F4 composed and decomposed
spellings, F5 a ▁ that the user wrote. Then what needs no oracle: decoding where nothing is lost,
offsets, pairs, padding.
"""

from __future__ import annotations

import copy
import unicodedata
from functools import cache
from itertools import product
from typing import Any

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import AddedToken, Tokenizer

from ..fixtures import FIXTURES, folder_of

BERT, QWEN, XLM_R = "all-minilm-l6-v2", "qwen3-embedding", "multilingual-e5-small-q4"
SUBJECTS = [pytest.param(name, marks=pytest.mark.fixtures(name)) for name in (BERT, QWEN, XLM_R)]
COLUMNS = ("ids", "tokens", "offsets", "type_ids", "word_ids", "special_tokens_mask")

SPACES = " \t\n\r\x0b\x0c\x1c\x85\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
WORDS = st.sampled_from(
    ["foo", "Bar", "it's", "42", "é", "東京", "かな", "한", "😀", "-", "...", "x1"]
)
RUNS = st.text(st.sampled_from(SPACES), min_size=1, max_size=6)
SPELLINGS = st.lists(
    st.one_of(
        st.characters(min_codepoint=0x3041, max_codepoint=0x30FF),  # kana
        st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),  # Hangul syllables
        st.characters(min_codepoint=0xC0, max_codepoint=0x24F),  # Latin
        st.sampled_from("ếềểễệốồổỗộắằẳẵặứừửữự"),  # Vietnamese
        st.sampled_from(" ,a"),
    ),
    max_size=40,
).map("".join)


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
# without marks, whose order and composition are those of the oracle's age of Unicode
COMPOSED = st.text(
    st.characters(exclude_categories=["Cs", "Cn", "Mn", "Mc", "Me"]), max_size=60
).map(lambda text: unicodedata.normalize("NFC", text))
ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60)


@cache
def both(subject: str) -> tuple[Any, Any]:
    """Our tokenizer and the oracle's, without truncation and padding."""
    path = FIXTURES / subject / "tokenizer.json"
    pair = Tokenizer.from_file(path), tokenizers.Tokenizer.from_file(str(path))
    for tokenizer in pair:
        tokenizer.no_truncation()
        tokenizer.no_padding()
    return pair


def agree(subject: str, text: str) -> None:
    ours, oracle = both(subject)
    encoding, expected = ours.encode(text), oracle.encode(text)
    for column in COLUMNS:
        assert getattr(encoding, column) == getattr(expected, column), column
    assert ours.encode_packed([text]).ids.tolist() == expected.ids
    assert ours.decode(encoding.ids) == oracle.decode(expected.ids)


@pytest.mark.parametrize("subject", SUBJECTS)
@given(st.lists(WORDS | RUNS, max_size=12).map("".join))
def test_runs_of_white_space_of_every_kind(subject: str, text: str) -> None:
    """F2"""
    agree(subject, text)


@pytest.mark.fixtures(QWEN)
@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("foo  bar", [7975, 220, 3619]),
        ("foo   bar", [7975, 256, 3619]),
        ("foo\t\tbar", [7975, 197, 90709]),
        ("foo \tbar", [7975, 220, 90709]),
    ],
)
def test_all_but_the_last_of_a_run_is_one_piece(text: str, ids: list[int]) -> None:
    """F2, as it was found."""
    assert both(QWEN)[0].encode(text).ids == [*ids, 151643]


@pytest.mark.parametrize("subject", SUBJECTS)
@given(SPELLINGS)
def test_composed_and_decomposed_spellings(subject: str, text: str) -> None:
    """F4: each as the oracle has it; where the normalizer decomposes or composes, the same ids."""
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    agree(subject, composed)
    agree(subject, decomposed)
    if subject != XLM_R:  # whose map composes some of Latin and no kana or jamo
        ours, _ = both(subject)
        assert ours.encode(composed).ids == ours.encode(decomposed).ids


@pytest.mark.parametrize("subject", SUBJECTS)
@given(st.lists(WORDS | st.sampled_from(["▁", "▁▁", " ", "\t", "\u00a0", "\u3000"])).map("".join))
def test_a_literal_metaspace_anywhere(subject: str, text: str) -> None:
    """F5"""
    agree(subject, text)


FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")
NEIGHBOURS = ["", " ", "  ", "\t", "\u3000", "a", "_", "é", ".", "\u0301", "1", "TOK", "tok "]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("values", list(product([False, True], repeat=len(FLAGS))))
def test_every_combination_of_flags_and_neighbours(subject: str, values: tuple[bool, ...]) -> None:
    """F3: single, pair, and cut into words already: one scanner for all."""
    flags = dict(zip(FLAGS, values, strict=True))
    path = FIXTURES / subject / "tokenizer.json"
    ours, oracle = _with_token(path.read_text(encoding="utf-8"), subject, flags)
    texts = [f"{left}Tok{right}" for left, right in product(NEIGHBOURS, repeat=2)]
    for text, encoding, expected in zip(
        texts, ours.encode_batch(texts), oracle.encode_batch(texts), strict=True
    ):
        for column in COLUMNS:
            assert getattr(encoding, column) == getattr(expected, column), (column, text)
    pairs = list(zip(texts, texts[::-1], strict=True))
    inputs: list[tuple[list[Any], bool]] = [
        (pairs, False),
        ([text.split(" ") for text in texts], True),
    ]
    for some, is_pretokenized in inputs:
        for encoding, expected in zip(
            ours.encode_batch(some, is_pretokenized),
            oracle.encode_batch(some, is_pretokenized),
            strict=True,
        ):
            assert (encoding.ids, encoding.offsets) == (expected.ids, expected.offsets)


@cache
def _fresh(text: str) -> Tokenizer:
    return Tokenizer.from_str(text)


def _with_token(text: str, subject: str, flags: dict[str, bool]) -> tuple[Any, Any]:
    """Both tokenizers with one more token; the oracle's is parsed once and written over."""
    ours, oracle = copy.copy(_fresh(text)), copy.deepcopy(both(subject)[1])
    ours.no_truncation()
    ours.no_padding()
    ours.add_tokens([AddedToken("Tok", **flags)])
    oracle.add_tokens([tokenizers.AddedToken("Tok", **flags)])
    return ours, oracle


@cache
def unlimited(subject: str) -> Tokenizer:
    """Ours alone, for a small tokenizer too."""
    tokenizer = Tokenizer.from_file(folder_of(subject) / "tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@pytest.mark.parametrize("subject", ["made-gpt2", "made-llama3"])
@given(ANY)
def test_bytes_lose_nothing(subject: str, text: str) -> None:
    ids = unlimited(subject).encode(text, add_special_tokens=False).ids
    assert unlimited(subject).decode(ids) == text


@pytest.mark.fixtures(QWEN)
@given(COMPOSED)
def test_what_nfc_leaves_alone_is_not_lost_and_its_offsets_tile_it(text: str) -> None:
    """Each token begins where the one before ended, or in the character that it ended in."""
    tokenizer = unlimited(QWEN)
    encoding = tokenizer.encode(text, add_special_tokens=False)
    assert tokenizer.decode(encoding.ids) == text
    covered = 0
    for start, stop in encoding.offsets:
        assert start <= covered <= stop
        assert start < stop
        covered = stop
    assert covered == len(text)


@pytest.mark.fixtures(BERT)
@given(ASCII)
def test_offsets_cut_the_pieces_out_of_the_text(text: str) -> None:
    encoding = unlimited(BERT).encode(text, add_special_tokens=False)
    for token, (start, stop) in zip(encoding.tokens, encoding.offsets, strict=True):
        if not token.startswith("["):  # unknown, or special, whatever its letters' case
            assert token.removeprefix("##") == text[start:stop].lower()
    ends = [stop for _, stop in encoding.offsets]
    assert ends == sorted(ends)


@pytest.mark.parametrize("subject", SUBJECTS)
@given(ANY, ANY)
def test_a_pair_is_its_parts(subject: str, first: str, second: str) -> None:
    tokenizer = unlimited(subject)
    together = tokenizer.encode(first, second)
    columns = list(
        zip(together.sequence_ids, together.ids, together.tokens, together.offsets, strict=True)
    )
    for index, text in enumerate((first, second)):
        alone = tokenizer.encode(text, add_special_tokens=False)
        expected = list(zip(alone.ids, alone.tokens, alone.offsets, strict=True))
        assert [rest for sequence, *rest in columns if sequence == index] == list(
            map(list, expected)
        )


@pytest.mark.parametrize("direction", ["left", "right"])
@pytest.mark.parametrize("subject", SUBJECTS)
@given(st.lists(ANY, min_size=1, max_size=5))
def test_padding_and_neighbours_change_nothing(
    subject: str, direction: str, texts: list[str]
) -> None:
    padded = copy.copy(unlimited(subject))
    padded.enable_padding(direction=direction, pad_id=7, pad_token="<p>")
    batch = padded.encode_batch(texts)
    longest = max(map(len, batch))
    for text, encoding in zip(texts, batch, strict=True):
        alone = unlimited(subject).encode(text)
        missing = longest - len(alone)
        own = slice(missing, None) if direction == "left" else slice(len(alone))
        for column in COLUMNS:
            assert getattr(encoding, column)[own] == getattr(alone, column), column
        mask, padding = [1] * len(alone), [0] * missing
        wanted = padding + mask if direction == "left" else mask + padding
        assert encoding.attention_mask == wanted
        assert encoding.ids.count(7) - alone.ids.count(7) == missing
