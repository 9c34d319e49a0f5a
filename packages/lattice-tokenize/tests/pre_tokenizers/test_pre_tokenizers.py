"""The pre-tokenizers, by their objects in the file; what is expected was asked from the oracle."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.component import component_to_json
from lattice_tokenize.errors import TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.pre_tokenizers import PreTokenizer, read_pre_tokenizer


def read(value: dict[str, Any]) -> PreTokenizer:
    pre_tokenizer = read_pre_tokenizer(value, "pre_tokenizer")
    assert pre_tokenizer is not None
    return pre_tokenizer


def words_and_spans(pre_tokenizer: PreTokenizer, text: str) -> list[tuple[str, tuple[int, int]]]:
    words = pre_tokenizer.align(AlignedText.of(text))
    return [(word.text, word.span(0, len(word))) for word in words]


CASES: list[tuple[dict[str, Any], str, list[tuple[str, tuple[int, int]]]]] = [
    (
        {"type": "BertPreTokenizer"},
        "Hé, a\x1cb\u3000c$«x»",
        [
            ("Hé", (0, 2)),
            (",", (2, 3)),
            ("a\x1cb", (4, 7)),
            ("c", (8, 9)),
            ("$", (9, 10)),
            ("«", (10, 11)),
            ("x", (11, 12)),
            ("»", (12, 13)),
        ],
    ),
    (
        {"type": "Whitespace"},
        "a_1 é́b²\u200d—(…) \x1c",
        [
            ("a_1", (0, 3)),
            ("é́b", (4, 7)),
            ("²", (7, 8)),
            ("\u200d", (8, 9)),
            ("—(…)", (9, 13)),
            ("\x1c", (14, 15)),
        ],
    ),
    (
        {"type": "WhitespaceSplit"},
        "a\x85b \x1cc\u2028\u200bd ",
        [("a", (0, 1)), ("b", (2, 3)), ("\x1cc", (4, 6)), ("\u200bd", (7, 9))],
    ),
    ({"type": "CharDelimiterSplit", "delimiter": "é"}, "éaéé b", [("a", (1, 2)), (" b", (4, 6))]),
    (
        {"type": "Punctuation", "behavior": "Removed"},
        "-a,,b «c»$",
        [("a", (1, 2)), ("b ", (4, 6)), ("c", (7, 8))],
    ),
    (
        {"type": "Punctuation", "behavior": "Isolated"},
        "-a,,b «c»$",
        [
            ("-", (0, 1)),
            ("a", (1, 2)),
            (",", (2, 3)),
            (",", (3, 4)),
            ("b ", (4, 6)),
            ("«", (6, 7)),
            ("c", (7, 8)),
            ("»", (8, 9)),
            ("$", (9, 10)),
        ],
    ),
    (
        {"type": "Punctuation", "behavior": "MergedWithPrevious"},
        "-a,,b «c»$",
        [
            ("-", (0, 1)),
            ("a,", (1, 3)),
            (",", (3, 4)),
            ("b «", (4, 7)),
            ("c»", (7, 9)),
            ("$", (9, 10)),
        ],
    ),
    (
        {"type": "Punctuation", "behavior": "MergedWithNext"},
        "-a,,b «c»$",
        [
            ("-a", (0, 2)),
            (",", (2, 3)),
            (",b ", (3, 6)),
            ("«c", (6, 8)),
            ("»", (8, 9)),
            ("$", (9, 10)),
        ],
    ),
    (
        {"type": "Punctuation", "behavior": "Contiguous"},
        "-a,,b «c»$",
        [
            ("-", (0, 1)),
            ("a", (1, 2)),
            (",,", (2, 4)),
            ("b ", (4, 6)),
            ("«", (6, 7)),
            ("c", (7, 8)),
            ("»$", (8, 10)),
        ],
    ),
    (
        {"type": "Split", "pattern": {"String": "-"}, "behavior": "Removed", "invert": False},
        "-a--b c-",
        [("a", (1, 2)), ("b c", (4, 7))],
    ),
    (
        {"type": "Split", "pattern": {"String": "-"}, "behavior": "Removed", "invert": True},
        "-a--b c-",
        [("-", (0, 1)), ("-", (2, 3)), ("-", (3, 4)), ("-", (7, 8))],
    ),
    (
        {"type": "Split", "pattern": {"String": "-"}, "behavior": "Isolated", "invert": False},
        "-a--b c-",
        [
            ("-", (0, 1)),
            ("a", (1, 2)),
            ("-", (2, 3)),
            ("-", (3, 4)),
            ("b c", (4, 7)),
            ("-", (7, 8)),
        ],
    ),
    (
        {"type": "Split", "pattern": {"String": "-"}, "behavior": "Isolated", "invert": True},
        "-a--b c-",
        [
            ("-", (0, 1)),
            ("a", (1, 2)),
            ("-", (2, 3)),
            ("-", (3, 4)),
            ("b c", (4, 7)),
            ("-", (7, 8)),
        ],
    ),
    (
        {
            "type": "Split",
            "pattern": {"String": "-"},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        "-a--b c-",
        [("-", (0, 1)), ("a-", (1, 3)), ("-", (3, 4)), ("b c-", (4, 8))],
    ),
    (
        {
            "type": "Split",
            "pattern": {"String": "-"},
            "behavior": "MergedWithPrevious",
            "invert": True,
        },
        "-a--b c-",
        [("-a", (0, 2)), ("-", (2, 3)), ("-b c", (3, 7)), ("-", (7, 8))],
    ),
    (
        {
            "type": "Split",
            "pattern": {"String": "-"},
            "behavior": "MergedWithNext",
            "invert": False,
        },
        "-a--b c-",
        [("-a", (0, 2)), ("-", (2, 3)), ("-b c", (3, 7)), ("-", (7, 8))],
    ),
    (
        {"type": "Split", "pattern": {"String": "-"}, "behavior": "MergedWithNext", "invert": True},
        "-a--b c-",
        [("-", (0, 1)), ("a-", (1, 3)), ("-", (3, 4)), ("b c-", (4, 8))],
    ),
    (
        {"type": "Split", "pattern": {"String": "-"}, "behavior": "Contiguous", "invert": False},
        "-a--b c-",
        [("-", (0, 1)), ("a", (1, 2)), ("--", (2, 4)), ("b c", (4, 7)), ("-", (7, 8))],
    ),
    (
        {"type": "Split", "pattern": {"String": "-"}, "behavior": "Contiguous", "invert": True},
        "-a--b c-",
        [("-", (0, 1)), ("a", (1, 2)), ("--", (2, 4)), ("b c", (4, 7)), ("-", (7, 8))],
    ),
    (
        {
            "type": "Split",
            "pattern": {"Regex": "x*"},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        "axbxx",
        [("ax", (0, 2)), ("bxx", (2, 5))],
    ),
    (
        {"type": "Digits", "individual_digits": False},
        "a12½Ⅳ一b",
        [("a", (0, 1)), ("12½Ⅳ", (1, 5)), ("一b", (5, 7))],
    ),
    (
        {"type": "Digits", "individual_digits": True},
        "a12½Ⅳ一b",
        [
            ("a", (0, 1)),
            ("1", (1, 2)),
            ("2", (2, 3)),
            ("½", (3, 4)),
            ("Ⅳ", (4, 5)),
            ("一b", (5, 7)),
        ],
    ),
    (
        {"type": "FixedLength", "length": 2},
        "aé😀bc",
        [("aé", (0, 2)), ("😀b", (2, 4)), ("c", (4, 5))],
    ),
    (
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True},
        "a  b▁",
        [("▁a", (0, 1)), ("▁", (1, 2)), ("▁b", (2, 4)), ("▁", (4, 5))],
    ),
    (
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False},
        "a  b▁",
        [("▁a▁▁b▁", (0, 5))],
    ),
    (
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": True},
        "a  b▁",
        [("a", (0, 1)), ("▁", (1, 2)), ("▁b", (2, 4)), ("▁", (4, 5))],
    ),
    (
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": False},
        "a  b▁",
        [("a▁▁b▁", (0, 5))],
    ),
    (
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "a  b▁",
        [("▁a", (0, 1)), ("▁", (1, 2)), ("▁b", (2, 4)), ("▁", (4, 5))],
    ),
    (
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": False},
        "a  b▁",
        [("▁a▁▁b▁", (0, 5))],
    ),
    (
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True},
        " a",
        [("▁a", (0, 2))],
    ),
    (
        {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "WhitespaceSplit"},
                {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True},
            ],
        },
        "a b",
        [("▁a", (0, 1)), ("b", (2, 3))],
    ),
    (
        {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "WhitespaceSplit"},
                {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True},
            ],
        },
        " a b",
        [("a", (1, 2)), ("b", (3, 4))],
    ),
    (
        {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Digits", "individual_digits": True},
                {
                    "type": "ByteLevel",
                    "add_prefix_space": True,
                    "trim_offsets": True,
                    "use_regex": False,
                },
            ],
        },
        "é1 2",
        [("ĠÃ©", (0, 1)), ("Ġ1", (1, 2)), ("Ġ", (2, 3)), ("Ġ2", (3, 4))],
    ),
    (
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "hé  you\n",
        [("ĠhÃ©", (0, 2)), ("Ġ", (2, 3)), ("Ġyou", (3, 7)), ("Ċ", (7, 8))],
    ),
    (
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": False},
        "hé  you\n",
        [("ĠhÃ©ĠĠyouĊ", (0, 8))],
    ),
    (
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "hé  you\n",
        [("hÃ©", (0, 2)), ("Ġ", (2, 3)), ("Ġyou", (3, 7)), ("Ċ", (7, 8))],
    ),
    (
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
        "hé  you\n",
        [("hÃ©ĠĠyouĊ", (0, 8))],
    ),
    (
        {"type": "UnicodeScripts"},
        " a りんごーabc, 漢字́Яя1Ａ𞤀",
        [
            ("a ", (1, 3)),
            ("りんごー", (3, 7)),
            ("abc", (7, 10)),
            (", ", (10, 12)),
            ("漢字", (12, 14)),
            ("́", (14, 15)),
            ("Яя", (15, 17)),
            ("1", (17, 18)),
            ("Ａ", (18, 19)),
            ("𞤀", (19, 20)),
        ],
    ),
]


@pytest.mark.parametrize(("value", "text", "expected"), CASES)
def test_words(value: dict[str, Any], text: str, expected: list[Any]) -> None:
    pre_tokenizer = read(value)
    assert words_and_spans(pre_tokenizer, text) == expected
    assert pre_tokenizer(text) == [word for word, _ in expected]


@pytest.mark.parametrize("value", [value for value, _, _ in CASES])
def test_json_there_and_back(value: dict[str, Any]) -> None:
    assert component_to_json(read(value)) == value


@given(st.text(alphabet=st.one_of(st.sampled_from("aé -x1,\n\u0301▁日か"), st.characters())))
def test_both_ways_give_the_same_words(text: str) -> None:
    for value, _, _ in CASES:
        pre_tokenizer = read(value)
        words = pre_tokenizer(text)
        assert words == [word for word, _ in words_and_spans(pre_tokenizer, text)]
        assert all(words)


@pytest.mark.parametrize("unit", ["a", " ", "é", "▁", "\u0301", "1. ", "aかa "])
def test_time_is_linear(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    for value, _, _ in CASES:
        pre_tokenizer = read(value)
        began = time.process_time()
        pre_tokenizer(text)
        assert time.process_time() - began < 5, value


def test_null_is_no_pre_tokenizer() -> None:
    assert read_pre_tokenizer(None, "pre_tokenizer") is None


@pytest.mark.parametrize(
    ("value", "same_as"),
    [
        ({"type": "Punctuation"}, {"type": "Punctuation", "behavior": "Isolated"}),
        ({"type": "FixedLength"}, {"type": "FixedLength", "length": 5}),
        (
            {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False},
            {
                "type": "ByteLevel",
                "add_prefix_space": True,
                "trim_offsets": False,
                "use_regex": True,
            },
        ),
        (
            {"type": "Metaspace", "replacement": "_", "split": None},
            {"type": "Metaspace", "replacement": "_", "prepend_scheme": "always", "split": True},
        ),
        (
            {
                "type": "Metaspace",
                "replacement": "_",
                "str_rep": "▁",
                "add_prefix_space": True,
                "prepend_scheme": "never",
            },
            {"type": "Metaspace", "replacement": "_", "prepend_scheme": "never", "split": True},
        ),
    ],
)
def test_what_may_be_absent_or_is_old(value: dict[str, Any], same_as: dict[str, Any]) -> None:
    assert component_to_json(read(value)) == same_as
    assert component_to_json(read({"type": "Sequence", "pretokenizers": [value]})) == {
        "type": "Sequence",
        "pretokenizers": [same_as],
    }


@pytest.mark.parametrize(
    "value",
    [
        {"type": "Metaspace"},
        {"type": "Metaspace", "replacement": "__"},
        {"type": "Metaspace", "replacement": "_", "add_prefix_space": False},
        {"type": "ByteLevel", "add_prefix_space": True},
        {"type": "CharDelimiterSplit", "delimiter": "xy"},
        {"type": "Digits"},
        {"type": "FixedLength", "length": 0},
        {"type": "Punctuation", "behavior": "isolated"},
        {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Removed", "invert": False},
        {"type": "Split", "pattern": {"String": "a"}, "behavior": "Removed"},
        {"type": "Sequence"},
        {"type": "Sequence", "pretokenizers": [None]},
    ],
)
def test_what_the_file_must_not_have(value: dict[str, Any]) -> None:
    with pytest.raises(TokenizerFileError) as raised:
        read_pre_tokenizer(value, "pre_tokenizer")
    assert raised.value.field.startswith("pre_tokenizer")


@pytest.mark.parametrize("value", [{"type": "Delimiter"}, {"type": "UnicodeScripts", "more": 1}])
def test_what_is_not_known(value: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedComponentError):
        read_pre_tokenizer(value, "pre_tokenizer")


FIRST = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True}


def test_elsewhere_only_metaspace_is_another() -> None:
    for value, _, _ in CASES:
        pre_tokenizer = read(value)
        is_same = pre_tokenizer.elsewhere is pre_tokenizer
        assert is_same == ("first" not in str(value)), value
    metaspace = read(FIRST)
    assert (metaspace("a b"), metaspace.elsewhere("a b")) == (["▁a", "▁b"], ["a", "▁b"])


def test_in_a_sequence_only_the_first_word_may_be_at_the_beginning() -> None:
    sequence = read({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, FIRST]})
    assert sequence("a b") == ["▁a", "b"]
    assert sequence(" a b") == ["a", "b"]  # a is not where the text begins
    assert sequence.elsewhere("a b") == ["a", "b"]
    stretch = AlignedText.of("x a b").slice(2, 5)
    assert [word.text for word in sequence.align(stretch)] == ["a", "b"]
