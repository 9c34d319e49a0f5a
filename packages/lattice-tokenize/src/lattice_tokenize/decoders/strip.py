"""Tokens -> tokens without some of the characters at their ends.

Follows the decoder `Strip` of Hugging Face tokenizers. Differs on purpose: where a token has fewer
characters than are to go, which crashes there, nothing of it is left.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..component import required
from .decoder import Decoder, read_character

__all__ = ["Strip"]


@dataclass(frozen=True)
class Strip(Decoder):
    """At most `start` times `content` goes from the beginning of a token, `stop` from its end.

    >>> Strip(" ", start=1, stop=0).decode_chain(["  a", "b"])
    [' a', 'b']
    """

    content: str = required(" ", read=read_character)
    start: int = required(0)
    stop: int = required(0)

    def decode_chain(self, tokens: list[str]) -> list[str]:
        return list(map(self._stripped, tokens))

    def _stripped(self, token: str) -> str:
        start = min(len(token) - len(token.lstrip(self.content)), self.start)
        stop = min(len(token) - len(token.rstrip(self.content)), self.stop)
        return token[start : len(token) - stop]
