"""The tree of a pattern -> how much may be tried in vain at one place of a text.

An upper bound: it decides which patterns may go to an engine that has no time limit.
"""

from __future__ import annotations

from dataclasses import dataclass

from .code_points import CodePoints
from .tree import Anchor, Atomic, Choice, Look, Node, Repeat, Run, Set, can_fail, parts_of, widths

__all__ = ["Retries", "retries", "simplified", "suits_re"]


def _disjoint(first: CodePoints, node: Node | None) -> bool:
    """Whether what follows must begin with a character that is not in the set."""
    if isinstance(node, Repeat):
        return node.least > 0 and _disjoint(first, node.body)
    return isinstance(node, Set) and not first & node.points


def simplified(node: Node, *, followed: bool, after: Node | None = None) -> Node:
    """The same without possessive quantifiers that are no other than greedy ones.

    `followed` says whether something that can fail comes after the node, `after` what comes first.
    """
    if isinstance(node, Run):
        parts: list[Node] = []
        for part in reversed(node.parts):
            parts.append(simplified(part, followed=followed, after=after))
            followed, after = followed or can_fail(part), part
        return Run(tuple(reversed(parts)))
    if isinstance(node, Choice):
        branches = node.branches
        return Choice(tuple(simplified(b, followed=followed, after=after) for b in branches))
    if isinstance(node, Repeat) and isinstance(node.body, Set):
        idle = node.manner == "possessive" and (not followed or _disjoint(node.body.points, after))
        return Repeat(node.body, node.least, node.most, "greedy" if idle else node.manner)
    return node


@dataclass(frozen=True)
class Retries:
    """What may be tried in vain at one place of a text before the pattern fails there."""

    endless: tuple[CodePoints, ...] = ()  # sets that are repeated without end
    ways: int = 1  # and how many ways there are apart from these

    def __mul__(self, other: Retries) -> Retries:
        return Retries(self.endless + other.endless, self.ways * other.ways)


_HOPELESS = Retries(ways=1 << 62)


def retries(node: Node, *, followed: bool) -> Retries:
    """An upper bound; `followed` says whether something that can fail comes after the node."""
    if isinstance(node, Run):
        total = Retries()
        for part in reversed(node.parts):
            total *= retries(part, followed=followed)
            followed = followed or can_fail(part)
        return total
    if isinstance(node, Choice):
        branches = [retries(branch, followed=followed) for branch in node.branches]
        endless = tuple(points for branch in branches for points in branch.endless)
        ways = [branch.ways for branch in branches]
        return Retries(endless, sum(ways) if followed else max(ways))
    if isinstance(node, Repeat):
        if node.most == 1:
            return Retries(ways=2) * retries(node.body, followed=followed)
        if not isinstance(node.body, Set):
            return _HOPELESS
        if not followed:
            return Retries()
        if node.most is None:
            return Retries((node.body.points,))
        return Retries(ways=node.most + 1)
    if isinstance(node, Look):
        inside = retries(node.body, followed=True)
        return _HOPELESS if inside.endless else inside
    if isinstance(node, Atomic):
        return retries(node.body, followed=True)
    return Retries()


def suits_re(node: Node) -> bool:
    """Whether `re` knows all constructs of the tree, on every Python."""
    if isinstance(node, Atomic) or (isinstance(node, Repeat) and node.manner == "possessive"):
        return False
    if isinstance(node, Look) and not node.ahead and len(set(widths(node.body))) > 1:
        return False
    if isinstance(node, Anchor) and node.place in "GK":
        return False
    return all(suits_re(part) for part in parts_of(node))
