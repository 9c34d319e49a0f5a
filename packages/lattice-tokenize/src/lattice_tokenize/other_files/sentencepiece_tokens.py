"""A `SentencePieceModel` and a configuration -> the tokens that the classes of transformers add."""

from __future__ import annotations

from .sentencepiece_model import PieceType, SentencePieceModel
from .tokenizer_config import ConfigToken, TokenizerConfig

__all__ = ["named_token", "own_tokens"]


def own_tokens(model: SentencePieceModel) -> list[ConfigToken]:
    """The control pieces and the user-defined pieces, as the tokens they become."""
    return [
        ConfigToken(piece.text, normalized=False, special=piece.type is PieceType.CONTROL)
        for _, piece in model.of_type(PieceType.CONTROL, PieceType.USER_DEFINED)
    ]


def named_token(config: TokenizerConfig, name: str, default: str) -> str:
    """What `config` has for the special token of that name, else `default`."""
    token = config.named.get(name)
    return token.content if token else default
