"""`prepend.py`; what is expected was asked from the oracle."""

from __future__ import annotations

import pytest
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.component import component_to_json
from lattice_tokenize.errors import TokenizerFileError
from lattice_tokenize.normalizers import Prepend, read_normalizer


@pytest.mark.parametrize(
    ("prepend", "text", "expected", "offsets"),
    [
        ("▁x", "", "", []),
        ("▁x", "a", "▁xa", [(0, 1), (0, 1), (0, 1)]),
        ("▁x", "éb", "▁xéb", [(0, 1), (0, 1), (0, 1), (1, 2)]),
        ("", "", "", []),
        # nothing to write, but the first character loses its width
        ("", "ab", "ab", [(0, 0), (1, 2)]),
    ],
)
def test_prepend(prepend: str, text: str, expected: str, offsets: list[tuple[int, int]]) -> None:
    normalizer = Prepend(prepend)
    assert normalizer(text) == expected
    aligned = normalizer.align(AlignedText.of(text))
    assert aligned.text == expected
    assert list(zip(aligned.starts, aligned.ends, strict=True)) == offsets


def test_the_slice_of_a_text_begins_where_it_begins() -> None:
    aligned = Prepend("_").align(AlignedText.of("abc").slice(1, 3))
    assert (aligned.text, aligned.starts, aligned.ends) == ("_bc", [1, 1, 2], [2, 2, 3])
    aligned = Prepend("").align(AlignedText.of("abc").slice(1, 3))
    assert (aligned.text, aligned.starts, aligned.ends) == ("bc", [1, 2], [1, 3])


def test_reads_and_writes_json() -> None:
    document = {"type": "Prepend", "prepend": "▁"}
    assert read_normalizer(document, "normalizer") == Prepend("▁")
    assert component_to_json(Prepend("▁")) == document


def test_refuses_a_prefix_that_is_no_string() -> None:
    with pytest.raises(TokenizerFileError, match=r"normalizer\.prepend"):
        read_normalizer({"type": "Prepend", "prepend": None}, "normalizer")
