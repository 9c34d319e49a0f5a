"""`ByteLevel`: offsets that leave out spaces."""

from __future__ import annotations

import pytest
from lattice_tokenize import Encoding
from lattice_tokenize.post_processors import ByteLevel


@pytest.mark.parametrize(
    ("token", "start", "with_prefix", "without"),
    [
        ("Ġa", 0, (0, 2), (1, 2)),
        ("Ġa", 3, (3, 5), (4, 5)),
        ("ĠĠa", 0, (2, 3), (2, 3)),  # two spaces: none of them was added
        ("ĠĠa", 3, (5, 6), (5, 6)),
        ("aĠ", 0, (0, 1), (0, 1)),
        ("ĠĠ", 0, (2, 2), (2, 2)),
        ("ĠĠ", 3, (5, 5), (5, 5)),
        ("\u2003a", 0, (0, 2), (1, 2)),
        ("\u3000a", 3, (3, 5), (4, 5)),
        ("\x1ca", 3, (3, 5), (3, 5)),  # white space to Python only
        ("Ċa", 3, (3, 5), (3, 5)),  # a line feed is no space
        ("a", 0, (0, 1), (0, 1)),
        ("ĠaĠ", 0, (0, 2), (1, 2)),
    ],
)
def test_one_token(
    token: str, start: int, with_prefix: tuple[int, int], without: tuple[int, int]
) -> None:
    encoding = Encoding([5], tokens=[token], offsets=[(start, start + len(token))])
    if start:  # the first token may have the added space wherever it stands
        encoding = Encoding.merge([Encoding([4], tokens=["x"], offsets=[(0, 1)]), encoding], False)
        with_prefix = (without[0], with_prefix[1])
    for add_prefix_space, expected in ((True, with_prefix), (False, without)):
        processed = ByteLevel(add_prefix_space).process(encoding)
        assert processed.offsets[-1] == expected


def test_the_first_token_may_have_the_added_space_wherever_it_stands() -> None:
    encoding = Encoding([5], tokens=["Ġa"], offsets=[(3, 5)])
    assert ByteLevel(add_prefix_space=True).process(encoding).offsets == [(3, 5)]


def test_tokens_of_less_text_than_spaces() -> None:
    encoding = Encoding([5, 6], tokens=["x", "ĠĠĠ"], offsets=[(0, 1), (1, 2)])
    assert ByteLevel().process(encoding).offsets == [(0, 1), (2, 2)]


def test_offsets_that_are_left_alone() -> None:
    encoding = Encoding([5], tokens=["Ġa"], offsets=[(3, 5)])
    processed = ByteLevel(add_prefix_space=False, trim_offsets=False).process(encoding)
    assert processed.offsets == [(3, 5)]
    assert processed.sequence_ranges == {0: (0, 1)}


def test_what_overflows_is_trimmed_too() -> None:
    encoding = Encoding([5, 6], tokens=["a", "Ġb"], offsets=[(0, 1), (1, 3)])
    encoding.truncate(1)
    processed = ByteLevel(add_prefix_space=False).process(encoding)
    assert processed.overflowing[0].offsets == [(2, 3)]


def test_it_adds_nothing() -> None:
    assert ByteLevel().num_special_tokens_to_add(True) == 0
    pair = ByteLevel().process(Encoding([5]), Encoding([6]))
    assert pair.ids == [5, 6]
    assert pair.type_ids == [0, 1]
    assert pair.sequence_ids == [0, 1]
