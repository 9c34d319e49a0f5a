"""Encodings of byte-level tokens -> the same, whose offsets leave out the spaces of a token.

Follows the post-processor `ByteLevel` of Hugging Face tokenizers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..byte_alphabet import BYTE_TO_CHARACTER
from ..character_classes import SEPARATORS
from ..component import required
from ..encoding import Encoding
from .post_processor import PostProcessor

__all__ = ["ByteLevel", "trim_offsets"]

# `SEPARATORS` and not `str.isspace`, which takes U+001C to U+001F too
_SPACES = BYTE_TO_CHARACTER[ord(" ")] + SEPARATORS.characters()


def trim_offsets(encoding: Encoding, add_prefix_space: bool) -> Encoding:
    """Spaces at either end of a token are left out of its offsets.

    `add_prefix_space`: a token at the beginning may have one space that is not of the text.

    >>> trim_offsets(Encoding([5], tokens=["Ġgo"], offsets=[(3, 6)]), False).offsets
    [(4, 6)]
    """
    offsets = list(encoding.offsets)
    for index, token in enumerate(encoding.tokens):
        leading = len(token) - len(token.lstrip(_SPACES))
        trailing = len(token) - len(token.rstrip(_SPACES))
        if not leading and not trailing:
            continue
        start, end = offsets[index]
        if leading:
            if leading == 1 and add_prefix_space and (index == 0 or start == 0):
                leading = 0
            start = min(start + leading, end)
        if trailing and end >= trailing:
            end = max(end - trailing, start)
        offsets[index] = start, end
    return encoding.replaced(offsets=offsets)


def trim_all_offsets(parts: Sequence[Encoding], add_prefix_space: bool) -> list[Encoding]:
    """Of parts and of what overflows from them."""
    return [
        trim_offsets(part, add_prefix_space).replaced(
            overflowing=[trim_offsets(other, add_prefix_space) for other in part.overflowing]
        )
        for part in parts
    ]


@dataclass(frozen=True)
class ByteLevel(PostProcessor):
    """Trims offsets; `use_regex` is a field of the format that means nothing here.

    >>> ByteLevel().process(Encoding([5, 6], tokens=["a", "Ġb"], offsets=[(0, 1), (1, 3)])).offsets
    [(0, 1), (2, 3)]
    """

    add_prefix_space: bool = required(True)
    trim_offsets: bool = required(True)
    use_regex: bool = True

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        return 0

    def process_parts(
        self,
        parts: Sequence[Encoding],
        add_special_tokens: bool,
    ) -> list[Encoding]:
        if self.trim_offsets:
            parts = trim_all_offsets(parts, self.add_prefix_space)
        # of a template's parts, special tokens are counted as texts too, as the oracle does
        return [part.of_sequence(index) for index, part in enumerate(parts)]
