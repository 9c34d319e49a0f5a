"""What must hold for any text, with the real model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_embed import NativeEmbeddingService
from lattice_tokenize import Tokenizer

from ..cases import read_case_sets
from ..compare import compare
from ..tolerance import limit_of
from .test_cases import engine

MINILM = "all-minilm-l6-v2"
pytestmark = pytest.mark.fixtures(MINILM)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def tokenizer() -> Tokenizer:
    return engine().subject(MINILM).tokenizer


def service() -> NativeEmbeddingService:
    return engine().subject(MINILM).service


def ids(text: str) -> list[int]:
    packed: list[int] = tokenizer().encode_packed([text], max_tokens=1 << 20).ids.tolist()
    return packed


@given(texts, st.text(st.sampled_from(" \t\n\r\u00a0\u2003\u3000"), min_size=1, max_size=5))
def test_the_kind_and_number_of_spaces_do_not_matter(text: str, spaces: str) -> None:
    assert ids(f"{spaces}{text}{spaces}") == ids(text)
    assert ids(f"left{spaces}right") == ids("left right")


@given(texts, texts)
def test_texts_are_tokenized_alone(first: str, second: str) -> None:
    together = tokenizer().encode_packed([first, second], max_tokens=1 << 20)
    assert [row.tolist() for row in together] == [ids(first), ids(second)]


@given(st.lists(texts, min_size=1, max_size=6))
def test_vectors_have_length_one_and_do_not_depend_on_the_batch(batch: list[str]) -> None:
    vectors = service().embed(batch)
    assert vectors.shape == (len(batch), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    for text, vector in zip(batch, vectors, strict=True):
        assert np.abs(service().embed(text) - vector).max() <= 1e-6


def test_a_batch_gives_the_vectors_of_its_texts() -> None:
    """All texts of the cases at once, in reverse: neighbours and order change nothing."""
    (case_set,) = (s for s in read_case_sets("vectors") if s.subject == MINILM)
    cases = case_set.cases[::-1]
    vectors = service().embed([case.input["text"] for case in cases])
    for case, vector in zip(cases, vectors, strict=True):
        assert case.expect is not None
        expect = {"vector": case.expect["vector"]}
        verdict = compare(expect, {"vector": vector.tolist()}, limit_of(case_set, case))
        assert verdict.right, f"{case.id}: {verdict.message}"
