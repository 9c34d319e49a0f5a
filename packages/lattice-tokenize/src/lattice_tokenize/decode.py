"""Tokens -> text.

Follows the `WordPiece` decoder of Hugging Face tokenizers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["WordPieceDecoder"]

# What `cleanup` writes instead, applied to each token in this order.
_CLEANUPS = (
    (" .", "."),
    (" ?", "?"),
    (" !", "!"),
    (" ,", ","),
    (" ' ", "'"),
    (" n't", "n't"),
    (" 'm", "'m"),
    (" do not", " don't"),
    (" 's", "'s"),
    (" 've", "'ve"),
    (" 're", "'re"),
)


@dataclass(frozen=True)
class WordPieceDecoder:
    """Glues continued pieces to their word, and puts spaces between words.

    >>> WordPieceDecoder(prefix="##", cleanup=True)(["token", "##izer", "##s", "!"])
    'tokenizers!'
    """

    prefix: str
    cleanup: bool

    def __call__(self, tokens: Iterable[str]) -> str:
        return "".join(self._part(token, index) for index, token in enumerate(tokens))

    def _part(self, token: str, index: int) -> str:
        if index:
            # a token that is not continued starts a new word
            continued = token.startswith(self.prefix)
            token = token.replace(self.prefix, "", 1) if continued else f" {token}"
        if self.cleanup:
            for written, wanted in _CLEANUPS:
                token = token.replace(written, wanted)
        return token
