"""Encodings of a batch -> encodings of one length, for engines that need rectangles.

Follows `pad_encodings` of Hugging Face tokenizers. Packed batches are never padded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .encoding import Encoding
from .errors import EncodingOptionError, TokenizerFileError
from .inputs import checked_text
from .json_fields import JsonFields
from .token_positions import natural

__all__ = ["Padding", "read_padding"]

Item = TypeVar("Item")

DIRECTIONS = ("Right", "Left")


@dataclass(frozen=True)
class Padding:
    """`length` is the fixed length, or `None` for that of the longest text of the batch.

    >>> Padding(pad_to_multiple_of=4).target_length(5)
    8
    """

    length: int | None = None
    direction: str = "Right"
    pad_to_multiple_of: int | None = None
    pad_id: int = 0
    pad_type_id: int = 0
    pad_token: str = "[PAD]"

    def target_length(self, longest: int) -> int:
        """What is padded to in a batch whose longest encoding has `longest` tokens."""
        length = longest if self.length is None else self.length
        if self.pad_to_multiple_of:
            length += -length % self.pad_to_multiple_of
        return length

    def fill(self, values: list[Item], value: Item, length: int) -> list[Item]:
        """`values` with as many of `value` as make it `length`, if it is not that long already."""
        more = [value] * (length - len(values))
        return values + more if self.direction == "Right" else more + values

    def apply(self, encodings: Sequence[Encoding]) -> None:
        """Pad a batch, and all overflowing parts in it, in place.

        >>> batch = [Encoding([5], tokens=["a"]), Encoding([6, 7], tokens=["b", "c"])]
        >>> Padding().apply(batch)
        >>> batch[0].ids, batch[0].attention_mask
        ([5, 0], [1, 0])
        """
        length = self.target_length(max(map(len, encodings), default=0))
        for encoding in encodings:
            encoding.pad(
                length,
                direction=self.direction.lower(),
                pad_id=self.pad_id,
                pad_type_id=self.pad_type_id,
                pad_token=self.pad_token,
            )

    @classmethod
    def from_options(
        cls,
        direction: str,
        pad_id: int,
        pad_type_id: int,
        pad_token: str,
        length: int | None,
        pad_to_multiple_of: int | None,
    ) -> Padding:
        """From the arguments of `Tokenizer.enable_padding`; `EncodingOptionError` if wrong."""
        if direction not in ("right", "left"):
            raise EncodingOptionError("direction", "'right' or 'left'", repr(direction))
        if not isinstance(pad_token, str):
            raise EncodingOptionError("pad_token", "a str", repr(pad_token))
        checked_text(pad_token, "pad_token")
        pad_id = natural(pad_id, "pad_id")
        pad_type_id = natural(pad_type_id, "pad_type_id")
        if length is not None:
            length = natural(length, "length")
        if pad_to_multiple_of is not None:
            pad_to_multiple_of = natural(pad_to_multiple_of, "pad_to_multiple_of")
        return cls(
            length, direction.capitalize(), pad_to_multiple_of, pad_id, pad_type_id, pad_token
        )

    def options(self) -> dict[str, Any]:
        """As arguments of `Tokenizer.enable_padding`."""
        return {
            "length": self.length,
            "pad_to_multiple_of": self.pad_to_multiple_of,
            "pad_id": self.pad_id,
            "pad_token": self.pad_token,
            "pad_type_id": self.pad_type_id,
            "direction": self.direction.lower(),
        }

    def to_json(self) -> dict[str, Any]:
        """As `tokenizer.json` has it."""
        return {
            "strategy": "BatchLongest" if self.length is None else {"Fixed": self.length},
            "direction": self.direction,
            "pad_to_multiple_of": self.pad_to_multiple_of,
            "pad_id": self.pad_id,
            "pad_type_id": self.pad_type_id,
            "pad_token": self.pad_token,
        }


def read_padding(value: object, path: str = "padding") -> Padding | None:
    """What `tokenizer.json` says of padding, or `None`.

    A multiple of 0 is read and does nothing, as in the oracle.
    """
    if value is None:
        return None
    fields = JsonFields(value, path)
    strategy = fields.anything("strategy")
    length = None
    if strategy != "BatchLongest":
        fixed = JsonFields(strategy, f"{path}.strategy")
        length = fixed.natural("Fixed")
        fixed.finish()
    multiple = fields.anything("pad_to_multiple_of")
    if multiple is not None and (type(multiple) is not int or multiple < 0):
        raise TokenizerFileError(
            f"{path}.pad_to_multiple_of", "null or a non-negative integer", repr(multiple)
        )
    padding = Padding(
        length=length,
        direction=fields.one_of("direction", DIRECTIONS),
        pad_to_multiple_of=multiple,
        pad_id=fields.token_id("pad_id"),
        pad_type_id=fields.natural("pad_type_id", bits=32),
        pad_token=fields.string("pad_token"),
    )
    fields.finish()
    return padding
