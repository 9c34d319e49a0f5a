"""`truncate.py`: what is cut from a text or a pair."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import Encoding, EncodingOptionError, TokenizerFileError
from lattice_tokenize.truncate import DIRECTIONS, STRATEGIES, Truncation, read_truncation


def one_at_a_time(first: int, second: int, room: int) -> tuple[int, int]:
    """Lengths of a pair when tokens go one by one from the longer text.

    Of two texts that are equally long by then, the one that was shorter at first gives way; the
    first, if neither was.
    """
    second_was_longer = second >= first
    while first + second > room:
        if first > second or (first == second and second_was_longer):
            first -= 1
        else:
            second -= 1
    return first, second


def test_longest_first_is_cutting_one_token_at_a_time() -> None:
    for first, second, room in product(range(13), range(13), range(26)):
        cut_first, cut_second = Truncation(room).apply(
            list(range(first)), list(range(second)), special_tokens=0
        )
        assert cut_second is not None
        lengths = len(cut_first), len(cut_second)
        assert lengths == one_at_a_time(first, second, room), (first, second, room)


@pytest.mark.parametrize(
    ("first", "second", "room", "lengths"),
    [
        (3, 3, 5, (2, 3)),  # the odd token goes to the second of equals
        (4, 3, 5, (3, 2)),  # and to the longer of unequals
        (3, 4, 5, (2, 3)),
        (9, 1, 5, (4, 1)),  # a short text is not touched
        (1, 9, 5, (1, 4)),
        (2, 2, 4, (2, 2)),
        (9, 9, 0, (0, 0)),
    ],
)
def test_shares_of_a_pair(first: int, second: int, room: int, lengths: tuple[int, int]) -> None:
    cut = Truncation(room + 3).apply([1] * first, [2] * second, special_tokens=3)
    assert (len(cut[0]), len(cut[1] or [])) == lengths


@pytest.mark.parametrize(
    ("strategy", "direction", "cut"),
    [
        ("LongestFirst", "Right", ([1, 2, 3], [6, 7])),
        ("LongestFirst", "Left", ([2, 3, 4], [6, 7])),
        ("OnlyFirst", "Right", ([1, 2, 3], [6, 7])),
        ("OnlyFirst", "Left", ([2, 3, 4], [6, 7])),
        ("OnlySecond", "Right", ([1, 2, 3, 4], [6])),
        ("OnlySecond", "Left", ([1, 2, 3, 4], [7])),
    ],
)
def test_strategies_and_directions(
    strategy: str, direction: str, cut: tuple[list[int], list[int]]
) -> None:
    truncation = Truncation(8, strategy, direction)
    assert truncation.apply([1, 2, 3, 4], [6, 7], special_tokens=3) == cut


@pytest.mark.parametrize(("direction", "cut"), [("Right", [1, 2, 3]), ("Left", [3, 4, 5])])
@pytest.mark.parametrize("strategy", ["LongestFirst", "OnlyFirst"])
def test_a_text_alone(strategy: str, direction: str, cut: list[int]) -> None:
    truncation = Truncation(5, strategy, direction)
    assert truncation.apply([1, 2, 3, 4, 5], None, special_tokens=2) == (cut, None)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_just_fits_is_not_cut(strategy: str, direction: str) -> None:
    truncation = Truncation(7, strategy, direction)
    assert truncation.apply([1, 2], [3, 4], special_tokens=3) == ([1, 2], [3, 4])
    assert truncation.apply([1, 2, 3, 4, 5], None, special_tokens=2) == ([1, 2, 3, 4, 5], None)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_no_room_leaves_no_token_of_a_text(direction: str) -> None:
    # ids[-0:] would be all of them
    assert Truncation(2, direction=direction).apply([1, 2], None, special_tokens=2) == ([], None)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_without_room_for_the_special_tokens_nothing_is_cut(strategy: str) -> None:
    """As the oracle, whose subtraction wraps round."""
    truncation = Truncation(1, strategy)
    assert truncation.apply([1, 2], [3], special_tokens=2) == ([1, 2], [3])
    cut, _ = truncation.truncate(Encoding([1, 2]), None, special_tokens=2)
    assert (cut.ids, cut.overflowing) == ([1, 2], [])


@pytest.mark.parametrize(
    ("strategy", "first", "second", "received"),
    [
        ("OnlyFirst", [1], [1] * 9, "1 tokens"),
        ("OnlyFirst", [1] * 5, [1] * 5, "5 tokens"),  # would leave nothing of it
        ("OnlySecond", [1] * 9, [1], "1 tokens"),
        ("OnlySecond", [1] * 9, None, "no second text"),
    ],
)
def test_a_strategy_that_cannot_make_room_is_refused(
    strategy: str, first: list[int], second: list[int] | None, received: str
) -> None:
    with pytest.raises(EncodingOptionError) as caught:
        Truncation(5, strategy).apply(first, second, special_tokens=0)
    assert caught.value.field == "truncation.strategy"
    assert strategy in caught.value.expected
    assert caught.value.received == received


def test_the_last_token_of_the_target_is_not_asked_for() -> None:
    cut = Truncation(6, "OnlyFirst").apply([1] * 5, [2] * 5, special_tokens=0)
    assert cut == ([1], [2] * 5)


LENGTHS = st.integers(0, 20)


@given(LENGTHS, st.none() | LENGTHS, st.integers(0, 30), st.integers(0, 3), st.data())
def test_what_remains_fits_and_is_one_end_of_each_text(
    first_length: int, second_length: int | None, room: int, special: int, data: st.DataObject
) -> None:
    direction = data.draw(st.sampled_from(DIRECTIONS))
    first = list(range(first_length))
    second = None if second_length is None else list(range(100, 100 + second_length))
    truncation = Truncation(room + special, direction=direction)
    cut = truncation.apply(first, second, special_tokens=special)
    total = first_length + (second_length or 0)
    assert len(cut[0]) + len(cut[1] or []) == min(total, room)
    assert (cut[1] is None) == (second is None)
    for whole, part in zip((first, second or []), (cut[0], cut[1] or []), strict=True):
        start = 0 if direction == "Right" else len(whole) - len(part)
        assert part == whole[start : start + len(part)]


@pytest.mark.parametrize("strategy", ["LongestFirst", "OnlyFirst", "OnlySecond"])
def test_without_room_nothing_of_any_text_is_left(strategy: str) -> None:
    """As the oracle, whatever the strategy."""
    truncation = Truncation(3, strategy)
    assert truncation.apply([1, 2, 3, 4], [9], special_tokens=3) == ([], [])
    assert truncation.apply([1], None, special_tokens=3) == ([], None)


@pytest.mark.parametrize(
    ("strategy", "direction", "first", "second"),
    [
        ("LongestFirst", "Right", [[1, 2], [2, 3], [3, 4], [4, 5]], [[6, 7], [7, 8]]),
        ("LongestFirst", "Left", [[4, 5], [3, 4], [2, 3], [1, 2]], [[7, 8], [6, 7]]),
        ("OnlyFirst", "Right", None, None),
        ("OnlySecond", "Left", None, None),
    ],
)
def test_overflowing_parts_of_a_pair(
    strategy: str, direction: str, first: list[list[int]] | None, second: list[list[int]] | None
) -> None:
    texts = Encoding([1, 2, 3, 4, 5]), Encoding([6, 7, 8])
    truncation = Truncation(7, strategy, direction, stride=1)
    if first is None:  # the other text would have to give all it has
        with pytest.raises(EncodingOptionError):
            truncation.truncate(*texts, special_tokens=5)
        return
    cut = truncation.truncate(*texts, special_tokens=3)
    assert cut[1] is not None
    assert [part.ids for part in (cut[0], *cut[0].overflowing)] == first
    assert [part.ids for part in (cut[1], *cut[1].overflowing)] == second
    assert [len(text) for text in texts] == [5, 3]  # what came in is not changed


@pytest.mark.parametrize("strategy", ["OnlyFirst", "LongestFirst"])
def test_a_stride_that_leaves_no_progress_is_refused(strategy: str) -> None:
    truncation = Truncation(5, strategy, stride=3)
    for attempt in (
        lambda: truncation.apply([1, 2, 3, 4], None, special_tokens=2),
        lambda: truncation.truncate(Encoding([1, 2, 3, 4]), None, special_tokens=2),
    ):
        with pytest.raises(EncodingOptionError, match=r"truncation\.stride: expected less than 3"):
            attempt()


def test_a_stride_does_not_matter_where_nothing_or_everything_is_cut() -> None:
    truncation = Truncation(2, stride=9)
    assert truncation.apply([1, 2], None, special_tokens=0) == ([1, 2], None)
    cut, _ = truncation.truncate(Encoding([1, 2]), None, special_tokens=2)
    assert (cut.ids, [part.ids for part in cut.overflowing]) == ([], [[1, 2]])


@given(
    LENGTHS,
    st.none() | LENGTHS,
    st.integers(0, 30),
    st.sampled_from(STRATEGIES),
    st.sampled_from(DIRECTIONS),
)
def test_encodings_are_cut_as_lists_are(
    first: int, second: int | None, room: int, strategy: str, direction: str
) -> None:
    lists = list(range(first)), None if second is None else list(range(second))
    texts = Encoding(list(lists[0])), None if lists[1] is None else Encoding(list(lists[1]))
    truncation = Truncation(room, strategy, direction)
    try:
        cut = truncation.apply(*lists, special_tokens=0)
    except EncodingOptionError as error:
        with pytest.raises(EncodingOptionError, match=error.expected):
            truncation.truncate(*texts, special_tokens=0)
        return
    encodings = truncation.truncate(*texts, special_tokens=0)
    assert encodings[0].ids == cut[0]
    assert (None if encodings[1] is None else encodings[1].ids) == cut[1]


def test_reading_and_writing() -> None:
    value = {"direction": "Left", "max_length": 8, "strategy": "OnlySecond", "stride": 2}
    truncation = read_truncation(value)
    assert truncation == Truncation(8, "OnlySecond", "Left", 2)
    assert list(truncation.to_json().items()) == list(value.items())
    assert read_truncation(None) is None
    old = read_truncation({"max_length": 8, "strategy": "LongestFirst", "stride": 0})
    assert old == Truncation(8)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"max_length": -1}, "truncation.max_length"),
        ({"max_length": None}, "truncation.max_length"),
        ({"stride": "1"}, "truncation.stride"),
        ({"strategy": "longest_first"}, "truncation.strategy"),
        ({"direction": "right"}, "truncation.direction"),
        ({"more": 1}, "truncation.more"),
    ],
)
def test_what_cannot_be_read(change: dict[str, object], field: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        read_truncation({"max_length": 8, "strategy": "LongestFirst", "stride": 0, **change})
    assert caught.value.field == field
