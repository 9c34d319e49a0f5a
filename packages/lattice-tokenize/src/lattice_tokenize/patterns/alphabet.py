"""The sets of a pattern -> a small alphabet in which one character stands for all that are alike.

Two code points that no set tells apart are the same to a pattern. ASCII stands for itself.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..character_classes import CharacterMap
from ..ragged import looked_up
from .code_points import CODE_POINT_LIMIT, CodePoints
from .tree import Node, Set, sets_of

__all__ = ["Alphabet"]

_ASCII = 128
_FEW = 32  # up to so many characters, `translate` is faster than NumPy


class Alphabet:
    """Which character stands for each code point."""

    def __init__(self, node: Node) -> None:
        sets = sorted(sets_of(node), key=lambda points: points.edges.tobytes())
        ascii_edges = np.arange(_ASCII + 1, dtype=np.int32)
        starts = np.sort(np.concatenate([ascii_edges, *(points.edges for points in sets)]))
        starts = starts[(np.diff(starts, prepend=-1) > 0) & (starts < CODE_POINT_LIMIT)]
        kinds = np.packbits(
            np.array([points.holds(starts) for points in sets] or [starts < 0]), axis=0
        ).T.copy()
        by_kind: dict[bytes, int] = {}
        self._starts = starts
        self._letters = np.empty(len(starts), np.uint32)
        for index, kind in enumerate(kinds):
            letter = index if index < _ASCII else by_kind.get(kind.tobytes())
            if letter is None:
                letter = _ASCII + sum(1 for known in by_kind.values() if known >= _ASCII)
            by_kind.setdefault(kind.tobytes(), letter)
            self._letters[index] = letter
        self.size = max(_ASCII, int(self._letters.max()) + 1)
        # one code point for each character of the alphabet
        self._examples = np.zeros(self.size, np.int32)
        self._examples[self._letters[::-1]] = starts[::-1]
        self._few = CharacterMap(self._letter)

    def _letter(self, code_point: int) -> str:
        return chr(self._letters[np.searchsorted(self._starts, code_point, "right") - 1])

    @cached_property
    def table(self) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint32]:
        """The character for each code point, `(0x110000,)`."""
        counts = np.diff(np.append(self._starts, CODE_POINT_LIMIT))
        kind = np.uint8 if self.size <= 256 else np.uint32
        return np.repeat(self._letters.astype(kind), counts)

    def rewritten(self, text: str) -> str:
        """The text in this alphabet, of the same length."""
        if text.isascii():
            return text
        if len(text) <= _FEW:
            return text.translate(self._few)
        code_points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        letters = looked_up(self.table, code_points)
        return letters.tobytes().decode("latin-1" if letters.itemsize == 1 else "utf-32-le")

    def holds(self, node: Set) -> npt.NDArray[np.bool_]:
        """Which characters of the alphabet are in a set of the pattern, bool `(size,)`."""
        return node.points.holds(self._examples)

    def members(self, points: CodePoints) -> list[int]:
        return [int(letter) for letter in np.flatnonzero(points.holds(self._examples))]

    def written(self, points: CodePoints) -> str:
        """The set as part of an expression."""
        members = self.members(points)
        if not members:
            return "(?:(?!).)"  # as wide as any other set
        if len(members) == self.size:
            return "."
        runs: list[list[int]] = []
        for member in members:
            if runs and runs[-1][1] == member - 1:
                runs[-1][1] = member
            else:
                runs.append([member, member])
        inside = "".join(_escaped(a) if a == b else f"{_escaped(a)}-{_escaped(b)}" for a, b in runs)
        return inside if len(members) == 1 else f"[{inside}]"


def _escaped(member: int) -> str:
    return f"\\u{member:04x}" if member > 0xFF else f"\\x{member:02x}"
