"""What is expected and what an engine says stand side by side, and what differs is marked."""

from __future__ import annotations

from typing import Any

from ..side_by_side import side_by_side


def answer(tokens: str, **others: Any) -> dict[str, Any]:
    ids = [len(token) for token in tokens.split()]
    return {"ids": ids, "tokens": tokens.split(), **others}


def test_pieces_stand_side_by_side_and_differences_are_marked() -> None:
    lines = side_by_side(
        answer("a b c", decoded="a b c"), answer("a x y c", decoded="axyc"), name="mine"
    )
    assert lines == [
        "   oracle  mine",
        "   a 1     a 1",
        "!= b 1     x 1",
        "!=         y 1",
        "   c 1     c 1",
        '!= decoded: expected "a b c", received "axyc"',
    ]


def test_the_same_piece_with_another_id_is_a_difference() -> None:
    lines = side_by_side({"ids": [1], "tokens": ["a"]}, {"ids": [2], "tokens": ["a"]}, name="m")
    assert lines[1:] == ["!= a 1     a 2"]


def test_what_cannot_be_seen_is_escaped() -> None:
    assert "\\u200b" in side_by_side(answer("a"), answer("a\u200b"), name="m")[1]


def test_long_answers_show_what_differs_and_count_the_rest() -> None:
    wanted = answer(" ".join(f"t{i}" for i in range(100)))
    received = answer(" ".join("other" if i == 90 else f"t{i}" for i in range(100)))
    lines = side_by_side(wanted, received, name="m")
    assert "!= t90 3   other 5" in lines
    assert len(lines) == 1 + 40 + 1 + 1
    assert lines[-1] == "   ... 59 more that agree"


def test_long_answers_that_differ_throughout_stay_readable() -> None:
    """A row that is padded otherwise differs in thousands of pieces, and in every list."""
    wanted = answer("a " * 5000, offsets=[[0, 1]] * 5000)
    received = answer("a", offsets=[[0, 1]])
    lines = side_by_side(wanted, received, name="m")
    assert len(lines) == 1 + 41 + 1 + 1
    assert lines[-2] == "!= ... 4959 more that differ"
    assert lines[-1] == "!= offsets: expected 5000 items, received 1"


def test_of_a_long_list_the_first_difference_is_shown() -> None:
    wanted, received = [0] * 5000, [0] * 4000 + [1] * 1000
    (line,) = side_by_side({"type_ids": wanted}, {"type_ids": received}, name="m")
    assert line == (
        "!= type_ids: from item 4000 expected [0, 0, 0, 0, 0], received [0, 1, 1, 1, 1] "
        "(5000 and 5000 items)"
    )


def test_a_vector_is_told_with_its_distance_and_its_limit() -> None:
    limit = {"max_abs_diff": 1e-3, "min_cosine": 0.5}
    expect = {"ids": [101, 7], "vector": [1.0, 0.0], "float32_error": {}}
    near = {"ids": [101, 8], "vector": [1.0, 1e-4]}
    assert side_by_side(expect, near, name="mine", limit=limit) == [
        "   oracle  mine",
        "   101     101",
        "!= 7       8",
        "   mine: vector: max abs diff 1.00e-04 (limit 1.00e-03), "
        "1 - cosine 5.0e-09 (limit 5.0e-01)",
    ]
    (far,) = side_by_side({"vector": [1.0]}, {"vector": [2.0]}, name="mine", limit=limit)
    assert far.startswith("!= mine: vector: max abs diff 1.00e+00 (limit 1.00e-03)")
    (none,) = side_by_side({"vector": [1.0]}, {}, name="mine", limit=limit)
    assert none == "!= mine: vector: expected an answer, received none"
