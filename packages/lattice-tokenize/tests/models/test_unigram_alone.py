"""`models/unigram_alone.py`: the same as its readable twin, `Unigram._best_path`."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.models.piece_scores import PieceScores
from lattice_tokenize.models.unigram import Unigram
from lattice_tokenize.models.unigram_alone import UnigramAlone

SCORES = st.sampled_from([0.0, -1.0, -2.0, -3.0, 0.1, 0.2, 0.3, -7.4715776443481445, 100.5])


@given(
    pieces=st.lists(st.tuples(st.text("ab𝒳", max_size=5), SCORES), min_size=1, max_size=16),
    word=st.text("ab𝒳z☃", max_size=20),
)
def test_same_as_the_readable_twin(pieces: list[tuple[str, float]], word: str) -> None:
    model = Unigram(pieces, unk_id=0)
    scores = np.array(model.scores)
    alone = UnigramAlone(PieceScores(model.vocab, scores, unk_id=0))
    assert alone.path(word) == model._best_path(word)


def test_words_that_come_one_by_one() -> None:
    model = Unigram([("<unk>", 0.0), ("a", -1.0), ("ab", -1.5), ("b", -9.0)], unk_id=0)
    words = ["abba", "xxab", "<unk>b", ""]
    expected = [tuple(token.id for token in model.tokenize(word)) for word in words]
    for _ in range(3000):
        assert [model.ids([word])[0] for word in words] == expected
    assert model._fast is not None
