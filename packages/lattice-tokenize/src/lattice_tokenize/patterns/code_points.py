"""Sets of code points that can be joined, cut and complemented.

A set is the sorted array of its edges: the first code point of each run in it, and the first after
the run. `character_classes.CharacterClass` answers for single characters; this one is for algebra.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

__all__ = ["CODE_POINT_LIMIT", "CodePoints"]

CODE_POINT_LIMIT = 0x110000

Edges = npt.NDArray[np.int32]
Booleans = npt.NDArray[np.bool_]


class CodePoints:
    """An immutable set of code points.

    >>> vowels = CodePoints.of("aeiou")
    >>> [chr(c) for c in range(97, 103) if c in CodePoints.ranges([(97, 102)]) & ~vowels]
    ['b', 'c', 'd', 'f']
    """

    def __init__(self, edges: Edges) -> None:
        self.edges = edges

    @classmethod
    def ranges(cls, pairs: Iterable[tuple[int, int]]) -> CodePoints:
        """From first and last code points, in any order; they may overlap."""
        edges: list[int] = []
        for first, last in sorted(pairs):
            if edges and first <= edges[-1]:
                edges[-1] = max(edges[-1], last + 1)
            else:
                edges += (first, last + 1)
        return cls(np.array(edges, np.int32))

    @classmethod
    def written(cls, text: str) -> CodePoints:
        """From the form of the generated tables: `"9-A D 20"`, hexadecimal."""
        bounds = (part.partition("-") for part in text.split())
        return cls.ranges((int(first, 16), int(last or first, 16)) for first, _, last in bounds)

    @classmethod
    def of(cls, characters: Iterable[str]) -> CodePoints:
        return cls.ranges((ord(character), ord(character)) for character in characters)

    def holds(self, code_points: Edges) -> Booleans:
        """Which of many code points are in the set."""
        return (np.searchsorted(self.edges, code_points, "right") & 1).astype(np.bool_)

    def __contains__(self, code_point: int) -> bool:
        return bool(np.searchsorted(self.edges, code_point, "right") & 1)

    def __bool__(self) -> bool:
        return len(self.edges) > 0

    def _combined(
        self, other: CodePoints, rule: Callable[[Booleans, Booleans], Booleans]
    ) -> CodePoints:
        edges = np.sort(np.concatenate([self.edges, other.edges]))
        edges = edges[np.diff(edges, prepend=-1) > 0]
        inside = rule(self.holds(edges), other.holds(edges))
        before = np.concatenate([[False], inside[:-1]])
        return CodePoints(edges[inside != before].astype(np.int32))

    def __or__(self, other: CodePoints) -> CodePoints:
        return self._combined(other, np.logical_or)

    def __and__(self, other: CodePoints) -> CodePoints:
        return self._combined(other, np.logical_and)

    def __invert__(self) -> CodePoints:
        # an edge at 0 or at the limit goes, or comes if there is none
        edges = np.sort(np.append(self.edges, (0, CODE_POINT_LIMIT)))
        differs = np.diff(edges, prepend=-1, append=CODE_POINT_LIMIT + 1) > 0
        return CodePoints(edges[differs[:-1] & differs[1:]].astype(np.int32))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CodePoints) and np.array_equal(self.edges, other.edges)

    def __hash__(self) -> int:
        return hash(self.edges.tobytes())
