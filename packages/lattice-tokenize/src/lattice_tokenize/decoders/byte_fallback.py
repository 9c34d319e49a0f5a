"""Tokens such as `<0xE2>` -> the text that a run of them spells in UTF-8.

Follows the decoder `ByteFallback` of Hugging Face tokenizers.
"""

from __future__ import annotations

from itertools import groupby

from ..component import OptionlessComponent
from .decoder import Decoder

__all__ = ["ByteFallback"]

_DIGITS = "0123456789ABCDEFabcdef"
# 256 bytes, digits of either case; Rust's number parser, which the oracle uses, takes "+F" too
_BYTE_OF = {
    f"<0x{first}{second}>": int(f"{first}{second}", 16)
    for first in (*_DIGITS, "+")
    for second in _DIGITS
}


def _text_of(tokens: list[str]) -> list[str]:
    try:
        return [bytes(map(_BYTE_OF.__getitem__, tokens)).decode()]
    except UnicodeDecodeError:
        return ["\ufffd"] * len(tokens)


class ByteFallback(Decoder, OptionlessComponent):
    """A run that is no UTF-8 becomes U+FFFD for each of its bytes, even for those that are ASCII.

    >>> ByteFallback().decode(["a", "<0xC3>", "<0xA9>", "<0x41>", "b", "<0xC3>", "<0x41>"])
    'aéAb��'
    """

    def decode_chain(self, tokens: list[str]) -> list[str]:
        pieces: list[str] = []
        for is_bytes, group in groupby(tokens, _BYTE_OF.__contains__):
            run = list(group)
            pieces += _text_of(run) if is_bytes else run
        return pieces
