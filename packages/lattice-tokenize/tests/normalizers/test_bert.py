"""`bert.py`: the normalizer of BERT vocabularies."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.character_classes import CHINESE, MARKS, REMOVED, WHITESPACE, lowercase
from lattice_tokenize.normalizers.bert import BertNormalizer
from lattice_tokenize.normalizers.unicode_forms import NFD

TEXT = st.text(
    st.one_of(
        st.characters(max_codepoint=0x37F),
        st.characters(min_codepoint=0x3041, max_codepoint=0x30FF),
        st.characters(min_codepoint=0xAC00, max_codepoint=0xAC40),
        st.characters(exclude_categories=["Cs"]),
        # marks that stay, and are sorted
        st.sampled_from("\u302e\u302f\U0001d165\U0001d15e\u08d4\u1dfb\u1b44\u0301\u0316\u0334"),
        st.sampled_from("\x00\t\r\n\xa0\u200d\ufffd東\uf900İΣΰ\ufb1d\u1ac1"),
    ),
    max_size=15,
)
OPTIONS = st.builds(
    BertNormalizer,
    clean_text=st.booleans(),
    handle_chinese_chars=st.booleans(),
    strip_accents=st.sampled_from([None, True, False]),
    lowercase=st.booleans(),
)


def bert(**options: Any) -> BertNormalizer:
    return BertNormalizer(
        **{"clean_text": True, "handle_chinese_chars": True, "lowercase": True, **options}
    )


def spans(text: AlignedText) -> list[tuple[int, int]]:
    return list(zip(text.starts, text.ends, strict=True))


def step_by_step(normalizer: BertNormalizer, text: str) -> str:
    """The readable twin of the one pass."""
    if normalizer.clean_text:
        text = "".join(c for c in text if ord(c) not in REMOVED)
        text = "".join(" " if ord(c) in WHITESPACE else c for c in text)
    if normalizer.handle_chinese_chars:
        text = "".join(f" {c} " if ord(c) in CHINESE else c for c in text)
    strips = normalizer.strip_accents
    if normalizer.lowercase if strips is None else strips:
        text = "".join(c for c in NFD()(text) if ord(c) not in MARKS)
    return "".join(lowercase(ord(c)) for c in text) if normalizer.lowercase else text


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
        ("が", "か"),
        ("か\u3099", "か"),
        ("は\u309a", "は"),
        ("\u3099", ""),
        ("\u309b\u309c", "\u309b\u309c"),  # spacing signs are letters of their own
        ("ｶ\uff9e\uff9f", "ｶ\uff9e\uff9f"),  # so are half-width ones
    ],
)
def test_uncased(text: str, normalized: str) -> None:
    assert bert()(text) == normalized
    assert bert().align(AlignedText.of(text)).text == normalized


@pytest.mark.parametrize(
    ("options", "text", "normalized", "expected"),
    [
        (
            *({}, "\x00\u00c9\t\u6771", "e  \u6771 "),
            [(1, 2), (2, 3), (3, 4), (3, 4), (3, 4)],
        ),
        (
            *({"lowercase": False}, "\x00\u00c9\t\u6771", "\xc9  \u6771 "),
            [(1, 2), (2, 3), (3, 4), (3, 4), (3, 4)],
        ),
        (
            *({"clean_text": False}, "\x00\u00c9\t\u6771", "\x00e\t \u6771 "),
            [(0, 1), (1, 2), (2, 3), (3, 4), (3, 4), (3, 4)],
        ),
        (
            *({"handle_chinese_chars": False}, "\x00\u00c9\t\u6771", "e \u6771"),
            [(1, 2), (2, 3), (3, 4)],
        ),
        ({}, "\uf900\u0301", " \u8c48 ", [(0, 1)] * 3),
        ({"strip_accents": False}, "\u0130", "i\u0307", [(0, 1), (0, 1)]),
        ({"strip_accents": True, "lowercase": False}, "\u0130", "I", [(0, 1)]),
        # U+302E stays, and seems to come from where it was moved to
        ({}, "a\u302e\u0334\u0316\u0301", "a\u302e", [(0, 1), (3, 4)]),
        ({}, "a\u302e\U0001d165\u0301", "a\U0001d165\u302e", [(0, 1), (1, 2), (2, 3)]),
    ],
)
def test_options(
    options: dict[str, Any], text: str, normalized: str, expected: list[tuple[int, int]]
) -> None:
    normalizer = bert(**options)
    assert normalizer(text) == normalized
    aligned = normalizer.align(AlignedText.of(text))
    assert (aligned.text, spans(aligned)) == (normalized, expected)


@pytest.mark.parametrize("lower", [True, False])
def test_accents_are_stripped_as_lowercase_says_unless_told(lower: bool) -> None:
    assert bert(lowercase=lower).strip_accents is None
    assert bert(lowercase=lower)("É") == ("e" if lower else "É")
    assert bert(lowercase=lower, strip_accents=True)("É") == ("e" if lower else "E")
    assert bert(lowercase=lower, strip_accents=False)("É") == ("é" if lower else "É")


@given(OPTIONS, TEXT)
def test_one_pass_gives_what_the_steps_give(normalizer: BertNormalizer, text: str) -> None:
    expected = step_by_step(normalizer, text)
    assert normalizer(text) == expected
    assert normalizer.align(AlignedText.of(text)).text == expected


@pytest.mark.parametrize("piece", ["\u0316\u0301", "\u302e\u0301", "東", "é", "\u302e\u0316é"])
def test_time_is_near_linear(piece: str) -> None:
    started = time.process_time()
    bert()(piece * 100_000)
    assert time.process_time() - started < 5
