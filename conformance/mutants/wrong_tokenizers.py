"""Engines that give wrong ids, tokens, types or text with WordPiece, as BERT has it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

from lattice_tokenize import unicode_tables
from lattice_tokenize.character_classes import (
    CHINESE,
    MARKS,
    REMOVED,
    WHITESPACE,
    CharacterClass,
    CharacterMap,
    lowercase,
)
from lattice_tokenize.models import Token
from lattice_tokenize.normalizers import NFKD, Normalizer
from lattice_tokenize.normalizers.decomposition import decompose
from lattice_tokenize.patterns.code_points import CODE_POINT_LIMIT, CodePoints
from lattice_tokenize.patterns.engine import PatternEngine
from lattice_tokenize.patterns.tree import Choice, Repeat, Set

from .bend_tokenizer import Document, of_document, of_model, of_normalizer, of_text, of_tokens
from .mutant import Mutant, Patch, exchange, together, wrap

__all__ = ["WRONG_TOKENIZERS"]

_BERT = "lattice_tokenize.normalizers.bert"
_WORDPIECE = "lattice_tokenize.models.wordpiece.WordPiece"
_TOKENIZER = "lattice_tokenize.tokenizer.Tokenizer"
_SCANNER = "lattice_tokenize.added_tokens._Scanner"
_SUBJECT = ("all-minilm-l6-v2",)
_KANA_MARKS = {0x3099, 0x309A}
_SPACING_KANA_MARKS = {0x309B, 0x309C, 0xFF9E, 0xFF9F}
_RARE_SPACES = set(map(ord, "\x0b\x0c\x1c\x1d\x1e\x1f\x85"))


class _Changed:
    """A character class with some code points taken out or put in."""

    def __init__(
        self,
        of: CharacterClass,
        *,
        out: range | set[int] = range(0),
        into: range | set[int] = range(0),
    ) -> None:
        self._of, self._out, self._into = of, out, into

    def __contains__(self, code_point: int) -> bool:
        return code_point in self._into or (code_point in self._of and code_point not in self._out)


_NONE = _Changed(CharacterClass(""))


def _class(name: str, code_points: _Changed, table: str, written: Callable[[str], str]) -> Patch:
    """Another class of the BERT normalizer, and the table that is made of it."""

    def character(code_point: int) -> str:
        return written(chr(code_point)) if code_point in code_points else chr(code_point)

    return together(
        exchange(f"{_BERT}.{name}", code_points),
        exchange(f"{_BERT}.{table}", CharacterMap(character)),
    )


def _marks(marks: _Changed) -> Patch:
    return _class("MARKS", marks, "_WITHOUT_MARKS", lambda _: "")


def _removed(removed: _Changed) -> Patch:
    return _class("REMOVED", removed, "_WITHOUT_REMOVED", lambda _: "")


def _whitespace(whitespace: _Changed) -> Patch:
    return _class("WHITESPACE", whitespace, "_SPACES", lambda _: " ")


def _chinese(chinese: _Changed) -> Patch:
    return _class("CHINESE", chinese, "_SPACED", lambda character: f" {character} ")


def _spaces_too(code_points: set[int]) -> Patch:
    return together(
        _removed(_Changed(REMOVED, out=code_points)),
        _whitespace(_Changed(WHITESPACE, into=code_points)),
    )


class _AsItIs(Normalizer):
    """A normalizer that does nothing."""

    def __call__(self, text: str) -> str:
        return text

    def align(self, text: Any) -> Any:
        return text


class _LowerAscii(_AsItIs):
    def __call__(self, text: str) -> str:
        return "".join([lowercase(ord(c)) if c.isascii() else c for c in text])

    def align(self, text: Any) -> Any:
        return text.mapped(self(text.text))


def _decomposition(normalizer: Normalizer, of_character: Callable[[str, str], str]) -> Patch:
    return together(
        exchange(f"{_BERT}._nfd", normalizer), exchange(f"{_BERT}.decompose", of_character)
    )


def _words(
    punctuation: Callable[[], CodePoints], separators: str = unicode_tables.SEPARATORS
) -> Patch:
    """The BERT pre-tokenizer cuts at other characters."""

    @cache
    def engine() -> PatternEngine:
        marks, spaces = punctuation(), CodePoints.written(separators)
        return PatternEngine(
            Choice((Repeat(Set(~(spaces | marks)), 1, None), Set(marks & ~spaces)))
        )

    return exchange("lattice_tokenize.pre_tokenizers.punctuation._bert_words", engine)


_PUNCTUATION = CodePoints.written(unicode_tables.PUNCTUATION)


def _with_category(letter: str) -> Callable[[], CodePoints]:
    """All characters whose category, in this Python's Unicode, begins with a letter, too."""
    return lambda: (
        _PUNCTUATION
        | CodePoints.of(
            filter(
                lambda c: unicodedata.category(c)[0] == letter, map(chr, range(CODE_POINT_LIMIT))
            )
        )
    )


def _unknown(model: Any, word: str) -> list[Token]:
    return [Token(model.vocab[model.unk_token], model.unk_token, 0, len(word))]


def _shortest_first(_: Any, model: Any, word: str) -> list[Token]:
    tokens: list[Token] = []
    start = 0
    while start < len(word):
        prefix = model.continuing_subword_prefix if start else ""
        pieces = ((prefix + word[start:stop], stop) for stop in range(start + 1, len(word) + 1))
        piece, stop = next((found for found in pieces if found[0] in model.vocab), ("", 0))
        if not piece:
            return _unknown(model, word)
        tokens.append(Token(model.vocab[piece], piece, start, stop))
        start = stop
    return tokens


def _counts_bytes(f: Any, model: Any, word: str) -> list[Token]:
    if len(word.encode()) > model.max_input_chars_per_word:
        return _unknown(model, word)
    tokens: list[Token] = f(model, word)
    return tokens


def _unknown_per_character(f: Any, model: Any, word: str) -> list[Token]:
    tokens: list[Token] = f(model, word)
    return tokens * len(word) if tokens[:1] == _unknown(model, word) else tokens


def _keeps_what_it_found(f: Any, model: Any, word: str) -> list[Token]:
    for stop in range(len(word), 0, -1):
        tokens: list[Token] = f(model, word[:stop])
        if tokens != _unknown(model, word[:stop]):
            return tokens if stop == len(word) else tokens + _unknown(model, word)
    return _unknown(model, word)


def _longer(by: int) -> Patch:
    def change(model: Any) -> None:
        model.max_input_chars_per_word += by

    return of_model(change)


def _truncation(more: int) -> Patch:
    def around(f: Any, *arguments: Any, special_tokens: int) -> Any:
        return f(*arguments, special_tokens=max(0, special_tokens + more))

    return wrap("lattice_tokenize.truncate.Truncation.lengths", around)


def _direction(target: str) -> Patch:
    def around(f: Any, self: Any, *arguments: Any, **options: Any) -> Any:
        return f(replace(self, direction="Left"), *arguments, **options)

    return wrap(target, around)


def _pair(change: Any) -> Patch:
    def around(f: Any, self: Any, text: str, pair: str | None = None, *rest: Any) -> Any:
        return f(self, *(change(text, pair) if pair is not None else (text, None)), *rest)

    return wrap(f"{_TOKENIZER}.encode", around)


def _padding(column: str, change: Callable[[Any], list[int]]) -> Patch:
    """A column of what has been padded is another."""

    def around(f: Any, encoding: Any, *arguments: Any, **options: Any) -> None:
        f(encoding, *arguments, **options)
        setattr(encoding, column, change(encoding))

    return wrap("lattice_tokenize.encoding.Encoding.pad", around)


def _share_evenly(_first: int, _second: int, room: int) -> tuple[int, int]:
    return room - room // 2, room // 2


def _pieces(template: str) -> Callable[[Document], Iterator[Document]]:
    """The special tokens and the texts of a template."""
    return lambda document: (next(iter(p.values())) for p in document["post_processor"][template])


def _all_of_type_0(document: Document) -> None:
    for piece in _pieces("pair")(document):
        piece["type_id"] = 0


def _second_text_first(document: Document) -> None:
    for piece in _pieces("pair")(document):
        piece["id"] = {"A": "B", "B": "A"}.get(piece["id"], piece["id"])


def _flags(**flags: bool) -> Patch:
    def bend(document: Document) -> None:
        for token in document["added_tokens"]:
            token.update(flags)

    return of_document(bend)


def _mutant(name: str, tag: str, patch: Patch, defect: str = "") -> Mutant:
    return Mutant(name, tag, patch, defect, subjects=_SUBJECT)


WRONG_TOKENIZERS = (
    _mutant("kana-marks-survive", "kana", _marks(_Changed(MARKS, out=_KANA_MARKS)), "F4"),
    _mutant("spacing-kana-marks-stripped", "kana", _marks(_Changed(MARKS, into=_SPACING_KANA_MARKS)), "F4"),
    _mutant("accents-stay", "accents", _marks(_NONE)),
    _mutant("enclosing-marks-stripped", "accents", _marks(_Changed(MARKS, into=set(range(0x20DD, 0x20E1))))),
    _mutant("no-decomposition", "accents", _decomposition(_AsItIs(), lambda _, character: character)),
    _mutant("compatibility-decomposition", "accents", _decomposition(NFKD(), lambda _, character: decompose("NFKD", character))),
    _mutant("case-stays", "case", exchange(f"{_BERT}._lowercase", _AsItIs())),
    _mutant("case-of-ascii-only", "case", exchange(f"{_BERT}._lowercase", _LowerAscii())),
    _mutant("final-sigma", "case", of_normalizer(f"{_BERT}.BertNormalizer", lambda f, self, text: f(self, text.lower()))),
    _mutant("control-characters-stay", "control", _removed(_NONE)),
    _mutant("only-ascii-space", "whitespace", together(_whitespace(_Changed(CharacterClass("9-A D 20"))), _words(lambda: _PUNCTUATION, "9-A D 20"))),
    _mutant("zero-width-is-space", "whitespace", _spaces_too({0x200B})),
    _mutant("control-characters-are-space", "whitespace", _spaces_too(_RARE_SPACES)),
    _mutant("ideographs-run-together", "cjk", _chinese(_NONE)),
    _mutant("ideographs-of-the-first-plane-only", "cjk", _chinese(_Changed(CHINESE, out=range(0x10000, CODE_POINT_LIMIT)))),
    _mutant("kana-stand-alone", "kana", _chinese(_Changed(CHINESE, into=range(0x3041, 0x3100)))),
    _mutant("punctuation-of-ascii-only", "punctuation", _words(partial(CodePoints.written, "21-2F 3A-40 5B-60 7B-7E"))),
    _mutant("punctuation-of-this-python", "punctuation", _words(_with_category("P"))),
    _mutant("symbols-are-punctuation", "punctuation", _words(_with_category("S"))),
    _mutant("underscore-is-a-letter", "punctuation", _words(lambda: _PUNCTUATION & ~CodePoints.of("_"))),
    _mutant("longest-word-99", "long-word", _longer(-1)),
    _mutant("longest-word-101", "long-word", _longer(1)),
    _mutant("longest-word-in-bytes", "long-word", of_tokens(_WORDPIECE, _counts_bytes)),
    _mutant("shortest-match-first", "subword", of_tokens(_WORDPIECE, _shortest_first)),
    _mutant("unknown-per-character", "unknown", of_tokens(_WORDPIECE, _unknown_per_character)),
    _mutant("pieces-before-the-unknown", "unknown", of_tokens(_WORDPIECE, _keeps_what_it_found)),
    _mutant("no-continuation-prefix", "subword", of_model(lambda model: setattr(model, "continuing_subword_prefix", ""))),
    _mutant("added-tokens-ignored", "added-tokens", exchange(f"{_SCANNER}._candidates", lambda *_: iter(())), "F3"),
    _mutant("added-tokens-as-words", "added-tokens", _flags(single_word=True), "F3"),
    _mutant("added-tokens-take-the-space-before", "added-tokens", _flags(lstrip=True), "F3"),
    _mutant("added-tokens-take-the-space-behind", "added-tokens", _flags(rstrip=True), "F3"),
    _mutant("added-tokens-in-normalized-text", "added-tokens", _flags(normalized=True), "F3"),
    _mutant("added-tokens-not-special", "added-tokens", _flags(special=False), "F3"),
    _mutant("pair-bypasses-the-scanner", "pair", _pair(lambda a, b: (a, b.lower())), "F3"),
    _mutant("added-tokens-in-any-case", "added-tokens", wrap(f"{_SCANNER}._candidates", lambda f, self, text: f(self, text.upper()))),
    _mutant("added-tokens-after-cleaning", "added-tokens", of_text(lambda text: text.replace("\u200b", ""))),
    _mutant("metaspace-is-space", "metaspace", of_text(lambda text: text.replace("\u2581", " ")), "F5"),
    _mutant("trailing-metaspace-stripped", "metaspace", of_text(lambda text: text.rstrip("\u2581")), "F5"),
    _mutant("one-token-too-few", "truncation", _truncation(1)),
    _mutant("one-token-too-many", "truncation", _truncation(-1)),
    _mutant("special-tokens-not-counted", "truncation", _truncation(-9)),
    _mutant("cut-from-the-left", "truncation", _direction("lattice_tokenize.truncate.Truncation.truncate")),
    _mutant("pair-cut-evenly", "truncation", exchange("lattice_tokenize.truncate._share", _share_evenly)),
    _mutant("types-all-zero", "pair", of_document(_all_of_type_0)),
    _mutant("pair-swapped", "pair", of_document(_second_text_first)),
    _mutant("pair-in-one-string", "pair", _pair(lambda a, b: (f"{a} {b}", ""))),
    _mutant("padding-attended", "padding", _padding("_attention_mask", lambda encoding: [1] * len(encoding))),
    _mutant("padding-not-special", "padding", _padding("_special_tokens_mask", lambda encoding: [s * a for s, a in zip(encoding.special_tokens_mask, encoding.attention_mask, strict=True)])),
    _mutant("padding-on-the-left", "padding", _direction("lattice_tokenize.pad.Padding.apply")),
    _mutant("decode-without-cleanup", "decode", wrap("lattice_tokenize.decoders.wordpiece.WordPiece.decode_chain", lambda f, self, tokens: f(replace(self, cleanup=False), tokens))),
    _mutant("decode-keeps-special-tokens", "tokenizer/", wrap(f"{_TOKENIZER}.decode", lambda f, self, ids, skip=True: f(self, ids, False))),
)  # fmt: skip
