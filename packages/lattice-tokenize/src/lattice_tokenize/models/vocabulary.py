"""The "vocab" of a model as an object of the file -> a checked dict of token -> id.

Stricter than Hugging Face tokenizers: ids fit into int32, as packed ids are, and two tokens that
share an id are refused, since an id could not be turned back into its token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import TokenizerFileError
from ..json_fields import MAX_TOKEN_ID

__all__ = ["check_vocab", "vocab_by_id"]


def check_vocab(vocab: dict[str, Any], path: str) -> dict[str, int]:
    """`vocab` itself, if every id is an int from 0 to 2**31 - 1 and no two are equal.

    >>> check_vocab({"a": 0, "b": 7}, "model.vocab")
    {'a': 0, 'b': 7}
    """
    if not vocab:
        return vocab
    try:
        # bool is an int to Python, never to the format
        if set(map(type, vocab.values())) == {int}:
            ids = np.fromiter(vocab.values(), np.int64, len(vocab))
            if not _ascend(ids):
                ids.sort()
            if ids[0] >= 0 and ids[-1] <= MAX_TOKEN_ID and _ascend(ids):
                return vocab
    except OverflowError:
        pass
    raise _first_fault(vocab, path)


def _ascend(ids: NDArray[np.int64]) -> bool:
    return bool((ids[1:] > ids[:-1]).all())


def _first_fault(vocab: dict[str, Any], path: str) -> TokenizerFileError:
    owner: dict[int, str] = {}
    for token, token_id in vocab.items():
        where = f"{path}[{token!r}]"
        if type(token_id) is not int or not 0 <= token_id <= MAX_TOKEN_ID:
            return TokenizerFileError(where, f"an id from 0 to {MAX_TOKEN_ID}", repr(token_id))
        first = owner.setdefault(token_id, token)
        if first != token:
            return TokenizerFileError(where, "an id of its own", f"{token_id}, which is {first!r}")
    raise AssertionError("a vocabulary was refused without a reason")


def vocab_by_id(vocab: Mapping[str, int]) -> dict[str, int]:
    """The vocabulary in the order of ids, as Hugging Face tokenizers writes it."""
    return dict(sorted(vocab.items(), key=lambda item: item[1]))
