"""A Unigram `SentencePieceModel` -> the documents of XLM-RoBERTa, CamemBERT, T5 and ALBERT.

Follows `XLMRobertaTokenizer` and the others of transformers 5. All split at white space before
they look for pieces, and all find control pieces that a user writes out; where special tokens
stand among the ids is different in each.
"""

from __future__ import annotations

from typing import Any

from ..errors import TokenizerFileError
from .sentencepiece_document import charsmap_normalizer
from .sentencepiece_model import ModelType, SentencePieceModel
from .sentencepiece_tokens import named_token, own_tokens
from .tokenizer_config import ConfigToken, TokenizerConfig
from .tokenizer_document import (
    AddedTokenIds,
    bos_eos_template,
    make_document,
    sequence_or_one,
    template,
)

__all__ = ["albert_document", "camembert_document", "t5_document", "xlm_roberta_document"]

JsonObject = dict[str, Any]
Scores = list[tuple[str, float]]
_SPACE = "\u2581"
_ROBERTA_TOKENS: dict[str, str | ConfigToken | None] = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "mask_token": "<mask>",
}


def _scores(model: SentencePieceModel, config: TokenizerConfig) -> Scores:
    if model.model_type is not ModelType.UNIGRAM:
        raise TokenizerFileError(
            f"{model.where}: model_type",
            f"Unigram, which {config.tokenizer_class} is for",
            model.model_type.name,
        )
    return [(piece.text, piece.score) for piece in model.pieces]


def _ids(scores: Scores, where: str) -> dict[str, int]:
    # the last of equal pieces counts, as in the oracle; the class may have added one anew
    ids = {text: index for index, (text, _) in enumerate(scores)}
    if len(ids) == 0:
        raise TokenizerFileError(where, "pieces", "none")
    return ids


def _unigram_document(
    model: SentencePieceModel,
    scores: Scores,
    unk_id: int,
    tokens: AddedTokenIds,
    post_processor: JsonObject,
    *,
    prefix_space: bool = True,
    normalizers: list[JsonObject] | None = None,
) -> JsonObject:
    """What the Unigram classes have in common."""
    if unk_id >= len(scores):
        raise TokenizerFileError(model.where, f"more than {unk_id} pieces", str(len(scores)))
    metaspace = {
        "type": "Metaspace",
        "replacement": _SPACE,
        "prepend_scheme": "always" if prefix_space else "never",
        "split": True,
    }
    parts = list(normalizers or [])
    if model.precompiled_charsmap:
        parts.append(charsmap_normalizer(model.precompiled_charsmap))
    one = sequence_or_one(parts, "normalizers")
    return make_document(
        added_tokens=tokens.entries(),
        normalizer={"type": "Sequence", "normalizers": parts} if normalizers is not None else one,
        pre_tokenizer={
            "type": "Sequence",
            "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace],
        },
        post_processor=post_processor,
        decoder=metaspace,
        model={
            "type": "Unigram",
            "unk_id": unk_id,
            "vocab": [[text, score] for text, score in scores],
            "byte_fallback": False,
        },
    )


def _bos_eos_eos(tokens: AddedTokenIds) -> JsonObject:
    """`<s> A </s>` and `<s> A </s> </s> B </s>`, all of type 0."""
    bos, eos = tokens.token("bos_token"), tokens.token("eos_token")
    single = [(bos, 0), ("$A", 0), (eos, 0)]
    ids = {bos: tokens.of("bos_token"), eos: tokens.of("eos_token")}
    return template(single, [*single, (eos, 0), ("$B", 0), (eos, 0)], ids)


def xlm_roberta_document(model: SentencePieceModel, config: TokenizerConfig) -> JsonObject:
    """Four tokens take the place of the first three pieces; the mask token comes last."""
    first = [
        (named_token(config, name, default), 0.0)
        for name, default in (
            ("bos_token", "<s>"),
            ("pad_token", "<pad>"),
            ("eos_token", "</s>"),
            ("unk_token", "<unk>"),
        )
    ]
    mask = (named_token(config, "mask_token", "<mask>"), 0.0)
    scores = [*first, *_scores(model, config)[3:], mask]
    vocab = _ids(scores, model.where)
    tokens = AddedTokenIds(
        config, vocab, _ROBERTA_TOKENS, own_tokens(model), vocab_size=len(scores)
    )
    prefix_space = config.flag("add_prefix_space", True)
    post_processor = _bos_eos_eos(tokens)
    return _unigram_document(model, scores, 3, tokens, post_processor, prefix_space=prefix_space)


def camembert_document(model: SentencePieceModel, config: TokenizerConfig) -> JsonObject:
    """Five tokens take the place of the unknown piece; the mask token comes last."""
    unknown = named_token(config, "unk_token", "<unk>")
    scores = [
        ("<s>NOTUSED", 0.0),
        (named_token(config, "pad_token", "<pad>"), 0.0),
        ("</s>NOTUSED", 0.0),
        (unknown, 0.0),
        ("<unk>NOTUSED", -100.0),
        *_scores(model, config)[1:],
        (named_token(config, "mask_token", "<mask>"), 0.0),
    ]
    vocab = _ids(scores, model.where)
    defaults = {**_ROBERTA_TOKENS, "mask_token": ConfigToken("<mask>", lstrip=True, special=True)}
    tokens = AddedTokenIds(config, vocab, defaults, own_tokens(model), vocab_size=len(scores))
    unk_id = next(index for index, (text, _) in enumerate(scores) if text == unknown)
    prefix_space = config.flag("add_prefix_space", True)
    post_processor = _bos_eos_eos(tokens)
    return _unigram_document(
        model, scores, unk_id, tokens, post_processor, prefix_space=prefix_space
    )


def t5_document(model: SentencePieceModel, config: TokenizerConfig) -> JsonObject:
    """The sentinels `<extra_id_99>` to `<extra_id_0>` come after the pieces."""
    count = config.number("extra_ids", 100, most=100_000)
    scores = _scores(model, config)
    scores += [(f"<extra_id_{index}>", 0.0) for index in range(count - 1, -1, -1)]
    vocab = _ids(scores, model.where)
    own = own_tokens(model)
    own += [ConfigToken(f"<extra_id_{index}>", special=True) for index in range(count)]
    defaults = {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    tokens = AddedTokenIds(config, vocab, defaults, own, vocab_size=len(scores))
    # the class writes this token, whatever eos_token says, with the id of eos_token
    single = [("$A", 0), ("</s>", 0)]
    post_processor = template(
        single, [*single, ("$B", 0), ("</s>", 0)], {"</s>": tokens.of("eos_token")}
    )
    return _unigram_document(model, scores, 2, tokens, post_processor)


def albert_document(model: SentencePieceModel, config: TokenizerConfig) -> JsonObject:
    """The pieces as they are; quotes, accents and case are normalized before the charsmap."""
    scores = _scores(model, config)
    vocab = _ids(scores, model.where)
    defaults = {
        "bos_token": "[CLS]",
        "eos_token": "[SEP]",
        "unk_token": "<unk>",
        "sep_token": "[SEP]",
        "pad_token": "<pad>",
        "cls_token": "[CLS]",
        "mask_token": "[MASK]",
    }
    tokens = AddedTokenIds(config, vocab, defaults, own_tokens(model))
    normalizers: list[JsonObject] = [
        {"type": "Replace", "pattern": {"String": quotes}, "content": '"'}
        for quotes in ("``", "''")
    ]
    if not config.flag("keep_accents", False):
        normalizers += [{"type": "NFKD"}, {"type": "StripAccents"}]
    if config.flag("do_lower_case", True):
        normalizers.append({"type": "Lowercase"})
    if "add_bos_token" in config.options or "add_eos_token" in config.options:
        post_processor = bos_eos_template(config, tokens)
    else:
        ids = {}
        for text, name in (("[CLS]", "cls_token"), ("[SEP]", "sep_token")):
            if tokens.token(name) not in vocab:
                raise TokenizerFileError(
                    model.where, f"a piece {tokens.token(name)!r}, the {name}", "none"
                )
            ids[text] = vocab[tokens.token(name)]
        single = [("[CLS]", 0), ("$A", 0), ("[SEP]", 0)]
        post_processor = template(single, [*single, ("$B", 1), ("[SEP]", 1)], ids)
    return _unigram_document(
        model,
        scores,
        1,
        tokens,
        post_processor,
        prefix_space=config.flag("add_prefix_space", True),
        normalizers=normalizers,
    )
