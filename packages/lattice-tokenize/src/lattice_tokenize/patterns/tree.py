"""The parts of a pattern, and what can be said of them without matching.

A parsed pattern is a tree of these values; `pattern_syntax` makes it, `pattern_engine` runs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .code_points import CodePoints

__all__ = [
    "Anchor",
    "Atomic",
    "Choice",
    "Letter",
    "Look",
    "Node",
    "Repeat",
    "Run",
    "Set",
    "can_fail",
    "has_mark",
    "has_place",
    "parts_of",
    "sets_of",
    "widths",
]


@dataclass(frozen=True)
class Set:
    """One character of a set."""

    points: CodePoints


@dataclass(frozen=True)
class Letter:
    """One character as it was written, to be folded with its neighbours; the parser's own."""

    character: str


@dataclass(frozen=True)
class Run:
    """One part after another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """The first of the branches that lets the rest match."""

    branches: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """`body` from `least` to `most` times; without end if `most` is `None`."""

    body: Node
    least: int
    most: int | None
    manner: Literal["greedy", "lazy", "possessive"] = "greedy"


@dataclass(frozen=True)
class Look:
    """Whether `body` matches after or before this place."""

    body: Node
    ahead: bool
    negative: bool


@dataclass(frozen=True)
class Atomic:
    """`body`, which is not tried again once it has matched."""

    body: Node


@dataclass(frozen=True)
class Anchor:
    """A place: of the text (`A` begin, `Z` end), of the search (`G`), or of the match (`K`)."""

    place: Literal["A", "Z", "G", "K"]


Node: TypeAlias = Set | Letter | Run | Choice | Repeat | Look | Atomic | Anchor


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes right below."""
    if isinstance(node, Run):
        return node.parts
    if isinstance(node, Choice):
        return node.branches
    if isinstance(node, (Repeat, Look, Atomic)):
        return (node.body,)
    return ()


def _all(node: Node) -> Iterator[Node]:
    yield node
    for part in parts_of(node):
        yield from _all(part)


def sets_of(node: Node) -> set[CodePoints]:
    """All sets in the tree."""
    return {part.points for part in _all(node) if isinstance(part, Set)}


def has_mark(node: Node, places: str) -> bool:
    """Whether one of these anchors is in the tree."""
    return any(isinstance(part, Anchor) and part.place in places for part in _all(node))


def has_place(node: Node) -> bool:
    """Whether anything in the tree matches without taking a character."""
    return any(isinstance(part, (Anchor, Look)) for part in _all(node))


def widths(node: Node) -> tuple[int, int | None]:
    """The fewest and the most characters that can match; `None` is without end."""
    if isinstance(node, (Set, Letter)):
        return 1, 1
    if isinstance(node, Choice):
        pairs = [widths(branch) for branch in node.branches]
        mosts = [most for _, most in pairs]
        most = None if None in mosts else max(m for m in mosts if m is not None)
        return min(least for least, _ in pairs), most
    if isinstance(node, Run):
        least = 0
        most = 0
        for part in node.parts:
            fewest, longest = widths(part)
            least += fewest
            most = None if most is None or longest is None else most + longest
        return least, most
    if isinstance(node, Repeat):
        fewest, longest = widths(node.body)
        most_times = node.most
        endless = longest is None or (most_times is None and longest)
        return node.least * fewest, None if endless else (longest or 0) * (most_times or 0)
    if isinstance(node, Atomic):
        return widths(node.body)
    return 0, 0


def can_fail(node: Node) -> bool:
    """False only where a match is certain, whatever comes."""
    if isinstance(node, (Set, Letter, Look)):
        return True
    if isinstance(node, Anchor):
        return node.place in "AZG"
    if isinstance(node, Run):
        return any(can_fail(part) for part in node.parts)
    if isinstance(node, Choice):
        return all(can_fail(branch) for branch in node.branches)
    if isinstance(node, Repeat):
        return node.least > 0 and can_fail(node.body)
    return can_fail(node.body)
