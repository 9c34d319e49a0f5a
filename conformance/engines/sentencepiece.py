"""SentencePiece, with a model written of the pieces and scores of a Unigram in tokenizer.json.

It claims `ids` only: its own pieces are surfaces that normalization has changed, and its decoder is
not that of the file. Added tokens are no part of a text for SentencePiece; cases show that.
"""

from __future__ import annotations

import base64
import struct
from functools import lru_cache
from typing import Any

import sentencepiece

from .protocol import Question, UnsupportedError
from .tokenizer_document import around, parts_of, plain_text, read_document

__all__ = ["SentencePieceEngine"]

Fields = dict[str, Any]
_METASPACE = "▁"
_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6  # ModelProto.SentencePiece.Type
_UNIGRAM = 1  # TrainerSpec.ModelType


class SentencePieceEngine:
    """Stage "tokenizer", for Unigram with Metaspace."""

    def __init__(self) -> None:
        self._open = lru_cache(maxsize=None)(_open)

    def versions(self) -> dict[str, str]:
        return {"sentencepiece": sentencepiece.__version__}

    def claims(self) -> dict[str, list[str]]:
        return {"tokenizer": ["ids"]}

    def ask(self, question: Question) -> dict[str, Any]:
        if question.stage != "tokenizer":
            raise UnsupportedError(f"stage {question.stage}: SentencePiece is a tokenizer")
        text = plain_text(question.input)
        opened = self._open(question.subject)
        if isinstance(opened, str):
            raise UnsupportedError(opened)
        processor, before, after = opened
        return {"ids": [*before, *processor.encode(text), *after]}

    def stop(self) -> None:
        self._open.cache_clear()


def _open(subject: str) -> tuple[Any, list[int], list[int]] | str:
    """A processor and the ids around a text, or why SentencePiece cannot have it."""
    document = read_document(subject)
    try:
        model = _model(document)
        ids = around(document)
    except UnsupportedError as error:
        return str(error)
    return sentencepiece.SentencePieceProcessor(model_proto=model), *ids


def _model(document: Fields) -> bytes:
    """The ModelProto: 1 pieces (1 text, 2 score, 3 type), 2 trainer, 3 normalizer."""
    model = document["model"]
    if model["type"] != "Unigram":
        raise UnsupportedError(f"model: the adapter writes Unigram alone, no {model['type']}")
    if model["unk_id"] is None:
        raise UnsupportedError("model.unk_id: SentencePiece needs an unknown piece")
    special = {token["content"] for token in document["added_tokens"] if token["special"]}
    proto: list[bytes] = []
    for number, (piece, score) in enumerate(model["vocab"]):
        kind = _NORMAL
        if number == model["unk_id"]:
            kind = _UNKNOWN
        elif piece in special:
            kind = _CONTROL
        elif model.get("byte_fallback") and len(piece) == 6 and piece.startswith("<0x"):
            kind = _BYTE
        text = _bytes_field(1, piece.encode())
        proto.append(_bytes_field(1, text + _float_field(2, score) + _int_field(3, kind)))
    trainer = _int_field(3, _UNIGRAM) + _int_field(35, int(bool(model.get("byte_fallback"))))
    # the ids of <unk>, <s>, </s>, <pad>; only the first matters here
    for field, number in ((40, model["unk_id"]), (41, -1), (42, -1), (43, -1)):
        trainer += _int_field(field, number)
    return b"".join([*proto, _bytes_field(2, trainer), _bytes_field(3, _normalizer(document))])


def _normalizer(document: Fields) -> bytes:
    """NormalizerSpec: 2 the charsmap, 3 a space before the text, 4 one space for many, 5 as ▁."""
    normalizers = parts_of(document["normalizer"], "normalizers")
    if [part["type"] for part in normalizers] not in ([], ["Precompiled"]):
        raise UnsupportedError("normalizer: SentencePiece has precompiled maps alone")
    *before, metaspace = parts_of(document["pre_tokenizer"], "pretokenizers") or [{"type": None}]
    kinds = [part["type"] for part in before]
    if metaspace["type"] != "Metaspace" or kinds not in ([], ["WhitespaceSplit"]):
        raise UnsupportedError("pre_tokenizer: expected Metaspace, perhaps after WhitespaceSplit")
    if metaspace["replacement"] != _METASPACE:
        raise UnsupportedError(f"pre_tokenizer: expected {_METASPACE} for a space")
    spec = b""
    for part in normalizers:
        spec += _bytes_field(2, base64.b64decode(part["precompiled_charsmap"]))
    prefix = metaspace["prepend_scheme"] != "never"
    return spec + _int_field(3, prefix) + _int_field(4, bool(kinds)) + _int_field(5, True)


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # negative numbers are written in two's complement
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def _int_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(int(value))


def _bytes_field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _float_field(number: int, value: float) -> bytes:
    return _varint(number << 3 | 5) + struct.pack("<f", value)
