"""A seed and a number -> a tokenizer.json, of any components, with a small vocabulary.

Half of them look like tokenizers that exist: components that belong together. The other half joins
what nobody would join, for there the rules of the format show.
"""

from __future__ import annotations

from random import Random
from typing import Any

from . import made_components as components
from .made_vocabularies import bpe, unigram, word_level, word_piece, words_of_sentences

__all__ = ["made_document"]

Fields = dict[str, Any]
_SPECIAL = ("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]")
_ADDED = (
    "<x>", "foo", "foobar", "ing", "é", "e\u0301", "a", "が", "\u2581m",
    "\u0120", " sp ", "<|im_end|>", "ﬁ", "İ",
    "A B", "\n", "'s", "##s", "MASK", "[mask]", "  ", "１", "the", ".", "\u0301",
)  # fmt: skip
# what is left of them when they are normalized may be nothing, or what is left of another
_NOT_NORMALIZED = ("\n", "  ", "\u0301", "e\u0301", "[mask]")


def made_document(seed: int, number: int) -> Fields:
    """The document of that number; the same for the same seed, wherever it is made."""
    random = Random(f"{seed}/{number}")
    like = random.choice(
        (_like_bert, _like_gpt2, _like_t5, _like_llama, _like_clip, *[_like_none] * 5)
    )
    normalizer, pre_tokenizer, decoder, model = like(random)
    added, ids = _added_tokens(random, model, may_vanish=_may_vanish(normalizer))
    return {
        "version": "1.0",
        "truncation": _truncation(random),
        "padding": _padding(random),
        "added_tokens": added,
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": _post_processor(random, ids),
        "decoder": decoder,
        "model": model,
    }


Parts = tuple[Fields | None, Fields | None, Fields | None, Fields]


def _words(random: Random, **form: Any) -> list[str]:
    options = {"lower": False, "space": "", "byte_level": False, **form}
    return words_of_sentences(random, random.choice((5, 30, 80)), **options)


def _of(kinds: dict[str, components.Make], kind: str, random: Random, **fixed: Any) -> Fields:
    return {"type": kind, **kinds[kind](random), **fixed}


def _like_bert(random: Random) -> Parts:
    normalizer = _of(components.NORMALIZERS, "BertNormalizer", random)
    model = word_piece(random, _words(random, lower=bool(normalizer["lowercase"])), _SPECIAL)
    decoder = _of(components.DECODERS, "WordPiece", random)
    return normalizer, {"type": "BertPreTokenizer"}, decoder, model


def _like_gpt2(random: Random) -> Parts:
    byte_level = _of(components.PRE_TOKENIZERS, "ByteLevel", random)
    pre_tokenizer = byte_level
    if random.random() < 0.5:
        split = _of(components.PRE_TOKENIZERS, "Split", random)
        parts = [split, {**byte_level, "use_regex": False}]
        pre_tokenizer = {"type": "Sequence", "pretokenizers": parts}
    model = bpe(random, _words(random, space="\u0120", byte_level=True), _SPECIAL, byte_level=True)
    normalizer = random.choice((None, {"type": "NFC"}))
    return normalizer, pre_tokenizer, _of(components.DECODERS, "ByteLevel", random), model


def _like_t5(random: Random) -> Parts:
    normalizer = random.choice((None, _of(components.NORMALIZERS, "Precompiled", random)))
    metaspace = _of(components.PRE_TOKENIZERS, "Metaspace", random, replacement="\u2581")
    pre_tokenizer = metaspace
    if random.random() < 0.5:
        parts = [{"type": "WhitespaceSplit"}, metaspace]
        pre_tokenizer = {"type": "Sequence", "pretokenizers": parts}
    model = unigram(random, _words(random, space="\u2581"), _SPECIAL)
    return normalizer, pre_tokenizer, {**metaspace}, model


def _like_llama(random: Random) -> Parts:
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}
    normalizers: list[Fields] = [{"type": "Prepend", "prepend": "\u2581"}, replace]
    model = bpe(random, _words(random, space="\u2581"), _SPECIAL, byte_level=False)
    decoders: list[Fields] = [
        {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ]
    normalizer = {"type": "Sequence", "normalizers": normalizers[random.randrange(2) :]}
    return normalizer, None, {"type": "Sequence", "decoders": decoders}, model


def _like_clip(random: Random) -> Parts:
    parts = [{"type": "NFC"}, {"type": "Lowercase"}]
    normalizer = {"type": "Sequence", "normalizers": parts}
    pre_tokenizer = _of(components.PRE_TOKENIZERS, "Split", random)
    model = bpe(random, _words(random, lower=True), _SPECIAL, byte_level=False)
    return normalizer, pre_tokenizer, _of(components.DECODERS, "BPEDecoder", random), model


def _like_none(random: Random) -> Parts:
    form: dict[str, Any] = {"lower": random.random() < 0.4}
    byte_level = random.random() < 0.25
    form |= {"byte_level": byte_level, "space": random.choice(("", "\u2581", "\u0120", " "))}
    words = _words(random, **form)
    kind = random.randrange(4)
    if kind == 0:
        model = word_level(random, words, _SPECIAL)
    elif kind == 1:
        model = word_piece(random, words, _SPECIAL)
    elif kind == 2:
        model = bpe(random, words, _SPECIAL, byte_level=byte_level)
    else:
        model = unigram(random, words, _SPECIAL)
    normalizer, decoder = components.normalizer(random), components.decoder(random)
    return normalizer, components.pre_tokenizer(random), decoder, model


def _may_vanish(normalizer: Fields | None) -> bool:
    """Whether it can turn a word into nothing, or two words into the same.

    The oracle hangs on some texts if the content of an added token is normalized to nothing, and
    takes either of two that are normalized to the same, by chance.
    """
    if normalizer is None:
        return False
    if normalizer["type"] == "Sequence":
        return any(map(_may_vanish, normalizer["normalizers"]))
    return bool(normalizer["type"] == "Replace")


def _added_tokens(
    random: Random, model: Fields, *, may_vanish: bool
) -> tuple[list[Fields], dict[str, int]]:
    """Added tokens, and the ids of all special tokens, whether added or only of the vocabulary."""
    vocab = model["vocab"]
    if isinstance(vocab, list):
        vocab = {piece: number for number, (piece, _) in enumerate(vocab)}
    special = [token for token in _SPECIAL if random.random() < 0.8]
    others = [token for token in _ADDED if random.random() < 0.25]
    # the oracle numbers those that are no pieces from the number of pieces on; where the vocabulary
    # has holes that could be the id of a piece
    free = len(vocab)
    holes = max(vocab.values()) >= free
    tokens: list[Fields] = []
    for content in [*special, *others]:
        is_special = content in special or random.random() < 0.2
        token_id = vocab.get(content)
        if token_id is None:
            if holes:
                continue
            token_id, free = free, free + 1
        flag = random.random() < 0.4
        normalized = random.random() < (0.2 if is_special else 0.7)
        tokens.append({
            "id": token_id,
            "content": content,
            "single_word": flag and random.random() < 0.5,
            "lstrip": flag and random.random() < 0.5,
            "rstrip": flag and random.random() < 0.5,
            "normalized": normalized and not may_vanish and content not in _NOT_NORMALIZED,
            "special": is_special,
        })  # fmt: skip
    ids = {token: vocab[token] for token in _SPECIAL if token in vocab}
    return tokens, ids


def _post_processor(random: Random, ids: dict[str, int], nested: bool = True) -> Fields | None:
    byte_level = _of(components.PRE_TOKENIZERS, "ByteLevel", random)
    cls, sep = (["[CLS]", ids["[CLS]"]], ["[SEP]", ids["[SEP]"]])
    kind = random.choice(("none", "template", "template", "bert", "roberta", "bytes", "sequence"))
    if kind == "template":
        return _template(random, ids)
    if kind == "bert":
        return {"type": "BertProcessing", "sep": sep, "cls": cls}
    if kind == "roberta":
        flags = {key: byte_level[key] for key in ("trim_offsets", "add_prefix_space")}
        return {"type": "RobertaProcessing", "sep": sep, "cls": cls, **flags}
    if kind == "bytes":
        return byte_level
    if kind == "sequence" and nested:
        parts = [_post_processor(random, ids, nested=False) for _ in range(random.randrange(4))]
        return {"type": "Sequence", "processors": [part for part in parts if part]}
    return None


def _template(random: Random, ids: dict[str, int]) -> Fields:
    names = [name for name in ids if random.random() < 0.6] or list(ids)[:1]

    def special(type_id: int) -> list[Fields]:
        count = random.randrange(3)
        return [
            {"SpecialToken": {"id": random.choice(names), "type_id": type_id}} for _ in range(count)
        ]

    def sequence(name: str, type_id: int) -> Fields:
        return {"Sequence": {"id": name, "type_id": type_id}}

    first, second = random.choice(((0, 1), (0, 1), (0, 0), (2, 1)))
    both = [("A", first), ("B", second)]
    if random.random() < 0.2:
        both.reverse()
    pair = special(first)
    for name, type_id in both:
        pair += [sequence(name, type_id), *special(type_id)]
    tokens: dict[str, Fields] = {}
    for name in names:
        several = random.random() < 0.1
        pieces = [name, *ids] if several else [name]
        tokens[name] = {"id": name, "ids": [ids[piece] for piece in pieces], "tokens": pieces}
    return {
        "type": "TemplateProcessing",
        "single": [*special(0), sequence("A", 0), *special(0)],
        "pair": pair,
        "special_tokens": tokens,
    }


def _truncation(random: Random) -> Fields | None:
    if random.random() < 0.7:
        return None
    length = random.choice((2, 5, 12, 40))
    return {
        "direction": random.choice(("Right", "Left")),
        "max_length": length,
        "strategy": random.choice(("LongestFirst", "OnlyFirst", "OnlySecond")),
        "stride": random.choice((0, 0, 1, length // 2)),
    }


def _padding(random: Random) -> Fields | None:
    if random.random() < 0.7:
        return None
    return {
        "strategy": random.choice(("BatchLongest", {"Fixed": random.randrange(30)})),
        "direction": random.choice(("Right", "Left")),
        "pad_to_multiple_of": random.choice((None, None, 8, 1)),
        "pad_id": random.randrange(5),
        "pad_type_id": random.randrange(3),
        "pad_token": random.choice(("[PAD]", "<pad>")),
    }
