"""The pieces of a Unigram vocabulary, their ids and scores -> the table of them that all paths are
found with.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .piece_table import NO_PIECE, PieceTable

__all__ = ["UNKNOWN", "UNREACHED", "PieceScores"]

# stands in a path for a character that is no piece
UNKNOWN = -1

# a slot that no character leads to; it is unknown
UNREACHED = 0

_UNKNOWN_PENALTY = 10.0


class PieceScores:
    """The table of `vocab`, whose ids are places in `scores`.

    >>> pieces = PieceScores({"a": 0, "b": 1, "ab": 2}, np.array([-1.0, -1.0, -1.5]), unk_id=3)
    >>> pieces.unknown_score
    -11.5
    """

    def __init__(
        self, vocab: dict[str, int], scores: NDArray[np.float64], *, unk_id: int | None
    ) -> None:
        self.unk_id = unk_id
        self.unknown_score = float(scores.min(initial=math.inf)) - _UNKNOWN_PENALTY
        self.table = table = PieceTable(tuple(vocab))
        ids = np.fromiter(vocab.values(), np.int64, len(vocab))
        # what ends in a slot: `UNKNOWN` and -inf where nothing does
        assert NO_PIECE == -1  # the last
        self.id_at = np.append(ids, UNKNOWN).take(table.piece_at)
        self.score_at = np.append(scores.take(ids), -math.inf).take(table.piece_at)
        # a character that begins pieces but is none
        codes = np.arange(1, table.code_of.max() + 1)
        first = table.root + codes
        first = first[table.code_at.take(first) == codes]
        is_piece = self.id_at.take(first) != UNKNOWN
        self.score_at[first[~is_piece]] = self.unknown_score
        self.every_character_is_a_piece = int(is_piece.sum()) == len(codes)
