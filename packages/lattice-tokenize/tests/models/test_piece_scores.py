"""`models/piece_scores.py`: which pieces there are, what they score, and what is unknown."""

from __future__ import annotations

import math

import numpy as np
from lattice_tokenize.models.piece_scores import UNKNOWN, UNREACHED, PieceScores


def slot_of(pieces: PieceScores, text: str) -> int:
    table = pieces.table
    slot, base = UNREACHED, table.root
    for code in table.code_of[[ord(character) for character in text]].tolist():
        slot = base + code
        assert table.code_at[slot] == code
        base = int(table.base_at[slot])
    return slot


def test_a_character_that_only_begins_pieces_is_unknown() -> None:
    pieces = PieceScores({"ab": 0, "b": 1, "abbb": 2}, np.array([-1.0, -2.0, -5.0]), unk_id=1)
    assert pieces.unknown_score == -15.0
    for text, token_id, score in (
        ("ab", 0, -1.0),
        ("b", 1, -2.0),
        ("a", UNKNOWN, -15.0),
        ("abb", UNKNOWN, -math.inf),
        ("", UNKNOWN, -math.inf),
    ):
        slot = slot_of(pieces, text)
        assert (pieces.id_at[slot], pieces.score_at[slot]) == (token_id, score)


def test_whether_every_character_is_a_piece() -> None:
    for vocab, every in (
        ({"a": 0, "b": 1, "ab": 2}, True),
        ({"a": 0, "ab": 1}, False),  # "b" begins nothing
        ({"a": 0, "ba": 1}, False),  # "b" begins a piece
        ({}, True),
    ):
        pieces = PieceScores(vocab, np.zeros(3), unk_id=None)
        assert pieces.every_character_is_a_piece is every
