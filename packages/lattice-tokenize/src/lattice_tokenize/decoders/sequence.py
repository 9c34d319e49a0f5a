"""Decoders, one after the other.

Follows the decoder `Sequence` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import TokenizerFileError
from .decoder import Decoder

__all__ = ["Sequence"]


def _read_decoders(value: object, path: str) -> tuple[Decoder, ...]:
    from . import read_decoder  # which reads this kind too

    if not isinstance(value, list):
        raise TokenizerFileError(path, "a list", repr(value))
    decoders = []
    for index, item in enumerate(value):
        decoder = read_decoder(item, f"{path}[{index}]")
        if decoder is None:
            raise TokenizerFileError(f"{path}[{index}]", "an object", "null")
        decoders.append(decoder)
    return tuple(decoders)


@dataclass(frozen=True)
class Sequence(Decoder):
    """Each is given what the one before has made.

    >>> from lattice_tokenize.decoders import ByteFallback, Fuse, Strip
    >>> Sequence((ByteFallback(), Fuse(), Strip(" ", start=1))).decode([" a", " ", "<0x21>"])
    'a !'
    """

    decoders: tuple[Decoder, ...] = field(metadata={"read": _read_decoders})

    def decode_chain(self, tokens: list[str]) -> list[str]:
        for decoder in self.decoders:
            tokens = decoder.decode_chain(tokens)
        return tokens
