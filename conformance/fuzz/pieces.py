"""Pieces of a vocabulary -> the texts that they stand for."""

from __future__ import annotations

__all__ = ["ALPHABET", "bare", "bytes_as_text", "is_text"]


def _alphabet() -> tuple[str, ...]:
    kept = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    moved = iter(range(256, 512))
    return tuple(chr(byte if byte in kept else next(moved)) for byte in range(256))


# how byte-level BPE writes each byte: printable ones as themselves
ALPHABET = _alphabet()
_BYTES = {character: byte for byte, character in enumerate(ALPHABET)}


def is_text(piece: str) -> bool:
    """Whether it has no lone surrogate, which JSON can write and no text can hold."""
    return not any("\ud800" <= character <= "\udfff" for character in piece)


def bare(piece: str) -> str:
    """A piece without the marks that say where in a word it stands."""
    for mark in ("##", "\u2581", "\u0120"):
        piece = piece.removeprefix(mark)
    return piece.removesuffix("</w>")


def bytes_as_text(piece: str) -> str:
    """What a byte-level piece stands for; any other piece is left as it is."""
    if not all(character in _BYTES for character in piece):
        return piece
    return bytes(_BYTES[character] for character in piece).decode("utf-8", "replace")
