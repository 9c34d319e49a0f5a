"""`inputs.py`: texts, pairs and lists of words, as callers give them."""

from __future__ import annotations

from typing import Any

import pytest
from lattice_tokenize import TextError
from lattice_tokenize.inputs import Input, checked_text, checked_texts, read_input, read_sequence


@pytest.mark.parametrize(
    ("value", "is_pretokenized", "first", "second"),
    [
        ("a b", False, ["a b"], None),
        (("a", "b"), False, ["a"], ["b"]),
        (["a", "b"], False, ["a"], ["b"]),
        (["a", "b"], True, ["a", "b"], None),  # two words, not a pair
        (("a", "b"), True, ["a", "b"], None),
        ((["a"], ["b", "c"]), True, ["a"], ["b", "c"]),
        ([["a"], []], True, ["a"], []),
        ([], True, [], None),
    ],
)
def test_what_is_a_pair(
    value: object, is_pretokenized: bool, first: list[str], second: list[str] | None
) -> None:
    assert read_input(value, "input[0]", is_pretokenized) == Input(first, second, is_pretokenized)


@pytest.mark.parametrize(
    ("value", "is_pretokenized", "field", "received"),
    [
        (5, False, "input[0]", "int"),
        (b"a", False, "input[0]", "bytes"),
        (["a"], False, "input[0]", "list"),
        (("a", None), False, "input[0][1]", "NoneType"),
        ("a b", True, "input[0]", "one str"),
        (["a", 5], True, "input[0][1]", "int"),
        ((["a"], ["b", 5]), True, "input[0][1][1]", "int"),
        (None, True, "input[0]", "NoneType"),
    ],
)
def test_what_is_no_input_is_named(
    value: object, is_pretokenized: bool, field: str, received: str
) -> None:
    with pytest.raises(TextError) as caught:
        read_input(value, "input[0]", is_pretokenized)
    assert (caught.value.field, caught.value.received) == (field, received)


def test_a_text_is_a_list_of_one() -> None:
    assert read_sequence("a b", "text", False) == ["a b"]
    assert read_sequence(("a", "b"), "text", True) == ["a", "b"]


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(TextError) as caught:
        checked_text("aé\ud800b", "text")
    assert caught.value.received == "a lone surrogate U+D800 at index 2"


def test_any_iterable_of_texts_will_do() -> None:
    assert checked_texts((text for text in "ab"), "texts") == ["a", "b"]
    hostile: Any = 5
    with pytest.raises(TextError):
        checked_texts(hostile, "texts")
