"""Text -> the same text in a normalization form of Unicode.

Follows `NFC`, `NFD`, `NFKC` and `NFKD` of Hugging Face tokenizers, whose Unicode is version 9 (see
`decomposition.py`). The plain way asks Python's `unicodedata` for everything but two things:
characters newer than the oracle's tables are kept from it, and so are long runs of marks, which
it sorts in quadratic time.
"""

from __future__ import annotations

import unicodedata

from ..aligned_text import AlignedText
from ..component import OptionlessComponent
from . import normalization_tables
from .candidate_search import candidates
from .decomposition import NEWER, Form, form_changes
from .normalizer import Normalizer

__all__ = ["NFC", "NFD", "NFKC", "NFKD"]

_LONG_RUN = 64
_MARKS = f"{normalization_tables.NONSTARTERS} {normalization_tables.NEWER}"


def _normalize(form: Form, text: str) -> str:
    if text.isascii():
        return text
    if len(text) > _LONG_RUN and candidates(_MARKS, at_least=_LONG_RUN).search(text):
        return "".join([character for character, _ in form_changes(form, text)])
    # true for all that is normalized in a later age, is true in an earlier one
    if unicodedata.is_normalized(form, text):
        return text
    if not candidates(normalization_tables.NEWER).search(text):
        return unicodedata.normalize(form, text)
    newer = {character for character in set(text) if ord(character) in NEWER}
    if not newer:
        return unicodedata.normalize(form, text)
    # nothing passes or joins a newer character, so the stretches between them are on their own
    pieces: list[str] = []
    done = 0
    for place in [place for place, character in enumerate(text) if character in newer]:
        pieces += (unicodedata.normalize(form, text[done:place]), text[place])
        done = place + 1
    pieces.append(unicodedata.normalize(form, text[done:]))
    return "".join(pieces)


def _align(form: Form, text: AlignedText) -> AlignedText:
    if _normalize(form, text.text) == text.text:
        return text
    return text.transformed(form_changes(form, text.text))


class NFC(Normalizer, OptionlessComponent):
    """Canonical composition.

    >>> NFC()("e\\u0301") == "\\xe9"
    True
    """

    def __call__(self, text: str) -> str:
        return _normalize("NFC", text)

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from."""
        return _align("NFC", text)


class NFD(Normalizer, OptionlessComponent):
    """Canonical decomposition.

    >>> [f"{ord(c):X}" for c in NFD()("が")]
    ['304B', '3099']
    """

    def __call__(self, text: str) -> str:
        return _normalize("NFD", text)

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from."""
        return _align("NFD", text)


class NFKC(Normalizer, OptionlessComponent):
    """Compatible composition.

    >>> NFKC()("ﬁ ｶﾞ ①")
    'fi ガ 1'
    """

    def __call__(self, text: str) -> str:
        return _normalize("NFKC", text)

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from."""
        return _align("NFKC", text)


class NFKD(Normalizer, OptionlessComponent):
    """Compatible decomposition.

    >>> [f"{ord(c):X}" for c in NFKD()("ẛ")]
    ['73', '307']
    """

    def __call__(self, text: str) -> str:
        return _normalize("NFKD", text)

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from."""
        return _align("NFKD", text)
