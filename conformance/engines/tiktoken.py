"""tiktoken, with the ranks and the pattern of a byte-level BPE in tokenizer.json.

It claims `ids` only. There is no normalizer in tiktoken, and no flags of added tokens: where a
tokenizer has them, cases show the difference.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import tiktoken

from .protocol import Question, UnsupportedError
from .tokenizer_document import around, parts_of, plain_text, read_document

__all__ = ["TiktokenEngine"]

Fields = dict[str, Any]
# what ByteLevel splits by where it is told to
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class TiktokenEngine:
    """Stage "tokenizer", for byte-level BPE whose ids are its ranks."""

    def __init__(self) -> None:
        self._open = lru_cache(maxsize=None)(_open)

    def versions(self) -> dict[str, str]:
        return {"tiktoken": tiktoken.__version__}

    def claims(self) -> dict[str, list[str]]:
        return {"tokenizer": ["ids"]}

    def ask(self, question: Question) -> dict[str, Any]:
        if question.stage != "tokenizer":
            raise UnsupportedError(f"stage {question.stage}: tiktoken is a tokenizer")
        text = plain_text(question.input)
        opened = self._open(question.subject)
        if isinstance(opened, str):
            raise UnsupportedError(opened)
        encoding, before, after = opened
        return {"ids": [*before, *encoding.encode(text, allowed_special="all"), *after]}

    def stop(self) -> None:
        self._open.cache_clear()


def _open(subject: str) -> tuple[tiktoken.Encoding, list[int], list[int]] | str:
    """An encoding and the ids around a text, or why tiktoken cannot have it."""
    document = read_document(subject)
    try:
        ranks = _ranks(document["model"])
        encoding = tiktoken.Encoding(
            subject,
            pat_str=_pattern(document),
            mergeable_ranks=ranks,
            special_tokens={
                token["content"]: token["id"]
                for token in document["added_tokens"]
                if token["id"] not in set(ranks.values())
            },
        )
        return encoding, *around(document)
    except UnsupportedError as error:
        return str(error)


def _ranks(model: Fields) -> dict[bytes, int]:
    if model["type"] != "BPE":
        raise UnsupportedError(f"model: tiktoken has byte-level BPE alone, no {model['type']}")
    for option in ("continuing_subword_prefix", "end_of_word_suffix", "byte_fallback"):
        if model.get(option):
            raise UnsupportedError(f"model.{option}: tiktoken has no such option")
    byte_of = {character: byte for byte, character in enumerate(_alphabet())}
    vocab = model["vocab"]
    if not all(character in byte_of for piece in vocab for character in piece):
        raise UnsupportedError("model.vocab: it is not written in the alphabet of ByteLevel")
    ranks = {bytes(map(byte_of.__getitem__, piece)): number for piece, number in vocab.items()}
    lacking = sum(bytes([byte]) not in ranks for byte in range(256))
    if lacking:
        raise UnsupportedError(f"model.vocab: tiktoken needs all bytes, {lacking} are not there")
    merged = [
        vocab["".join(merge.split(" ") if isinstance(merge, str) else merge)]
        for merge in model["merges"]
    ]
    # tiktoken merges whatever gives a piece, in the order of the ids
    if merged != sorted(set(merged)):
        raise UnsupportedError("model.merges: their order is not that of the ids")
    if len(merged) + 256 != len(vocab):
        raise UnsupportedError("model.vocab: to some of the pieces no merges lead")
    return ranks


def _alphabet() -> list[str]:
    """The character that stands for each byte: itself where it is visible, else from U+0100 on."""
    visible = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte) if byte in visible else chr(next(others)) for byte in range(256)]


def _pattern(document: Fields) -> str:
    parts = parts_of(document["pre_tokenizer"], "pretokenizers")
    if not parts or parts[-1]["type"] != "ByteLevel" or parts[-1]["add_prefix_space"]:
        raise UnsupportedError("pre_tokenizer: expected ByteLevel without a space before the text")
    *splits, byte_level = parts
    if byte_level.get("use_regex", True) and not splits:
        return _GPT2
    if len(splits) == 1 and not byte_level["use_regex"]:
        (split,) = splits
        pattern: str | None = split.get("pattern", {}).get("Regex")
        isolated = split.get("behavior") == "Isolated" and not split.get("invert")
        if pattern and isolated:
            return pattern
    raise UnsupportedError("pre_tokenizer: expected one regular expression that finds the pieces")
