"""Many words -> the ids of their longest matches, all words side by side.

The same as `WordPiece.tokenize`, which is its readable twin: first the longest piece at the
beginning of every word, then the longest continuing piece at every place behind it, and last a
walk over those from the left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..flat_texts import FlatTexts
from ..ragged import gather_rows, ragged_places
from .piece_table import NO_PIECE, PieceTable

__all__ = ["WordPieceBatch"]

Ints = NDArray[np.int64]

# so many words at a time stay in the processor's cache
_WORDS_AT_A_TIME = 3072


class WordPieceBatch:
    """The longest matches of words in `vocab`, whose continuing pieces begin with `prefix`.

    >>> batch = WordPieceBatch({"token": 1, "##iz": 2, "##er": 3}, "##")
    >>> ids, counts = batch.ids(FlatTexts.of(["tokenizer", "token", "er"]))
    >>> ids.tolist(), counts.tolist()
    ([1, 2, 3, 1], [3, 1, 0])
    """

    def __init__(self, vocab: dict[str, int], prefix: str) -> None:
        self._table = PieceTable(list(vocab))
        self._ids = np.fromiter(vocab.values(), np.int64, len(vocab))
        self._continuing = self._table.descend(prefix)

    def ids(self, words: FlatTexts) -> tuple[Ints, Ints]:
        """The ids of all words, int64 `(T,)`, and how many each has, int64 `(n,)`: none where a
        part of it is in no piece."""
        bounds = np.append(0, np.cumsum(words.lengths))
        values, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for first in range(0, len(words.lengths), _WORDS_AT_A_TIME):
            lengths = words.lengths[first : first + _WORDS_AT_A_TIME]
            codes = words.codes[bounds[first] : bounds[first + len(lengths)]]
            found = self._ids_of(FlatTexts(codes, lengths))
            values.append(found[0])
            counts.append(found[1])
        return np.concatenate(values), np.concatenate(counts)

    def _ids_of(self, words: FlatTexts) -> tuple[Ints, Ints]:
        codes, starts = self._table.codes(words)
        lengths = words.lengths
        stops = starts + lengths
        # of the longest piece at each place of `codes`: its length, and which piece it is
        longest = np.zeros(len(codes), np.int64)
        piece = np.zeros(len(codes), np.int64)
        self._match(codes, starts, self._table.root, longest, piece)
        behind = starts + longest.take(starts)
        open_words = np.flatnonzero((behind < stops) & (behind > starts))
        behind, rest = behind.take(open_words), (stops - behind).take(open_words)
        self._match(codes, ragged_places(behind, rest), self._continuing, longest, piece)
        steps = []
        rows = np.flatnonzero(lengths)
        place = starts.take(rows)
        unknown = np.zeros(len(lengths), np.bool_)
        while rows.size:
            steps.append((rows, piece.take(place)))
            step = longest.take(place)
            place = place + step
            unknown[rows[step == 0]] = True
            left = np.flatnonzero((step > 0) & (place < stops.take(rows)))
            rows, place = rows.take(left), place.take(left)
        values, counts = gather_rows(steps, len(lengths))
        ids = self._ids.take(values)
        if unknown.any():
            ids = ids[~np.repeat(unknown, counts)]
            counts[unknown] = 0
        return ids, counts

    def _match(self, codes: Ints, places: Ints, base: int, longest: Ints, piece: Ints) -> None:
        """Write the longest piece below the node `base` at each of `places`."""
        table = self._table
        for length, found, slots in table.walk(codes, places, base):
            pieces = table.piece_at.take(slots)
            ends = np.flatnonzero(pieces != NO_PIECE)
            found = found.take(ends)
            longest[found] = length
            piece[found] = pieces.take(ends)
