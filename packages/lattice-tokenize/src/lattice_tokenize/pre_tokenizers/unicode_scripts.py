"""Text -> stretches of one script each.

Follows `UnicodeScripts` of Hugging Face tokenizers, which follows SentencePiece: kana counts as
Han, and a space fits any script, as does a character without one. Such characters stay with what is
before them; at the beginning of a text there is nothing before them, and they are dropped.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from ..aligned_text import AlignedText
from ..component import OptionlessComponent
from ..patterns.code_points import CODE_POINT_LIMIT, CodePoints
from . import pre_tokenizer_tables as tables
from .pre_tokenizer import PreTokenizer

__all__ = ["UnicodeScripts"]

_ANY = 0
_REST = 1


@cache
def _scripts() -> npt.NDArray[np.uint8]:
    """The number of every code point's script, uint8 (0x110000,)."""
    numbers = np.full(CODE_POINT_LIMIT, _REST, np.uint8)
    groups = [tables.ANY_SCRIPT, *tables.SCRIPTS.split(", ")]
    for number, group in zip([_ANY, *range(_REST + 1, 255)], groups, strict=False):
        edges = CodePoints.written(group).edges
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            numbers[first:end] = number
    return numbers


class UnicodeScripts(PreTokenizer, OptionlessComponent):
    """Cuts where the script changes.

    >>> UnicodeScripts()("Apples are りんご。")
    ['Apples are ', 'りんご', '。']
    """

    def __call__(self, text: str) -> list[str]:
        return [text[start:stop] for start, stop in self._stretches(text)]

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        return [text.slice(*stretch) for stretch in self._stretches(text.text)]

    def _stretches(self, text: str) -> list[tuple[int, int]]:
        code_points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        scripts = _scripts()[code_points]  # uint8 (characters,)
        places = np.flatnonzero(scripts != _ANY)
        changes = np.diff(scripts[places], prepend=np.uint8(_ANY)) != 0
        begins = places[changes].tolist()
        return list(zip(begins, [*begins[1:], len(text)], strict=False))
