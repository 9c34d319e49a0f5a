"""The stages that a text meets, and the readable way through them.

    text --added tokens--> stretches --normalizer--> --pre-tokenizer--> words --model--> tokens

Follows `TokenizerImpl::encode_single_sequence` of Hugging Face tokenizers. `batch_ids` is the fast
way through the same stages, where nobody asks for offsets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .added_tokens import AddedTokens, NumberedToken
from .aligned_text import AlignedText
from .encoding import Encoding
from .models import Model
from .pre_tokenizers import PreTokenizer

__all__ = ["Stages"]


@dataclass(frozen=True)
class Stages:
    """What a tokenizer does to one text. Never changed: a change makes new stages."""

    added_tokens: AddedTokens  # which also normalizes, since some tokens are found after that
    pre_tokenizer: PreTokenizer | None
    model: Model

    def words(self, text: str) -> Iterator[tuple[AlignedText, NumberedToken | None]]:
        """The words of `text` for the model, and the added tokens between them, in order."""
        for stretch, found in self.added_tokens.align(text):
            if found or not self.pre_tokenizer:
                yield stretch, found
            else:
                for word in self.pre_tokenizer.align(stretch):
                    yield word, None

    def encode(
        self, texts: Sequence[str], *, type_id: int = 0, is_pretokenized: bool = False
    ) -> Encoding:
        """One text, or the words that somebody has cut it into, without special tokens.

        Offsets count the code points of the text, or of each word.
        """
        ids: list[int] = []
        tokens: list[str] = []
        offsets: list[tuple[int, int]] = []
        word_ids: list[int | None] = []
        for text_index, text in enumerate(texts):
            for word_index, (word, found) in enumerate(self.words(text)):
                before = len(ids)
                if found:
                    ids.append(found.id)
                    tokens.append(word.text)
                    offsets.append(word.span(0, len(word)))
                else:
                    for token in self.model.tokenize(word.text):
                        ids.append(token.id)
                        tokens.append(token.value)
                        offsets.append(word.span(token.start, token.stop))
                word_id = text_index if is_pretokenized else word_index
                word_ids += [word_id] * (len(ids) - before)
        return Encoding(
            ids=ids,
            type_ids=[type_id] * len(ids),
            tokens=tokens,
            offsets=offsets,
            word_ids=word_ids,
            special_tokens_mask=[0] * len(ids),
            attention_mask=[1] * len(ids),
        )
