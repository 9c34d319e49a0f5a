"""Whose vector a key says it is."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from lattice_embed import MODELS, EmbeddingRole, EmbedError
from lattice_embed.cache_key import CacheIdentity, KeySpace, key_version_of

WEIGHTS = "0123456789abcdef" * 4
# of the issue: what caches from before roles hold
KEY_VERSIONS = {
    "all-minilm-l6-v2": "v2",
    "bge-small-en-v1.5": "v1.5",
    "bge-base-en-v1.5": "v1.5",
    "bge-large-en-v1.5": "v1.5",
    "multilingual-e5-small": "v1.5",
    "multilingual-e5-base": "v1.5",
    "paraphrase-multilingual-minilm-l12-v2": "v2",
    "qwen3-embedding-0.6b": "v3",
    "qwen3-embedding-4b": "v3",
}


def catalog(name: str) -> CacheIdentity:
    return CacheIdentity(name, key_version_of(name))


def test_every_model_of_the_catalog_has_its_key_version() -> None:
    assert {record.name: key_version_of(record.name) for record in MODELS} == KEY_VERSIONS
    assert key_version_of("somebody/else") is None


def test_the_key_of_a_text_without_a_role_is_that_of_v0() -> None:
    # derived by hand: printf 'one textall-minilm-l6-v2:v2:384' | sha256sum
    space = KeySpace(catalog("all-minilm-l6-v2"), 384)
    expected = "64e6530e3e6b1d0597691d84b966abf66fdf478d6a76be18e0a17515450b92ce"
    assert space.key("one text").hex() == expected


def test_a_role_is_put_at_the_end() -> None:
    # printf 'one textall-minilm-l6-v2:v2:384:query' | sha256sum
    space = KeySpace(catalog("all-minilm-l6-v2"), 384, EmbeddingRole.QUERY)
    assert (
        space.key("one text").hex()
        == "0dc0a16954a739ee3d94ac7e5b101e1462430e21fe085e95d4d67a6c68251ee3"
    )


def test_the_instructions_that_the_key_versions_stand_for() -> None:
    """If this fails, vectors of queries have changed: the model needs another key version."""
    bge = "Represent this sentence for searching relevant passages: "
    qwen3 = (
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"
        "Query: "
    )
    expected = {
        **dict.fromkeys(KEY_VERSIONS, ("", "")),
        **{name: (bge, "") for name in KEY_VERSIONS if name.startswith("bge")},
        **{name: ("query: ", "passage: ") for name in KEY_VERSIONS if "-e5-" in name},
        **{name: (qwen3, "") for name in KEY_VERSIONS if name.startswith("qwen3")},
    }
    received = {r.name: (r.query_instruction, r.passage_instruction) for r in MODELS}
    assert received == expected


@pytest.mark.parametrize(
    ("model", "key_version", "weights"),
    [
        ("all-minilm-l6-v2", "v1.5", None),  # another version than the catalog's
        ("somebody/else", "v2", None),  # a version outside the catalog
        ("somebody/else", None, None),  # nothing that tells new weights from old ones
        ("all-minilm-l6-v2", None, None),
    ],
)
def test_what_does_not_say_which_weights_is_refused(
    model: str, key_version: str | None, weights: str | None
) -> None:
    with pytest.raises(EmbedError, match=model):
        CacheIdentity(model, key_version, weights)


@pytest.mark.parametrize("variant", ["a:b", "a b", "384", "ä", "+"])
def test_a_variant_is_a_word(variant: str) -> None:
    with pytest.raises(EmbedError, match="letters"):
        CacheIdentity("m", None, WEIGHTS, None, variant)


def test_whatever_changes_the_vector_changes_the_key() -> None:
    own = CacheIdentity("m", None, WEIGHTS, WEIGHTS)
    first = KeySpace(own, 384)
    others = [
        KeySpace(catalog("all-minilm-l6-v2"), 384),
        KeySpace(replace(own, model="n"), 384),
        KeySpace(replace(own, weights_sha256="f" * 64), 384),
        KeySpace(replace(own, settings_sha256="f" * 64), 384),
        KeySpace(replace(own, variant="chunk"), 384),
        replace(first, dimensions=256),
        replace(first, role=EmbeddingRole.QUERY),
        replace(first, role=EmbeddingRole.PASSAGE),
        replace(first, prompt=""),
        replace(first, prompt="query: "),
        replace(first, prompt="query"),
    ]
    keys = {space.key("text") for space in [first, *others]}
    assert len(keys) == 12


def test_a_prompt_is_the_same_whatever_the_role() -> None:
    space = KeySpace(catalog("multilingual-e5-small"), 384, EmbeddingRole.QUERY, "find: ")
    assert space.key("a") == replace(space, role=EmbeddingRole.GENERIC).key("a")


def test_a_name_that_is_not_unicode_still_has_keys() -> None:
    KeySpace(CacheIdentity("caf\udce9", None, WEIGHTS), 8, prompt="\ud800").key("text")


def test_a_text_that_is_not_unicode_has_none() -> None:
    with pytest.raises(UnicodeEncodeError):
        KeySpace(catalog("all-minilm-l6-v2"), 384).key("\ud800")


# names made to meet: they end with one another, or look like what comes after a name
_PIECES = [*KEY_VERSIONS, "my-", "x", ":", "v2", "384", "query", WEIGHTS, ":v2:384", "\udce9", "a"]
_names = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=3).map("".join)
_hashes = st.sampled_from([WEIGHTS, "f" * 64])
_identities = st.one_of(
    st.sampled_from(sorted(KEY_VERSIONS)).map(catalog),
    st.builds(
        CacheIdentity,
        _names,
        st.none(),
        _hashes,
        st.one_of(st.none(), _hashes),
        st.sampled_from(["", "chunk", "query"]),
    ),
)
_spaces = st.builds(
    KeySpace,
    _identities,
    st.sampled_from([1, 38, 84, 384, 1384]),
    st.sampled_from(EmbeddingRole),
    st.one_of(st.none(), st.sampled_from(["", "query", "generic", "p: ", "\ud800"])),
)


def _meaning(space: KeySpace) -> tuple[object, ...]:
    """What a vector depends on: the role counts only where it decides the instruction."""
    role = space.role if space.prompt is None else None
    return space.identity, space.dimensions, role, space.prompt


@given(_spaces, _spaces)
@example(
    KeySpace(CacheIdentity("x", None, WEIGHTS), 384),
    KeySpace(CacheIdentity("my-x", None, WEIGHTS), 384),
)
def test_no_suffix_ends_with_another(one: KeySpace, other: KeySpace) -> None:
    """Then text + suffix says which is which, and no two of them are the same bytes."""
    assume(_meaning(one) != _meaning(other))
    assert not one.suffix.endswith(other.suffix)
    assert not other.suffix.endswith(one.suffix)


@given(_spaces, _spaces, st.text(max_size=4), st.integers(0, 200))
def test_a_text_that_ends_like_a_suffix_meets_no_other(
    one: KeySpace, other: KeySpace, text: str, cut: int
) -> None:
    """Texts made from each other's suffixes, so that only the boundary is elsewhere."""
    assume(_meaning(one) != _meaning(other))
    tail = one.suffix.decode("utf-8", "ignore")
    for longer in (text + tail, text + tail[:cut], text + tail[cut:], text):
        assert one.key(text) != other.key(longer)
        assert other.key(text) != one.key(longer)


def test_without_the_name_among_the_digits_two_models_would_meet() -> None:
    """The reason for the rule: plain names with one version, which the property must catch."""

    def naive(text: str, model: str) -> bytes:
        return hashlib.sha256(f"{text}{model}:{WEIGHTS}:384".encode()).digest()

    assert naive("a my-", "x") == naive("a ", "my-x")
    x, my_x = (KeySpace(CacheIdentity(name, None, WEIGHTS), 384) for name in ("x", "my-x"))
    assert x.key("a my-") != my_x.key("a ")


def test_no_name_of_the_catalog_ends_with_another() -> None:
    for one, other in itertools.permutations(KEY_VERSIONS, 2):
        assert not one.endswith(other)
