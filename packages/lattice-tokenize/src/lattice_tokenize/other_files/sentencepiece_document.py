"""A `SentencePieceModel` alone -> the document whose ids are those of the `sentencepiece` library.

Follows `SentencePieceProcessor.encode`, which adds no special tokens. Where transformers gives
other ids for the same file, this follows sentencepiece:

- A control piece, the unknown piece or a byte piece that a user writes out (`<s>`) is ordinary
  text. The format knows no piece that is never found, so the text is cut inside it, at a place
  where no piece of the vocabulary goes across.
- User-defined pieces are found anywhere, also in the middle of a word, and a dummy prefix comes
  before them.
- White space other than the space stays, unless the charsmap maps it; spaces are folded and
  stripped where the model says so, and a written `▁` is a space at the end of the text.
- Merges have the order of the scores, and only ordinary pieces are merged.

What the format cannot say remains different: the charsmap is looked up in whole graphemes first
(see docs/oracle.md), Unigram sums are in float64 where sentencepiece has float32, and a control
piece of which every character is unknown is two unknown tokens, not one. Of a model with
user-defined pieces and BPE, a whole stretch between them that is a piece is taken as it is. In
decoding, a run of byte pieces that is no UTF-8 becomes one U+FFFD for each byte of the run.
"""

from __future__ import annotations

import base64
import re
from itertools import pairwise
from typing import Any

from ..errors import UnsupportedComponentError
from ..normalizers.charsmap import MAX_KEY_BYTES, Charsmap
from .merge_places import merge_places
from .sentencepiece_model import ModelType, Piece, PieceType, SentencePieceModel
from .tokenizer_document import make_document, sequence_or_one

__all__ = ["charsmap_normalizer", "sentencepiece_document"]

JsonObject = dict[str, Any]
_SPACE = "\u2581"


def charsmap_normalizer(charsmap: bytes) -> JsonObject:
    """The Precompiled normalizer of a model's map."""
    return {
        "type": "Precompiled",
        "precompiled_charsmap": base64.b64encode(charsmap).decode("ascii"),
    }


def sentencepiece_document(model: SentencePieceModel) -> JsonObject:
    """The document of a `.model` alone. Raises `UnsupportedComponentError` for what has none.

    >>> unknown, space = Piece("<unk>", 0.0, PieceType.UNKNOWN), Piece("▁", -2.0)
    >>> document = sentencepiece_document(SentencePieceModel((unknown, space, Piece("a", -1.0))))
    >>> document["model"]["type"], document["normalizer"]["normalizers"][-1]
    ('Unigram', {'type': 'Prepend', 'prepend': '▁'})
    """
    _refuse_what_has_no_document(model)
    unigram = model.model_type is ModelType.UNIGRAM
    return make_document(
        normalizer=_normalizer(model),
        pre_tokenizer=_pre_tokenizer(model),
        decoder=_decoder(model),
        model=_unigram(model) if unigram else _bpe(model),
    )


def _refuse_what_has_no_document(model: SentencePieceModel) -> None:
    if model.model_type is ModelType.WORD:
        raise UnsupportedComponentError(
            f"{model.where}: model_type", "Unigram, BPE or characters", "whole words"
        )
    if model.denormalizer_charsmap:
        raise UnsupportedComponentError(
            f"{model.where}: denormalizer_spec", "no map for decoding", "one"
        )
    for index, piece in model.of_type(PieceType.UNUSED):
        raise UnsupportedComponentError(
            f"{model.where}: piece {index}", "pieces that are used", f"{piece.text!r}, unused"
        )
    if model.precompiled_charsmap:
        charsmap = Charsmap(
            charsmap_normalizer(model.precompiled_charsmap)["precompiled_charsmap"],
            f"{model.where}: precompiled_charsmap",
        )
        for index, piece in model.of_type(PieceType.USER_DEFINED):
            if _changes(charsmap, piece.text):
                raise UnsupportedComponentError(
                    f"{model.where}: piece {index}",
                    "user-defined pieces that the model's own charsmap leaves alone",
                    repr(piece.text[:60]),
                    "tokenizer.json cannot say that this piece is found before normalization.",
                )


def _replace(pattern: str, content: str, *, regex: bool = True) -> JsonObject:
    kind = "Regex" if regex else "String"
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


def _normalizer(model: SentencePieceModel) -> JsonObject | None:
    space = _SPACE if model.escape_whitespaces else " "
    parts = []
    if model.precompiled_charsmap:
        parts.append(charsmap_normalizer(model.precompiled_charsmap))
    if model.remove_extra_whitespaces:
        parts += [_replace(r"\A +", ""), _replace(" {2,}", " ")]
    if model.escape_whitespaces:
        parts.append(_replace(" ", _SPACE, regex=False))
    if model.remove_extra_whitespaces:
        # after escaping: sentencepiece takes a ▁ that the user wrote for a space here
        parts.append(_replace(rf"{space}+\z", ""))
    if model.add_dummy_prefix:
        if model.treat_whitespace_as_suffix:
            parts.append(_replace(r"(?<=[\s\S])\z", space))
        else:
            parts.append({"type": "Prepend", "prepend": space})
    return sequence_or_one(parts, "normalizers")


def _pre_tokenizer(model: SentencePieceModel) -> JsonObject | None:
    """Cuts that no piece crosses, and those around and inside pieces of other types."""
    bigrams = {
        "".join(pair)
        for _, piece in model.of_type(PieceType.NORMAL, PieceType.USER_DEFINED)
        for pair in pairwise(piece.text)
    }
    parts = []
    user_defined = model.of_type(PieceType.USER_DEFINED)
    isolates = bool(user_defined) and model.model_type is not ModelType.UNIGRAM
    if isolates:
        longest_first = sorted((piece.text for _, piece in user_defined), key=len, reverse=True)
        parts.append(_split("|".join(map(_escape, longest_first)), "Isolated"))
    # a model of merges finds whole pieces only where it takes stretches as they are
    if model.model_type is ModelType.UNIGRAM or isolates:
        cuts = _cuts_in_hidden_pieces(model, bigrams)
        if cuts:
            parts.append(_split("|".join(cuts), "Isolated"))
    crossed = any(pair[1] == _SPACE for pair in bigrams)
    known = any(piece.text == _SPACE for piece in model.pieces)
    if model.escape_whitespaces and known and not crossed:
        # cutting before each ▁ gives the same pieces, sooner
        parts.append(
            {
                "type": "Metaspace",
                "replacement": _SPACE,
                "prepend_scheme": "never",
                "split": True,
            }
        )
    return sequence_or_one(parts, "pretokenizers")


def _split(pattern: str, behavior: str) -> JsonObject:
    return {
        "type": "Split",
        "pattern": {"Regex": pattern},
        "behavior": behavior,
        "invert": False,
    }


def _escape(text: str) -> str:
    """`text` as a pattern, in the spelling that the format's and Python's patterns share."""
    return re.sub(r"([\\.^$*+?{}\[\]()|])", r"\\\1", text)


def _cuts_in_hidden_pieces(model: SentencePieceModel, bigrams: set[str]) -> list[str]:
    """Patterns of empty matches, one inside each piece that text must not become."""
    characters = {piece.text for _, piece in model.of_type(PieceType.NORMAL)}
    cuts = []
    for index, piece in model.of_type(PieceType.UNKNOWN, PieceType.CONTROL):
        text = piece.text
        if len(text) == 1:
            raise UnsupportedComponentError(
                f"{model.where}: piece {index}",
                "control pieces of several characters",
                repr(text),
                "tokenizer.json cannot say that a single character is never found.",
            )
        place = min(
            range(1, len(text)),
            # best where no piece goes across, and where not both sides are unknown
            key=lambda place: (
                text[place - 1 : place + 1] in bigrams,
                not {text[place - 1], text[place]} & characters,
            ),
        )
        cuts.append(f"(?<={_escape(text[:place])})(?={_escape(text[place:])})")
    if model.byte_fallback:
        cuts.append("(?<=<)(?=0x[0-9A-F]{2}>)")
    return cuts


def _unigram(model: SentencePieceModel) -> JsonObject:
    normal = [piece.score for _, piece in model.of_type(PieceType.NORMAL)]
    # the lowest score decides what an unknown character costs: only ordinary pieces may set it
    lowest, highest = min(normal, default=0.0), max(normal, default=0.0)

    def score(piece: Piece) -> float:
        if piece.type is PieceType.NORMAL:
            return piece.score
        if piece.type is PieceType.USER_DEFINED:
            return max(len(piece.text.encode("utf-8")) * highest - 0.1, lowest)
        return max(piece.score, lowest)

    ((unknown, _),) = model.of_type(PieceType.UNKNOWN)
    return {
        "type": "Unigram",
        "unk_id": unknown,
        "vocab": [[piece.text, score(piece)] for piece in model.pieces],
        "byte_fallback": model.byte_fallback,
    }


def _bpe(model: SentencePieceModel) -> JsonObject:
    """BPE, and characters, which are BPE without merges."""
    ((_, unknown),) = model.of_type(PieceType.UNKNOWN)
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": unknown.text,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": True,
        "byte_fallback": model.byte_fallback,
        "ignore_merges": bool(model.of_type(PieceType.USER_DEFINED)),
        "vocab": {piece.text: index for index, piece in enumerate(model.pieces)},
        "merges": [] if model.model_type is ModelType.CHAR else _merges_by_score(model),
    }


def _merges_by_score(model: SentencePieceModel) -> list[list[str]]:
    """Every way to put a piece together from two, those of the best piece first."""
    score_of = {piece.text: piece.score for _, piece in model.of_type(PieceType.NORMAL)}
    merges: list[tuple[float, str, str]] = []
    places = merge_places(map(len, score_of))
    for text, score in score_of.items():
        for place in places[len(text)]:
            left, right = text[:place], text[place:]
            if left in score_of and right in score_of:
                merges.append((-score, left, right))
    # stable, so pieces of one score stay in the order of their ids
    merges.sort(key=lambda merge: merge[0])
    return [[left, right] for _, left, right in merges]


def _decoder(model: SentencePieceModel) -> JsonObject:
    ((_, unknown),) = model.of_type(PieceType.UNKNOWN)
    controls = [_escape(piece.text) for _, piece in model.of_type(PieceType.CONTROL)]
    parts: list[JsonObject] = []
    if controls:
        parts.append(_replace(rf"\A(?:{'|'.join(controls)})\z", ""))
    parts.append(_replace(rf"\A{_escape(unknown.text)}\z", model.unk_surface))
    if model.byte_fallback:
        parts.append({"type": "ByteFallback"})
    parts.append({"type": "Fuse"})
    # before ▁ becomes a space, as the space that an unknown token begins with stays
    if model.remove_extra_whitespaces:
        parts.append(_replace(rf"\A{_SPACE}+", ""))
    elif model.add_dummy_prefix:
        parts.append(_replace(rf"\A{_SPACE}", ""))
    parts.append(_replace(_SPACE, " ", regex=False))
    return {"type": "Sequence", "decoders": parts}


def _changes(charsmap: Charsmap, text: str) -> bool:
    """Whether the map has something else for a part of `text`."""
    for place in range(len(text)):
        found = charsmap.find(text[place : place + MAX_KEY_BYTES])
        if found is not None and not text.startswith(found, place):
            return True
    return False
