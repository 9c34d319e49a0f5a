"""`models/wordpiece_batch.py`: the same as its readable twin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.flat_texts import FlatTexts
from lattice_tokenize.models import wordpiece, wordpiece_batch
from lattice_tokenize.models.wordpiece import WordPiece
from lattice_tokenize.models.wordpiece_batch import WordPieceBatch
from lattice_tokenize.ragged import rows_as_tuples


def ids(batch: WordPieceBatch, words: list[str]) -> list[tuple[int, ...]]:
    return rows_as_tuples(*batch.ids(FlatTexts.of(words)))


def test_words_follow_each_other() -> None:
    batch = WordPieceBatch({"un": 5, "##a": 6, "una": 7}, "##")
    assert ids(batch, ["un", "", "unaa", "x", "unx"]) == [(5,), (), (7, 6), (), ()]


def test_no_words() -> None:
    assert ids(WordPieceBatch({"a": 0}, "##"), []) == []


def test_more_words_than_are_done_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordpiece_batch, "_WORDS_AT_A_TIME", 3)
    batch = WordPieceBatch({"a": 0, "##a": 1}, "##")
    assert ids(batch, ["a" * n for n in range(1, 9)]) == [(0,) + (1,) * n for n in range(8)]


@pytest.mark.parametrize("prefix", ["##", "a", ""])
@given(
    pieces=st.sets(st.text("abc", max_size=4), max_size=12),
    inner=st.sets(st.text("abc", max_size=4), max_size=12),
    words=st.lists(st.text("abcz", max_size=9), max_size=12),
    limit=st.integers(0, 9),
)
def test_same_as_the_readable_twin(
    prefix: str, pieces: set[str], inner: set[str], words: list[str], limit: int
) -> None:
    tokens = ["?", *sorted(pieces | {prefix + piece for piece in inner})]
    vocab = {token: 3 * place for place, token in enumerate(tokens)}
    model = WordPiece(
        vocab, unk_token="?", continuing_subword_prefix=prefix, max_input_chars_per_word=limit
    )
    expected = [tuple(token.id for token in model.tokenize(word)) for word in words]
    assert model.ids(words) == expected  # few words: one by one
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wordpiece, "_FEWEST_WORDS", 0)
        patch.setattr(wordpiece, "_WORDS_BEFORE_TABLE", 0)
        assert model.ids(words) == expected
        assert model._batch is not None
