"""`flat_texts.py`: the same as with a list of strings."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.flat_texts import FlatTexts, text_of

TEXTS = st.lists(st.text("a|é一😀\ud800", max_size=4), max_size=5)


@given(TEXTS, st.data())
def test_same_as_a_list(texts: list[str], data: st.DataObject) -> None:
    flat = FlatTexts.of(texts)
    assert (flat.codes.dtype, flat.lengths.dtype) == (np.dtype(np.uint32), np.dtype(np.int64))
    assert flat.texts() == texts
    assert flat.joined == "".join(texts)
    assert text_of(flat.closed(ord("|"))) == "".join(f"{text}|" for text in texts)
    rows = data.draw(st.lists(st.sampled_from(range(len(texts))), max_size=6)) if texts else []
    assert flat.take(np.array(rows, np.int64)).texts() == [texts[row] for row in rows]


@given(TEXTS)
def test_letters(texts: list[str]) -> None:
    for place in (0, 1, -1, -2):
        expected = [ord(text[place]) if -len(text) <= place < len(text) else 0 for text in texts]
        assert FlatTexts.of(texts).letters(place).tolist() == expected
