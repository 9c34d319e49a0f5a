"""`post_processors/`: reading, writing, and what holds for every kind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import Encoding, TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.component import value_to_json
from lattice_tokenize.post_processors import (
    ByteLevel,
    FixedTokens,
    PostProcessor,
    Sequence,
    TextPlace,
    ids_template,
    join_default,
    read_post_processor,
)

BERT = {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]}
ROBERTA = {
    "type": "RobertaProcessing",
    "sep": ["</s>", 2],
    "cls": ["<s>", 0],
    "trim_offsets": True,
    "add_prefix_space": False,
}
BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": True,
    "use_regex": False,
}
TEMPLATE: dict[str, Any] = {
    "type": "TemplateProcessing",
    "single": [
        {"SpecialToken": {"id": "[CLS]", "type_id": 3}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "[END]", "type_id": 0}},
    ],
    "pair": [
        {"Sequence": {"id": "B", "type_id": 1}},
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 2}},
    ],
    "special_tokens": {
        "[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]},
        "[END]": {"id": "[END]", "ids": [8, 9], "tokens": ["[E", "ND]"]},
    },
}
SEQUENCE = {"type": "Sequence", "processors": [BYTE_LEVEL, TEMPLATE]}
NESTED = {"type": "Sequence", "processors": [SEQUENCE, {"type": "Sequence", "processors": []}]}
KINDS: list[dict[str, Any]] = [BERT, ROBERTA, BYTE_LEVEL, TEMPLATE, SEQUENCE, NESTED]


def processor(value: dict[str, Any]) -> PostProcessor:
    post_processor = read_post_processor(value, "post_processor")
    assert post_processor is not None
    return post_processor


@pytest.mark.parametrize("value", KINDS, ids=lambda value: value["type"])
def test_reading_and_writing(value: dict[str, Any]) -> None:
    assert json.dumps(value_to_json(processor(value))) == json.dumps(value)


def test_none() -> None:
    assert read_post_processor(None, "post_processor") is None


def test_the_regex_field_may_be_absent() -> None:
    value = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    assert read_post_processor(value, "post_processor") == ByteLevel(False, True, True)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"type": "Unknown"}, "post_processor.type"),
        ({**BERT, "more": 1}, "post_processor.more"),
        ({**BERT, "sep": "[SEP]"}, "post_processor.sep"),
        ({**BERT, "sep": ["[SEP]", -1]}, "post_processor.sep"),
        ({**BERT, "cls": [101, "[CLS]"]}, "post_processor.cls"),
        ({"type": "Sequence", "processors": [BERT, None]}, "post_processor.processors[1]"),
        ({"type": "Sequence", "processors": {}}, "post_processor.processors"),
        (
            {"type": "Sequence", "processors": [BERT, {**ROBERTA, "trim_offsets": 1}]},
            "post_processor.processors[1].trim_offsets",
        ),
        ([], "post_processor"),
    ],
)
def test_what_cannot_be_read(value: object, field: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        read_post_processor(value, "post_processor")
    assert caught.value.field == field


def test_unknown_kinds_are_unsupported() -> None:
    with pytest.raises(UnsupportedComponentError, match="one of BertProcessing, ByteLevel"):
        read_post_processor({"type": "Unknown"}, "post_processor")


def text_of(ids: list[int], type_id: int = 0) -> Encoding:
    return Encoding(ids, type_ids=[type_id] * len(ids), tokens=[f"Ġ{i}" for i in ids])


IDS = st.lists(st.integers(0, 50), max_size=4)


@given(st.sampled_from([None, *KINDS]), IDS, st.none() | IDS, st.booleans())
def test_the_ids_template_is_what_processing_does(
    value: dict[str, Any] | None, first: list[int], second: list[int] | None, special: bool
) -> None:
    first_text, second_text = text_of(first), None if second is None else text_of(second, 1)
    texts = [first_text] if second_text is None else [first_text, second_text]
    post_processor = None if value is None else processor(value)
    processed = (
        post_processor.process(first_text, second_text, special)
        if post_processor
        else join_default(first_text, second_text)
    )
    template = ids_template(post_processor, pair=second is not None, add_special_tokens=special)
    lengths = [len(text) for text in texts]
    assert template.ids(*(text.ids for text in texts)) == processed.ids
    assert template.type_ids(*lengths) == processed.type_ids
    assert template.special_tokens_mask(*lengths) == processed.special_tokens_mask
    if second is None:
        assert template.is_one_text
        assert [*template.prefix_ids, *first, *template.suffix_ids] == processed.ids
    if post_processor and special:
        added = post_processor.num_special_tokens_to_add(second is not None)
        assert len(processed) == sum(lengths) + added


def test_the_pieces_of_an_ids_template() -> None:
    template = ids_template(processor(SEQUENCE))
    assert template.pieces == (
        FixedTokens((1,), (3,), (1,)),
        TextPlace(0, 0),
        FixedTokens((8, 9), (0, 0), (1, 1)),
    )
    assert (template.prefix_ids, template.suffix_ids) == ((1,), (8, 9))
    pair = ids_template(processor(SEQUENCE), pair=True)
    assert pair.pieces == (TextPlace(1, 1), FixedTokens((1,), (0,), (1,)), TextPlace(0, 2))
    assert (pair.prefix_ids, pair.suffix_ids, pair.is_one_text) == ((), (), False)


@pytest.mark.parametrize("value", KINDS, ids=lambda value: value["type"])
def test_what_comes_in_is_not_changed(value: dict[str, Any]) -> None:
    texts = [text_of([5, 6, 7]), text_of([8, 9], 1)]
    for text in texts:
        text.truncate(1)
    before = [text.__getstate__() for text in texts]
    processed = processor(value).process(texts[0], texts[1])
    processed.pad(20)
    for column in (processed.ids, processed.type_ids, processed.overflowing):
        column.clear()
    assert [text.__getstate__() for text in texts] == before


def test_without_a_post_processor() -> None:
    first, second = text_of([5]), text_of([6, 7], 1)
    assert join_default(first) == first
    assert join_default(first).ids is not first.ids
    joined = join_default(first, second)
    assert joined.ids == [5, 6, 7]
    assert joined.type_ids == [0, 1, 1]
    assert joined.sequence_ids == [0, 1, 1]


def test_byte_level_behind_a_template_counts_its_parts() -> None:
    """As the oracle does: the special token is text 0 for it, and the text is text 1 too."""
    template = {**TEMPLATE, "single": TEMPLATE["single"][:2]}
    sequence = Sequence((processor(template), ByteLevel()))
    processed = sequence.process(text_of([5, 6]))
    assert processed.ids == [1, 5, 6]
    assert processed.sequence_ids == [None, 1, 1]


def test_bert_behind_a_template_surrounds_its_parts() -> None:
    sequence = Sequence((processor(TEMPLATE), processor(BERT)))
    processed = sequence.process(text_of([10, 11]))
    assert processed.ids == [101, 1, 102, 10, 11, 102, 8, 9, 102]
    assert processed.special_tokens_mask == [1, 0, 1, 0, 0, 1, 0, 0, 1]
    assert sequence.num_special_tokens_to_add(False) == 5  # as the oracle counts
