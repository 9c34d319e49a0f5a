"""Engines that give wrong ids or text with byte-level BPE."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

from lattice_tokenize.byte_alphabet import CHARACTER_TO_BYTE, to_byte_alphabet
from lattice_tokenize.decoders.wordpiece import clean_up
from lattice_tokenize.models import Token

from .bend_tokenizer import of_normalizer, of_text, of_tokens
from .mutant import Mutant, Patch, exchange, wrap

__all__ = ["WRONG_BPE"]

_BPE = "lattice_tokenize.models.bpe.BPE"
_BYTE_LEVEL = "lattice_tokenize.pre_tokenizers.byte_level"
_DECODER = "lattice_tokenize.decoders.byte_level.ByteLevel"
_NFC = "lattice_tokenize.normalizers.unicode_forms.NFC"

Ranks = Sequence["int | None"]
# ranks of the pairs of neighbours, of how many characters each symbol is, merges done
# -> the pair to merge, None to stop
Choose = Callable[[Ranks, Sequence[int], set[int]], "int | None"]


def _merge(choose: Choose) -> Patch:
    """Another order of merges."""

    def tokens(_: Any, model: Any, word: str) -> list[Token]:
        symbols, table = [model.vocab[character] for character in word], model._table
        lengths = [1] * len(symbols)
        done: set[int] = set()
        while True:
            ranks = [table.rows[left].get(right) for left, right in pairwise(symbols)]
            at = choose(ranks, lengths, done)
            if at is None:
                break
            rank = ranks[at]
            assert rank is not None
            done.add(rank)
            symbols[at : at + 2] = [table.merged_of[rank]]
            lengths[at : at + 2] = [lengths[at] + lengths[at + 1]]
        return _spelled(model, word, symbols, lengths)

    return of_tokens(_BPE, tokens)


def _spelled(model: Any, word: str, symbols: Sequence[int], lengths: Sequence[int]) -> list[Token]:
    stops = list(accumulate(lengths))
    return [
        Token(symbol, model.id_to_token(symbol), stop - length, min(stop, len(word)))
        for symbol, length, stop in zip(symbols, lengths, stops, strict=True)
    ]


def _first_of(ranks: Ranks, key: Callable[[int, int], Any], but: set[int]) -> int | None:
    """The place of the pair whose `key(rank, place)` is lowest, of those not in `but`."""
    pairs = [
        (key(rank, at), at) for at, rank in enumerate(ranks) if not (rank is None or rank in but)
    ]
    return min(pairs)[1] if pairs else None


def _among_characters(ranks: Ranks, lengths: Sequence[int], _: set[int]) -> int | None:
    fresh = [
        rank if left == right == 1 else None
        for rank, (left, right) in zip(ranks, pairwise(lengths), strict=True)
    ]
    return _first_of(fresh, lambda rank, at: (rank, at), set())


def _longest_match(_: Any, model: Any, word: str) -> list[Token]:
    tokens: list[Token] = []
    start = 0
    while start < len(word):
        stop = next(s for s in range(len(word), start, -1) if word[start:s] in model.vocab)
        tokens.append(Token(model.vocab[word[start:stop]], word[start:stop], start, stop))
        start = stop
    return tokens


def _alphabet(change: Callable[[str], str]) -> Patch:
    return exchange(f"{_BYTE_LEVEL}.to_byte_alphabet", change)


def _written_as(byte: int, character: str) -> Patch:
    """One byte of the alphabet is another character."""
    right = next(c for c, b in CHARACTER_TO_BYTE.items() if b == byte)
    return _alphabet(lambda text: to_byte_alphabet(text).replace(right, character))


def _two_surrogates(text: str) -> str:
    """The bytes of CESU-8: a character above U+FFFF is two of three bytes each."""
    halves = [
        "".join(map(chr, (0xD7C0 + (ord(c) >> 10), 0xDC00 + (ord(c) & 0x3FF))))
        if c > "\uffff"
        else c
        for c in text
    ]
    spelled = "".join(halves).encode("utf-8", "surrogatepass")
    of_byte = {byte: character for character, byte in CHARACTER_TO_BYTE.items()}
    return "".join([of_byte[byte] for byte in spelled])


def _pattern(*taken_for: tuple[str, str]) -> Patch:
    """Parts of the pattern are taken for something else by the engine that matches it."""

    def around(f: Any, content: str, *rest: Any) -> Any:
        for old, new in taken_for:
            if old not in content:
                raise ValueError(f"{old!r} is not in {content!r}")
            content = content.replace(old, new)
        return f(content, *rest)

    return wrap("lattice_tokenize.patterns.pattern.parse_pattern", around)


def _without_kana_marks(f: Any, self: Any, text: str) -> str:
    """Composed, but for voiced kana."""
    parts = text.replace("\u3099", "\0\u3099").replace("\u309a", "\0\u309a")
    composed: str = f(self, parts)
    return composed.replace("\0\u3099", "\u3099").replace("\0\u309a", "\u309a")


def _hangul_left(f: Any, self: Any, text: str) -> str:
    """Composed, but for Hangul."""
    parts = "".join([f"\0{c}" if "\u1160" <= c <= "\u11ff" else c for c in text])
    composed: str = f(self, parts)
    return "".join(
        [
            c
            for i, c in enumerate(composed)
            if c != "\0" or not "\u1160" <= composed[i + 1 : i + 2] <= "\u11ff"
        ]
    )


def _bytes(tokens: Sequence[str]) -> bytes:
    return bytes([CHARACTER_TO_BYTE[c] for c in "".join(tokens) if c in CHARACTER_TO_BYTE])


def _each_invalid_byte(tokens: Sequence[str]) -> list[str]:
    decoded = _bytes(tokens).decode("utf-8", "surrogateescape")
    return ["".join(["\ufffd" if "\udc80" <= c <= "\udcff" else c for c in decoded])]


def _decoded(change: Callable[[list[str]], list[str]]) -> Patch:
    return exchange(f"{_DECODER}.decode_chain", lambda _, tokens: change(tokens))


def _decode_errors(errors: str) -> Patch:
    return _decoded(lambda tokens: [_bytes(tokens).decode("utf-8", errors)])


def _mutant(name: str, tag: str, patch: Patch, defect: str = "") -> Mutant:
    return Mutant(name, tag, patch, defect, subjects=("qwen3-embedding",))


WRONG_BPE = (
    _mutant("bpe-look-ahead-is-the-end-of-the-text", "whitespace", _pattern((r"\s+(?!\S)", r"\s+\z")), "F2"),
    _mutant("bpe-look-ahead-takes-all", "whitespace", _pattern((r"\s+(?!\S)", r"\s+"))),
    _mutant("bpe-letters-of-ascii-only", "scripts", _pattern((r"\p{L}", "a-zA-Z"))),
    _mutant("bpe-marks-are-letters", "scripts", _pattern((r"\p{L}", r"\p{L}\p{M}"))),
    _mutant("bpe-digits-of-ascii-only", "numbers", _pattern((r"\p{N}", r"[0-9]"))),
    _mutant("bpe-digits-only-are-numbers", "numbers", _pattern((r"\p{N}", r"\p{Nd}"))),
    _mutant("bpe-spaces-of-ascii-only", "whitespace", _pattern((r"\s", r"[ \t\n\r\f\v]"))),
    _mutant("bpe-separators-of-python-are-spaces", "control", _pattern((r"\s", r"[\s\x1c-\x1f]"), (r"\S", r"[^\s\x1c-\x1f]"))),
    _mutant("bpe-merges-from-the-left", "subword", _merge(lambda ranks, _, __: _first_of(ranks, lambda rank, at: at, set()))),
    _mutant("bpe-merges-from-the-right", "subword", _merge(lambda ranks, _, __: _first_of(ranks, lambda rank, at: -at, set()))),
    _mutant("bpe-highest-rank-first", "subword", _merge(lambda ranks, _, __: _first_of(ranks, lambda rank, at: (-rank, at), set()))),
    _mutant("bpe-rightmost-of-equal-ranks", "repeat", _merge(lambda ranks, _, __: _first_of(ranks, lambda rank, at: (rank, -at), set()))),
    _mutant("bpe-each-merge-once", "repeat", _merge(lambda ranks, _, done: _first_of(ranks, lambda rank, at: (rank, at), done))),
    _mutant("bpe-merges-of-characters-only", "subword", _merge(_among_characters)),
    _mutant("bpe-no-merges", "subword", _merge(lambda *_: None)),
    _mutant("bpe-longest-match", "subword", of_tokens(_BPE, _longest_match)),
    _mutant("bpe-soft-hyphen-is-printable", "scripts", _written_as(0xAD, "\xad")),
    _mutant("bpe-delete-is-printable", "control", _written_as(0x7F, "\x7f")),
    _mutant("bpe-space-is-underscored", "english", _written_as(0x20, "\u2581")),
    _mutant("bpe-surrogates", "emoji", _alphabet(_two_surrogates)),
    _mutant("bpe-composed-by-this-python", "normalization", of_normalizer(_NFC, lambda _, __, text: unicodedata.normalize("NFC", text))),
    _mutant("bpe-kana-marks-not-composed", "kana", of_normalizer(_NFC, _without_kana_marks), "F4"),
    _mutant("bpe-jamo-not-composed", "hangul", of_normalizer(_NFC, _hangul_left), "F4"),
    _mutant("bpe-composed-across-added-tokens", "added-tokens", of_text(lambda text: unicodedata.normalize("NFC", text)), "F3"),
    _mutant("bpe-metaspace-is-space", "metaspace", of_text(lambda text: text.replace("\u2581", " ")), "F5"),
    _mutant("bpe-trailing-metaspace-stripped", "metaspace", of_text(lambda text: text.rstrip("\u2581")), "F5"),
    _mutant("bpe-text-stripped", "whitespace", of_text(str.strip)),
    _mutant("bpe-decodes-token-by-token", "decode", _decoded(lambda tokens: [_bytes([token]).decode("utf-8", "replace") for token in tokens])),
    _mutant("bpe-decode-drops-invalid-bytes", "truncation", _decode_errors("ignore")),
    _mutant("bpe-decode-fails-at-invalid-bytes", "truncation", _decode_errors("strict")),
    _mutant("bpe-decode-marks-each-invalid-byte", "truncation", _decoded(_each_invalid_byte)),
    _mutant("bpe-decode-cleans-up", "decode", wrap(f"{_DECODER}.decode_chain", lambda f, self, tokens: [clean_up(text) for text in f(self, tokens)])),
    _mutant("bpe-decode-strips", "whitespace", wrap(f"{_DECODER}.decode_chain", lambda f, self, tokens: [text.strip() for text in f(self, tokens)])),
)  # fmt: skip
