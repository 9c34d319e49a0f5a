"""Token ids of a text or a pair -> at most `max_length` of them, special tokens included.

Follows `truncate_encodings` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from .errors import EncodingOptionError

__all__ = ["DIRECTIONS", "STRATEGIES", "Truncation"]

Item = TypeVar("Item")

STRATEGIES = ("LongestFirst", "OnlyFirst", "OnlySecond")
DIRECTIONS = ("Right", "Left")


def _share(first: int, second: int, room: int) -> tuple[int, int]:
    """Lengths of a pair cut from the longer one until both are equal, then from both.

    The rest of an odd number goes to the longer text, to the second where both are equal.
    """
    shorter, longer = sorted((first, second))
    kept_shorter = shorter
    kept_longer = shorter if shorter > room else max(shorter, room - shorter)
    if kept_shorter + kept_longer > room:
        kept_shorter, kept_longer = room // 2, room - room // 2
    kept_longer = min(longer, kept_longer)
    return (kept_longer, kept_shorter) if first > second else (kept_shorter, kept_longer)


@dataclass(frozen=True)
class Truncation:
    """How over-long input is cut.

    >>> Truncation(4).apply([1, 2, 3, 4, 5], None, special_tokens=2)
    ([1, 2], None)
    """

    max_length: int
    strategy: str = "LongestFirst"
    direction: str = "Right"

    def _cut(self, tokens: list[Item], length: int) -> list[Item]:
        if length >= len(tokens):
            return tokens
        return tokens[:length] if self.direction == "Right" else tokens[len(tokens) - length :]

    def apply(
        self, first: list[Item], second: list[Item] | None, *, special_tokens: int
    ) -> tuple[list[Item], list[Item] | None]:
        """Cut so that both, and `special_tokens` more, fit into `max_length`.

        What the items are does not matter: ids, or ids with their spellings.
        """
        room = self.max_length - special_tokens
        if room < 0:
            raise EncodingOptionError(
                "truncation.max_length",
                f"at least {special_tokens}, the number of special tokens",
                str(self.max_length),
            )
        excess = len(first) + len(second or []) - room
        if excess <= 0:
            return first, second
        if room == 0:  # whatever the strategy
            return [], None if second is None else []
        if self.strategy == "LongestFirst":
            if second is None:
                return self._cut(first, room), None
            keep_first, keep_second = _share(len(first), len(second), room)
            return self._cut(first, keep_first), self._cut(second, keep_second)
        target = first if self.strategy == "OnlyFirst" else second
        if target is None or len(target) <= excess:
            raise EncodingOptionError(
                "truncation.strategy",
                f"a text long enough for {self.strategy} to remove {excess} tokens",
                "no second text" if target is None else f"{len(target)} tokens",
                "Use LongestFirst, or a greater max_length.",
            )
        cut = self._cut(target, len(target) - excess)
        return (cut, second) if self.strategy == "OnlyFirst" else (first, cut)
