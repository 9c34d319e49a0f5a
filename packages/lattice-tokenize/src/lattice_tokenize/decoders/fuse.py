"""Tokens -> one string of all of them, for decoders that have to see the whole text.

Follows the decoder `Fuse` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass

from .decoder import Decoder

__all__ = ["Fuse"]


@dataclass(frozen=True)
class Fuse(Decoder):
    """
    >>> Fuse().decode_chain(["a", "b"])
    ['ab']
    """

    def decode_chain(self, tokens: list[str]) -> list[str]:
        return ["".join(tokens)]
