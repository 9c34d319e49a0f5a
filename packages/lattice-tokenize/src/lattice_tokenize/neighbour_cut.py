"""What a pre-tokenizer does between two characters, whatever stands around them.

Each code point is of a kind, and a table says between which two kinds there is always a cut: beside
white space that is dropped, beside marks that are set apart, between pairs that a pattern never
matches in one piece (`patterns/neighbours.py`). Many pre-tokenizers do nothing else; the words of
many texts are then found in a few passes of NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import unicode_tables
from .component import kind_of
from .flat_texts import FlatTexts
from .patterns.code_points import CODE_POINT_LIMIT, CodePoints
from .ragged import looked_up

__all__ = ["NeighbourCut", "joined_cuts", "kinds_of_sets", "neighbour_cut", "numbered"]

Booleans = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class NeighbourCut:
    """`kinds` `(0x110000,)`: that of each code point; `K` of them in all.

    `may` bool `(K, K)`: between which two there is always a cut; `blank` bool `(K,)`: between one
    of these and a space too, if none of them comes third. `local`: nothing else is done, but that
    the kinds in `dropped` bool `(K,)`, which are cut from all others, are left out. So what comes
    after may be cut where that always cuts.

    >>> from lattice_tokenize.pre_tokenizers import WhitespaceSplit
    >>> cut = neighbour_cut(WhitespaceSplit())
    >>> words, counts = cut.words(FlatTexts.of(["a  b,c", " d"]))
    >>> words.texts(), counts.tolist()
    (['a', 'b,c', 'd'], [2, 1])
    """

    kinds: NDArray[np.integer[Any]]
    may: Booleans
    blank: Booleans
    dropped: Booleans
    local: bool

    def words(self, texts: FlatTexts) -> tuple[FlatTexts, NDArray[np.int64]]:
        """The words of all texts, and how many each text has, int64 `(n,)`; only if `local`."""
        kinds = looked_up(self.kinds, texts.codes)
        bounds = np.append(0, np.cumsum(texts.lengths))
        begins = np.ones(len(kinds) + 1, np.bool_)
        pairs = kinds[:-1].astype(np.int32)
        pairs *= len(self.may)
        pairs += kinds[1:]
        begins[1:-1] = looked_up(self.may.reshape(-1), pairs)
        begins[bounds] = True
        kept = ~looked_up(self.dropped, kinds)
        # what is dropped is cut from the rest, so a stretch is a word or none
        stretches = np.flatnonzero(begins)
        is_word = kept.take(stretches[:-1])
        words_before = np.append(0, np.cumsum(is_word))
        counts = np.diff(words_before.take(np.searchsorted(stretches, bounds)))
        return FlatTexts(texts.codes[kept], np.diff(stretches)[is_word]), counts


def kinds_of_sets(*sets: CodePoints) -> NDArray[np.uint8]:
    """1 for the code points of the first set, 2 for those of the second, ..., otherwise 0."""
    kinds = np.zeros(CODE_POINT_LIMIT, np.uint8)
    for number, points in enumerate(sets, 1):
        for start, stop in points.edges.reshape(-1, 2).tolist():
            kinds[start:stop] = number
    return kinds


def _apart(
    kinds: NDArray[np.uint8], *, runs: Iterable[int], drops: int | None = None
) -> NeighbourCut:
    """Cut everywhere but between two of a kind that forms `runs`; one kind is dropped."""
    size = int(kinds.max()) + 1
    may = np.ones((size, size), np.bool_)
    for kind in runs:
        may[kind, kind] = False
    return NeighbourCut(kinds, may, np.zeros(size, np.bool_), np.arange(size) == drops, local=True)


def neighbour_cut(step: Any) -> NeighbourCut | None:
    """What is known of a pre-tokenizer, `None` where nothing is."""
    kind = kind_of(step)
    spaces = CodePoints.written(unicode_tables.SEPARATORS)
    if kind == "WhitespaceSplit":
        return _apart(kinds_of_sets(spaces), runs=[0], drops=1)
    if kind == "BertPreTokenizer":
        marks = CodePoints.written(unicode_tables.PUNCTUATION)
        return _apart(kinds_of_sets(marks, spaces), runs=[0], drops=2)
    if kind == "Punctuation" and step.behavior == "Isolated":
        return _apart(kinds_of_sets(CodePoints.written(unicode_tables.PUNCTUATION)), runs=[0])
    if kind == "CharDelimiterSplit":
        return _apart(kinds_of_sets(CodePoints.of(step.delimiter)), runs=[0], drops=1)
    if kind in ("Whitespace", "Digits"):
        from .pre_tokenizers import pre_tokenizer_tables as tables

        if kind == "Digits":
            digits = kinds_of_sets(CodePoints.written(tables.NUMERIC))
            return _apart(digits, runs=[0] if step.individual_digits else [0, 1])
        blanks = CodePoints.written(tables.SPACE)
        words = CodePoints.written(tables.WORD)
        return _apart(kinds_of_sets(words, blanks), runs=[0, 1], drops=2)
    if kind == "Metaspace":
        if not step.split or step.prepend_scheme == "first":
            return None
        mark = kinds_of_sets(CodePoints.of(f" {step.replacement}"))
        nowhere = np.zeros(2, np.bool_)
        may = np.array([[False, True], [False, True]])
        return NeighbourCut(mark, may, nowhere, nowhere, local=False)
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
    return NeighbourCut(kinds, may, cuts.blank, np.zeros_like(cuts.blank), local=False)


def joined_cuts(first: NeighbourCut, second: NeighbourCut) -> NeighbourCut:
    """Both, over kinds that tell apart whatever one of them does."""
    size = len(second.may)
    both, used = numbered(first.kinds.astype(np.int32) * size + second.kinds)
    may = first.may[np.ix_(used // size, used // size)]
    may |= second.may[np.ix_(used % size, used % size)]
    # where a run of blanks ends for the second step, the first may have cut
    nowhere = np.zeros(len(used), np.bool_)
    return NeighbourCut(both, may, nowhere, nowhere, second.local)


def numbered(kinds: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The kinds without gaps in their numbers, and the old number of each."""
    used = np.flatnonzero(np.bincount(kinds))
    numbers = np.zeros(int(used[-1]) + 1, np.int32)
    numbers[used] = np.arange(len(used))
    return numbers.take(kinds), used
