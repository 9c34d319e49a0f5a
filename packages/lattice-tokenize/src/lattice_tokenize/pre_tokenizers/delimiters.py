"""Matches of a pattern in a text -> the stretches that the text is cut into.

Follows `NormalizedString::split` of Hugging Face tokenizers. The matches and what is between them
cover the text; a behavior says which of these segments are dropped or joined.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

__all__ = ["Behavior", "cut"]

Behavior = Literal["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
Span = tuple[int, int]


def cut(
    length: int, matches: Iterable[Span], behavior: Behavior, *, invert: bool = False
) -> list[Span]:
    """The stretches of a text of `length` characters, none of them empty.

    >>> cut(5, [(1, 2), (2, 3)], "MergedWithNext")  # a--bc is a, - and -bc
    [(0, 1), (1, 2), (2, 5)]
    """
    segments: list[tuple[Span, bool]] = []
    done = 0
    for start, stop in matches:
        if done != start:
            segments.append(((done, start), invert))
        segments.append(((start, stop), not invert))
        done = stop
    if done != length:
        segments.append(((done, length), invert))

    if behavior == "Isolated":
        stretches = [span for span, _ in segments]
    elif behavior == "Removed":
        stretches = [span for span, is_match in segments if not is_match]
    elif behavior == "MergedWithNext":
        backwards = [((-stop, -start), is_match) for (start, stop), is_match in reversed(segments)]
        joined = _joined(backwards, behavior)
        stretches = [(-stop, -start) for start, stop in reversed(joined)]
    else:
        stretches = _joined(segments, behavior)
    return [(start, stop) for start, stop in stretches if start < stop]


def _joined(segments: list[tuple[Span, bool]], behavior: Behavior) -> list[Span]:
    """Each segment, or one stretch of it and those before."""
    stretches: list[Span] = []
    before = False
    for (start, stop), is_match in segments:
        joins = is_match == before if behavior == "Contiguous" else is_match and not before
        if joins and stretches:
            stretches[-1] = (stretches[-1][0], stop)
        else:
            stretches.append((start, stop))
        before = is_match
    return stretches
