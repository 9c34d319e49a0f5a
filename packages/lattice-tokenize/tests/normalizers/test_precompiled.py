"""`charsmap.py`, `graphemes.py`, `precompiled.py`; what is expected was asked from the oracle."""

from __future__ import annotations

import base64
import struct
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.component import component_to_json
from lattice_tokenize.errors import TokenizerFileError
from lattice_tokenize.normalizers import Precompiled, read_normalizer
from lattice_tokenize.normalizers.charsmap import Charsmap
from lattice_tokenize.normalizers.graphemes import may_hold_short_grapheme

FIRST_BYTES = [*range(0x01, 0x80), *range(0xC2, 0xF5)]


def charsmap_blob(rules: Mapping[bytes, str]) -> bytes:
    """A trie in which each node has a block of 256 units of its own, and the texts."""
    texts = b""
    units = [0] * 256
    blocks = {b"": 0x100}
    units[0] = 0x100 << 10
    units += [0] * 256
    for key, text in rules.items():
        for length in range(1, len(key) + 1):
            prefix, byte = key[:length], key[length - 1]
            if prefix not in blocks:
                blocks[prefix] = len(units)
                units += [0] * 256
                place = blocks[prefix[:-1]] ^ byte
                units[place] = byte | (place ^ blocks[prefix]) << 10
        units[blocks[key[:-1]] ^ key[-1]] |= 0x100
        units[blocks[key]] = 1 << 31 | len(texts)
        texts += text.encode() + b"\0"
    return struct.pack(f"<{len(units) + 1}I", 4 * len(units), *units) + texts


def normalizer(blob: bytes) -> Precompiled:
    return Precompiled(Charsmap(base64.b64encode(blob).decode()))


BLOB = charsmap_blob(
    {
        b"a": "X",
        b"\r\n": "|",
        b"\t": " ",
        b"\x1e": "",
        "ﬁ".encode(): "fi",
        "™".encode(): "TM",
        "e\u0301".encode(): "é",
        "é".encode(): "E",
        "한".encode(): "han",
        b"\xe3": "kana",  # what begins with this byte, which is no whole character
    }
)
NORMALIZER = normalizer(BLOB)
# every character becomes a Y, and so does every grapheme of fewer than six bytes
FIRST_BYTE_ONLY = normalizer(charsmap_blob({bytes([byte]): "Y" for byte in FIRST_BYTES}))


@pytest.mark.parametrize(
    ("text", "expected", "offsets"),
    [
        ("", "", []),
        ("banana", "bXnXnX", [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]),
        ("fi ﬁ", "fi fi", [(0, 1), (1, 2), (2, 3), (3, 4), (3, 4)]),
        # a grapheme of fewer than six bytes: the first match replaces all of it
        ("e\u0301", "é", [(0, 1)]),
        ("e\u0301\u0302", "é", [(0, 1)]),
        ("xe\u0302", "xe\u0302", [(0, 1), (1, 2), (2, 3)]),
        ("a\u0301\u0302b", "Xb", [(0, 1), (3, 4)]),
        ("a\u0301\u0302\u0303b", "X\u0301\u0302\u0303b", [(i, i + 1) for i in range(5)]),
        ("é\u0301x", "Ex", [(0, 1), (2, 3)]),
        ("ﬁ\u0301", "fi", [(0, 1), (1, 2)]),
        ("one\r\ntwo", "one|two", [*((i, i + 1) for i in range(4)), (5, 6), (6, 7), (7, 8)]),
        ("\r\u0301\n", "\r\u0301\n", [(0, 1), (1, 2), (2, 3)]),
        # what is dropped at the beginning shifts the places of what follows
        ("\x1eb\x1e\x1ec", "bc", [(0, 1), (3, 4)]),
        ("b\x1e", "b", [(0, 1)]),
        ("\x1e", "", []),
        # a new character before a dropped one stands for that
        ("™\x1eg", "TMg", [(0, 1), (1, 2), (2, 3)]),
        ("™\x1e\x1egh", "TMgh", [(0, 1), (1, 2), (3, 4), (4, 5)]),
        ("한나", "han나", [(0, 1), (0, 1), (0, 1), (1, 2)]),
        # part of a character is a match for all of it
        ("か\u3099", "kanakana", [(0, 1)] * 4 + [(1, 2)] * 4),
        # no match has a NUL in it or behind it
        ("\0a", "\0X", [(0, 1), (1, 2)]),
        ("z\0\u0301a", "z\0\u0301X", [(0, 1), (1, 2), (2, 3), (3, 4)]),
    ],
)
def test_replaces_and_aligns(text: str, expected: str, offsets: list[tuple[int, int]]) -> None:
    assert NORMALIZER(text) == expected
    aligned = NORMALIZER.align(AlignedText.of(text))
    assert aligned.text == expected
    assert list(zip(aligned.starts, aligned.ends, strict=True)) == offsets


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("a\u0301\u0301", 1),
        ("a\u0301\u0301\u0301", 4),
        ("\u0301\u0301", 1),
        # controls join nothing, not even marks
        ("\r\n", 1),
        ("\n\r", 2),
        ("\r\u0301", 2),
        ("\u200b\u0301", 2),
        # prepended characters
        ("\u0600a", 1),
        ("\u0600\u0301\u0301", 3),
        ("\u0600\n", 2),
        # pictographs and U+200D
        ("©\u200d", 1),
        ("©\u200d©\u0301", 4),
        ("b\u200d©\u0301", 2),
        ("©\u0301\u200d©\u0301", 5),
        ("©\u200d\u200d©\u0301", 4),
        # Hangul
        ("\u1100\u1161\u0301", 3),
        ("\u1161\u1100\u0301", 2),
        ("가\u11a8\u0301", 3),
        ("가\u1161\u0301", 3),
        ("각\u1161\u0301", 2),
        # consonants around a virama
        ("\u0915\u094d\u0915\u0301", 4),
        ("\u0915\u0301\u0915\u0301", 2),
        ("\u0915\u094d\u200d\u0915\u0301", 5),
        ("\u0915\u093e\u0915\u0301", 3),
        # spacing marks
        ("a\u0e33", 1),
        # the oracle's age of Unicode: marks of 16 and 17
        ("a\u0897", 1),
        ("a\U0001e5ee", 1),
    ],
)
def test_graphemes(text: str, length: int) -> None:
    assert FIRST_BYTE_ONLY(text) == "Y" * length


PIECES = st.sampled_from(
    [
        *("a", "é", "ﬁ", "™", "\x1e", "\t", "\r", "\n", "\0", "\u0301", "\u200d", "\u0600", "©"),
        *("か", "\u3099", "한", "\u1100", "\u1161", "\u0915", "\u094d", "\u0e33", "\U000110bd"),
        *("▁", "😀"),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_both_ways_give_the_same(text: str) -> None:
    for either in (NORMALIZER, FIRST_BYTE_ONLY):
        assert either.align(AlignedText.of(text)).text == either(text)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_text_without_short_graphemes_goes_character_by_character(text: str) -> None:
    if not may_hold_short_grapheme(text):
        assert FIRST_BYTE_ONLY(text) == "".join("\0" if c == "\0" else "Y" for c in text)


def test_a_slice_of_a_text_keeps_its_places() -> None:
    aligned = NORMALIZER.align(AlignedText.of("xx™ﬁ").slice(2, 4))
    assert (aligned.text, aligned.starts, aligned.ends) == ("TMfi", [2, 2, 3, 3], [3, 3, 4, 4])


def test_a_text_that_nothing_is_done_to_is_returned_as_it_is() -> None:
    text = AlignedText.of("bcd")
    assert NORMALIZER.align(text) is text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", False), ("a", False), ("\u0301a", True), ("a\u0301", False), ("a\u0600", True)],
)
def test_reaches_over(text: str, expected: bool) -> None:
    assert NORMALIZER.reaches_over(text) is expected


def test_reads_and_writes_json() -> None:
    document = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(BLOB).decode()}
    read = read_normalizer(document, "normalizer")
    assert read == NORMALIZER
    assert component_to_json(read) == document


def test_padding_may_be_missing() -> None:
    for more in (b"", b"x", b"xx"):
        encoded = base64.b64encode(BLOB + more).decode()
        charsmap = Charsmap(encoded.rstrip("="))
        assert charsmap.find("a") == "X"
        assert charsmap.to_json() == encoded


def test_a_text_without_nul_goes_to_the_end() -> None:
    assert normalizer(charsmap_blob({b"a": "bc"})[:-1])("a") == "bc"


def test_the_shortest_key_wins() -> None:
    assert normalizer(charsmap_blob({b"e": "1", "e\u0301".encode(): "2"}))("e\u0301") == "1"


def changed(place: int, unit: int, blob: bytes = BLOB) -> bytes:
    at = 4 + 4 * place
    return blob[:at] + struct.pack("<I", unit) + blob[at + 4 :]


A_UNIT, A_LEAF = 0x100 ^ ord("a"), 0x200


@pytest.mark.parametrize(
    ("blob", "expected"),
    [
        (b"", "a trie of some bytes"),
        (b"abc", "a trie of"),
        (struct.pack("<I", 0) + b"text\0", "a trie of some bytes"),
        (struct.pack("<2I", 400, 0), "a trie of 400 bytes"),
        (b"\xff" * 8, "a trie of"),
        (BLOB + b"\xff", "texts in UTF-8"),
        (changed(0, 0xFFFFFFFF), "one that leads to unit"),
        (changed(A_UNIT, ord("a") | 0x7FFFFC00), "one that leads to unit"),
        (changed(A_LEAF, 1 << 31 | 1000), "one at byte 1000"),
        (changed(A_LEAF, 1 << 31 | 1, charsmap_blob({b"a": "é"})), "begin with a character"),
    ],
)
def test_refuses_what_leads_outside(blob: bytes, expected: str) -> None:
    encoded = base64.b64encode(blob).decode()
    with pytest.raises(TokenizerFileError, match=expected) as error:
        read_normalizer({"type": "Precompiled", "precompiled_charsmap": encoded}, "normalizer")
    assert error.value.field == "normalizer.precompiled_charsmap"


ENCODED = base64.b64encode(BLOB + b"x").decode()


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        "?",
        "é",
        ENCODED + "=",
        " " + ENCODED,
        ENCODED + "\n",
        ENCODED[:-3],
        ENCODED[:9] + "=" + ENCODED[9:],
        ENCODED.rstrip("=")[:-1] + "B==",  # bits that no byte needs
    ],
)
def test_refuses_what_is_not_base64(value: object) -> None:
    with pytest.raises(TokenizerFileError):
        read_normalizer({"type": "Precompiled", "precompiled_charsmap": value}, "normalizer")


def test_a_trie_that_goes_round_in_circles_ends() -> None:
    """Every byte leads back to the root, and x is a match: so what begins with x."""
    units = [byte | byte << 10 for byte in range(256)]
    units[ord("x")] |= 0x100
    circles = normalizer(struct.pack(f"<{len(units) + 1}I", 4 * len(units), *units) + b"!")
    assert circles("xyz \u0301 x\u0301 日本") == "!yz \u0301 ! 日本"


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "\u0301",
        "a\u0301",
        "\u0600",
        "©\u200d",
        "\u0915\u094d",
        "\u1100",
        "™\x1e",
        "\r\n",
        "😀",
    ],
)
def test_time_is_linear(text: str) -> None:
    def time_s(count: int) -> float:
        many = text * (count // len(text))
        start_s = time.process_time()
        NORMALIZER(many)
        NORMALIZER.align(AlignedText.of(many))
        return time.process_time() - start_s

    time_s(1_000)
    # four times the text: 4 if linear, 16 if quadratic
    assert time_s(80_000) < 9 * max(time_s(20_000), 0.005)
