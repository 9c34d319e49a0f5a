"""What a speech model heard in each moment -> text.

Follows the decoder `CTC` (Connectionist Temporal Classification) of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from ..component import required
from .decoder import Decoder
from .wordpiece import clean_up

__all__ = ["CTC"]


@dataclass(frozen=True)
class CTC(Decoder):
    """A token that is repeated was heard for longer; `pad_token` stands between two that are not.

    The word delimiter becomes a space only where there is `cleanup`.

    >>> CTC().decode(["<pad>", "h", "h", "e", "l", "<pad>", "l", "o", "|", "y", "o", "u"])
    'hello you'
    """

    pad_token: str = required("<pad>")
    word_delimiter_token: str = required("|")
    cleanup: bool = required(True)

    def decode_chain(self, tokens: list[str]) -> list[str]:
        heard = (token.replace(self.pad_token, "") for token, _ in groupby(tokens))
        if self.cleanup:
            heard = (clean_up(token).replace(self.word_delimiter_token, " ") for token in heard)
        return list(filter(None, heard))
