"""Many words -> the ids of their longest matches, all words side by side.

The same as `WordPiece.tokenize`, which is its readable twin: first the longest piece at the
beginning of every word, then the longest continuing piece at every place behind it, and last a
walk over those from the left.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .piece_table import NO_PIECE, PieceTable
from .ragged import gather_rows, rows_as_tuples

__all__ = ["WordPieceBatch"]

Ints = NDArray[np.int64]

# so many words at a time stay in the processor's cache
_WORDS_AT_A_TIME = 3072


class WordPieceBatch:
    """The longest matches of words in `vocab`, whose continuing pieces begin with `prefix`.

    >>> batch = WordPieceBatch({"token": 1, "##iz": 2, "##er": 3}, "##")
    >>> batch.ids(["tokenizer", "token", "er"])
    [(1, 2, 3), (1,), ()]
    """

    def __init__(self, vocab: dict[str, int], prefix: str) -> None:
        self._table = PieceTable(list(vocab))
        self._ids = np.fromiter(vocab.values(), np.int32, len(vocab))
        self._continuing = self._table.descend(prefix)

    def ids(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        """The ids of each word; none where a part of it is in no piece."""
        ids: list[tuple[int, ...]] = []
        for first in range(0, len(words), _WORDS_AT_A_TIME):
            ids += self._ids_of(words[first : first + _WORDS_AT_A_TIME])
        return ids

    def _ids_of(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        codes, starts, lengths = self._table.codes(words)
        stops = starts + lengths
        # of the longest piece at each place of `codes`: its length, and which piece it is
        longest = np.zeros(len(codes), np.int64)
        piece = np.zeros(len(codes), np.int64)
        self._match(codes, starts, self._table.root, longest, piece)
        if len(words):
            behind = starts + longest.take(starts)
            open_words = np.flatnonzero((behind < stops) & (behind > starts))
            behind, rest = behind.take(open_words), (stops - behind).take(open_words)
            inner = np.repeat(behind - np.cumsum(rest) + rest, rest) + np.arange(rest.sum())
            self._match(codes, inner, self._continuing, longest, piece)
        steps = []
        rows, place = np.flatnonzero(lengths), starts
        place = starts.take(rows)
        unknown = np.zeros(len(words), np.bool_)
        while rows.size:
            steps.append((rows, piece.take(place)))
            step = longest.take(place)
            place = place + step
            unknown[rows[step == 0]] = True
            left = np.flatnonzero((step > 0) & (place < stops.take(rows)))
            rows, place = rows.take(left), place.take(left)
        values, counts = gather_rows(steps, len(words))
        ids = rows_as_tuples(self._ids.take(values), counts)
        for row in np.flatnonzero(unknown).tolist():
            ids[row] = ()
        return ids

    def _match(self, codes: Ints, places: Ints, base: int, longest: Ints, piece: Ints) -> None:
        """Write the longest piece below the node `base` at each of `places`."""
        table = self._table
        for length, found, slots in table.walk(codes, places, base):
            pieces = table.piece_at.take(slots)
            ends = np.flatnonzero(pieces != NO_PIECE)
            found = found.take(ends)
            longest[found] = length
            piece[found] = pieces.take(ends)
