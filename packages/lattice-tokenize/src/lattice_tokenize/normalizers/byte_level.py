"""Text -> its UTF-8 bytes, each written as a printable character.

Follows the normalizer `ByteLevel` of Hugging Face tokenizers.
"""

from __future__ import annotations

from ..aligned_text import AlignedText
from ..byte_alphabet import to_byte_alphabet
from ..component import OptionlessComponent
from .normalizer import Normalizer

__all__ = ["ByteLevel"]


class ByteLevel(Normalizer, OptionlessComponent):
    """The byte alphabet of GPT-2, as a step of normalization.

    >>> ByteLevel()("a é")
    'aĠÃ©'
    """

    def __call__(self, text: str) -> str:
        return to_byte_alphabet(text)

    def align(self, text: AlignedText) -> AlignedText:
        """The same; all bytes of a character come from where it came from."""
        if text.text.isascii():
            return text.mapped(to_byte_alphabet(text.text))
        sizes_bytes = [len(character.encode("utf-8")) for character in text.text]
        return AlignedText(
            to_byte_alphabet(text.text),
            [
                start
                for start, size in zip(text.starts, sizes_bytes, strict=True)
                for _ in range(size)
            ],
            [end for end, size in zip(text.ends, sizes_bytes, strict=True) for _ in range(size)],
            text.origin,
        )
