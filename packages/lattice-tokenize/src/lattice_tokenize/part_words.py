"""Parts that have not been met before -> their words: normalizer and first pre-tokenizer.

What may stand alone may also stand side by side with others of its kind: most parts go through both
stages together, as one text, which costs a fraction of as many texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, chain, pairwise
from typing import Final, NamedTuple

from .added_tokens import AddedTokens
from .part_cut import PartCut

__all__ = ["FoundWords", "PartWords"]

# What parts are put between to go through the pre-tokenizer: a word that comes out as it is.
_MARKERS: Final = ("0", "\n0\n", " 0")
# And what they are put between to be normalized.
_BETWEEN: Final = "|"
# Fewer are not worth it.
_FEW: Final = 4


class _Answers(dict[str, bool]):
    """A character, or two of them -> yes or no, asked once."""

    def __init__(self, ask: Callable[[str], bool]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, characters: str) -> bool:
        answer = self[characters] = self._ask(characters)
        return answer


class FoundWords(NamedTuple):
    """`words` of the parts in these `places`, one part after the other; `counts` of each.

    The places that are not there are those of parts that may not stand alone.
    """

    words: list[str]
    places: list[int]
    counts: list[int]


class PartWords:
    """`first_step` is that of the pre-tokenizer, which `cut` describes."""

    def __init__(
        self, added_tokens: AddedTokens, cut: PartCut, first_step: Callable[[str], list[str]]
    ) -> None:
        self._added_tokens = added_tokens
        self._any_added = bool(added_tokens.normalized_spellings)
        self._normalize = added_tokens.normalizer or _as_written
        self._cut = cut
        self._first_step = first_step
        self._marker, self._marker_word = "", ""
        for marker in _MARKERS:
            words = first_step(marker)
            if len(words) == 1 and cut.may_follow("a", marker) and cut.may_follow(marker, " "):
                self._marker, self._marker_word = marker, words[0]
                break
        # whether the marker may stand before this character, and behind it
        self._before = _Answers(lambda first: cut.may_follow(self._marker, first))
        self._behind = _Answers(lambda last: cut.may_follow(last, self._marker))

    def __call__(self, parts: Sequence[str]) -> FoundWords:
        """The words of different parts."""
        before, behind, marker = self._before, self._behind, self._marker
        together: list[int] = []
        alone: list[int] = []
        normalized = self._normalized_parts(parts)
        for place, text in enumerate(normalized):
            if text is None or (self._any_added and self._added_tokens.in_normalized(text)):
                continue
            fits = marker and text and before[text[0]] and behind[text[-1]]
            (together if fits else alone).append(place)
        words, counts = self._words_of([normalized[place] or "" for place in together])
        for place in alone:
            own = self._first_step(normalized[place] or "")
            words += own
            counts.append(len(own))
        return FoundWords(words, together + alone, counts)

    def _normalized_parts(self, parts: Sequence[str]) -> list[str | None]:
        """Each part normalized, `None` for those that may not stand alone."""
        normalized: list[str | None] = [None] * len(parts)
        in_ascii = [place for place, part in enumerate(parts) if part.isascii()]
        texts = self._normalized_ascii([parts[place] for place in in_ascii])
        # the kinds of ASCII are those of what is made of it
        for place, text in zip(in_ascii, texts, strict=True):
            normalized[place] = text
        others = [place for place, part in enumerate(parts) if not part.isascii()]
        if self._cut.reaches_over:
            others = [place for place in others if not self._cut.reaches_over(parts[place])]
        given = [parts[place] for place in others]
        is_as_good = self._cut.is_as_good
        for place, part, text in zip(others, given, self._normalized(given), strict=True):
            if part == text or is_as_good(part, text):
                normalized[place] = text
        return normalized

    def _normalized_ascii(self, parts: list[str]) -> list[str]:
        """Each part normalized: what becomes of ASCII is decided character by character."""
        if self._normalize is _as_written:
            return parts
        text = "".join(parts)
        if not self._cut.odd_ascii.isdisjoint(text):
            return list(map(self._normalize, parts))
        normalized = self._normalize(text)
        if normalized == text:
            return parts
        stops = list(accumulate(map(len, parts)))
        return [normalized[start:stop] for start, stop in zip([0, *stops], stops, strict=False)]

    def _normalized(self, parts: list[str]) -> list[str]:
        """Each part normalized, most of them side by side: nothing joins with what is between."""
        if self._normalize is _as_written:
            return parts
        if len(parts) < _FEW or self._normalize(_BETWEEN) != _BETWEEN:
            return list(map(self._normalize, parts))
        normalized = self._normalize(_BETWEEN.join(parts)).split(_BETWEEN)
        if len(normalized) == len(parts):
            return normalized
        half = len(parts) // 2  # some part has that character in it, perhaps not in both halves
        return self._normalized(parts[:half]) + self._normalized(parts[half:])

    def _words_of(self, texts: list[str]) -> tuple[list[str], list[int]]:
        """The words of normalized texts, between which the marker may stand; how many each has."""
        if len(texts) < _FEW:
            words_of = list(map(self._first_step, texts))
            return list(chain.from_iterable(words_of)), list(map(len, words_of))
        marker = self._marker_word
        words = self._first_step(self._marker.join(texts))
        if len(words) == 2 * len(texts) - 1 and words[1::2].count(marker) == len(texts) - 1:
            return words[::2], [1] * len(texts)
        places = [place for place, word in enumerate(words) if word == marker]
        if len(places) == len(texts) - 1:
            counts = [stop - start - 1 for start, stop in pairwise((-1, *places, len(words)))]
            return [word for word in words if word != marker], counts
        half = len(texts) // 2  # some part holds that word itself, perhaps not in both halves
        left, right = self._words_of(texts[:half]), self._words_of(texts[half:])
        return left[0] + right[0], left[1] + right[1]


def _as_written(text: str) -> str:
    return text
