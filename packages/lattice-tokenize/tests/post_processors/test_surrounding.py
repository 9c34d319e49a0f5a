"""`BertProcessing` and `RobertaProcessing`: special tokens around texts."""

from __future__ import annotations

from collections.abc import Callable

from lattice_tokenize import Encoding
from lattice_tokenize.post_processors import BertProcessing, RobertaProcessing

BERT = BertProcessing(sep=("[SEP]", 102), cls=("[CLS]", 101))
ROBERTA = RobertaProcessing(sep=("</s>", 2), cls=("<s>", 0))

Texts = Callable[..., Encoding]


def test_counts() -> None:
    assert [BERT.num_special_tokens_to_add(pair) for pair in (False, True)] == [2, 3]
    assert [ROBERTA.num_special_tokens_to_add(pair) for pair in (False, True)] == [2, 4]


def test_bert_single(text_of: Texts) -> None:
    assert BERT.process(text_of(2)) == Encoding(
        [101, 10, 11, 102],
        tokens=["[CLS]", "t0", "t1", "[SEP]"],
        offsets=[(0, 0), (0, 1), (1, 2), (0, 0)],
        word_ids=[None, 0, 1, None],
        special_tokens_mask=[1, 0, 0, 1],
        sequence_ranges={0: (1, 3)},
    )


def test_bert_pair(text_of: Texts) -> None:
    assert BERT.process(text_of(2), text_of(1, 20, 1)) == Encoding(
        [101, 10, 11, 102, 20, 102],
        type_ids=[0, 0, 0, 0, 1, 1],
        tokens=["[CLS]", "t0", "t1", "[SEP]", "t0", "[SEP]"],
        offsets=[(0, 0), (0, 1), (1, 2), (0, 0), (0, 1), (0, 0)],
        word_ids=[None, 0, 1, None, 0, None],
        special_tokens_mask=[1, 0, 0, 1, 0, 1],
        sequence_ranges={0: (1, 3), 1: (4, 5)},
    )


def test_without_special_tokens(text_of: Texts) -> None:
    bert = BERT.process(text_of(2), text_of(1, 20, 1), add_special_tokens=False)
    assert bert.ids == [10, 11, 20]
    assert bert.type_ids == [0, 0, 1]
    assert bert.sequence_ids == [0, 0, 1]
    roberta = ROBERTA.process(text_of(2), text_of(1, 20, 1), add_special_tokens=False)
    assert roberta.type_ids == [0, 0, 0]
    assert roberta.sequence_ids == [0, 0, 1]


def test_bert_surrounds_what_overflows(text_of: Texts) -> None:
    first, second = text_of(3), text_of(2, 20, 1)
    first.truncate(2)
    second.truncate(1)
    processed = BERT.process(first, second)
    assert [part.ids for part in processed.overflowing] == [
        [101, 12, 102, 20, 102],
        [101, 12, 102, 21, 102],
        [101, 10, 11, 102, 21, 102],
    ]
    assert [part.type_ids for part in processed.overflowing] == [
        [0, 0, 0, 1, 1],
        [0, 0, 0, 1, 1],
        [0, 0, 0, 0, 1, 1],
    ]
    assert [part.sequence_ids for part in processed.overflowing] == [
        [None, 0, None, 1, None],
        [None, 0, None, 1, None],
        [None, 0, 0, None, 1, None],
    ]
    nested = [[inner.ids for inner in part.overflowing] for part in processed.overflowing]
    assert nested == [[[101, 12, 102, 21, 102]], [], [[101, 12, 102, 21, 102]]]


def test_roberta_pair(text_of: Texts) -> None:
    assert ROBERTA.process(text_of(2), text_of(1, 20, 1)) == Encoding(
        [0, 10, 11, 2, 2, 20, 2],
        tokens=["<s>", "t0", "t1", "</s>", "</s>", "t0", "</s>"],
        offsets=[(0, 0), (0, 1), (1, 2), (0, 0), (0, 0), (0, 1), (0, 0)],
        word_ids=[None, 0, 1, None, None, 0, None],
        special_tokens_mask=[1, 0, 0, 1, 1, 0, 1],
        sequence_ranges={0: (1, 3), 1: (5, 6)},
    )


def test_roberta_surrounds_what_overflows(text_of: Texts) -> None:
    second = text_of(2, 20, 1)
    second.truncate(1)
    processed = ROBERTA.process(text_of(1), second)
    assert [part.ids for part in processed.overflowing] == [[0, 10, 2, 2, 21, 2]]
    assert processed.overflowing[0].type_ids == [0] * 6


def test_roberta_trims_offsets() -> None:
    text = Encoding(
        [10, 11, 12, 13],
        tokens=["Ġa", "ĠĠb", "cĠ", "Ġ"],
        offsets=[(0, 1), (1, 4), (4, 6), (6, 7)],
    )
    sep, cls = ("</s>", 2), ("<s>", 0)
    assert ROBERTA.process(text).offsets[1:-1] == [(0, 1), (3, 4), (4, 5), (7, 7)]
    exact = RobertaProcessing(sep, cls, add_prefix_space=False)
    assert exact.process(text).offsets[1:-1] == [(1, 1), (3, 4), (4, 5), (7, 7)]
    whole = RobertaProcessing(sep, cls, trim_offsets=False)
    assert whole.process(text).offsets[1:-1] == text.offsets
    text.truncate(2)
    assert ROBERTA.process(text).overflowing[0].offsets == [(0, 0), (4, 5), (7, 7), (0, 0)]
