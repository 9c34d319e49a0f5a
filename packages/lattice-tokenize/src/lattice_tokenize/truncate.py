"""Tokens of a text or a pair -> at most `max_length` of them, special tokens included.

Follows `truncate_encodings` of Hugging Face tokenizers and the subtraction of special tokens
before it: where `max_length` leaves no room for the special tokens, nothing is cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from .encoding import Encoding
from .errors import EncodingOptionError
from .json_fields import JsonFields
from .token_positions import natural

__all__ = ["DIRECTIONS", "STRATEGIES", "Truncation", "read_truncation"]

Item = TypeVar("Item")

STRATEGIES = ("LongestFirst", "OnlyFirst", "OnlySecond")
DIRECTIONS = ("Right", "Left")
# what `enable_truncation` calls them
_STRATEGY_OF = {
    "longest_first": "LongestFirst",
    "only_first": "OnlyFirst",
    "only_second": "OnlySecond",
}
_NAME_OF = {strategy: name for name, strategy in _STRATEGY_OF.items()}


def _share(first: int, second: int, room: int) -> tuple[int, int]:
    """Lengths of a pair cut from the longer one until both are equal, then from both.

    The rest of an odd number goes to the longer text, to the second where both are equal.
    """
    shorter = min(first, second)
    kept_shorter = shorter
    kept_longer = shorter if shorter > room else max(shorter, room - shorter)
    if kept_shorter + kept_longer > room:
        kept_shorter, kept_longer = room // 2, room - room // 2
    return (kept_longer, kept_shorter) if first > second else (kept_shorter, kept_longer)


@dataclass(frozen=True)
class Truncation:
    """How over-long input is cut.

    `direction` is the end that is cut; `stride`, by how many tokens the overflowing parts overlap.

    >>> Truncation(4).apply([1, 2, 3, 4, 5], None, special_tokens=2)
    ([1, 2], None)
    """

    max_length: int
    strategy: str = "LongestFirst"
    direction: str = "Right"
    stride: int = 0

    def lengths(
        self, first: int, second: int | None, *, special_tokens: int
    ) -> tuple[int, int | None]:
        """How many tokens are kept of a text, or of each of a pair.

        Raises `EncodingOptionError` where the strategy cannot make room for them and for
        `special_tokens` more, and where `stride` leaves no progress.

        >>> Truncation(8).lengths(9, 2, special_tokens=3)
        (3, 2)
        """
        kept = self._lengths(first, second, special_tokens)
        for length, kept_length in zip((first, second), kept, strict=True):
            if length and kept_length and self.stride >= kept_length < length:
                raise EncodingOptionError(
                    "truncation.stride",
                    f"less than {kept_length}, the tokens that are kept of a text",
                    str(self.stride),
                )
        return kept

    def _lengths(
        self, first: int, second: int | None, special_tokens: int
    ) -> tuple[int, int | None]:
        room = self.max_length - special_tokens
        if room < 0:  # the oracle's subtraction wraps round to more than any text has
            return first, second
        excess = first + (second or 0) - room
        if excess <= 0:
            return first, second
        if room == 0:  # whatever the strategy
            return 0, None if second is None else 0
        if self.strategy == "LongestFirst":
            return (room, None) if second is None else _share(first, second, room)
        target = first if self.strategy == "OnlyFirst" else second
        if target is None or target <= excess:
            raise EncodingOptionError(
                "truncation.strategy",
                f"a text long enough for {self.strategy} to remove {excess} tokens",
                "no second text" if target is None else f"{target} tokens",
                "Use LongestFirst, or a greater max_length.",
            )
        kept = target - excess
        return (kept, second) if self.strategy == "OnlyFirst" else (first, kept)

    def _cut(self, tokens: list[Item], length: int) -> list[Item]:
        if length >= len(tokens):
            return tokens
        return tokens[:length] if self.direction == "Right" else tokens[len(tokens) - length :]

    def apply(
        self, first: list[Item], second: list[Item] | None, *, special_tokens: int
    ) -> tuple[list[Item], list[Item] | None]:
        """Cut so that both, and `special_tokens` more, fit into `max_length`.

        What the items are does not matter: ids, or ids with their spellings. What is cut off is
        gone; `truncate` keeps it.
        """
        keep_first, keep_second = self.lengths(
            len(first), None if second is None else len(second), special_tokens=special_tokens
        )
        cut_second = (
            None if second is None or keep_second is None else self._cut(second, keep_second)
        )
        return self._cut(first, keep_first), cut_second

    def truncate(
        self, first: Encoding, second: Encoding | None, *, special_tokens: int
    ) -> tuple[Encoding, Encoding | None]:
        """As `apply`, of encodings, with what was cut off as their `overflowing` parts."""
        keep_first, keep_second = self.lengths(
            len(first), None if second is None else len(second), special_tokens=special_tokens
        )
        direction = self.direction.lower()
        cut_second = (
            None
            if second is None or keep_second is None
            else second.truncated(keep_second, self.stride, direction)
        )
        return first.truncated(keep_first, self.stride, direction), cut_second

    @classmethod
    def from_options(
        cls, max_length: int, stride: int, strategy: str, direction: str, special_tokens: int
    ) -> Truncation:
        """From the arguments of `Tokenizer.enable_truncation`; `EncodingOptionError` if wrong.

        `special_tokens`: how many of one text `max_length` has to hold, beside the stride.
        """
        max_length = natural(max_length, "max_length")
        stride = natural(stride, "stride")
        if strategy not in _STRATEGY_OF:
            names = ", ".join(map(repr, _STRATEGY_OF))
            raise EncodingOptionError("strategy", f"one of {names}", repr(strategy))
        if direction not in ("right", "left"):
            raise EncodingOptionError("direction", "'right' or 'left'", repr(direction))
        if 0 <= max_length - special_tokens < stride:
            raise EncodingOptionError(
                "stride",
                f"at most {max_length - special_tokens}, which is max_length without the "
                f"{special_tokens} special tokens",
                str(stride),
            )
        return cls(max_length, _STRATEGY_OF[strategy], direction.capitalize(), stride)

    def options(self) -> dict[str, Any]:
        """As arguments of `Tokenizer.enable_truncation`."""
        return {
            "max_length": self.max_length,
            "stride": self.stride,
            "strategy": _NAME_OF[self.strategy],
            "direction": self.direction.lower(),
        }

    def to_json(self) -> dict[str, Any]:
        """As `tokenizer.json` has it."""
        return {
            "direction": self.direction,
            "max_length": self.max_length,
            "strategy": self.strategy,
            "stride": self.stride,
        }


def read_truncation(value: object, path: str = "truncation") -> Truncation | None:
    """What `tokenizer.json` says of over-long input, or `None`.

    >>> read_truncation({"max_length": 512, "strategy": "OnlyFirst", "stride": 0})
    Truncation(max_length=512, strategy='OnlyFirst', direction='Right', stride=0)
    """
    if value is None:
        return None
    fields = JsonFields(value, path)
    truncation = Truncation(
        max_length=fields.natural("max_length"),
        strategy=fields.one_of("strategy", STRATEGIES),
        direction=fields.one_of("direction", DIRECTIONS, default="Right"),
        stride=fields.natural("stride"),
    )
    fields.finish()
    return truncation
