"""`tokenizer.py`: all stages together."""

from __future__ import annotations

import copy
import json
import pickle
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import (
    AddedToken,
    EncodingOptionError,
    TextError,
    Tokenizer,
    TokenizerFileError,
    UnsupportedComponentError,
    models,
    normalizers,
    pre_tokenizers,
)

MakeTokenizer = Callable[[dict[str, Any]], Tokenizer]
TEXT = st.text(st.sampled_from("ab c!,'TOKENizersg東かが\u3099é[]PADSEP\t"), max_size=24)

LITERALS = [
    ("", [2, 3]),
    (" \t\u200b", [2, 3]),
    ("Tokenizer", [2, 5, 6, 7, 3]),
    ("tokenizing!", [2, 5, 6, 8, 15, 3]),
    ("a b,c", [2, 10, 11, 16, 12, 3]),
    ("東京", [2, 18, 19, 3]),
    ("CRÈME", [2, 24, 3]),
    ("かが か\u3099", [2, 20, 21, 20, 3]),
    ("カ\u309b", [2, 25, 27, 3]),  # the spacing sign is kept
    ("x a", [2, 1, 10, 3]),
    ("[MASK] [mask]", [2, 4, 1, 1, 1, 3]),  # special tokens only as written
    ("[SEP]a", [2, 3, 10, 3]),
]


def added_token(content: str, token_id: int, **flags: bool) -> dict[str, Any]:
    off = dict.fromkeys(["single_word", "lstrip", "rstrip", "normalized", "special"], False)
    return {"content": content, "id": token_id, **off, **flags}


def refused_text(call: Callable[[], object]) -> TextError:
    with pytest.raises(TextError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(("text", "ids"), LITERALS)
def test_ids(tokenizer: Tokenizer, text: str, ids: list[int]) -> None:
    assert tokenizer.encode(text).ids == ids
    assert tokenizer.encode(text, add_special_tokens=False).ids == ids[1:-1]


def test_an_encoding_of_a_pair(tokenizer: Tokenizer) -> None:
    encoding = tokenizer.encode("a b", "c!")
    assert encoding.ids == [2, 10, 11, 3, 12, 15, 3]
    assert encoding.tokens == ["[CLS]", "a", "b", "[SEP]", "c", "!", "[SEP]"]
    assert encoding.type_ids == [0, 0, 0, 0, 1, 1, 1]
    assert encoding.attention_mask == [1] * 7
    assert encoding.special_tokens_mask == [1, 0, 0, 1, 0, 0, 1]
    assert len(encoding) == 7


def test_a_pair_without_special_tokens(tokenizer: Tokenizer) -> None:
    encoding = tokenizer.encode("a b", "c", add_special_tokens=False)
    assert (encoding.ids, encoding.type_ids) == ([10, 11, 12], [0, 0, 1])


def test_an_empty_second_text_is_a_pair_still(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("a", "").ids == [2, 10, 3, 3]


def test_special_tokens_that_the_user_wrote_are_not_masked(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("[SEP]").special_tokens_mask == [1, 0, 1]


def test_trailing_white_space_makes_no_token(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("a \n ").ids == tokenizer.encode("a").ids


def test_single_and_pair_go_through_the_same_scanner(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    document["added_tokens"].append(added_token("<m>", 29, lstrip=True))
    document["added_tokens"].append(added_token("ing", 14, single_word=True, normalized=True))
    tokenizer = make_tokenizer(document)
    # "tokenizing" holds no added token; as a word alone, "ING" is one
    inner = [5, 6, 8, 29, 10, 14]
    assert tokenizer.encode("tokenizing <m>a ING").ids == [2, *inner, 3]
    assert tokenizer.encode("a", "tokenizing <m>a ING").ids == [2, 10, 3, *inner, 3]
    assert tokenizer.encode_packed(["tokenizing <m>a ING"]).ids.tolist() == [2, *inner, 3]


def test_the_token_of_an_added_token_is_what_it_took_from_the_text(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    """As the oracle: with the white space, and normalized where it was matched so."""
    document["added_tokens"].append(added_token("<m>", 29, lstrip=True))
    document["added_tokens"].append(added_token("FOO", 30, normalized=True))
    encoding = make_tokenizer(document).encode("a \t<m>FOO")
    assert encoding.tokens == ["[CLS]", "a", " \t<m>", "foo", "[SEP]"]
    assert encoding.ids == [2, 10, 29, 30, 3]


@given(st.lists(TEXT, max_size=5), st.booleans())
def test_packed_rows_are_the_ids_of_encode(
    tokenizer: Tokenizer, texts: list[str], special: bool
) -> None:
    packed = tokenizer.encode_packed(texts, add_special_tokens=special)
    alone = [tokenizer.encode(text, add_special_tokens=special).ids for text in texts]
    assert [row.tolist() for row in packed] == alone
    assert not packed.truncated.any()


@given(TEXT, st.integers(2, 12))
def test_max_tokens_cuts_from_the_end_and_says_so(
    tokenizer: Tokenizer, text: str, max_tokens: int
) -> None:
    whole = tokenizer.encode(text).ids
    packed = tokenizer.encode_packed([text], max_tokens=max_tokens)
    expected = whole if len(whole) <= max_tokens else [*whole[: max_tokens - 1], 3]
    assert packed.ids.tolist() == expected
    assert packed.truncated.tolist() == [len(whole) > max_tokens]


def test_the_truncation_of_the_file_holds_unless_max_tokens_is_given(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    document["truncation"] = {
        "max_length": 3,
        "strategy": "LongestFirst",
        "direction": "Left",
        "stride": 0,
    }
    tokenizer = make_tokenizer(document)
    assert tokenizer.truncation == {
        "max_length": 3,
        "stride": 0,
        "strategy": "longest_first",
        "direction": "left",
    }
    assert tokenizer.encode("a b c").ids == [2, 12, 3]
    packed = tokenizer.encode_packed(["a b c", "b"])
    assert (packed.ids.tolist(), packed.truncated.tolist()) == ([2, 12, 3, 2, 11, 3], [True, False])
    assert tokenizer.encode_packed(["a b c"], max_tokens=4).ids.tolist() == [2, 10, 11, 3]
    # three special tokens leave no room for a pair
    assert tokenizer.encode("a b", "c").ids == [2, 3, 3]


def test_padding_of_the_file_fills_encode_and_never_encode_packed(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    document["padding"] = {
        "strategy": {"Fixed": 5},
        "pad_to_multiple_of": None,
        "direction": "Right",
        "pad_id": 0,
        "pad_type_id": 1,
        "pad_token": "[PAD]",
    }
    tokenizer = make_tokenizer(document)
    encoding = tokenizer.encode("a")
    assert encoding.ids == [2, 10, 3, 0, 0]
    assert encoding.attention_mask == [1, 1, 1, 0, 0]
    assert encoding.tokens[3:] == ["[PAD]", "[PAD]"]
    assert tokenizer.encode_packed(["a"]).ids.tolist() == [2, 10, 3]


@pytest.mark.parametrize("max_tokens", [1, 0, -1, 2.5, "5", True])
def test_max_tokens_must_leave_room_for_special_tokens(
    tokenizer: Tokenizer, max_tokens: Any
) -> None:
    with pytest.raises(EncodingOptionError) as caught:
        tokenizer.encode_packed(["a"], max_tokens=max_tokens)
    assert (caught.value.field, caught.value.received) == ("max_tokens", repr(max_tokens))
    assert caught.value.expected == "None or an int from 2 up"


def test_max_tokens_may_leave_no_room_for_text(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode_packed(["a b"], max_tokens=2).ids.tolist() == [2, 3]
    packed = tokenizer.encode_packed(["a b"], max_tokens=1, add_special_tokens=False)
    assert packed.ids.tolist() == [10]


def test_text_that_is_no_str_is_named(tokenizer: Tokenizer) -> None:
    hostile: Any = tokenizer  # what a type checker would refuse
    cases = [
        (lambda: hostile.encode(5), "sequence", "int"),
        (lambda: hostile.encode(b"a"), "sequence", "bytes"),
        (lambda: hostile.encode("a", 1.5), "pair", "float"),
        (lambda: hostile.encode_packed(["a", None]), "texts[1]", "NoneType"),
    ]
    for call, field, received in cases:
        error = refused_text(call)
        assert (error.field, error.expected, error.received) == (field, "a str", received)


def test_one_str_is_no_batch(tokenizer: Tokenizer) -> None:
    error = refused_text(lambda: tokenizer.encode_packed("ab"))
    assert (error.field, error.received) == ("texts", "one str")


def test_a_lone_surrogate_is_named_with_its_place(tokenizer: Tokenizer) -> None:
    error = refused_text(lambda: tokenizer.encode_packed(["é", "aé\ud800b"]))
    assert (error.field, error.expected) == ("texts[1]", "Unicode text")
    assert error.received == "a lone surrogate U+D800 at index 2"
    assert refused_text(lambda: tokenizer.encode("a", "\udfff")).field == "pair"


@pytest.mark.parametrize(
    ("ids", "skipping", "everything"),
    [
        ([2, 5, 6, 8, 15, 3], "tokenizing!", "[CLS] tokenizing! [SEP]"),
        ([10, 999, 11], "a b", "a b"),  # no token has this id
        ([1, 13], "##s", "[UNK]s"),  # the first token that is left keeps its prefix
        ([], "", ""),
    ],
)
def test_decode(tokenizer: Tokenizer, ids: list[int], skipping: str, everything: str) -> None:
    assert tokenizer.decode(ids) == skipping
    assert tokenizer.decode(ids, skip_special_tokens=False) == everything


def test_decode_skips_special_tokens_and_no_other_added_ones(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    document["added_tokens"].append(added_token("<m>", 29))
    document["added_tokens"].append(added_token("<s>", 30, special=True))
    assert make_tokenizer(document).decode([10, 29, 30]) == "a <m>"


def test_decode_without_a_decoder_joins_with_spaces(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    document["decoder"] = None
    assert make_tokenizer(document).decode([5, 6, 15]) == "token ##iz !"


def test_tokens_and_ids_are_found_both_ways(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    document["added_tokens"].append(added_token("<m>", 29))
    tokenizer = make_tokenizer(document)
    assert (tokenizer.token_to_id("token"), tokenizer.id_to_token(5)) == (5, "token")
    assert (tokenizer.token_to_id("<m>"), tokenizer.id_to_token(29)) == (29, "<m>")
    assert (tokenizer.token_to_id("zebra"), tokenizer.id_to_token(39)) == (None, None)
    # 29 of the model, five of them added as well, and one more
    assert tokenizer.get_vocab_size() == len(tokenizer.get_vocab()) == 30
    assert tokenizer.get_vocab_size(with_added_tokens=False) == 29
    assert "<m>" not in tokenizer.get_vocab(with_added_tokens=False)
    assert list(tokenizer.get_added_tokens_decoder()) == [0, 1, 2, 3, 4, 29]


def test_from_pretrained_takes_a_directory_or_the_file(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    for path in (tmp_path, file, str(tmp_path)):
        assert Tokenizer.from_pretrained(path).encode("東").ids == [2, 18, 3]


def test_from_pretrained_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        Tokenizer.from_pretrained(tmp_path)
    assert caught.value.field == str(tmp_path)
    without_hub = mock.patch.dict(sys.modules, {"huggingface_hub": None})
    with without_hub, pytest.raises(TokenizerFileError) as caught:
        Tokenizer.from_pretrained(tmp_path / "nowhere")
    assert caught.value.received == repr(str(tmp_path / "nowhere"))
    assert "pip install huggingface_hub" in caught.value.advice


def test_from_pretrained_downloads_what_is_no_path(
    document: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    hub = mock.Mock()
    hub.hf_hub_download.return_value = str(file)
    with mock.patch.dict(sys.modules, {"huggingface_hub": hub}):
        tokenizer = Tokenizer.from_pretrained("some/repository", "v2", token="secret")
    assert tokenizer.encode("a").ids == [2, 10, 3]
    hub.hf_hub_download.assert_called_once_with(
        "some/repository", "tokenizer.json", revision="v2", token="secret"
    )


@pytest.mark.parametrize("error", [OSError("not reachable"), ValueError("no such name")])
def test_a_repository_that_does_not_come_is_named(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    hub = mock.Mock()
    hub.hf_hub_download.side_effect = error
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    with pytest.raises(TokenizerFileError) as caught:
        Tokenizer.from_pretrained("some/repository", revision="v2")
    assert caught.value.field == "identifier"
    assert caught.value.received == f"'some/repository', revision 'v2': {error}"
    assert caught.value.__cause__ is error


def test_every_way_to_load_and_to_write(tmp_path: Path, tokenizer: Tokenizer) -> None:
    file = tmp_path / "saved.json"
    tokenizer.save(file)
    text = tokenizer.to_str()
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(text)
    assert "\n" in file.read_text(encoding="utf-8")
    assert "\n" not in text
    loaded = [
        Tokenizer.from_str(text),
        Tokenizer.from_file(file),
        Tokenizer.from_buffer(text.encode()),
        pickle.loads(pickle.dumps(tokenizer)),
        copy.copy(tokenizer),
    ]
    for other in loaded:
        assert other.to_str() == text
        assert other.encode("tokenizing 東", "a") == tokenizer.encode("tokenizing 東", "a")


def test_files_that_cannot_be_read_are_named(tmp_path: Path, document: dict[str, Any]) -> None:
    file = tmp_path / "tokenizer.json"
    with pytest.raises(TokenizerFileError, match="a readable file"):
        Tokenizer.from_file(file)
    for name in ("\0", "\ud800"):  # no file can be called so
        with pytest.raises(TokenizerFileError, match="a readable file"):
            Tokenizer.from_file(f"{file}{name}")
    file.write_bytes(b'{"version": "\xff"}')
    with pytest.raises(TokenizerFileError) as caught:
        Tokenizer.from_file(file)
    assert caught.value.field == f"{file}: document"
    assert (caught.value.expected, caught.value.received) == ("UTF-8 text", "byte 13")
    document["decoder"]["type"] = "Rot13"
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UnsupportedComponentError) as caught:
        Tokenizer.from_pretrained(tmp_path)
    assert caught.value.field == f"{file}: decoder.type"


@given(TEXT, st.none() | TEXT, st.booleans())
def test_what_is_computed_at_once_is_what_is_computed_in_the_end(
    tokenizer: Tokenizer, text: str, pair: str | None, special: bool
) -> None:
    encoding = tokenizer.encode(text, pair, add_special_tokens=special)
    fast = encoding.ids, encoding.type_ids, encoding.attention_mask, encoding.special_tokens_mask
    whole = encoding._whole()  # checks the ids
    assert whole._complete is None
    assert len(whole.tokens) == len(whole.offsets) == len(whole.word_ids) == len(fast[0])
    assert fast == (whole.ids, whole.type_ids, whole.attention_mask, whole.special_tokens_mask)


def test_offsets_words_and_sequences(tokenizer: Tokenizer) -> None:
    encoding = tokenizer.encode("Crème tokenizing", "東 b")
    assert encoding.tokens == [
        "[CLS]",
        "creme",
        "token",
        "##iz",
        "##ing",
        "[SEP]",
        "東",
        "b",
        "[SEP]",
    ]
    assert encoding.offsets == [
        *((0, 0), (0, 5), (6, 11), (11, 13), (13, 16)),
        *((0, 0), (0, 1), (2, 3), (0, 0)),
    ]
    assert encoding.word_ids == [None, 0, 1, 1, 1, None, 0, 1, None]
    assert encoding.sequence_ids == [None, 0, 0, 0, 0, None, 1, 1, None]
    assert encoding.char_to_token(12) == 3
    assert encoding.char_to_token(2, sequence_index=1) == 7


def test_words_that_are_cut_already(tokenizer: Tokenizer) -> None:
    encoding = tokenizer.encode(["a", "b c"], ["c"], is_pretokenized=True)
    assert encoding.ids == [2, 10, 11, 12, 3, 12, 3]
    assert encoding.word_ids == [None, 0, 1, 1, None, 0, None]
    assert encoding.offsets[1:4] == [(0, 1), (0, 1), (2, 3)]  # of each word


def test_a_batch_of_texts_and_pairs(tokenizer: Tokenizer) -> None:
    first, second, third = tokenizer.encode_batch(["a", ("a", "b"), ["c", "a"]])
    assert first == tokenizer.encode("a")
    assert second == tokenizer.encode("a", "b")
    assert third == tokenizer.encode("c", "a")
    assert tokenizer.encode_batch_fast(["a"]) == [first]
    assert tokenizer.encode_batch([["a", "b"]], is_pretokenized=True)[0].ids == [2, 10, 11, 3]
    assert tokenizer.encode_batch([]) == []
    hostile: Any
    for hostile in ("ab", 5, None):
        with pytest.raises(TextError) as caught:
            tokenizer.encode_batch(hostile)
        assert caught.value.field == "input"


def test_truncation_and_padding_of_a_batch(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    tokenizer = make_tokenizer(document)
    tokenizer.enable_truncation(4, stride=1)
    tokenizer.enable_padding(pad_to_multiple_of=3, direction="left")
    long, short = tokenizer.encode_batch(["a b c", "a"])
    assert long.ids == [0, 0, 2, 10, 11, 3]
    assert [part.ids for part in long.overflowing] == [[0, 0, 2, 11, 12, 3]]
    assert (short.ids, short.overflowing) == ([0, 0, 0, 2, 10, 3], [])
    assert short.offsets == [(0, 0)] * 4 + [(0, 1), (0, 0)]
    assert short.tokens[:4] == ["[PAD]", "[PAD]", "[PAD]", "[CLS]"]
    assert tokenizer.padding == {
        "length": None,
        "pad_to_multiple_of": 3,
        "pad_id": 0,
        "pad_token": "[PAD]",
        "pad_type_id": 0,
        "direction": "left",
    }
    tokenizer.no_truncation()
    tokenizer.no_padding()
    assert not tokenizer.truncation
    assert not tokenizer.padding
    assert tokenizer.encode("a b c").ids == [2, 10, 11, 12, 3]


def test_a_post_processor_that_says_more_tokens_than_it_adds_leaves_room_for_them(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    template = document["post_processor"]
    cls, text, _ = template["single"]
    second = {"Sequence": {"id": "B", "type_id": 0}}
    document["post_processor"] = {
        "type": "Sequence",
        "processors": [
            {**template, "single": [cls, text]},
            # it says two, for one text, but gets two: [CLS] and what the first has made
            {**template, "pair": [cls, text, second]},
        ],
    }
    tokenizer = make_tokenizer(document)
    assert tokenizer.num_special_tokens_to_add(False) == 3
    assert tokenizer.encode("a b c a").ids == [2, 2, 10, 11, 12, 10]
    tokenizer.enable_truncation(6)
    encoding = tokenizer.encode("a b c a")
    assert encoding.ids == [2, 2, 10, 11, 12]
    assert [part.ids for part in encoding.overflowing] == [[2, 2, 10]]
    assert tokenizer.encode_packed(["a b c a"]).ids.tolist() == [2, 2, 10, 11, 12]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"max_length": -1}, "max_length"),
        ({"max_length": "5"}, "max_length"),
        ({"max_length": 5, "stride": 4}, "stride"),  # three tokens are left for the text
        ({"max_length": 5, "strategy": "shortest"}, "strategy"),
        ({"max_length": 5, "direction": "Right"}, "direction"),
    ],
)
def test_truncation_that_cannot_be_obeyed_is_named(
    document: dict[str, Any], make_tokenizer: MakeTokenizer, options: Any, field: str
) -> None:
    tokenizer = make_tokenizer(document)
    with pytest.raises(EncodingOptionError) as caught:
        tokenizer.enable_truncation(**options)
    assert caught.value.field == field
    assert tokenizer.truncation is None


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"direction": "up"}, "direction"),
        ({"pad_id": -1}, "pad_id"),
        ({"pad_type_id": 0.5}, "pad_type_id"),
        ({"pad_token": 0}, "pad_token"),
        ({"length": -5}, "length"),
        ({"pad_to_multiple_of": True}, "pad_to_multiple_of"),
    ],
)
def test_padding_that_cannot_be_obeyed_is_named(
    document: dict[str, Any], make_tokenizer: MakeTokenizer, options: Any, field: str
) -> None:
    tokenizer = make_tokenizer(document)
    with pytest.raises(EncodingOptionError) as caught:
        tokenizer.enable_padding(**options)
    assert (caught.value.field, tokenizer.padding) == (field, None)


def test_half_a_character_is_no_padding(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    tokenizer = make_tokenizer(document)
    with pytest.raises(TextError, match=r"pad_token: expected Unicode text"):
        tokenizer.enable_padding(pad_token="\ud800")
    assert tokenizer.padding is None


def test_added_tokens_are_matched_from_then_on(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    tokenizer = make_tokenizer(document)
    before = tokenizer.encode("<m> ing")
    assert tokenizer.add_tokens(["<m>", AddedToken("ing", single_word=True), "", "<m>"]) == 2
    assert tokenizer.add_special_tokens(["<s>", AddedToken("<m>", lstrip=True)]) == 2
    assert tokenizer.get_vocab_size() == 31
    assert tokenizer.encode("a <m> ing tokenizing<s>").ids == [2, 10, 29, 14, 5, 6, 8, 30, 3]
    assert tokenizer.decode([10, 29, 14, 30]) == "a ing"
    assert before.tokens[1:-1] == ["[UNK]", "[UNK]", "[UNK]", "ing"]  # as it was when it was made
    assert Tokenizer.from_str(tokenizer.to_str()).encode("a <m>").ids == [2, 10, 29, 3]


def test_special_tokens_can_be_encoded_as_text(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    tokenizer = make_tokenizer(document)
    assert tokenizer.encode_special_tokens is False
    tokenizer.encode_special_tokens = True
    assert tokenizer.encode("[SEP]a").ids == [2, 1, 1, 1, 10, 3]
    tokenizer.encode_special_tokens = False
    assert tokenizer.encode("[SEP]a").ids == [2, 3, 10, 3]


def test_parts_can_be_replaced(document: dict[str, Any], make_tokenizer: MakeTokenizer) -> None:
    tokenizer = make_tokenizer(document)
    assert isinstance(tokenizer.normalizer, normalizers.BertNormalizer)
    tokenizer.normalizer = None
    assert tokenizer.encode("A a").ids == [2, 1, 10, 3]
    tokenizer.pre_tokenizer = pre_tokenizers.Punctuation()
    assert tokenizer.encode("a,b c").ids == [2, 10, 16, 1, 3]
    tokenizer.post_processor = None
    assert tokenizer.encode("a").ids == [10]
    tokenizer.decoder = None
    assert tokenizer.decode([10, 11]) == "a b"
    assert tokenizer.model.vocab["a"] == 10


def test_a_model_can_be_replaced_or_stand_alone(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    tokenizer = make_tokenizer(document)
    model = tokenizer.model
    alone = Tokenizer(model)
    assert alone.encode("token").ids == [5]  # as the oracle: no special tokens, no words
    assert alone.encode("a b").tokens == ["[UNK]"]
    tokenizer.model = models.WordLevel({"a": 0, "?": 1}, unk_token="?")
    assert tokenizer.encode("a b", add_special_tokens=False).ids == [0, 1]
    tokenizer.model = model
    assert tokenizer.encode("a b").ids == [2, 10, 11, 3]
    hostile: Any = "model"
    with pytest.raises(EncodingOptionError) as caught:
        Tokenizer(hostile)
    assert (caught.value.field, caught.value.received) == ("model", "str")


def test_components_have_the_names_of_the_oracle(tokenizer: Tokenizer) -> None:
    normalizer, pre_tokenizer = tokenizer.normalizer, tokenizer.pre_tokenizer
    assert normalizer
    assert pre_tokenizer
    assert normalizer.normalize_str("Crème") == "creme"
    assert pre_tokenizer.pre_tokenize_str("a  b,") == [("a", (0, 1)), ("b", (3, 4)), (",", (4, 5))]
    assert [token.offsets for token in tokenizer.model.tokenize("tokeniz")] == [(0, 5), (5, 7)]
    hostile: Any = None
    with pytest.raises(TextError, match="sequence: expected a str"):
        normalizer.normalize_str(hostile)


@pytest.mark.parametrize("tokens", [None, 5, "abc", [5], [None], ["a\ud800"]])
def test_what_is_no_token_is_named(tokenizer: Tokenizer, tokens: Any) -> None:
    for add in (tokenizer.add_tokens, tokenizer.add_special_tokens):
        with pytest.raises(TextError) as caught:
            add(tokens)
        assert caught.value.field == ("tokens[0]" if isinstance(tokens, list) else "tokens")


def test_what_is_no_token_and_no_id_cannot_be_asked_for(tokenizer: Tokenizer) -> None:
    hostile: Any = 5
    with pytest.raises(TextError) as no_text:
        tokenizer.token_to_id(hostile)
    assert no_text.value.field == "token"
    for number in (-1, "x", 1.0, None):
        hostile = number
        with pytest.raises(EncodingOptionError) as no_id:
            tokenizer.id_to_token(hostile)
        assert (no_id.value.field, no_id.value.received) == ("id", repr(number))
    assert tokenizer.id_to_token(np.int64(5)) == "token"
    assert tokenizer.id_to_token(1 << 40) is None


def test_integers_of_numpy_are_integers(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    tokenizer = make_tokenizer(document)
    tokenizer.enable_truncation(np.int64(4), stride=np.int32(1))
    tokenizer.enable_padding(length=np.int64(5))
    encoding = tokenizer.encode("a b c")
    assert encoding.ids == [2, 10, 11, 3, 0]
    assert encoding.token_to_chars(np.int64(2)) == (2, 3)
    assert json.loads(tokenizer.to_str())["truncation"]["max_length"] == 4


def test_post_process_does_what_encode_does_in_the_end(tokenizer: Tokenizer) -> None:
    first, second = (tokenizer.encode(text, add_special_tokens=False) for text in ("a b", "c"))
    processed, expected = tokenizer.post_process(first, second), tokenizer.encode("a b", "c")
    assert (processed.ids, processed.offsets) == (expected.ids, expected.offsets)
    assert tokenizer.post_process(first, add_special_tokens=False).ids == [10, 11]
    assert tokenizer.num_special_tokens_to_add(False) == 2
    assert tokenizer.num_special_tokens_to_add(True) == 3


def test_count(tokenizer: Tokenizer) -> None:
    counts = tokenizer.count(["", "a", "tokenizing b"])
    assert (counts.tolist(), counts.dtype.name) == ([2, 3, 6], "int64")
    assert tokenizer.count(["a", ""], add_special_tokens=False).tolist() == [1, 0]


def test_what_is_no_id_is_named(tokenizer: Tokenizer) -> None:
    hostile: Any = ["5"]
    with pytest.raises(EncodingOptionError) as caught:
        tokenizer.decode(hostile)
    assert (caught.value.field, caught.value.received) == ("ids[0]", "str")
    for number in (-1, 1 << 32):
        with pytest.raises(EncodingOptionError, match="an id from 0 up"):
            tokenizer.decode([10, number])
    assert tokenizer.decode_batch([[10], [11, 3]], skip_special_tokens=False) == ["a", "b [SEP]"]
    hostile = 5
    with pytest.raises(EncodingOptionError, match="ids: expected a sequence of int, received int"):
        tokenizer.decode(hostile)
    with pytest.raises(EncodingOptionError, match="sequences: expected lists of int, received int"):
        tokenizer.decode_batch(hostile)


def test_eight_threads_get_the_same_ids(
    document: dict[str, Any], make_tokenizer: MakeTokenizer
) -> None:
    draw = random.Random(0)
    texts = ["".join(draw.choices("ab tokenizers!東か", k=30)) for _ in range(50)]
    alone = make_tokenizer(document).encode_packed(texts).ids.tolist()
    shared = make_tokenizer(document)
    with ThreadPoolExecutor(8) as pool:
        for packed in pool.map(lambda _: shared.encode_packed(texts), range(16)):
            assert packed.ids.tolist() == alone
