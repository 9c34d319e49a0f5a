"""Where a text may be cut into parts before anything else happens to it.

What texts are made of comes again and again, so `batch_ids` remembers the ids of parts. That is
only right where the stages give the same ids for the parts, one after the other, as for the whole.

Each code point is of a *kind*, and a table says between which two kinds a text may be cut. It holds
what the pre-tokenizer always does there, whatever stands around: white space that is dropped, marks
that are set apart, pairs that a pattern never matches in one piece (`patterns/neighbours.py`).

Normalizers come before that. Those that are known here change one character at a time, or one with
the marks behind it; so nothing is cut before a mark, nor next to what may vanish. Whether the ends
of a part are still as good as they were is looked at when it is first met (`PartCut.are_as_good`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import unicode_tables
from .component import flattened, kind_of
from .flat_texts import FlatTexts
from .neighbour_cut import NeighbourCut, joined_cuts, kinds_of_sets, neighbour_cut, numbered
from .normalizers import Normalizer, normalization_tables
from .patterns.code_points import CODE_POINT_LIMIT, CodePoints
from .pre_tokenizers import PreTokenizer
from .ragged import looked_up

__all__ = ["PartCut", "part_cut"]

Kinds = NDArray[np.uint8]
Booleans = NDArray[np.bool_]

# normalizers that change one character at a time, or one with the marks behind it
_LOCAL_NORMALIZERS = frozenset(
    ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "BertNormalizer", "Precompiled")
)
# vowels and final consonants of Korean, which compose with what stands before
_JAMO = CodePoints.ranges([(0x1160, 0x11FF), (0xD7B0, 0xD7FF)])
# what a code point is besides its kind
_ROLES: Final = range(5)
_PLAIN, _NEVER, _MARK, _SPACE, _LINE = _ROLES
_MAX_KINDS = 255


@dataclass(frozen=True, eq=False)
class PartCut:
    """`kinds` uint8 `(0x110000,)`: that of each code point; `K` of them in all.

    `may` bool `(K, K)`: between which two the pre-tokenizer always cuts; `between`: and where a
    text is cut. `blank`, `solid` bool `(K,)`: between a blank and a space it is cut if something
    solid comes third, which is no blank and becomes none. So a space goes with the word behind it.
    `reaches_over`: whether the normalizer would join the ends of a part with a space next to it;
    then it may not stand alone.
    """

    kinds: Kinds
    may: Booleans
    between: Booleans
    blank: Booleans
    solid: Booleans
    reaches_over: Callable[[str], bool] | None = None

    def begins(self, codes: NDArray[np.uint32], starts: NDArray[np.int64]) -> Booleans:
        """Where parts begin: bool `(N,)` for the code points `(N,)` of texts, one after the other.

        `starts`: where each text begins.
        """
        kinds = looked_up(self.kinds, codes)
        size = len(self.between)
        pair = np.uint8 if size * size <= 256 else np.uint16
        pairs = kinds[:-1].astype(pair)
        pairs *= pair(size)
        pairs += kinds[1:]
        begins = np.ones(len(codes), np.bool_)
        begins[1:] = looked_up(self.between.reshape(-1), pairs)
        if self._has_blanks:
            is_last = codes[1:-1] == ord(" ")
            is_last &= looked_up(self.blank, kinds[:-2])
            is_last &= looked_up(self.solid, kinds[2:])
            is_last[starts[starts > 1] - 2] = False  # what comes third is of another text
            begins[1:-1] |= is_last
        begins[starts] = True
        return begins

    @cached_property
    def _has_blanks(self) -> bool:
        return bool(self.blank.any())

    def may_follow(self, before: str, behind: str) -> bool:
        """Whether there is a cut between two texts, none empty."""
        return bool(self.may[self.kinds[ord(before[-1])], self.kinds[ord(behind[0])]])

    def are_as_good(self, parts: FlatTexts, normalized: FlatTexts) -> Booleans:
        """Whether the ends of each part, once normalized, still keep away from any neighbour."""
        kinds, (as_first, as_last) = self.kinds, self._as_good
        first = parts.letters(0)
        good = normalized.lengths > 0
        good &= as_first[kinds.take(first), kinds.take(normalized.letters(0))]
        good &= as_last[kinds.take(parts.letters(-1)), kinds.take(normalized.letters(-1))]
        # a space that was the last blank still is
        if self._has_blanks:
            good &= (first != ord(" ")) | (self._solid(parts) == self._solid(normalized))
        return good

    def _solid(self, texts: FlatTexts) -> Booleans:
        """Whether something solid comes second."""
        is_solid: Booleans = self.solid.take(self.kinds.take(texts.letters(1)))
        return is_solid & (texts.lengths > 1)

    @cached_property
    def _as_good(self) -> tuple[Booleans, Booleans]:
        """For kinds a and b, as first and as last of a part: whether b keeps away from all that a
        is cut from."""
        first = ~(self.between.T[:, None] & ~self.may.T[None]).any(axis=2)
        last = ~(self.between[:, None] & ~self.may[None]).any(axis=2)
        last &= ~(self.blank[:, None] & ~self.blank)
        return first, last


def part_cut(
    normalizer: Normalizer | None,
    pre_tokenizer: PreTokenizer | None,
    spellings: Iterable[str] = (),
) -> PartCut | None:
    """Where texts may be cut before these stages, or `None` where nothing has been shown.

    `spellings`: added tokens that are looked for in the normalized text; none of them is cut.
    """
    if pre_tokenizer is None or pre_tokenizer.elsewhere is not pre_tokenizer:
        return None  # or it matters to the first word that it is the first
    normalizers = {kind_of(part): part for part in flattened(normalizer)}
    if not _LOCAL_NORMALIZERS.issuperset(normalizers):
        return None
    total: NeighbourCut | None = None
    for part in flattened(pre_tokenizer):
        step = neighbour_cut(part)
        if step is None:
            break
        total = step if total is None else joined_cuts(total, step)
        if not step.local:
            break
    if total is None:
        return None
    spellings = tuple(spellings)
    made = [normalizer(chr(code)) if normalizer else chr(code) for code in range(128)]
    kinds, roles = _with_normalizers(total.kinds.astype(np.int32), made, normalizers)
    numbers, used = numbered(kinds * len(_ROLES) + roles)
    step_kind, role_of = used // len(_ROLES), used % len(_ROLES)
    may = total.may[np.ix_(step_kind, step_kind)]
    may[role_of == _NEVER] = False
    may[:, (role_of == _NEVER) | (role_of == _MARK)] = False
    pairs = {pair for spelling in spellings for pair in pairwise(spelling)}
    # a character, and what becomes that
    sources = {
        character: [ord(character), *(code for code in range(128) if made[code] == character)]
        for character in {character for pair in pairs for character in pair}
    }
    for first, second in pairs:
        may[np.ix_(numbers[sources[first]], numbers[sources[second]])] = False
    between = may.copy()
    blank = total.blank[step_kind] & (role_of != _NEVER)
    solid = ~total.blank[step_kind] & (role_of != _NEVER)
    if any(second == " " for spelling in spellings for second in spelling[1:]):
        blank[:] = False  # a cut before the last space of several would cut that spelling
    precompiled = normalizers.get("Precompiled")
    if precompiled is not None:
        # it works on graphemes: they end at a line feed, and before a space but for `reaches_over`
        between &= ((role_of == _SPACE) | (role_of == _LINE)) | (role_of == _LINE)[:, None]
    between[np.ix_(role_of == _SPACE, role_of != _SPACE)] = False
    columns = (may, may.T, between, between.T, blank[:, None], solid[:, None])
    merged, examples = _merged(np.concatenate(columns, axis=1))
    if len(examples) > _MAX_KINDS:
        return None
    return PartCut(
        merged.astype(np.uint8).take(numbers),
        may[np.ix_(examples, examples)],
        between[np.ix_(examples, examples)],
        blank[examples],
        solid[examples],
        precompiled.reaches_over if precompiled is not None else None,
    )


def _with_normalizers(
    kinds: NDArray[np.int32], made: Sequence[str], normalizers: Mapping[str, Any]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The kind of each code point by what it is normalized to, as far as that is known, and its
    role. `made`: what becomes of ASCII."""
    roles = np.zeros(CODE_POINT_LIMIT, np.int32)
    kinds[:128] = [kinds[ord(text)] if len(text) == 1 else 0 for text in made]
    roles[:128] = [_PLAIN if len(text) == 1 else _NEVER for text in made]
    marks = (normalization_tables.NONSTARTERS, normalization_tables.COMBINING)
    for points in (_JAMO, *map(CodePoints.written, marks)):
        roles[kinds_of_sets(points) == 1] = _MARK
    bert = normalizers.get("BertNormalizer")
    if bert is not None and bert.clean_text:
        roles[kinds_of_sets(CodePoints.written(unicode_tables.REMOVED)) == 1] = _NEVER
    if bert is not None and bert.handle_chinese_chars:  # which puts a space on both sides of them
        kinds[kinds_of_sets(CodePoints.written(unicode_tables.CHINESE)) == 1] = kinds[ord(" ")]
    if "Precompiled" in normalizers:
        roles[ord("\r")] = _NEVER  # one grapheme with a line feed
        for code in map(ord, "\n\t"):
            roles[code] = roles[code] or _LINE
    roles[ord(" ")] = roles[ord(" ")] or _SPACE
    return kinds, roles


def _merged(table: Booleans) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that are equal, made one: the new number of each, and an old number for each new."""
    _, examples, numbers = np.unique(table, axis=0, return_index=True, return_inverse=True)
    return numbers.reshape(-1), examples
