"""`unicode_forms.py`, `decomposition.py`: NFC, NFD, NFKC and NFKD, plain and aligned."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.character_classes import CharacterClass
from lattice_tokenize.normalizers import Normalizer, normalization_tables
from lattice_tokenize.normalizers.decomposition import NEWER, Form, form_changes
from lattice_tokenize.normalizers.unicode_forms import NFC, NFD, NFKC, NFKD

FORMS: dict[str, Normalizer] = {"NFC": NFC(), "NFD": NFD(), "NFKC": NFKC(), "NFKD": NFKD()}
NONSTARTERS = CharacterClass(normalization_tables.NONSTARTERS)

FORM = st.sampled_from([*FORMS])
# what changes, what changes its neighbours, and what is newer than the oracle
INTERESTING = st.one_of(
    st.characters(max_codepoint=0x24F),
    st.characters(min_codepoint=0x300, max_codepoint=0x345),
    st.characters(min_codepoint=0x900, max_codepoint=0xFFF),
    st.characters(min_codepoint=0x1100, max_codepoint=0x11FF),
    st.characters(min_codepoint=0xAC00, max_codepoint=0xAC40),
    st.characters(min_codepoint=0xFF66, max_codepoint=0xFF9F),
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from("\u1ac1\u0898\U00011935\U00011930\U00011938\U0001e130\u32ff\U00016ff0"),
    st.sampled_from("\u0344\u0f71\u0f72\u0f73\u212b\u0958\u3099\u302e\U0001d15e\u1e9b\ufdfa"),
)
TEXT = st.text(INTERESTING, max_size=20)
OLD_TEXT = TEXT.map(lambda text: "".join(c for c in text if ord(c) not in NEWER))


def spans(text: AlignedText) -> list[tuple[int, int]]:
    return list(zip(text.starts, text.ends, strict=True))


@pytest.mark.parametrize(
    ("form", "text", "normalized", "expected"),
    [
        # what is composed comes from its first part only
        ("NFC", "e\u0301", "\xe9", [(0, 1)]),
        ("NFC", "x\u0308\u0301y", "\u1e8d\u0301y", [(0, 1), (2, 3), (3, 4)]),
        ("NFC", "a\u0302\u0323", "\u1ead", [(0, 1)]),
        ("NFC", "\u1112\u1161\u11ab", "\ud55c", [(0, 1)]),
        ("NFC", "\u1100\u1161\u11a7", "\uac00\u11a7", [(0, 1), (2, 3)]),  # U+11A7 is no final
        ("NFC", "\u0344", "\u0308\u0301", [(0, 1), (0, 1)]),
        ("NFC", "\u0958", "\u0915\u093c", [(0, 1), (0, 1)]),  # excluded from composition
        ("NFC", "\u212b", "\xc5", [(0, 1)]),
        ("NFC", "a\u0323\u05b4\u0301", "\u1ea1\u05b4\u0301", [(0, 1), (2, 3), (3, 4)]),
        ("NFC", "\u0b47\u0334\u0b3e", "\u0b47\u0334\u0b3e", [(0, 1), (1, 2), (2, 3)]),
        ("NFC", "\u0301e\u0301", "\u0301\xe9", [(0, 1), (1, 2)]),
        ("NFD", "\u1e69x", "s\u0323\u0307x", [(0, 1), (0, 1), (0, 1), (1, 2)]),
        ("NFD", "\uac01", "\u1100\u1161\u11a8", [(0, 1)] * 3),
        # the numbers are sorted with their characters, so the accents seem to come from the dot
        ("NFD", "\u1ea5\u0323", "a\u0323\u0302\u0301", [(0, 1), (1, 2), (1, 2), (1, 2)]),
        (
            *("NFD", "\u0f73\u0f72\u0334", "\u0334\u0f71\u0f72\u0f72"),
            [(0, 1), (1, 2), (1, 2), (2, 3)],
        ),
        ("NFKC", "\ufb01x", "fix", [(0, 1), (0, 1), (1, 2)]),
        ("NFKC", "\uff76\uff9e", "\u30ac", [(0, 1)]),
        ("NFKC", "\u1e9b\u0323", "\u1e69", [(0, 1)]),
        ("NFKC", "\xa0", " ", [(0, 1)]),
        ("NFKD", "\uff76\uff9e", "\u30ab\u3099", [(0, 1), (1, 2)]),
        ("NFKD", "\xbd", "1\u20442", [(0, 1)] * 3),
        ("NFKD", "\u1e9b\u0323", "s\u0323\u0307", [(0, 1), (1, 2), (1, 2)]),
        ("NFD", "", "", []),
        ("NFKC", "plain", "plain", [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]),
    ],
)
def test_form(form: str, text: str, normalized: str, expected: list[tuple[int, int]]) -> None:
    assert FORMS[form](text) == normalized
    aligned = FORMS[form].align(AlignedText.of(text))
    assert (aligned.text, spans(aligned)) == (normalized, expected)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "text",
    [
        "\u32ff",  # a square of Unicode 12.1
        "\U00011938",  # Unicode 13 decomposes it
        "\U00011935\U00011930",  # and composes these to it
        "\u1ac1\u0323",  # by Unicode 14, the dot below would move to the front
        "a\u1ac1\u0301",  # and here the acute would be blocked for another reason
        "\u0301\U0001e130\u0316",
        "\U00011940\U00011940",  # unassigned in all ages: a later Python may know it
    ],
)
def test_what_is_newer_than_unicode_9_has_no_effect(form: str, text: str) -> None:
    assert FORMS[form](text) == text
    assert FORMS[form].align(AlignedText.of(text)).text == text


def test_no_mark_passes_a_newer_character_and_nothing_composes_across_it() -> None:
    assert NFD()("\xe9\u1ac1\u0316\xe9") == "e\u0301\u1ac1\u0316e\u0301"
    assert NFC()("e\u0301\U0001e130\u0301e\u0301") == "\xe9\U0001e130\u0301\xe9"


@given(FORM, OLD_TEXT)
def test_old_text_is_that_of_unicode(form: Form, text: str) -> None:
    assert FORMS[form](text) == unicodedata.normalize(form, text)


@given(FORM, TEXT)
def test_both_ways_give_the_same_text(form: Form, text: str) -> None:
    plain = FORMS[form](text)
    assert FORMS[form].align(AlignedText.of(text)).text == plain
    assert "".join(character for character, _ in form_changes(form, text)) == plain


@given(FORM, TEXT)
def test_where_nothing_changes_every_character_replaces_itself(form: Form, text: str) -> None:
    normalized = FORMS[form](text)
    assert form_changes(form, normalized) == [(character, 0) for character in normalized]


@given(FORM, TEXT)
def test_all_old_characters_are_used_up(form: Form, text: str) -> None:
    assert sum(1 - change for _, change in form_changes(form, text) if change <= 0) == len(text)


@given(FORM, st.text(INTERESTING, min_size=1, max_size=3), st.integers(60, 300))
def test_long_runs_give_what_short_ones_would(form: Form, piece: str, times: int) -> None:
    text = piece * times
    assert FORMS[form](text) == "".join(c for c, _ in form_changes(form, text))


@pytest.mark.parametrize("form", FORMS)
def test_an_aligned_text_keeps_where_it_came_from(form: str) -> None:
    before = AlignedText("e\u0301\u1e69", [3, 5, 7], [4, 6, 9], origin=3)
    after = FORMS[form].align(before)
    expected = {
        "NFC": [(3, 4), (7, 9)],
        "NFD": [(3, 4), (5, 6), (7, 9), (7, 9), (7, 9)],
    }
    assert spans(after) == expected[form.replace("K", "")]
    assert after.origin == 3


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "piece", ["\u0316\u0301", "\U0001e130\u0316", "\u0f73\u0316", "\xe9", "\uac00", "\u1100\u1161"]
)
def test_time_is_near_linear(form: str, piece: str) -> None:
    def seconds(text: str) -> float:
        started = time.process_time()
        FORMS[form]("a" + text)
        return time.process_time() - started

    # a quadratic sort of 200,000 marks takes minutes
    assert min(seconds(piece * 100_000) for _ in range(2)) < 5


def test_newer_characters_are_no_marks_of_the_oracle() -> None:
    assert 0x1AC1 in NEWER
    assert 0x1AC1 not in NONSTARTERS
    assert not any(code_point in NEWER for code_point in range(0x80))
    assert 0x301 in NONSTARTERS
