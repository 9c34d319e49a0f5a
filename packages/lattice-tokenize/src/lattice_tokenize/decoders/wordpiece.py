"""Pieces of words -> words with spaces between them.

Follows the decoder `WordPiece` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..component import required
from .decoder import Decoder

__all__ = ["WordPiece", "clean_up"]

# What is written instead, in this order.
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


def clean_up(text: str) -> str:
    """No spaces before punctuation and English endings.

    >>> clean_up("do not , I 'm") + clean_up(" n't")
    "do not, I'mn't"
    """
    if " " in text:
        for written, wanted in _CLEANUPS:
            text = text.replace(written, wanted)
    return text


@dataclass(frozen=True)
class WordPiece(Decoder):
    """Glues continued pieces to their word; `cleanup` is applied to each piece by itself.

    >>> WordPiece().decode(["token", "##izer", "##s", "!"])
    'tokenizers!'
    """

    prefix: str = required("##")
    cleanup: bool = required(True)

    def decode_chain(self, tokens: list[str]) -> list[str]:
        pieces = [
            token[len(self.prefix) :] if token.startswith(self.prefix) else f" {token}"
            for token in tokens[1:]
        ]
        pieces = tokens[:1] + pieces  # the first is not glued to anything
        return list(map(clean_up, pieces)) if self.cleanup else pieces
