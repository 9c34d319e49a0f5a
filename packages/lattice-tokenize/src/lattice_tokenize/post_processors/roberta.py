"""Encodings -> `<s> first </s>` or `<s> first </s></s> second </s>`, all of type 0.

Follows `RobertaProcessing` of Hugging Face tokenizers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..component import required
from ..encoding import Encoding
from .byte_level import trim_all_offsets
from .post_processor import PostProcessor
from .surround import NamedToken, read_named_token, surround

__all__ = ["RobertaProcessing"]


def _of_type_zero(part: Encoding) -> Encoding:
    return part.replaced(type_ids=[0] * len(part))


@dataclass(frozen=True)
class RobertaProcessing(PostProcessor):
    """Special tokens around texts, whose offsets are trimmed as `ByteLevel` does.

    >>> roberta = RobertaProcessing(sep=("</s>", 2), cls=("<s>", 0))
    >>> roberta.process(Encoding([5]), Encoding([6, 7])).ids
    [0, 5, 2, 2, 6, 7, 2]
    """

    sep: NamedToken = field(metadata={"read": read_named_token})
    cls: NamedToken = field(metadata={"read": read_named_token})
    trim_offsets: bool = required(True)
    add_prefix_space: bool = required(True)

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        return 4 if is_pair else 2

    def process_parts(self, parts: Sequence[Encoding], add_special_tokens: bool) -> list[Encoding]:
        if self.trim_offsets:
            parts = trim_all_offsets(parts, self.add_prefix_space)
        parts = list(map(_of_type_zero, parts))
        if not add_special_tokens:
            return parts  # of what overflows, the types stay as they were
        return [
            surround(
                part.replaced(overflowing=list(map(_of_type_zero, part.overflowing))),
                [self.sep if index else self.cls],
                [self.sep],
                sequence=min(index, 1),
                type_id=0,
            )
            for index, part in enumerate(parts)
        ]
