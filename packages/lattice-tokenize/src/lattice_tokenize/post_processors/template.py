"""Encodings -> the sequence that a template describes, with its special tokens.

Follows `TemplateProcessing` of Hugging Face tokenizers. Differs on purpose: templates that crash
there when they are used (a second text that is not there, a special token that nobody describes)
are refused when they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..encoding import Encoding
from ..errors import EncodingOptionError, TokenizerFileError
from ..json_fields import MAX_TOKEN_ID, JsonFields
from .post_processor import PostProcessor

__all__ = [
    "SequencePiece",
    "SpecialPiece",
    "SpecialToken",
    "Template",
    "TemplateProcessing",
    "read_template_processing",
]


@dataclass(frozen=True)
class SpecialToken:
    """What a name of the template stands for: usually one token, sometimes several."""

    id: str
    ids: tuple[int, ...]
    tokens: tuple[str, ...]

    def encoding(self, type_id: int) -> Encoding:
        count = len(self.ids)
        return Encoding(
            list(self.ids),
            type_ids=[type_id] * count,
            tokens=list(self.tokens),
            special_tokens_mask=[1] * count,
        )

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "ids": list(self.ids), "tokens": list(self.tokens)}


@dataclass(frozen=True)
class SpecialPiece:
    """Where the special token `id` goes."""

    id: str
    type_id: int = 0

    def to_json(self) -> dict[str, Any]:
        return {"SpecialToken": {"id": self.id, "type_id": self.type_id}}


@dataclass(frozen=True)
class SequencePiece:
    """Where a text goes: `id` is "A" for the first, "B" for the second."""

    id: str
    type_id: int = 0

    def to_json(self) -> dict[str, Any]:
        return {"Sequence": {"id": self.id, "type_id": self.type_id}}


Template = tuple[SpecialPiece | SequencePiece, ...]


def _parse_piece(text: str) -> SpecialPiece | SequencePiece:
    """`$A`, `$B:1`, `$1`, `[SEP]` or `[SEP]:1`."""
    name, *types = text.split(":")
    if len(types) <= 1 and all(map(_is_number, types)):
        type_id = int(types[0]) if types else 0
        if not name.startswith("$"):
            return SpecialPiece(name, type_id)
        if name in ("$", "$A", "$a"):
            return SequencePiece("A", type_id)
        if name in ("$B", "$b"):
            return SequencePiece("B", type_id)
        if _is_number(name[1:]):  # the type of the first text
            return SequencePiece("A", type_id if types else int(name[1:]))
    raise EncodingOptionError("template", "pieces such as $A, $B:1, [SEP] or [SEP]:1", repr(text))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _parse_template(template: str | Iterable[str]) -> Template:
    pieces = template.split(" ") if isinstance(template, str) else template
    return tuple(map(_parse_piece, pieces))


@dataclass(frozen=True)
class TemplateProcessing(PostProcessor):
    """The templates for one text and for two, and what their special tokens are.

    >>> bert = TemplateProcessing.of(
    ...     "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 101), ("[SEP]", 102)]
    ... )
    >>> bert.process(Encoding([5]), Encoding([6])).type_ids
    [0, 0, 0, 1, 1]
    """

    single: Template
    pair: Template
    special_tokens: Mapping[str, SpecialToken] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        single: str | Iterable[str] = "$0",
        pair: str | Iterable[str] = "$A:0 $B:1",
        special_tokens: Iterable[tuple[str, int] | Mapping[str, Any] | SpecialToken] = (),
    ) -> TemplateProcessing:
        """From templates as the oracle's constructor takes them."""
        known = {token.id: token for token in map(_special_token, special_tokens)}
        templates = _parse_template(single), _parse_template(pair)
        names = {piece.id for piece in templates[1] if isinstance(piece, SequencePiece)}
        if names != {"A", "B"}:
            raise EncodingOptionError("pair", "a template with $A and $B", repr(pair))
        for piece in (*templates[0], *templates[1]):
            if isinstance(piece, SpecialPiece) and piece.id not in known:
                raise EncodingOptionError(
                    "special_tokens", f"one that is named {piece.id!r}", "none of that name"
                )
        return cls(*templates, known)

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        template = self.pair if is_pair else self.single
        return sum(
            len(self.special_tokens[piece.id].ids)
            for piece in template
            if isinstance(piece, SpecialPiece)
        )

    def process_parts(self, parts: Sequence[Encoding], add_special_tokens: bool) -> list[Encoding]:
        if len(parts) not in (1, 2):
            raise EncodingOptionError(
                "post_processor",
                "one or two parts for TemplateProcessing",
                f"{len(parts)} parts",
                "In a Sequence, nothing that adds special tokens can stand before it.",
            )
        texts = list(parts)
        processed: list[Encoding] = []
        for piece in self.single if len(parts) == 1 else self.pair:
            if isinstance(piece, SequencePiece):
                index = "AB".index(piece.id)
                if index >= len(texts):
                    raise EncodingOptionError("post_processor", "a second text", "one text")
                # of what overflows, the types stay as they were
                text = texts[index].replaced(type_ids=[piece.type_id] * len(texts[index]))
                texts[index] = text.of_sequence(index)
                processed.append(texts[index])
            elif add_special_tokens:
                processed.append(self.special_tokens[piece.id].encoding(piece.type_id))
        return processed

    def to_json(self) -> dict[str, Any]:
        """As `tokenizer.json` has it."""
        return {
            "type": "TemplateProcessing",
            "single": [piece.to_json() for piece in self.single],
            "pair": [piece.to_json() for piece in self.pair],
            "special_tokens": {
                name: token.to_json() for name, token in sorted(self.special_tokens.items())
            },
        }


def _special_token(value: tuple[str, int] | Mapping[str, Any] | SpecialToken) -> SpecialToken:
    if isinstance(value, SpecialToken):
        return value
    if isinstance(value, Mapping):
        return SpecialToken(value["id"], tuple(value["ids"]), tuple(value["tokens"]))
    token, token_id = value
    return SpecialToken(token, (token_id,), (token,))


def read_template_processing(value: object, path: str) -> TemplateProcessing:
    """The post-processor at `path` of `tokenizer.json`."""
    fields = JsonFields(value, path)
    fields.one_of("type", ("TemplateProcessing",))
    special_tokens = {
        name: _read_special_token(token, f"{path}.special_tokens[{name!r}]")
        for name, token in fields.mapping("special_tokens").items()
    }
    single = _read_template(fields.list("single"), f"{path}.single", ("A",))
    pair = _read_template(fields.list("pair"), f"{path}.pair", ("A", "B"))
    fields.finish()
    for name, template in (("single", single), ("pair", pair)):
        for index, piece in enumerate(template):
            if isinstance(piece, SpecialPiece) and piece.id not in special_tokens:
                raise TokenizerFileError(
                    f"{path}.{name}[{index}].SpecialToken.id",
                    f"a key of {path}.special_tokens",
                    repr(piece.id),
                )
    return TemplateProcessing(single, pair, special_tokens)


def _read_special_token(value: object, path: str) -> SpecialToken:
    fields = JsonFields(value, path)
    name, ids, tokens = fields.string("id"), fields.list("ids"), fields.list("tokens")
    fields.finish()
    if not all(type(i) is int and 0 <= i <= MAX_TOKEN_ID for i in ids):
        raise TokenizerFileError(f"{path}.ids", f"ids from 0 to {MAX_TOKEN_ID}", repr(ids))
    if not all(isinstance(t, str) for t in tokens) or len(tokens) != len(ids):
        raise TokenizerFileError(f"{path}.tokens", f"{len(ids)} strings", repr(tokens))
    return SpecialToken(name, tuple(ids), tuple(tokens))


def _read_template(values: Iterable[Any], path: str, texts: tuple[str, ...]) -> Template:
    return tuple(_read_piece(value, f"{path}[{i}]", texts) for i, value in enumerate(values))


def _read_piece(value: object, path: str, texts: tuple[str, ...]) -> SpecialPiece | SequencePiece:
    outer = JsonFields(value, path)
    kind = "Sequence" if outer.has("Sequence") else "SpecialToken"
    fields = JsonFields(outer.mapping(kind), f"{path}.{kind}")
    outer.finish()
    name, type_id = fields.string("id"), fields.natural("type_id", bits=32)
    fields.finish()
    if kind == "SpecialToken":
        return SpecialPiece(name, type_id)
    if name not in texts:
        raise TokenizerFileError(f"{path}.Sequence.id", " or ".join(map(repr, texts)), repr(name))
    return SequencePiece(name, type_id)
