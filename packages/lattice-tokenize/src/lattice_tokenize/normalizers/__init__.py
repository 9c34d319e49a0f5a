"""Text -> normalized text: the kinds of normalizers that `tokenizer.json` may name."""

from __future__ import annotations

from collections.abc import Mapping

from ..component import read_component
from ..errors import TokenizerFileError
from .bert import BertNormalizer
from .byte_level import ByteLevel
from .case import Lowercase
from .charsmap import Charsmap
from .nmt import Nmt
from .normalizer import Normalizer
from .precompiled import Precompiled
from .prepend import Prepend
from .replace import Replace
from .sequence import Sequence
from .strip import Strip, StripAccents
from .unicode_forms import NFC, NFD, NFKC, NFKD

__all__ = [
    "NFC",
    "NFD",
    "NFKC",
    "NFKD",
    "NORMALIZERS",
    "BertNormalizer",
    "ByteLevel",
    "Charsmap",
    "Lowercase",
    "Nmt",
    "Normalizer",
    "Precompiled",
    "Prepend",
    "Replace",
    "Sequence",
    "Strip",
    "StripAccents",
    "read_normalizer",
    "read_normalizers",
]

NORMALIZERS: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        BertNormalizer,
        Strip,
        StripAccents,
        NFC,
        NFD,
        NFKC,
        NFKD,
        Sequence,
        Lowercase,
        Nmt,
        Precompiled,
        Replace,
        Prepend,
        ByteLevel,
    )
}


def read_normalizer(value: object, path: str) -> Normalizer | None:
    """The normalizer at `path` of the file, or None where it is null.

    >>> read_normalizer({"type": "Prepend", "prepend": "▁"}, "normalizer")
    Prepend(prepend='▁')
    """
    if value is None:
        return None
    normalizer: Normalizer = read_component(value, path, NORMALIZERS)
    return normalizer


def read_normalizers(value: object, path: str) -> tuple[Normalizer, ...]:
    """The list of normalizers at `path` of the file."""
    if not isinstance(value, list):
        raise TokenizerFileError(path, "a list", type(value).__name__)
    return tuple(
        read_component(item, f"{path}[{index}]", NORMALIZERS) for index, item in enumerate(value)
    )
