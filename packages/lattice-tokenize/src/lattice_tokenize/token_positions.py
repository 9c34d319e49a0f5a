"""From tokens to words to characters, and back: what can be asked of an `Encoding`.

Follows `Encoding` of Hugging Face tokenizers. Differs on purpose: a negative position is an
`EncodingOptionError`, and of several texts that claim a token the first has it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from operator import index
from typing import SupportsIndex

from .errors import EncodingOptionError

__all__ = ["TokenPositions", "natural"]


def natural(value: SupportsIndex, name: str) -> int:
    """`value`, which must not be negative: such an index would count from the end."""
    try:
        number = -1 if isinstance(value, bool) else index(value)
    except TypeError:
        number = -1
    if number < 0:
        raise EncodingOptionError(name, "an int from 0 up", repr(value))
    return number


class TokenPositions(ABC):
    """The questions; the columns that answer them are those of `Encoding`.

    >>> from lattice_tokenize import Encoding
    >>> encoding = Encoding([7, 8], tokens=["go", "##ing"], offsets=[(0, 2), (2, 5)])
    >>> encoding.char_to_token(3)
    1
    """

    __slots__ = ()

    @property
    @abstractmethod
    def offsets(self) -> list[tuple[int, int]]:
        """The code points `[start, end)` of its text that each token came from."""

    @property
    @abstractmethod
    def word_ids(self) -> list[int | None]:
        """The word of its text that each token belongs to."""

    @property
    @abstractmethod
    def sequence_ranges(self) -> dict[int, tuple[int, int]]:
        """The tokens `[start, end)` of each text; empty if all tokens are those of one."""

    @abstractmethod
    def __len__(self) -> int:
        """The number of tokens."""

    @property
    def n_sequences(self) -> int:
        """How many texts there are."""
        return len(self.sequence_ranges) or 1

    @property
    def sequence_ids(self) -> list[int | None]:
        """The text that each token belongs to; `None` for special tokens."""
        ids: list[int | None] = [None] * len(self)
        for sequence in range(self.n_sequences):
            start, stop = self._range(sequence)
            ids[start:stop] = [sequence] * (stop - start)
        return ids

    def _range(self, sequence: int) -> tuple[int, int]:
        """The tokens of a text; all, where it is not known, as the oracle does."""
        return self.sequence_ranges.get(sequence, (0, len(self)))

    def token_to_sequence(self, token_index: int) -> int | None:
        """The text that a token belongs to; `None` for special tokens."""
        token_index = natural(token_index, "token_index")
        if token_index > len(self):
            return None
        if not self.sequence_ranges:
            return 0
        # the least, where several claim the token; the oracle takes any
        claims = [
            sequence
            for sequence, (start, stop) in self.sequence_ranges.items()
            if start <= token_index < stop
        ]
        return min(claims, default=None)

    def token_to_chars(self, token_index: int) -> tuple[int, int] | None:
        """The characters `[start, end)` of its text that a token came from."""
        if self.token_to_sequence(token_index) is None or token_index >= len(self):
            return None
        return self.offsets[token_index]

    def token_to_word(self, token_index: int) -> int | None:
        """The word of its text that a token belongs to."""
        if self.token_to_sequence(token_index) is None or token_index >= len(self):
            return None
        return self.word_ids[token_index]

    def word_to_tokens(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """The tokens `[start, end)` of a word of a text."""
        word_index = natural(word_index, "word_index")
        first, stop = self._range(natural(sequence_index, "sequence_index"))
        found: list[int] = []
        word_ids = self.word_ids
        for token in range(first, stop):
            word = word_ids[token]
            if word is not None and word > word_index:
                break  # words ascend
            if word == word_index:
                found.append(token)
        return (found[0], found[-1] + 1) if found else None

    def word_to_chars(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """The characters `[start, end)` of a word of a text."""
        tokens = self.word_to_tokens(word_index, sequence_index)
        if tokens is None:
            return None
        return self.offsets[tokens[0]][0], self.offsets[tokens[1] - 1][1]

    def char_to_token(self, char_pos: int, sequence_index: int = 0) -> int | None:
        """The first token that came from a character of a text."""
        char_pos = natural(char_pos, "char_pos")
        first, stop = self._range(natural(sequence_index, "sequence_index"))
        offsets = self.offsets
        for token in range(first, stop):
            start, end = offsets[token]
            if start <= char_pos < end:
                return token
        return None

    def char_to_word(self, char_pos: int, sequence_index: int = 0) -> int | None:
        """The word that a character of a text belongs to."""
        token = self.char_to_token(char_pos, sequence_index)
        return None if token is None else self.token_to_word(token)
