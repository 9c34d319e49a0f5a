"""`batch_ids.py`, `space_cut.py`: the fast way gives the ids of `Stages.encode`, its twin."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_tokenize import AddedToken, Tokenizer, batch_ids
from lattice_tokenize.space_cut import space_cut
from lattice_tokenize.tokenizer_json import read_document

QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
METASPACE = {"type": "Metaspace", "replacement": "▁", "split": True}


def split(regex: str, behavior: str = "Isolated") -> dict[str, Any]:
    pattern = {"Regex": regex}
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": False}


def sequence(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "pretokenizers": list(parts)}


PRE_TOKENIZERS: dict[str, Any] = {
    "none": None,
    "bert": {"type": "BertPreTokenizer"},
    "words": {"type": "Whitespace"},
    "qwen": sequence(split(QWEN), {**BYTE_LEVEL, "use_regex": False}),
    "gpt-2": {**BYTE_LEVEL, "use_regex": True},
    "roberta": {**BYTE_LEVEL, "add_prefix_space": True, "use_regex": True},
    "starcoder": sequence(
        {"type": "Digits", "individual_digits": True}, {**BYTE_LEVEL, "use_regex": True}
    ),
    "t5": {**METASPACE, "prepend_scheme": "always"},
    "llama": {**METASPACE, "prepend_scheme": "first"},
    "first": sequence(
        {**METASPACE, "prepend_scheme": "first", "split": False}, {"type": "Whitespace"}
    ),
    "xlm-r": sequence({"type": "WhitespaceSplit"}, {**METASPACE, "prepend_scheme": "always"}),
    "removed": split(" ", "Removed"),
    "lines": split("\n"),
}
NORMALIZERS: dict[str, Any] = {
    "none": None,
    "nfc": {"type": "NFC"},
    "nfkc": {"type": "NFKC"},
    "bert": {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    },
    "strip": {"type": "Strip", "strip_left": True, "strip_right": False},
    "two": {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]},
}
# Which are cut at spaces: whether the ids are right is for the twins to say, this is for speed.
CUT = {
    **dict.fromkeys(("bert", "words", "xlm-r"), "drop"),
    **dict.fromkeys(("qwen", "gpt-2", "roberta", "starcoder", "t5"), "keep"),
}
ADDED = [
    AddedToken("<s>", special=True),
    AddedToken("b c", normalized=False),
    AddedToken("<m>", lstrip=True, normalized=False),
    AddedToken("Ab", single_word=True),  # looked for in the normalized text
]
TEXTS = st.text(
    st.sampled_from("abAB c  \n\t\u00a0\u3000'!1é\u0301´▁Ġ<m>s²\u200d\u0345"), max_size=24
) | st.lists(st.sampled_from([" ", "  ", "a", "ab", "<m>", "<s>", "b c", "Ab", "\n", "."])).map(
    "".join
)


def tokenizer(pre_tokenizer: Any, normalizer: Any, *, added: bool) -> Tokenizer:
    """Byte-level BPE and characters alike: every character has a token of its own, or [UNK]."""
    letters = ["[UNK]", *"abcAB!1'Ġ▁éÃ©ĊN<>ms.", "ab", "Ġa", "Ġab", "▁a", "bc", "b ", " "]
    document = {
        "version": "1.0",
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "model": {
            "type": "BPE",
            "unk_token": "[UNK]",
            "fuse_unk": True,
            "vocab": {token: token_id for token_id, token in enumerate(letters)},
            "merges": [["a", "b"], ["Ġ", "a"], ["Ġ", "ab"], ["▁", "a"], ["b", "c"], ["b", " "]],
        },
    }
    made = Tokenizer(read_document(document))
    if added:
        made.add_tokens(ADDED)
    return made


@pytest.mark.parametrize("added", [False, True], ids=["plain", "added"])
@pytest.mark.parametrize("normalizer", NORMALIZERS)
@pytest.mark.parametrize("pre_tokenizer", PRE_TOKENIZERS)
def test_fast_and_readable_ids_are_the_same(
    pre_tokenizer: str, normalizer: str, added: bool
) -> None:
    made = tokenizer(PRE_TOKENIZERS[pre_tokenizer], NORMALIZERS[normalizer], added=added)

    @settings(max_examples=30)
    @given(st.lists(TEXTS, max_size=4))
    def twins(texts: list[str]) -> None:
        expected = [made._stages.encode([text]).ids for text in texts]
        assert made._batch_ids(texts) == expected
        assert made._batch_ids(texts) == expected  # remembered

    twins()


@pytest.mark.parametrize("name", PRE_TOKENIZERS)
def test_where_texts_are_cut(name: str) -> None:
    made = tokenizer(PRE_TOKENIZERS[name], NORMALIZERS["nfc"], added=False)
    cut = space_cut(made.normalizer, made.pre_tokenizer)
    assert (cut.spaces if cut else None) == CUT.get(name)


def test_nothing_is_cut_where_a_normalizer_looks_at_the_whole_text() -> None:
    made = tokenizer(PRE_TOKENIZERS["xlm-r"], NORMALIZERS["strip"], added=False)
    assert space_cut(made.normalizer, made.pre_tokenizer) is None


def test_memory_is_bounded_and_forgetting_changes_nothing() -> None:
    made = tokenizer(PRE_TOKENIZERS["qwen"], None, added=False)
    texts = [f"ab{number} c{number}" for number in range(50)]
    expected = made._batch_ids(texts)
    made = tokenizer(PRE_TOKENIZERS["qwen"], None, added=False)
    with mock.patch.object(batch_ids, "MAX_REMEMBERED", 20):
        for start in range(0, 50, 7):
            assert made._batch_ids(texts[start : start + 7]) == expected[start : start + 7]
            assert len(made._batch_ids._parts) <= 20
            assert len(made._batch_ids._words) <= 20


def test_long_parts_are_not_remembered() -> None:
    made = tokenizer(PRE_TOKENIZERS["bert"], None, added=False)
    made._batch_ids(["a" * 100])
    assert not made._batch_ids._parts
    assert not made._batch_ids._words
