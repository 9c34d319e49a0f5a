"""The pieces of a vocabulary -> a table that finds, for many places of a text at once, all the
pieces that begin there.

A double-array trie: a node is a number, its `base`, and its child by the character of code `c` is
in slot `base + c`, where that code is written. No two nodes have the same base, so the code in
the slot proves whose child it is: an answer is never wrong, and nothing is left to be verified.
The usual way to build such an array places one node after the other; here all nodes of a like
number of children take a base by chance, those that hit only free slots stay, the rest try again;
the nodes with one child, which are most, take the slots that are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from ..flat_texts import FlatTexts

__all__ = ["NO_PIECE", "PieceTable"]

Ints = NDArray[np.int64]

NO_PIECE = -1

# the code in slots that are free
_FREE = -1
# the base of nodes without children; since no other node has it, none of its slots ever match
_CHILDLESS = 0


class PieceTable:
    """A trie over `pieces`; piece `i` is `pieces[i]`. The empty piece is never found.

    >>> table = PieceTable(["a", "ab", "b"])
    >>> codes, starts = table.codes(FlatTexts.of(["ab", "a"]))
    >>> for length, places, slots in table.walk(codes, np.arange(2), table.root):
    ...     print(length, places.tolist(), table.piece_at[slots].tolist())
    1 [0, 1] [0, 2]
    2 [0] [1]
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        points, lengths = FlatTexts.of(pieces)
        frequency = np.bincount(points, minlength=1)
        alphabet = np.flatnonzero(frequency)
        # frequent characters get small codes, so the slots that are read most are neighbours
        alphabet = alphabet[np.argsort(-frequency[alphabet], kind="stable")]
        self.code_of = np.zeros(0x110000, np.int32)  # 0: in no piece
        self.code_of[alphabet] = np.arange(1, len(alphabet) + 1)
        edges = _Edges(self.code_of.take(points).astype(np.int64), lengths, len(alphabet) + 1)
        bases, slots, size = _place(edges)
        # of each slot: the code that leads there, the base of the node there, and the piece that
        # ends there
        self.code_at = np.full(size, _FREE, np.int32)
        self.code_at[slots] = edges.code
        self.base_at = np.full(size, _CHILDLESS, np.int64)
        self.base_at[slots] = bases[1:]
        self.piece_at = np.full(size, NO_PIECE, np.int32)
        self.piece_at[slots] = edges.piece
        self.root = int(bases[0])
        self.longest = int(lengths.max(initial=0))

    def codes(self, words: FlatTexts) -> tuple[Ints, Ints]:
        """The codes of all words, each word followed by a 0, and where each begins.

        A code stands for a character that is in some piece, 0 for any other.
        """
        codes = self.code_of.take(words.closed(0)).astype(np.int64)
        stops = np.cumsum(words.lengths + 1) - 1
        codes[stops] = 0
        return codes, stops - words.lengths

    def descend(self, prefix: str) -> int:
        """The base of the node of `prefix`: where a walk over what follows it begins."""
        base = self.root
        for character in prefix:
            code = int(self.code_of[ord(character)])
            slot = base + code
            base = int(self.base_at[slot]) if self.code_at[slot] == code else _CHILDLESS
        return base

    def walk(
        self, codes: Ints, places: Ints, bases: Ints | int, stride: int = 1
    ) -> Iterator[tuple[int, Ints, Ints]]:
        """All beginnings of pieces that stand at `places` of `codes`: for each length, the places
        that are left and the slots reached, of which `piece_at` says whether a piece ends there.

        A walk begins at the nodes `bases`, reads every `stride`-th code, and needs a 0 behind
        every text.
        """
        for length in count(1):
            code = codes[(length - 1) * stride :].take(places)
            slots = bases + code
            left = (self.code_at.take(slots) == code).nonzero()[0]
            if not left.size:
                return
            places, slots = places.take(left), slots.take(left)
            yield length, places, slots
            bases = self.base_at.take(slots)


class _Edges:
    """The nodes of the trie but the root, each with the edge that leads to it.

    Node 0 is the root. Of edge `i`, to node `i + 1`: `parent` (which never descends), `code`, and
    the `piece` that ends at the node.
    """

    def __init__(self, codes: Ints, lengths: Ints, alphabet_size: int) -> None:
        starts = np.cumsum(lengths) - lengths
        pieces = np.flatnonzero(lengths)
        # node of the level before | code | piece: one sort of plain integers per level
        piece_bits = len(lengths).bit_length()
        code_bits = alphabet_size.bit_length()
        assert 2 * piece_bits + code_bits < 64
        node = np.zeros(len(pieces), np.int64)
        first_node = nodes = 0  # of the level before; so far, without the root
        nothing = np.zeros(0, np.int64)
        parents, labels, ending = [nothing], [nothing], [nothing]
        depth = 0
        while pieces.size:
            keys = (node << code_bits | codes.take(starts.take(pieces) + depth)) << piece_bits
            keys |= pieces
            keys.sort()
            edge = keys >> piece_bits
            is_new = np.append(True, edge[1:] != edge[:-1])
            new = edge[is_new]
            parents.append((new >> code_bits) + first_node)
            labels.append(new & ((1 << code_bits) - 1))
            pieces = keys & ((1 << piece_bits) - 1)
            node = np.cumsum(is_new) - 1
            depth += 1
            goes_on = lengths.take(pieces) > depth
            ends = np.flatnonzero(~goes_on)
            piece_at = np.full(len(new), NO_PIECE, np.int64)
            piece_at[node.take(ends)] = pieces.take(ends)
            ending.append(piece_at)
            goes_on_at = np.flatnonzero(goes_on)
            pieces, node = pieces.take(goes_on_at), node.take(goes_on_at)
            first_node = nodes + 1
            nodes += len(new)
        self.parent = np.concatenate(parents)
        self.code = np.concatenate(labels)
        self.piece = np.concatenate(ending)
        self.alphabet_size = alphabet_size


def _place(edges: _Edges) -> tuple[Ints, Ints, int]:
    """A base for every node, a slot for every edge, and how many slots there are."""
    return _Placing(edges).placed()


class _Placing:
    """The work of `_place`. A family is the edges from one node, which are neighbours."""

    def __init__(self, edges: _Edges) -> None:
        n = len(edges.parent)
        self._edges = edges
        self._first = np.flatnonzero(np.diff(edges.parent, prepend=-1))
        self._sizes = np.diff(np.append(self._first, n))
        self._bases = np.full(n + 1, _CHILDLESS, np.int64)
        self._slots = np.zeros(n, np.int64)
        self._room = 2 * n + 64  # bases are from [1, room)
        self._free = np.ones(self._room + edges.alphabet_size, np.bool_)  # slots
        self._unused = np.ones(self._room, np.bool_)  # bases
        # who wrote last wants the base or slot, of all that tried at once
        self._claims = np.zeros(len(self._free), np.int32)
        self._tries = 0

    def placed(self) -> tuple[Ints, Ints, int]:
        # families with the most children first, while there is room for them
        classes = np.frexp(self._sizes)[1]
        for size_class in range(int(classes.max(initial=0)), 1, -1):
            waiting, tries = np.flatnonzero(classes == size_class), 0
            while waiting.size:
                waiting = self._by_chance(waiting)
                tries += 1
                if tries % 60 == 0:  # too full for families of this size
                    self._grow()
        self._only_children()
        return self._bases, self._slots, len(self._free)

    def _chance(self, n: int, below: int) -> Ints:
        """Scattered numbers from [0, below), the same in every run."""
        self._tries += 1
        mixed = np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed += np.uint64(self._tries * 0xBF58476D1CE4E5B9 & (1 << 64) - 1)
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0x94D049BB133111EB)
        chance: Ints = (mixed >> np.uint64(32)).astype(np.int64) * below >> 32
        return chance

    def _grow(self) -> None:
        self._free = np.append(self._free, np.ones(self._room, np.bool_))
        self._unused = np.append(self._unused, np.ones(self._room, np.bool_))
        self._claims = np.append(self._claims, np.zeros(self._room, np.int32))
        self._room *= 2

    def _won(self, wanted: Ints, who: Ints, open_: NDArray[np.bool_]) -> NDArray[np.bool_]:
        self._claims[wanted] = who
        won: NDArray[np.bool_] = open_.take(wanted) & (self._claims.take(wanted) == who)
        return won

    def _by_chance(self, waiting: Ints) -> Ints:
        """Try a base for every family of `waiting`; those that do not fit."""
        base = self._chance(len(waiting), self._room - 1) + 1
        lucky = np.flatnonzero(self._won(base, waiting, self._unused))
        base, family = base.take(lucky), waiting.take(lucky)
        # all edges of these families, one family after the other
        size = self._sizes.take(family)
        member_of = np.repeat(np.arange(len(family)), size)
        edge = (self._first.take(family) - np.cumsum(size) + size).take(member_of)
        edge += np.arange(len(edge))
        slot = base.take(member_of) + self._edges.code.take(edge)
        fits = np.ones(len(family), np.bool_)
        fits[member_of[~self._won(slot, member_of, self._free)]] = False
        stays = np.flatnonzero(fits.take(member_of))
        edge, slot = edge.take(stays), slot.take(stays)
        self._slots[edge] = slot
        self._free[slot] = False
        base, family = base[fits], family[fits]
        self._bases[self._edges.parent.take(self._first.take(family))] = base
        self._unused[base] = False
        left = np.ones(len(waiting), np.bool_)
        left[lucky[fits]] = False
        return waiting[left]

    def _only_children(self) -> None:
        edges = self._first.take(np.flatnonzero(self._sizes == 1))
        # codes ascend while slots descend, so the bases of one round are all different
        edges = edges.take(np.argsort(self._edges.code.take(edges)))
        while edges.size:
            slots = np.flatnonzero(self._free[: self._room])[::-1]
            skip = int(self._chance(1, max(len(slots) - len(edges), 1))[0])
            slots = slots[skip : skip + len(edges)]
            base = slots - self._edges.code.take(edges)
            possible = np.flatnonzero(base > 0)
            won = possible[self._unused.take(base.take(possible))]
            edge, slot, base = edges.take(won), slots.take(won), base.take(won)
            self._slots[edge] = slot
            self._free[slot] = False
            self._bases[self._edges.parent.take(edge)] = base
            self._unused[base] = False
            left = np.ones(len(edges), np.bool_)
            left[won] = False
            edges = edges[left]
