"""Encodings -> `[CLS] first [SEP]` or `[CLS] first [SEP] second [SEP]`.

Follows `BertProcessing` of Hugging Face tokenizers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..encoding import Encoding
from .post_processor import PostProcessor
from .surround import NamedToken, read_named_token, surround

__all__ = ["BertProcessing"]


@dataclass(frozen=True)
class BertProcessing(PostProcessor):
    """Each special token is a pair of its spelling and its id.

    >>> bert = BertProcessing(sep=("[SEP]", 102), cls=("[CLS]", 101))
    >>> bert.process(Encoding([5]), Encoding([6, 7])).ids
    [101, 5, 102, 6, 7, 102]
    """

    sep: NamedToken = field(metadata={"read": read_named_token})
    cls: NamedToken = field(metadata={"read": read_named_token})

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        return 3 if is_pair else 2

    def process_parts(self, parts: Sequence[Encoding], add_special_tokens: bool) -> list[Encoding]:
        if not add_special_tokens:
            return list(parts)
        # parts behind the second come from another post-processor; they are second texts too
        return [
            surround(part, [self.cls], [self.sep], sequence=0, type_id=0)
            if index == 0
            else surround(part, [], [self.sep], sequence=1, type_id=1)
            for index, part in enumerate(parts)
        ]
