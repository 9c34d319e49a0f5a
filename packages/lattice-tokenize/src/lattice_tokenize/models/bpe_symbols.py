"""Word -> the symbols that byte pair encoding begins with, for one word and for many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..errors import TokenizerFileError
from ..flat_texts import FlatTexts, text_of
from ..ragged import looked_up

__all__ = ["FirstSymbols"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FirstSymbols:
    """How a character becomes symbols; the fields are those of the BPE model.

    >>> FirstSymbols({"a": 0, "b##": 1}, "", "##", "[UNK]", False, False).of("ab")
    ([0, 1], [1, 1])
    """

    vocab: Mapping[str, int]
    prefix: str
    suffix: str
    unk_token: str | None
    fuse_unk: bool
    byte_fallback: bool
    path: str = "model"

    def of_known(self, word: str) -> list[int] | None:
        """One symbol for each character of a word; `None` if there is none for one of them.

        >>> first = FirstSymbols({"a": 0, "b##": 1}, "", "##", None, False, False)
        >>> first.of_known("ab"), first.of_known("ba")
        ([0, 1], None)
        """
        tokens: Sequence[str] = word
        if word and (self.prefix or self.suffix):
            tokens = [word[0], *(self.prefix + char for char in word[1:])]
            tokens[-1] += self.suffix
        try:
            return list(map(self.vocab.__getitem__, tokens))
        except KeyError:
            return None

    def of(self, word: str) -> tuple[list[int], list[int]]:
        """The symbols of one word, and how many bytes of text each stands for.

        A character that is no token is its bytes, if these are tokens; else the unknown token; or
        nothing if there is none. The unknown token waits, so bytes that follow go before it.
        """
        symbols: list[int] = []
        sizes: list[int] = []
        waiting = 0
        last = len(word) - 1
        for at, char in enumerate(word):
            token = f"{self.prefix if at else ''}{char}{self.suffix if at == last else ''}"
            size = len(char.encode())
            symbol = self.vocab.get(token)
            if symbol is not None:
                if waiting:
                    symbols.append(self._unknown)
                    sizes.append(waiting)
                    waiting = 0
                symbols.append(symbol)
                sizes.append(size)
                continue
            spelled = self._bytes_of(token) if self.byte_fallback else None
            if spelled is not None:
                symbols += spelled
                sizes += [1] * len(spelled)
            elif self.unk_token is not None:
                if waiting and not self.fuse_unk:
                    symbols.append(self._unknown)
                    sizes.append(waiting)
                    waiting = 0
                waiting += size
        if waiting:
            symbols.append(self._unknown)
            sizes.append(waiting)
        return symbols, sizes

    def _bytes_of(self, token: str) -> list[int] | None:
        spelled = []
        for byte in token.encode():
            symbol = self.vocab.get(f"<0x{byte:02X}>")
            if symbol is None:
                return None
            spelled.append(symbol)
        return spelled

    @property
    def _unknown(self) -> int:
        symbol = self.vocab.get(self.unk_token or "")
        if symbol is None:
            # as in the oracle, only a word that needs the token finds out
            raise TokenizerFileError(
                f"{self.path}.unk_token", "a token of model.vocab", repr(self.unk_token)
            )
        return symbol

    def of_many(self, words: FlatTexts) -> tuple[Ints, Ints]:
        """`(T,)` symbols of all words, one after the other, and `(n,)` how many each has.

        No word is empty.
        """
        points, lengths = words
        ends = np.cumsum(lengths)
        inner, first, last, alone = self._tables
        symbols = looked_up(inner, points)
        if self.prefix or self.suffix:
            at_first, at_last = ends - lengths, ends - 1
            symbols[at_first] = first.take(points[at_first], mode="clip")
            in_last = points[at_last]
            symbols[at_last] = np.where(
                lengths == 1, alone.take(in_last, mode="clip"), last.take(in_last, mode="clip")
            )
        unknown = np.flatnonzero(symbols < 0)
        if len(unknown) == 0:
            return symbols, lengths
        # words with a character that is no token, one by one
        lengths = lengths.copy()
        parts = []
        begin = 0
        for at in np.unique(np.searchsorted(ends, unknown, side="right")).tolist():
            start, stop = int(ends[at] - lengths[at]), int(ends[at])
            parts.append(symbols[begin:start])
            begin = stop
            own = np.array(self.of(text_of(points[start:stop]))[0], np.int64)
            lengths[at] = len(own)
            parts.append(own)
        return np.concatenate([*parts, symbols[begin:]]), lengths

    @cached_property
    def _tables(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Code point -> symbol, -1 for none: inside a word, first, last, alone in it.

        The last entry is for all code points above.
        """
        inner = self._table(self.prefix, "")
        if not self.prefix and not self.suffix:
            return inner, inner, inner, inner
        return (
            inner,
            self._table("", ""),
            self._table(self.prefix, self.suffix),
            self._table("", self.suffix),
        )

    def _table(self, prefix: str, suffix: str) -> Ints:
        length, start = len(prefix) + 1 + len(suffix), len(prefix)
        found = {
            ord(token[start]): symbol
            for token, symbol in self.vocab.items()
            if len(token) == length and token.startswith(prefix) and token.endswith(suffix)
        }
        table = np.full(max(found, default=0) + 2, -1, np.int64)
        table[list(found)] = list(found.values())
        return table
