"""Parts that have not been met before -> their words: normalizer and first pre-tokenizer.

What may stand alone may also stand side by side with others of its kind: most parts go through both
stages together, as one text, which costs a fraction of as many texts.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .added_tokens import AddedTokens
from .component import kind_of
from .flat_texts import FlatTexts, code_points, text_of
from .neighbour_cut import neighbour_cut
from .part_cut import PartCut

__all__ = ["FoundWords", "PartWords"]

# What parts are put between to go through the pre-tokenizer: a word that comes out as it is.
_MARKERS: Final = ("0", "\n0\n", " 0")
# And what they are put between to be normalized, if nothing else becomes that; it composes with
# nothing.
_BETWEEN: Final = "|¦"
# Fewer are not worth it.
_FEW: Final = 4

Ints = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class FoundWords(NamedTuple):
    """`words` of the parts in these `places`, one part after the other; `counts` of each.

    The places that are not there are those of parts that may not stand alone.
    """

    words: FlatTexts
    places: Ints
    counts: Ints


class PartWords:
    """`first_step` is that of the pre-tokenizer, which `cut` describes."""

    def __init__(
        self, added_tokens: AddedTokens, cut: PartCut, first_step: Callable[[str], list[str]]
    ) -> None:
        self._added_tokens = added_tokens
        self._any_added = bool(added_tokens.normalized_spellings)
        self._normalize = normalize = added_tokens.normalizer
        self._between = [mark for mark in _BETWEEN if normalize and normalize(mark) == mark]
        self._cut = cut
        self._first_step = first_step
        self._neighbour_cut = neighbour_cut(first_step)
        self._lengths = _piece_lengths(first_step)
        self._marker = self._marker_word = ""
        for marker in _MARKERS:
            if self._normalize and self._normalize(marker) != marker:
                continue  # the kinds of ASCII are those of what is made of it
            words = first_step(marker)
            if len(words) == 1 and cut.may_follow("a", marker) and cut.may_follow(marker, " "):
                self._marker, self._marker_word = marker, words[0]
                break

    def __call__(self, parts: FlatTexts) -> FoundWords:
        """The words of parts, none of them empty."""
        normalized, stand_alone = self._normalized_parts(parts)
        if self._any_added:
            holds = map(self._added_tokens.in_normalized, normalized.texts())
            stand_alone &= ~np.fromiter(holds, np.bool_, len(parts.lengths))
        if self._neighbour_cut and self._neighbour_cut.local:
            places = np.flatnonzero(stand_alone)
            words, counts = self._neighbour_cut.words(normalized.take(places))
            return FoundWords(words, places, counts)
        beside_marker = stand_alone & self._fit_marker(normalized)
        together = np.flatnonzero(beside_marker)
        alone = np.flatnonzero(stand_alone & ~beside_marker)
        words, counts = self._words_of(normalized.take(together))
        more_words, more_counts = self._words_one_by_one(normalized.take(alone))
        return FoundWords(
            FlatTexts(
                np.concatenate((words.codes, more_words.codes)),
                np.concatenate((words.lengths, more_words.lengths)),
            ),
            np.concatenate((together, alone)),
            np.concatenate((counts, more_counts)),
        )

    def _words_one_by_one(self, texts: FlatTexts) -> tuple[FlatTexts, Ints]:
        words_of = list(map(self._first_step, texts.texts()))
        counts = np.fromiter(map(len, words_of), np.int64, len(words_of))
        return FlatTexts.of(list(chain.from_iterable(words_of))), counts

    def _fit_marker(self, texts: FlatTexts) -> Booleans:
        """Whether the marker may stand on both sides of each text."""
        if not self._marker:
            return np.zeros(len(texts.lengths), np.bool_)
        kinds, may = self._cut.kinds, self._cut.may
        fit: Booleans = may[kinds[ord(self._marker[-1])]].take(kinds.take(texts.letters(0)))
        fit &= may[:, kinds[ord(self._marker[0])]].take(kinds.take(texts.letters(-1)))
        return fit & (texts.lengths > 0)

    def _normalized_parts(self, parts: FlatTexts) -> tuple[FlatTexts, Booleans]:
        """Each part normalized, and whether it may stand alone."""
        if self._normalize is None:
            return parts, np.ones(len(parts.lengths), np.bool_)
        normalized = self._normalized(parts, self._normalize)
        stand_alone = self._cut.are_as_good(parts, normalized)
        reaches_over = self._cut.reaches_over
        if reaches_over:
            first, last = parts.letters(0), parts.letters(-1)
            stand_alone &= ~_are(lambda letter: reaches_over(f"{letter}a"), first)
            stand_alone &= ~_are(lambda letter: reaches_over(f"a{letter}"), last)
        # the kinds of ASCII are those of what is made of it
        starts = np.cumsum(parts.lengths) - parts.lengths
        stand_alone |= np.maximum.reduceat(parts.codes, starts) < 128
        return normalized, stand_alone

    def _normalized(self, parts: FlatTexts, normalize: Callable[[str], str]) -> FlatTexts:
        """Each part normalized, most of them side by side: nothing joins with what is between."""
        n = len(parts.lengths)
        if n >= _FEW:
            for between in map(ord, self._between):
                if (parts.codes == between).any():
                    continue
                codes = code_points(normalize(text_of(parts.closed(between))))
                stops = np.flatnonzero(codes == between)
                if len(stops) == n:
                    lengths = np.diff(stops, prepend=-1) - 1
                    return FlatTexts(np.delete(codes, stops), lengths)
        return FlatTexts.of(list(map(normalize, parts.texts())))

    def _words_of(self, texts: FlatTexts) -> tuple[FlatTexts, Ints]:
        """The words of normalized texts beside which the marker may stand; how many each has."""
        if self._lengths is None:
            words, sizes = self._words_of_strings(texts.texts())
            return FlatTexts.of(words), np.array(sizes, np.int64)
        marked = texts
        for letter in self._marker:
            marked = FlatTexts(marked.closed(ord(letter)), marked.lengths + 1)
        lengths = np.array(self._lengths(marked.joined), np.int64)
        starts, stops = np.cumsum(lengths) - lengths, np.cumsum(marked.lengths)
        is_start = np.zeros(len(marked.codes), np.bool_)
        is_start[starts] = True
        is_start[stops - len(self._marker)] = False
        words_before = np.append(0, np.cumsum(is_start))
        counts = np.diff(words_before.take(stops), prepend=0)
        return FlatTexts(texts.codes, lengths[is_start.take(starts)]), counts

    def _words_of_strings(self, texts: list[str]) -> tuple[list[str], list[int]]:
        """The same, where words are spelled differently from the text, or not all of it is in
        them."""
        if len(texts) < _FEW:
            words_of = list(map(self._first_step, texts))
            return list(chain.from_iterable(words_of)), list(map(len, words_of))
        marker = self._marker_word
        words = self._first_step(self._marker.join(texts))
        places = [place for place, word in enumerate(words) if word == marker]
        if len(places) == len(texts) - 1:
            counts = [stop - start - 1 for start, stop in pairwise((-1, *places, len(words)))]
            return [word for word in words if word != marker], counts
        half = len(texts) // 2  # some part holds that word itself, perhaps not in both halves
        left, right = map(self._words_of_strings, (texts[:half], texts[half:]))
        return left[0] + right[0], left[1] + right[1]


def _piece_lengths(first_step: Any) -> Callable[[str], list[int]] | None:
    """How long the words are, of a pre-tokenizer that cuts and does nothing else."""
    if kind_of(first_step) == "Split" and first_step.behavior == "Isolated":
        lengths: Callable[[str], list[int]] = first_step.pattern.piece_lengths
        return lengths
    return None


def _are(ask: Callable[[str], bool], codes: NDArray[np.uint32]) -> Booleans:
    """The answer for each of these characters, each asked once."""
    characters, numbers = np.unique(codes, return_inverse=True)
    return np.array([ask(chr(code)) for code in characters.tolist()], np.bool_)[numbers]
