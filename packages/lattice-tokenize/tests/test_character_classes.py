"""`character_classes.py`: ranges, and tables made from them."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.character_classes import (
    CHINESE,
    MARKS,
    PUNCTUATION,
    REMOVED,
    SEPARATORS,
    WHITESPACE,
    CharacterClass,
    CharacterMap,
    lowercase,
)

CLASSES = [WHITESPACE, REMOVED, CHINESE, MARKS, SEPARATORS, PUNCTUATION]


@pytest.mark.parametrize(
    ("code_point", "inside"),
    [(8, False), (9, True), (10, True), (11, False), (12, False), (13, True), (14, False)],
)
def test_a_range_holds_both_its_ends_and_nothing_beyond(code_point: int, inside: bool) -> None:
    assert (code_point in CharacterClass("9-A D")) is inside


def test_marks_are_the_combining_kana_signs_only() -> None:
    signs = (0x3099, 0x309A, 0x309B, 0x309C, 0xFF9E, 0xFF9F)
    assert [sign in MARKS for sign in signs] == [True, True, False, False, False, False]


def test_chinese_has_the_gap_that_the_oracle_has() -> None:
    # U+2B820..U+2B91F belong to extension E, which `_is_chinese_char` of BERT starts too late
    assert [c in CHINESE for c in (0x2B81F, 0x2B820, 0x2B91F, 0x2B920)] == [
        True,
        False,
        False,
        True,
    ]


def test_white_space_that_cleaning_turns_to_a_space_is_not_all_that_separates_words() -> None:
    assert [c in SEPARATORS for c in (0x0B, 0x0C, 0x85, 0x1C, 0x200B)] == [True] * 3 + [False] * 2
    assert [c in WHITESPACE for c in (0x0B, 0x0C, 0x85, 0x1C, 0x200B)] == [False] * 5


@pytest.mark.parametrize("character_class", CLASSES)
@given(code_point=st.integers(0, 0x10FFFF))
def test_membership_pattern_and_characters_agree(
    character_class: CharacterClass, code_point: int
) -> None:
    inside = code_point in character_class
    assert inside == bool(regex.fullmatch(f"[{character_class.pattern()}]", chr(code_point)))
    if character_class is SEPARATORS:
        assert inside == (chr(code_point) in character_class.characters())


@pytest.mark.parametrize("character_class", CLASSES)
def test_ranges_ascend_and_do_not_touch(character_class: CharacterClass) -> None:
    # binary search finds nothing in ranges that are out of order
    pattern = character_class.pattern()
    bounds = [int(bound, 16) for bound in regex.findall(r"\\U([0-9A-F]{8})", pattern)]
    firsts, lasts = bounds[::2], bounds[1::2]
    assert all(first <= last for first, last in zip(firsts, lasts, strict=True))
    assert all(last < first for last, first in zip(lasts[:-1], firsts[1:], strict=True))


def test_characters_are_all_of_them() -> None:
    assert CharacterClass("61-63 7A").characters() == "abcz"


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("A", "a"),
        ("Σ", "σ"),  # never the final form: a character knows no neighbours
        ("İ", "i\u0307"),  # one character becomes two
        ("ẞ", "ß"),
        ("\ua7c0", "\ua7c1"),  # Unicode 14, newer than the oldest Python
        ("\u2c2f", "\u2c5f"),
        ("\u1c89", "\u1c8a"),  # Unicode 16
        ("\U00016ea0", "\U00016ebb"),  # Unicode 17
        ("ß", "ß"),
        ("東", "東"),
    ],
)
def test_lowercase_of_one_character(upper: str, lower: str) -> None:
    assert lowercase(ord(upper)) == lower


def test_a_character_map_asks_once_per_character() -> None:
    asked = []

    def answer(code_point: int) -> str:
        asked.append(code_point)
        return chr(code_point) * 2

    table = CharacterMap(answer)
    assert "aba".translate(table) == "aabbaa"
    assert asked == [ord("a"), ord("b")]
