"""Engines whose fast way to ids goes wrong, and their readable way does not.

`Tokenizer.encode` takes its ids from the fast way, and asserts that the readable one gives the same
when it is asked for tokens. So each of these is caught as a wrong answer or as an error.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from .mutant import Mutant, Patch, exchange, together, wrap

__all__ = ["WRONG_FAST_WAYS"]

_BATCH = "lattice_tokenize.batch_ids"
_SPACE = "lattice_tokenize.space_cut"
_MANY = 64
_BERT, _QWEN, _XLM_R = "all-minilm-l6-v2", "qwen3-embedding", "multilingual-e5-small-q4"


def _cut(**changes: object) -> Patch:
    """How texts are cut at spaces is taken for something else."""
    return wrap(f"{_BATCH}.space_cut", lambda f, *stages: replace(f(*stages), **changes))


def _batch(change: Callable[[Any], object]) -> Patch:
    """`change` is given the new `BatchIds` to set its attributes."""

    def around(f: Any, self: Any, *arguments: Any) -> None:
        f(self, *arguments)
        change(self)

    return wrap(f"{_BATCH}.BatchIds.__init__", around)


def _texts(change: Callable[[str], str]) -> Patch:
    return wrap(
        f"{_BATCH}.BatchIds.__call__",
        lambda f, self, texts: f(self, [change(text) for text in texts]),
    )


def _marked(change: Callable[[list[str]], list[str]]) -> Patch:
    """The parts that a text is cut into, with the mark of the first, are others."""
    return wrap(f"{_SPACE}.SpaceCut.parts", lambda f, self, text: change(f(self, text)))


def _cut_at_every_space(_: Any, __: Any, text: str) -> list[str]:
    first, *others = text.split(" ")
    return [f" {first}", *others]


def _one_memory(batch_ids: Any) -> None:
    batch_ids._words = batch_ids._parts


def _remembers_beginnings(f: Any, self: Any, computed: dict[str, Any]) -> None:
    """What a long part gives is remembered for its first four characters."""
    f(self, {key[:4]: ids for key, ids in computed.items()})


def _many(model: str, change: Callable[[Any, list[str]], list[Any]]) -> Patch:
    """`change(ids, words)`: what a model gives for so many words that it does all of them at once,
    where `ids` is the right way."""

    def around(f: Any, self: Any, words: list[str]) -> list[Any]:
        right = partial(f, self)
        return change(right, words) if len(words) >= _MANY else right(words)

    return wrap(f"lattice_tokenize.models.{model}.ids", around)


def _by_length(ids: Any, words: list[str]) -> list[Any]:
    """They were sorted, and the order was not undone."""
    return list(ids(sorted(words, key=len)))


def _blocks_overlap(ids: Any, words: list[str]) -> list[Any]:
    """The last word of a block gets what is right for the first of the next."""
    right = ids(words)
    return [*right[: _MANY - 1], *right[_MANY : _MANY + 1], *right[_MANY:]]


def _longer_words_cut(ids: Any, words: list[str]) -> list[Any]:
    return list(ids([word[:5] for word in words]))


def _mutant(name: str, tag: str, patch: Patch, subject: str, defect: str = "") -> Mutant:
    return Mutant(f"fast-{name}", tag, patch, defect, subjects=(subject,))


WRONG_FAST_WAYS = (
    _mutant("start-of-the-text-forgotten", "english", _marked(lambda parts: [part.lstrip(" ") for part in parts]), _QWEN),
    _mutant("start-is-everywhere", "english", _marked(lambda parts: [f" {part.lstrip(' ')}" for part in parts]), _QWEN),
    _mutant("cut-at-every-space", "whitespace", together(wrap(f"{_SPACE}.SpaceCut.parts", _cut_at_every_space), exchange(f"{_SPACE}.SpaceCut.still_safe", lambda *_: True)), _QWEN, "F2"),
    _mutant("parts-end-at-any-white-space", "whitespace", wrap(f"{_SPACE}.SpaceCut.parts", lambda f, self, text: f(self, " ".join(text.split()))), _QWEN, "F2"),
    _mutant("spaces-dropped", "english", _cut(spaces="drop"), _QWEN),
    _mutant("cut-where-python-does", "control", wrap(f"{_SPACE}.SpaceCut.parts", lambda f, self, text: text.split()), _BERT),
    _mutant("one-memory-for-parts-and-words", "tokenizer/", _batch(_one_memory), _QWEN),
    _mutant("remembers-the-beginning-only", "whitespace", wrap(f"{_BATCH}._Memory.remember", _remembers_beginnings), _QWEN),
    _mutant("not-normalized", "normalization", _batch(lambda batch: setattr(batch, "_normalize", str)), _QWEN),
    _mutant("charsmap-forgotten", "charsmap", _batch(lambda batch: setattr(batch, "_normalize", str)), _XLM_R),
    _mutant("accents-forgotten", "accents", _batch(lambda batch: setattr(batch, "_normalize", str.lower)), _BERT, "F4"),
    _mutant("composed-across-added-tokens", "added-tokens", _texts(lambda text: unicodedata.normalize("NFC", text)), _QWEN, "F3"),
    _mutant("lower-case-before-added-tokens", "added-tokens", _texts(str.lower), _BERT, "F3"),
    _mutant("added-tokens-are-text", "added-tokens", wrap("lattice_tokenize.added_tokens.AddedTokens.split_written", lambda f, self, text: [text]), _BERT, "F3"),
    _mutant("added-tokens-take-no-space", "added-tokens", wrap("lattice_tokenize.added_tokens.AddedTokens.split_written", lambda f, self, text: f(self, text.replace(" <mask>", " \0<mask>"))), _XLM_R, "F3"),
    _mutant("added-tokens-of-a-text-lost", "added-tokens", wrap("lattice_tokenize.added_tokens.AddedTokens.split_written", lambda f, self, text: [part for part in f(self, text) if isinstance(part, str)]), _QWEN, "F3"),
    _mutant("texts-of-a-pair-swapped", "pair", wrap(f"{_BATCH}.BatchIds.__call__", lambda f, self, texts: f(self, texts)[::-1]), _BERT),
    _mutant("second-text-is-the-first", "pair", wrap(f"{_BATCH}.BatchIds.__call__", lambda f, self, texts: [ids for ids in f(self, texts)[:1] for _ in texts]), _QWEN),
    _mutant("template-without-types", "pair", wrap("lattice_tokenize.post_processors.ids_template.IdsTemplate.type_ids", lambda f, self, *lengths: [0] * len(f(self, *lengths))), _BERT),
    _mutant("template-without-specials", "padding", wrap("lattice_tokenize.post_processors.ids_template.IdsTemplate.special_tokens_mask", lambda f, self, *lengths: [0] * len(f(self, *lengths))), _BERT),
    _mutant("metaspace-is-space", "metaspace", _texts(lambda text: text.replace("\u2581", " ")), _XLM_R, "F5"),
    _mutant("many-words-in-order-of-length", f"tokenizer/{_QWEN}/many-words", _many("bpe.BPE", _by_length), _QWEN),
    _mutant("many-words-in-overlapping-blocks", f"tokenizer/{_BERT}/many-words", _many("wordpiece.WordPiece", _blocks_overlap), _BERT),
    _mutant("many-words-cut-short", f"tokenizer/{_XLM_R}/many-words", _many("unigram.Unigram", _longer_words_cut), _XLM_R),
)  # fmt: skip
