"""Tokenizers whose `tokenizer.json` was read as if it said something else, in one place.

They bend our engine, and the oracle too: `python -m conformance fuzz --mutants` asks it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from ..fixtures import folder_of
from .bend_tokenizer import Bend, Document, of_document
from .mutant import Mutant, Patch, exchange, together

__all__ = ["WRONG_TOKENIZER_FILES"]

_QWEN, _XLM_R = "qwen3-embedding", "multilingual-e5-small-q4"


def _oracle(bend: Bend) -> Patch:
    """An opener of the oracle's tokenizers that bends every file before it is read."""

    @cache
    def open_tokenizer(subject: str, *, as_filed: bool) -> Any:
        import tokenizers  # only the oracle needs it

        path = folder_of(subject) / "tokenizer.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        bend(document)
        tokenizer = tokenizers.Tokenizer.from_str(json.dumps(document))
        if not as_filed:
            tokenizer.no_padding()
            tokenizer.no_truncation()
        return tokenizer

    return exchange("conformance.engines.hugging_face.open_tokenizer", open_tokenizer)


def _bent(bend: Bend) -> Patch:
    return together(of_document(bend), _oracle(bend))


def _qwen(name: str, tag: str, bend: Bend, defect: str = "") -> Mutant:
    return Mutant(name, tag, _bent(bend), defect, subjects=(_QWEN,))


def _xlm_r(name: str, tag: str, bend: Bend, defect: str = "") -> Mutant:
    return Mutant(name, tag, _bent(bend), defect, subjects=(_XLM_R,))


def _regex(old: str, new: str) -> Bend:
    """The pattern that cuts a text into pieces, with a part replaced."""

    def bend(document: Document) -> None:
        pattern = document["pre_tokenizer"]["pretokenizers"][0]["pattern"]
        if old not in pattern["Regex"]:
            raise ValueError(f"{old!r} is not in {pattern['Regex']!r}")
        pattern["Regex"] = pattern["Regex"].replace(old, new)

    return bend


def _set(*path: str | int, value: object) -> Bend:
    def bend(document: Document) -> None:
        place: Any = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return bend


def _added(**flags: bool) -> Bend:
    def bend(document: Document) -> None:
        for token in document["added_tokens"]:
            token.update(flags)

    return bend


def _normalize_first(*normalizers: Document) -> Bend:
    def bend(document: Document) -> None:
        both = [*normalizers, document["normalizer"]]
        document["normalizer"] = {"type": "Sequence", "normalizers": both}

    return bend


def _without_last(*path: str | int) -> Bend:
    """The last item of a list is left out."""

    def bend(document: Document) -> None:
        place: Any = document
        for key in path:
            place = place[key]
        place.pop()

    return bend


_BYTE_LEVEL = ("pre_tokenizer", "pretokenizers", 1)
_METASPACE = ("pre_tokenizer", "pretokenizers", 1)
_TEMPLATE = ("post_processor", "processors", 1)
_SPACES, _KEEPS_LAST = r"\s+(?!\S)|\s+", r"\s+(?!\S)"
WRONG_TOKENIZER_FILES = (
    _qwen("bpe-run-of-spaces-only-at-the-end", "whitespace", _regex(_SPACES, r"\s+$|\s+"), "F2"),
    _qwen("bpe-run-of-spaces-in-one-piece", "whitespace", _regex(f"{_KEEPS_LAST}|", "")),
    _qwen("bpe-newlines-as-other-spaces", "whitespace", _regex(r"\s*[\r\n]+|", "")),
    _qwen("bpe-contractions-in-lower-case", "contractions", _regex("(?i:'s|'t|'re|'ve|'m|'ll|'d)", "'s|'t|'re|'ve|'m|'ll|'d")),
    _qwen("bpe-digits-take-the-space", "numbers", _regex(r"|\p{N}|", r"| ?\p{N}|")),
    _qwen("bpe-no-newlines-after-marks", "punctuation", _regex(r"[^\s\p{L}\p{N}]+[\r\n]*", r"[^\s\p{L}\p{N}]+")),
    _qwen("bpe-letters-without-the-mark-before", "punctuation", _regex(r"[^\r\n\p{L}\p{N}]?\p{L}+", r" ?\p{L}+")),
    _qwen("bpe-space-before-every-text", "english", _set(*_BYTE_LEVEL, "add_prefix_space", value=True)),
    _qwen("bpe-not-composed", "accents", _set("normalizer", value=None)),
    _qwen("bpe-decomposed", "accents", _set("normalizer", "type", value="NFD")),
    _qwen("bpe-compatibility-composed", "accents", _set("normalizer", "type", value="NFKC")),
    _qwen("bpe-without-its-end", "english", _without_last(*_TEMPLATE, "single")),
    _qwen("bpe-pair-without-its-end", "pair", _without_last(*_TEMPLATE, "pair")),
    _qwen("bpe-added-tokens-as-words", "added-tokens", _added(single_word=True), "F3"),
    _qwen("bpe-added-tokens-take-spaces", "added-tokens", _added(lstrip=True, rstrip=True), "F3"),
    _qwen("bpe-lower-case", "case", _normalize_first({"type": "Lowercase"})),
    _xlm_r("unigram-no-charsmap", "charsmap", _set("normalizer", value=None)),
    _xlm_r("unigram-charsmap-and-decomposition", "hangul", _normalize_first({"type": "NFD"})),
    _xlm_r("unigram-no-space-before-the-first-word", "english", _set(*_METASPACE, "prepend_scheme", value="never")),
    _xlm_r("unigram-space-before-the-first-word-only", "english", _set(*_METASPACE, "prepend_scheme", value="first")),
    _xlm_r("unigram-metaspace-is-space", "metaspace", _normalize_first({"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}), "F5"),
    _xlm_r("unigram-metaspace-lost", "metaspace", _normalize_first({"type": "Replace", "pattern": {"String": "\u2581"}, "content": ""}), "F5"),
    _xlm_r("unigram-mask-leaves-its-space", "added-tokens", _added(lstrip=False), "F3"),
    _xlm_r("unigram-added-tokens-take-spaces", "added-tokens", _added(rstrip=True), "F3"),
    _xlm_r("unigram-pair-with-one-separator", "pair", lambda d: d["post_processor"]["pair"].pop(3)),
    _xlm_r("unigram-without-its-end", "english", _without_last("post_processor", "single")),
    _xlm_r("unigram-lower-case", "case", _normalize_first({"type": "Lowercase"})),
)  # fmt: skip
