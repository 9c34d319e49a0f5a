"""`byte_level.py` of the normalizers; what is expected was asked from the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.component import component_to_json
from lattice_tokenize.normalizers import ByteLevel, read_normalizer


@pytest.mark.parametrize(
    ("text", "expected", "offsets"),
    [
        ("", "", []),
        ("a b", "aĠb", [(0, 1), (1, 2), (2, 3)]),
        ("é", "Ã©", [(0, 1), (0, 1)]),
        ("日a", "æĹ¥a", [(0, 1), (0, 1), (0, 1), (1, 2)]),
        ("😀", "ðŁĺĢ", [(0, 1)] * 4),
        ("\n\xad", "ĊÂŃ", [(0, 1), (1, 2), (1, 2)]),
    ],
)
def test_byte_level(text: str, expected: str, offsets: list[tuple[int, int]]) -> None:
    assert ByteLevel()(text) == expected
    aligned = ByteLevel().align(AlignedText.of(text))
    assert aligned.text == expected
    assert list(zip(aligned.starts, aligned.ends, strict=True)) == offsets


@given(st.text(max_size=12))
def test_both_ways_give_the_same(text: str) -> None:
    assert ByteLevel().align(AlignedText.of(text)).text == ByteLevel()(text)


def test_reads_and_writes_json() -> None:
    assert read_normalizer({"type": "ByteLevel"}, "normalizer") == ByteLevel()
    assert component_to_json(ByteLevel()) == {"type": "ByteLevel"}
