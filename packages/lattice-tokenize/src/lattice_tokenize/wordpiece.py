"""Word -> ids of vocabulary pieces, longest match first from the left.

Follows `WordPiece` of Hugging Face tokenizers: pieces after the first carry a prefix ("##"); a
word with a part that no piece covers, or that is too long, is one unknown token.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

__all__ = ["MAX_REMEMBERED_WORDS", "WordPiece"]

# A word and its ids take about 200 bytes: the memory of a tokenizer stays below some 50 MB.
MAX_REMEMBERED_WORDS = 1 << 18


class _WordIds(dict[str, tuple[int, ...]]):
    """Words already seen -> their ids. Emptied when full; safe in threads, since every entry
    is computed from the word alone and written in one step."""

    def __init__(self, model: WordPiece) -> None:
        super().__init__()
        self._model = model

    def __missing__(self, word: str) -> tuple[int, ...]:
        ids = self._model.longest_matches(word)
        if len(word) <= self._model.max_input_chars_per_word:
            if len(self) >= MAX_REMEMBERED_WORDS:
                self.clear()
            self[word] = ids
        return ids


class WordPiece:
    """The WordPiece model over a vocabulary.

    >>> model = WordPiece({"[UNK]": 0, "token": 1, "##iz": 2, "##er": 3}, unk_token="[UNK]")
    >>> model.ids(["tokenizer", "xylophone"])
    [1, 2, 3, 0]
    """

    def __init__(
        self,
        vocab: dict[str, int],
        *,
        unk_token: str,
        continuing_subword_prefix: str = "##",
        max_input_chars_per_word: int = 100,
    ) -> None:
        self.vocab = vocab
        self.unk_token = unk_token
        self.unk_id = vocab[unk_token]
        self.continuing_subword_prefix = continuing_subword_prefix
        self.max_input_chars_per_word = max_input_chars_per_word
        self._longest_piece = max(map(len, vocab))
        self._word_ids = _WordIds(self)

    def ids(self, words: Iterable[str]) -> list[int]:
        """The ids of `words`, one after the other."""
        return list(chain.from_iterable(map(self._word_ids.__getitem__, words)))

    def longest_matches(self, word: str) -> tuple[int, ...]:
        """The ids of one word, computed anew."""
        if len(word) > self.max_input_chars_per_word:
            return (self.unk_id,)
        ids = []
        start = 0
        while start < len(word):
            prefix = self.continuing_subword_prefix if start else ""
            for end in range(min(len(word), start + self._longest_piece), start, -1):
                piece_id = self.vocab.get(prefix + word[start:end])
                if piece_id is not None:
                    break
            else:
                return (self.unk_id,)
            ids.append(piece_id)
            start = end
        return tuple(ids)
