"""`models/bpe.py`: merges in the order of their ranks. Expected values are the oracle's."""

from __future__ import annotations

from time import process_time

import pytest
from lattice_tokenize.errors import TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.models import BPE, Token, read_model

BYTES = {f"<0x{byte:02X}>": byte for byte in range(256)}


def tuples(model: BPE, word: str) -> list[tuple[int, str, tuple[int, int]]]:
    return [(t.id, t.value, (t.start, t.stop)) for t in model.tokenize(word)]


def test_the_lowest_rank_goes_first_wherever_it_is() -> None:
    vocab = {"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4, "abc": 5}
    model = BPE(vocab, [("b", "c"), ("a", "b"), ("ab", "c"), ("a", "bc")])
    assert tuples(model, "abc") == [(5, "abc", (0, 3))]
    assert tuples(model, "abab") == [(3, "ab", (0, 2)), (3, "ab", (2, 4))]


def test_a_merge_may_come_before_those_that_make_its_parts() -> None:
    vocab = {"a": 0, "b": 1, "ab": 3, "aba": 4, "abab": 5}
    model = BPE(vocab, [("aba", "b"), ("ab", "a"), ("a", "b")])
    assert tuples(model, "ababab") == [(5, "abab", (0, 4)), (3, "ab", (4, 6))]


def test_of_equal_ranks_the_leftmost_goes_first() -> None:
    model = BPE({"a": 0, "aa": 1, "aaa": 2}, [("a", "aa"), ("a", "a"), ("aa", "a")])
    assert tuples(model, "aaaaaaa") == [(1, "aa", (0, 2)), (1, "aa", (2, 4)), (2, "aaa", (4, 7))]


def test_prefix_and_suffix() -> None:
    model = BPE(
        {"a": 0, "##b": 1, "ab": 2, "##b</w>": 3, "ab</w>": 4, "a</w>": 5},
        [("a", "##b"), ("a", "##b</w>")],
        continuing_subword_prefix="##",
        end_of_word_suffix="</w>",
    )
    assert tuples(model, "a") == [(5, "a</w>", (0, 1))]
    assert tuples(model, "ab") == [(4, "ab</w>", (0, 2))]
    assert tuples(model, "abb") == [(2, "ab", (0, 2)), (3, "##b</w>", (2, 3))]
    assert tuples(model, "ba") == []


def test_bytes_of_an_unknown_character_cover_it() -> None:
    model = BPE({**BYTES, "a": 256, "b": 259}, [], byte_fallback=True)
    assert tuples(model, "aéb") == [
        (256, "a", (0, 1)),
        (195, "<0xC3>", (1, 2)),
        (169, "<0xA9>", (1, 2)),
        (259, "b", (2, 3)),
    ]


def test_an_unknown_token_waits_until_bytes_are_written() -> None:
    some = {token: byte for token, byte in BYTES.items() if byte != 0xF0}
    vocab = {**some, "a": 256, "b": 259, "[U]": 260}
    model = BPE(vocab, [], byte_fallback=True, unk_token="[U]", fuse_unk=True)
    assert tuples(model, "a😀éb") == [
        (256, "a", (0, 1)),
        (195, "<0xC3>", (1, 2)),
        (169, "<0xA9>", (1, 2)),
        (260, "[U]", (1, 3)),
        (259, "b", (3, 4)),
    ]
    assert [t.id for t in model.tokenize("😀é😀b")] == [195, 169, 260, 259]


def test_bytes_of_a_prefix_do_not_run_past_the_word() -> None:
    vocab = {**BYTES, "a": 256}
    model = BPE(vocab, [], byte_fallback=True, continuing_subword_prefix="##")
    assert [t.id for t in model.tokenize("aé")] == [256, 35, 35, 195, 169]
    assert all(0 <= t.start <= t.stop <= 2 for t in model.tokenize("aé"))


def test_an_unknown_character_without_unknown_token_is_dropped() -> None:
    model = BPE({"a": 256, "b": 259}, [])
    # what follows moves to the left by its bytes, as in the oracle
    assert tuples(model, "éab") == [(256, "a", (0, 1)), (259, "b", (0, 1))]
    assert tuples(model, "é😀") == []
    assert model.ids(["é😀", "éab"]) == [(), (256, 259)]


@pytest.mark.parametrize(("fuse", "ids"), [(False, [9, 9, 0, 9]), (True, [9, 0, 9])])
def test_unknown_characters(fuse: bool, ids: list[int]) -> None:
    model = BPE({"a": 0, "<unk>": 9}, [], unk_token="<unk>", fuse_unk=fuse)
    assert [t.id for t in model.tokenize("xéay")] == ids


def test_an_unknown_token_that_is_no_token_is_an_error_where_it_is_needed() -> None:
    model = BPE({"a": 0}, [], unk_token="[U]")
    assert model.ids(["a"]) == [(0,)]
    with pytest.raises(TokenizerFileError, match=r"^model\.unk_token: .*received '\[U\]'"):
        model.ids(["aé"])


def test_ignore_merges_takes_the_whole_word_first() -> None:
    vocab = {"a": 0, "b": 1, "ab": 2, "aba": 3}
    assert BPE(vocab, [("a", "b")]).ids(["aba"]) == [(2, 0)]
    assert BPE(vocab, [("a", "b")], ignore_merges=True).ids(["aba", "abb"]) == [(3,), (2, 1)]


def test_a_right_part_that_adds_nothing() -> None:
    model = BPE({"a": 1, "b": 2, "ab": 3, "": 4}, [("a", ""), ("a", "b")], unk_token="")
    assert tuples(model, "aéb") == [(3, "ab", (0, 3))]


def test_the_last_of_two_equal_merges_counts() -> None:
    vocab = {"a": 0, "b": 1, "ab": 2, "ba": 3}
    model = BPE(vocab, [("a", "b"), ("b", "a"), ("a", "b")])
    assert model.ids(["aba"]) == [(0, 3)]
    assert model.to_json()["merges"] == [["b", "a"], ["a", "b"]]


def test_an_empty_word_has_no_tokens() -> None:
    model = BPE({"": 0, "a": 1}, [], ignore_merges=True)
    assert model.ids([""]) == [()]
    assert model.tokenize("") == []


def test_id_to_token() -> None:
    model = BPE({"a": 0, "b": 5}, [])
    assert [model.id_to_token(i) for i in (0, 5, 3)] == ["a", "b", None]
    assert model.tokenize("b") == [Token(5, "b", 0, 1)]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"merges": [["a", "b"], ["a", "x"]]}, r"model\.merges\[1\]: .*received 'x'"),
        ({"merges": [["b", "b"]]}, r"model\.merges\[0\]: .*received \['b', 'b'\]"),
        ({"merges": ["a b", "a  b"]}, r"model\.merges\[1\]: .*received 'a  b'"),
        ({"merges": ["a b", ["a", "b"]]}, r"model\.merges\[1\]: expected a string"),
        ({"merges": [["a", "b"], "a b"]}, r"model\.merges\[1\]: expected a list of two strings"),
        ({"merges": [["a", "b", "c"]]}, r"model\.merges\[0\]: "),
        ({"merges": [["a", 1]]}, r"model\.merges\[0\]: "),
        ({"continuing_subword_prefix": "###", "merges": [["a", "b"]]}, r"model\.merges\[0\]: "),
        ({"vocab": {"a": -1}}, r"model\.vocab\['a'\]: .*received -1"),
        ({"vocab": {"a": 1 << 31}}, r"model\.vocab\['a'\]: "),
        ({"vocab": {"a": 1 << 70}}, r"model\.vocab\['a'\]: "),
        ({"vocab": {"a": True}}, r"model\.vocab\['a'\]: "),
        ({"vocab": {"a": 1.0}}, r"model\.vocab\['a'\]: "),
        ({"vocab": {"a": 1, "b": 1}}, r"model\.vocab\['b'\]: .*received 1, which is 'a'"),
        ({"unk_token": 5}, r"model\.unk_token: expected a string"),
        ({"fuse_unk": 1}, r"model\.fuse_unk: expected true or false"),
    ],
)
def test_what_is_refused(change: dict[str, object], error: str) -> None:
    good = {"type": "BPE", "vocab": {"a": 1, "b": 2, "ab": 3, "ba": 7}, "merges": []}
    with pytest.raises(TokenizerFileError, match=f"^{error}"):
        read_model({**good, **change}, "model")


@pytest.mark.parametrize("change", [{"dropout": 0.1}, {"dropout": 1}, {"dropout": "0"}, {"x": 1}])
def test_what_is_not_supported(change: dict[str, object]) -> None:
    with pytest.raises(UnsupportedComponentError, match=rf"^model\.{next(iter(change))}: "):
        read_model({"type": "BPE", "vocab": {}, "merges": [], **change}, "model")


@pytest.mark.parametrize("word", ["a", "ab"])
def test_twice_the_word_takes_twice_the_time(word: str) -> None:
    model = BPE({"a": 0, "b": 1, "aa": 2, "ab": 3, "aaaa": 4}, [("a", "a"), ("a", "b")])

    def seconds(size: int) -> float:
        text = word * (size // len(word))
        times = []
        for _ in range(3):
            start = process_time()
            model.ids([text])
            times.append(process_time() - start)
        return min(times)

    assert seconds(200_000) < 3 * seconds(100_000) + 0.01
