"""The methods of `Tokenizer` that can be awaited: the same work, in a thread.

Follows the `async_` methods of Hugging Face tokenizers. Python runs one thread at a time, so they
do not make encoding faster; they let an event loop answer others meanwhile.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from .encoding import Encoding

__all__ = ["AsyncMethods"]

Result = TypeVar("Result")


class AsyncMethods(ABC):
    """What `Tokenizer` offers an event loop.

    >>> import asyncio
    >>> from lattice_tokenize import Tokenizer
    >>> tokenizer = Tokenizer.from_pretrained(minilm)
    >>> asyncio.run(tokenizer.async_encode("two words")).tokens[:4]
    ['[CLS]', 'two', 'words', '[SEP]']
    """

    @abstractmethod
    def encode(
        self,
        sequence: Any,
        pair: Any = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> Encoding:
        """One text, or a pair."""

    @abstractmethod
    def encode_batch(
        self,
        input: Iterable[Any],  # noqa: A002 -- the oracle's name
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """Many texts."""

    @abstractmethod
    def decode_batch(
        self, sequences: Iterable[Iterable[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """Ids of many texts -> texts."""

    async def async_encode(
        self,
        sequence: Any,
        pair: Any = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> Encoding:
        """As `encode`."""
        return await _in_thread(self.encode, sequence, pair, is_pretokenized, add_special_tokens)

    async def async_encode_batch(
        self,
        input: Iterable[Any],  # noqa: A002 -- the oracle's name
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """As `encode_batch`."""
        return await _in_thread(self.encode_batch, input, is_pretokenized, add_special_tokens)

    async def async_encode_batch_fast(
        self,
        input: Iterable[Any],  # noqa: A002 -- the oracle's name
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """As `encode_batch_fast`."""
        return await self.async_encode_batch(input, is_pretokenized, add_special_tokens)

    async def async_decode_batch(
        self, sequences: Iterable[Iterable[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """As `decode_batch`."""
        return await _in_thread(self.decode_batch, sequences, skip_special_tokens)


async def _in_thread(work: Callable[..., Result], *arguments: Any) -> Result:
    import asyncio  # here, because who does not await need not wait for it

    return await asyncio.to_thread(work, *arguments)
