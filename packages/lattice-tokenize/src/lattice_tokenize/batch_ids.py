"""Texts -> ids, and nothing but ids: the fast way through the stages.

    texts --added tokens--> stretches --part cut--> parts --part memory--> ids
                                                     |
                             parts not met before: normalizer, pre-tokenizer --> words
                                                     |
                             words not met before: all of them to the model, at once

What texts are made of comes again: most parts are in memory, and all of a batch are looked up in a
few passes of NumPy. The ids are those of `Stages.encode`, which is the twin in the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .aligned_text import AlignedText
from .flat_texts import FlatTexts
from .part_memory import PartMemory, part_hashes
from .ragged import ragged_places
from .stages import Stages
from .word_ids import Ids, WordIds, split_steps

if TYPE_CHECKING:
    from .part_cut import PartCut
    from .part_words import PartWords

__all__ = ["BatchIds", "FlatIds"]

Codes = NDArray[np.uint32]
Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]

# Below this many in all, NumPy's calls cost more than they save.
_FEW_CHARACTERS = 1000
# The arrays of so many code points stay in the processor's second cache.
_BLOCK_CODES = 1 << 17
_BLOCK_PARTS = 1 << 15
# Of a part so long that no other is compared with it.
_NO_HASH = np.zeros(1, np.uint64)


class FlatIds(NamedTuple):
    """The ids of `n` texts: int64 `(T,)`, one text after the other, and int64 `(n,)`, how many each
    has."""

    ids: Ints
    counts: Ints


class _Stretches:
    """The text between added tokens, and where those stand."""

    def __init__(self) -> None:
        self.texts: list[str] = []  # none is empty
        self.at_start: list[bool] = []  # whether each begins a text
        self.token_ids: list[int] = []
        self.token_places: list[int] = []  # the stretch before which each token stands
        self.ends: list[int] = []  # of each text, among the stretches
        self.token_ends: list[int] = []  # and among the tokens


class BatchIds:
    """The ids of many texts. Safe to use from several threads."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self._added_tokens = stages.added_tokens
        self._first_step, later_steps = split_steps(stages.pre_tokenizer)
        pre_tokenizer = stages.pre_tokenizer
        # where the two differ, neither is taken apart
        differs = pre_tokenizer and pre_tokenizer.elsewhere is not pre_tokenizer
        self._first_step_elsewhere = (
            pre_tokenizer.elsewhere if pre_tokenizer and differs else self._first_step
        )
        self._word_ids = WordIds(stages.model, later_steps)
        self._parts = PartMemory()

    @cached_property
    def _cut(self) -> PartCut | None:
        # made with the first long text, since its tables take a moment
        from .part_cut import part_cut

        return part_cut(
            self._added_tokens.normalizer,
            self._stages.pre_tokenizer,
            self._added_tokens.normalized_spellings,
        )

    @cached_property
    def _words_of_parts(self) -> PartWords:
        from .part_words import PartWords

        assert self._cut
        return PartWords(self._added_tokens, self._cut, self._first_step)

    def __call__(self, texts: Iterable[str]) -> FlatIds:
        """The ids of each text, without special tokens."""
        stretches = self._stretches(texts)
        joined = "".join(stretches.texts)
        if len(joined) < _FEW_CHARACTERS:
            return self._few_ids(stretches)
        codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        sizes = np.fromiter(map(len, stretches.texts), np.int64, len(stretches.texts))
        begins = np.cumsum(sizes) - sizes
        memory = self._parts
        if memory.is_full:
            memory = self._parts = PartMemory()
        if self._cut:
            starts = np.flatnonzero(self._cut.begins(codes, begins))
            rows = self._rows(memory, codes, starts)
            first_parts = np.searchsorted(starts, begins)
            counts = memory.ids_count.take(rows)
        else:  # every stretch is a part that may not stand alone
            first_parts = np.arange(len(begins))
            rows, counts = np.zeros(len(begins), np.int64), np.full(len(begins), -1)
        filled: dict[int, Ids] = {}
        cannot = np.flatnonzero(counts < 0)
        if cannot.size:  # their stretches go through the stages as a whole
            stretches_of = np.unique(np.searchsorted(first_parts, cannot, side="right") - 1)
            wholes = self._wholes(
                [(stretches.texts[i], stretches.at_start[i]) for i in stretches_of]
            )
            stops = np.append(first_parts, len(counts))[1:]
            for index, ids in zip(stretches_of.tolist(), wholes, strict=True):
                first, stop = int(first_parts[index]), int(stops[index])
                counts[first:stop] = 0
                filled[first], counts[first] = ids, len(ids)
        return _flat_ids(memory, rows, counts, filled, first_parts, stretches)

    def _few_ids(self, stretches: _Stretches) -> FlatIds:
        """The ids of a text or two, for which it is not worth to call NumPy some forty times."""
        wholes = self._wholes(zip(stretches.texts, stretches.at_start, strict=True))
        tokens = list(zip(stretches.token_places, stretches.token_ids, strict=True))
        ids: list[int] = []
        counts: list[int] = []
        done = token_done = before = 0
        for end, token_end in zip(stretches.ends, stretches.token_ends, strict=True):
            for place, token_id in tokens[token_done:token_end]:
                ids += chain.from_iterable(wholes[done:place])
                ids.append(token_id)
                done = place
            ids += chain.from_iterable(wholes[done:end])
            counts.append(len(ids) - before)
            done, token_done, before = end, token_end, len(ids)
        return FlatIds(np.array(ids, np.int64), np.array(counts, np.int64))

    def _stretches(self, texts: Iterable[str]) -> _Stretches:
        found = _Stretches()
        for text in texts:
            if self._added_tokens.may_be_written_in(text):
                at_start = True
                for part in self._added_tokens.split_written(text):
                    if isinstance(part, str):
                        found.texts.append(part)
                        found.at_start.append(at_start)
                    else:
                        found.token_places.append(len(found.texts))
                        found.token_ids.append(part.id)
                    at_start = False
            elif text:
                found.texts.append(text)
                found.at_start.append(True)
            found.ends.append(len(found.texts))
            found.token_ends.append(len(found.token_ids))
        return found

    def _rows(self, memory: PartMemory, codes: Codes, starts: Ints) -> Ints:
        """The row of each part, block by block: what is done to a block stays in the cache."""
        blocks = 1 + len(codes) // _BLOCK_CODES
        edges = np.linspace(0, len(codes), blocks + 1)
        bounds = np.append(starts, len(codes))
        rows = np.zeros(len(starts), np.int64)
        for first, last in pairwise(np.searchsorted(bounds, edges).tolist()):
            # a part longer than a block is the last that begins in one
            if first < last and bounds[last] - bounds[last - 1] > _BLOCK_CODES:
                last -= 1
                long = slice(bounds[last], bounds[last + 1])
                part = FlatTexts(codes[long], np.diff(bounds[last : last + 2]))
                rows[last] = memory.add(part, _NO_HASH, *self._ids_of_parts(part))[0]
            if first < last:
                block = codes[bounds[first] : bounds[last]]
                block_starts = starts[first:last] - bounds[first]
                hashes = part_hashes(block, block_starts)
                found = memory.find(hashes, block, block_starts)
                self._learn(memory, found, block, block_starts, hashes)
                rows[first:last] = found
        return rows

    def _learn(
        self, memory: PartMemory, rows: Ints, codes: Codes, starts: Ints, hashes: Hashes
    ) -> None:
        """Give a row to all parts that have none."""
        missing = np.flatnonzero(rows == 0)
        if not missing.size:
            return
        starts, lengths = starts.take(missing), np.diff(starts, append=len(codes)).take(missing)
        hashes = hashes.take(missing)
        first = _first_of_equals(codes, starts, lengths, hashes)
        new = np.flatnonzero(first == np.arange(len(first)))
        starts, lengths = starts.take(new), lengths.take(new)
        parts = FlatTexts(codes.take(ragged_places(starts, lengths)), lengths)
        new_rows = np.zeros(len(first), np.int64)
        new_rows[new] = memory.add(parts, hashes.take(new), *self._ids_of_parts(parts))
        rows[missing] = new_rows.take(first)

    def _ids_of_parts(self, parts: FlatTexts) -> tuple[Ints, Ints, Ints]:
        """The ids of parts, in any order; where those of each part start, and how many they are:
        -1 for a part that may not stand alone."""
        words, places, words_per_part = self._words_of_parts(parts)
        ids, counts = self._word_ids.compute(words)
        # from ids per word to ids per part
        stops = np.append(0, np.cumsum(counts))[np.append(0, np.cumsum(words_per_part))]
        n = len(parts.lengths)
        id_starts, id_counts = np.zeros(n, np.int64), np.full(n, -1)
        id_starts[places], id_counts[places] = stops[:-1], np.diff(stops)
        return ids, id_starts, id_counts

    def _wholes(self, stretches: Iterable[tuple[str, bool]]) -> list[Ids]:
        """The ids of stretches, none of them cut."""
        words_of = [list(self._words_of_stretch(*stretch)) for stretch in stretches]
        known = self._word_ids(
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

    def _words_of_stretch(self, text: str, at_start: bool) -> Iterator[str | Ids]:
        if at_start and self._offsets_matter:
            from_start = self._characters_from_start(text)
            if from_start > 1:
                yield from self._words_with_offsets(text)
                return
            at_start = from_start == 1
        for part in self._added_tokens.split_normalized(text):
            if not isinstance(part, str):
                yield (part.id,)
            elif at_start:
                yield from self._first_step(part)
            else:
                yield from self._first_step_elsewhere(part)
            at_start = False

    @cached_property
    def _offsets_matter(self) -> bool:
        """Whether the pre-tokenizer asks what came from the beginning of the text, and the
        normalizer may have changed that."""
        pre_tokenizer = self._stages.pre_tokenizer
        differs = pre_tokenizer is not None and pre_tokenizer.elsewhere is not pre_tokenizer
        return differs and self._added_tokens.normalizer is not None

    def _characters_from_start(self, text: str) -> int:
        """How many characters of the normalized text came from its beginning: 0, 1 or 2 for more.

        None where that was removed; more, and there may be several words that begin there.
        """
        assert self._added_tokens.normalizer
        starts = self._added_tokens.normalizer.align(AlignedText.of(text)).starts
        return sum(start == 0 for start in starts[:2])

    def _words_with_offsets(self, text: str) -> Iterator[str | Ids]:
        pre_tokenizer = self._stages.pre_tokenizer
        assert pre_tokenizer
        for part, found in self._added_tokens.align_normalized(AlignedText.of(text)):
            if found:
                yield (found.id,)
            else:
                yield from (word.text for word in pre_tokenizer.align(part))


def _first_of_equals(codes: Codes, starts: Ints, lengths: Ints, hashes: Hashes) -> Ints:
    """For each part, the number of one that is the same, int64 `(n,)`; a part for itself too."""
    _, examples, numbers = np.unique(hashes, return_index=True, return_inverse=True)
    first = examples.take(numbers)
    # the hash says which parts to compare, letter by letter
    same = lengths.take(first) == lengths
    letters = codes.take(ragged_places(starts, lengths))
    others = codes.take(ragged_places(starts.take(first), lengths), mode="clip")
    same &= np.logical_and.reduceat(letters == others, np.cumsum(lengths) - lengths)
    return np.where(same, first, np.arange(len(first)))


def _flat_ids(
    memory: PartMemory,
    rows: Ints,
    counts: Ints,
    filled: dict[int, Ids],
    first_parts: Ints,
    stretches: _Stretches,
) -> FlatIds:
    """`counts` ids of each part: those of its row, or those in `filled`; tokens between them."""
    part_bounds = np.append(first_parts, len(counts))
    # where each part stands among parts and tokens
    token_places = part_bounds[np.array(stretches.token_places, np.int64)]
    if len(token_places):
        counts = np.insert(counts, token_places, 1)
        rows = np.insert(rows, token_places, 0)
    bounds = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=bounds[1:])
    ids = np.empty(int(bounds[-1]), np.int64)
    for first in range(0, len(counts), _BLOCK_PARTS):
        block = slice(first, first + _BLOCK_PARTS)
        places = ragged_places(memory.ids_start.take(rows[block]), counts[block])
        ids[bounds[first] :][: len(places)] = memory.ids.take(places, mode="clip")
    if len(token_places):
        ids[bounds[token_places + np.arange(len(token_places))]] = stretches.token_ids
    if filled:
        shifts = np.searchsorted(token_places, list(filled), side="right")
        for (part, some), shift in zip(filled.items(), shifts.tolist(), strict=True):
            begin = bounds[part + shift]
            ids[begin : begin + len(some)] = some
    ends = part_bounds[np.array(stretches.ends, np.int64)]
    ends += np.array(stretches.token_ends, np.int64)
    return FlatIds(ids, np.diff(bounds[ends], prepend=0))
