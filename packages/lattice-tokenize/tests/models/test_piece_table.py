"""`models/piece_table.py`: every piece at every place, and nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.flat_texts import FlatTexts
from lattice_tokenize.models.piece_table import NO_PIECE, PieceTable


def found(table: PieceTable, words: list[str], base: int) -> set[tuple[int, int, int]]:
    """(word, start, piece) of all that a walk from every character finds."""
    codes, starts = table.codes(FlatTexts.of(words))
    owner = {
        int(start) + i: (word, i)
        for word, start in enumerate(starts)
        for i in range(len(words[word]))
    }
    places = np.array(sorted(owner), np.int64)
    return {
        (*owner[int(place)], int(piece))
        for length, at, slots in table.walk(codes, places, base)
        for place, piece in zip(at, table.piece_at[slots], strict=True)
        if piece != NO_PIECE
    }


def test_pieces_of_all_lengths_at_a_place() -> None:
    table = PieceTable(["a", "ab", "abc", "bc", "x"])
    assert found(table, ["abcz"], table.root) == {(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 3)}


def test_no_piece_reaches_into_the_next_word() -> None:
    table = PieceTable(["ab", "a\0b", "\0"])
    assert found(table, ["a", "b"], table.root) == set()
    assert found(table, ["a\0b"], table.root) == {(0, 0, 1), (0, 1, 2)}


def test_descending_to_a_prefix() -> None:
    table = PieceTable(["##a", "##ab", "a"])
    assert found(table, ["ab"], table.descend("##")) == {(0, 0, 0), (0, 0, 1)}
    assert table.descend("") == table.root
    assert found(table, ["ab"], table.descend("#a")) == set()
    assert found(table, ["ab"], table.descend("##ab")) == set()


def test_nothing_is_found_in_an_empty_table() -> None:
    for pieces in ([], [""]):
        table = PieceTable(pieces)
        assert found(table, ["", "ab"], table.root) == set()


def test_thousands_of_children_of_one_node() -> None:
    characters = [chr(0x4E00 + i) for i in range(5000)]
    table = PieceTable([*characters, *("一" + character for character in characters)])
    assert found(table, [characters[7] + "一", "一" + characters[4999]], table.root) == {
        *((0, 0, 7), (0, 1, 0)),
        *((1, 0, 0), (1, 1, 4999), (1, 0, 9999)),
    }


@given(
    pieces=st.sets(st.text("ab一𝒳", max_size=5), max_size=30),
    words=st.lists(st.text("ab一𝒳z", max_size=9), max_size=5),
)
def test_same_as_looking_everywhere(pieces: set[str], words: list[str]) -> None:
    ordered = sorted(pieces)
    table = PieceTable(ordered)
    assert found(table, words, table.root) == {
        (row, start, piece)
        for row, word in enumerate(words)
        for start in range(len(word))
        for piece, text in enumerate(ordered)
        if text and word.startswith(text, start)
    }
