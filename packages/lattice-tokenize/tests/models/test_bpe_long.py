"""`models/bpe_long.py` and `models/bpe_walls.py`: many merges at a time give what one after the
other gives.
"""

from __future__ import annotations

import tracemalloc
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_tokenize.models import BPE
from lattice_tokenize.models.bpe_long import merge_long_words
from lattice_tokenize.models.bpe_walls import Walls
from lattice_tokenize.models.bpe_word import merge_in_order
from lattice_tokenize.models.merge_table import MergeTable


def table_of(merges: list[tuple[str, str]]) -> tuple[MergeTable, dict[str, int]]:
    tokens = dict.fromkeys([*"abc", *(t for left, right in merges for t in (left, right))])
    tokens.update(dict.fromkeys(left + right for left, right in merges))
    vocab = {token: token_id for token_id, token in enumerate(tokens)}
    ids = np.array([(vocab[a], vocab[b], vocab[a + b]) for a, b in merges], np.int64)
    left, right, merged = ids.reshape(-1, 3).T.copy()
    return MergeTable(left, right, merged), vocab


@st.composite
def trained(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Merges as a training leaves them, or a conversion: all ways to make a token together."""
    tokens = list("abc")
    merges: list[tuple[str, str]] = []
    for _ in range(draw(st.integers(0, 25))):
        whole = draw(st.sampled_from(tokens)) + draw(st.sampled_from(tokens))
        if whole in tokens or len(whole) > 12:
            continue
        cuts = [(whole[:i], whole[i:]) for i in range(1, len(whole))]
        ways = [pair for pair in cuts if pair[0] in tokens and pair[1] in tokens]
        merges += draw(st.permutations(ways)) if draw(st.booleans()) else ways[:1]
        tokens.append(whole)
    return merges


@settings(deadline=None)
@given(
    trained(),
    st.lists(st.text("aabc", max_size=60) | st.text("a", max_size=60), min_size=1, max_size=6),
)
def test_many_at_a_time_as_one_by_one(merges: list[tuple[str, str]], words: list[str]) -> None:
    table, vocab = table_of(merges)
    walls = Walls(table)
    assert walls.hold
    symbols = [[vocab[char] for char in word] for word in words]
    flat = np.array([symbol for word in symbols for symbol in word], np.int64)
    left, counts = merge_long_words(table, walls, flat, np.array(list(map(len, words))))
    expected = [merge_in_order(table, word)[0] for word in symbols]
    assert counts.tolist() == list(map(len, expected))
    assert left.tolist() == [symbol for word in expected for symbol in word]


@pytest.mark.parametrize(
    ("merges", "hold"),
    [
        ([("a", "b"), ("ab", "c")], True),
        ([("ab", "c"), ("a", "b")], False),
        ([("a", "b"), ("b", "c"), ("ab", "c"), ("a", "bc")], True),
        ([("a", "b"), ("ab", "c"), ("b", "c"), ("a", "bc"), ("abc", "a")], True),
        ([("a", "b"), ("ab", "c"), ("abc", "a"), ("b", "c"), ("a", "bc")], False),
        ([], True),
    ],
)
def test_walls_hold_where_parts_come_first(merges: list[tuple[str, str]], hold: bool) -> None:
    assert Walls(table_of(merges)[0]).hold == hold


def test_walls_do_not_hold_where_a_token_begins_or_ends_in_two_ways() -> None:
    # both merges make token 9: the first ends in 2, the second in 3
    left, right, merged = np.array([1, 1]), np.array([2, 3]), np.array([9, 9])
    assert not Walls(MergeTable(left, right, merged)).hold
    assert not Walls(MergeTable(right, left, merged)).hold


def test_a_wall_is_the_lowest_rank_across() -> None:
    table, vocab = table_of([("a", "b"), ("b", "c"), ("c", "ab"), ("ab", "c")])
    walls = Walls(table)
    a, b, c, ab = (np.array([vocab[token]]) for token in ("a", "b", "c", "ab"))
    assert [int(walls.left_of(x, y)[0]) for x, y in ((a, b), (b, c), (ab, c), (c, ab))] == [
        0,
        1,
        1,
        2,
    ]
    assert [int(walls.right_of(x, y)[0]) for x, y in ((a, b), (c, a), (ab, c))] == [0, 2, 3]


def test_a_long_word_among_short_ones() -> None:
    model = BPE(
        {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4, "aa": 5},
        [("a", "b"), ("ab", "c"), ("a", "a")],
    )
    words = ["ab", "abcaab" * 500, "", "aaa" * 300, "cab", *["abc"] * 300]
    expected = [(3,), (4, 0, 3) * 500, (), (5,) * 450, (2, 3), *[(4,)] * 300]
    assert model.ids(words) == expected
    # merges before those that make their parts: one by one
    disordered = BPE({"a": 0, "b": 1, "ab": 3, "aba": 4}, [("ab", "a"), ("a", "b")])
    assert disordered.ids(["ab" * 1501]) == [(4, 1) * 750 + (3,)]


def test_tokens_of_a_long_word_stand_where_one_by_one_puts_them() -> None:
    merges = [("a", "b"), ("ab", "c"), ("a", "a")]
    vocab = {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4, "aa": 5}
    word = "abcaabaaacb" * 300
    tokens = BPE(vocab, merges).tokenize(word)
    assert [word[token.start : token.stop] for token in tokens] == [token.value for token in tokens]
    expected = [("abc", 0, 3), ("a", 3, 4), ("ab", 4, 6), ("aa", 6, 8), ("a", 8, 9)]
    assert [(t.value, t.start, t.stop) for t in tokens[:5]] == expected
    assert [token.stop for token in tokens[:-1]] == [token.start for token in tokens[1:]]
    assert tokens[-1] == (1, "b", 3299, 3300)


def test_a_long_word_whose_unknown_token_is_a_merge() -> None:
    # each of them counts for one character, though it is made of two symbols
    model = BPE({"a": 0, "u": 1, "au": 2}, [("a", "u")], unk_token="au")
    tokens = model.tokenize("a?" * 1500)
    assert [tuple(token) for token in tokens[:3]] == [
        (0, "a", 0, 1),
        (2, "au", 1, 2),
        (0, "a", 2, 3),
    ]
    assert len(tokens) == 3000


@pytest.mark.parametrize("word", ["a" * (1 << 18), "aab" * (1 << 16)])
def test_the_arrays_of_a_long_word_are_small(word: str) -> None:
    # those that leave the cache make twice the text take more than twice the time
    table, vocab = table_of([("a", "a"), ("a", "b"), ("aa", "aa")])
    walls = Walls(table)
    symbols = np.array([vocab[char] for char in word])
    merge_long_words(table, walls, symbols[:5000], np.array([5000]))  # makes the tables
    tracemalloc.start()
    merge_long_words(table, walls, symbols, np.array([len(symbols)]))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # for each symbol: 4 it and 4 its rank, 4 where a pair begins, 1 if it is kept, 2 what is left;
    # and some 40 bytes for each of a block
    assert peak_bytes < 15 * len(symbols) + 64 * (1 << 15)


def test_a_word_of_very_many_characters() -> None:
    model = BPE(
        {"a": 0, "b": 1, "aa": 2, "ab": 3, "aaaa": 4}, [("a", "a"), ("a", "b"), ("aa", "aa")]
    )
    start = process_time()
    assert model.ids(["a" * (1 << 18) + "b"]) == [(4,) * (1 << 16) + (1,)]
    assert process_time() - start < 5
