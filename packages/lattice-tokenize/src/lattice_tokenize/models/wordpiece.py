"""A word -> tokens of the vocabulary, longest match first from the left.

Follows `WordPiece` of Hugging Face tokenizers: pieces after the first carry a prefix ("##"); a
word with a part that no piece covers, or that is too long, is one unknown token. As there, an
unknown token that is not in the vocabulary is an error only when a word needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import TokenizerFileError
from ..flat_texts import FlatTexts
from ..json_fields import JsonFields
from ..ragged import flat_rows, rows_as_tuples
from .token import Token
from .vocabulary import check_vocab, vocab_by_id

if TYPE_CHECKING:
    from .wordpiece_batch import WordPieceBatch

__all__ = ["WordPiece", "read_wordpiece"]

Ints = NDArray[np.int64]

# Below so many words, going word by word is faster.
_FEWEST_WORDS = 100
# The table takes as long to build as so many words take without it.
_WORDS_BEFORE_TABLE = 8_000


class WordPiece:
    """The WordPiece model over a vocabulary.

    >>> model = WordPiece({"[UNK]": 0, "token": 1, "##iz": 2, "##er": 3})
    >>> model.ids(["tokenizer", "xylophone"])
    [(1, 2, 3), (0,)]
    >>> model.tokenize("tokeniz")[1]
    Token(id=2, value='##iz', start=5, stop=7)
    """

    def __init__(
        self,
        vocab: dict[str, int],
        *,
        unk_token: str = "[UNK]",
        continuing_subword_prefix: str = "##",
        max_input_chars_per_word: int = 100,
    ) -> None:
        self.vocab = vocab
        self.unk_token = unk_token
        self.continuing_subword_prefix = continuing_subword_prefix
        self.max_input_chars_per_word = max_input_chars_per_word
        self._batch: WordPieceBatch | None = None
        self._words_so_far = 0

    @cached_property
    def _longest_piece(self) -> int:
        return max(map(len, self.vocab), default=0)

    @cached_property
    def _token_of(self) -> dict[int, str]:
        return {token_id: token for token, token_id in self.vocab.items()}

    @property
    def _unk_id(self) -> int:
        token_id = self.vocab.get(self.unk_token)
        if token_id is None:
            raise TokenizerFileError(
                "model.unk_token",
                "a token of model.vocab, as a word needs it",
                repr(self.unk_token),
            )
        return token_id

    def id_to_token(self, token_id: int) -> str | None:
        """The token of an id, `None` where the vocabulary has a hole."""
        return self._token_of.get(token_id)

    def tokenize(self, word: str) -> list[Token]:
        """The tokens of one word."""
        unknown = len(word) > self.max_input_chars_per_word
        tokens: list[Token] = []
        start = 0
        while start < len(word) and not unknown:
            prefix = self.continuing_subword_prefix if start else ""
            for stop in range(min(len(word), start + self._longest_piece), start, -1):
                piece = prefix + word[start:stop]
                if piece in self.vocab:
                    tokens.append(Token(self.vocab[piece], piece, start, stop))
                    start = stop
                    break
            else:
                unknown = True
        return [Token(self._unk_id, self.unk_token, 0, len(word))] if unknown else tokens

    def ids(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        """The ids of each word. Nothing is remembered, so give each distinct word once."""
        if len(words) < _FEWEST_WORDS:
            return list(map(self._ids_of_one, words))
        return rows_as_tuples(*self.flat_ids(FlatTexts.of(words)))

    def flat_ids(self, words: FlatTexts) -> tuple[Ints, Ints]:
        """The same, flat: int64 `(T,)`, and how many ids each word has, int64 `(n,)`."""
        batch, lengths = self._batch, words.lengths
        if batch is None and len(lengths) >= _FEWEST_WORDS:
            # two threads may both count, and both build: the same table twice, no harm
            self._words_so_far += len(lengths)
            if self._words_so_far >= _WORDS_BEFORE_TABLE:
                from .wordpiece_batch import WordPieceBatch

                batch = self._batch = WordPieceBatch(self.vocab, self.continuing_subword_prefix)
        if batch is None or len(lengths) < _FEWEST_WORDS:
            return flat_rows(list(map(self._ids_of_one, words.texts())))
        fits = lengths <= self.max_input_chars_per_word
        if not fits.all():
            words = FlatTexts(words.codes[np.repeat(fits, lengths)], lengths * fits)
        ids, counts = batch.ids(words)
        # too long, or with a part that no piece covers
        unknown = np.flatnonzero((counts == 0) & (lengths > 0))
        if unknown.size:
            ids = np.insert(ids, np.cumsum(counts).take(unknown), self._unk_id)
            counts[unknown] = 1
        return ids, counts

    def _ids_of_one(self, word: str) -> tuple[int, ...]:
        """`tokenize`, without the tokens."""
        if len(word) > self.max_input_chars_per_word:
            return (self._unk_id,)
        vocab, longest, prefix = self.vocab, self._longest_piece, self.continuing_subword_prefix
        ids: list[int] = []
        rest, nothing = word, 0  # what is left, behind the prefix of continuing pieces
        while len(rest) > nothing:
            for stop in range(min(len(rest), longest), nothing, -1):
                piece = rest[:stop]
                if piece in vocab:
                    break
            else:
                return (self._unk_id,)
            ids.append(vocab[piece])
            rest, nothing = prefix + rest[stop:], len(prefix)
        return tuple(ids)

    def to_json(self) -> dict[str, Any]:
        """The object that `read_wordpiece` would read as this model."""
        return {
            "type": "WordPiece",
            "unk_token": self.unk_token,
            "continuing_subword_prefix": self.continuing_subword_prefix,
            "max_input_chars_per_word": self.max_input_chars_per_word,
            "vocab": vocab_by_id(self.vocab),
        }


def read_wordpiece(value: object, path: str) -> WordPiece:
    """The "model" of a file, of type "WordPiece".

    >>> vocab = {"[UNK]": 0}
    >>> fields = {"unk_token": "[UNK]", "continuing_subword_prefix": "##"}
    >>> value = {"type": "WordPiece", **fields, "max_input_chars_per_word": 100, "vocab": vocab}
    >>> read_wordpiece(value, "model").to_json() == value
    True
    """
    fields = JsonFields(value, path)
    fields.one_of("type", ("WordPiece",), default="WordPiece")
    model = WordPiece(
        check_vocab(fields.mapping("vocab"), fields.where("vocab")),
        unk_token=fields.string("unk_token"),
        continuing_subword_prefix=fields.string("continuing_subword_prefix"),
        max_input_chars_per_word=fields.natural("max_input_chars_per_word"),
    )
    fields.finish()
    return model
