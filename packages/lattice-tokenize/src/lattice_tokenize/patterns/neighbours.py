r"""The tree of a pattern -> where a text is cut whatever stands around that place.

Where no match holds two neighbours together, and matches cover the text, there is always a cut
between them. More than that: what is on either side may be matched on its own. A match that begins
before the cut ends there at the latest, as it would at the end of the text, and the next one
begins there. The only thing that can look over a cut is a lookahead, so no cut is claimed behind
a character after which one may stand, such as the white space of `\s+(?!\S)`.

With one exception, for that very branch, `W+(?!\S)`, as GPT-2 and its descendants have it. Before a
space that is the last of several `W`, with something else behind it, there is a cut as well:

    "a \n  b"  ->  "a", " \n ", " b"

In a run of `W` that branch matches up to there, from wherever it begins; so no branch behind it is
asked. Those before it do not reach over the place, nor do matches of any branch that began before
the run; both can be read off the tree.

That is the reasoning of position automata (Glushkov 1961): a position is a set of the tree, and it
has followers. Where it does not hold, as with lookbehinds, anchors and possessive repeats, nothing
is claimed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .tree import Choice, Look, Node, Repeat, Run, Set, widths

__all__ = ["Cuts", "cuts_of"]

_SPACE = ord(" ")  # ASCII stands for itself in every alphabet

Booleans = npt.NDArray[np.bool_]
Members = Callable[[Set], Booleans]


@dataclass(frozen=True)
class Cuts:
    """Over an alphabet of `K` characters.

    `between` bool `(K, K)`: a cut between the first and the second, wherever they meet. `blank`
    bool `(K,)`: between one of these and a space, if none of them comes third.
    """

    between: Booleans
    blank: Booleans


class _UnknownError(Exception):
    """The pattern has a part of which nothing is claimed."""


@dataclass(frozen=True)
class _Part:
    """The positions that a part of a pattern may begin and end with; `alone`: those that it may
    match by themselves, as bool `(K,)`."""

    optional: bool
    first: frozenset[int]
    last: frozenset[int]
    alone: Booleans


class _Positions:
    """The sets of a tree, in order, and which may follow which inside a match."""

    def __init__(self, size: int, members: Members) -> None:
        self.members = members
        self._none = np.zeros(size, np.bool_)
        self.sets: list[Booleans] = []
        self.followers: list[set[int]] = []
        self.watched: list[Booleans] = []  # what each lookahead may stand behind

    def read(self, node: Node, *, outermost: bool = False) -> _Part:
        """`outermost`: nothing of the match stands before the node."""
        if isinstance(node, Set):
            self.sets.append(self.members(node))
            self.followers.append(set())
            here = frozenset([len(self.sets) - 1])
            return _Part(False, here, here, self.sets[-1])
        if isinstance(node, Run):
            return self._run(node, outermost)
        if isinstance(node, Choice):
            branches = [self.read(branch, outermost=outermost) for branch in node.branches]
            return _Part(
                any(branch.optional for branch in branches),
                frozenset().union(*(branch.first for branch in branches)),
                frozenset().union(*(branch.last for branch in branches)),
                np.logical_or.reduce([branch.alone for branch in branches]),
            )
        if isinstance(node, Repeat) and node.manner != "possessive" and node.most != 0:
            body = self.read(node.body)
            if node.most != 1:
                self._follow(body.last, body.first)
            alone = body.alone if node.least < 2 or body.optional else self._none
            return _Part(node.least == 0 or body.optional, body.first, body.last, alone)
        raise _UnknownError

    def _follow(self, before: frozenset[int], behind: frozenset[int]) -> None:
        for position in before:
            self.followers[position] |= behind

    def _run(self, run: Run, outermost: bool) -> _Part:
        whole = _Part(True, frozenset(), frozenset(), self._none)
        looks = False
        for part in run.parts:
            if isinstance(part, Look):
                inner = whole.optional and not outermost  # something outside may stand before it
                if inner or not part.ahead or widths(part.body) != (1, 1):
                    raise _UnknownError
                self.watched.append(self.of(whole.last))
                looks = True
                continue
            one = self.read(part)
            self._follow(whole.last, one.first)
            whole = _Part(
                whole.optional and one.optional,
                whole.first | one.first if whole.optional else whole.first,
                whole.last | one.last if one.optional else one.last,
                (whole.alone if one.optional else self._none)
                | (one.alone if whole.optional else self._none),
            )
        # a run with a lookahead may refuse what it could match alone
        return _Part(whole.optional, whole.first, whole.last, self._none) if looks else whole

    def of(self, positions: frozenset[int] | set[int]) -> Booleans:
        """The characters of any of the positions."""
        characters: Booleans = self._none.copy()
        for position in positions:
            characters |= self.sets[position]
        return characters


def cuts_of(node: Node, size: int, members: Members) -> Cuts | None:
    """Where there is a cut for certain; `None` where nothing can be claimed.

    `size` is that of the alphabet, `members` says which of it a set holds. Nothing is claimed if
    matches do not cover every text, or a part is not understood.

    >>> from .syntax import parse_pattern
    >>> from .alphabet import Alphabet
    >>> tree = parse_pattern(r" ?[a-z]+|[^a-z\\s]|\\s+(?!\\S)|\\s+", "pattern")
    >>> alphabet = Alphabet(tree)
    >>> cuts = cuts_of(tree, alphabet.size, alphabet.holds)
    >>> [bool(cuts.between[ord(a), ord(b)]) for a, b in ("ab", "a ", " b", "a!", "!a")]
    [False, True, False, True, True]
    >>> [chr(c) for c in np.flatnonzero(cuts.blank[:33])] == list("\\t\\n\\v\\f\\r ")
    True
    """
    positions = _Positions(size, members)
    branches = node.branches if isinstance(node, Choice) else (node,)
    try:
        parts = [positions.read(branch, outermost=True) for branch in branches]
    except _UnknownError:
        return None
    alone = np.logical_or.reduce([part.alone for part in parts])
    if any(part.optional for part in parts) or not alone.all():
        return None
    between = np.ones((size, size), np.bool_)
    for characters, followers in zip(positions.sets, positions.followers, strict=True):
        between[np.ix_(characters, positions.of(followers))] = False
    for watched in positions.watched:
        between[watched] = False
    return Cuts(between, _blank(branches, parts, positions, size))


def _blank(
    branches: tuple[Node, ...], parts: list[_Part], positions: _Positions, size: int
) -> Booleans:
    """The `W` of a branch `W+(?![^W])`, if the others leave the space at the end of a run alone."""
    nothing = np.zeros(size, np.bool_)
    bounds = [*(min(part.first) for part in parts), len(positions.sets)]
    for number, (branch, part) in enumerate(zip(branches, parts, strict=True)):
        blank = positions.of(part.last)
        if not _ends_before(branch, blank, positions):
            continue
        if len(positions.watched) > 1:
            return nothing
        for other, one in enumerate(parts):
            if other == number:
                continue
            # within a run, no branch behind this one is asked
            if other > number and not (positions.of(one.first) & ~blank).any():
                continue
            for before in range(bounds[other], bounds[other + 1]):
                if _may_take_last(positions, before, one.last, blank):
                    return nothing
        return blank
    return nothing


def _may_take_last(
    positions: _Positions, before: int, ends: frozenset[int], blank: Booleans
) -> bool:
    """Whether a match may go on behind a blank at `before` with the space that ends the run."""
    if not (positions.sets[before] & blank).any():
        return False
    spaces = [last for last in positions.followers[before] if positions.sets[last][_SPACE]]
    return any(
        last in ends or (positions.of(positions.followers[last]) & ~blank).any() for last in spaces
    )


def _ends_before(branch: Node, blank: Booleans, positions: _Positions) -> bool:
    """Whether a branch is `W+(?![^W])`, of which `blank` is `W`."""
    if not isinstance(branch, Run) or len(branch.parts) != 2:
        return False
    repeat, look = branch.parts
    return (
        isinstance(repeat, Repeat)
        and isinstance(repeat.body, Set)
        and (repeat.least, repeat.most, repeat.manner) == (1, None, "greedy")
        and isinstance(look, Look)
        and look.ahead
        and look.negative
        and isinstance(look.body, Set)
        and bool((positions.members(look.body) == ~blank).all())
    )
