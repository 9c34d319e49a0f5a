"""Many words -> the best path of pieces through each, all words side by side.

The same as `Unigram._best_path`, which is its readable twin: the words stand in columns, one
character of each in a row, longest word first; place after place, the score of the best path to
it is found for all words at once, and last, from the ends back, which pieces these paths are of.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from ..flat_texts import FlatTexts
from ..ragged import gather_rows
from .piece_scores import UNKNOWN, UNREACHED, PieceScores

__all__ = ["UnigramBatch"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Group = tuple[Ints, Ints, Ints]

# So many characters at a time stay in the processor's cache, and with fewer words side by side
# than these the work for each place costs more than going word by word.
_CELLS = 1 << 15
_FEWEST_WORDS = 24
_ENOUGH_WORDS = 1024
# Where more words than these are side by side, it pays to keep apart the lengths of which there
# are fewer pieces than a cell in so many.
_FEW_WORDS = 256
_SPARSE = 8
# So it does for the lengths of extremely long pieces.
_MOST_DENSE = 32


class UnigramBatch:
    """The best paths through words, with `pieces`.

    >>> pieces = PieceScores({"a": 0, "b": 1, "ab": 2}, np.array([-1.0, -1.0, -1.5]), unk_id=3)
    >>> groups, alone = UnigramBatch(pieces, fuse=True).paths(FlatTexts.of(["abxx"] * 24))
    >>> [(ids[:4].tolist(), counts[:2].tolist()) for _, ids, counts in groups], len(alone)
    ([([2, 3, 2, 3], [2, 2])], 0)
    """

    def __init__(self, pieces: PieceScores, *, fuse: bool) -> None:
        self._pieces = pieces
        self._fuse = fuse

    def paths(self, words: FlatTexts) -> tuple[list[Group], Ints]:
        """The ids of the best path through each word, unknown neighbours fused: groups of words,
        the ids of all of them, and how many each has.

        And the words that are better done alone: too few others are of their length, or their
        unknown characters need a closer look.
        """
        order = np.argsort(-words.lengths, kind="stable")
        shortness = -words.lengths[order]  # ascends, as `searchsorted` needs it
        groups: list[Group] = []
        alone = [order[:0]]
        first = 0
        while first < len(order):
            longest = -int(shortness[first])
            # not together with words of less than half the length, if there are enough others
            half = int(np.searchsorted(shortness, -(longest // 2), side="right"))
            stop = min(first + _CELLS // (longest + 1), max(half, first + _ENOUGH_WORDS))
            rows = order[first : max(stop, first + 1)]
            if len(rows) >= _FEWEST_WORDS:
                ids, counts, unclear = self._paths(words.take(rows))
                groups.append((rows, ids, counts))
                alone.append(rows[unclear])
            else:
                alone.append(rows)
            first += len(rows)
        return groups, np.concatenate(alone)

    def _paths(self, words: FlatTexts) -> tuple[Ints, Ints, Ints]:
        """The paths through `words`, which are sorted by length, longest first: all ids, how many
        each has, and the words that need a closer look."""
        codes, begin = self._pieces.table.codes(words)
        lengths = words.lengths
        n, width = len(lengths), int(lengths[0]) + 1
        # word by word -> character by character; behind every word is 0, as codes has it too
        grid = np.zeros(width * n, np.int64)
        columns = np.arange(n)
        grid[np.arange(len(codes)) * n + np.repeat(columns - begin * n, lengths + 1)] = codes
        # how many words are longer than i, so have a character in row i
        reaching = np.searchsorted(-lengths, -np.arange(1, width + 1), side="right")
        cells = np.repeat(np.arange(width) * n - np.cumsum(reaching) + reaching, reaching)
        cells += np.arange(len(cells))
        edges = self._edges(grid, cells, n)
        best = _best_scores(edges, reaching.tolist(), n)
        # of all edges that give the best score of their end, the longest, which comes last, counts
        won = (best.take(edges.starts) + edges.scores == best.take(edges.stops)).nonzero()[0]
        last = np.zeros(width * n, np.int64)
        last[edges.stops.take(won)] = won

        # from the ends back
        steps = []
        rows = columns[: int(reaching[0])]
        cells = lengths[: len(rows)] * n + rows
        while rows.size:
            edge = last.take(cells)
            steps.append((rows, edge))
            cells = edges.starts.take(edge)
            left = (cells >= n).nonzero()[0]
            rows, cells = rows.take(left), cells.take(left)
        path, counts = gather_rows(steps, n, backwards=True)
        return self._fused(self._pieces.id_at.take(edges.slots.take(path)), counts)

    def _fused(self, ids: Ints, counts: Ints) -> tuple[Ints, Ints, Ints]:
        """The paths with unknown pieces fused, and the words where that needs a closer look, of
        which nothing is left."""
        unknown = ids == UNKNOWN
        # a literal "<unk>" fuses with its neighbours to what is in no vocabulary, or is it?
        unclear = (
            ids == self._pieces.unk_id if self._fuse else unknown | (ids == self._pieces.unk_id)
        )
        if not unknown.any() and not unclear.any():
            return ids, counts, counts[:0]
        row = np.repeat(np.arange(len(counts)), counts)
        rows_unclear = np.unique(row[unclear])
        kept = ~np.isin(row, rows_unclear)
        if self._fuse and self._pieces.unk_id is not None:
            ids = np.where(unknown, self._pieces.unk_id, ids)
            kept[1:] &= ~(unknown[1:] & unknown[:-1] & (row[1:] == row[:-1]))
        return ids[kept], np.bincount(row[kept], minlength=len(counts)), rows_unclear

    def _edges(self, grid: Ints, cells: Ints, n: int) -> _Edges:
        """All pieces at the places `cells` of `grid`, shorter ones first."""
        table, score_at = self._pieces.table, self._pieces.score_at
        levels: list[tuple[Ints, Ints, Floats]] = []
        for _, places, slots in table.walk(grid, cells, table.root, n):
            levels.append((places, slots, score_at.take(slots)))
        # one character: a piece or unknown, so there is always a path
        if levels and len(levels[0][0]) == len(cells):
            places, slots, scores = levels[0]
        else:
            slots = np.full(len(grid), UNREACHED)
            scores = np.full(len(grid), self._pieces.unknown_score)
            for places, found, score in levels[:1]:
                slots[places], scores[places] = found, score
            places, slots, scores = cells, slots.take(cells), scores.take(cells)
        levels[:1] = [(places, slots, scores)]
        starts, slots, scores = (np.concatenate(parts) for parts in zip(*levels, strict=True))
        sizes = [len(places) for places, _, _ in levels]
        return _Edges(starts, slots, scores, sizes, n)


class _Edges:
    """The beginnings of pieces in a grid of `n` columns, level by level: `bounds[i]:bounds[i + 1]`
    are those of i + 1 characters, from the cells `starts` to just before the cells `stops`. What
    is only a beginning of pieces has a score of minus infinity."""

    def __init__(
        self, starts: Ints, slots: Ints, scores: Floats, sizes: Sequence[int], n: int
    ) -> None:
        self.starts, self.slots, self.scores = starts, slots, scores
        self.bounds = [0, *accumulate(sizes)]
        self.stops = starts + np.repeat(np.arange(1, len(sizes) + 1) * n, sizes)


def _best_scores(edges: _Edges, reaching: list[int], n: int) -> Floats:
    """For every cell, flat: the score of the best path that ends before it."""
    width, bounds = len(reaching), edges.bounds
    sizes = np.diff(bounds)
    dense = len(sizes)
    if n > _FEW_WORDS or dense > _MOST_DENSE:
        dense = int(np.count_nonzero(sizes * _SPARSE >= sizes[0]))
    # Row by row, from the longest piece to the shortest, the scores of the pieces that end there,
    # word by word.
    scores = np.full(width * dense * n, -np.inf)
    place = np.arange(width * n)
    place += np.repeat(np.arange(width) * ((dense - 1) * n), n)
    for level in range(dense):
        few = slice(bounds[level], bounds[level + 1])
        shift = ((level + 1) * dense + dense - 1 - level) * n
        scores[place.take(edges.starts[few]) + shift] = edges.scores[few]
    scores_of = scores.reshape(width, dense, n)

    # longer pieces are few: by the row where they end
    longer = slice(bounds[dense], bounds[-1])
    stops, starts, longer_scores = edges.stops[longer], edges.starts[longer], edges.scores[longer]
    if stops.size:
        order = np.argsort(stops)
        stops, starts, longer_scores = stops[order], starts[order], longer_scores[order]
    longer_bounds = np.searchsorted(stops, np.arange(width + 1) * n).tolist()

    best = np.full((dense + width, n), -np.inf)
    best[dense] = 0.0
    flat = best[dense:].reshape(-1)
    sums_of_all = np.empty((dense, n))
    for stop in range(1, width):
        size = reaching[stop - 1]
        skip = max(dense - stop, 0)
        sums = sums_of_all[skip:, :size]
        np.add(scores_of[stop, skip:, :size], best[stop + skip : stop + dense, :size], out=sums)
        np.maximum.reduce(sums, axis=0, out=best[stop + dense, :size])
        few = slice(longer_bounds[stop], longer_bounds[stop + 1])
        if few.start < few.stop:
            np.maximum.at(flat, stops[few], flat.take(starts[few]) + longer_scores[few])
    return flat
