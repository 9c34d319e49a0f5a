"""Texts -> ids, and nothing but ids: the fast way through the stages.

    text --added tokens--> stretches --space cut--> parts --remembered--> ids
                                                      |
                              parts not seen before: normalizer, pre-tokenizer --> words
                                                      |
                              words not seen before: all of them to the model, at once

What texts are made of comes again: most parts are one lookup. The ids are those of
`Stages.encode`, which is the twin in the tests.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Final, NamedTuple, cast

from .aligned_text import AlignedText
from .pre_tokenizers import Spells
from .space_cut import space_cut, split_steps
from .stages import Stages

__all__ = ["BatchIds"]

Ids = tuple[int, ...]

# A part and its ids take some 200 bytes: both memories of a tokenizer stay below about 100 MB.
MAX_REMEMBERED: Final = 1 << 18
# Fewer parts than these are not worth being put side by side.
_FEW: Final = 4

# Longer ones are rarely seen twice.
MAX_REMEMBERED_LENGTH: Final = 64


class _Memory(dict[str, Ids | None]):
    """What has been computed, bounded: emptied when full. Entries depend on their key alone and
    are written in one step, so threads can only repeat each other's work."""

    def remember(self, computed: Mapping[str, Ids | None]) -> None:
        if len(self) + len(computed) > MAX_REMEMBERED:
            self.clear()
        if max(map(len, computed), default=0) > MAX_REMEMBERED_LENGTH:
            short = (key for key in computed if len(key) <= MAX_REMEMBERED_LENGTH)
            computed = {key: computed[key] for key in short}
        self.update(islice(computed.items(), MAX_REMEMBERED))


class _Stretch(NamedTuple):
    """Text between added tokens, whose parts are `keys[first:stop]`."""

    text: str
    at_start: bool
    first: int
    stop: int


class BatchIds:
    """The ids of many texts. Safe to use from several threads."""

    def __init__(self, stages: Stages) -> None:
        added_tokens = stages.added_tokens
        spellings = added_tokens.normalized_spellings
        # a token with a space in it could be cut in two
        may_cut = not any(" " in spelling for spelling in spellings)
        self._stages = stages
        self._added_tokens = added_tokens
        self._normalize = added_tokens.normalizer or _as_written
        self._any_normalized = bool(spellings)
        self._cut = space_cut(added_tokens.normalizer, stages.pre_tokenizer) if may_cut else None
        pre_tokenizer = stages.pre_tokenizer
        self._first_step, self._later_steps = split_steps(pre_tokenizer)
        # where the two differ, neither is taken apart
        differs = pre_tokenizer and pre_tokenizer.elsewhere is not pre_tokenizer
        self._first_step_elsewhere = (
            pre_tokenizer.elsewhere if pre_tokenizer and differs else self._first_step
        )
        self._parts = _Memory()
        self._words = _Memory()

    def __call__(self, texts: Iterable[str]) -> list[list[int]]:
        """The ids of each text, without special tokens."""
        keys: list[str] = []  # the parts of all texts, as the memory knows them
        ends: list[int] = []  # where the keys of each text end
        stretches: list[_Stretch] = []
        tokens: dict[int, Ids] = {}  # added tokens, by their place among the keys
        for text in texts:
            if self._added_tokens.may_be_written_in(text):
                at_start = True
                for part in self._added_tokens.split_written(text):
                    if isinstance(part, str):
                        self._add_stretch(part, at_start, keys, stretches)
                    else:
                        tokens[len(keys)] = (part.id,)
                        keys.append("")
                    at_start = False
            elif text:
                self._add_stretch(text, True, keys, stretches)
            ends.append(len(keys))
        found: list[Ids | None] = list(map(self._parts.get, keys))
        for place, ids in tokens.items():
            found[place] = ids
        missing = [place for place, ids in enumerate(found) if ids is None]
        if missing:
            self._fill(found, missing, keys, stretches)
        # every None has been replaced
        ids_of_keys = cast("list[Ids]", found)
        return [
            list(chain.from_iterable(ids_of_keys[start:end]))
            for start, end in zip([0, *ends], ends, strict=False)
        ]

    def _add_stretch(
        self, text: str, at_start: bool, keys: list[str], stretches: list[_Stretch]
    ) -> None:
        first = len(keys)
        if self._cut:
            keys += self._cut.parts(text)
        else:
            keys.append("")
        stretches.append(_Stretch(text, at_start, first, len(keys)))

    def _fill(
        self,
        found: list[Ids | None],
        missing: list[int],
        keys: list[str],
        stretches: list[_Stretch],
    ) -> None:
        """Put the ids in the `missing` places."""
        if self._cut:
            computed = self._compute_parts(dict.fromkeys([keys[place] for place in missing]))
            for place in missing:
                found[place] = computed[keys[place]]
            missing = [place for place in missing if found[place] is None]
        if missing:  # what was cut at the wrong place goes through the stages as a whole
            firsts = [stretch.first for stretch in stretches]
            wrong = sorted({bisect_right(firsts, place) - 1 for place in missing})
            wholes = self._wholes([stretches[index] for index in wrong])
            for index, ids in zip(wrong, wholes, strict=True):
                _, _, first, stop = stretches[index]
                found[first:stop] = [ids, *[()] * (stop - first - 1)]

    def _compute_parts(self, keys: Iterable[str]) -> dict[str, Ids | None]:
        """The ids of parts, `None` for those that are not safe to stand alone."""
        words_of = self._words_of_parts([key for key in keys if key not in self._parts])
        known = self._ids_of_words(chain.from_iterable(filter(None, words_of.values())))
        computed: dict[str, Ids | None] = dict.fromkeys(keys)
        for key, words in words_of.items():
            if words is None:
                continue
            computed[key] = (
                known[words[0]]
                if len(words) == 1
                else tuple(chain.from_iterable(map(known.__getitem__, words)))
            )
        self._parts.remember(computed)
        return computed

    def _words_of_parts(self, keys: list[str]) -> dict[str, list[str] | None]:
        """The words of parts: of most at once, of the rest one by one."""
        assert self._cut
        groups: dict[tuple[bool, bool], list[str]] = {}
        words_of: dict[str, list[str] | None] = {}
        for key in keys:
            if not key or key[-1].isspace() or key[:2].isspace():
                words_of[key] = self._words_of_part(key)
            else:
                groups.setdefault((key[0] == " ", key.isascii()), []).append(key)
        for (first, _), group in groups.items():
            self._add_words_at_once(group, first, words_of)
        return words_of

    def _add_words_at_once(
        self, keys: list[str], first: bool, words_of: dict[str, list[str] | None]
    ) -> None:
        """What may stand alone may also stand side by side: one text of many parts.

        `first`: those that no space stands before.
        """
        if len(keys) < _FEW:
            words_of.update((key, self._words_of_part(key)) for key in keys)
        elif words := self._words_side_by_side(keys, first):
            words_of.update(zip(keys, words, strict=True))
        else:  # some part is not as the others are; perhaps not in both halves
            half = len(keys) // 2
            self._add_words_at_once(keys[:half], first, words_of)
            self._add_words_at_once(keys[half:], first, words_of)

    def _words_side_by_side(self, keys: list[str], first: bool) -> list[list[str]] | None:
        """The words of each part, or `None` if they cannot be told apart."""
        cut = self._cut
        assert cut
        if cut.reaches_over and not keys[0].isascii() and any(map(cut.reaches_over, keys)):
            return None
        # behind a text, a line feed is a piece of its own or the end of the last one
        parts = [f"{key[1:]}\n" for key in keys] if first else [f" {key}" for key in keys]
        text = "".join(parts)
        normalized = self._normalize(text)
        if normalized != text:
            lines = normalized.split("\n")[:-1] if first else normalized.split(" ")[1:]
            if len(lines) != len(keys) or any(not one or _ends_blank(one) for one in lines):
                return None
            parts = [f"{line}\n" for line in lines] if first else [f" {line}" for line in lines]
        if self._any_normalized and self._added_tokens.in_normalized(normalized):
            return None
        dropped = cut.spaces == "drop"
        words = iter(self._first_step(normalized))
        words_of = []
        for part in parts:
            left = len(part) - dropped
            word = next(words, "")
            own = [word]
            left -= len(word)
            while left > 0 and word:
                word = next(words, "")
                own.append(word)
                left -= len(word)
            if left:
                return None
            if first:
                last = own.pop()
                if last != "\n":
                    own.append(last[:-1])
            words_of.append(own)
        return words_of if next(words, None) is None else None

    def _words_of_part(self, key: str) -> list[str] | None:
        """The words of a part, `None` if its neighbours could change them."""
        assert self._cut
        text = self._cut.text(key)
        if self._cut.reaches_over and self._cut.reaches_over(text):
            return None
        normalized = self._normalize(text)
        if not self._cut.still_safe(text, normalized):
            return None
        if self._any_normalized and self._added_tokens.in_normalized(normalized):
            return None
        return self._first_step(normalized)

    def _wholes(self, stretches: Iterable[_Stretch]) -> list[Ids]:
        """The ids of stretches, without a cut at spaces."""
        words_of = [list(self._words_of_stretch(stretch)) for stretch in stretches]
        known = self._ids_of_words(
            word for words in words_of for word in words if isinstance(word, str)
        )
        return [
            tuple(
                chain.from_iterable(
                    known[word] if isinstance(word, str) else word for word in words
                )
            )
            for words in words_of
        ]

    def _words_of_stretch(self, stretch: _Stretch) -> Iterator[str | Ids]:
        at_start = stretch.at_start and self._begins_at_start(stretch.text)
        for part in self._added_tokens.split_normalized(stretch.text):
            if not isinstance(part, str):
                yield (part.id,)
            elif at_start:
                yield from self._first_step(part)
            else:
                yield from self._first_step_elsewhere(part)
            at_start = False

    def _begins_at_start(self, text: str) -> bool:
        """Whether the normalized text still begins where the text does, if that matters."""
        pre_tokenizer, normalizer = self._stages.pre_tokenizer, self._added_tokens.normalizer
        if not normalizer or not pre_tokenizer or pre_tokenizer.elsewhere is pre_tokenizer:
            return True
        starts = normalizer.align(AlignedText.of(text)).starts
        return bool(starts) and starts[0] == 0

    def _ids_of_words(self, words: Iterable[str]) -> dict[str, Ids]:
        """The ids of words as the first step of the pre-tokenizer cut them."""
        remembered = self._words.get
        known = {word: remembered(word) for word in words}
        unseen = [word for word, ids in known.items() if ids is None]
        if unseen:
            computed = self._compute_words(unseen)
            known.update(computed)
            self._words.remember(computed)
        return cast("dict[str, Ids]", known)

    def _compute_words(self, words: list[str]) -> dict[str, Ids]:
        ids, later_steps = self._stages.model.ids, self._later_steps
        if later_steps is None:
            return dict(zip(words, ids(words), strict=True))
        spelled = later_steps.spell(words) if isinstance(later_steps, Spells) else None
        if spelled is not None:
            return dict(zip(words, ids(spelled), strict=True))
        pieces_of = list(map(later_steps, words))
        pieces = list(dict.fromkeys(chain.from_iterable(pieces_of)))
        ids_of = dict(zip(pieces, ids(pieces), strict=True))
        return {
            word: tuple(chain.from_iterable(map(ids_of.__getitem__, own)))
            for word, own in zip(words, pieces_of, strict=True)
        }


def _ends_blank(text: str) -> bool:
    return text[0].isspace() or text[-1].isspace()


def _as_written(text: str) -> str:
    return text
