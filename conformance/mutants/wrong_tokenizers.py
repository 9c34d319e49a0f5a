"""Engines that give wrong ids, tokens, types or text."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import partial
from typing import Any

from lattice_tokenize.character_classes import (
    CHINESE,
    MARKS,
    PUNCTUATION,
    SEPARATORS,
    CharacterClass,
    CharacterMap,
    lowercase,
)
from lattice_tokenize.wordpiece import WordPiece

from .mutant import Mutant, exchange, wrap

__all__ = ["WRONG_TOKENIZERS"]

_NORMALIZE = "lattice_tokenize.normalize"
_TOKENIZER = "lattice_tokenize.tokenizer.Tokenizer"
_KANA_MARKS = {0x3099, 0x309A}
_SPACING_KANA_MARKS = {0x309B, 0x309C, 0xFF9E, 0xFF9F}


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


def _apart(punctuation: Any) -> CharacterMap:
    def character(code_point: int) -> str:
        if code_point in SEPARATORS:
            return " "
        return f" {chr(code_point)} " if code_point in punctuation else chr(code_point)

    return CharacterMap(character)


class _Category:
    """All characters whose general category, in this Python's Unicode, begins with a letter."""

    def __init__(self, letter: str) -> None:
        self._letter = letter

    def __contains__(self, code_point: int) -> bool:
        return code_point in PUNCTUATION or unicodedata.category(chr(code_point)).startswith(
            self._letter
        )


class _ShortestFirst(WordPiece):
    def longest_matches(self, word: str) -> tuple[int, ...]:
        ids, start = [], 0
        while start < len(word):
            prefix = self.continuing_subword_prefix if start else ""
            pieces = (prefix + word[start:end] for end in range(start + 1, len(word) + 1))
            piece = next((piece for piece in pieces if piece in self.vocab), None)
            if piece is None:
                return (self.unk_id,)
            ids.append(self.vocab[piece])
            start += len(piece) - len(prefix)
        return tuple(ids)


class _CountsBytes(WordPiece):
    def longest_matches(self, word: str) -> tuple[int, ...]:
        if len(word.encode()) > self.max_input_chars_per_word:
            return (self.unk_id,)
        return super().longest_matches(word)


class _UnknownPerCharacter(WordPiece):
    def longest_matches(self, word: str) -> tuple[int, ...]:
        ids = super().longest_matches(word)
        return ids * len(word) if ids == (self.unk_id,) else ids


class _KeepsWhatItFound(WordPiece):
    def longest_matches(self, word: str) -> tuple[int, ...]:
        for end in range(len(word), 0, -1):
            ids = super().longest_matches(word[:end])
            if ids != (self.unk_id,):
                return ids if end == len(word) else (*ids, self.unk_id)
        return (self.unk_id,)


class _NoAddedTokens:
    def __init__(self, _: Any, normalize: Any) -> None:
        self._normalize = normalize

    def split(self, text: str) -> list[str]:
        return [self._normalize(text)]


def _model(kind: type[WordPiece] = WordPiece, **changes: Any) -> Any:
    def build(vocab: dict[str, int], **options: Any) -> WordPiece:
        given = options["max_input_chars_per_word"]
        options["max_input_chars_per_word"] = given + changes.get("longer", 0)
        if "prefix" in changes:
            options["continuing_subword_prefix"] = changes["prefix"]
        return kind(vocab, **options)

    return exchange("lattice_tokenize.tokenizer_json.WordPiece", build)


def _text(change: Any) -> Any:
    """The text is changed before anything looks at it."""
    return wrap(f"{_TOKENIZER}._parts_of_text", lambda f, self, text: f(self, change(text)))


def _encoding(**changes: Any) -> Any:
    """Fields of what `encode` returns, each a function of the right encoding."""

    def around(f: Any, *arguments: Any, **options: Any) -> Any:
        right = f(*arguments, **options)
        return replace(right, **{name: change(right) for name, change in changes.items()})

    return wrap(f"{_TOKENIZER}.encode", around)


def _truncation(**changes: Any) -> Any:
    def around(f: Any, self: Any, *texts: Any, special_tokens: int) -> Any:
        more = changes.get("special_tokens", 0)
        if "direction" in changes:
            self = replace(self, direction=changes["direction"])
        return f(self, *texts, special_tokens=max(0, special_tokens + more))

    return wrap("lattice_tokenize.truncate.Truncation.apply", around)


def _pair(change: Any) -> Any:
    def around(f: Any, self: Any, text: str, pair: str | None = None, *rest: Any) -> Any:
        return f(self, *(change(text, pair) if pair is not None else (text, None)), *rest)

    return wrap(f"{_TOKENIZER}.encode", around)


def _lower_whole(f: Any, self: Any, text: str) -> str:
    lowered: str = f(self, text.lower())
    return lowered


def _ascii_lower(code_point: int) -> str:
    return lowercase(code_point) if code_point < 128 else chr(code_point)


def _share_evenly(_first: int, _second: int, room: int) -> tuple[int, int]:
    return room - room // 2, room // 2


_WITHOUT_MARKS = CharacterClass("")
WRONG_TOKENIZERS = (
    Mutant("kana-marks-survive", "kana", exchange(f"{_NORMALIZE}.MARKS", _Changed(MARKS, out=_KANA_MARKS)), "F4"),
    Mutant("spacing-kana-marks-stripped", "kana", exchange(f"{_NORMALIZE}.MARKS", _Changed(MARKS, into=_SPACING_KANA_MARKS))),
    Mutant("accents-stay", "accents", exchange(f"{_NORMALIZE}.MARKS", _WITHOUT_MARKS)),
    Mutant("enclosing-marks-stripped", "accents", exchange(f"{_NORMALIZE}.MARKS", _Changed(MARKS, into=set(range(0x20DD, 0x20E1))))),
    Mutant("no-decomposition", "accents", exchange(f"{_NORMALIZE}.nfd", str)),
    Mutant("compatibility-decomposition", "accents", exchange(f"{_NORMALIZE}.nfd", partial(unicodedata.normalize, "NFKD"))),
    Mutant("case-stays", "case", exchange(f"{_NORMALIZE}.lowercase", chr)),
    Mutant("case-of-ascii-only", "case", exchange(f"{_NORMALIZE}.lowercase", _ascii_lower)),
    Mutant("final-sigma", "case", wrap(f"{_NORMALIZE}.BertNormalizer.__call__", _lower_whole)),
    Mutant("control-characters-stay", "control", exchange(f"{_NORMALIZE}.REMOVED", _WITHOUT_MARKS)),
    Mutant("only-ascii-space", "whitespace", _text(lambda text: "".join("x" if c.isspace() and not c.isascii() else c for c in text))),
    Mutant("zero-width-is-space", "whitespace", _text(lambda text: text.replace("\u200b", " "))),
    Mutant("control-characters-are-space", "whitespace", _text(lambda text: "".join(" " if c in "\x0b\x0c\x1c\x1d\x1e\x1f\x85" else c for c in text))),
    Mutant("ideographs-run-together", "cjk", exchange(f"{_NORMALIZE}.CHINESE", _WITHOUT_MARKS)),
    Mutant("ideographs-of-the-first-plane-only", "cjk", exchange(f"{_NORMALIZE}.CHINESE", _Changed(CHINESE, out=range(0x10000, 0x110000)))),
    Mutant("kana-stand-alone", "kana", exchange(f"{_NORMALIZE}.CHINESE", _Changed(CHINESE, into=range(0x3041, 0x3100)))),
    Mutant("punctuation-of-ascii-only", "punctuation", exchange("lattice_tokenize.pre_tokenize._APART", _apart(CharacterClass("21-2F 3A-40 5B-60 7B-7E")))),
    Mutant("punctuation-of-this-python", "punctuation", exchange("lattice_tokenize.pre_tokenize._APART", _apart(_Category("P")))),
    Mutant("symbols-are-punctuation", "punctuation", exchange("lattice_tokenize.pre_tokenize._APART", _apart(_Category("S")))),
    Mutant("underscore-is-a-letter", "punctuation", exchange("lattice_tokenize.pre_tokenize._APART", _apart(_Changed(PUNCTUATION, out={0x5F})))),
    Mutant("longest-word-99", "long-word", _model(longer=-1)),
    Mutant("longest-word-101", "long-word", _model(longer=1)),
    Mutant("longest-word-in-bytes", "long-word", _model(_CountsBytes)),
    Mutant("shortest-match-first", "subword", _model(_ShortestFirst)),
    Mutant("unknown-per-character", "unknown", _model(_UnknownPerCharacter)),
    Mutant("pieces-before-the-unknown", "unknown", _model(_KeepsWhatItFound)),
    Mutant("no-continuation-prefix", "subword", _model(prefix="")),
    Mutant("added-tokens-ignored", "added-tokens", exchange("lattice_tokenize.tokenizer.AddedTokens", _NoAddedTokens), "F3"),
    Mutant("pair-bypasses-the-scanner", "pair", _pair(lambda a, b: (a, b.lower())), "F3"),
    Mutant("added-tokens-in-any-case", "added-tokens", _text(lambda text: text.replace("[mask]", "[MASK]"))),
    Mutant("added-tokens-after-cleaning", "added-tokens", _text(lambda text: text.replace("\u200b", ""))),
    Mutant("metaspace-is-space", "metaspace", _text(lambda text: text.replace("\u2581", " ")), "F5"),
    Mutant("trailing-metaspace-stripped", "metaspace", _text(lambda text: text.rstrip("\u2581")), "F5"),
    Mutant("one-token-too-few", "truncation", _truncation(special_tokens=1)),
    Mutant("one-token-too-many", "truncation", _truncation(special_tokens=-1)),
    Mutant("special-tokens-not-counted", "truncation", _truncation(special_tokens=-9)),
    Mutant("cut-from-the-left", "truncation", _truncation(direction="Left")),
    Mutant("pair-cut-evenly", "truncation", exchange("lattice_tokenize.truncate._share", _share_evenly)),
    Mutant("types-all-zero", "pair", _encoding(type_ids=lambda e: [0] * len(e))),
    Mutant("pair-swapped", "pair", _pair(lambda a, b: (b, a))),
    Mutant("pair-in-one-string", "pair", _pair(lambda a, b: (f"{a} {b}", ""))),
    Mutant("padding-attended", "padding", _encoding(attention_mask=lambda e: [1] * len(e))),
    Mutant("padding-not-special", "padding", _encoding(special_tokens_mask=lambda e: [s * a for s, a in zip(e.special_tokens_mask, e.attention_mask, strict=True)])),
    Mutant("padding-on-the-left", "padding", wrap("lattice_tokenize.pad.Padding.apply", lambda f, self, *rest: f(replace(self, direction="Left"), *rest))),
    Mutant("decode-without-cleanup", "decode", wrap("lattice_tokenize.decode.WordPieceDecoder.__call__", lambda f, self, tokens: f(replace(self, cleanup=False), tokens))),
    Mutant("decode-keeps-special-tokens", "tokenizer/", wrap(f"{_TOKENIZER}.decode", lambda f, self, ids, skip=True: f(self, ids, False))),
)  # fmt: skip
