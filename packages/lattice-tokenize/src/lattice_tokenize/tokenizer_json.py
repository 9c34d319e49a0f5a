"""`tokenizer.json` <-> the parts of a tokenizer.

The format is the one Hugging Face tokenizers writes. Every component and every field is either
understood or refused by name.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, cast

from .added_tokens import AddedToken, NumberedToken, with_ids
from .component import value_to_json
from .decoders import Decoder, read_decoder
from .errors import EncodingOptionError, TokenizerFileError
from .garbage_collection import without_garbage_collection
from .json_fields import JsonFields
from .models import Model, read_model
from .normalizers import Normalizer, read_normalizer
from .pad import Padding, read_padding
from .post_processors import IdsTemplate, PostProcessor, ids_template, read_post_processor
from .pre_tokenizers import PreTokenizer, read_pre_tokenizer
from .truncate import Truncation, read_truncation

__all__ = [
    "TokenizerParts",
    "bare_parts",
    "parse_tokenizer_json",
    "read_document",
    "write_document",
]


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ADDED_TOKENS = '"added_tokens"'
_COLON = re.compile(r"\s*:\s*")
# how deep the oracle's reader of JSON goes
_MAX_DEPTH = 127


@dataclass(frozen=True)
class TokenizerParts:
    """What a `tokenizer.json` says, in the order in which a text meets it."""

    added_tokens: tuple[NumberedToken, ...]
    normalizer: Normalizer | None
    pre_tokenizer: PreTokenizer | None
    model: Model
    truncation: Truncation | None
    post_processor: PostProcessor | None
    padding: Padding | None
    decoder: Decoder | None
    _templates: dict[tuple[bool, bool], IdsTemplate] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def template(self, *, pair: bool, add_special_tokens: bool) -> IdsTemplate:
        """Where the post-processor puts texts and special tokens; read off once."""
        key = pair, add_special_tokens
        if key not in self._templates:
            self._templates[key] = ids_template(
                self.post_processor, pair=pair, add_special_tokens=add_special_tokens
            )
        return self._templates[key]


def bare_parts(model: Model) -> TokenizerParts:
    """A model alone. Raises `EncodingOptionError` for what is none."""
    if not hasattr(model, "tokenize") or not hasattr(model, "flat_ids"):
        raise EncodingOptionError("model", "a model, such as BPE(...)", type(model).__name__)
    return TokenizerParts((), None, None, model, None, None, None, None)


def parse_tokenizer_json(written: str | bytes) -> TokenizerParts:
    """Read a `tokenizer.json`: its text, or that in UTF-8."""
    with without_garbage_collection():
        # a call of its own, so that all that is not kept is gone when collection begins again
        return _parse(_text_of(written))


def _parse(text: str) -> TokenizerParts:
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except TokenizerFileError:
        raise
    except (ValueError, RecursionError) as error:
        raise TokenizerFileError("document", "JSON", str(error)) from error
    _refuse_lone_surrogates(text, document)
    _refuse_fields_twice(text, document)
    return read_document(document)


def _text_of(written: str | bytes) -> str:
    try:
        if isinstance(written, bytes):
            return written.decode()
        if not written.isascii():
            written.encode()
    except UnicodeDecodeError as error:
        raise TokenizerFileError("document", "UTF-8 text", f"byte {error.start}") from error
    except UnicodeEncodeError as error:
        raise _lone_surrogate(error) from None
    return written


def _refuse_lone_surrogates(text: str, document: object) -> None:
    """Halves of characters, which JSON can write and no text can hold."""
    if _SURROGATE.search(text):
        try:
            json.dumps(document, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise _lone_surrogate(error) from None


def _lone_surrogate(error: UnicodeEncodeError) -> TokenizerFileError:
    half = f"U+{ord(error.object[error.start]):04X}"
    return TokenizerFileError("document", "Unicode text", f"the lone surrogate {half}")


def _refuse_fields_twice(text: str, document: object) -> None:
    """An added token that says something twice; the last would count, and nobody would know."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            name = next(name for name in fields if [key for key, _ in pairs].count(name) > 1)
            raise TokenizerFileError(f"added_tokens: {name}", "each field once", "one twice")
        return fields

    added = document.get("added_tokens") if isinstance(document, dict) else None
    end = 0
    while added and (begin := text.find(_ADDED_TOKENS, end)) >= 0:
        end = begin + len(_ADDED_TOKENS)
        if colon := _COLON.match(text, end):
            try:
                json.JSONDecoder(object_pairs_hook=once).raw_decode(text, colon.end())
            except TokenizerFileError:
                raise
            except ValueError:
                continue  # the words stand in a string


def _refuse_constant(name: str) -> float:
    raise TokenizerFileError("document", "JSON", f"{name}, which is no JSON number")


def read_document(document: object) -> TokenizerParts:
    """Read a `tokenizer.json` that has been parsed already."""
    fields = JsonFields(document, "")
    for name, value in cast("dict[str, Any]", document).items():
        if name != "model":
            _refuse_depth(value, name)
    fields.one_of("version", ("1.0",), default="1.0")
    truncation = read_truncation(fields.anything("truncation"), "truncation")
    padding = read_padding(fields.anything("padding"), "padding")
    added = fields.list("added_tokens", [])
    parts = TokenizerParts(
        normalizer=read_normalizer(fields.anything("normalizer"), "normalizer"),
        pre_tokenizer=read_pre_tokenizer(fields.anything("pre_tokenizer"), "pre_tokenizer"),
        post_processor=read_post_processor(fields.anything("post_processor"), "post_processor"),
        decoder=read_decoder(fields.anything("decoder"), "decoder"),
        model=(model := read_model(fields.anything("model"), "model")),
        added_tokens=_added_tokens(added, model),
        truncation=truncation,
        padding=padding,
    )
    fields.finish()
    return parts


def _refuse_depth(value: object, name: str) -> None:
    """Objects in objects in objects, each a component that calls the next."""
    level, depth = [value], 1  # the document is around it
    while level:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if level and depth >= _MAX_DEPTH:
            raise TokenizerFileError(name, f"objects at most {_MAX_DEPTH} deep", "more")


def _added_tokens(values: list[Any], model: Model) -> tuple[NumberedToken, ...]:
    """The tokens of the file. Refused are ids that the oracle would replace by its own, in silence:
    a content of the vocabulary has its id there; any other gets the next free one."""
    written = [_added_token(value, f"added_tokens[{i}]") for i, value in enumerate(values)]
    numbered = with_ids([token for _, token in written], (), model.vocab)
    id_of = {token.content: token_id for token_id, token in numbered}
    seen: set[str] = set()
    for index, (token_id, token) in enumerate(written):
        where = f"added_tokens[{index}]"
        if token.content in seen:
            raise TokenizerFileError(
                f"{where}.content", "a content of its own", f"{token.content!r} again"
            )
        seen.add(token.content)
        if not token.content:
            raise TokenizerFileError(f"{where}.content", "a string that is not empty", "''")
        if token_id != id_of[token.content]:
            known = token.content in model.vocab
            place = "its id in model.vocab" if known else "the next free id"
            raise TokenizerFileError(
                f"{where}.id", f"{id_of[token.content]}, {place}", str(token_id)
            )
    return tuple(numbered)


def _added_token(value: object, path: str) -> tuple[int, AddedToken]:
    fields = JsonFields(value, path)
    token_id = fields.token_id("id")
    token = AddedToken(
        content=fields.string("content"),
        single_word=fields.boolean("single_word"),
        lstrip=fields.boolean("lstrip"),
        rstrip=fields.boolean("rstrip"),
        normalized=fields.boolean("normalized"),
        special=fields.boolean("special"),
    )
    fields.finish()
    return token_id, token


def write_document(parts: TokenizerParts) -> dict[str, Any]:
    """The parsed `tokenizer.json` that `read_document` would read as `parts`."""
    return {
        "version": "1.0",
        "truncation": value_to_json(parts.truncation),
        "padding": value_to_json(parts.padding),
        "added_tokens": [
            {
                "id": token_id,
                "content": token.content,
                "single_word": token.single_word,
                "lstrip": token.lstrip,
                "rstrip": token.rstrip,
                "normalized": token.normalized,
                "special": token.special,
            }
            for token_id, token in parts.added_tokens
        ],
        "normalizer": value_to_json(parts.normalizer),
        "pre_tokenizer": value_to_json(parts.pre_tokenizer),
        "post_processor": value_to_json(parts.post_processor),
        "decoder": value_to_json(parts.decoder),
        "model": value_to_json(parts.model),
    }
