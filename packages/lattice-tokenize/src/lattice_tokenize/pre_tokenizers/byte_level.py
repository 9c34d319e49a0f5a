"""Text -> words in the alphabet of 256 characters that stand for bytes.

Follows `ByteLevel` of Hugging Face tokenizers; the words are those of GPT-2's pattern.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate

import numpy as np

from ..aligned_text import AlignedText
from ..byte_alphabet import to_byte_alphabet
from ..flat_texts import FlatTexts, code_points
from ..patterns.pattern import Pattern
from .delimiters import cut
from .pre_tokenizer import PreTokenizer
from .split import Split

__all__ = ["ByteLevel", "gpt2_pattern", "in_bytes", "spelled"]


@cache
def gpt2_pattern() -> Pattern:
    """Where GPT-2 cuts."""
    return Pattern(
        "Regex",
        r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    )


@dataclass(frozen=True)
class ByteLevel(PreTokenizer):
    """Cuts as GPT-2 does and spells every word in bytes; the space before a word stays with it.

    `trim_offsets` is for the post-processor of the same name.

    >>> ByteLevel(add_prefix_space=False, trim_offsets=True)("No way, José")
    ['No', 'Ġway', ',', 'ĠJosÃ©']
    """

    add_prefix_space: bool
    trim_offsets: bool
    use_regex: bool = True

    def __call__(self, text: str) -> list[str]:
        if self.add_prefix_space and text and not text.startswith(" "):
            text = " " + text
        return spelled(gpt2_pattern().pieces(text) if self.use_regex else [text] if text else [])

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same; every byte comes from where its character came from."""
        if self.add_prefix_space and not text.text.startswith(" "):
            text = text.prepended(" ")
        if self.use_regex:
            stretches = cut(len(text), gpt2_pattern().spans(text.text), "Isolated")
            words = [text.slice(*stretch) for stretch in stretches]
        else:
            words = [text] if text.text else []
        return [_in_bytes(word) for word in words]

    def steps(self) -> list[PreTokenizer]:
        """Cutting, which needs the text, and spelling in bytes, which does not."""
        if not self.use_regex or self.add_prefix_space:
            return [self]
        cuts = Split(gpt2_pattern(), "Isolated", invert=False)
        return [cuts, replace(self, use_regex=False)]

    def spell(self, words: FlatTexts) -> FlatTexts | None:
        """Words in the alphabet of bytes, where nothing is cut or put before them."""
        if self.use_regex or self.add_prefix_space or not words.lengths.all():
            return None
        return in_bytes(words)


def in_bytes(words: FlatTexts) -> FlatTexts:
    """The words in the alphabet of bytes, none of them empty: one letter is one byte.

    >>> in_bytes(FlatTexts.of(["No", " way, José"])).texts()
    ['No', 'Ġway,ĠJosÃ©']
    """
    codes, lengths = words
    letters = code_points(to_byte_alphabet(words.joined))
    if len(letters) == len(codes):
        return FlatTexts(letters, lengths)
    sizes = np.ones(len(codes), np.int64)
    for first_longer in (0x80, 0x800, 0x10000):
        sizes += codes >= first_longer
    return FlatTexts(letters, np.add.reduceat(sizes, np.cumsum(lengths) - lengths))


def spelled(words: list[str]) -> list[str]:
    """The words in the alphabet of bytes.

    >>> spelled(["No", " way"])
    ['No', 'Ġway']
    """
    text = "".join(words)
    # all can be spelled at once, and cut again: one letter is one byte
    sizes = map(len, words) if text.isascii() else [len(word.encode()) for word in words]
    text = to_byte_alphabet(text)
    ends = list(accumulate(sizes))
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _in_bytes(word: AlignedText) -> AlignedText:
    if word.text.isascii():
        return word.mapped(to_byte_alphabet(word.text))
    changes = [
        (letter, int(index > 0))
        for character in word.text
        for index, letter in enumerate(to_byte_alphabet(character))
    ]
    return word.transformed(changes)
