"""Tokens -> tokens in which what a pattern matches is replaced.

Follows the decoder `Replace` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..patterns.pattern import Pattern
from .decoder import Decoder

__all__ = ["Replace"]


@dataclass(frozen=True)
class Replace(Decoder):
    """`content` is put in as it stands; it has no groups.

    >>> from lattice_tokenize.patterns.pattern import Pattern
    >>> Replace(Pattern.from_json({"String": "▁"}, "pattern"), " ").decode(["▁a", "▁b"])
    ' a b'
    """

    pattern: Pattern = field(metadata={"read": Pattern.from_json})
    content: str

    def decode_chain(self, tokens: list[str]) -> list[str]:
        return list(map(self._replaced, tokens))

    def _replaced(self, token: str) -> str:
        pieces: list[str] = []
        done = 0
        for start, stop in self.pattern.spans(token):
            pieces += (token[done:start], self.content)
            done = stop
        return "".join(pieces) + token[done:]
