"""What every post-processor is: encodings of one or two texts -> the sequence for the model.

Follows `PostProcessor` of Hugging Face tokenizers. A post-processor takes a list of parts and
gives a list of parts, so that several can follow one another; the parts are joined in the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..encoding import Encoding

__all__ = ["PostProcessor", "join_default"]


class PostProcessor(Protocol):
    """Puts special tokens around texts, says what type they are, trims offsets."""

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """How many tokens truncation has to leave room for."""

    def process_parts(self, parts: Sequence[Encoding], add_special_tokens: bool) -> list[Encoding]:
        """One step. The parts that come in are not changed."""

    def process(
        self, encoding: Encoding, pair: Encoding | None = None, add_special_tokens: bool = True
    ) -> Encoding:
        """The sequence of one or two texts, as an encoding of its own."""
        texts = (encoding,) if pair is None else (encoding, pair)
        parts = [
            text.replaced(
                type_ids=[index] * len(text),
                overflowing=[part.of_sequence(index) for part in text.overflowing],
            ).of_sequence(index)
            for index, text in enumerate(texts)
        ]
        return Encoding.merge(self.process_parts(parts, add_special_tokens), growing_offsets=False)


def join_default(encoding: Encoding, pair: Encoding | None = None) -> Encoding:
    """The sequence of one or two texts where there is no post-processor.

    >>> join_default(Encoding([5]), Encoding([6], type_ids=[1])).sequence_ids
    [0, 1]
    """
    # a text alone is not told that it is the first: all of its tokens belong to it anyway
    parts = [encoding] if pair is None else [encoding.of_sequence(0), pair.of_sequence(1)]
    return Encoding.merge(parts, growing_offsets=False)
