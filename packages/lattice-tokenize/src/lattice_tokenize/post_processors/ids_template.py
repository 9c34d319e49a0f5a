"""A post-processor -> where it puts texts and special tokens, for those who need ids only.

Read off what the post-processor does to two texts of one token each: where texts go does not
depend on what is in them. So it cannot differ from `process`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..encoding import Encoding
from .post_processor import PostProcessor, join_default

__all__ = ["FixedTokens", "IdsTemplate", "TextPlace", "ids_template"]

Item = TypeVar("Item")


@dataclass(frozen=True)
class FixedTokens:
    """Special tokens that stand side by side; each has an entry in all three."""

    ids: tuple[int, ...]
    type_ids: tuple[int, ...]
    special_tokens_mask: tuple[int, ...]


@dataclass(frozen=True)
class TextPlace:
    """Where a text goes: `index` 0 for the first, 1 for the second."""

    index: int
    type_id: int


@dataclass(frozen=True)
class IdsTemplate:
    """The pieces of a sequence, in order. No two `FixedTokens` stand side by side."""

    pieces: tuple[FixedTokens | TextPlace, ...]

    @property
    def prefix_ids(self) -> tuple[int, ...]:
        """What stands before the first text."""
        return _fixed_ids(self.pieces[:1])

    @property
    def suffix_ids(self) -> tuple[int, ...]:
        """What stands behind the last text."""
        return _fixed_ids(self.pieces[1:][-1:])

    @property
    def is_one_text(self) -> bool:
        """Whether all there is are `prefix_ids`, the first text and `suffix_ids`."""
        texts = [piece for piece in self.pieces if isinstance(piece, TextPlace)]
        return len(texts) == 1 and texts[0].index == 0

    def ids(self, *texts: Sequence[int]) -> list[int]:
        """The ids of a sequence, from those of its texts."""
        ids: list[int] = []
        for piece in self.pieces:
            ids += piece.ids if isinstance(piece, FixedTokens) else texts[piece.index]
        return ids

    def type_ids(self, *lengths: int) -> list[int]:
        """The type ids of a sequence of texts of these lengths."""
        type_ids: list[int] = []
        for piece in self.pieces:
            type_ids += (
                piece.type_ids
                if isinstance(piece, FixedTokens)
                else [piece.type_id] * lengths[piece.index]
            )
        return type_ids

    def special_tokens_mask(self, *lengths: int) -> list[int]:
        """The special tokens mask of a sequence of texts of these lengths."""
        mask: list[int] = []
        for piece in self.pieces:
            mask += (
                piece.special_tokens_mask
                if isinstance(piece, FixedTokens)
                else [0] * lengths[piece.index]
            )
        return mask


def _fixed_ids(pieces: Sequence[FixedTokens | TextPlace]) -> tuple[int, ...]:
    return tuple(i for piece in pieces if isinstance(piece, FixedTokens) for i in piece.ids)


def ids_template(
    post_processor: PostProcessor | None, *, pair: bool = False, add_special_tokens: bool = True
) -> IdsTemplate:
    """What `post_processor` makes of one text, or of two; `None` puts nothing around them.

    >>> from lattice_tokenize.post_processors import BertProcessing
    >>> bert = BertProcessing(sep=("[SEP]", 102), cls=("[CLS]", 101))
    >>> ids_template(bert).ids([7, 8])
    [101, 7, 8, 102]
    """
    first = Encoding([-1])  # ids that no token has
    second = Encoding([-2], type_ids=[1]) if pair else None
    if post_processor is None:
        sequence = join_default(first, second)
    else:
        sequence = post_processor.process(first, second, add_special_tokens)
    pieces: list[FixedTokens | TextPlace] = []
    columns = zip(sequence.ids, sequence.type_ids, sequence.special_tokens_mask, strict=True)
    for token_id, type_id, special in columns:
        if token_id < 0:
            pieces.append(TextPlace(-1 - token_id, type_id))
            continue
        before = pieces.pop() if pieces and isinstance(pieces[-1], FixedTokens) else None
        fixed = before if isinstance(before, FixedTokens) else FixedTokens((), (), ())
        pieces.append(
            FixedTokens(
                (*fixed.ids, token_id),
                (*fixed.type_ids, type_id),
                (*fixed.special_tokens_mask, special),
            )
        )
    return IdsTemplate(tuple(pieces))
