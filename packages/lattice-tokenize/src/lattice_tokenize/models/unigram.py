"""A word -> the pieces of the vocabulary whose scores add up to the most.

Follows `Unigram` of Hugging Face tokenizers as it encodes by default: a character that is no piece
is unknown, with a score 10 below the lowest; among equal paths the one whose last piece is longer
wins, then the last but one, ...; unknown neighbours are one token; with `byte_fallback` a token
that is not in the vocabulary becomes its bytes, if all of them are there. Without `unk_id` an
unknown character is an error as soon as it is on a best path to some place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import TokenizerFileError
from ..flat_texts import FlatTexts
from ..json_fields import JsonFields
from ..ragged import flat_rows, rows_as_tuples, sorted_rows
from .piece_scores import UNKNOWN, PieceScores
from .token import Token
from .unigram_alone import UnigramAlone
from .unigram_batch import UnigramBatch
from .unigram_scores import scores_as_read

__all__ = ["Unigram", "read_unigram"]

Ints = NDArray[np.int64]

_UNKNOWN_PENALTY = 10.0

# Below so many words, going word by word is faster.
_FEWEST_WORDS = 32
# The table takes as long to build as so many characters take without it.
_CHARACTERS_BEFORE_TABLE = 10_000


class _Fast(NamedTuple):
    """The two fast ways, with one table."""

    alone: UnigramAlone
    batch: UnigramBatch


class Unigram:
    """The Unigram model over pieces and their scores; the id of a piece is its place.

    >>> model = Unigram([("<unk>", 0.0), ("a", -1.0), ("b", -1.0), ("ab", -1.5)], unk_id=0)
    >>> model.ids(["abba", "xab"])
    [(3, 2, 1), (0, 3)]
    >>> model.tokenize("axx")[1]
    Token(id=0, value='xx', start=1, stop=3)
    """

    def __init__(
        self,
        pieces: Sequence[tuple[str, float]],
        *,
        unk_id: int | None = None,
        byte_fallback: bool = False,
    ) -> None:
        # tuples, since the garbage collector goes through a list of so many strings again and again
        self._pieces = tuple(map(itemgetter(0), pieces))
        self._given_scores = tuple(map(itemgetter(1), pieces))
        self.unk_id = unk_id
        self.byte_fallback = byte_fallback
        # of a piece that is there twice the last place counts
        self.vocab = dict(zip(self._pieces, range(len(pieces)), strict=True))
        self._fast: _Fast | None = None
        self._characters_so_far = 0

    @cached_property
    def scores(self) -> tuple[float, ...]:
        """The score of each piece, as Hugging Face tokenizers reads it from the file."""
        return tuple(self._scores_as_read.tolist())

    @cached_property
    def _scores_as_read(self) -> NDArray[np.float64]:
        return scores_as_read(self._given_scores)

    @cached_property
    def _unknown_score(self) -> float:
        return min(self.scores, default=math.inf) - _UNKNOWN_PENALTY

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.vocab), default=0)

    @cached_property
    def _sums_are_finite(self) -> bool:
        return bool(np.abs(self._scores_as_read).max(initial=0) < 1e290)

    def id_to_token(self, token_id: int) -> str | None:
        """The piece of an id, `None` where there is none."""
        return self._pieces[token_id] if 0 <= token_id < len(self._pieces) else None

    def tokenize(self, word: str) -> list[Token]:
        """The tokens of one word."""
        return list(self._tokens(word, self._best_path(word)))

    def ids(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        """The ids of each word. Nothing is remembered, so give each distinct word once."""
        fast = self._fast or self._built_if_worth_it(sum(map(len, words)))
        if not fast or self._may_fail("".join(words)):
            return [self._fused(word, self._best_path(word)) for word in words]
        if len(words) < _FEWEST_WORDS:
            return self._ids_alone(fast, words)
        return rows_as_tuples(*self.flat_ids(FlatTexts.of(words)))

    def flat_ids(self, words: FlatTexts) -> tuple[Ints, Ints]:
        """The same, flat: int64 `(T,)`, and how many ids each word has, int64 `(n,)`."""
        n = len(words.lengths)
        fast = self._fast or self._built_if_worth_it(len(words.codes))
        if not fast or n < _FEWEST_WORDS or self._may_fail(words.joined):
            return flat_rows(self.ids(words.texts()))  # which goes word by word
        groups, alone = fast.batch.paths(words)
        own = self._ids_alone(fast, words.take(alone).texts())
        return sorted_rows([*groups, (alone, *flat_rows(own))], n)

    def _ids_alone(self, fast: _Fast, words: Sequence[str]) -> list[tuple[int, ...]]:
        return [self._fused(word, fast.alone.path(word)) for word in words]

    def _built_if_worth_it(self, characters: int) -> _Fast | None:
        # two threads may both count, and both build: the same table twice, no harm
        self._characters_so_far += characters
        if self._characters_so_far < _CHARACTERS_BEFORE_TABLE or not self._sums_are_finite:
            return None
        pieces = PieceScores(self.vocab, self._scores_as_read, unk_id=self.unk_id)
        fuse = not self.byte_fallback and (
            pieces.every_character_is_a_piece or self._unknowns_fuse_to_one()
        )
        self._fast = _Fast(UnigramAlone(pieces), UnigramBatch(pieces, fuse=fuse))
        return self._fast

    def _unknowns_fuse_to_one(self) -> bool:
        """Whether neighbours that are unknown are always the unknown token: no piece consists of
        several characters none of which is a piece."""
        single = {piece for piece in self.vocab if len(piece) == 1}
        return not any(single.isdisjoint(piece) for piece in self.vocab if len(piece) > 1)

    def _may_fail(self, text: str) -> bool:
        return self.unk_id is None and not self.vocab.keys() >= set(text)

    def _fused(self, word: str, path: list[int]) -> tuple[int, ...]:
        if UNKNOWN in path or self.unk_id in path:
            return tuple([token.id for token in self._tokens(word, path)])
        return tuple(path)

    def _best_path(self, word: str) -> list[int]:
        """The ids of the best pieces, `UNKNOWN` for every character that is none."""
        vocab_get, scores, longest = self.vocab.get, self.scores, self._longest
        size = len(word)
        best = [-math.inf] * (size + 1)  # of all paths that end at a place
        best[0] = 0.0
        last_piece: list[int | None] = [None] * (size + 1)  # of the best of them
        last_start = [0] * (size + 1)
        for start, character in enumerate(word):
            until_here = best[start]
            for stop in range(start + 1, min(size, start + longest) + 1):
                piece = vocab_get(word[start:stop])
                if piece is not None:
                    score = scores[piece] + until_here
                    if score > best[stop] or last_piece[stop] is None:
                        best[stop] = score
                        last_piece[stop] = piece
                        last_start[stop] = start
            if character not in self.vocab:
                stop = start + 1
                score = self._unknown_score + until_here
                if score > best[stop] or last_piece[stop] is None:
                    if self.unk_id is None:
                        raise TokenizerFileError(
                            "model.unk_id",
                            f"an id, as {character!r} is in no piece",
                            "null",
                        )
                    best[stop] = score
                    last_piece[stop] = UNKNOWN
                    last_start[stop] = start
        path: list[int] = []
        stop = size
        while stop:
            piece = last_piece[stop]
            assert piece is not None
            path.append(piece)
            stop = last_start[stop]
        path.reverse()
        return path

    def _tokens(self, word: str, path: Sequence[int]) -> Iterator[Token]:
        """The pieces of a path as tokens, unknown neighbours fused."""
        start = stop = 0
        for piece in path:
            if piece == UNKNOWN or piece == self.unk_id:
                stop += 1 if piece == UNKNOWN else len(self._pieces[piece])
                continue
            if start < stop:
                yield from self._unknown_tokens(word, start, stop)
            start, stop = stop, stop + len(self._pieces[piece])
            yield Token(piece, word[start:stop], start, stop)
            start = stop
        if start < stop:
            yield from self._unknown_tokens(word, start, stop)

    def _unknown_tokens(self, word: str, start: int, stop: int) -> list[Token]:
        """What stands for `word[start:stop]`, which is unknown, or all of it the unknown piece."""
        text = word[start:stop]
        known = self.vocab.get(text)  # neighbours together can be a piece after all
        if known is not None:
            return [Token(known, text, start, stop)]
        if self.byte_fallback:
            names = [f"<0x{byte:02X}>" for byte in text.encode("utf-8")]
            if all(name in self.vocab for name in names):
                return [Token(self.vocab[name], name, start, stop) for name in names]
        assert self.unk_id is not None
        return [Token(self.unk_id, text, start, stop)]

    def to_json(self) -> dict[str, Any]:
        """The object that `read_unigram` would read as this model."""
        return {
            "type": "Unigram",
            "unk_id": self.unk_id,
            "vocab": [list(item) for item in zip(self._pieces, self.scores, strict=True)],
            "byte_fallback": self.byte_fallback,
        }


def read_unigram(value: object, path: str) -> Unigram:
    """The "model" of a file, of type "Unigram".

    >>> model = read_unigram({"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]]}, "model")
    >>> model.to_json()
    {'type': 'Unigram', 'unk_id': 0, 'vocab': [['<unk>', 0.0]], 'byte_fallback': False}
    """
    fields = JsonFields(value, path)
    fields.one_of("type", ("Unigram",), default="Unigram")
    unk_id = None
    if fields.is_null("unk_id"):
        fields.anything("unk_id")
    elif fields.has("unk_id"):
        unk_id = fields.natural("unk_id")
    pieces = fields.list("vocab")
    _check_pieces(pieces, fields.where("vocab"))
    if unk_id is not None and unk_id >= len(pieces):
        raise TokenizerFileError(
            fields.where("unk_id"), f"a place in vocab, below {len(pieces)}", str(unk_id)
        )
    model = Unigram(pieces, unk_id=unk_id, byte_fallback=fields.boolean("byte_fallback", False))
    fields.finish()
    return model


def _check_pieces(pieces: list[Any], path: str) -> None:
    # all at once, and only if something is wrong one by one
    if set(map(type, pieces)) <= {list} and set(map(len, pieces)) <= {2}:
        kinds = set(map(type, map(itemgetter(0), pieces)))
        scores = list(map(itemgetter(1), pieces))
        if kinds <= {str} and set(map(type, scores)) <= {int, float} and _all_finite(scores):
            return
    for index, item in enumerate(pieces):
        if type(item) is not list or len(item) != 2:
            raise TokenizerFileError(f"{path}[{index}]", "[piece, score]", repr(item)[:60])
        if type(item[0]) is not str:
            raise TokenizerFileError(f"{path}[{index}][0]", "a string", repr(item[0])[:60])
        if type(item[1]) not in (int, float) or not _all_finite([item[1]]):
            raise TokenizerFileError(f"{path}[{index}][1]", "a number", repr(item[1])[:60])


def _all_finite(scores: list[float]) -> bool:
    try:
        return all(map(math.isfinite, scores))
    except OverflowError:  # an int beyond all floats
        return False
