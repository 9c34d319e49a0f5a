"""`async_methods.py`: what can be awaited gives what the methods of the same names give."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from lattice_tokenize import TextError, Tokenizer


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("encode", ("a b", "c", False, False)),
        ("encode", (["a", "b c"], None, True)),
        ("encode_batch", ([("a", "b"), "c"], False, False)),
        ("encode_batch_fast", ([["a", "b"]], True)),
        ("decode_batch", ([[2, 10, 3]], False)),
    ],
)
def test_awaited_or_not(tokenizer: Tokenizer, name: str, arguments: tuple[Any, ...]) -> None:
    method: Callable[..., Any] = getattr(tokenizer, name)
    awaited = asyncio.run(getattr(tokenizer, f"async_{name}")(*arguments))
    assert awaited == method(*arguments)


def test_a_loop_answers_others_meanwhile(tokenizer: Tokenizer) -> None:
    turns = []

    async def others() -> None:
        for turn in range(3):
            turns.append(turn)
            await asyncio.sleep(0)

    async def both() -> int:
        encoded, _ = await asyncio.gather(tokenizer.async_encode("a b " * 20_000), others())
        return len(encoded)

    assert asyncio.run(both()) == 40_002
    assert turns == [0, 1, 2]


def test_errors_are_awaited_too(tokenizer: Tokenizer) -> None:
    hostile: Any = 5
    with pytest.raises(TextError) as caught:
        asyncio.run(tokenizer.async_encode(hostile))
    assert caught.value.field == "sequence"
