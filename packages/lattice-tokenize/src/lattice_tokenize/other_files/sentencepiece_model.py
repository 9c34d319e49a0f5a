"""A SentencePiece `.model` -> `SentencePieceModel`: its pieces and settings, checked.

The file is a protobuf message, `ModelProto` of sentencepiece_model.proto. Read are the fields that
decide ids; those that only training used (`normalization_rule_tsv` among them, whose compiled form
is the map) and those unknown here are left out, as SentencePiece leaves them out. The checks are
those of SentencePiece: one unknown piece, no piece empty or twice, 256 byte pieces or none.

What becomes of a model is told by `sentencepiece_document`, for a `.model` alone, and by
`sentencepiece_classes`, for one that a class of transformers uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from ..errors import TokenizerFileError
from .protobuf_fields import ProtobufFields
from .text_file import read_bytes

__all__ = [
    "ModelType",
    "Piece",
    "PieceType",
    "SentencePieceModel",
    "parse_sentencepiece_model",
    "read_sentencepiece_model",
]


class PieceType(IntEnum):
    """What a piece is for, with the numbers of the format."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


class ModelType(IntEnum):
    """How a model cuts text, with the numbers of the format."""

    UNIGRAM = 1
    BPE = 2
    WORD = 3
    CHAR = 4


@dataclass(frozen=True)
class Piece:
    """One piece; its place in the list is its id."""

    text: str
    score: float = 0.0
    type: PieceType = PieceType.NORMAL


@dataclass(frozen=True)
class SentencePieceModel:
    """The settings have the names and the defaults of the format."""

    pieces: tuple[Piece, ...]
    where: str = ".model"
    model_type: ModelType = ModelType.UNIGRAM
    treat_whitespace_as_suffix: bool = False
    byte_fallback: bool = False
    unk_id: int = 0
    unk_piece: str = "<unk>"
    unk_surface: str = " \u2047 "
    precompiled_charsmap: bytes = b""
    denormalizer_charsmap: bytes = b""
    add_dummy_prefix: bool = True
    remove_extra_whitespaces: bool = True
    escape_whitespaces: bool = True

    def of_type(self, *types: PieceType) -> list[tuple[int, Piece]]:
        """(id, piece) of the pieces of these types.

        >>> model = SentencePieceModel((Piece("<unk>", type=PieceType.UNKNOWN), Piece("a", -1.0)))
        >>> [token_id for token_id, _ in model.of_type(PieceType.NORMAL)]
        [1]
        """
        return [(index, piece) for index, piece in enumerate(self.pieces) if piece.type in types]


_TRAINER = {
    3: ("model_type", "integer"),
    24: ("treat_whitespace_as_suffix", "boolean"),
    35: ("byte_fallback", "boolean"),
    40: ("unk_id", "integer"),
    44: ("unk_surface", "text"),
    45: ("unk_piece", "text"),
}
_NORMALIZER = {
    2: ("precompiled_charsmap", "stretch"),
    3: ("add_dummy_prefix", "boolean"),
    4: ("remove_extra_whitespaces", "boolean"),
    5: ("escape_whitespaces", "boolean"),
}
_DENORMALIZER = {2: ("denormalizer_charsmap", "stretch")}
_SETTINGS = {2: _TRAINER, 3: _NORMALIZER, 5: _DENORMALIZER}


def read_sentencepiece_model(path: Path) -> SentencePieceModel:
    """Raises `TokenizerFileError` naming the byte, or the piece."""
    return parse_sentencepiece_model(read_bytes(path), str(path))


def parse_sentencepiece_model(content: bytes, where: str = ".model") -> SentencePieceModel:
    """The model in `content`; `where` names it in errors.

    >>> parse_sentencepiece_model(b"").pieces
    Traceback (most recent call last):
    lattice_tokenize.errors.TokenizerFileError: .model: expected a SentencePiece model with \
pieces, received none. Fetch the file again.
    """
    pieces: list[Piece] = []
    settings: dict[str, Any] = {}
    fields = ProtobufFields(memoryview(content), where, 0)
    for number, value in fields:
        if number == 1:
            pieces.append(_read_piece(fields.message(value)))
        elif number in _SETTINGS:
            message = fields.message(value)
            for inner, inner_value in message:
                if inner in _SETTINGS[number]:
                    name, kind = _SETTINGS[number][inner]
                    settings[name] = getattr(message, kind)(inner_value)
    if not pieces:
        raise TokenizerFileError(
            where, "a SentencePiece model with pieces", "none", "Fetch the file again."
        )
    model_type = settings.pop("model_type", ModelType.UNIGRAM)
    if model_type not in list(ModelType):
        raise TokenizerFileError(f"{where}: model_type", "a number from 1 to 4", str(model_type))
    model = SentencePieceModel(
        tuple(pieces),
        where,
        ModelType(model_type),
        **settings,
    )
    _check(model)
    return model


def _read_piece(fields: ProtobufFields) -> Piece:
    text, score, kind = "", 0.0, int(PieceType.NORMAL)
    for number, value in fields:
        if number == 1:
            text = fields.text(value)
        elif number == 2:
            score = fields.number(value)
        elif number == 3:
            kind = fields.integer(value)
    if kind not in _TYPES:
        raise fields.error("a type of piece from 1 to 6", str(kind))
    return Piece(text, score, _TYPES[kind])


_TYPES = {int(kind): kind for kind in PieceType}
_BYTES = {f"<0x{byte:02X}>" for byte in range(256)}


def _check(model: SentencePieceModel) -> None:
    where = model.where
    id_of: dict[str, int] = {}
    for index, piece in enumerate(model.pieces):
        if not piece.text:
            raise TokenizerFileError(f"{where}: piece {index}", "a text", "an empty one")
        other = id_of.setdefault(piece.text, index)
        if other != index:
            raise TokenizerFileError(
                f"{where}: piece {index}",
                "pieces that differ",
                f"{piece.text!r}, which piece {other} is",
            )
        if piece.type is PieceType.BYTE and piece.text not in _BYTES:
            raise TokenizerFileError(
                f"{where}: piece {index}", "a byte such as <0x0A>", repr(piece.text[:60])
            )
    unknown = len(model.of_type(PieceType.UNKNOWN))
    if unknown != 1:
        raise TokenizerFileError(where, "one piece of the type UNKNOWN", str(unknown))
    byte_pieces = len(model.of_type(PieceType.BYTE))
    if byte_pieces != (256 if model.byte_fallback else 0):
        raise TokenizerFileError(
            where,
            "256 byte pieces with byte_fallback, none without",
            f"{byte_pieces} {'with' if model.byte_fallback else 'without'} it",
        )
