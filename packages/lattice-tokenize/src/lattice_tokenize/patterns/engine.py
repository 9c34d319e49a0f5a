r"""The tree of a pattern -> a regular expression of Python over a small alphabet.

Two code points that no set of the pattern tells apart are the same to it. So a text is rewritten
before it is matched: ASCII stays, and every other code point becomes the one that stands for its
kind. The expression then names the members of its sets one by one, in ASCII and little more: it is
fast, and Python's own tables of Unicode, which differ from the oracle's, are never asked.

`re` runs twice as fast as `regex`, and has no time limit. It gets the patterns whose worst case is
bounded: at most one endless repeat of a single set may be tried again on the way to a failure, so
no place costs more than the longest run of that set. Texts with long runs, and all other patterns,
go to `regex` with a time limit.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import regex

from ..character_classes import CharacterMap
from ..errors import TokenizeError
from .code_points import CODE_POINT_LIMIT, CodePoints
from .tree import (
    Anchor,
    Atomic,
    Choice,
    Look,
    Node,
    Repeat,
    Run,
    Set,
    can_fail,
    has_mark,
    parts_of,
    sets_of,
    widths,
)

__all__ = ["PatternEngine"]

_ASCII = 128
_FEW = 32  # up to so many characters, `translate` is faster than NumPy
_LONG_RUN = 512
_MAX_WAYS = 256
_FLAGS = re.DOTALL


class _Alphabet:
    """Which character stands for each code point."""

    def __init__(self, node: Node) -> None:
        sets = sorted(sets_of(node), key=lambda points: points.edges.tobytes())
        ascii_edges = np.arange(_ASCII + 1, dtype=np.int32)
        starts = np.unique(np.concatenate([ascii_edges, *(points.edges for points in sets)]))
        starts = starts[starts < CODE_POINT_LIMIT]
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
    def _table(self) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint32]:
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
        letters = self._table[code_points]
        return letters.tobytes().decode("latin-1" if letters.itemsize == 1 else "utf-32-le")

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


def _disjoint(first: CodePoints, node: Node | None) -> bool:
    """Whether what follows must begin with a character that is not in the set."""
    if isinstance(node, Repeat):
        return node.least > 0 and _disjoint(first, node.body)
    return isinstance(node, Set) and not first & node.points


def _simplified(node: Node, *, followed: bool, after: Node | None = None) -> Node:
    """The same without possessive quantifiers that are no other than greedy ones.

    `followed` says whether something that can fail comes after the node, `after` what comes first.
    """
    if isinstance(node, Run):
        parts: list[Node] = []
        for part in reversed(node.parts):
            parts.append(_simplified(part, followed=followed, after=after))
            followed, after = followed or can_fail(part), part
        return Run(tuple(reversed(parts)))
    if isinstance(node, Choice):
        branches = node.branches
        return Choice(tuple(_simplified(b, followed=followed, after=after) for b in branches))
    if isinstance(node, Repeat) and isinstance(node.body, Set):
        idle = node.manner == "possessive" and (not followed or _disjoint(node.body.points, after))
        return Repeat(node.body, node.least, node.most, "greedy" if idle else node.manner)
    return node


@dataclass(frozen=True)
class _Retries:
    """What may be tried in vain at one place of a text before the pattern fails there."""

    endless: tuple[CodePoints, ...] = ()  # sets that are repeated without end
    ways: int = 1  # and how many ways there are apart from these

    def __mul__(self, other: _Retries) -> _Retries:
        return _Retries(self.endless + other.endless, self.ways * other.ways)


_HOPELESS = _Retries(ways=1 << 62)


def _retries(node: Node, *, followed: bool) -> _Retries:
    """An upper bound; `followed` says whether something that can fail comes after the node."""
    if isinstance(node, Run):
        total = _Retries()
        for part in reversed(node.parts):
            total *= _retries(part, followed=followed)
            followed = followed or can_fail(part)
        return total
    if isinstance(node, Choice):
        branches = [_retries(branch, followed=followed) for branch in node.branches]
        endless = tuple(points for branch in branches for points in branch.endless)
        ways = [branch.ways for branch in branches]
        return _Retries(endless, sum(ways) if followed else max(ways))
    if isinstance(node, Repeat):
        if node.most == 1:
            return _Retries(ways=2) * _retries(node.body, followed=followed)
        if not isinstance(node.body, Set):
            return _HOPELESS
        if not followed:
            return _Retries()
        if node.most is None:
            return _Retries((node.body.points,))
        return _Retries(ways=node.most + 1)
    if isinstance(node, Look):
        inside = _retries(node.body, followed=True)
        return _HOPELESS if inside.endless else inside
    if isinstance(node, Atomic):
        return _retries(node.body, followed=True)
    return _Retries()


def _suits_re(node: Node) -> bool:
    """Whether `re` knows all constructs of the tree, on every Python."""
    if isinstance(node, Atomic) or (isinstance(node, Repeat) and node.manner == "possessive"):
        return False
    if isinstance(node, Look) and not node.ahead and len(set(widths(node.body))) > 1:
        return False
    if isinstance(node, Anchor) and node.place in "GK":
        return False
    return all(_suits_re(part) for part in parts_of(node))


class PatternEngine:
    """A tree, ready to match texts; the time limit is counted per text."""

    def __init__(self, node: Node, *, limit_s: float = 10.0) -> None:
        self._limit_s = limit_s
        node = _simplified(node, followed=False)
        self._alphabet = _Alphabet(node)
        # an empty match is never followed by a longer one in the same place
        self._one_by_one = widths(node)[0] == 0 or has_mark(node, "GK")
        self._source = self._written(node)
        branches = node.branches if isinstance(node, Choice) else (node,)
        retries = [_retries(branch, followed=False) for branch in branches]
        bounded = all(len(one.endless) < 2 and one.ways <= _MAX_WAYS for one in retries)
        self._quick = (
            re.compile(self._source, _FLAGS)
            if bounded and _suits_re(node) and not self._one_by_one
            else None
        )
        runs = {self._alphabet.written(points) for one in retries for points in one.endless}
        self._long_run = (
            re.compile("|".join(f"{run}{{{_LONG_RUN}}}" for run in sorted(runs)), _FLAGS)
            if runs
            else None
        )
        # where every character can be a piece, a text is likely all matches
        self._covers = self._quick is not None and all(
            self._quick.match(chr(letter)) for letter in range(self._alphabet.size)
        )

    @cached_property
    def _safe(self) -> regex.Pattern[str]:
        return regex.compile(self._source, regex.DOTALL | regex.VERSION0)

    @cached_property
    def _parting(self) -> re.Pattern[str]:
        return re.compile(f"({self._source})", _FLAGS)

    def _written(self, node: Node) -> str:
        if isinstance(node, Set):
            return self._alphabet.written(node.points)
        if isinstance(node, Run):
            return "".join(
                f"(?:{self._written(part)})" if isinstance(part, Choice) else self._written(part)
                for part in node.parts
            )
        if isinstance(node, Choice):
            return "|".join(self._written(branch) for branch in node.branches)
        if isinstance(node, Repeat):
            body = self._written(node.body)
            body = body if isinstance(node.body, Set) else f"(?:{body})"
            manner = {"greedy": "", "lazy": "?", "possessive": "+"}[node.manner]
            short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((node.least, node.most))
            most = "" if node.most is None else node.most
            return f"{body}{short or f'{{{node.least},{most}}}'}{manner}"
        if isinstance(node, Look):
            opening = ("?=" if node.ahead else "?<=", "?!" if node.ahead else "?<!")
            return f"({opening[node.negative]}{self._written(node.body)})"
        if isinstance(node, Atomic):
            return f"(?>{self._written(node.body)})"
        assert isinstance(node, Anchor)
        return f"\\{node.place}"

    def _is_bounded(self, letters: str) -> bool:
        """Whether `re` cannot take long: no run is so long that it would matter."""
        if len(letters) <= 2 * _LONG_RUN or self._long_run is None:
            return True
        # a run of twice the length covers the characters from one of these places on
        at_run = self._long_run.match
        return not any(at_run(letters, at) for at in range(0, len(letters), _LONG_RUN))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the pattern matches, from left to right."""
        if not text:
            return  # the oracle does not look for matches in an empty text
        letters = self._alphabet.rewritten(text)
        if self._quick is not None and self._is_bounded(letters):
            for match in self._quick.finditer(letters):
                yield match.span()
            return
        limit_s = self._limit_s + len(text) / 100_000
        try:
            if not self._one_by_one:
                for found in self._safe.finditer(letters, timeout=limit_s):
                    yield found.span()
                return
            at, last_end = 0, -1
            deadline = time.monotonic() + limit_s
            while at <= len(letters):
                left_s = max(0.001, deadline - time.monotonic())
                one = self._safe.search(letters, at, timeout=left_s)
                if one is None:
                    return
                start, end = one.span()
                if start == end == last_end:
                    at += 1
                    continue
                at = last_end = end
                yield start, end
        except TimeoutError:
            raise TokenizeError(
                "text",
                f"a text in which the pattern can be found within {limit_s:.0f} s",
                f"a text of {len(text)} characters",
                "The pattern tries too many ways to match; cut the text, or change the pattern.",
            ) from None

    def matches(self, text: str) -> list[str]:
        """What matches, of a pattern that has no empty matches."""
        if self._quick is not None and text.isascii() and self._is_bounded(text):
            return self._quick.findall(text)
        return [text[start:end] for start, end in self.spans(text)]

    def pieces(self, text: str) -> list[str]:
        """The text cut at both ends of every match, without empty pieces."""
        letters = self._alphabet.rewritten(text)
        if self._quick is None or not self._is_bounded(letters):
            return self._pieces_from_spans(text)
        found = self._quick.findall(letters) if self._covers else []
        if sum(map(len, found)) != len(letters):
            found = [piece for piece in self._parting.split(letters) if piece]
        if letters is text:
            return found
        ends = list(accumulate(map(len, found)))
        return [text[start:end] for start, end in zip([0, *ends], ends)]  # noqa: B905

    def _pieces_from_spans(self, text: str) -> list[str]:
        pieces: list[str] = []
        done = 0
        for start, end in self.spans(text):
            pieces += (text[done:start], text[start:end])
            done = end
        pieces.append(text[done:])
        return [piece for piece in pieces if piece]
