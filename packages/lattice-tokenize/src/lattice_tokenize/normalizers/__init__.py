"""Text -> normalized text: the kinds of normalizers that `tokenizer.json` may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..component import read_component
from ..errors import TokenizerFileError
from ..kinds import Kinds
from .normalizer import Normalizer

if TYPE_CHECKING:
    from .bert import BertNormalizer
    from .byte_level import ByteLevel
    from .case import Lowercase
    from .nmt import Nmt
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

NORMALIZERS = Kinds(
    __name__,
    {
        "BertNormalizer": "bert",
        "Strip": "strip",
        "StripAccents": "strip",
        "NFC": "unicode_forms",
        "NFD": "unicode_forms",
        "NFKC": "unicode_forms",
        "NFKD": "unicode_forms",
        "Sequence": "sequence",
        "Lowercase": "case",
        "Nmt": "nmt",
        "Precompiled": "precompiled",
        "Replace": "replace",
        "Prepend": "prepend",
        "ByteLevel": "byte_level",
    },
)


def __getattr__(name: str) -> type:
    return NORMALIZERS.attribute(name)


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
