"""`patterns.py`; what is expected was asked from the oracle."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_tokenize.errors import TokenizeError, TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.patterns import alphabet as alphabet_module
from lattice_tokenize.patterns.engine import PatternEngine
from lattice_tokenize.patterns.pattern import Pattern
from lattice_tokenize.patterns.syntax import parse_pattern

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
BLOOM = r" ?[^(\s|[.,!?…。，、।۔،])]+"


def spans(pattern: str, text: str) -> list[tuple[int, int]]:
    """The matches that are not empty, which is what the oracle's pieces show."""
    found = Pattern("Regex", pattern).spans(text)
    return [(start, stop) for start, stop in found if start < stop]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        # classes
        (r"\s", "\x1c\x85\u2028\u1680 ", [(1, 2), (2, 3), (3, 4), (4, 5)]),
        (r"\w", "\xb2_\xe91-", [(0, 1), (1, 2), (2, 3), (3, 4)]),
        (r"[\w]", "\xb2_\xe91-", [(1, 2), (2, 3), (3, 4)]),
        (r"\b.", "ab\xb2c d", [(0, 1), (4, 5), (5, 6)]),
        (r"\d", "1\u0661\xb2", [(0, 1), (1, 2)]),
        (r"\h+", "fg09", [(0, 1), (2, 4)]),
        (r"[[:punct:]]", "$!a", [(0, 1), (1, 2)]),
        (r"\p{Punct}", "$!a", [(1, 2)]),
        (r"\p{Han}\p{^L}", "\u65e51\u65e5\u672c", [(0, 2)]),
        (r"[a-z&&[^aeiou]]+", "abcde", [(1, 4)]),
        (r"[^a[bc]]", "abcd[", [(3, 4), (4, 5)]),
        (r"[]a]", "a]b", [(0, 1), (1, 2)]),
        (r"[a-c-e]", "-de", [(0, 1), (2, 3)]),
        (r"[\b]", "\x08b", [(0, 1)]),
        (r"\x{1F600}|\u0041|\x42", "\U0001f600AB", [(0, 1), (1, 2), (2, 3)]),
        # case
        (r"(?i:'s)", "'\u017f'S'k", [(0, 2), (2, 4)]),
        (r"(?i)k", "kK\u212a", [(0, 1), (1, 2), (2, 3)]),
        (r"(?i)ss", "s\xdf\u1e9eS\u017fs", [(1, 2), (2, 3), (3, 5)]),
        (r"(?i)sss", "s\xdf\xdfs", [(2, 4)]),
        ("(?i)\xdf", "ss\xdf\u1e9e", [(0, 2), (2, 3), (3, 4)]),
        (r"(?i)s(?:s)", "\xdf", [(0, 1)]),
        (r"(?i)(?:\ss)s", " \xdf ss", [(2, 5)]),
        (r"(?i)ss+", "\xdfs", []),
        (r"(?i)(?<=ss)a", "\xdfassa", [(4, 5)]),
        ("(?i)[\xdf]", "Ss\u1e9e", [(0, 2), (2, 3)]),
        (r"(?i)\p{Lu}", "aA", [(1, 2)]),
        (r"(?i)[\p{Lu}]", "aA", [(0, 1), (1, 2)]),
        (r"(?i)[^\p{Lu}]", "aA1", [(2, 3)]),
        # lines
        (r".", "a\n\r", [(0, 1), (2, 3)]),
        (r"(?m).", "a\n\r", [(0, 1), (1, 2), (2, 3)]),
        (r"\n^", "a\n\nb\n", [(1, 2), (2, 3)]),
        (r"\n$", "\n", [(0, 1)]),
        (r"a$", "a\nba", [(0, 1), (3, 4)]),
        (r"a\Z", "a\n", [(0, 1)]),
        (r"a\z", "a\n", []),
        (r"\R", "\r\n\x0b\u2028a", [(0, 2), (2, 3), (3, 4)]),
        # quantifiers
        (r"x*", "axb", [(1, 2)]),
        (r"a{2}+", "aaaaa", [(0, 4)]),
        (r"a{2}?", "aaa", [(0, 2)]),
        (r"a{1,2}?", "aaa", [(0, 1), (1, 2), (2, 3)]),
        (r"a*+a", "aaa", []),
        (r"(?>a|ab)c", "abc", []),
        (r"(a?)*b|(a*)+", "aabaa", [(0, 3), (3, 5)]),
        (r"a{,}", "a{,}", [(0, 4)]),
        # around
        (r"(?<=A|[&&a]b)\.", "A.b.", [(1, 2)]),
        (r"(?<=a+)b", "aab", [(2, 3)]),
        (r"(?<!a|bc)x", "bcxdx", [(4, 5)]),
        (r"a\Kb", "ab", [(1, 2)]),
        (r"\Gab", "ababxab", [(0, 2), (2, 4)]),
        # options and comments
        (r"a(?i)b|c", "aCab", [(0, 2), (2, 4)]),
        (r"(?x) a b # c", "ab", [(0, 2)]),
        (r"a(?#no)+", "aa", [(0, 2)]),
    ],
)
def test_oniguruma_syntax(pattern: str, text: str, expected: list[tuple[int, int]]) -> None:
    assert spans(pattern, text) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (GPT2, "It's  2 cafés…\n ok", ["It", "'s", " ", " 2", " cafés", "…", "\n", " ok"]),
        (
            QWEN,
            "foo  bar\t\t\nIT'Sſ 42…",
            ["foo", " ", " bar", "\t\t\n", "IT", "'S", "ſ", " ", "4", "2", "…"],
        ),
        (BLOOM, "Oui, (a|b)", ["Oui", ", (", "a", "|", "b", ")"]),
        (r"\p{N}{1,3}", "12345 6", ["123", "45", " ", "6"]),
        (r"x*", "axb", ["a", "x", "b"]),
    ],
)
def test_pieces(pattern: str, text: str, expected: list[str]) -> None:
    assert Pattern("Regex", pattern).pieces(text) == expected


def test_an_empty_match_never_follows_another_in_its_place() -> None:
    assert list(Pattern("Regex", "x*").spans("axb")) == [(0, 0), (1, 2), (3, 3)]
    # a longer match is not tried where an empty one came first
    assert list(Pattern("Regex", "|a").spans("ab")) == [(0, 0), (1, 1), (2, 2)]


def test_strings_stand_for_themselves() -> None:
    assert list(Pattern("String", "a.").spans("aba.a.")) == [(2, 4), (4, 6)]
    assert list(Pattern("String", "aa").spans("aaa")) == [(0, 2)]
    assert Pattern("String", "aa").pieces("baaab") == ["b", "aa", "ab"]
    assert Pattern("String", "aa").piece_lengths("baaab") == [1, 2, 2]
    assert list(Pattern("String", "").spans("ab")) == [(0, 0), (1, 1), (2, 2)]
    assert Pattern("String", "").pieces("ab") == ["a", "b"]


@pytest.mark.parametrize("pattern", [Pattern("String", ""), Pattern("Regex", "x*")])
def test_there_are_no_matches_in_an_empty_text(pattern: Pattern) -> None:
    assert list(pattern.spans("")) == []
    assert pattern.pieces("") == []


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "a)", "*a", "{2}", "[", "[]", "[z-a]", r"[a-\d]", r"[\w-z]", "[[:no:]]", "^*"],
)
def test_what_oniguruma_refuses(pattern: str) -> None:
    with pytest.raises(TokenizerFileError) as raised:
        Pattern.from_json({"Regex": pattern}, "split.pattern")
    assert raised.value.field == "split.pattern.Regex"
    assert not isinstance(raised.value, UnsupportedComponentError)


@pytest.mark.parametrize(
    "pattern",
    [
        *(r"(a)\1", r"(?<n>a)\k<n>", r"\g<0>", r"\X", r"\y", r"(?~a)", r"(?(1)a)", "(*FAIL)"),
        *(r"\xff", r"\x{110000}", r"\u123", r"\cA", r"\p{InBasicLatin}", r"(?s).", "a{2,1}"),
        *(r"(?<=a++)b", r"(?<=(?=a)a)b", "(?W)a", "[a-[b]]"),
        *(
            r"(|a)+",
            r"(?:$\s?){2}",
            r"(?:a\Kb)+",
            r"(?=a\K)",
            r"(?<=\R)a",
            r"(?<=\z)a",
            r"\B.+A",
            r"(?<=a*\b)b",
        ),
    ],
)
def test_what_is_not_supported(pattern: str) -> None:
    with pytest.raises(UnsupportedComponentError, match=r"split\.pattern\.Regex"):
        Pattern.from_json({"Regex": pattern}, "split.pattern")


@pytest.mark.parametrize(
    "value", [None, "a", {}, {"Regex": 1}, {"Other": "a"}, {"String": "a", "Regex": "b"}]
)
def test_what_is_no_pattern(value: object) -> None:
    with pytest.raises(TokenizerFileError, match="split"):
        Pattern.from_json(value, "split")


def test_json_there_and_back() -> None:
    for value in ({"String": "a.b"}, {"Regex": r"\s+"}):
        assert Pattern.from_json(value, "pattern").to_json() == value


TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("aé '\n\t.1ſ日\u0301"), st.characters()), max_size=30
)


@given(TEXTS)
def test_pieces_are_the_text_cut_at_the_spans(text: str) -> None:
    for pattern in (GPT2, QWEN, BLOOM, r"\p{N}{1,3}", r"\s*", r"(?<=a)|\n"):
        pattern_ = Pattern("Regex", pattern)
        cuts = sorted({0, len(text)}.union(*pattern_.spans(text)))
        assert pattern_.pieces(text) == [text[a:b] for a, b in pairwise(cuts)]
        assert pattern_.piece_lengths(text) == [b - a for a, b in pairwise(cuts)]


@settings(deadline=None)
@given(TEXTS)
def test_both_engines_find_the_same(text: str) -> None:
    for pattern in (GPT2, QWEN, BLOOM):
        quick = PatternEngine(parse_pattern(pattern, "pattern"))
        safe = PatternEngine(parse_pattern(pattern, "pattern"))
        safe._quick = None
        assert list(quick.spans(text)) == list(safe.spans(text))
        assert quick.pieces(text) == safe.pieces(text)


def test_both_ways_to_rewrite_a_text_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern_engine = Pattern("Regex", QWEN)._engine
    assert pattern_engine is not None
    alphabet = pattern_engine._alphabet
    text = "a é\n日\u0301\U0001f600\u2028١"
    few = alphabet.rewritten(text)
    monkeypatch.setattr(alphabet_module, "_FEW", 0)
    assert alphabet.rewritten(text) == few


@pytest.mark.parametrize("text", ["a" * 40 + "b", "a" * 50_000 + "b"])
def test_a_pattern_that_backtracks_without_end_is_an_error(text: str) -> None:
    engine = PatternEngine(parse_pattern("(a|a)+$|(a+)+c", "pattern"), limit_s=0.2)
    began = time.process_time()
    with pytest.raises(TokenizeError, match="tries too many ways"):
        list(engine.spans(text))
    assert time.process_time() - began < 10


def test_searches_that_are_short_each_are_too_long_together() -> None:
    # one empty match, or a search, for every character: none of them takes a millisecond
    engine = PatternEngine(parse_pattern("((a|aa)+$)?", "pattern"), limit_s=0.1)
    began = time.process_time()
    with pytest.raises(TokenizeError, match="tries too many ways"):
        list(engine.spans(("a" * 13 + "!") * 6000))
    assert time.process_time() - began < 3


def test_long_runs_go_to_the_engine_with_a_time_limit() -> None:
    engine = PatternEngine(parse_pattern(r"\s*x|\s", "pattern"), limit_s=0.1)
    assert engine._is_bounded("a " * 5000)
    assert not engine._is_bounded(" " * 5000)
    with pytest.raises(TokenizeError, match="characters"):
        list(engine.spans(" " * 300_000))


@pytest.mark.parametrize("unit", ["a", " ", "\n", " \n", "\u0301", "é ", "'", "1"])
def test_time_is_linear(unit: str) -> None:
    for pattern in (GPT2, QWEN):
        pattern_ = Pattern("Regex", pattern)
        began = time.process_time()
        pieces = pattern_.pieces(unit * 300_000)
        assert "".join(pieces) == unit * 300_000
        assert time.process_time() - began < 5


@pytest.mark.parametrize("regex", ["a" * 20_001, "((((a{100}){100}){100}){100})"])
def test_an_expression_that_is_too_large_is_refused(regex: str) -> None:
    with pytest.raises(UnsupportedComponentError, match="at most 20000 parts"):
        Pattern("Regex", regex)
