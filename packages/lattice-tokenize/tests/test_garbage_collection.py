"""`garbage_collection.py`: a pause, after which all is as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from lattice_tokenize.garbage_collection import without_garbage_collection


@pytest.fixture
def collecting() -> Iterator[None]:
    """Whoever turns it off here, it is on for the next test."""
    yield
    gc.enable()


@pytest.mark.parametrize("enabled", [True, False])
def test_afterwards_it_is_as_it_was(collecting: None, enabled: bool) -> None:
    if not enabled:
        gc.disable()
    with without_garbage_collection():
        assert not gc.isenabled()
    assert gc.isenabled() == enabled


def test_an_error_ends_the_pause() -> None:
    with pytest.raises(KeyError), without_garbage_collection():
        raise KeyError
    assert gc.isenabled()
