"""`tokenizer_json.py`: every component and field is understood or refused by name."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lattice_tokenize import Tokenizer, TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.pad import Padding
from lattice_tokenize.tokenizer_json import parse_tokenizer_json, write_document
from lattice_tokenize.truncate import Truncation

TRUNCATION = {"max_length": 8, "stride": 0, "strategy": "OnlyFirst", "direction": "Left"}
PADDING = {
    "strategy": {"Fixed": 8},
    "direction": "Left",
    "pad_to_multiple_of": 4,
    "pad_id": 1,
    "pad_type_id": 2,
    "pad_token": "<p>",
}
# every object of the file, by the path that an error names
OBJECTS = [
    "truncation",
    "padding",
    "padding.strategy",
    "added_tokens[0]",
    "normalizer",
    "pre_tokenizer",
    "post_processor",
    "post_processor.single[0]",
    "post_processor.single[0].SpecialToken",
    "post_processor.pair[1].Sequence",
    "post_processor.special_tokens['[CLS]']",
    "decoder",
    "model",
]


@pytest.fixture
def full(document: dict[str, Any]) -> dict[str, Any]:
    """A document that has every component."""
    return {**document, "truncation": dict(TRUNCATION), "padding": json.loads(json.dumps(PADDING))}


def steps(path: str) -> list[str | int]:
    """`a.b[0]['c']` -> a, b, 0, c"""
    found = re.findall(r"\['(.*?)'\]|\[(\d+)\]|([^.\[\]]+)", path)
    return [int(index) if index else key or name for key, index, name in found]


def at(document: Any, path: str) -> Any:
    for step in steps(path):
        document = document[step]
    return document


def refused(document: object) -> TokenizerFileError:
    with pytest.raises(TokenizerFileError) as caught:
        parse_tokenizer_json(json.dumps(document))
    return caught.value


def test_all_of_it_is_read(full: dict[str, Any]) -> None:
    parts = parse_tokenizer_json(json.dumps(full))
    assert parts.truncation == Truncation(8, "OnlyFirst", "Left")
    assert parts.padding == Padding(8, "Left", 4, pad_id=1, pad_type_id=2, pad_token="<p>")
    assert [token_id for token_id, _ in parts.added_tokens] == [0, 1, 2, 3, 4]
    assert parts.normalizer is not None
    assert parts.normalizer("CRÈME") == "creme"
    assert parts.pre_tokenizer is not None
    assert parts.pre_tokenizer("a!") == ["a", "!"]
    assert parts.post_processor is not None
    assert parts.post_processor.num_special_tokens_to_add(True) == 3
    assert parts.decoder is not None
    assert parts.model.vocab["[UNK]"] == 1


def test_what_is_read_can_be_written(full: dict[str, Any]) -> None:
    assert write_document(parse_tokenizer_json(json.dumps(full))) == full


def test_components_may_be_null(document: dict[str, Any]) -> None:
    for name in ("normalizer", "pre_tokenizer", "post_processor", "decoder"):
        document[name] = None
    parts = parse_tokenizer_json(json.dumps(document))
    assert (parts.normalizer, parts.pre_tokenizer, parts.post_processor) == (None, None, None)
    assert (parts.decoder, parts.truncation, parts.padding) == (None, None, None)


@pytest.mark.parametrize(
    ("strip_accents", "lowercase", "normalized"),
    [(None, True, "e"), (None, False, "É"), (True, False, "E"), (False, True, "é")],
)
def test_strip_accents_follows_lowercase_if_null(
    document: dict[str, Any], strip_accents: bool | None, lowercase: bool, normalized: str
) -> None:
    document["normalizer"].update(strip_accents=strip_accents, lowercase=lowercase)
    normalizer = parse_tokenizer_json(json.dumps(document)).normalizer
    assert normalizer is not None
    assert normalizer("É") == normalized


def test_defaults_of_truncation_and_padding(full: dict[str, Any]) -> None:
    del full["truncation"]["direction"]
    full["padding"].update(strategy="BatchLongest", pad_to_multiple_of=None)
    parts = parse_tokenizer_json(json.dumps(full))
    assert parts.truncation == Truncation(8, "OnlyFirst", "Right")
    assert parts.padding == Padding(None, "Left", None, 1, 2, "<p>")


@pytest.mark.parametrize("path", OBJECTS)
def test_an_unknown_field_is_refused_by_name(full: dict[str, Any], path: str) -> None:
    at(full, path)["surprise"] = 5
    error = refused(full)
    assert isinstance(error, UnsupportedComponentError)
    assert (error.field, error.received) == (f"{path}.surprise", "5")


def test_an_unknown_field_of_the_document_is_refused_by_name(document: dict[str, Any]) -> None:
    error = refused({**document, "surprise": None})
    assert isinstance(error, UnsupportedComponentError)
    assert (error.field, error.received) == ("surprise", "None")


@pytest.mark.parametrize(
    "name", ["normalizer", "pre_tokenizer", "post_processor", "decoder", "model"]
)
def test_an_unknown_component_is_refused_by_name(document: dict[str, Any], name: str) -> None:
    supported = document[name]["type"]
    document[name] = {"type": "Rot13", "parts": []}
    error = refused(document)
    assert isinstance(error, UnsupportedComponentError)
    assert (error.field, error.received) == (f"{name}.type", "'Rot13'")
    assert supported in error.expected


REQUIRED = [
    *("truncation.strategy", "truncation.stride", "padding.direction"),
    *("truncation.max_length", "padding.pad_id", "padding.pad_type_id", "padding.pad_token"),
    "padding.strategy.Fixed",
    *(f"added_tokens[0].{name}" for name in ("id", "content", "single_word", "lstrip", "rstrip")),
    *("added_tokens[0].normalized", "added_tokens[0].special"),
    *(f"normalizer.{name}" for name in ("type", "clean_text", "handle_chinese_chars", "lowercase")),
    *("pre_tokenizer.type", "post_processor.type", "post_processor.single", "post_processor.pair"),
    *("post_processor.special_tokens", "post_processor.pair[1].Sequence.id"),
    *("post_processor.pair[1].Sequence.type_id", "post_processor.special_tokens['[SEP]'].ids"),
    *("decoder.prefix", "decoder.cleanup", "model.vocab", "model.unk_token"),
    *("model.continuing_subword_prefix", "model.max_input_chars_per_word"),
]


@pytest.mark.parametrize("path", REQUIRED)
def test_a_missing_field_is_named(full: dict[str, Any], path: str) -> None:
    parent, _, name = path.rpartition(".")
    del at(full, parent)[name]
    error = refused(full)
    assert (error.field, error.received) == (path, "nothing")


@pytest.mark.parametrize("value", [None, 1.5])
@pytest.mark.parametrize("path", REQUIRED)
def test_a_field_of_the_wrong_type_is_named(full: dict[str, Any], path: str, value: object) -> None:
    parent, _, name = path.rpartition(".")
    at(full, parent)[name] = value
    error = refused(full)
    assert (error.field, error.received) == (path, repr(value))


@pytest.mark.parametrize(
    ("path", "value", "field", "received"),
    [
        # true is 1 to Python, never to the format; and 1 is not true
        ("added_tokens[0].id", True, None, "True"),
        ("added_tokens[0].special", 1, None, "1"),
        ("truncation.max_length", True, None, "True"),
        ("model.max_input_chars_per_word", True, None, "True"),
        ("model.vocab.a", True, "model.vocab['a']", "True"),
        ("padding.pad_to_multiple_of", True, None, "True"),
        ("post_processor.special_tokens['[SEP]'].ids", [True], None, "[True]"),
        ("added_tokens[0].id", -1, None, "-1"),
        ("model.vocab.a", -1, "model.vocab['a']", "-1"),
        ("model.vocab.a", 2**31, "model.vocab['a']", "2147483648"),
        ("model.vocab.b", 10, "model.vocab['b']", "10, which is 'a'"),  # two tokens, one id
        ("truncation.strategy", "Shortest", None, "'Shortest'"),
        ("truncation.direction", "right", None, "'right'"),
        ("padding.direction", "Up", None, "'Up'"),
        ("padding.strategy", "Longest", None, "'Longest'"),
        ("padding.pad_to_multiple_of", -1, None, "-1"),
        ("normalizer.strip_accents", "yes", None, "'yes'"),
        ("normalizer.strip_accents", 1, None, "1"),
        ("padding.pad_id", 1 << 31, None, "2147483648"),
        ("version", "2.0", None, "'2.0'"),
        ("added_tokens", {}, None, "{}"),
        ("model", None, None, "None"),
        ("post_processor.single[1].Sequence.id", "B", None, "'B'"),  # no second text there
        ("post_processor.pair[1].Sequence.id", "C", None, "'C'"),
        ("post_processor.single[0].SpecialToken.id", "[BOS]", None, "'[BOS]'"),
        ("post_processor.special_tokens['[SEP]'].ids", [3, 3], "tokens", "['[SEP]']"),
        ("post_processor.special_tokens['[SEP]'].ids", [-3], None, "[-3]"),
        ("post_processor.special_tokens['[SEP]'].ids", [1 << 31], None, "[2147483648]"),
    ],
)
def test_a_value_that_cannot_be_obeyed_is_named(
    full: dict[str, Any], path: str, value: object, field: str | None, received: str
) -> None:
    parent, _, name = path.rpartition(".")
    (at(full, parent) if parent else full)[name] = value
    error = refused(full)
    if field == "tokens":
        field = f"{parent}.tokens"
    assert (error.field, error.received) == (field or path, received)


@pytest.mark.parametrize("length", [0, 1, 40, 400, 1500])
def test_a_truncated_file_is_refused(document: dict[str, Any], length: int) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        parse_tokenizer_json(json.dumps(document)[:length])
    assert (caught.value.field, caught.value.expected) == ("document", "JSON")


@pytest.mark.parametrize("text", ["[1]", "null", "3", '"x"'])
def test_a_document_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        parse_tokenizer_json(text)
    assert caught.value.expected == "an object"


def test_nesting_that_exhausts_the_stack_is_refused() -> None:
    with pytest.raises(TokenizerFileError):
        parse_tokenizer_json("[" * 100_000)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(constant: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        parse_tokenizer_json(f'{{"version": {constant}}}')
    assert caught.value.received == f"{constant}, which is no JSON number"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**40) | st.floats(allow_nan=False) | st.text("a["),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("a["), inner, max_size=2),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from([*OBJECTS, *REQUIRED]), value=JSON_VALUES)
def test_any_json_in_any_place_is_read_or_refused(
    full: dict[str, Any], path: str, value: object
) -> None:
    changed = json.loads(json.dumps(full))
    keys = steps(path)
    parent = changed
    for key in keys[:-1]:
        parent = parent[key]
    parent[keys[-1]] = value
    with suppress(TokenizerFileError):
        Tokenizer(parse_tokenizer_json(json.dumps(changed)))


@pytest.mark.parametrize(
    ("content", "token_id", "field", "received"),
    [
        ("token", 29, "id", "29"),  # the vocabulary says 5
        ("<m>", 5, "id", "5"),  # the id of "token"
        ("<m>", 30, "id", "30"),  # 29 is the next free one, and what the oracle would take
        ("<m>", 1 << 31, "id", "2147483648"),
        ("[MASK]", 4, "content", "'[MASK]' again"),
    ],
)
def test_an_added_token_whose_id_the_oracle_would_change_is_refused(
    document: dict[str, Any], content: str, token_id: int, field: str, received: str
) -> None:
    token = {**document["added_tokens"][0], "content": content, "id": token_id}
    document["added_tokens"].append(token)
    error = refused(document)
    assert (error.field, error.received) == (f"added_tokens[5].{field}", received)


@pytest.mark.parametrize(
    ("written", "half"),
    [
        ('{"version": "\ud83d"}', "U+D83D"),
        (r'{"version": "1.0", "x": ["\uDE00"]}', "U+DE00"),
        (r'{"\ud83d\ud83d": 1}', "U+D83D"),
    ],
)
def test_half_a_character_is_refused_wherever_it_stands(written: str, half: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        parse_tokenizer_json(written)
    assert (caught.value.field, caught.value.expected) == ("document", "Unicode text")
    assert caught.value.received == f"the lone surrogate {half}"


def test_two_halves_that_are_escaped_are_a_character(document: dict[str, Any]) -> None:
    document["model"]["vocab"]["😀"] = 29
    text = json.dumps(document)
    assert r"\ud83d\ude00" in text
    for written in (text, text.encode(), json.dumps(document, ensure_ascii=False).encode()):
        assert parse_tokenizer_json(written).model.vocab["😀"] == 29


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    with pytest.raises(TokenizerFileError) as caught:
        parse_tokenizer_json(b'{"version": "\xed\xa0\x80"}')
    assert (caught.value.expected, caught.value.received) == ("UTF-8 text", "byte 13")


def test_an_added_token_that_says_something_twice_is_refused(document: dict[str, Any]) -> None:
    # the words in a string are no field
    document["added_tokens"].append(
        {**document["added_tokens"][0], "id": 29, "content": '"added_tokens": [{'}
    )
    text = json.dumps(document)
    assert parse_tokenizer_json(text).added_tokens[-1].token.content == '"added_tokens": [{'
    with pytest.raises(TokenizerFileError) as caught:
        parse_tokenizer_json(text.replace('"id": 29', '"id": 30, "id": 29'))
    assert caught.value.field == "added_tokens: id"
