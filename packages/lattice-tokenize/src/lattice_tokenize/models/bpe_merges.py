"""The "merges" of a BPE model -> a table of merges, every part known to the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice
from operator import eq
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import TokenizerFileError
from .merge_table import MergeTable

__all__ = ["all_parts_add_text", "merge_pairs", "merge_table"]

Ints = npt.NDArray[np.int64]
Pairs = Sequence[Sequence[str]]


def merge_pairs(merges: list[Any], path: str) -> Pairs:
    """The merges as pairs, from either way of writing them.

    That both parts are strings is left to `merge_table`, which has to look at each.

    >>> merge_pairs(["a b", "ab c"], "model.merges")
    [['a', 'b'], ['ab', 'c']]
    """
    if merges and isinstance(merges[0], str):
        return _pairs_of_lines(merges, path)
    if set(map(type, merges)) <= {list} and set(map(len, merges)) <= {2}:
        return merges
    for index, pair in enumerate(merges):
        if not (isinstance(pair, list) and len(pair) == 2):
            raise TokenizerFileError(f"{path}[{index}]", "a list of two strings", _short(pair))
    raise AssertionError("merges were refused without a reason")


def _pairs_of_lines(lines: list[Any], path: str) -> list[list[str]]:
    """The older way: two parts with a space between, as the lines of merges.txt."""
    pairs = []
    for index, line in enumerate(lines):
        if not isinstance(line, str):
            raise TokenizerFileError(f"{path}[{index}]", "a string, as the first", _short(line))
        if line.startswith("#version"):
            continue
        pair = line.split(" ")
        if len(pair) != 2:
            expected = "two parts with one space between"
            raise TokenizerFileError(f"{path}[{index}]", expected, _short(line))
        pairs.append(pair)
    return pairs


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def merge_table(vocab: dict[str, int], pairs: Pairs, prefix: str, path: str) -> MergeTable:
    """The pairs as ids. A pair becomes the token that is both parts, less `prefix` between them.

    As in the oracle, as many bytes as the prefix has leave the right part, whatever they are.
    """
    cut = len(prefix.encode())
    id_of = vocab.__getitem__
    try:
        parts = np.fromiter(map(id_of, chain.from_iterable(pairs)), np.int64, 2 * len(pairs))
        whole = [_whole(pair, cut) for pair in pairs] if cut else list(map("".join, pairs))
        merged = _ids_in_a_row(vocab, whole)
        if merged is None:
            merged = np.fromiter(map(id_of, whole), np.int64, len(whole))
    except (KeyError, TypeError, UnicodeDecodeError):
        raise _first_fault(vocab, pairs, cut, path) from None
    return MergeTable(parts[::2].copy(), parts[1::2].copy(), merged)


def _ids_in_a_row(vocab: dict[str, int], tokens: list[str]) -> Ints | None:
    """The ids of tokens that stand one after the other in the vocabulary, `None` if they do not.

    In most files merges have the order of the tokens that they make, and to compare two lists
    takes less than to look up one.
    """
    if not tokens or tokens[0] not in vocab:
        return None
    id_of_first = vocab[tokens[0]]
    ids = np.fromiter(vocab.values(), np.int64, len(vocab))
    begin = int(np.flatnonzero(ids == id_of_first)[0])
    row = islice(vocab, begin, begin + len(tokens))
    if begin + len(tokens) > len(vocab) or not all(map(eq, row, tokens)):
        return None
    return ids[begin : begin + len(tokens)]


def _whole(pair: Sequence[str], cut: int) -> str:
    left, right = pair
    spelled = right.encode()
    if len(spelled) < cut:
        raise KeyError(right)
    return left + spelled[cut:].decode()


def _first_fault(
    vocab: dict[str, int], pairs: Sequence[Sequence[Any]], cut: int, path: str
) -> TokenizerFileError:
    for index, pair in enumerate(pairs):
        where = f"{path}[{index}]"
        for part in pair:
            if not isinstance(part, str):
                return TokenizerFileError(where, "a list of two strings", _short(pair))
            if part not in vocab:
                return TokenizerFileError(where, "parts of the vocabulary", _short(part))
        try:
            known = _whole(pair, cut) in vocab
        except (KeyError, UnicodeDecodeError):
            known = False
        if not known:
            return TokenizerFileError(where, "two parts that make a token", _short(list(pair)))
    raise AssertionError("merges were refused without a reason")


def all_parts_add_text(vocab: dict[str, int], table: MergeTable, prefix: str) -> bool:
    """Whether every right part of a merge is longer than what is cut from it.

    Then a pair that changes also changes what it becomes, and "the lowest rank first" says all.
    """
    cut = len(prefix.encode())
    # longer than the prefix in code points is longer in bytes
    short = [i for token, i in vocab.items() if len(token) <= cut] if cut else [vocab.get("", -1)]
    short = [token_id for token_id in short if len(table.merged) and token_id >= 0]
    return not short or not bool(np.isin(table.right, short).any())
