"""`tokenizer.json` -> the stages of a tokenizer.

The format is the one Hugging Face tokenizers writes. Every component and every field is either
understood or refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .added_tokens import AddedToken
from .decode import WordPieceDecoder
from .errors import TokenizerFileError, UnsupportedComponentError
from .json_fields import MAX_TOKEN_ID, JsonFields
from .normalize import BertNormalizer
from .pad import Padding
from .post_process import (
    WITHOUT_SPECIAL_TOKENS,
    SequencePiece,
    SpecialPiece,
    Template,
    TemplateProcessing,
)
from .pre_tokenize import bert_pre_tokenize
from .truncate import DIRECTIONS, STRATEGIES, Truncation
from .wordpiece import WordPiece

__all__ = ["TokenizerParts", "parse_tokenizer_json", "read_tokenizer_json"]


@dataclass(frozen=True)
class TokenizerParts:
    """The stages, in the order in which a text meets them."""

    added_tokens: tuple[AddedToken, ...]
    normalize: Callable[[str], str]
    pre_tokenize: Callable[[str], list[str]]
    model: WordPiece
    truncation: Truncation | None
    post_processor: TemplateProcessing
    padding: Padding | None
    decoder: WordPieceDecoder | None


def read_tokenizer_json(path: Path) -> TokenizerParts:
    """Read the file at `path`; raises `TokenizerFileError` where it is not as it should be."""
    try:
        return parse_tokenizer_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TokenizerFileError(str(path), "a readable file", error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise TokenizerFileError(str(path), "UTF-8 text", f"byte {error.start}") from error
    except TokenizerFileError as error:
        kind = type(error)
        field = f"{path}: {error.field}"
        raise kind(field, error.expected, error.received, error.advice) from error.__cause__


def parse_tokenizer_json(text: str) -> TokenizerParts:
    """Read the text of a `tokenizer.json`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TokenizerFileError("document", "JSON", str(error)) from error
    fields = JsonFields(document, "")
    fields.one_of("version", ("1.0",), default="1.0")
    parts = TokenizerParts(
        truncation=_truncation(fields.anything("truncation")),
        padding=_padding(fields.anything("padding")),
        added_tokens=tuple(
            _added_token(value, f"added_tokens[{index}]")
            for index, value in enumerate(fields.list("added_tokens", []))
        ),
        normalize=_normalizer(fields.anything("normalizer")),
        pre_tokenize=_pre_tokenizer(fields.anything("pre_tokenizer")),
        post_processor=_post_processor(fields.anything("post_processor")),
        decoder=_decoder(fields.anything("decoder")),
        model=_model(fields.anything("model")),
    )
    fields.finish()
    _check_added_ids(parts.added_tokens, parts.model.vocab)
    return parts


def _check_added_ids(tokens: tuple[AddedToken, ...], vocab: dict[str, int]) -> None:
    """Refuse ids that the oracle would replace by its own, in silence.

    A content of the vocabulary has its id there; any other gets the next free one.
    """
    highest = -1
    for index, token in enumerate(tokens):
        where = f"added_tokens[{index}]"
        if any(token.content == earlier.content for earlier in tokens[:index]):
            raise TokenizerFileError(
                f"{where}.content", "a content of its own", f"{token.content!r} again"
            )
        expected = vocab.get(token.content, max(len(vocab), highest + 1))
        if token.id != expected:
            place = "its id in model.vocab" if token.content in vocab else "the next free id"
            raise TokenizerFileError(f"{where}.id", f"{expected}, {place}", str(token.id))
        highest = max(highest, token.id)


def _component(value: object, path: str, supported: str) -> JsonFields:
    fields = JsonFields(value, path)
    fields.one_of("type", (supported,))
    return fields


def _truncation(value: object) -> Truncation | None:
    if value is None:
        return None
    fields = JsonFields(value, "truncation")
    truncation = Truncation(
        max_length=fields.natural("max_length"),
        strategy=fields.one_of("strategy", STRATEGIES, default="LongestFirst"),
        direction=fields.one_of("direction", DIRECTIONS, default="Right"),
    )
    # a stride overlaps the overflowing parts, which this version does not return
    stride = fields.natural("stride", 0)
    if stride:
        raise UnsupportedComponentError("truncation.stride", "0", str(stride))
    fields.finish()
    return truncation


def _padding(value: object) -> Padding | None:
    if value is None:
        return None
    fields = JsonFields(value, "padding")
    strategy = fields.anything("strategy")
    length = None
    if strategy != "BatchLongest":
        fixed = JsonFields(strategy, "padding.strategy")
        length = fixed.natural("Fixed")
        fixed.finish()
    multiple = fields.anything("pad_to_multiple_of")
    if multiple is not None and (type(multiple) is not int or multiple < 1):
        raise TokenizerFileError(
            "padding.pad_to_multiple_of", "null or a positive integer", repr(multiple)
        )
    padding = Padding(
        length=length,
        direction=fields.one_of("direction", DIRECTIONS, default="Right"),
        pad_to_multiple_of=multiple,
        pad_id=fields.token_id("pad_id"),
        pad_type_id=fields.natural("pad_type_id"),
        pad_token=fields.string("pad_token"),
    )
    fields.finish()
    return padding


def _added_token(value: object, path: str) -> AddedToken:
    fields = JsonFields(value, path)
    token = AddedToken(
        content=fields.string("content"),
        id=fields.token_id("id"),
        single_word=fields.boolean("single_word"),
        lstrip=fields.boolean("lstrip"),
        rstrip=fields.boolean("rstrip"),
        normalized=fields.boolean("normalized"),
        special=fields.boolean("special"),
    )
    fields.finish()
    return token


def _normalizer(value: object) -> Callable[[str], str]:
    if value is None:
        return str
    fields = _component(value, "normalizer", "BertNormalizer")
    lowercase = fields.boolean("lowercase")
    strip_accents = fields.anything("strip_accents")
    if strip_accents is not None and type(strip_accents) is not bool:
        raise TokenizerFileError(
            "normalizer.strip_accents", "true, false or null", repr(strip_accents)
        )
    normalizer = BertNormalizer(
        clean_text=fields.boolean("clean_text"),
        handle_chinese_chars=fields.boolean("handle_chinese_chars"),
        # null follows lowercase, as in the original BERT
        strip_accents=lowercase if strip_accents is None else strip_accents,
        lowercase=lowercase,
    )
    fields.finish()
    return normalizer


def _pre_tokenizer(value: object) -> Callable[[str], list[str]]:
    if value is None:
        return lambda text: [text] if text else []
    _component(value, "pre_tokenizer", "BertPreTokenizer").finish()
    return bert_pre_tokenize


def _model(value: object) -> WordPiece:
    fields = _component(value, "model", "WordPiece")
    vocab = fields.mapping("vocab")
    for token, token_id in vocab.items():
        if type(token_id) is not int or not 0 <= token_id <= MAX_TOKEN_ID:
            raise TokenizerFileError(
                f"model.vocab[{token!r}]", f"an id from 0 to {MAX_TOKEN_ID}", repr(token_id)
            )
    _refuse_shared_ids(vocab)
    unk_token = fields.string("unk_token")
    if unk_token not in vocab:
        raise TokenizerFileError("model.unk_token", "a token of model.vocab", repr(unk_token))
    model = WordPiece(
        vocab,
        unk_token=unk_token,
        continuing_subword_prefix=fields.string("continuing_subword_prefix"),
        max_input_chars_per_word=fields.natural("max_input_chars_per_word"),
    )
    fields.finish()
    return model


def _refuse_shared_ids(vocab: dict[str, int]) -> None:
    if len(set(vocab.values())) == len(vocab):
        return
    owner: dict[int, str] = {}
    for token, token_id in vocab.items():
        first = owner.setdefault(token_id, token)
        if first != token:
            raise TokenizerFileError(
                f"model.vocab[{token!r}]", "an id of its own", f"{token_id}, which is {first!r}"
            )


def _post_processor(value: object) -> TemplateProcessing:
    if value is None:
        return WITHOUT_SPECIAL_TOKENS
    fields = _component(value, "post_processor", "TemplateProcessing")
    special = fields.mapping("special_tokens")
    processor = TemplateProcessing(
        single=_template(fields.list("single"), "post_processor.single", special, texts=1),
        pair=_template(fields.list("pair"), "post_processor.pair", special, texts=2),
    )
    fields.finish()
    return processor


def _template(pieces: list[Any], path: str, special: dict[str, Any], *, texts: int) -> Template:
    template: list[SpecialPiece | SequencePiece] = []
    for index, value in enumerate(pieces):
        where = f"{path}[{index}]"
        outer = JsonFields(value, where)
        kind = "Sequence" if isinstance(value, dict) and "Sequence" in value else "SpecialToken"
        fields = JsonFields(outer.mapping(kind), f"{where}.{kind}")
        outer.finish()
        name, type_id = fields.string("id"), fields.natural("type_id")
        fields.finish()
        if kind == "Sequence":
            if name not in ("A", "B")[:texts]:
                raise TokenizerFileError(
                    f"{where}.Sequence.id", "'A' or 'B'"[: 3 + 7 * (texts - 1)], repr(name)
                )
            template.append(SequencePiece(index="AB".index(name), type_id=type_id))
        else:
            template.append(_special_piece(special, name, type_id, where))
    return tuple(template)


def _special_piece(special: dict[str, Any], name: str, type_id: int, where: str) -> SpecialPiece:
    if name not in special:
        raise TokenizerFileError(
            f"{where}.SpecialToken.id", "a key of post_processor.special_tokens", repr(name)
        )
    path = f"post_processor.special_tokens[{name!r}]"
    fields = JsonFields(special[name], path)
    fields.string("id")
    ids, tokens = fields.list("ids"), fields.list("tokens")
    fields.finish()
    if not all(type(i) is int and 0 <= i <= MAX_TOKEN_ID for i in ids):
        raise TokenizerFileError(f"{path}.ids", f"ids from 0 to {MAX_TOKEN_ID}", repr(ids))
    if not all(isinstance(t, str) for t in tokens) or len(tokens) != len(ids):
        raise TokenizerFileError(f"{path}.tokens", f"{len(ids)} strings", repr(tokens))
    return SpecialPiece(ids=tuple(ids), tokens=tuple(tokens), type_id=type_id)


def _decoder(value: object) -> WordPieceDecoder | None:
    if value is None:
        return None
    fields = _component(value, "decoder", "WordPiece")
    decoder = WordPieceDecoder(prefix=fields.string("prefix"), cleanup=fields.boolean("cleanup"))
    fields.finish()
    return decoder
