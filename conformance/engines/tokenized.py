"""A tokenizer with the interface of `tokenizers.Tokenizer`, and an input -> an answer."""

from __future__ import annotations

from typing import Any

__all__ = ["tokenized"]


def tokenized(tokenizer: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """`tokenizer` cuts and pads as the input wants it, but for `max_tokens`."""
    max_tokens = asked.get("max_tokens")
    if max_tokens is not None:
        tokenizer.enable_truncation(max_tokens)
    encoding = tokenizer.encode(asked["text"], asked.get("pair"))
    if max_tokens is not None:
        tokenizer.no_truncation()
    return {
        "ids": encoding.ids,
        "tokens": encoding.tokens,
        "offsets": [list(place) for place in encoding.offsets],
        "type_ids": encoding.type_ids,
        "attention_mask": encoding.attention_mask,
        "special_tokens_mask": encoding.special_tokens_mask,
        "decoded": tokenizer.decode(encoding.ids),
    }
