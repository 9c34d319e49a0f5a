"""What must hold for any text, with the real model; and for the keys of a cache."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_embed import EmbeddingRole, NativeEmbeddingService
from lattice_embed.cache_key import CacheIdentity, KeySpace, key_version_of
from lattice_tokenize import Tokenizer

from ..cache_keys import derived_key
from ..cases import read_case_sets
from ..compare import compare
from ..tolerance import limit_of
from .test_cases import engine

MINILM, WITH_PROMPT = "all-minilm-l6-v2", "made-bert-cls"
QUERY = "Represent this sentence for searching relevant passages: "

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def tokenizer() -> Tokenizer:
    return engine().subject(MINILM).tokenizer


def service() -> NativeEmbeddingService:
    return engine().subject(MINILM).service


def ids(text: str) -> list[int]:
    packed: list[int] = tokenizer().encode_packed([text], max_tokens=1 << 20).ids.tolist()
    return packed


@pytest.mark.fixtures(MINILM)
@given(texts, st.text(st.sampled_from(" \t\n\r\u00a0\u2003\u3000"), min_size=1, max_size=5))
def test_the_kind_and_number_of_spaces_do_not_matter(text: str, spaces: str) -> None:
    assert ids(f"{spaces}{text}{spaces}") == ids(text)
    assert ids(f"left{spaces}right") == ids("left right")


@pytest.mark.fixtures(MINILM)
@given(texts, texts)
def test_texts_are_tokenized_alone(first: str, second: str) -> None:
    together = tokenizer().encode_packed([first, second], max_tokens=1 << 20)
    assert [row.tolist() for row in together] == [ids(first), ids(second)]


@pytest.mark.fixtures(MINILM)
@given(st.lists(texts, min_size=1, max_size=6))
def test_vectors_have_length_one_and_do_not_depend_on_the_batch(batch: list[str]) -> None:
    vectors = service().embed(batch)
    assert vectors.shape == (len(batch), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    for text, vector in zip(batch, vectors, strict=True):
        assert np.abs(service().embed(text) - vector).max() <= 1e-6


@pytest.mark.fixtures(MINILM)
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


@pytest.mark.fixtures(MINILM)
@given(texts)
def test_a_text_is_like_itself(text: str) -> None:
    once, again = service().embed(text), service().embed(text)
    assert np.array_equal(once, again)
    assert abs(float(once @ again) - 1) < 1e-6


@pytest.mark.fixtures(WITH_PROMPT)
@given(texts)
def test_an_instruction_is_a_prefix_written_by_hand(text: str) -> None:
    of_roles = engine().subject(WITH_PROMPT).service
    (as_query,) = of_roles.tokenize([text], role=EmbeddingRole.QUERY)
    (by_hand,) = of_roles.tokenize([QUERY + text], role=EmbeddingRole.GENERIC)
    assert as_query.tolist() == by_hand.tolist()
    assert np.array_equal(of_roles.embed_query(text), of_roles.embed(QUERY + text))
    assert np.array_equal(of_roles.embed_passage(text), of_roles.embed(text))


CATALOG = ["all-minilm-l6-v2", "bge-small-en-v1.5", "multilingual-e5-small", "multilingual-e5-base"]
# what stands behind a text in the bytes that are hashed, cut anywhere, so that two may meet
SUFFIXES = [*CATALOG, ":v2:384", ":384", ":8:query", "8", ":", "-", "query", "0" * 64]
SEAMS = st.lists(st.sampled_from(SUFFIXES) | st.sampled_from("al-:28q"), max_size=4).map("".join)
FILES = st.sampled_from(["0" * 64, "1" * 64])
IDENTITIES = st.one_of(
    st.sampled_from(CATALOG).map(lambda name: CacheIdentity(name, key_version_of(name))),
    st.builds(CacheIdentity, SEAMS, st.none(), FILES, st.none() | FILES),
    st.builds(
        CacheIdentity, SEAMS, st.none(), FILES, st.none(), st.sampled_from(["", "q", "query"])
    ),
)
SPACES = st.builds(
    KeySpace,
    IDENTITIES,
    st.sampled_from([8, 38, 384]),
    st.sampled_from(EmbeddingRole),
    st.none() | st.sampled_from(["", "query", ":384"]),
)


@given(SEAMS, SPACES, SEAMS, SPACES)
def test_no_two_texts_or_models_have_one_key(
    text: str, space: KeySpace, other_text: str, other: KeySpace
) -> None:
    if space.prompt is not None and other.prompt is not None:
        # a prompt stands in the place of the role's, whichever that is
        other = replace(other, role=space.role)
    same = (text, space) == (other_text, other)
    assert (space.key(text) == other.key(other_text)) is same


@given(SEAMS.filter(bool), SEAMS, FILES)
def test_where_a_text_ends_and_the_name_of_its_model_begins_is_known(
    text: str, name: str, weights: str
) -> None:
    key = KeySpace(CacheIdentity(name, None, weights), 8).key(text)
    for cut in range(len(text)):
        longer = CacheIdentity(text[cut:] + name, None, weights)
        assert KeySpace(longer, 8).key(text[:cut]) != key


@given(texts, st.sampled_from(CATALOG), st.sampled_from(EmbeddingRole))
def test_keys_of_the_catalog_are_those_that_were_promised(
    text: str, model: str, role: EmbeddingRole
) -> None:
    """F7"""
    version = key_version_of(model)
    asked = {"text": text, "model": model, "key_version": version, "dimensions": 384}
    space = KeySpace(CacheIdentity(model, version), 384, role)
    assert space.key(text).hex() == derived_key({**asked, "role": role.value})
