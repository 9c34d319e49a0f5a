"""Where a text may be cut into parts before anything else happens to it.

What texts are made of comes again and again, so `batch_ids` remembers the ids of parts. That is
only right where the stages give the same ids for the parts, one after the other, as for the whole.

Each code point is of a *kind*, and a table says between which two kinds a text may be cut. It holds
what the pre-tokenizer always does there, whatever stands around: white space that is dropped, marks
that are set apart, pairs that a pattern never matches in one piece (`patterns/neighbours.py`).

Normalizers come before that. Those that are known here change one character at a time, or one with
the marks behind it; so nothing is cut before a mark, nor next to what may vanish. Whether the ends
of a part are still as good as they were is looked at when it is first met (`may_stand_alone`).
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
from .normalizers import Normalizer, normalization_tables
from .patterns.code_points import CODE_POINT_LIMIT, CodePoints
from .pre_tokenizers import PreTokenizer

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
    text is cut. `blank` bool `(K,)`: between one of these and a space it is cut if none of them
    comes third. So a space goes with the word behind it. `reaches_over`: whether the
    normalizer would join the ends of a part with a space next to it; then it may not stand alone.
    `odd_ascii`: what is not normalized to one character, whatever stands beside it.
    """

    kinds: Kinds
    may: Booleans
    between: Booleans
    blank: Booleans
    reaches_over: Callable[[str], bool] | None = None
    odd_ascii: frozenset[str] = frozenset()

    def begins(self, codes: NDArray[np.uint32], starts: NDArray[np.int64]) -> Booleans:
        """Where parts begin: bool `(N,)` for the code points `(N,)` of texts, one after the other.

        `starts`: where each text begins.
        """
        kinds = self.kinds.take(codes)
        size = len(self.between)
        pair = np.uint8 if size * size <= 256 else np.uint16
        pairs = kinds[:-1].astype(pair)
        pairs *= pair(size)
        pairs += kinds[1:]
        begins = np.ones(len(codes), np.bool_)
        np.take(self.between.reshape(-1), pairs, out=begins[1:], mode="clip")
        if self._has_blanks:
            blank = self.blank.take(kinds)
            is_last = (codes[1:-1] == ord(" ")) & blank[:-2] & ~blank[2:]
            is_last[starts[starts > 1] - 2] = False  # what comes third is of another text
            begins[1:-1] |= is_last
        begins[starts] = True
        return begins

    @cached_property
    def _has_blanks(self) -> bool:
        return bool(self.blank.any())

    def is_as_good(self, part: str, normalized: str) -> bool:
        """Whether the ends of a part, once normalized, still keep away from any neighbour."""
        if part == normalized:
            return True
        if not normalized:
            return False
        kind, (as_first, as_last) = self._kind_of, self._as_good
        if not (
            as_first[kind[ord(part[0])]][kind[ord(normalized[0])]]
            and as_last[kind[ord(part[-1])]][kind[ord(normalized[-1])]]
        ):
            return False
        # a space that was the last blank still is
        return part[0] != " " or self._is_blank(part[1:2]) == self._is_blank(normalized[1:2])

    def _is_blank(self, character: str) -> bool:
        return character != "" and self._blank[self._kind_of[ord(character)]]

    @cached_property
    def _blank(self) -> list[bool]:
        kinds: list[bool] = self.blank.tolist()
        return kinds

    def may_follow(self, before: str, behind: str) -> bool:
        """Whether there is a cut between two texts, none empty."""
        kind = self._kind_of
        return self._may[kind[ord(before[-1])]][kind[ord(behind[0])]]

    @cached_property
    def _kind_of(self) -> bytes:
        return self.kinds.tobytes()

    @cached_property
    def _may(self) -> list[list[bool]]:
        rows: list[list[bool]] = self.may.tolist()
        return rows

    @cached_property
    def _as_good(self) -> tuple[list[list[bool]], list[list[bool]]]:
        """For kinds a and b, as first and as last of a part: whether b keeps away from all that a
        is cut from."""
        first = ~(self.between.T[:, None] & ~self.may.T[None]).any(axis=2)
        last = ~(self.between[:, None] & ~self.may[None]).any(axis=2)
        last &= ~(self.blank[:, None] & ~self.blank)
        return first.tolist(), last.tolist()


@dataclass(frozen=True)
class _Step:
    """What one pre-tokenizer does between two kinds of characters of its own.

    `local`: it does nothing else, so what comes after it may be cut where that always cuts.
    """

    kinds: NDArray[np.integer[Any]]  # (0x110000,)
    may: Booleans
    blank: Booleans
    local: bool


def _of_sets(*sets: CodePoints) -> NDArray[np.uint8]:
    """1 for the code points of the first set, 2 for those of the second, ..., otherwise 0."""
    kinds = np.zeros(CODE_POINT_LIMIT, np.uint8)
    for number, points in enumerate(sets, 1):
        for start, stop in points.edges.reshape(-1, 2).tolist():
            kinds[start:stop] = number
    return kinds


def _apart(kinds: NDArray[np.uint8], *, runs: Iterable[int], local: bool = True) -> _Step:
    """Cut everywhere but between two of a kind that forms `runs`."""
    size = int(kinds.max()) + 1
    may = np.ones((size, size), np.bool_)
    for kind in runs:
        may[kind, kind] = False
    return _Step(kinds, may, np.zeros(size, np.bool_), local)


def _step(step: Any) -> _Step | None:
    """What is known of a pre-tokenizer, `None` where nothing is."""
    kind = kind_of(step)
    spaces = CodePoints.written(unicode_tables.SEPARATORS)
    if kind == "WhitespaceSplit":
        return _apart(_of_sets(spaces), runs=[0])
    if kind == "BertPreTokenizer":
        marks = CodePoints.written(unicode_tables.PUNCTUATION)
        return _apart(_of_sets(marks, spaces), runs=[0])
    if kind == "Punctuation" and step.behavior == "Isolated":
        return _apart(_of_sets(CodePoints.written(unicode_tables.PUNCTUATION)), runs=[0])
    if kind == "CharDelimiterSplit":
        return _apart(_of_sets(CodePoints.of(step.delimiter)), runs=[0])
    if kind in ("Whitespace", "Digits"):
        from .pre_tokenizers import pre_tokenizer_tables as tables

        if kind == "Digits":
            digits = _of_sets(CodePoints.written(tables.NUMERIC))
            return _apart(digits, runs=[0] if step.individual_digits else [0, 1])
        blanks = CodePoints.written(tables.SPACE)
        words = CodePoints.written(tables.WORD)
        return _apart(_of_sets(words, blanks), runs=[0, 1])
    if kind == "Metaspace":
        if not step.split or step.prepend_scheme == "first":
            return None
        mark = _of_sets(CodePoints.of(f" {step.replacement}"))
        nowhere = np.zeros(2, np.bool_)
        return _Step(mark, np.array([[False, True], [False, True]]), nowhere, local=False)
    if kind == "Split" and (step.behavior != "Isolated" or step.invert):
        return None
    if kind == "Split":
        pattern = step.pattern
    elif kind == "ByteLevel" and step.use_regex:
        from .pre_tokenizers.byte_level import gpt2_pattern

        pattern = gpt2_pattern()
    else:
        return None
    known = pattern.cuts()
    if known is None:
        return None
    kinds, cuts = known
    may = cuts.between
    if kind == "ByteLevel" and step.add_prefix_space:  # it looks at what a part begins with
        only_spaces = np.zeros(len(may), np.bool_)
        only_spaces[kinds[ord(" ")]] = True
        may = may & only_spaces
    return _Step(kinds, may, cuts.blank, local=False)


def _joined(first: _Step, second: _Step) -> _Step:
    """Both, over kinds that tell apart whatever one of them does."""
    size = len(second.may)
    both, used = _numbered(first.kinds.astype(np.int32) * size + second.kinds)
    may = first.may[np.ix_(used // size, used // size)]
    may |= second.may[np.ix_(used % size, used % size)]
    # where a run of blanks ends for the second step, the first may have cut
    return _Step(both, may, np.zeros(len(used), np.bool_), second.local)


def _numbered(kinds: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The kinds without gaps in their numbers, and the old number of each."""
    used = np.flatnonzero(np.bincount(kinds))
    numbers = np.zeros(int(used[-1]) + 1, np.int32)
    numbers[used] = np.arange(len(used))
    return numbers.take(kinds), used


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
    total: _Step | None = None
    for part in flattened(pre_tokenizer):
        step = _step(part)
        if step is None:
            break
        total = step if total is None else _joined(total, step)
        if not step.local:
            break
    if total is None:
        return None
    made = [normalizer(chr(code)) if normalizer else chr(code) for code in range(128)]
    kinds, roles = _with_normalizers(total.kinds.astype(np.int32), made, normalizers)
    numbers, used = _numbered(kinds * len(_ROLES) + roles)
    step_kind, role_of = used // len(_ROLES), used % len(_ROLES)
    may = total.may[np.ix_(step_kind, step_kind)]
    may[role_of == _NEVER] = False
    may[:, (role_of == _NEVER) | (role_of == _MARK)] = False
    for spelling in spellings:
        for first, second in pairwise(spelling):
            may[numbers[ord(first)], numbers[ord(second)]] = False
    between = may.copy()
    blank = total.blank[step_kind] & (role_of != _NEVER)
    precompiled = normalizers.get("Precompiled")
    if precompiled is not None:
        # it works on graphemes: they end at a line feed, and before a space but for `reaches_over`
        between &= ((role_of == _SPACE) | (role_of == _LINE)) | (role_of == _LINE)[:, None]
    between[np.ix_(role_of == _SPACE, role_of != _SPACE)] = False
    columns = (may, may.T, between, between.T, blank[:, None])
    merged, examples = _merged(np.concatenate(columns, axis=1))
    if len(examples) > _MAX_KINDS:
        return None
    return PartCut(
        merged.astype(np.uint8).take(numbers),
        may[np.ix_(examples, examples)],
        between[np.ix_(examples, examples)],
        blank[examples],
        precompiled.reaches_over if precompiled is not None else None,
        frozenset(chr(code) for code in range(128) if roles[code] == _NEVER),
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
        roles[_of_sets(points) == 1] = _MARK
    bert = normalizers.get("BertNormalizer")
    if bert is not None and bert.clean_text:
        roles[_of_sets(CodePoints.written(unicode_tables.REMOVED)) == 1] = _NEVER
    if bert is not None and bert.handle_chinese_chars:  # which puts a space on both sides of them
        kinds[_of_sets(CodePoints.written(unicode_tables.CHINESE)) == 1] = kinds[ord(" ")]
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
