"""`replace.py`; what is expected was asked from the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.component import component_to_json
from lattice_tokenize.errors import TokenizerFileError
from lattice_tokenize.normalizers import Replace, read_normalizer
from lattice_tokenize.patterns.pattern import Pattern


def replace(kind: str, pattern: str, content: str) -> Replace:
    return Replace(Pattern.from_json({kind: pattern}, "pattern"), content)


@pytest.mark.parametrize(
    ("kind", "pattern", "content", "text", "expected", "offsets"),
    [
        ("String", "''", '"', "''x''", '"x"', [(1, 2), (2, 3), (4, 5)]),
        ("String", "aa", "b", "aaa", "ba", [(1, 2), (2, 3)]),
        ("String", "a", "", "abé", "bé", [(1, 2), (2, 3)]),
        ("String", "a", "", "aaa", "", []),
        ("String", ".", "!", "a.b", "a!b", [(0, 1), (1, 2), (2, 3)]),
        ("String", "", "-", "", "", []),
        ("String", "", "-", "ab", "-a-b-", [(0, 0), (0, 1), (0, 1), (1, 2), (1, 2)]),
        ("Regex", r"\s+", "▁", "a  b", "a▁b", [(0, 1), (2, 3), (3, 4)]),
        ("Regex", "x*", "-", "xab", "-a-b-", [(0, 1), (1, 2), (1, 2), (2, 3), (2, 3)]),
        ("Regex", "^", "z", "xab", "zxab", [(0, 0), (0, 1), (1, 2), (2, 3)]),
        ("Regex", "^", "z", "", "", []),
        ("Regex", "$", "z", "xab", "xabz", [(0, 1), (1, 2), (2, 3), (2, 3)]),
        # the content is no template
        ("Regex", "(a)(b)?", r"\1", "xab", r"x\1", [(0, 1), (2, 3), (2, 3)]),
    ],
)
def test_replace(
    kind: str,
    pattern: str,
    content: str,
    text: str,
    expected: str,
    offsets: list[tuple[int, int]],
) -> None:
    normalizer = replace(kind, pattern, content)
    assert normalizer(text) == expected
    aligned = normalizer.align(AlignedText.of(text))
    assert aligned.text == expected
    assert list(zip(aligned.starts, aligned.ends, strict=True)) == offsets


@given(
    st.sampled_from([("String", "a"), ("String", ""), ("Regex", "a*"), ("Regex", r"\b|é")]),
    st.sampled_from(["", "-", "xyz"]),
    st.text(st.sampled_from("aé b"), max_size=8),
)
def test_both_ways_give_the_same(pattern: tuple[str, str], content: str, text: str) -> None:
    normalizer = replace(*pattern, content)
    assert normalizer.align(AlignedText.of(text)).text == normalizer(text)


@pytest.mark.parametrize("pattern", [{"String": " "}, {"Regex": " {2,}"}])
def test_reads_and_writes_json(pattern: dict[str, str]) -> None:
    document = {"type": "Replace", "pattern": pattern, "content": "▁"}
    read = read_normalizer(document, "normalizer")
    assert isinstance(read, Replace)
    assert read("a  b") == ("a▁▁b" if "String" in pattern else "a▁b")
    assert component_to_json(read) == document


@pytest.mark.parametrize("pattern", [None, "a", {}, {"Regex": "("}, {"String": 3}])
def test_refuses_what_is_no_pattern(pattern: object) -> None:
    with pytest.raises(TokenizerFileError, match=r"normalizer\.pattern"):
        read_normalizer({"type": "Replace", "pattern": pattern, "content": ""}, "normalizer")
