"""`models/bpe_batch.py`: many words at once give what each gives alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_tokenize.models import BPE
from lattice_tokenize.models.bpe_batch import MAX_SYMBOLS
from lattice_tokenize.models.bpe_pairs import NO_RANK
from lattice_tokenize.models.merge_table import MergeTable

MANY = 200


@st.composite
def models(draw: st.DrawFn) -> BPE:
    """A vocabulary grown by merging; ranks in any order, tokens made in several ways."""
    prefix = draw(st.sampled_from(["", "", "#", "é"]))
    suffix = draw(st.sampled_from(["", "", "$"]))
    vocab: dict[str, int] = {}
    for char in "abé":
        for token in (char, prefix + char, char + suffix, prefix + char + suffix):
            vocab.setdefault(token, len(vocab))
    if draw(st.booleans()):
        for byte in range(256):
            vocab.setdefault(f"<0x{byte:02X}>", len(vocab))
    merges = []
    pool = [token for token in vocab if not token.startswith("<")]
    for _ in range(draw(st.integers(0, 30))):
        left = draw(st.sampled_from(pool))
        right = draw(st.sampled_from([t for t in pool if t.startswith(prefix)]))
        whole = left + right.removeprefix(prefix)
        if len(whole) < 12:
            vocab.setdefault(whole, len(vocab))
            pool.append(whole)
            merges.append((left, right))
    scale = draw(st.sampled_from([1, 1000]))
    return BPE(
        {token: token_id * scale for token, token_id in vocab.items()},
        draw(st.permutations(merges)),
        unk_token=draw(st.sampled_from([None, "a", "é"])),
        continuing_subword_prefix=prefix,
        end_of_word_suffix=suffix,
        fuse_unk=draw(st.booleans()),
        byte_fallback=draw(st.booleans()),
        ignore_merges=draw(st.booleans()),
    )


@settings(deadline=None)
@given(models(), st.lists(st.text("aabbé😀", max_size=40), min_size=MANY // 4, max_size=MANY))
def test_together_as_one_by_one(model: BPE, words: list[str]) -> None:
    words *= 4
    expected = [tuple(token.id for token in model.tokenize(word)) for word in words]
    assert model.ids(words) == expected
    assert [model.ids([word])[0] for word in words] == expected


def by_definition(model: BPE, merges: list[tuple[str, str]], word: str) -> list[str]:
    """As long as there is a pair to merge: of all, the one of lowest rank, the leftmost."""
    parts = list(word)
    while pairs := [
        (merges.index(pair), at) for at, pair in enumerate(pairwise(parts)) if pair in merges
    ]:
        _, at = min(pairs)
        parts[at : at + 2] = ["".join(parts[at : at + 2])]
    return parts


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.text("ab", min_size=1, max_size=4), st.text("ab", min_size=1)), max_size=9
    ).map(lambda merges: list(dict.fromkeys(merges))),
    st.text("ab", max_size=90),
)
def test_against_the_definition(merges: list[tuple[str, str]], word: str) -> None:
    tokens = dict.fromkeys(["a", "b", *(t for pair in merges for t in (*pair, "".join(pair)))])
    vocab = {token: token_id for token_id, token in enumerate(tokens)}
    model = BPE(vocab, merges)
    expected = tuple(vocab[part] for part in by_definition(model, merges, word))
    assert model.ids([word]) == [expected]
    assert model.ids([word] * MANY) == [expected] * MANY


@pytest.mark.parametrize("length", [MAX_SYMBOLS - 1, MAX_SYMBOLS, MAX_SYMBOLS + 1])
def test_words_around_the_limit(length: int) -> None:
    model = BPE({"a": 0, "aa": 1, "aaaa": 2}, [("a", "a"), ("aa", "aa")])
    quads, rest = divmod(length, 4)
    expected = (2,) * quads + (1,) * (rest // 2) + (0,) * (rest % 2)
    assert model.ids(["a" * length] * MANY) == [expected] * MANY


def test_ids_that_do_not_fit_into_a_slot() -> None:
    model = BPE({"a": 0, "b": (1 << 31) - 1, "ab": 1 << 30}, [("a", "b")])
    assert model.ids(["aab"] * MANY) == [(0, 1 << 30)] * MANY


def test_ids_without_merges_that_do_not_fit_into_a_slot() -> None:
    model = BPE({"a": 0, "b": 1, "ab": 2, "d": 1 << 21, "c": (1 << 21) - 1}, [("a", "b")])
    words = ["db", "cab", "acb"] * MANY
    assert model.ids(words) == [(1 << 21, 1), ((1 << 21) - 1, 2), (0, (1 << 21) - 1, 1)] * MANY


def test_words_that_are_all_tokens() -> None:
    model = BPE({"a": 0, "b": 1, "ab": 2}, [], ignore_merges=True)
    assert model.ids(["ab", ""] * 4 * MANY) == [(2,), ()] * 4 * MANY


def test_threads_share_a_model() -> None:
    words = [f"{'ab' * (i % 9)}{'b' * (i % 5)}" for i in range(500)]
    model = BPE({"a": 0, "b": 1, "ab": 2, "abab": 3}, [("a", "b"), ("ab", "ab")])
    expected = [tuple(token.id for token in model.tokenize(word)) for word in words]
    with ThreadPoolExecutor(4) as pool:
        assert all(ids == expected for ids in pool.map(model.ids, [words] * 16))


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=300, unique=True),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=50),
)
def test_the_table_of_pairs_is_the_dict(
    pairs: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    both = np.array(pairs, np.int64).reshape(-1, 2)
    table = MergeTable(both[:, 0].copy(), both[:, 1].copy(), np.zeros(len(pairs), np.int64))
    wanted = np.array([*asked, *pairs], np.int64)
    left, right = wanted[:, 0].copy(), wanted[:, 1].copy()
    expected = [
        table.rows[a].get(b, NO_RANK) for a, b in zip(left.tolist(), right.tolist(), strict=True)
    ]
    assert table.ranks(left, right).tolist() == expected
