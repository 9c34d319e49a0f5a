"""The fuzzer finds what differs, and never passes having compared nothing."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from ..fuzz import fuzzing
from ..fuzz.differ import Refusal
from ..fuzz.forms import Form, random_inputs
from ..fuzz.fuzzing import Fuzzer, Totals
from ..fuzz.texts import of_document
from ..fuzz.told import told_failure, told_totals
from .fake_tokenizer import SUBJECT, Encoding, Tokenizer, of


def fuzzed(engine: Any, oracle: Any = None, *, strings: int = 2000, **options: Any) -> Totals:
    fuzzer = Fuzzer(lambda _: oracle or Tokenizer(), lambda _: engine, seed=1, **options)
    return fuzzer.run([SUBJECT], strings)


def test_the_same_engine_passes_and_its_strings_are_counted() -> None:
    totals = fuzzed(Tokenizer())
    assert totals.passed
    assert totals.strings == totals.answered == 2000
    assert totals.tokens > 2000
    assert "2000 strings" in told_totals(totals, "fake")


@pytest.mark.parametrize(
    "name",
    ["type_ids", "offsets", "attention_mask", "special_tokens_mask", "word_ids", "sequence_ids"],
)
def test_every_field_is_compared(name: str) -> None:
    engine = Tokenizer(lambda _, e: of(e, **{name: getattr(e, name)[:-1]}))
    (failure, *_) = fuzzed(engine).failures
    assert failure.difference.field == name


def test_what_overflows_is_compared() -> None:
    engine = Tokenizer(
        lambda _, e: of(e, overflowing=[Encoding(["other"], [])] * len(e.overflowing))
    )
    (failure, *_) = fuzzed(engine).failures
    assert failure.difference.field.startswith("overflowing[0].")


def test_decoding_is_compared() -> None:
    (failure, *_) = fuzzed(Tokenizer(decoded=lambda text: text.replace("[", ""))).failures
    assert failure.difference.field == "decoded"


def test_lists_of_another_type_differ() -> None:
    engine = Tokenizer(lambda _, e: of(e, offsets=[list(offset) for offset in e.offsets]))
    assert not fuzzed(engine).passed


def test_a_rare_difference_is_found_and_shrunk_to_what_makes_it() -> None:
    def bend(text: Any, encoding: Encoding) -> Encoding:
        return of(encoding, tokens=["?"]) if "\u3099" in str(text) else encoding

    (failure, *_) = fuzzed(Tokenizer(bend), strings=20_000).failures
    assert failure.sample in (
        "\u3099",
        ("\u3099", ""),
        ("", "\u3099"),
        ["\u3099"],
        (["\u3099"], []),
    )
    simplest = [Form(pair=pair, words=words) for pair in (False, True) for words in (False, True)]
    assert failure.form.as_filed or failure.form in simplest


def test_an_error_where_the_oracle_answers_is_a_difference() -> None:
    def bend(text: Any, encoding: Encoding) -> Encoding:
        if "'" in str(text):
            raise RuntimeError("quotes")
        return encoding

    (failure, *_) = fuzzed(Tokenizer(bend)).failures
    assert failure.difference.field == "refusal"
    assert "quotes" in failure.difference.received.message
    # and an answer where the oracle refuses is one too
    (failure, *_) = fuzzed(Tokenizer(), Tokenizer(bend)).failures
    assert failure.difference.field == "refusal"
    # while refusing the same is none
    totals = fuzzed(Tokenizer(bend), Tokenizer(bend))
    assert totals.passed
    assert totals.refused > 0


def test_a_field_that_raises_when_it_is_read_is_a_difference() -> None:
    class Lazy(Encoding):
        def __getattribute__(self, name: str) -> Any:
            if name == "overflowing":
                raise AssertionError("later")
            return super().__getattribute__(name)

    engine = Tokenizer(lambda _, e: Lazy(e.tokens, e.offsets))
    (failure, *_) = fuzzed(engine).failures
    assert failure.difference.field == "reading the encoding"
    assert list(told_failure(failure, "fake", 1))


class Panic(BaseException):
    """As pyo3 tells of a panic."""


def test_where_the_oracle_panics_nothing_is_compared() -> None:
    def bend(text: Any, encoding: Encoding) -> Encoding:
        if "a" in str(text):
            raise Panic
        return encoding

    totals = fuzzed(Tokenizer(), Tokenizer(bend))
    assert totals.passed
    assert totals.panicked > 0
    # that the engine panics is never right
    assert not fuzzed(Tokenizer(bend)).passed


def refuses(*_: Any) -> Any:
    raise ValueError("no")


@pytest.mark.parametrize("strings", [0, 100])
def test_a_run_that_compared_nothing_has_not_passed(strings: int) -> None:
    """F1"""
    oracle = Tokenizer(refuses)
    totals = fuzzed(Tokenizer(refuses), oracle, strings=strings)
    assert not totals.failures
    assert not totals.passed
    assert "nothing was compared" in totals.complaint
    assert not Fuzzer(refuses, refuses, seed=1).run([SUBJECT], 10).passed
    assert not Fuzzer(refuses, refuses, seed=1).run([], 10).passed


def test_answers_without_a_token_compare_nothing() -> None:
    nothing = Tokenizer(lambda *_: Encoding([], []))
    assert "nothing was compared" in fuzzed(nothing, nothing).complaint


@pytest.mark.parametrize("first", [True, False])
def test_a_file_that_one_of_both_refuses_is_a_difference(first: bool) -> None:
    def accepts(_: str) -> Any:
        return Tokenizer()

    both = (refuses, accepts) if first else (accepts, refuses)
    totals = Fuzzer(*both, seed=1).run([SUBJECT], 10)
    (failure,) = totals.failures
    assert failure.difference.field == "the file"
    assert any("no" in line for line in told_failure(failure, "fake", 1))


@dataclass
class Array:
    values: list[int]

    def tolist(self) -> list[int]:
        return self.values


class Packs(Tokenizer):
    def encode_packed(self, texts: list[str], **_: Any) -> Any:
        rows = [self._encoded(text).ids for text in texts]
        ends = [0]
        for row in rows:
            ends.append(ends[-1] + len(row))
        flat = [token_id for row in rows for token_id in row]
        cut = [bool(self._encoded(text).overflowing) for text in texts]
        return SimpleNamespace(ids=Array(flat), cu_seqlens=Array(ends), truncated=cut)


class PacksWrong(Packs):
    def encode_packed(self, texts: list[str], **options: Any) -> Any:
        return super().encode_packed([text.replace("b", "c") for text in texts], **options)


def test_packed_ids_are_compared_where_there_are_any() -> None:
    assert fuzzed(Packs()).passed
    (failure, *_) = fuzzed(PacksWrong()).failures
    assert failure.difference.field == "packed ids"
    assert failure.sample == "b"


def test_runs_end_in_time_and_after_enough_failures() -> None:
    assert fuzzed(Tokenizer(), seconds=0.0).strings == 0
    engine = Tokenizer(lambda _, e: of(e, tokens=["?"]))
    assert len(fuzzed(engine, failures=2).failures) == 2


def test_a_difference_that_needs_its_batch_is_told_as_such() -> None:
    class Batched(Tokenizer):
        def encode_batch(self, inputs: list[Any], **options: Any) -> list[Any]:
            encodings = super().encode_batch(inputs, **options)
            return encodings if len(inputs) == 1 else encodings[::-1]

    (failure, *_) = fuzzed(Batched()).failures
    assert not failure.alone
    assert any("only in its batch" in line for line in told_failure(failure, "fake", 1))


def test_a_refusal_is_no_panic() -> None:
    assert Refusal("no") == Refusal("no", panic=False)


@pytest.mark.parametrize("words", [False, True])
def test_pairs_whose_parts_would_fill_the_memory_are_cut(words: bool) -> None:
    maker = of_document(1, SUBJECT.document)
    truncation = {"max_length": 6, "stride": 0, "strategy": "longest_first", "direction": "right"}
    form = Form(pair=True, words=words, truncation=truncation)
    cut, _ = random_inputs(maker, form, 2000)
    whole, _ = random_inputs(maker, replace(form, truncation=None), 2000)
    assert max(characters(text) for pair in whole for text in pair) > 2000
    assert 200 < max(characters(text) for pair in cut for text in pair) <= 300


def characters(text: Any) -> int:
    return sum(map(len, text))


def test_a_hang_is_told_with_the_place_where_it_was(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given_up = threading.Event()
    monkeypatch.setattr(fuzzing, "_HANGS_S", 0.01)
    monkeypatch.setattr("os._exit", lambda code: given_up.set())

    def hang(text: Any, encoding: Encoding) -> Encoding:
        assert given_up.wait(10)
        return encoding

    fuzzed(Tokenizer(hang), strings=100)
    told = capsys.readouterr().out
    assert (
        "HANGS for 0 s: fake, 100 strings after 0 of seed 1 (text, as filed), the longest" in told
    )
    assert len(told) < 600
