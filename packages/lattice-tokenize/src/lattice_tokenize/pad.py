"""Encoding -> encoding of a wanted length, for engines that need rectangles.

Follows `pad_encodings` of Hugging Face tokenizers. Packed batches are never padded.
"""

from __future__ import annotations

from dataclasses import dataclass

from .encoding import Encoding

__all__ = ["Padding"]


@dataclass(frozen=True)
class Padding:
    """`length` is the fixed length, or `None` for that of the longest text of the batch."""

    length: int | None = None
    direction: str = "Right"
    pad_to_multiple_of: int | None = None
    pad_id: int = 0
    pad_type_id: int = 0
    pad_token: str = "[PAD]"

    def apply(self, encoding: Encoding, longest: int) -> Encoding:
        """Pad one encoding of a batch whose longest has `longest` tokens."""
        length = longest if self.length is None else self.length
        if self.pad_to_multiple_of and length % self.pad_to_multiple_of:
            length += self.pad_to_multiple_of - length % self.pad_to_multiple_of
        missing = length - len(encoding)
        if missing <= 0:
            return encoding

        def pad(values: list[int], value: int) -> list[int]:
            more = [value] * missing
            return values + more if self.direction == "Right" else more + values

        more_tokens = [self.pad_token] * missing
        return Encoding(
            ids=pad(encoding.ids, self.pad_id),
            type_ids=pad(encoding.type_ids, self.pad_type_id),
            tokens=encoding.tokens + more_tokens
            if self.direction == "Right"
            else more_tokens + encoding.tokens,
            attention_mask=pad(encoding.attention_mask, 0),
            special_tokens_mask=pad(encoding.special_tokens_mask, 1),
        )
