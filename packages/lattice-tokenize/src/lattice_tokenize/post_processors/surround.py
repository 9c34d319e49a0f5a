"""An encoding -> the same between special tokens; what BERT and RoBERTa have in common.

Follows `process_encodings` of `BertProcessing` and `RobertaProcessing` of Hugging Face tokenizers.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..encoding import Encoding
from ..errors import TokenizerFileError
from ..json_fields import MAX_TOKEN_ID

__all__ = ["NamedToken", "read_named_token", "surround"]

NamedToken = tuple[str, int]


def read_named_token(value: object, path: str) -> NamedToken:
    """`[token, id]` of `tokenizer.json`.

    >>> read_named_token(["[SEP]", 102], "post_processor.sep")
    ('[SEP]', 102)
    """
    if (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and type(value[1]) is int
        and 0 <= value[1] <= MAX_TOKEN_ID
    ):
        return value[0], value[1]
    raise TokenizerFileError(path, f"[a token, an id up to {MAX_TOKEN_ID}]", repr(value))


def surround(
    part: Encoding,
    before: Sequence[NamedToken],
    after: Sequence[NamedToken],
    *,
    sequence: int,
    type_id: int,
) -> Encoding:
    """`part`, which becomes the text `sequence`, between special tokens of the type `type_id`.

    What overflows is surrounded too; what overflows from that is forgotten, as the oracle does.
    """

    def surrounded(inner: Encoding, overflowing: list[Encoding]) -> Encoding:
        first, last, count = len(before), len(after), len(inner)
        no_words: list[int | None] = [None]
        return Encoding(
            [token_id for _, token_id in before] + inner.ids + [token_id for _, token_id in after],
            type_ids=[type_id] * first + inner.type_ids + [type_id] * last,
            tokens=[token for token, _ in before] + inner.tokens + [token for token, _ in after],
            word_ids=no_words * first + inner.word_ids + no_words * last,
            offsets=[(0, 0)] * first + inner.offsets + [(0, 0)] * last,
            special_tokens_mask=[1] * first + [0] * count + [1] * last,
            overflowing=overflowing,
            sequence_ranges={sequence: (first, first + count)},
        )

    return surrounded(part, [surrounded(other, []) for other in part.overflowing])
