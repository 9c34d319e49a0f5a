"""Engines whose fast way to ids goes wrong, and their readable way does not.

`Tokenizer.encode` takes its ids from the fast way, and asserts that the readable one gives the same
when it is asked for tokens. So each of these is caught as a wrong answer or as an error.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np
from lattice_tokenize.flat_texts import FlatTexts
from lattice_tokenize.ragged import flat_rows, rows_as_tuples

from .mutant import Mutant, Patch, exchange, together, wrap

__all__ = ["WRONG_FAST_WAYS"]

_BATCH = "lattice_tokenize.batch_ids.BatchIds"
_CUT = "lattice_tokenize.part_cut.PartCut"
_WORDS = "lattice_tokenize.part_words.PartWords"
_MEMORY = "lattice_tokenize.part_memory.PartMemory"
_MANY = 64
_BERT, _QWEN, _XLM_R = "all-minilm-l6-v2", "qwen3-embedding", "multilingual-e5-small-q4"


def _cut(also: Callable[[Any], Any]) -> Patch:
    """Parts begin where `also` says so of the code points, too."""
    return wrap(
        f"{_CUT}.begins", lambda f, self, codes, starts: f(self, codes, starts) | also(codes)
    )


def _all(_: Any, parts: FlatTexts, __: FlatTexts) -> Any:
    return np.ones(len(parts.lengths), np.bool_)


def _normalizer(normalize: Callable[[str], str]) -> Patch:
    """What parts are normalized with is another, which keeps them apart no better or worse."""

    def around(f: Any, self: Any, *arguments: Any) -> None:
        f(self, *arguments)
        self._normalize = normalize

    return together(wrap(f"{_WORDS}.__init__", around), exchange(f"{_CUT}.are_as_good", _all))


def _texts(change: Callable[[str], str]) -> Patch:
    return wrap(
        f"{_BATCH}.__call__", lambda f, self, texts: f(self, [change(text) for text in texts])
    )


def _part_texts(change: Callable[[str], str]) -> Patch:
    """Parts are met as `change` makes them."""

    def around(f: Any, self: Any, parts: FlatTexts) -> Any:
        return f(self, FlatTexts.of([change(part) for part in parts.texts()]))

    return wrap(f"{_WORDS}.__call__", around)


def _tokens_a_part_early(f: Any, self: Any, texts: list[str]) -> Any:
    stretches = f(self, texts)
    stretches.token_places = [max(place - 1, 0) for place in stretches.token_places]
    return stretches


def _ids_of_the_part_before(
    f: Any, self: Any, parts: Any, hashes: Any, ids: Any, starts: Any, counts: Any
) -> Any:
    return f(self, parts, hashes, ids, np.roll(starts, 1), np.roll(counts, 1))


def _zeros_lost(f: Any, self: Any, texts: FlatTexts) -> Any:
    """What the text has of the word that stands between parts is taken for it."""
    words, counts = f(self, texts)
    kept = [word for word in words.texts() if word != "0"]
    counts[-1:] -= len(kept) < len(words.lengths)
    return FlatTexts.of(kept), counts


def _unsafe_parts_too(f: Any, self: Any, texts: list[str]) -> Any:
    """Nothing goes through the stages as a whole: what cannot stand alone has no ids."""
    with mock.patch.object(self, "_wholes", lambda stretches: [() for _ in stretches]):
        return f(self, texts)


def _many(model: str, change: Callable[[Any, list[str]], list[Any]]) -> Patch:
    """`change(ids, words)`: what a model gives for so many words that it does all of them at once,
    where `ids` is the right way."""

    def around(f: Any, self: Any, words: FlatTexts) -> Any:
        def right(texts: list[str]) -> list[Any]:
            return [*rows_as_tuples(*f(self, FlatTexts.of(texts)))]

        many = len(words.lengths) >= _MANY
        return flat_rows(change(right, words.texts())) if many else f(self, words)

    return wrap(f"lattice_tokenize.models.{model}.flat_ids", around)


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
    _mutant("cut-at-every-space", "whitespace", _cut(lambda codes: codes == ord(" ")), _QWEN, "F2"),
    _mutant("parts-begin-at-any-white-space", "whitespace", _cut(lambda codes: (codes <= ord(" ")) & (codes > 8)), _QWEN, "F2"),
    _mutant("parts-begin-behind-spaces", "english", _cut(lambda codes: np.roll(codes == ord(" "), 1)), _QWEN),
    _mutant("cut-before-marks", "normalization", _cut(lambda codes: (codes >= 0x300) & (codes < 0x370)), _QWEN),
    _mutant("cut-behind-punctuation", "tokenizer/", _cut(lambda codes: np.roll(codes == ord("."), 1)), _XLM_R),
    _mutant("cut-at-capitals", "tokenizer/", _cut(lambda codes: (codes >= ord("A")) & (codes <= ord("Z"))), _BERT),
    _mutant("spaces-of-parts-dropped", "english", _part_texts(lambda part: part.strip() or part), _QWEN),
    _mutant("what-cannot-stand-alone-is-lost", "normalization", wrap(f"{_BATCH}.__call__", _unsafe_parts_too), _QWEN),
    _mutant("memory-off-by-one", "english", wrap(f"{_MEMORY}.add", _ids_of_the_part_before), _QWEN),
    _mutant("zeros-are-markers", "numbers", wrap(f"{_WORDS}._words_of", _zeros_lost), _QWEN),
    _mutant("not-normalized", "normalization", _normalizer(lambda text: text), _QWEN),
    _mutant("charsmap-forgotten", "charsmap", _normalizer(lambda text: text), _XLM_R),
    _mutant("accents-forgotten", "accents", _normalizer(str.lower), _BERT, "F4"),
    _mutant("tokens-a-part-early", "added-tokens", wrap(f"{_BATCH}._stretches", _tokens_a_part_early), _QWEN, "F3"),
    _mutant("composed-across-added-tokens", "added-tokens", _texts(lambda text: unicodedata.normalize("NFC", text)), _QWEN, "F3"),
    _mutant("lower-case-before-added-tokens", "added-tokens", _texts(str.lower), _BERT, "F3"),
    _mutant("added-tokens-are-text", "added-tokens", wrap("lattice_tokenize.added_tokens.AddedTokens.split_written", lambda f, self, text: [text]), _BERT, "F3"),
    _mutant("added-tokens-take-no-space", "added-tokens", wrap("lattice_tokenize.added_tokens.AddedTokens.split_written", lambda f, self, text: f(self, text.replace(" <mask>", " \0<mask>"))), _XLM_R, "F3"),
    _mutant("added-tokens-of-a-text-lost", "added-tokens", wrap("lattice_tokenize.added_tokens.AddedTokens.split_written", lambda f, self, text: [part for part in f(self, text) if isinstance(part, str)]), _QWEN, "F3"),
    _mutant("texts-of-a-pair-swapped", "pair", wrap(f"{_BATCH}.__call__", lambda f, self, texts: f(self, texts[::-1])), _BERT),
    _mutant("second-text-is-the-first", "pair", wrap(f"{_BATCH}.__call__", lambda f, self, texts: f(self, [texts[0] for _ in texts])), _QWEN),
    _mutant("template-without-types", "pair", wrap("lattice_tokenize.post_processors.ids_template.IdsTemplate.type_ids", lambda f, self, *lengths: [0] * len(f(self, *lengths))), _BERT),
    _mutant("template-without-specials", "padding", wrap("lattice_tokenize.post_processors.ids_template.IdsTemplate.special_tokens_mask", lambda f, self, *lengths: [0] * len(f(self, *lengths))), _BERT),
    _mutant("metaspace-is-space", "metaspace", _texts(lambda text: text.replace("\u2581", " ")), _XLM_R, "F5"),
    _mutant("many-words-in-order-of-length", f"tokenizer/{_QWEN}/many-words", _many("bpe.BPE", _by_length), _QWEN),
    _mutant("many-words-in-overlapping-blocks", f"tokenizer/{_BERT}/many-words", _many("wordpiece.WordPiece", _blocks_overlap), _BERT),
    _mutant("many-words-cut-short", f"tokenizer/{_XLM_R}/many-words", _many("unigram.Unigram", _longer_words_cut), _XLM_R),
)  # fmt: skip
