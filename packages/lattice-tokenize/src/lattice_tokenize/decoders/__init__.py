"""Tokens -> text."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..component import read_component
from ..decode_stream import DecodeStream
from ..kinds import Kinds
from .decoder import Decoder
from .metaspace import without_old_fields

if TYPE_CHECKING:
    from .bpe import BPEDecoder
    from .byte_fallback import ByteFallback
    from .byte_level import ByteLevel
    from .ctc import CTC
    from .fuse import Fuse
    from .metaspace import Metaspace
    from .replace import Replace
    from .sequence import Sequence
    from .strip import Strip
    from .wordpiece import WordPiece

__all__ = [
    "CTC",
    "BPEDecoder",
    "ByteFallback",
    "ByteLevel",
    "DecodeStream",
    "Decoder",
    "Fuse",
    "Metaspace",
    "Replace",
    "Sequence",
    "Strip",
    "WordPiece",
    "read_decoder",
]

_KINDS = Kinds(
    __name__,
    {
        "BPEDecoder": "bpe",
        "ByteFallback": "byte_fallback",
        "ByteLevel": "byte_level",
        "CTC": "ctc",
        "Fuse": "fuse",
        "Metaspace": "metaspace",
        "Replace": "replace",
        "Sequence": "sequence",
        "Strip": "strip",
        "WordPiece": "wordpiece",
    },
)


def __getattr__(name: str) -> type:
    return _KINDS.attribute(name)


def read_decoder(value: object, path: str) -> Decoder | None:
    """The decoder at `path` of `tokenizer.json`, or `None`.

    >>> read_decoder({"type": "BPEDecoder", "suffix": "</w>"}, "decoder")
    BPEDecoder(suffix='</w>')
    """
    if value is None:
        return None
    if isinstance(value, dict) and value.get("type") == "Metaspace":
        value = without_old_fields(value, path)
    return cast(Decoder, read_component(value, path, _KINDS))
