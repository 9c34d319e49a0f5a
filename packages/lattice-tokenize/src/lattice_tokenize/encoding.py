"""What `Tokenizer.encode` returns: one sequence of tokens, as parallel lists.

Follows `Encoding` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Encoding"]


@dataclass(frozen=True)
class Encoding:
    """`t` tokens of one text or one pair of texts, padding included if it is enabled.

    `ids`: of the vocabulary. `tokens`: their spellings; of an added token,
    what it took from the text. `type_ids`: 0 for the first text, 1 for
    the second, as the template says. `attention_mask`: 0 where a token is padding.
    `special_tokens_mask`: 1 where the template or the padding put a token.
    """

    ids: list[int]
    type_ids: list[int]
    tokens: list[str]
    attention_mask: list[int]
    special_tokens_mask: list[int]

    def __len__(self) -> int:
        return len(self.ids)
