"""A `SentencePieceModel` -> the documents of Llama and Gemma: BPE with byte fallback.

Follows `LlamaTokenizer` and `GemmaTokenizer` of transformers 5, which take the order of the merges
from the ids of the pieces, not from their scores, and make merges of control pieces too.
"""

from __future__ import annotations

from typing import Any

from ..errors import TokenizerFileError
from .merge_places import merge_places
from .sentencepiece_model import SentencePieceModel
from .sentencepiece_tokens import named_token, own_tokens
from .tokenizer_config import TokenizerConfig
from .tokenizer_document import AddedTokenIds, bos_eos_template, make_document

__all__ = ["gemma_document", "llama_document"]

JsonObject = dict[str, Any]
_SPACE = "\u2581"


def _byte_fallback_bpe(
    model: SentencePieceModel,
    config: TokenizerConfig,
    defaults: dict[str, str],
    unknown: str | None,
) -> tuple[JsonObject, AddedTokenIds]:
    """The model of Llama and Gemma, and the added tokens."""
    vocab = {piece.text: index for index, piece in enumerate(model.pieces)}
    if unknown is not None and unknown not in vocab:
        raise TokenizerFileError(model.where, f"a piece {unknown!r}, the unk_token", "none")
    bpe = {
        "type": "BPE",
        "dropout": None,
        "unk_token": unknown,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": True,
        "byte_fallback": True,
        "ignore_merges": False,
        "vocab": vocab,
        "merges": _merges_by_id(vocab),
    }
    return bpe, AddedTokenIds(config, vocab, defaults, own_tokens(model))


def _merges_by_id(vocab: dict[str, int]) -> list[list[str]]:
    """Every way to put a piece together from two, by its id and the lengths of the two."""
    merges: list[tuple[int, int, str, str]] = []
    places = merge_places(map(len, vocab))
    for text, token_id in vocab.items():
        for place in places[len(text)]:
            left, right = text[:place], text[place:]
            if left in vocab and right in vocab:
                merges.append((token_id, place, left, right))
    merges.sort()
    return [[left, right] for _, _, left, right in merges]


def llama_document(model: SentencePieceModel, config: TokenizerConfig) -> JsonObject:
    """BPE with byte fallback; the text is one word that begins with ▁."""
    defaults = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    bpe, tokens = _byte_fallback_bpe(model, config, defaults, None)
    given = config.flag_or_null("add_prefix_space")
    prefix_space = given if given is not None else True
    legacy = config.flag_or_null("legacy") or False
    scheme = ("always" if legacy else "first") if prefix_space else "never"
    decoders: list[JsonObject] = [
        {"type": "Replace", "pattern": {"String": _SPACE}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
    ]
    if prefix_space:
        decoders.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return make_document(
        added_tokens=tokens.entries(),
        pre_tokenizer={
            "type": "Metaspace",
            "replacement": _SPACE,
            "prepend_scheme": scheme,
            "split": False,
        },
        post_processor=bos_eos_template(config, tokens),
        decoder={"type": "Sequence", "decoders": decoders},
        model=bpe,
    )


def gemma_document(model: SentencePieceModel, config: TokenizerConfig) -> JsonObject:
    """BPE with byte fallback; spaces are ▁, and none is put before the text."""
    defaults = {
        "bos_token": "<bos>",
        "eos_token": "<eos>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
        "mask_token": "<mask>",
    }
    unknown = named_token(config, "unk_token", "<unk>")
    bpe, tokens = _byte_fallback_bpe(model, config, defaults, unknown)
    return make_document(
        added_tokens=tokens.entries(),
        normalizer={"type": "Replace", "pattern": {"String": " "}, "content": _SPACE},
        pre_tokenizer={
            "type": "Split",
            "pattern": {"String": " "},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        post_processor=bos_eos_template(config, tokens),
        decoder={
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": _SPACE}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        model=bpe,
    )
