"""`errors.py`: one tree, and what each error carries."""

from __future__ import annotations

import pickle

import pytest
from lattice_models import (
    ConfigError,
    InputError,
    ModelError,
    ModelFilesError,
    PickleRefusedError,
    PoolingNotStatedError,
    UnsupportedModelError,
    WeightsError,
)

PARENTS = {
    ModelError: ValueError,
    ModelFilesError: ModelError,
    PickleRefusedError: ModelFilesError,
    ConfigError: ModelError,
    UnsupportedModelError: ConfigError,
    PoolingNotStatedError: ConfigError,
    WeightsError: ModelError,
    InputError: ModelError,
}


@pytest.mark.parametrize("kind", PARENTS)
def test_the_tree(kind: type[ModelError]) -> None:
    assert kind.__bases__ == (PARENTS[kind],)


@pytest.mark.parametrize("kind", PARENTS)
def test_message_says_field_expected_received_and_advice(kind: type[ModelError]) -> None:
    error = kind("ids[3]", "an id below 5", "9", "Ask again.")
    assert (error.field, error.expected, error.received) == ("ids[3]", "an id below 5", "9")
    assert str(error) == "ids[3]: expected an id below 5, received 9. Ask again."
    assert (
        str(kind("ids[3]", "an id below 5", "9")) == "ids[3]: expected an id below 5, received 9."
    )


@pytest.mark.parametrize("kind", PARENTS)
def test_errors_cross_process_borders(kind: type[ModelError]) -> None:
    copy = pickle.loads(pickle.dumps(kind("f", "e", "r", "a")))
    assert type(copy) is kind
    assert (copy.field, copy.expected, copy.received, copy.advice) == ("f", "e", "r", "a")
