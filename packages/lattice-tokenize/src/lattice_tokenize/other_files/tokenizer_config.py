"""tokenizer_config.json, special_tokens_map.json, added_tokens.json -> `TokenizerConfig`.

These files say what a vocabulary file leaves open: the class of the tokenizer, its special and
other added tokens, its options. Follows `PreTrainedTokenizerBase._from_pretrained` of
transformers 5: special_tokens_map.json and added_tokens.json are the older format, and count only
where tokenizer_config.json has no `added_tokens_decoder`; special_tokens_map.json then wins over
tokenizer_config.json.

On purpose, `model_max_length` is no truncation: transformers only truncates when asked to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import TokenizerFileError, UnsupportedComponentError
from ..json_fields import MAX_TOKEN_ID
from .text_file import read_json_object

__all__ = ["NAMED_TOKENS", "ConfigToken", "TokenizerConfig", "read_tokenizer_config"]

#: The names of the special tokens that every class has, in the order in which they get their ids.
NAMED_TOKENS = (
    "bos_token",
    "eos_token",
    "unk_token",
    "sep_token",
    "pad_token",
    "cls_token",
    "mask_token",
)
_TOKEN_FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")


@dataclass(frozen=True)
class ConfigToken:
    """A token that a configuration names. `normalized=None`: as its class has it by default."""

    content: str
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False
    normalized: bool | None = None
    special: bool = False

    def entry(self, token_id: int) -> dict[str, Any]:
        """The token as `added_tokens` of tokenizer.json has it.

        >>> ConfigToken("[SEP]", special=True).entry(102)["normalized"]
        False
        """
        return {
            "id": token_id,
            "content": self.content,
            "single_word": self.single_word,
            "lstrip": self.lstrip,
            "rstrip": self.rstrip,
            "normalized": not self.special if self.normalized is None else self.normalized,
            "special": self.special,
        }


@dataclass(frozen=True)
class TokenizerConfig:
    """What the files beside a vocabulary say of a tokenizer.

    `tokenizer_class`: without the ending `Fast`. `named`: the special tokens by name, `None` where
    a file says null. `extra`: the other special tokens, `None` where no file lists them.
    `added`: the added tokens by the id that a file claims. `options`: all other fields.
    """

    where: str = "tokenizer_config.json"
    tokenizer_class: str | None = None
    named: Mapping[str, ConfigToken | None] = field(default_factory=dict)
    extra: tuple[ConfigToken, ...] | None = None
    added: Mapping[int, ConfigToken] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def flag(self, name: str, default: bool) -> bool:
        """An option that is true or false.

        >>> TokenizerConfig(options={"do_lower_case": False}).flag("do_lower_case", True)
        False
        """
        value = self.options.get(name, default)
        if not isinstance(value, bool):
            raise TokenizerFileError(f"{self.where}: {name}", "true or false", repr(value))
        return value

    def flag_or_null(self, name: str) -> bool | None:
        """An option that may also be null or absent."""
        return None if self.options.get(name) is None else self.flag(name, False)

    def number(self, name: str, default: int, *, most: int) -> int:
        """An option that is a whole number from 0 to `most`."""
        value = self.options.get(name, default)
        if type(value) is not int or not 0 <= value <= most:
            raise TokenizerFileError(
                f"{self.where}: {name}", f"a whole number from 0 to {most}", repr(value)
            )
        return value


def _token(value: object, where: str, *, special: bool) -> ConfigToken:
    """A token as a string, or as an object; `special` unless the object says so itself."""
    if isinstance(value, str):
        if not value:
            raise TokenizerFileError(where, "a token", "an empty string")
        return ConfigToken(value, special=True)
    if not isinstance(value, dict):
        raise TokenizerFileError(where, "a token, as a string or an object", repr(value)[:60])
    content = value.get("content")
    if not isinstance(content, str) or not content:
        raise TokenizerFileError(f"{where}.content", "a token", repr(content)[:60])
    flags = {name: value[name] for name in _TOKEN_FLAGS if name in value}
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise TokenizerFileError(f"{where}.{name}", "true or false", repr(flag)[:60])
    unknown = set(value) - {*_TOKEN_FLAGS, "content", "__type", "id"}
    if unknown:
        raise UnsupportedComponentError(
            f"{where}.{min(unknown)}", "only fields that this version knows", "another field"
        )
    return ConfigToken(content, **{"special": special, **flags})


def _token_list(value: object, where: str) -> list[ConfigToken]:
    if not isinstance(value, list):
        raise TokenizerFileError(where, "a list of tokens", repr(value)[:60])
    return [_token(item, f"{where}[{index}]", special=True) for index, item in enumerate(value)]


def _token_id(value: object, where: str) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise TokenizerFileError(where, "an id", repr(value)[:60])
    token_id = int(text)
    if token_id > MAX_TOKEN_ID:
        raise TokenizerFileError(where, f"an id up to {MAX_TOKEN_ID}", text)
    return token_id


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TokenizerFileError(where, "an object", repr(value)[:60])
    return value


class _Tokens:
    """Collects tokens while the files are read, the later ones over the earlier ones."""

    def __init__(self) -> None:
        self.named: dict[str, ConfigToken | None] = {}
        self.extra: dict[str, list[ConfigToken]] = {}
        self.options: dict[str, Any] = {}

    def read(self, fields: Mapping[str, Any], where: str, *, special: bool) -> None:
        for name, value in fields.items():
            place = f"{where}: {name}"
            if name in ("extra_special_tokens", "additional_special_tokens"):
                self._read_extra(name, value, place)
            elif name in NAMED_TOKENS:
                self.named[name] = None if value is None else _token(value, place, special=special)
            elif name.endswith("_token") and isinstance(value, (str, dict)):
                # names of one model's own, such as image_token, come after the seven
                self.named[name] = _token(value, place, special=special)
            else:
                self.options[name] = value

    def _read_extra(self, name: str, value: object, place: str) -> None:
        if isinstance(value, dict):
            for key, token in value.items():
                self.named[key] = _token(token, f"{place}.{key}", special=True)
        elif value is not None:
            self.extra[name] = _token_list(value, place)

    def all_extra(self) -> tuple[ConfigToken, ...] | None:
        for name in ("extra_special_tokens", "additional_special_tokens"):
            if self.extra.get(name):
                return tuple(self.extra[name])
        return tuple(self.extra.popitem()[1]) if self.extra else None


def read_tokenizer_config(directory: Path) -> TokenizerConfig:
    """What the files of `directory` say; an empty `TokenizerConfig` where there are none.

    Raises `TokenizerFileError` naming file and field.

    >>> import json, tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     fields = {"tokenizer_class": "BertTokenizerFast", "cls_token": "[CLS]"}
    ...     _ = (Path(name) / "tokenizer_config.json").write_text(json.dumps(fields))
    ...     config = read_tokenizer_config(Path(name))
    >>> config.tokenizer_class, config.named["cls_token"].content
    ('BertTokenizer', '[CLS]')
    """
    file = directory / "tokenizer_config.json"
    fields = read_json_object(file) if file.exists() else {}
    where = str(file)
    tokenizer_class = fields.pop("tokenizer_class", None)
    if tokenizer_class is not None and not isinstance(tokenizer_class, str):
        raise TokenizerFileError(f"{where}: tokenizer_class", "a string", repr(tokenizer_class))
    decoder = fields.pop("added_tokens_decoder", None)
    if not fields.get("extra_special_tokens") and "additional_special_tokens" in fields:
        fields["extra_special_tokens"] = fields.pop("additional_special_tokens")
    tokens = _Tokens()
    tokens.read(fields, where, special=False)
    added: dict[int, ConfigToken] = {}
    if decoder is not None:
        for key, value in _object(decoder, f"{where}: added_tokens_decoder").items():
            place = f"{where}: added_tokens_decoder.{key}"
            added[_token_id(key, place)] = _token(_object(value, place), place, special=False)
    else:
        file = directory / "special_tokens_map.json"
        if file.exists():
            tokens.read(read_json_object(file), str(file), special=True)
        file = directory / "added_tokens.json"
        if file.exists():
            added = _read_added_tokens(file, tokens)
    if tokens.options.get("split_special_tokens"):
        raise UnsupportedComponentError(
            f"{where}: split_special_tokens", "false or nothing", "true"
        )
    by_content = {token.content: token for token in added.values()}
    named = {
        name: by_content.get(token.content, token) if token else None
        for name, token in tokens.named.items()
    }
    return TokenizerConfig(
        where,
        tokenizer_class.removesuffix("Fast") if tokenizer_class else None,
        named,
        tokens.all_extra(),
        added,
        tokens.options,
    )


def _read_added_tokens(file: Path, tokens: _Tokens) -> dict[int, ConfigToken]:
    special = {token.content for token in tokens.named.values() if token}
    # not additional_special_tokens of special_tokens_map.json, as in transformers
    special |= {token.content for token in tokens.extra.get("extra_special_tokens", ())}
    added: dict[int, ConfigToken] = {}
    for content, value in read_json_object(file).items():
        if not content:
            raise TokenizerFileError(str(file), "tokens", "an empty string")
        token_id = _token_id(value, f"{file}: {content}")
        if token_id in added:
            raise TokenizerFileError(
                f"{file}: {content}",
                "an id of its own",
                f"{token_id}, which {added[token_id].content!r} has",
            )
        added[token_id] = replace(ConfigToken(content), special=content in special)
    return added
