"""Word -> ids of byte pair encoding.

Follows `BPE` of Hugging Face tokenizers. A word begins as one symbol for each character; then, as
long as two neighbours are a merge of the file, the merge of the lowest rank is done, the leftmost
of equals. Differs on purpose: dropout is refused, since it gives other ids each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import UnsupportedComponentError
from ..flat_texts import FlatTexts
from ..json_fields import JsonFields
from ..ragged import flat_rows, rows_as_tuples, sorted_rows
from .bpe_batch import MAX_SYMBOLS, merge_words
from .bpe_long import merge_long_words
from .bpe_merges import all_parts_add_text, merge_pairs, merge_table
from .bpe_pairs import NO_SYMBOL
from .bpe_symbols import FirstSymbols
from .bpe_walls import Walls
from .bpe_word import merge_in_order, merge_word
from .token import Token
from .vocabulary import check_vocab, vocab_by_id

__all__ = ["BPE", "read_bpe"]

Ints = npt.NDArray[np.int64]

# Below this many characters in all NumPy's calls cost more than they save.
_FEW_CHARACTERS = 600
# Before this many symbols of long words the walls, which take a moment, are not made.
_MANY_SYMBOLS = 2000
# A word of more symbols is merged with a heap: the simple loop is quadratic.
_LONG_WORD = 128


class BPE:
    """The BPE model over a vocabulary and its merges, the most important merge first.

    >>> model = BPE({"l": 0, "o": 1, "w": 2, "lo": 3, "low": 4}, [("l", "o"), ("lo", "w")])
    >>> model.ids(["low", "wlo"])
    [(4,), (2, 3)]
    """

    def __init__(
        self,
        vocab: dict[str, int],
        merges: Sequence[Sequence[str]],
        *,
        dropout: float | None = None,
        unk_token: str | None = None,
        continuing_subword_prefix: str | None = None,
        end_of_word_suffix: str | None = None,
        fuse_unk: bool = False,
        byte_fallback: bool = False,
        ignore_merges: bool = False,
        path: str = "model",
    ) -> None:
        if dropout:
            raise UnsupportedComponentError(f"{path}.dropout", "null or 0", repr(dropout))
        self.vocab: Mapping[str, int] = vocab
        self.dropout = dropout
        self.unk_token = unk_token
        self.continuing_subword_prefix = continuing_subword_prefix
        self.end_of_word_suffix = end_of_word_suffix
        self.fuse_unk = fuse_unk
        self.byte_fallback = byte_fallback
        self.ignore_merges = ignore_merges
        prefix = continuing_subword_prefix or ""
        self._first = FirstSymbols(
            vocab, prefix, end_of_word_suffix or "", unk_token, fuse_unk, byte_fallback, path
        )
        self._table = merge_table(vocab, merges, prefix, f"{path}.merges")
        self._parts_add_text = all_parts_add_text(vocab, self._table, prefix)

    def to_json(self) -> dict[str, Any]:
        """The object of the file; a merge that a later one replaces is left out."""
        token = self._tokens.__getitem__
        ranks = self._table.counted
        left = map(token, self._table.left[ranks].tolist())
        right = map(token, self._table.right[ranks].tolist())
        return {
            "type": "BPE",
            "dropout": self.dropout,
            "unk_token": self.unk_token,
            "continuing_subword_prefix": self.continuing_subword_prefix,
            "end_of_word_suffix": self.end_of_word_suffix,
            "fuse_unk": self.fuse_unk,
            "byte_fallback": self.byte_fallback,
            "ignore_merges": self.ignore_merges,
            "vocab": vocab_by_id(dict(self.vocab)),
            "merges": [list(pair) for pair in zip(left, right, strict=True)],
        }

    @cached_property
    def _tokens(self) -> dict[int, str]:
        return {token_id: token for token, token_id in self.vocab.items()}

    def id_to_token(self, token_id: int) -> str | None:
        """The token of an id, `None` where there is none."""
        return self._tokens.get(token_id)

    def tokenize(self, word: str) -> list[Token]:
        """The tokens of one word, step by step.

        >>> BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")]).tokenize("bab")
        [Token(id=1, value='b', start=0, stop=1), Token(id=2, value='ab', start=1, stop=3)]
        """
        if self.ignore_merges and word in self.vocab:
            return [Token(self.vocab[word], word, 0, len(word))] if word else []
        known = self._first.of_known(word)
        if known is not None:
            merged, firsts = self._merge(known)
            stops = [*firsts, len(word)][1:]
            values = map(self._tokens.__getitem__, merged)
            return list(map(Token, merged, values, firsts, stops))
        symbols, sizes = self._first.of(word)
        merged, firsts = self._merge(symbols)
        # byte -> the code point that it belongs to
        owner = [at for at, char in enumerate(word) for _ in char.encode()]
        tokens = []
        start_byte = 0
        ends = [*firsts, len(symbols)][1:]
        for token_id, first, end in zip(merged, firsts, ends, strict=True):
            stop_byte = start_byte + sum(sizes[first:end])
            # dropped characters shift what follows to the left; bytes of a prefix to the right,
            # where the word may already have ended
            start = owner[min(start_byte, len(owner) - 1)]
            stop = owner[min(stop_byte, len(owner)) - 1] + 1
            tokens.append(Token(token_id, self._tokens[token_id], start, stop))
            start_byte = stop_byte
        return tokens

    def ids(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        """The ids of each word. Nothing is remembered between calls."""
        if sum(map(len, words)) < _FEW_CHARACTERS:
            return [self._word_ids(word) for word in words]
        return rows_as_tuples(*self.flat_ids(FlatTexts.of(words)))

    def flat_ids(self, words: FlatTexts) -> tuple[Ints, Ints]:
        """The same, flat: int64 `(T,)`, and how many ids each word has, int64 `(n,)`."""
        if len(words.codes) < _FEW_CHARACTERS or not self._together:
            return flat_rows([self._word_ids(word) for word in words.texts()])
        n, to_merge = len(words.lengths), words.lengths > 0
        groups = []
        if self.ignore_merges:
            found = np.array([self.vocab.get(word, -1) for word in words.texts()], np.int64)
            whole = np.flatnonzero(to_merge & (found >= 0))
            groups.append((whole, found.take(whole), np.ones_like(whole)))
            to_merge[whole] = False
        rows = np.flatnonzero(to_merge)
        rows = rows[np.argsort(-words.lengths.take(rows), kind="stable")]
        symbols, lengths = self._first.of_many(words.take(rows))
        short = lengths <= MAX_SYMBOLS
        if short.all():
            groups.append((rows, *merge_words(self._table, symbols, lengths)))
        elif not short.any():
            groups.append((rows, *self._merge_long(symbols, lengths)))
        else:
            of_short = np.repeat(short, lengths)
            merged = merge_words(self._table, symbols[of_short], lengths[short])
            groups.append((rows[short], *merged))
            merged = self._merge_long(symbols[~of_short], lengths[~short])
            groups.append((rows[~short], *merged))
        return sorted_rows(groups, n)

    def _merge_long(self, symbols: Ints, lengths: Ints) -> tuple[Ints, Ints]:
        if len(symbols) > _MANY_SYMBOLS and self._walls.hold:
            return merge_long_words(self._table, self._walls, symbols, lengths)
        words = np.split(symbols, np.cumsum(lengths)[:-1])
        return flat_rows([tuple(merge_in_order(self._table, word.tolist())[0]) for word in words])

    @cached_property
    def _walls(self) -> Walls:
        return Walls(self._table)

    @cached_property
    def _together(self) -> bool:
        """Whether many words can be merged at once."""
        highest = max(self.vocab.values(), default=0)
        return self._parts_add_text and self._table.fits and highest < NO_SYMBOL

    def _word_ids(self, word: str) -> tuple[int, ...]:
        if not word:
            return ()
        if self.ignore_merges and word in self.vocab:
            return (self.vocab[word],)
        symbols = self._first.of_known(word)
        if symbols is None:
            symbols, _ = self._first.of(word)
        return tuple(self._merge(symbols)[0])

    def _merge(self, symbols: list[int]) -> tuple[list[int], list[int]]:
        """The symbols that are left of one word, and where in `symbols` each begins."""
        if self._parts_add_text and len(symbols) <= _LONG_WORD:
            return merge_word(self._table, symbols)
        if len(symbols) > _MANY_SYMBOLS and self._together and self._walls.hold:
            given = np.array(symbols, np.int64), np.array([len(symbols)])
            merged, _ = merge_long_words(self._table, self._walls, *given)
            sizes = self._walls.sizes(merged)
            firsts = np.cumsum(sizes) - sizes
            if int(sizes.sum()) == len(symbols):  # else some of them were a merge's already
                return merged.tolist(), firsts.tolist()
        return merge_in_order(self._table, symbols)


def read_bpe(value: object, path: str) -> BPE:
    """The model at `path` of a `tokenizer.json`; raises `TokenizerFileError`."""
    fields = JsonFields(value, path)
    fields.one_of("type", ("BPE",), default="BPE")
    dropout = fields.anything("dropout")
    if dropout is not None and (type(dropout) not in (int, float) or dropout != 0):
        raise UnsupportedComponentError(f"{path}.dropout", "null or 0", repr(dropout))
    model = BPE(
        check_vocab(fields.mapping("vocab"), fields.where("vocab")),
        merge_pairs(fields.list("merges"), fields.where("merges")),
        dropout=dropout,
        unk_token=_text_or_null(fields, "unk_token"),
        continuing_subword_prefix=_text_or_null(fields, "continuing_subword_prefix"),
        end_of_word_suffix=_text_or_null(fields, "end_of_word_suffix"),
        fuse_unk=_flag(fields, "fuse_unk"),
        byte_fallback=_flag(fields, "byte_fallback"),
        ignore_merges=_flag(fields, "ignore_merges"),
        path=path,
    )
    fields.finish()
    return model


def _text_or_null(fields: JsonFields, name: str) -> str | None:
    if fields.is_null(name) or not fields.has(name):
        fields.anything(name)
        return None
    return fields.string(name)


def _flag(fields: JsonFields, name: str) -> bool:
    """A boolean that may be null or absent, which is false."""
    if fields.is_null(name):
        fields.anything(name)
        return False
    return fields.boolean(name, False)
