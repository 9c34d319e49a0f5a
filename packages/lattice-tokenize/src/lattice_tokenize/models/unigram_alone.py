"""One word -> the best path of pieces through it, for words that come alone.

The same as `Unigram._best_path`, which is its readable twin, on the table of `PieceScores`.
"""

from __future__ import annotations

import math

from .piece_scores import UNREACHED, PieceScores

__all__ = ["UnigramAlone"]


class UnigramAlone:
    """The best paths through words.

    >>> import numpy as np
    >>> pieces = PieceScores({"a": 0, "b": 1, "ab": 2}, np.array([-1.0, -1.0, -1.5]), unk_id=3)
    >>> UnigramAlone(pieces).path("abxx")
    [2, -1, -1]
    """

    def __init__(self, pieces: PieceScores) -> None:
        table = pieces.table
        # to read one number, a memoryview is faster than an array
        self._code_of = table.code_of.data
        self._code_at = table.code_at.data
        self._base_at = table.base_at.data
        self._score_at = pieces.score_at.data
        self._id_at = pieces.id_at.data
        self._unknown_score = pieces.unknown_score
        self._root = table.root
        self._longest = max(table.longest, 1)

    def path(self, word: str) -> list[int]:
        """The ids of the best pieces, `UNKNOWN` for every character that is none."""
        code_at, base_at, score_at = self._code_at, self._base_at, self._score_at
        root, longest = self._root, self._longest
        size = len(word)
        codes = list(map(self._code_of.__getitem__, map(ord, word)))
        best = [-math.inf] * (size + 1)  # of all paths that end at a place
        best[0] = 0.0
        last_slot = [UNREACHED] * (size + 1)  # of the last piece of the best of them
        last_start = [0] * (size + 1)
        for start in range(size):
            until_here = best[start]
            base = root
            stop = start
            for code in codes[start : start + longest]:
                slot = base + code
                if code_at[slot] != code:
                    break
                stop += 1
                score = score_at[slot] + until_here
                if score > best[stop]:
                    best[stop] = score
                    last_slot[stop] = slot
                    last_start[stop] = start
                base = base_at[slot]
            if stop == start:
                stop += 1
                score = self._unknown_score + until_here
                if score > best[stop]:
                    best[stop] = score
                    last_slot[stop] = UNREACHED
                    last_start[stop] = start
        path = []
        id_at = self._id_at
        while size:
            path.append(id_at[last_slot[size]])
            size = last_start[size]
        path.reverse()
        return path
