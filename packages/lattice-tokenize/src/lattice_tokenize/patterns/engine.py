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
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import TokenizeError
from .alphabet import Alphabet
from .neighbours import Cuts, cuts_of
from .retries import retries, simplified, suits_re
from .tree import (
    Anchor,
    Atomic,
    Choice,
    Look,
    Node,
    Repeat,
    Run,
    Set,
    has_mark,
    widths,
)

if TYPE_CHECKING:
    import regex

__all__ = ["PatternEngine"]

_LONG_RUN = 512
_MAX_WAYS = 256
_FLAGS = re.DOTALL


class PatternEngine:
    """A tree, ready to match texts; the time limit is counted per text."""

    def __init__(self, node: Node, *, limit_s: float = 5.0) -> None:
        self._limit_s = limit_s
        node = simplified(node, followed=False)
        self._node = node
        self._alphabet = Alphabet(node)
        # an empty match is never followed by a longer one in the same place
        self._one_by_one = widths(node)[0] == 0 or has_mark(node, "GK")
        self._source = self._written(node)
        branches = node.branches if isinstance(node, Choice) else (node,)
        bounds = [retries(branch, followed=False) for branch in branches]
        bounded = all(len(one.endless) < 2 and one.ways <= _MAX_WAYS for one in bounds)
        self._quick = (
            re.compile(self._source, _FLAGS)
            if bounded and suits_re(node) and not self._one_by_one
            else None
        )
        runs = {self._alphabet.written(points) for one in bounds for points in one.endless}
        self._long_run = (
            re.compile("|".join(f"{run}{{{_LONG_RUN}}}" for run in sorted(runs)), _FLAGS)
            if runs
            else None
        )
        # where every character can be a piece, a text is likely all matches
        self._covers = self._quick is not None and all(
            self._quick.match(chr(letter)) for letter in range(self._alphabet.size)
        )

    def cuts(self) -> tuple[npt.NDArray[np.integer[Any]], Cuts] | None:
        """The character that stands for each code point, integers `(0x110000,)`, and between which
        of them every text is cut; `None` where nothing is known."""
        cuts = cuts_of(self._node, self._alphabet.size, self._alphabet.holds)
        return None if cuts is None else (self._alphabet.table, cuts)

    @cached_property
    def _safe(self) -> regex.Pattern[str]:
        import regex  # here, because few patterns and few texts need it

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
            deadline = time.process_time() + limit_s  # the clock of `regex`
            while at <= len(letters):
                left_s = deadline - time.process_time()
                if left_s <= 0:
                    raise TimeoutError
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
        letters = self._alphabet.rewritten(text)
        if self._quick is None or not self._is_bounded(letters):
            return [text[start:end] for start, end in self.spans(text)]
        ends = list(accumulate(map(len, self._parting.split(letters))))
        return [text[start:end] for start, end in zip(ends[::2], ends[1::2], strict=False)]

    def pieces(self, text: str) -> list[str]:
        """The text cut at both ends of every match, without empty pieces."""
        found = self._pieces_in_alphabet(text)
        if text.isascii():
            return found
        ends = list(accumulate(map(len, found)))
        return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    def piece_lengths(self, text: str) -> list[int]:
        """The lengths of `pieces`."""
        return list(map(len, self._pieces_in_alphabet(text)))

    def _pieces_in_alphabet(self, text: str) -> list[str]:
        """The pieces; but for ASCII only their lengths are what they are in the text."""
        letters = self._alphabet.rewritten(text)
        if self._quick is None or not self._is_bounded(letters):
            return self._pieces_from_spans(text)
        found = self._quick.findall(letters) if self._covers else []
        if sum(map(len, found)) != len(letters):
            found = [piece for piece in self._parting.split(letters) if piece]
        return found

    def _pieces_from_spans(self, text: str) -> list[str]:
        pieces: list[str] = []
        done = 0
        for start, end in self.spans(text):
            pieces += (text[done:start], text[start:end])
            done = end
        pieces.append(text[done:])
        return [piece for piece in pieces if piece]
