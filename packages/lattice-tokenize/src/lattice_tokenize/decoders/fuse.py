"""Tokens -> one string of all of them, for decoders that have to see the whole text.

Follows the decoder `Fuse` of Hugging Face tokenizers.
"""

from __future__ import annotations

from ..component import OptionlessComponent
from .decoder import Decoder

__all__ = ["Fuse"]


class Fuse(Decoder, OptionlessComponent):
    """
    >>> Fuse().decode_chain(["a", "b"])
    ['ab']
    """

    def decode_chain(self, tokens: list[str]) -> list[str]:
        return ["".join(tokens)]
