"""Tokens in the byte alphabet -> the text that their bytes spell.

Follows the decoder `ByteLevel` of Hugging Face tokenizers.
"""

from __future__ import annotations

from codecs import charmap_encode
from dataclasses import dataclass

from ..byte_alphabet import CHARACTER_TO_BYTE
from ..component import required
from .decoder import Decoder

__all__ = ["ByteLevel"]

_BYTE_OF = {ord(character): byte for character, byte in CHARACTER_TO_BYTE.items()}


def _bytes_of(token: str) -> bytes:
    try:
        return charmap_encode(token, "strict", _BYTE_OF)[0]
    except UnicodeEncodeError:  # one character that stands for no byte: all of the token is text
        return token.encode()


@dataclass(frozen=True)
class ByteLevel(Decoder):
    """Bytes that are no UTF-8 become U+FFFD. The fields belong to the format; none matters here.

    >>> ByteLevel().decode(["Ġcaf", "Ã", "©"])
    ' café'
    """

    add_prefix_space: bool = required(True)
    trim_offsets: bool = required(True)
    use_regex: bool = True

    def decode_chain(self, tokens: list[str]) -> list[str]:
        return [b"".join(map(_bytes_of, tokens)).decode("utf-8", "replace")]
