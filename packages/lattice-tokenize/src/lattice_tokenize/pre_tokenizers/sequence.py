"""Text -> words that have gone through one pre-tokenizer after the other.

Follows `Sequence` of Hugging Face tokenizers; it may hold others of its kind, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from ..aligned_text import AlignedText
from .byte_level import ByteLevel, spelled
from .pre_tokenizer import PreTokenizer

__all__ = ["Sequence"]


def _read_pre_tokenizers(value: object, path: str) -> tuple[PreTokenizer, ...]:
    # here, because the table of kinds names this class
    from . import read_pre_tokenizers

    return read_pre_tokenizers(value, path)


@dataclass(frozen=True)
class Sequence(PreTokenizer):
    """Pre-tokenizers, in order; each cuts the words of the one before.

    >>> from lattice_tokenize.pre_tokenizers import Digits, WhitespaceSplit
    >>> Sequence((WhitespaceSplit(), Digits(individual_digits=True)))("a b42")
    ['a', 'b', '4', '2']
    """

    pretokenizers: tuple[PreTokenizer, ...] = field(metadata={"read": _read_pre_tokenizers})

    def __call__(self, text: str) -> list[str]:
        if self.elsewhere is not self:
            # whether a word begins where the text begins is only known with offsets
            return [word.text for word in self.align(AlignedText.of(text))]
        words = [text] if text else []
        for step in self.pretokenizers:
            if isinstance(step, ByteLevel) and not (step.use_regex or step.add_prefix_space):
                words = spelled(words)  # all words at once, which is three times as fast
            else:
                words = [part for word in words for part in step(word)]
        return words

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        words = [text] if text.text else []
        for step in self.pretokenizers:
            words = [part for word in words for part in step.align(word)]
        return words

    @cached_property
    def elsewhere(self) -> Sequence:
        steps = tuple(step.elsewhere for step in self.pretokenizers)
        changed = any(a is not b for a, b in zip(steps, self.pretokenizers, strict=True))
        return Sequence(steps) if changed else self
