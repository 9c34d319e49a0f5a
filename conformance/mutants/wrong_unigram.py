"""Engines that give wrong ids, tokens or text with Unigram, as XLM-R has it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from lattice_tokenize.decoders.wordpiece import clean_up
from lattice_tokenize.models import Token

from .bend_tokenizer import of_document, of_model, of_tokens, of_words
from .mutant import Mutant, Patch, exchange, together, wrap

__all__ = ["WRONG_UNIGRAM"]

_UNIGRAM = "lattice_tokenize.models.unigram.Unigram"
_PRECOMPILED = "lattice_tokenize.normalizers.precompiled"
_CHARSMAP = "lattice_tokenize.normalizers.charsmap"
_METASPACE = "lattice_tokenize.pre_tokenizers.metaspace.Metaspace"
_WHITESPACE = "lattice_tokenize.pre_tokenizers.whitespace.WhitespaceSplit"
_DECODER = "lattice_tokenize.decoders.metaspace.Metaspace"

# stands in a path for a character that is no piece
_UNKNOWN = -1
# no piece of the vocabulary is longer
_LONGEST_PIECE = 16


def _one_by_one(best_path: Callable[[Any, str], list[int]]) -> Patch:
    """Another best path."""
    return of_tokens(
        _UNIGRAM, lambda _, model, word: list(model._tokens(word, best_path(model, word)))
    )


def _path(
    *,
    better: Callable[[Any, Any], bool] = operator.gt,
    number: Callable[[float], Any] = float,
    score_of: Callable[[Any, int], float] = lambda model, piece: model.scores[piece],
    unknown: Callable[[Any], float] = lambda model: model._unknown_score,
    longest: int = _LONGEST_PIECE,
) -> Patch:
    """The best path with one thing taken for another."""

    def best_path(model: Any, word: str) -> list[int]:
        # of each place: the score, the last piece and where it begins
        best: list[tuple[Any, int, int] | None] = [(number(0.0), 0, 0), *[None] * len(word)]

        def try_piece(score: Any, piece: int, start: int, stop: int) -> None:
            known = best[stop]
            if known is None or better(score, known[0]):
                best[stop] = score, piece, start

        for start, character in enumerate(word):
            here = best[start]
            assert here is not None
            for stop in range(start + 1, min(len(word), start + longest) + 1):
                piece = model.vocab.get(word[start:stop])
                if piece is not None:
                    score = number(score_of(model, piece)) + here[0]
                    try_piece(score, piece, start, stop)
            if character not in model.vocab:
                try_piece(number(unknown(model)) + here[0], _UNKNOWN, start, start + 1)
        path: list[int] = []
        stop = len(word)
        while stop:
            there = best[stop]
            assert there is not None
            path.append(there[1])
            stop = there[2]
        return path[::-1]

    return _one_by_one(best_path)


def _longest_match(model: Any, word: str) -> list[int]:
    path: list[int] = []
    start = 0
    while start < len(word):
        stop = next((s for s in range(len(word), start, -1) if word[start:s] in model.vocab), 0)
        path.append(model.vocab[word[start:stop]] if stop else _UNKNOWN)
        start = stop or start + 1
    return path


def _spans(model: Any, path: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """The id of each piece of a path, and where it begins and ends."""
    start = 0
    for piece in path:
        stop = start + (1 if piece == _UNKNOWN else len(model._pieces[piece]))
        yield model.unk_id if piece == _UNKNOWN else piece, start, stop
        start = stop


def _each_unknown(_: Any, model: Any, word: str, path: Sequence[int]) -> list[Token]:
    return [
        Token(piece, word[start:stop], start, stop) for piece, start, stop in _spans(model, path)
    ]


def _without_unknown(f: Any, model: Any, word: str, path: Sequence[int]) -> list[Token]:
    return [token for token in f(model, word, path) if token.id != model.unk_id]


def _whole_word_unknown(f: Any, model: Any, word: str) -> list[Token]:
    tokens: list[Token] = f(model, word)
    if any(token.id == model.unk_id for token in tokens):
        return [Token(model.unk_id, word, 0, len(word))]
    return tokens


def _spelled_unk(f: Any, model: Any, word: str) -> list[Token]:
    return [
        token._replace(value="<unk>") if token.id == model.unk_id else token
        for token in f(model, word)
    ]


def _tokens_of_path(around: Callable[..., list[Token]]) -> Patch:
    def through_tokens(_: Any, model: Any, word: str) -> list[Token]:
        return list(model._tokens(word, model._best_path(word)))

    return together(wrap(f"{_UNIGRAM}._tokens", around), of_tokens(_UNIGRAM, through_tokens))


def _longest_key(charsmap: Any, key: str) -> str | None:
    """What the map has for the longest beginning of the key, not the shortest."""
    units, texts = charsmap._units, charsmap._texts
    found = None
    place = 0
    node = place ^ _offset(int(units[place]))
    for byte in key.encode():
        place = node ^ byte
        unit = int(units[place])
        if byte == 0 or unit & (1 << 31 | 0xFF) != byte:
            break
        node = place ^ _offset(unit)
        if unit >> 8 & 1:
            start = int(units[node]) & ~(1 << 31)
            found = texts[start : texts.find(b"\0", start)].decode()
    return found


def _offset(unit: int) -> int:
    return unit >> 10 << ((unit & 0x200) >> 6)


def _only_whole_keys(f: Any, charsmap: Any, key: str) -> str | None:
    """Only what the map has for all of the key, not for its beginning."""
    longest = max(range(len(key)), key=lambda length: f(charsmap, key[:length]) is not None)
    return None if longest and f(charsmap, key[:longest]) is not None else f(charsmap, key)


def _decoded(change: Callable[[str], str]) -> Patch:
    return wrap(
        f"{_DECODER}.decode_chain", lambda f, self, tokens: [change("".join(f(self, tokens)))]
    )


def _set(*path: str | int, value: object) -> Patch:
    def bend(document: dict[str, Any]) -> None:
        place: Any = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return of_document(bend)


def _flags(**flags: bool) -> Patch:
    def bend(document: dict[str, Any]) -> None:
        for token in document["added_tokens"]:
            token.update(flags)

    return of_document(bend)


def _told_without_space(f: Any, stages: Any, *arguments: Any, **options: Any) -> Any:
    """What an added token took from the text beside itself is not told."""
    encoding = f(stages, *arguments, **options)
    content = stages.added_tokens.spelling_of_id
    encoding.tokens[:] = [
        content.get(token_id, token)
        for token_id, token in zip(encoding.ids, encoding.tokens, strict=True)
    ]
    return encoding


def _mutant(name: str, tag: str, patch: Patch, defect: str = "") -> Mutant:
    return Mutant(name, tag, patch, defect, subjects=("multilingual-e5-small-q4",))


WRONG_UNIGRAM = (
    _mutant("unigram-later-of-equal-paths", "tokenizer/", _path(better=operator.ge)),
    _mutant("unigram-scores-in-float32", "tokenizer/", _path(number=np.float32)),
    _mutant("unigram-worst-path", "subword", _path(better=operator.lt)),
    _mutant("unigram-fewest-pieces", "subword", _path(score_of=lambda *_: -1.0)),
    _mutant("unigram-longest-match", "subword", _one_by_one(_longest_match)),
    _mutant("unigram-pieces-of-at-most-8", "tokenizer/", _path(longest=8)),
    _mutant("unigram-unknowns-not-fused", "unknown", _tokens_of_path(_each_unknown)),
    _mutant("unigram-unknowns-dropped", "unknown", _tokens_of_path(_without_unknown)),
    _mutant("unigram-whole-word-unknown", "unknown", of_tokens(_UNIGRAM, _whole_word_unknown)),
    _mutant("unigram-unknown-spelled-unk", "unknown", wrap(f"{_UNIGRAM}.tokenize", _spelled_unk)),
    _mutant("unigram-unknown-is-another", "unknown", of_model(lambda model: setattr(model, "unk_id", 0))),
    _mutant("unigram-charsmap-per-character", "graphemes", exchange(f"{_PRECOMPILED}.Precompiled._graphemes", lambda *_: iter(()))),
    _mutant("unigram-charsmap-longest-key", "graphemes", exchange(f"{_CHARSMAP}.Charsmap.find", _longest_key)),
    _mutant("unigram-charsmap-whole-keys-only", "graphemes", wrap(f"{_CHARSMAP}.Charsmap.find", _only_whole_keys)),
    _mutant("unigram-charsmap-for-long-graphemes-too", "graphemes", together(exchange(f"{_PRECOMPILED}.MAX_KEY_BYTES", 99), exchange(f"{_PRECOMPILED}.may_hold_short_grapheme", lambda _: True))),
    _mutant("unigram-compatibility-composed", "charsmap", _set("normalizer", value={"type": "NFKC"})),
    _mutant("unigram-composed", "charsmap", _set("normalizer", value={"type": "NFC"})),
    _mutant("unigram-no-cut-at-white-space", "whitespace", of_words(_WHITESPACE, lambda _, __, text: [text])),
    _mutant("unigram-cut-at-spaces-only", "whitespace", of_words(_WHITESPACE, lambda _, __, text: [word for word in text.split(" ") if word])),
    _mutant("unigram-mask-as-word", "added-tokens", _flags(single_word=True), "F3"),
    _mutant("unigram-added-tokens-in-normalized-text", "added-tokens", _flags(normalized=True), "F3"),
    _mutant("unigram-added-tokens-not-special", "added-tokens", _flags(special=False), "F3"),
    _mutant("unigram-added-tokens-take-the-space-before", "added-tokens", _flags(lstrip=True), "F3"),
    _mutant("unigram-added-token-without-its-space", "added-tokens", wrap("lattice_tokenize.stages.Stages.encode", _told_without_space), "F3"),
    _mutant("unigram-pair-with-types", "pair", _set("post_processor", "pair", 4, "Sequence", "type_id", value=1)),
    _mutant("unigram-pair-with-end-for-beginning", "pair", _set("post_processor", "pair", 3, "SpecialToken", "id", value="<s>")),
    _mutant("unigram-decode-keeps-the-first-space", "decode", _set("decoder", "prepend_scheme", value="never")),
    _mutant("unigram-decode-strips", "tokenizer/", _decoded(str.strip)),
    _mutant("unigram-decode-drops-spaces", "decode", _decoded(lambda text: text.replace(" ", ""))),
    _mutant("unigram-decode-cleans-up", "decode", _decoded(clean_up)),
)  # fmt: skip
