"""Text -> stretches of so many characters, the last one shorter.

Follows `FixedLength` of Hugging Face tokenizers. On purpose, a length of 0 is refused: the oracle
reads it, and panics at the first text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..aligned_text import AlignedText
from ..errors import TokenizerFileError
from .pre_tokenizer import PreTokenizer

__all__ = ["FixedLength"]


def _read_length(value: object, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TokenizerFileError(path, "a positive integer", repr(value)[:60])
    return value


@dataclass(frozen=True)
class FixedLength(PreTokenizer):
    """Cuts after every `length` code points.

    >>> FixedLength(2)("abcde")
    ['ab', 'cd', 'e']
    """

    length: int = field(default=5, metadata={"read": _read_length})

    def __call__(self, text: str) -> list[str]:
        return [text[at : at + self.length] for at in range(0, len(text), self.length)]

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        stops = range(self.length, len(text) + self.length, self.length)
        return [text.slice(stop - self.length, min(stop, len(text))) for stop in stops]
