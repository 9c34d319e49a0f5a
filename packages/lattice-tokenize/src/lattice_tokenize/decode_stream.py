"""Ids, as a model makes them one by one -> text, as soon as it is certain.

Follows `DecodeStream` of Hugging Face tokenizers.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Protocol, SupportsIndex

from .errors import EncodingOptionError, TokenizeError

__all__ = ["DecodeStream"]


class _Decodes(Protocol):
    def decode(self, ids: Sequence[int], skip_special_tokens: bool = ...) -> str: ...


class DecodeStream:
    """What has been said, as far as the next token depends on it. `ids` were said before.

    A token may look different at the beginning of a text, and one character may be several tokens.
    So each step decodes the last tokens again, and gives what is new.

    >>> class Bytes:  # each id is a byte
    ...     def decode(self, ids, skip_special_tokens=True):
    ...         return bytes(ids).decode("utf-8", "replace")
    >>> stream = DecodeStream()
    >>> [stream.step(Bytes(), id) for id in (0x61, 0xC3, 0xA9)]
    ['a', None, 'é']
    """

    def __init__(
        self, ids: Sequence[int] | None = None, skip_special_tokens: bool | None = False
    ) -> None:
        self._skip_special_tokens = bool(skip_special_tokens)
        self._ids = [] if ids is None else list(ids)
        self._prefix = ""  # what the first `_prefix_ids` of the ids say, given away already
        self._prefix_ids = 0

    def step(self, tokenizer: _Decodes, id: SupportsIndex | Sequence[int]) -> str | None:  # noqa: A002 -- the oracle's name
        """The text that `id` adds, `None` if more ids have to come first.

        Raises `TokenizeError` where new ids change what has been given away.
        """
        try:
            new_ids = [index(id)] if hasattr(id, "__index__") else list(map(index, id))
        except TypeError:
            raise EncodingOptionError("id", "an int or a list of int", repr(id)) from None
        if not self._prefix and self._ids:
            said = tokenizer.decode(self._ids, self._skip_special_tokens)
            if not said.endswith("\ufffd"):
                self._prefix, self._prefix_ids = said, len(self._ids)
        ids = self._ids = [*self._ids, *new_ids]
        text = tokenizer.decode(ids, self._skip_special_tokens)
        # the oracle counts bytes
        if text.endswith("\ufffd") or len(text.encode()) <= len(self._prefix.encode()):
            return None
        if not text.startswith(self._prefix):
            raise TokenizeError(
                "id",
                f"one that continues {self._prefix!r}",
                f"{ids[-1]}, which makes it {text!r}",
            )
        new_text = text[len(self._prefix) :]
        self._ids = ids[self._prefix_ids :]
        self._prefix = tokenizer.decode(self._ids, self._skip_special_tokens)
        self._prefix_ids = len(self._ids)
        return new_text

    def __copy__(self) -> DecodeStream:
        copy = DecodeStream(self._ids, self._skip_special_tokens)
        copy._prefix, copy._prefix_ids = self._prefix, self._prefix_ids
        return copy

    def __deepcopy__(self, memo: object) -> DecodeStream:
        return self.__copy__()
