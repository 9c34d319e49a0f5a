"""`TemplateProcessing`: sequences as a template describes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lattice_tokenize import Encoding, EncodingOptionError, TokenizerFileError
from lattice_tokenize.post_processors import Sequence, TemplateProcessing, read_post_processor

TEMPLATE = TemplateProcessing.of(
    single="[CLS] $A:2 [END]:1",
    pair=["$B:1", "[CLS]", "$A", "$A:3"],
    special_tokens=[("[CLS]", 1), {"id": "[END]", "ids": [8, 9], "tokens": ["[E", "ND]"]}],
)

Texts = Callable[..., Encoding]


def test_counts() -> None:
    assert [TEMPLATE.num_special_tokens_to_add(pair) for pair in (False, True)] == [3, 1]


def test_single(text_of: Texts) -> None:
    assert TEMPLATE.process(text_of(2)) == Encoding(
        [1, 10, 11, 8, 9],
        type_ids=[0, 2, 2, 1, 1],
        tokens=["[CLS]", "t0", "t1", "[E", "ND]"],
        offsets=[(0, 0), (0, 1), (1, 2), (0, 0), (0, 0)],
        word_ids=[None, 0, 1, None, None],
        special_tokens_mask=[1, 0, 0, 1, 1],
        sequence_ranges={0: (1, 3)},
    )


def test_pair_in_another_order_and_a_text_twice(text_of: Texts) -> None:
    processed = TEMPLATE.process(text_of(2), text_of(1, 20))
    assert processed.ids == [20, 1, 10, 11, 10, 11]
    assert processed.type_ids == [1, 0, 0, 0, 3, 3]
    assert processed.special_tokens_mask == [0, 1, 0, 0, 0, 0]
    assert processed.sequence_ids == [1, None, None, None, 0, 0]


def test_without_special_tokens_types_remain(text_of: Texts) -> None:
    single = TEMPLATE.process(text_of(2), add_special_tokens=False)
    assert (single.ids, single.type_ids) == ([10, 11], [2, 2])
    pair = TEMPLATE.process(text_of(2), text_of(1, 20), add_special_tokens=False)
    assert (pair.ids, pair.type_ids) == ([20, 10, 11, 10, 11], [1, 0, 0, 3, 3])


def test_what_overflows_keeps_its_own_types(text_of: Texts) -> None:
    text = text_of(3)
    text.truncate(2)
    processed = TEMPLATE.process(text)
    assert processed.type_ids == [0, 2, 2, 1, 1]
    assert [part.ids for part in processed.overflowing] == [[1, 12, 8, 9]]
    assert [part.type_ids for part in processed.overflowing] == [[0, 0, 1, 1]]
    assert processed.overflowing[0].sequence_ids == [None, 0, None, None]


@pytest.mark.parametrize(
    ("piece", "value"),
    [
        ("$", {"Sequence": {"id": "A", "type_id": 0}}),
        ("$a", {"Sequence": {"id": "A", "type_id": 0}}),
        ("$B", {"Sequence": {"id": "B", "type_id": 0}}),
        ("$1", {"Sequence": {"id": "A", "type_id": 1}}),
        ("$b:7", {"Sequence": {"id": "B", "type_id": 7}}),
        ("$1:7", {"Sequence": {"id": "A", "type_id": 7}}),
        ("[X]", {"SpecialToken": {"id": "[X]", "type_id": 0}}),
        ("[X]:2", {"SpecialToken": {"id": "[X]", "type_id": 2}}),
    ],
)
def test_pieces(piece: str, value: dict[str, Any]) -> None:
    template = TemplateProcessing.of(piece, special_tokens=[("[X]", 1)])
    assert template.to_json()["single"] == [value]


@pytest.mark.parametrize("piece", ["$C", "$A:", "$A:x", "$A:-1", "[X]:1:2", "$A:0:0"])
def test_what_is_no_piece(piece: str) -> None:
    with pytest.raises(EncodingOptionError, match="template: expected pieces"):
        TemplateProcessing.of(piece, special_tokens=[("[X]", 1)])


def test_what_a_template_lacks() -> None:
    with pytest.raises(EncodingOptionError, match=r"named '\[Y\]'"):
        TemplateProcessing.of("[Y] $A")
    with pytest.raises(EncodingOptionError, match=r"pair: expected a template with \$A and \$B"):
        TemplateProcessing.of(pair="$A $A")


def test_the_default_joins(text_of: Texts) -> None:
    pair = TemplateProcessing.of().process(text_of(1), text_of(1, 20))
    assert (pair.ids, pair.type_ids) == ([10, 20], [0, 1])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (
            {"single": [{"Sequence": {"id": "B", "type_id": 0}}]},
            "post_processor.single[0].Sequence.id",
        ),
        (
            {"pair": [{"Sequence": {"id": "C", "type_id": 0}}]},
            "post_processor.pair[0].Sequence.id",
        ),
        (
            {"single": [{"SpecialToken": {"id": "[X]", "type_id": 0}}]},
            "post_processor.single[0].SpecialToken.id",
        ),
        (
            {"single": [{"Sequence": {"id": "A", "type_id": -1}}]},
            "post_processor.single[0].Sequence.type_id",
        ),
        (
            {"special_tokens": {"[X]": {"id": "[X]", "ids": [1, 2], "tokens": ["[X]"]}}},
            "post_processor.special_tokens['[X]'].tokens",
        ),
        (
            {"special_tokens": {"[X]": {"id": "[X]", "ids": [-1], "tokens": ["[X]"]}}},
            "post_processor.special_tokens['[X]'].ids",
        ),
        ({"more": 1}, "post_processor.more"),
    ],
)
def test_what_cannot_be_read(change: dict[str, Any], field: str) -> None:
    value = {"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {}, **change}
    with pytest.raises(TokenizerFileError) as caught:
        read_post_processor(value, "post_processor")
    assert caught.value.field == field


def test_a_template_cannot_follow_one_that_adds_tokens(text_of: Texts) -> None:
    with pytest.raises(EncodingOptionError, match="one or two parts"):
        Sequence((TEMPLATE, TEMPLATE)).process(text_of(1))
