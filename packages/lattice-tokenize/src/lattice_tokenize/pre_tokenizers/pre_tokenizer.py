"""What every pre-tokenizer offers: str -> words, and the same with where they came from."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..aligned_text import AlignedText
from ..flat_texts import FlatTexts
from ..inputs import checked_text

__all__ = ["PreTokenizer", "Spells"]


class PreTokenizer(Protocol):
    """A frozen dataclass whose fields are those of its object in `tokenizer.json`.

    Both ways give the same words, none of them empty.

    >>> from lattice_tokenize.pre_tokenizers import WhitespaceSplit
    >>> pre_tokenizer: PreTokenizer = WhitespaceSplit()
    >>> pre_tokenizer(" two  words"), [w.span(0, len(w)) for w in
    ...     pre_tokenizer.align(AlignedText.of(" two  words"))]
    (['two', 'words'], [(1, 4), (6, 11)])
    """

    def __call__(self, text: str) -> list[str]:
        """The plain way, which is fast. The text is the whole original, or its beginning."""
        ...

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The way that keeps offsets."""
        ...

    @property
    def elsewhere(self) -> PreTokenizer:
        """The pre-tokenizer for a stretch that is not at the beginning; most often itself."""
        return self

    def pre_tokenize_str(self, sequence: str) -> list[tuple[str, tuple[int, int]]]:
        """The words of a text, each with the code points `[start, end)` that it came from."""
        words = self.align(AlignedText.of(checked_text(sequence, "sequence")))
        return [(word.text, word.span(0, len(word))) for word in words]


@runtime_checkable
class Spells(Protocol):
    """A pre-tokenizer that may only spell words in another way, and then many at once."""

    def spell(self, words: FlatTexts) -> FlatTexts | None:
        """Each word as the one word that it becomes, or `None` if some become more or none."""
        ...
