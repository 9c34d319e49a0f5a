"""A random number generator -> components of tokenizer.json with random options, of every kind."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from .made_charsmap import charsmap

__all__ = ["DECODERS", "NORMALIZERS", "PRE_TOKENIZERS", "decoder", "normalizer", "pre_tokenizer"]

Component = dict[str, Any]
_BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_LLAMA3 = _QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
_CLIP = (
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
)
_REGEXES = (
    _GPT2, _QWEN, _LLAMA3, _CLIP, r"\s+", r"\s", r" {2,}", r"\p{L}+",
    r"\d{1,3}", r"\p{P}", r"\p{M}+",
    r"[aeiou]", r"(?<=a)b?", r"(?=[A-Z])", r"\b", r"^\s+", r"\s+$", r"x*", r"a|ab", r".", r"(?i)s+",
    r"[\u4e00-\u9fff\u3040-\u30ff]+", r"[^\r\n]", r"\p{Lu}", r"\p{Han}",
    r"[!\"#$%&'()*+,\-./:;<=>?@]",
    r"\w+|[^\w\s]+", r"\n",
)  # fmt: skip
_STRINGS = (" ", "  ", "a", "'", "\u2581", "é", "か", "ﬁ", "``", "\n", "the", "\u0301", ".", "##")
_CONTENTS = ("", " ", "\u2581", "x", '"', "é", "漢字", "\u0301", "ab", "__")
_MAPPINGS = {
    "ﬁ": "fi", "Å": "A\u030a", "é": "e", "\u3000": " ", "\xa0": " ", "①": "1",
    "Ⅷ": "VIII", "ß": "ss", "\u200b": "",
    "ｶﾞ": "ガ", "ｶ": "カ", "A": "a", "\t": " ", "\n": " ", "e\u0301": "é",
    "İ": "i", "한": "\u1112\u1161\u11ab",
    "\u3099": "", "😀": ":)", "か\u3099": "が", "…": "...", "\u2581": " ",
    "№": "No", "ab": "b", "  ": " ",
}  # fmt: skip


def _yes(random: Random) -> bool:
    return random.random() < 0.5


def _pattern(random: Random) -> dict[str, str]:
    if random.random() < 0.4:
        return {"String": random.choice(_STRINGS)}
    return {"Regex": random.choice(_REGEXES)}


def _bert(random: Random) -> Component:
    return {
        "clean_text": _yes(random),
        "handle_chinese_chars": _yes(random),
        "strip_accents": random.choice((None, True, False)),
        "lowercase": _yes(random),
    }


def _precompiled(random: Random) -> Component:
    chosen = {key: value for key, value in _MAPPINGS.items() if random.random() < 0.7}
    return {"precompiled_charsmap": charsmap(chosen or {"a": "b"})}


def _byte_level(random: Random) -> Component:
    return {
        "add_prefix_space": _yes(random),
        "trim_offsets": _yes(random),
        "use_regex": random.random() < 0.7,
    }


def _metaspace(random: Random) -> Component:
    return {
        "replacement": random.choice(("\u2581", "\u2581", "\u2581", "_", "é")),
        "prepend_scheme": random.choice(("always", "first", "never")),
        "split": random.random() < 0.7,
    }


def _no_options(_: Random) -> Component:
    return {}


Make = Callable[[Random], Component]
NORMALIZERS: dict[str, Make] = {
    "BertNormalizer": _bert,
    "NFC": _no_options,
    "NFD": _no_options,
    "NFKC": _no_options,
    "NFKD": _no_options,
    "Lowercase": _no_options,
    "StripAccents": _no_options,
    "Strip": lambda r: {"strip_left": _yes(r), "strip_right": _yes(r)},
    "Replace": lambda r: {"pattern": _pattern(r), "content": r.choice(_CONTENTS)},
    "Prepend": lambda r: {"prepend": r.choice(("\u2581", "\u2581", " ", "x", "ab"))},
    "Precompiled": _precompiled,
    "Nmt": _no_options,
    "ByteLevel": _no_options,
}
PRE_TOKENIZERS: dict[str, Make] = {
    "BertPreTokenizer": _no_options,
    "ByteLevel": _byte_level,
    "Metaspace": _metaspace,
    "WhitespaceSplit": _no_options,
    "Whitespace": _no_options,
    "Split": lambda r: {
        "pattern": _pattern(r),
        "behavior": r.choice(_BEHAVIORS),
        "invert": _yes(r),
    },
    "Punctuation": lambda r: {"behavior": r.choice(_BEHAVIORS)},
    "Digits": lambda r: {"individual_digits": _yes(r)},
    "CharDelimiterSplit": lambda r: {"delimiter": r.choice(("-", " ", "a", "\u2581", "\n", "。"))},
    "UnicodeScripts": _no_options,
    "FixedLength": lambda r: {"length": r.choice((1, 2, 5, 5, 20))},
}
DECODERS: dict[str, Make] = {
    "WordPiece": lambda r: {"prefix": r.choice(("##", "##", "", "\u2581")), "cleanup": _yes(r)},
    "ByteLevel": _byte_level,
    "Metaspace": _metaspace,
    "BPEDecoder": lambda r: {"suffix": r.choice(("</w>", "</w>", "", "a"))},
    "ByteFallback": _no_options,
    "Fuse": _no_options,
    "Strip": lambda r: {"content": r.choice((" ", "\u2581", "a")),
    "start": r.randrange(3), "stop": r.randrange(3)},
    "Replace": lambda r: {"pattern": _pattern(r), "content": r.choice(_CONTENTS)},
    "CTC": lambda r: {
        "pad_token": r.choice(("<pad>", "a", " ")),
        "word_delimiter_token": r.choice(("|", "\u2581", "e")),
        "cleanup": _yes(r),
    },
}  # fmt: skip


def normalizer(random: Random) -> Component | None:
    return _one_or_several(random, NORMALIZERS, "normalizers", none=0.2)


def pre_tokenizer(random: Random) -> Component | None:
    return _one_or_several(random, PRE_TOKENIZERS, "pretokenizers", none=0.1)


def decoder(random: Random) -> Component | None:
    return _one_or_several(random, DECODERS, "decoders", none=0.1)


def _one_or_several(
    random: Random, kinds: dict[str, Make], field: str, *, none: float, nested: bool = True
) -> Component | None:
    if random.random() < none:
        return None
    if nested and random.random() < 0.4:
        parts = [
            _one_or_several(random, kinds, field, none=0, nested=random.random() < 0.1)
            for _ in range(random.choice((0, 1, 2, 2, 2, 3, 4)))
        ]
        return {"type": "Sequence", field: parts}
    kind = random.choice(tuple(kinds))
    return {"type": kind, **kinds[kind](random)}
