"""What every embedding service can do, whatever it is made of.

    str -> (D,)     n texts -> (n, D)     any number of texts, one after the other -> (D,) each

All of it comes from one method, `embed_texts`: a service of your own that subclasses
`EmbeddingService` and has `dimensions` and `embed_texts` has the rest.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

from lattice_tokenize import TextError
from lattice_tokenize.inputs import checked_text, checked_texts
from numpy.typing import NDArray

from .errors import EmbedError, TextsError, TextTooLongError
from .role import EmbeddingRole

__all__ = ["EmbeddingService", "Vectors", "checked_batch"]

#: float32, or what the `precision` of the service makes of it.
Vectors = NDArray[Any]

_BATCH_SIZE = 256


class EmbeddingService(Protocol):
    """What turns texts into vectors.

    A `str` gives one vector `(D,)`, a sequence of `n` texts gives `(n, D)`. The role decides which
    instruction is put before a text; `prompt`, where it is given, is put there instead. Every
    `a...` method does its work in another thread, so that an event loop can go on.
    """

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """`D`, the length of a vector."""

    @abstractmethod
    def embed_texts(
        self,
        texts: Sequence[str],
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
    ) -> Vectors:
        """The vectors `(n, D)` of at least one text. All other methods come from this one."""

    def embed(self, texts: str | Sequence[str], *, prompt: str | None = None) -> Vectors:
        """Vectors for clustering, deduplication, classification: texts that are alike."""
        return self._embed(texts, EmbeddingRole.GENERIC, prompt)

    def embed_query(self, texts: str | Sequence[str], *, prompt: str | None = None) -> Vectors:
        """Vectors of what somebody searches for."""
        return self._embed(texts, EmbeddingRole.QUERY, prompt)

    def embed_passage(self, texts: str | Sequence[str], *, prompt: str | None = None) -> Vectors:
        """Vectors of what is searched."""
        return self._embed(texts, EmbeddingRole.PASSAGE, prompt)

    def embed_one(
        self,
        text: str,
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
    ) -> Vectors:
        """The vector `(D,)` of one text."""
        vector: Vectors = self.embed_texts([checked_text(text, "text")], role=role, prompt=prompt)[
            0
        ]
        return vector

    def embed_iter(
        self,
        texts: Iterable[str],
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
        batch_size: int = _BATCH_SIZE,
    ) -> Iterator[Vectors]:
        """One vector `(D,)` for each text, in the same order, for more texts than memory holds.

        `texts` is read as it is needed, `batch_size` of them at a time; no more than that is kept.
        Texts that come twice within a batch are computed once. An error names the place of the
        text among all.

        >>> from lattice_embed import NativeEmbeddingService
        >>> service = NativeEmbeddingService(minilm)
        >>> lines = (f"line {number}" for number in range(1000))
        >>> sum(1 for vector in service.embed_iter(lines, batch_size=100))
        1000
        """
        if isinstance(texts, str) or not isinstance(texts, Iterable):
            received = "one str" if isinstance(texts, str) else type(texts).__name__
            raise TextError("texts", "an iterable of str", received, "Write [text].")
        if type(batch_size) is not int or batch_size < 1:
            raise EmbedError("batch_size", "an int from 1 up", repr(batch_size))
        return self._embed_batches(iter(texts), role, prompt, batch_size)

    def _embed_batches(
        self, texts: Iterator[str], role: EmbeddingRole, prompt: str | None, batch_size: int
    ) -> Iterator[Vectors]:
        checked = (checked_text(text, f"texts[{index}]") for index, text in enumerate(texts))
        done = 0
        while batch := list(islice(checked, batch_size)):
            try:
                vectors = self.embed_texts(batch, role=role, prompt=prompt)
            except TextTooLongError as error:
                place = done + error.index
                raise TextTooLongError(place, error.token_count, error.max_tokens) from None
            for vector in vectors:
                yield vector.copy()  # a row of the array would keep all of it in memory
            done += len(batch)

    async def aembed(self, texts: str | Sequence[str], *, prompt: str | None = None) -> Vectors:
        """`embed`, off the event loop."""
        return await _in_thread(self.embed, texts, prompt=prompt)

    async def aembed_query(
        self, texts: str | Sequence[str], *, prompt: str | None = None
    ) -> Vectors:
        """`embed_query`, off the event loop."""
        return await _in_thread(self.embed_query, texts, prompt=prompt)

    async def aembed_passage(
        self, texts: str | Sequence[str], *, prompt: str | None = None
    ) -> Vectors:
        """`embed_passage`, off the event loop."""
        return await _in_thread(self.embed_passage, texts, prompt=prompt)

    async def aembed_one(
        self,
        text: str,
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
    ) -> Vectors:
        """`embed_one`, off the event loop."""
        return await _in_thread(self.embed_one, text, role=role, prompt=prompt)

    def _embed(
        self, texts: str | Sequence[str], role: EmbeddingRole, prompt: str | None
    ) -> Vectors:
        if isinstance(texts, str):
            vector: Vectors = self.embed_texts([texts], role=role, prompt=prompt)[0]
            return vector
        return self.embed_texts(texts, role=role, prompt=prompt)


async def _in_thread(work: Callable[..., Vectors], *arguments: Any, **options: Any) -> Vectors:
    import asyncio  # here, because it takes longer to import than the tokenizer

    return await asyncio.to_thread(work, *arguments, **options)


def checked_batch(texts: Sequence[str]) -> list[str]:
    """`texts` as a list; `TextError` names the first that is no text, `TextsError` if none is.

    >>> checked_batch(("one", "two"))
    ['one', 'two']
    """
    checked = checked_texts(texts, "texts")
    if not checked:
        raise TextsError(
            "texts", "at least one text", "an empty list", "There is no vector of nothing."
        )
    return checked
