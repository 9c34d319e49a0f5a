"""tokenizer_config.json and the files beside it -> `TokenizerConfig`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lattice_tokenize.errors import TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.other_files.tokenizer_config import (
    ConfigToken,
    TokenizerConfig,
    read_tokenizer_config,
)

SEP = {"content": "[SEP]", "lstrip": False, "rstrip": True, "single_word": False}


def _read(tmp_path: Path, **files: Any) -> TokenizerConfig:
    for name, value in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    return read_tokenizer_config(tmp_path)


def test_no_file_at_all(tmp_path: Path) -> None:
    config = read_tokenizer_config(tmp_path)
    assert config.tokenizer_class is None
    assert (dict(config.named), config.extra, dict(config.added)) == ({}, None, {})


def test_the_class_is_the_same_with_and_without_fast(tmp_path: Path) -> None:
    config = _read(tmp_path, tokenizer_config={"tokenizer_class": "BertTokenizerFast"})
    assert config.tokenizer_class == "BertTokenizer"


def test_tokens_as_strings_and_as_objects(tmp_path: Path) -> None:
    fields = {"cls_token": "[CLS]", "sep_token": {"__type": "AddedToken", **SEP}, "bos_token": None}
    config = _read(tmp_path, tokenizer_config=fields)
    assert config.named == {
        "cls_token": ConfigToken("[CLS]", special=True),
        "sep_token": ConfigToken("[SEP]", rstrip=True),
        "bos_token": None,
    }


def test_a_model_s_own_token_is_named_too(tmp_path: Path) -> None:
    fields = {"image_token": "<image>", "add_bos_token": True}
    config = _read(tmp_path, tokenizer_config=fields)
    assert config.named == {"image_token": ConfigToken("<image>", special=True)}
    assert config.options == {"add_bos_token": True}


def test_added_tokens_decoder_wins(tmp_path: Path) -> None:
    config = _read(
        tmp_path,
        tokenizer_config={"sep_token": "[SEP]", "added_tokens_decoder": {"102": SEP}},
        special_tokens_map={"sep_token": "[OTHER]"},
        added_tokens={"[OTHER]": 5},
    )
    token = ConfigToken("[SEP]", rstrip=True)
    assert config.added == {102: token}
    # a named token has the flags that it has there
    assert config.named == {"sep_token": token}


def test_special_tokens_map_wins_over_tokenizer_config(tmp_path: Path) -> None:
    config = _read(
        tmp_path,
        tokenizer_config={"sep_token": "</s>", "cls_token": "[CLS]"},
        special_tokens_map={"sep_token": SEP, "additional_special_tokens": ["[X]"]},
    )
    assert config.named["sep_token"] == ConfigToken("[SEP]", rstrip=True, special=True)
    assert config.named["cls_token"] == ConfigToken("[CLS]", special=True)
    assert config.extra == (ConfigToken("[X]", special=True),)


def test_added_tokens_json(tmp_path: Path) -> None:
    config = _read(
        tmp_path,
        tokenizer_config={"mask_token": "[MASK]", "additional_special_tokens": ["[A]"]},
        special_tokens_map={},
        added_tokens={"[MASK]": 4, "[A]": 7, "word": 6},
    )
    assert config.added == {
        4: ConfigToken("[MASK]", special=True),
        7: ConfigToken("[A]", special=True),
        6: ConfigToken("word"),
    }


def test_extra_special_tokens_as_an_object_are_named(tmp_path: Path) -> None:
    config = _read(tmp_path, tokenizer_config={"extra_special_tokens": {"image": "<i>"}})
    assert config.named == {"image": ConfigToken("<i>", special=True)}
    assert config.extra is None


def test_what_normalized_is_by_default() -> None:
    assert ConfigToken("a").entry(1)["normalized"] is True
    assert ConfigToken("a", special=True).entry(1)["normalized"] is False
    assert ConfigToken("a", special=True, normalized=True).entry(1)["normalized"] is True


@pytest.mark.parametrize(
    ("files", "field", "expected"),
    [
        ({"tokenizer_config": []}, "tokenizer_config.json", "a JSON object"),
        ({"tokenizer_config": {"tokenizer_class": 5}}, "tokenizer_class", "a string"),
        ({"tokenizer_config": {"cls_token": 5}}, "cls_token", "a token, as a string or an object"),
        ({"tokenizer_config": {"cls_token": ""}}, "cls_token", "a token"),
        ({"tokenizer_config": {"cls_token": {}}}, "cls_token.content", "a token"),
        (
            {"tokenizer_config": {"cls_token": {"content": "a", "lstrip": 1}}},
            "cls_token.lstrip",
            "true or false",
        ),
        (
            {"tokenizer_config": {"added_tokens_decoder": {"-1": SEP}}},
            "added_tokens_decoder.-1",
            "an id",
        ),
        (
            {"tokenizer_config": {"added_tokens_decoder": {"9999999999": SEP}}},
            "added_tokens_decoder.9999999999",
            "an id up to 2147483647",
        ),
        (
            {"tokenizer_config": {"added_tokens_decoder": {"1": "[SEP]"}}},
            "added_tokens_decoder.1",
            "an object",
        ),
        (
            {"special_tokens_map": {"additional_special_tokens": "x"}},
            "additional_special_tokens",
            "a list of tokens",
        ),
        ({"added_tokens": {"a": 1, "b": 1}}, "added_tokens.json: b", "an id of its own"),
        ({"added_tokens": {"": 1}}, "added_tokens.json", "tokens"),
    ],
)
def test_malformed_fields_are_named(
    tmp_path: Path, files: dict[str, Any], field: str, expected: str
) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        _read(tmp_path, **files)
    assert caught.value.field.endswith(field)
    assert caught.value.expected == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"split_special_tokens": True},
        {"cls_token": {"content": "a", "sticky": True}},
    ],
)
def test_what_would_change_ids_is_refused(tmp_path: Path, fields: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedComponentError):
        _read(tmp_path, tokenizer_config=fields)


def test_options_are_type_checked() -> None:
    config = TokenizerConfig(options={"do_lower_case": "yes", "extra_ids": -1, "legacy": None})
    with pytest.raises(TokenizerFileError, match="do_lower_case: expected true or false"):
        config.flag("do_lower_case", True)
    with pytest.raises(TokenizerFileError, match="extra_ids: expected a whole number from 0 to 9"):
        config.number("extra_ids", 100, most=9)
    assert config.flag_or_null("legacy") is None
    assert config.flag_or_null("absent") is None
