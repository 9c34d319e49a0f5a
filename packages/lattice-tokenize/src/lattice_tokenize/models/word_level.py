"""Word -> the id of the whole word, or of the unknown token.

Follows `WordLevel` of Hugging Face tokenizers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import TokenizerFileError
from ..flat_texts import FlatTexts
from ..json_fields import JsonFields
from ..ragged import flat_rows
from .token import Token
from .vocabulary import check_vocab, vocab_by_id

__all__ = ["WordLevel", "read_word_level"]


class WordLevel:
    """The WordLevel model over a vocabulary.

    >>> model = WordLevel({"[UNK]": 0, "lattice": 1}, unk_token="[UNK]")
    >>> model.ids(["lattice", "grid"])
    [(1,), (0,)]
    """

    def __init__(
        self, vocab: dict[str, int], *, unk_token: str = "<unk>", path: str = "model"
    ) -> None:
        self.vocab: Mapping[str, int] = vocab
        self.unk_token = unk_token
        self._path = path

    def to_json(self) -> dict[str, Any]:
        """The object of the file."""
        return {
            "type": "WordLevel",
            "vocab": vocab_by_id(self.vocab),
            "unk_token": self.unk_token,
        }

    @cached_property
    def _tokens(self) -> dict[int, str]:
        return {token_id: token for token, token_id in self.vocab.items()}

    def id_to_token(self, token_id: int) -> str | None:
        """The token of an id, `None` where there is none."""
        return self._tokens.get(token_id)

    def _id(self, word: str) -> int:
        token_id = self.vocab.get(word, self.vocab.get(self.unk_token))
        if token_id is None:
            # as in the oracle, only a word that needs the token finds out
            raise TokenizerFileError(
                f"{self._path}.unk_token", "a token of model.vocab", repr(self.unk_token)
            )
        return token_id

    def ids(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        """The ids of each word. Nothing is remembered between calls."""
        return [(self._id(word),) for word in words]

    def flat_ids(self, words: FlatTexts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same, flat: int64 `(n,)`, and how many each word has, which is 1."""
        return flat_rows(self.ids(words.texts()))

    def tokenize(self, word: str) -> list[Token]:
        """The one token of a word.

        >>> WordLevel({"[UNK]": 0}, unk_token="[UNK]").tokenize("grid")
        [Token(id=0, value='[UNK]', start=0, stop=4)]
        """
        value = word if word in self.vocab else self.unk_token
        return [Token(self._id(word), value, 0, len(word))]


def read_word_level(value: object, path: str) -> WordLevel:
    """The model at `path` of a `tokenizer.json`; raises `TokenizerFileError`."""
    fields = JsonFields(value, path)
    fields.one_of("type", ("WordLevel",), default="WordLevel")
    model = WordLevel(
        check_vocab(fields.mapping("vocab"), fields.where("vocab")),
        unk_token=fields.string("unk_token"),
        path=path,
    )
    fields.finish()
    return model
