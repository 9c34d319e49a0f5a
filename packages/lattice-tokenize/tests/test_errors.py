"""`errors.py`: one tree, and what each error carries."""

from __future__ import annotations

import pickle

import pytest
from lattice_tokenize import (
    EncodingOptionError,
    TextError,
    TokenizeError,
    TokenizerFileError,
    UnsupportedComponentError,
)

ALL = [
    TokenizeError,
    TextError,
    EncodingOptionError,
    TokenizerFileError,
    UnsupportedComponentError,
]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_is_a_tokenize_error_and_a_value_error(kind: type[TokenizeError]) -> None:
    assert issubclass(kind, TokenizeError)
    assert issubclass(kind, ValueError)


def test_an_unsupported_component_is_an_error_of_the_file() -> None:
    assert issubclass(UnsupportedComponentError, TokenizerFileError)
    assert not issubclass(TextError, TokenizerFileError)


@pytest.mark.parametrize("kind", ALL)
def test_message_says_field_expected_received_and_advice(kind: type[TokenizeError]) -> None:
    error = kind("texts[2]", "a str", "int", "Use str().")
    assert (error.field, error.expected, error.received) == ("texts[2]", "a str", "int")
    assert str(error) == "texts[2]: expected a str, received int. Use str()."
    assert str(kind("texts[2]", "a str", "int")) == "texts[2]: expected a str, received int."


@pytest.mark.parametrize("kind", ALL)
def test_errors_cross_process_borders(kind: type[TokenizeError]) -> None:
    error = kind("f", "e", "r", "a")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (copy.field, copy.expected, copy.received, copy.advice) == ("f", "e", "r", "a")
