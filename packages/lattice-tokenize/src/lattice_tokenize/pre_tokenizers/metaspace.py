"""Text -> words that begin with `▁`, which stands for a space.

Follows `Metaspace` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from ..aligned_text import AlignedText
from ..decoders.decoder import read_character
from ..flat_texts import FlatTexts
from .pre_tokenizer import PreTokenizer

__all__ = ["Metaspace"]


@dataclass(frozen=True)
class Metaspace(PreTokenizer):
    """Writes spaces as `replacement`, perhaps one more before the text, and cuts before each.

    >>> Metaspace()("Hey  you")
    ['▁Hey', '▁', '▁you']
    """

    replacement: str = field(default="▁", metadata={"read": read_character})
    prepend_scheme: Literal["first", "never", "always"] = "always"
    split: bool = True

    def __call__(self, text: str) -> list[str]:
        if not text:
            return []
        mark = self.replacement
        text = text.replace(" ", mark)
        if self.prepend_scheme != "never" and not text.startswith(mark):
            text = mark + text
        if not self.split:
            return [text]
        first, *others = text.split(mark)
        words = [mark + word for word in others]
        return [first, *words] if first else words

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        if not text.text:
            return []
        mark = self.replacement
        text = text.mapped(text.text.replace(" ", mark))
        prepends = text.origin == 0 if self.prepend_scheme == "first" else True
        if self.prepend_scheme != "never" and prepends and not text.text.startswith(mark):
            text = text.prepended(mark)
        if not self.split:
            return [text]
        begins = [at for at, character in enumerate(text.text) if character == mark or at == 0]
        return [
            text.slice(start, stop)
            for start, stop in zip(begins, [*begins[1:], len(text)], strict=True)
        ]

    def spell(self, words: FlatTexts) -> FlatTexts | None:
        """Words without a space or a `▁` in them get one before them."""
        mark = ord(self.replacement)
        cuts = (words.codes == ord(" ")) | (words.codes == mark)
        if self.prepend_scheme != "always" or cuts.any() or not words.lengths.all():
            return None
        return FlatTexts(np.roll(words.closed(mark), 1), words.lengths + 1)

    @property
    def elsewhere(self) -> Metaspace:
        return replace(self, prepend_scheme="never") if self.prepend_scheme == "first" else self
