"""`models/unigram_batch.py`: the same as its readable twin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.models import unigram, unigram_batch
from lattice_tokenize.models.unigram import Unigram

# 0.1 + 0.2 + 0.3 depends on the order; the others are for ties
SCORES = st.sampled_from([0.0, -1.0, -2.0, -3.0, 0.1, 0.2, 0.3, -7.4715776443481445, 100.5])


@given(
    pieces=st.lists(st.tuples(st.text("abc", max_size=5), SCORES), max_size=16),
    words=st.lists(st.text("abcz☃", max_size=20), max_size=20),
    byte_fallback=st.booleans(),
    fewest=st.sampled_from([1, 4]),
    cells=st.sampled_from([32, 1 << 16]),
    sparse=st.sampled_from([1, 8, 1000]),
    few=st.sampled_from([0, 256]),
)
def test_same_as_the_readable_twin(
    pieces: list[tuple[str, float]],
    words: list[str],
    byte_fallback: bool,
    fewest: int,
    cells: int,
    sparse: int,
    few: int,
) -> None:
    pieces = [*pieces, ("<unk>", 0.0), *((f"<0x{byte:02X}>", -5.0) for byte in "z☃".encode())]
    model = Unigram(pieces, unk_id=len(pieces) - 4, byte_fallback=byte_fallback)
    words = [*words, "<unk>", "z<unk>", "☃☃a"]
    expected = [tuple(token.id for token in model.tokenize(word)) for word in words]
    assert model.ids(words) == expected  # few words: one by one
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unigram, "_FEWEST_WORDS", 0)
        patch.setattr(unigram, "_CHARACTERS_BEFORE_TABLE", 0)
        patch.setattr(unigram_batch, "_FEWEST_WORDS", fewest)
        patch.setattr(unigram_batch, "_CELLS", cells)
        patch.setattr(unigram_batch, "_SPARSE", sparse)
        patch.setattr(unigram_batch, "_FEW_WORDS", few)
        assert model.ids(words) == expected
        assert model._fast is not None
    assert [model._fused(word, model._fast.alone.path(word)) for word in words] == expected


def test_words_of_all_lengths_together() -> None:
    model = Unigram([("<unk>", 0.0), ("a", -1.0), ("aa", -1.5), ("b", -2.0)], unk_id=0)
    words = ["a" * n + "bxx" * (n % 3) for n in range(1, 1100)]
    assert model.ids(words) == [tuple(t.id for t in model.tokenize(word)) for word in words]


def test_many_empty_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unigram, "_CHARACTERS_BEFORE_TABLE", 0)
    model = Unigram([("<unk>", 0.0)], unk_id=0)
    assert model.ids([""] * 2000) == [()] * 2000
    assert model._fast is not None


def test_long_pieces_of_many_words() -> None:
    pieces = [("<unk>", 0.0), *(("a" * n, -1.0 - n) for n in range(1, 60))]
    words = ["a" * (n % 90) + "b" * (n % 2) for n in range(1500)]
    model = Unigram(pieces, unk_id=0)
    assert model.ids(words) == [tuple(t.id for t in model.tokenize(word)) for word in words]
    assert model._fast is not None
