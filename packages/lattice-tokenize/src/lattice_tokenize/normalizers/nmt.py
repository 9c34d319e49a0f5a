"""Text -> text without control characters, and with a space for each unusual white space.

Follows `Nmt` of Hugging Face tokenizers, a selection of characters made for machine translation:
of C1 only U+008F and U+009F go, U+2581 becomes a space, U+00A0 and U+3000 stay.
"""

from __future__ import annotations

import re

from ..aligned_text import AlignedText
from ..component import OptionlessComponent
from .normalizer import Normalizer

__all__ = ["Nmt"]

_REMOVED = "\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f"
_SPACES = "\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd"
_removed = re.compile(f"[{_REMOVED}]")
_spaces = re.compile(f"[{_SPACES}]")


class Nmt(Normalizer, OptionlessComponent):
    """The clean-up of the `nmt` rules of sentencepiece.

    >>> Nmt()("two\\tlines\\r\\n\\u200band\\x07 a bell")
    'two lines   and a bell'
    """

    def __call__(self, text: str) -> str:
        return _spaces.sub(" ", _removed.sub("", text))

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from."""
        if _removed.search(text.text):
            kept = [i for i, character in enumerate(text.text) if not _removed.match(character)]
            text = text.kept(kept)
        return text.mapped(_spaces.sub(" ", text.text))
