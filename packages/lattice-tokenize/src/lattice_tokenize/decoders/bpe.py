"""Tokens whose suffix ends words -> words with spaces between them.

Follows `BPEDecoder` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..component import required
from .decoder import Decoder

__all__ = ["BPEDecoder"]


@dataclass(frozen=True)
class BPEDecoder(Decoder):
    """The suffix becomes a space, in the last token nothing.

    >>> BPEDecoder().decode(["Hel", "lo</w>", "world</w>"])
    'Hello world'
    """

    suffix: str = required("</w>")

    def decode_chain(self, tokens: list[str]) -> list[str]:
        return [token.replace(self.suffix, " ") for token in tokens[:-1]] + [
            token.replace(self.suffix, "") for token in tokens[-1:]
        ]
