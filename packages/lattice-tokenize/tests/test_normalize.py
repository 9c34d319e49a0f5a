"""`normalize.py`: canonical decomposition and the BERT normalizer."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import Tokenizer
from lattice_tokenize.character_classes import MARKS, NFD_STARTERS
from lattice_tokenize.normalize import BertNormalizer, nfd

UNCASED = BertNormalizer(
    clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True
)

# Scripts whose decompositions are older than any supported Python.
_OLD_SCRIPTS = st.one_of(
    st.characters(min_codepoint=0x20, max_codepoint=0x24F),  # Latin
    st.characters(min_codepoint=0x300, max_codepoint=0x345),  # combining marks
    st.characters(min_codepoint=0x370, max_codepoint=0x3FF, categories=["L"]),  # Greek
    st.characters(min_codepoint=0x3041, max_codepoint=0x30FF, categories=["L", "M", "S"]),  # kana
    st.characters(min_codepoint=0xAC00, max_codepoint=0xAC80),  # Hangul
    st.characters(min_codepoint=0xFF66, max_codepoint=0xFF9F),  # half-width kana
)
TEXT = st.text(_OLD_SCRIPTS, max_size=12)


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("Crème\tbrûlée", "creme brulee"),
        ("a\x00b\u200dc\ufffdd", "abcd"),  # control, format and replacement characters go
        ("a\x1cb", "ab"),  # str.isspace() calls U+001C white space; here it is control
        ("\xa0x\u3000y", " x y"),
        ("東a", " 東 a"),
        ("\uf900", " \u8c48 "),  # spaces are put before NFD turns it into another character
        ("ΣΑΣ", "σας".replace("ς", "σ")),
        ("İstanbul", "istanbul"),  # NFD splits the dot off before lower-casing
        ("Ⅳ ﬁ", "ⅳ ﬁ"),  # canonical decomposition only: no NFKD
        ("q\u0323\u0307", "q"),
        ("가", "\u1100\u1161"),
        ("", ""),
    ],
)
def test_uncased_bert(text: str, normalized: str) -> None:
    assert UNCASED(text) == normalized


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("が", "か"),
        ("か\u3099", "か"),
        ("ぱ", "は"),
        ("は\u309a", "は"),
        ("\u3099", ""),
        ("\u309b\u309c", "\u309b\u309c"),  # spacing signs are letters of their own
        ("ｶ\uff9e\uff9f", "ｶ\uff9e\uff9f"),  # so are half-width ones
    ],
)
def test_only_combining_kana_signs_are_stripped(text: str, normalized: str) -> None:
    assert UNCASED(text) == normalized


@pytest.mark.parametrize(
    ("option", "text", "on", "off"),
    [
        ("clean_text", "a\x00\tb", "a b", "a\x00\tb"),
        ("handle_chinese_chars", "a東", "a 東 ", "a東"),
        ("strip_accents", "é", "e", "é"),
        ("lowercase", "AΣ", "aσ", "AΣ"),
    ],
)
def test_each_option_does_its_own_part(option: str, text: str, on: str, off: str) -> None:
    all_off = dict.fromkeys(
        ["clean_text", "handle_chinese_chars", "strip_accents", "lowercase"], False
    )
    assert BertNormalizer(**all_off)(text) == off
    assert BertNormalizer(**{**all_off, option: True})(text) == on


def test_lower_casing_without_stripping_keeps_the_dot_of_turkish_i() -> None:
    normalizer = BertNormalizer(
        clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=True
    )
    assert normalizer("İ") == "i\u0307"


@given(TEXT)
def test_nfd_is_that_of_unicode_for_old_scripts(text: str) -> None:
    assert nfd(text) == unicodedata.normalize("NFD", text)


@given(TEXT, st.sampled_from("\u1ac1\u0898\U0001e4ec"), TEXT)
def test_a_character_newer_than_the_oracle_ends_decomposition(
    left: str, starter: str, right: str
) -> None:
    # Unicode 14 and 15 call these combining marks; an older table lets nothing pass them
    assert ord(starter) in NFD_STARTERS
    assert nfd(left + starter + right) == nfd(left) + starter + nfd(right)


def test_marks_are_not_reordered_across_a_new_character() -> None:
    # by Unicode 14, U+0323 (class 220) would move before U+1AC1 (class 230)
    assert nfd("\u1ac1\u0323") == "\u1ac1\u0323"


@given(TEXT)
def test_nothing_that_was_to_be_removed_remains(text: str) -> None:
    normalized = UNCASED(text)
    assert [c for c in normalized if ord(c) in MARKS] == []
    assert not {"\t", "\n", "\r", "\x00"} & set(normalized)


@given(TEXT)
def test_without_accents_each_character_is_normalized_alone(text: str) -> None:
    normalizer = BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=True
    )
    assert normalizer(text) == "".join(normalizer(character) for character in text)


@given(TEXT)
def test_composed_and_decomposed_spellings_give_the_same_ids(
    tokenizer: Tokenizer, text: str
) -> None:
    composed = tokenizer.encode(unicodedata.normalize("NFC", text)).ids
    assert composed == tokenizer.encode(unicodedata.normalize("NFD", text)).ids
