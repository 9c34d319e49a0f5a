"""A random number generator -> small vocabularies that fit what comes before the model.

They are made of words of the sentences, so that texts of the same sentences meet them.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from .pieces import ALPHABET
from .sentences import CODE, SENTENCES

__all__ = ["bpe", "unigram", "word_level", "word_piece", "words_of_sentences"]

Fields = dict[str, Any]
_METASPACE = "\u2581"


def words_of_sentences(
    random: Random, count: int, *, lower: bool, space: str, byte_level: bool
) -> list[str]:
    """Words as they reach the model; `space` is what stands before most of them."""
    sources = [*SENTENCES.values(), SENTENCES["English"], *CODE]
    words = []
    for _ in range(count):
        word = random.choice(random.choice(sources).split())
        word = word.lower() if lower else word
        if random.random() < 0.3:
            word = word.strip(".,;:!?()\"'") or word
        if byte_level:
            word = "".join(ALPHABET[byte] for byte in word.encode())
        words.append(space + word if random.random() < 0.8 else word)
    return words


def _numbered(random: Random, pieces: Sequence[str]) -> dict[str, int]:
    """Ids in any order, now and then with holes between them."""
    unique = list(dict.fromkeys(pieces))
    step = 1 if random.random() < 0.9 else 3
    ids = list(range(0, len(unique) * step, step))
    if random.random() < 0.5:
        random.shuffle(ids)
    return dict(zip(unique, ids, strict=True))


def word_level(random: Random, words: Sequence[str], special: Sequence[str]) -> Fields:
    unknown = random.choice(special) if random.random() < 0.9 else "<not in the vocabulary>"
    return {
        "type": "WordLevel",
        "vocab": _numbered(random, [*special, *words]),
        "unk_token": unknown,
    }


def word_piece(random: Random, words: Sequence[str], special: Sequence[str]) -> Fields:
    prefix = random.choice(("##", "##", "##", "", "@", "\u2581"))
    pieces = [*special]
    for word in words:
        cut = random.randrange(len(word)) + 1
        pieces += [word[:cut], prefix + word[cut:]] if cut < len(word) else [word]
        if random.random() < 0.8:
            pieces += [word[0], *(prefix + character for character in word[1:])]
    return {
        "type": "WordPiece",
        "unk_token": random.choice(special),
        "continuing_subword_prefix": prefix,
        "max_input_chars_per_word": random.choice((100, 100, 100, 5, 1, 0)),
        "vocab": _numbered(random, [piece for piece in pieces if piece]),
    }


def bpe(
    random: Random, words: Sequence[str], special: Sequence[str], *, byte_level: bool
) -> Fields:
    prefix = random.choice((None, None, None, "", "##"))
    suffix = random.choice((None, None, None, "", "</w>"))
    rows = [_symbols(word, prefix or "", suffix or "") for word in words]
    alphabet = dict.fromkeys(symbol for row in rows for symbol in row)
    if byte_level and random.random() < 0.8:
        alphabet.update(dict.fromkeys(_symbols("".join(ALPHABET), "", "")))
    elif random.random() < 0.3:
        alphabet = {symbol: None for symbol in alphabet if random.random() < 0.7}
        rows = [row for row in rows if all(symbol in alphabet for symbol in row)]
    pieces, merges = [*special, *alphabet], []
    # The oracle counts the bytes of a prefix or suffix that falls back to bytes as bytes of the
    # text: its offsets run past the word. No published tokenizer has both.
    fallback = random.random() < 0.25 and not prefix and not suffix
    if fallback:
        pieces += _bytes(random)
    for _ in range(random.choice((0, 20, 80, 200))):
        row = random.choice(rows) if rows else []
        if len(row) < 2:
            continue
        at = random.randrange(len(row) - 1)
        pair = row[at], row[at + 1]
        if pair in merges:
            continue
        merges.append(pair)
        merged = pair[0] + pair[1][len(prefix or "") :]
        pieces.append(merged)
        for row in rows:
            _merge(row, pair, merged)
    if random.random() < 0.1:
        random.shuffle(merges)
    if random.random() < 0.2:
        pieces += words  # for ignore_merges: pieces that no merges lead to
    written = not any(" " in left or " " in right for left, right in merges)
    as_text = written and random.random() < 0.3
    return {
        "type": "BPE",
        "dropout": random.choice((None, None, 0.0)),
        "unk_token": random.choice((None, special[0], special[0])),
        "continuing_subword_prefix": prefix,
        "end_of_word_suffix": suffix,
        "fuse_unk": random.random() < 0.5,
        "byte_fallback": fallback,
        "ignore_merges": random.random() < 0.3,
        "vocab": _numbered(random, pieces),
        "merges": [" ".join(pair) if as_text else list(pair) for pair in merges],
    }


def _symbols(word: str, prefix: str, suffix: str) -> list[str]:
    symbols = [word[:1], *(prefix + character for character in word[1:])]
    symbols[-1] += suffix
    return symbols


def _merge(row: list[str], pair: tuple[str, str], merged: str) -> None:
    for at in range(len(row) - 2, -1, -1):
        if (row[at], *row[at + 1 : at + 2]) == pair:
            row[at : at + 2] = [merged]


def unigram(random: Random, words: Sequence[str], special: Sequence[str]) -> Fields:
    pieces = [*special]
    for word in words:
        start = random.randrange(len(word))
        pieces += [word[: start + 1], word[start:], word[start : start + 3]]
        pieces += word if random.random() < 0.8 else []
    fallback = random.random() < 0.3
    pieces += _bytes(random) if fallback else []
    pieces += [_METASPACE] if random.random() < 0.7 else []
    unique = list(dict.fromkeys(piece for piece in pieces if piece))
    if random.random() < 0.7:
        vocab = [[piece, -round(20 * random.random(), 4)] for piece in unique]
    else:  # scores that tie
        vocab = [[piece, -float(random.randrange(4))] for piece in unique]
    unknown = random.choice((0, 0, 0, random.randrange(len(unique)), None))
    return {"type": "Unigram", "unk_id": unknown, "vocab": vocab, "byte_fallback": fallback}


def _bytes(random: Random) -> list[str]:
    """Pieces for all bytes, or for most."""
    kept = 1.0 if random.random() < 0.7 else 0.8
    return [f"<0x{byte:02X}>" for byte in range(256) if random.random() < kept]
