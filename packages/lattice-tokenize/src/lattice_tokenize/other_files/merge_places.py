"""The lengths of all tokens -> where a token of each length can be cut into two tokens.

Merges are found by cutting tokens in two. Trying every place is fine for words, but a damaged file
may have a token of a million characters; trying only the places that give lengths which tokens
have is as fast for words, and never takes the square of a length.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["merge_places"]


def merge_places(lengths: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Length -> the lengths of the left side, ascending.

    >>> merge_places([1, 2, 2, 5, 6])
    {1: (), 2: (1,), 5: (), 6: (1, 5)}
    """
    there = set(lengths)
    ascending = sorted(there)
    return {
        length: tuple(left for left in ascending if left < length and length - left in there)
        for length in ascending
    }
