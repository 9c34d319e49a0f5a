"""Ids of one or two texts -> the sequence that the model was trained on, with its special tokens.

Follows `TemplateProcessing` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SequencePiece", "SpecialPiece", "Template", "TemplateProcessing"]


@dataclass(frozen=True)
class SpecialPiece:
    """A special token of the template: usually one id, sometimes several."""

    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    type_id: int


@dataclass(frozen=True)
class SequencePiece:
    """Where the ids of a text go: `index` 0 for the first, 1 for the second."""

    index: int
    type_id: int


Template = tuple[SpecialPiece | SequencePiece, ...]


@dataclass(frozen=True)
class TemplateProcessing:
    """The two templates of a tokenizer.

    >>> cls, sep = SpecialPiece((101,), ("[CLS]",), 0), SpecialPiece((102,), ("[SEP]",), 0)
    >>> template = TemplateProcessing(single=(cls, SequencePiece(0, 0), sep), pair=())
    >>> template.special_tokens(pair=False)
    2
    """

    single: Template
    pair: Template

    def pieces(self, *, pair: bool) -> Template:
        return self.pair if pair else self.single

    def special_tokens(self, *, pair: bool) -> int:
        """How many tokens the template adds."""
        pieces = self.pieces(pair=pair)
        return sum(len(piece.ids) for piece in pieces if isinstance(piece, SpecialPiece))


WITHOUT_SPECIAL_TOKENS = TemplateProcessing(
    single=(SequencePiece(0, 0),), pair=(SequencePiece(0, 0), SequencePiece(1, 1))
)
