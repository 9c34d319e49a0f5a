"""`batch_ids.py` and what it stands on: the fast way gives the ids of `Stages.encode`, its twin."""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_tokenize import AddedToken, Tokenizer, batch_ids, part_memory, word_ids
from lattice_tokenize.flat_texts import FlatTexts
from lattice_tokenize.neighbour_cut import neighbour_cut
from lattice_tokenize.part_cut import part_cut
from lattice_tokenize.pre_tokenizers import read_pre_tokenizer
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
    "digits, first": sequence(
        {"type": "Digits", "individual_digits": True},
        {**METASPACE, "prepend_scheme": "first", "split": False},
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
    "prepend": {"type": "Prepend", "prepend": "1a"},
    "two": {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]},
}
TEXT = "don't  (stop)\n\n  me, 2026!"
# What that text is cut into: whether the ids are right is for the twins to say, this is for speed.
CUT = {
    "bert": "don|'|t| | (|stop|)|\n|\n| | me|,| 2026|!",
    "words": "don|'|t| | (|stop|)|\n|\n| | me|,| 2026|!",
    "qwen": "don|'t| | (stop|)\n\n | me|,| 2|0|2|6|!",
    "gpt-2": "don|'t| | (|stop|)|\n\n | me|,| 2026|!",
    "roberta": "don't| | (stop)\n\n | me,| 2026!",
    "starcoder": "don|'t|  (|stop|)|\n\n  me|,| 2|0|2|6|!",
    "t5": "don't| | (stop)\n\n| | me,| 2026!",
    "xlm-r": "don't| | (stop)|\n|\n| | me,| 2026!",
}
ADDED = [
    AddedToken("<s>", special=True),
    AddedToken("b c", normalized=False),
    AddedToken("<m>", lstrip=True, normalized=False),
    AddedToken("Ab", single_word=True),  # looked for in the normalized text
    AddedToken("/"),  # which NFKC makes of a character, with others
]
PIECES = [" ", "  ", "a", "ab", "<m>", "<s>", "b c", "Ab", "\n", ".", "℀"]
TEXTS = st.text(
    st.sampled_from("abAB c  \n\t\u00a0\u3000'!1é\u0301´▁Ġ<m>s²℀\u200d\u0345"), max_size=24
) | st.lists(st.sampled_from(PIECES)).map("".join)


def tokenizer(pre_tokenizer: Any, normalizer: Any, *, added: bool) -> Tokenizer:
    """Byte-level BPE and characters alike: every character has a token of its own, or [UNK]."""
    letters = ["[UNK]", *"abcAB!1'Ġ▁éÃ©ĊN<>ms.", "ab", "Ġa", "Ġab", "▁a", "bc", "b ", " ", "ĠĠ"]
    document = {
        "version": "1.0",
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "model": {
            "type": "BPE",
            "unk_token": "[UNK]",
            "fuse_unk": True,
            "vocab": {token: token_id for token_id, token in enumerate(letters)},
            "merges": [
                ["a", "b"],
                ["Ġ", "a"],
                ["Ġ", "ab"],
                ["▁", "a"],
                ["b", "c"],
                ["b", " "],
                ["Ġ", "Ġ"],
            ],
        },
    }
    made = Tokenizer(read_document(document))
    if added:
        made.add_tokens(ADDED)
    return made


@pytest.fixture(autouse=True)
def many_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts of these tests are short, and go the way of long ones."""
    monkeypatch.setattr(batch_ids, "_FEW_CHARACTERS", 0)


WAYS = {"many": (0, 1 << 17), "in small blocks": (0, 5), "few": (1 << 20, 1 << 17)}


@pytest.mark.parametrize(("few", "block"), WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("added", [False, True], ids=["plain", "added"])
@pytest.mark.parametrize("normalizer", NORMALIZERS)
@pytest.mark.parametrize("pre_tokenizer", PRE_TOKENIZERS)
def test_fast_and_readable_ids_are_the_same(
    pre_tokenizer: str,
    normalizer: str,
    added: bool,
    few: int,
    block: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch_ids, "_FEW_CHARACTERS", few)
    monkeypatch.setattr(batch_ids, "_BLOCK_CODES", block)
    made = tokenizer(PRE_TOKENIZERS[pre_tokenizer], NORMALIZERS[normalizer], added=added)

    @settings(max_examples=30)
    @given(st.lists(TEXTS, max_size=4))
    def twins(texts: list[str]) -> None:
        expected = [made._stages.encode([text]).ids for text in texts]
        assert lists(made, texts) == expected
        assert lists(made, texts) == expected  # remembered

    twins()


@pytest.mark.parametrize("few", [0, 1 << 20], ids=["many", "few"])
@pytest.mark.parametrize(
    ("pre_tokenizer", "normalizer", "text", "tokens"),
    [
        ("digits, first", "prepend", "1", "▁ 1 ▁a ▁ 1"),  # all three words come from the first "1"
        ("digits, first", "prepend", "a1", "▁ 1 ▁a a 1"),
        ("llama", "nfkc", "℀ a", "▁a / ▁ c ▁a"),  # both sides of an added token come from the "℀"
        ("llama", "nfkc", "a℀", "▁a a / c"),
        ("llama", "strip", " a", "a"),  # what came from the beginning is gone
        ("llama", "strip", "a a", "▁a ▁a"),
    ],
)
def test_first_is_every_word_that_came_from_the_beginning(
    pre_tokenizer: str,
    normalizer: str,
    text: str,
    tokens: str,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch_ids, "_FEW_CHARACTERS", few)
    made = tokenizer(PRE_TOKENIZERS[pre_tokenizer], NORMALIZERS[normalizer], added=False)
    made.add_tokens(["/"])
    expected = tokens.split()  # as the oracle says
    assert made._stages.encode([text]).tokens == expected
    assert [[made.id_to_token(i) for i in row] for row in lists(made, [text])] == [expected]


BLANKS = [AddedToken("  "), AddedToken(" a")]  # looked for in the normalized text


@pytest.mark.parametrize(
    ("pre_tokenizer", "normalizer", "texts"),
    [
        ("gpt-2", "none", ["b  c", "b   c", "\t  a"]),  # a blank before the last space of several
        ("bert", "bert", ["\r b", "\t\r", " \r"]),  # which become two spaces
        ("gpt-2", "bert", ["  \x00\n", "b  \x00c", "  \r\n"]),  # what vanishes ends no blanks
        ("t5", "bert", ["\n", "\t", " ", " a"]),  # three of them become one space
    ],
)
@pytest.mark.parametrize("added", [False, True], ids=["plain", "added"])
def test_blanks_that_change_or_vanish(
    pre_tokenizer: str, normalizer: str, texts: list[str], added: bool
) -> None:
    made = tokenizer(PRE_TOKENIZERS[pre_tokenizer], NORMALIZERS[normalizer], added=False)
    if added:
        made.add_tokens(BLANKS)
    assert lists(made, texts) == [made._stages.encode([text]).ids for text in texts]


def lists(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    ids, counts = tokenizer._batch_ids(texts)
    assert ids.dtype == counts.dtype == np.dtype(np.int64)
    return [row.tolist() for row in np.split(ids, np.cumsum(counts))][: len(counts)]


@pytest.mark.parametrize("name", PRE_TOKENIZERS)
def test_where_texts_are_cut(name: str) -> None:
    made = tokenizer(PRE_TOKENIZERS[name], NORMALIZERS["nfc"], added=False)
    cut = part_cut(made.normalizer, made.pre_tokenizer)
    parts = None
    if cut:
        begins = cut.begins(np.frombuffer(TEXT.encode("utf-32-le"), np.uint32), np.array([0]))
        starts = np.flatnonzero(begins).tolist()
        stops = [*starts[1:], len(TEXT)]
        parts = "|".join(TEXT[start:stop] for start, stop in zip(starts, stops, strict=True))
    assert parts == CUT.get(name)


def test_nothing_is_cut_where_a_normalizer_looks_at_the_whole_text() -> None:
    made = tokenizer(PRE_TOKENIZERS["xlm-r"], NORMALIZERS["strip"], added=False)
    assert part_cut(made.normalizer, made.pre_tokenizer) is None


LOCAL = {
    "bert": {"type": "BertPreTokenizer"},
    "words": {"type": "Whitespace"},
    "spaces": {"type": "WhitespaceSplit"},
    "delimiter": {"type": "CharDelimiterSplit", "delimiter": "-"},
    "punctuation": {"type": "Punctuation", "behavior": "Isolated"},
    "digits": {"type": "Digits", "individual_digits": True},
    "numbers": {"type": "Digits", "individual_digits": False},
}


@pytest.mark.parametrize("name", LOCAL)
@given(st.lists(st.text("ab1²٣-!—_ \t\n\x1c\u00a0\u2028\u3000é一\u200d😀", max_size=9), max_size=4))
def test_words_cut_by_pairs_of_neighbours_are_those_of_the_pre_tokenizer(
    name: str, texts: list[str]
) -> None:
    pre_tokenizer = read_pre_tokenizer(LOCAL[name], "pre_tokenizer")
    cut = neighbour_cut(pre_tokenizer)
    assert pre_tokenizer
    assert cut
    assert cut.local
    words, counts = cut.words(FlatTexts.of(texts))
    words_of = list(map(pre_tokenizer, texts))
    assert words.texts() == [word for words in words_of for word in words]
    assert counts.tolist() == list(map(len, words_of))


@pytest.mark.parametrize("name", ["qwen", "t5", "gpt-2"])
def test_who_does_more_than_to_cut_is_asked(name: str) -> None:
    cut = neighbour_cut(read_pre_tokenizer(PRE_TOKENIZERS[name], "pre_tokenizer"))
    assert cut is None or not cut.local


@pytest.mark.parametrize("pre_tokenizer", ["bert", "qwen", "roberta"])
def test_parts_with_one_hash_are_told_apart(
    pre_tokenizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        batch_ids, "part_hashes", lambda codes, starts: np.full(len(starts), 5, np.uint64)
    )
    made = tokenizer(PRE_TOKENIZERS[pre_tokenizer], None, added=False)
    texts = ["ab c ab 0 a|b", "c ab cab 0", "ab"] * 2
    expected = [made._stages.encode([text]).ids for text in texts]
    assert lists(made, texts) == expected
    assert lists(made, texts) == expected


def test_parts_hold_all_that_they_could_be_put_between() -> None:
    made = tokenizer(PRE_TOKENIZERS["qwen"], NORMALIZERS["nfkc"], added=False)
    texts = ["|a \uff5c\uffe4 é", "0 1 \n0\n | || ¦ \u0301|", "\uff5c\u0301", "\u0301¦a ¦"]
    assert lists(made, texts) == [made._stages.encode([text]).ids for text in texts]
    for text in texts:  # some hold fewer of them
        made = tokenizer(PRE_TOKENIZERS["qwen"], NORMALIZERS["nfkc"], added=False)
        expected = [made._stages.encode([each]).ids for each in (text, "a b ab c")]
        assert lists(made, [text, "a b ab c"]) == expected


def test_memory_is_bounded_and_forgetting_changes_nothing() -> None:
    texts = [f"ab{number} c{number} {'a' * number}" for number in range(50)]
    expected = lists(tokenizer(PRE_TOKENIZERS["qwen"], None, added=False), texts)
    made = tokenizer(PRE_TOKENIZERS["qwen"], None, added=False)
    memories = set()
    with mock.patch.object(part_memory, "MAX_ROWS", 20):
        for start in range(0, 50, 7):
            assert lists(made, texts[start : start + 7]) == expected[start : start + 7]
            memories.add(id(made._batch_ids._parts))
            assert len(made._batch_ids._parts) <= 20 + 7 * 8
    assert len(memories) > 1


def test_words_of_texts_that_are_not_cut_are_remembered_and_bounded() -> None:
    made = tokenizer(PRE_TOKENIZERS["removed"], None, added=False)
    assert lists(made, ["ab c ab"]) == lists(made, ["ab c ab"])
    assert len(made._batch_ids._word_ids) == 2
    with mock.patch.object(word_ids, "MAX_REMEMBERED", 20):
        lists(made, [f"a{number} b" for number in range(30)])
        assert len(made._batch_ids._word_ids) <= 20


def test_long_parts_are_not_remembered() -> None:
    made = tokenizer(PRE_TOKENIZERS["bert"], None, added=False)
    long, short = "a" * (part_memory.MAX_REMEMBERED_LENGTH + 1), "a" * 64
    assert lists(made, [f"{long} {long}", short]) == lists(made, [f"{long} {long}", short])
    assert made._batch_ids._parts._used_codes == len(short)
