"""Where our tokenizer can be bent, and how to open many bent ones quickly.

A tokenizer has two ways through its stages: a readable one, `Stages`, and a fast one, `BatchIds`.
What is bent here is bent in both, as it would be if its author had misunderstood the oracle;
`wrong_fast_ways` bends one of them only.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from lattice_tokenize import AddedToken, Tokenizer
from lattice_tokenize.added_tokens import NumberedToken
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.component import value_to_json
from lattice_tokenize.decoders import read_decoder
from lattice_tokenize.flat_texts import FlatTexts
from lattice_tokenize.normalizers import read_normalizer
from lattice_tokenize.post_processors import read_post_processor
from lattice_tokenize.pre_tokenizers import read_pre_tokenizer
from lattice_tokenize.ragged import flat_rows
from lattice_tokenize.tokenizer_json import TokenizerParts, parse_tokenizer_json

from .mutant import Patch, exchange, together, wrap

__all__ = [
    "Bend",
    "Document",
    "of_document",
    "of_model",
    "of_normalizer",
    "of_text",
    "of_tokens",
    "of_words",
    "read_once",
]

Document = dict[str, Any]
Bend = Callable[[Document], object]

_TOKENIZER = "lattice_tokenize.tokenizer.Tokenizer"


@cache
def _parts(path: Path) -> TokenizerParts:
    return parse_tokenizer_json(path.read_text(encoding="utf-8"))


def _document(parts: TokenizerParts) -> Document:
    """What the file says, but for the model, which is large."""
    return {
        "normalizer": value_to_json(parts.normalizer),
        "pre_tokenizer": value_to_json(parts.pre_tokenizer),
        "post_processor": value_to_json(parts.post_processor),
        "decoder": value_to_json(parts.decoder),
        "added_tokens": [{"id": n.id, **asdict(n.token)} for n in parts.added_tokens],
    }


def _read(document: Document, parts: TokenizerParts) -> TokenizerParts:
    """`parts` with all of `document`, newly read: what components remember is forgotten."""
    added = [dict(token) for token in document["added_tokens"]]
    return replace(
        parts,
        normalizer=read_normalizer(document["normalizer"], "normalizer"),
        pre_tokenizer=read_pre_tokenizer(document["pre_tokenizer"], "pre_tokenizer"),
        post_processor=read_post_processor(document["post_processor"], "post_processor"),
        decoder=read_decoder(document["decoder"], "decoder"),
        added_tokens=tuple(NumberedToken(token.pop("id"), AddedToken(**token)) for token in added),
    )


def _from_pretrained(identifier: Path, *_: object) -> Tokenizer:
    parts = _parts(Path(identifier) / "tokenizer.json")
    return Tokenizer(_read(_document(parts), parts))


# Vocabularies are read once, and shared: who bends a model bends a copy of it.
read_once = exchange(f"{_TOKENIZER}.from_pretrained", _from_pretrained)


def _of_parts(change: Callable[[TokenizerParts], TokenizerParts]) -> Patch:
    return wrap(f"{_TOKENIZER}.__init__", lambda f, self, parts: f(self, change(parts)))


def of_document(bend: Bend) -> Patch:
    """The file says something else."""

    def change(parts: TokenizerParts) -> TokenizerParts:
        document = _document(parts)
        bend(document)
        return _read(document, parts)

    return _of_parts(change)


def of_model(change: Callable[[Any], object]) -> Patch:
    """`change` is given the model to set its attributes."""

    def changed(parts: TokenizerParts) -> TokenizerParts:
        model = copy.copy(parts.model)
        change(model)
        return replace(parts, model=model)

    return _of_parts(changed)


def _without_places(text: str, origin: int) -> AlignedText:
    places = range(origin, origin + len(text) + 1)
    return AlignedText(text, places[:-1], places[1:], origin)


def of_text(change: Callable[[str], str]) -> Patch:
    """The text is changed before anything looks at it."""
    return together(
        wrap(
            "lattice_tokenize.batch_ids.BatchIds.__call__",
            lambda f, self, texts: f(self, [change(text) for text in texts]),
        ),
        wrap(
            "lattice_tokenize.added_tokens.AddedTokens.align",
            lambda f, self, text: f(self, change(text)),
        ),
    )


def of_normalizer(kind: str, around: Callable[..., str]) -> Patch:
    """`around(original, self, text)` instead of what `kind` does."""
    return together(
        wrap(f"{kind}.__call__", around),
        wrap(f"{kind}.align", lambda _, self, text: _without_places(self(text.text), text.origin)),
    )


def of_words(kind: str, around: Callable[..., list[str]]) -> Patch:
    """`around(original, self, text)` instead of how the pre-tokenizer `kind` cuts."""

    def align(_: Any, self: Any, text: AlignedText) -> list[AlignedText]:
        return [_without_places(word, text.origin) for word in self(text.text)]

    return together(wrap(f"{kind}.__call__", around), wrap(f"{kind}.align", align))


def of_tokens(kind: str, around: Callable[..., Any]) -> Patch:
    """`around(original, self, word)` instead of how the model `kind` finds tokens."""

    def ids(_: Any, self: Any, words: list[str]) -> list[tuple[int, ...]]:
        return [tuple([token.id for token in self.tokenize(word)]) for word in words]

    def flat_ids(_: Any, self: Any, words: FlatTexts) -> Any:
        return flat_rows(self.ids(words.texts()))

    return together(
        wrap(f"{kind}.tokenize", around),
        wrap(f"{kind}.ids", ids),
        wrap(f"{kind}.flat_ids", flat_ids),
    )
