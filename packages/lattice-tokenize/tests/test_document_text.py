"""`document_text.py`: what `repr` and `str` of a tokenizer show, as tokenizers 0.23.3 shows it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lattice_tokenize import Tokenizer


def described(document: dict[str, Any]) -> Tokenizer:
    return Tokenizer.from_str(json.dumps(document))


def test_str_shows_the_beginning_of_long_lists(tokenizer: Tokenizer) -> None:
    special = [
        f'{{"id":{number}, "content":"{name}", "single_word":False, "lstrip":False, '
        '"rstrip":False, ...}'
        for number, name in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"))
    ]
    assert str(tokenizer) == (
        f'Tokenizer(version="1.0", truncation=None, padding=None, '
        f"added_tokens=[{', '.join(special)}], "
        "normalizer=BertNormalizer(clean_text=True, handle_chinese_chars=True, "
        "strip_accents=None, lowercase=True), pre_tokenizer=BertPreTokenizer(), "
        'post_processor=TemplateProcessing(single=[SpecialToken(id="[CLS]", type_id=0), '
        'Sequence(id=A, type_id=0), SpecialToken(id="[SEP]", type_id=0)], '
        'pair=[SpecialToken(id="[CLS]", type_id=0), Sequence(id=A, type_id=0), '
        'SpecialToken(id="[SEP]", type_id=0), Sequence(id=B, type_id=1), '
        'SpecialToken(id="[SEP]", type_id=1)], '
        'special_tokens={"[CLS]":SpecialToken(id="[CLS]", ids=[2], tokens=["[CLS]"]), '
        '"[SEP]":SpecialToken(id="[SEP]", ids=[3], tokens=["[SEP]"])}), '
        'decoder=WordPiece(prefix="##", cleanup=True), '
        'model=WordPiece(unk_token="[UNK]", continuing_subword_prefix="##", '
        "max_input_chars_per_word=100, "
        'vocab={"[PAD]":0, "[UNK]":1, "[CLS]":2, "[SEP]":3, "[MASK]":4, ...}))'
    )


def test_choices_have_no_quotes_and_names_of_fields_may_be_tokens() -> None:
    tokenizer = described(
        {
            "version": "1.0",
            "truncation": {
                "direction": "Left",
                "max_length": 8,
                "strategy": "OnlyFirst",
                "stride": 2,
            },
            "padding": {
                "strategy": "BatchLongest",
                "direction": "Right",
                "pad_to_multiple_of": None,
                "pad_id": 0,
                "pad_type_id": 0,
                "pad_token": "_",
            },
            "added_tokens": [],
            "normalizer": {
                "type": "Sequence",
                "normalizers": [
                    {"type": "Replace", "pattern": {"Regex": " +"}, "content": "type"},
                    {"type": "Replace", "pattern": {"String": '"'}, "content": ""},
                    {"type": "NFC"},
                ],
            },
            "pre_tokenizer": {
                "type": "Sequence",
                "pretokenizers": [
                    {
                        "type": "Split",
                        "pattern": {"String": "-"},
                        "behavior": "MergedWithNext",
                        "invert": False,
                    },
                    {
                        "type": "Metaspace",
                        "replacement": "▁",
                        "prepend_scheme": "never",
                        "split": True,
                    },
                ],
            },
            "post_processor": {
                "type": "RobertaProcessing",
                "sep": ["b", 1],
                "cls": ["a", 0],
                "trim_offsets": True,
                "add_prefix_space": False,
            },
            "decoder": None,
            "model": {
                "type": "Unigram",
                "unk_id": 0,
                "vocab": [["a", 0.0], ["b", -1.5], ["type", -1e-7], ["Fixed", -20.0]],
                "byte_fallback": False,
            },
        }
    )
    assert repr(tokenizer) == (
        'Tokenizer(version="1.0", truncation=TruncationParams(direction=Left, max_length=8, '
        "strategy=OnlyFirst, stride=2), padding=PaddingParams(strategy=BatchLongest, "
        'direction=Right, pad_to_multiple_of=None, pad_id=0, pad_type_id=0, pad_token="_"), '
        'added_tokens=[], normalizer=Sequence(normalizers=[Replace(pattern=Regex(" +"), '
        'content="type"), Replace(pattern=String("""), content=""), NFC()]), '
        'pre_tokenizer=Sequence(pretokenizers=[Split(pattern=String("-"), '
        'behavior=MergedWithNext, invert=False), Metaspace(replacement="▁", '
        "prepend_scheme=never, split=True)]), "
        'post_processor=RobertaProcessing(sep=("b", 1), cls=("a", 0), trim_offsets=True, '
        "add_prefix_space=False), decoder=None, "
        'model=Unigram(unk_id=0, vocab=[("a", 0), ("b", -1.5), ("type", -0.0000001), '
        '("Fixed", -20)], byte_fallback=False))'
    )


@pytest.fixture
def bpe() -> Tokenizer:
    vocab = {"type": 0, "e": 1, "Fixed": 2, "ee": 3, "x" * 101: 4, "q": 5}
    return described({"model": {"type": "BPE", "vocab": vocab, "merges": [["e", "e"]]}})


@pytest.mark.parametrize(
    ("show", "vocab"),
    [
        (repr, f'{{"type":0, "e":1, "Fixed":2, "ee":3, "{"x" * 101}":4, "q":5}}'),
        (str, f'{{"type":0, "e":1, "Fixed":2, "ee":3, "{"x" * 100}...":4, ...}}'),
    ],
)
def test_repr_shows_more_than_str(bpe: Tokenizer, show: Any, vocab: str) -> None:
    assert show(bpe) == (
        'Tokenizer(version="1.0", truncation=None, padding=None, added_tokens=[], '
        "normalizer=None, pre_tokenizer=None, post_processor=None, decoder=None, "
        "model=BPE(dropout=None, unk_token=None, continuing_subword_prefix=None, "
        "end_of_word_suffix=None, fuse_unk=False, byte_fallback=False, ignore_merges=False, "
        f'vocab={vocab}, merges=[("e", "e")]))'
    )


@pytest.mark.parametrize(("tokens", "shown"), [(98, 98), (99, 99), (100, 99)])
def test_repr_shows_ninety_nine_tokens(tokens: int, shown: int) -> None:
    vocab = {f"w{number}": number for number in range(tokens)}
    text = repr(described({"model": {"type": "WordLevel", "vocab": vocab, "unk_token": "w0"}}))
    assert text.count('"w') - 1 == shown  # once more as the unknown token
    assert ("..." in text) == (shown < tokens)
