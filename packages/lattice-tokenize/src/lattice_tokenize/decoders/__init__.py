"""Tokens -> text."""

from __future__ import annotations

from typing import cast

from ..component import read_component
from .bpe import BPEDecoder
from .byte_fallback import ByteFallback
from .byte_level import ByteLevel
from .ctc import CTC
from .decoder import Decoder
from .fuse import Fuse
from .metaspace import Metaspace, without_old_fields
from .replace import Replace
from .sequence import Sequence
from .strip import Strip
from .wordpiece import WordPiece

__all__ = [
    "CTC",
    "BPEDecoder",
    "ByteFallback",
    "ByteLevel",
    "Decoder",
    "Fuse",
    "Metaspace",
    "Replace",
    "Sequence",
    "Strip",
    "WordPiece",
    "read_decoder",
]

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        *(BPEDecoder, ByteFallback, ByteLevel, CTC, Fuse),
        *(Metaspace, Replace, Sequence, Strip, WordPiece),
    )
}


def read_decoder(value: object, path: str) -> Decoder | None:
    """The decoder at `path` of `tokenizer.json`, or `None`.

    >>> read_decoder({"type": "BPEDecoder", "suffix": "</w>"}, "decoder")
    BPEDecoder(suffix='</w>')
    """
    if value is None:
        return None
    if isinstance(value, dict) and value.get("type") == Metaspace.__name__:
        value = without_old_fields(value, path)
    return cast(Decoder, read_component(value, path, _KINDS))
