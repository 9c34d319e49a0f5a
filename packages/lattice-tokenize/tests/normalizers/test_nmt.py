"""`nmt.py`; what is expected was asked from the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.component import component_to_json
from lattice_tokenize.normalizers import Nmt, read_normalizer


@pytest.mark.parametrize(
    ("text", "expected", "offsets"),
    [
        ("", "", []),
        ("a\tb", "a b", [(0, 1), (1, 2), (2, 3)]),
        ("\x01a\x02\x03b\x04", "ab", [(1, 2), (4, 5)]),
        ("\x8fa\x80\x9f\x85", "a\x80\x85", [(1, 2), (2, 3), (4, 5)]),
        ("▁\u200b\u200c\u200d\u200e\u200f\ufeff\ufffd", " " * 8, [(i, i + 1) for i in range(8)]),
        ("\xa0\u3000\u1680\u2028\u2029", "\xa0\u3000   ", [(i, i + 1) for i in range(5)]),
        ("\x0b\x0c\r\n", "   ", [(1, 2), (2, 3), (3, 4)]),
        ("\0", "\0", [(0, 1)]),
        ("\x7f", "", []),
    ],
)
def test_nmt(text: str, expected: str, offsets: list[tuple[int, int]]) -> None:
    assert Nmt()(text) == expected
    aligned = Nmt().align(AlignedText.of(text))
    assert aligned.text == expected
    assert list(zip(aligned.starts, aligned.ends, strict=True)) == offsets


def test_how_many_characters_change() -> None:
    """Of all code points 30 are removed and 15 become spaces."""
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    new = Nmt()(everything)
    assert len(everything) - len(new) == 30
    assert new.count(" ") == 16  # with the space itself


@given(st.text(st.sampled_from("a \t\x01\x7f\u200b▁é"), max_size=12))
def test_both_ways_give_the_same(text: str) -> None:
    assert Nmt().align(AlignedText.of(text)).text == Nmt()(text)


def test_reads_and_writes_json() -> None:
    assert read_normalizer({"type": "Nmt"}, "normalizer") == Nmt()
    assert component_to_json(Nmt()) == {"type": "Nmt"}
