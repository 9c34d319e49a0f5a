"""`decode_stream.py`: text as soon as it is certain."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import DecodeStream, EncodingOptionError, TokenizeError


class BytesAsIds:
    """Each id is a byte; 256 is a special token."""

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = True) -> str:
        special = b"" if skip_special_tokens else b"<s>"
        text = b"".join(special if i == 256 else bytes([i]) for i in ids)
        return text.decode("utf-8", "replace")


class Words:
    """Each id is a word, with a space before it unless it is the first."""

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = True) -> str:
        return " ".join(f"w{i}" for i in ids)


class Fickle:
    """A text that is not continued but changed by what follows."""

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = True) -> str:
        return "ab" * len(ids) if len(ids) % 2 else "cd" * len(ids)


def test_words_keep_their_spaces() -> None:
    stream = DecodeStream()
    assert [stream.step(Words(), i) for i in (1, 2, 3)] == ["w1", " w2", " w3"]


def test_a_character_of_several_tokens_waits() -> None:
    stream = DecodeStream()
    ids = [*"aé".encode(), *"😀".encode(), 0x62]
    assert [stream.step(BytesAsIds(), i) for i in ids] == [
        *("a", None, "é"),
        *(None, None, None, "😀"),
        "b",
    ]


def test_several_ids_in_one_step() -> None:
    stream = DecodeStream()
    assert stream.step(BytesAsIds(), list(b"ab\xc3")) is None
    assert stream.step(BytesAsIds(), (0xA9, 0x63)) == "abéc"
    assert stream.step(BytesAsIds(), []) is None


def test_ids_said_before_are_not_said_again() -> None:
    stream = DecodeStream(ids=[1, 2])
    assert stream.step(Words(), 3) == " w3"
    assert DecodeStream([]).step(Words(), 3) == "w3"
    # where they end within a character, all of it is new
    assert DecodeStream(ids=[0x61, 0xC3]).step(BytesAsIds(), 0xA9) == "aé"


def test_special_tokens() -> None:
    assert DecodeStream().step(BytesAsIds(), 256) == "<s>"
    assert DecodeStream(skip_special_tokens=True).step(BytesAsIds(), 256) is None


def test_what_has_been_said_cannot_be_changed() -> None:
    stream = DecodeStream()
    assert stream.step(Fickle(), 1) == "ab"
    with pytest.raises(TokenizeError, match="one that continues 'ab', received 2"):
        stream.step(Fickle(), 2)


def test_text_that_is_no_longer_is_not_compared() -> None:
    """The oracle counts bytes: `é` is longer than `b`, and not how it begins."""

    class Changing:
        def decode(self, ids: Sequence[int], skip_special_tokens: bool = True) -> str:
            return ["", "b", "a", "é"][len(ids)]

    stream = DecodeStream()
    assert stream.step(Changing(), 1) == "b"
    assert stream.step(Changing(), 1) is None
    with pytest.raises(TokenizeError):
        stream.step(Changing(), 1)


def test_integers_of_numpy_are_ids() -> None:
    stream = DecodeStream()
    assert stream.step(BytesAsIds(), np.int64(0x61)) == "a"
    assert stream.step(BytesAsIds(), [np.int32(0xC3), np.int32(0xA9)]) == "é"


@pytest.mark.parametrize("wrong", ["12", [1, "2"], None, 1.0])
def test_what_is_no_id_is_refused(wrong: Any) -> None:
    with pytest.raises(EncodingOptionError):
        DecodeStream().step(Words(), wrong)


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy])
def test_copies_go_their_own_way(clone: Callable[[DecodeStream], DecodeStream]) -> None:
    stream = DecodeStream()
    stream.step(BytesAsIds(), 0xC3)
    other = clone(stream)
    assert stream.step(BytesAsIds(), 0xA9) == "é"
    assert other.step(BytesAsIds(), 0xA8) == "è"


@given(st.text())
def test_all_that_is_said_is_the_text(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    stream = DecodeStream()
    said = [stream.step(BytesAsIds(), byte) for byte in f"{text}.".encode()]
    if "\ufffd" not in text:  # which looks like a character that is not complete
        assert "".join(filter(None, said)) == f"{text}."
