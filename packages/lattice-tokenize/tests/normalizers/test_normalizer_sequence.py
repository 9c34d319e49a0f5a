"""`sequence.py` and the table of kinds; what is expected was asked from the oracle."""

from __future__ import annotations

import dataclasses

import pytest
from lattice_tokenize import normalizers
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.component import component_to_json
from lattice_tokenize.errors import TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.normalizers import (
    NORMALIZERS,
    ByteLevel,
    Nmt,
    Normalizer,
    Prepend,
    Replace,
    Sequence,
    read_normalizer,
)
from lattice_tokenize.patterns.pattern import Pattern

SPACE = Pattern.from_json({"String": " "}, "pattern")


@pytest.mark.parametrize(
    ("parts", "text", "expected", "offsets"),
    [
        ((), "ab", "ab", [(0, 1), (1, 2)]),
        ((), "", "", []),
        (
            (Nmt(), Prepend("▁"), Replace(SPACE, "▁")),
            "\x01a\tb\x02",
            "▁a▁b",
            [(1, 2), (1, 2), (2, 3), (3, 4)],
        ),
        ((Nmt(), Prepend("▁")), "\x01", "", []),
        ((Sequence((Prepend("é"),)), ByteLevel()), "ab", "Ã©ab", [(0, 1)] * 3 + [(1, 2)]),
    ],
)
def test_sequence(
    parts: tuple[Normalizer, ...], text: str, expected: str, offsets: list[tuple[int, int]]
) -> None:
    sequence = Sequence(parts)
    assert sequence(text) == expected
    aligned = sequence.align(AlignedText.of(text))
    assert aligned.text == expected
    assert list(zip(aligned.starts, aligned.ends, strict=True)) == offsets


def test_reads_and_writes_json() -> None:
    inner = {"type": "Sequence", "normalizers": [{"type": "Nmt"}]}
    document = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "_"}, inner]}
    read = read_normalizer(document, "normalizer")
    assert read == Sequence((Prepend("_"), Sequence((Nmt(),))))
    assert component_to_json(read) == document


def test_null_is_no_normalizer() -> None:
    assert read_normalizer(None, "normalizer") is None


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"type": "Sequence", "normalizers": None}, "normalizer.normalizers"),
        ({"type": "Sequence"}, "normalizer.normalizers"),
        ({"type": "Sequence", "normalizers": [None]}, "normalizer.normalizers[0]"),
        (
            {"type": "Sequence", "normalizers": [{"type": "Nmt"}, {"type": "Prepend"}]},
            "normalizer.normalizers[1].prepend",
        ),
        ("Nmt", "normalizer"),
    ],
)
def test_errors_name_the_place(value: object, field: str) -> None:
    with pytest.raises(TokenizerFileError) as error:
        read_normalizer(value, "normalizer")
    assert error.value.field == field


def test_refuses_a_kind_that_is_not_known() -> None:
    with pytest.raises(UnsupportedComponentError, match="one of BertNormalizer"):
        read_normalizer({"type": "Uppercase"}, "normalizer")


def test_all_kinds_of_the_format_are_known() -> None:
    assert sorted(NORMALIZERS) == [
        *("BertNormalizer", "ByteLevel", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt"),
        *("Precompiled", "Prepend", "Replace", "Sequence", "Strip", "StripAccents"),
    ]
    for name, kind in NORMALIZERS.items():
        assert getattr(normalizers, name) is kind
        assert name in normalizers.__all__
        assert dataclasses.is_dataclass(kind)
