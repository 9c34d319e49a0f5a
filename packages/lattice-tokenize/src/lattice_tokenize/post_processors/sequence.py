"""Post-processors, one after the other: each is given the parts that the one before has made.

Follows the post-processor `Sequence` of Hugging Face tokenizers.
"""

from __future__ import annotations

import collections.abc
from dataclasses import dataclass, field

from ..encoding import Encoding
from ..errors import TokenizerFileError
from .post_processor import PostProcessor

__all__ = ["Sequence"]


def _read_processors(value: object, path: str) -> tuple[PostProcessor, ...]:
    from . import read_post_processor  # which reads this kind too

    if not isinstance(value, list):
        raise TokenizerFileError(path, "a list", repr(value))
    processors = []
    for index, item in enumerate(value):
        processor = read_post_processor(item, f"{path}[{index}]")
        if processor is None:
            raise TokenizerFileError(f"{path}[{index}]", "an object", "null")
        processors.append(processor)
    return tuple(processors)


@dataclass(frozen=True)
class Sequence(PostProcessor):
    """The parts are joined when the last has worked.

    >>> from lattice_tokenize.post_processors import BertProcessing, ByteLevel
    >>> bert = BertProcessing(sep=("[SEP]", 102), cls=("[CLS]", 101))
    >>> Sequence((ByteLevel(), bert)).num_special_tokens_to_add(is_pair=False)
    2
    """

    processors: tuple[PostProcessor, ...] = field(metadata={"read": _read_processors})

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        return sum(processor.num_special_tokens_to_add(is_pair) for processor in self.processors)

    def process_parts(
        self, parts: collections.abc.Sequence[Encoding], add_special_tokens: bool
    ) -> list[Encoding]:
        for processor in self.processors:
            parts = processor.process_parts(parts, add_special_tokens)
        return list(parts)
