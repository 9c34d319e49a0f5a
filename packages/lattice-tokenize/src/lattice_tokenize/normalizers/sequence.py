"""Text -> text that has gone through one normalizer after the other.

Follows `Sequence` of Hugging Face tokenizers; it may hold others of its kind, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..aligned_text import AlignedText
from .normalizer import Normalizer

__all__ = ["Sequence"]


def _read_normalizers(value: object, path: str) -> tuple[Normalizer, ...]:
    # here, because the table of kinds names this class
    from . import read_normalizers

    return read_normalizers(value, path)


@dataclass(frozen=True)
class Sequence(Normalizer):
    """Normalizers, in order.

    >>> from lattice_tokenize.normalizers import Nmt, Prepend
    >>> Sequence((Nmt(), Prepend("▁")))("a\\tb")
    '▁a b'
    """

    normalizers: tuple[Normalizer, ...] = field(metadata={"read": _read_normalizers})

    def __call__(self, text: str) -> str:
        for normalizer in self.normalizers:
            text = normalizer(text)
        return text

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from."""
        for normalizer in self.normalizers:
            text = normalizer.align(text)
        return text
