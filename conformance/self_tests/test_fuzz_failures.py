"""What the fuzzer has found is shrunk, told, and kept where a case can say it."""

from __future__ import annotations

from typing import Any

import pytest

from ..add import unescaped
from ..fuzz.differ import Duel
from ..fuzz.forms import Form
from ..fuzz.fuzzing import Failure
from ..fuzz.shrink import shrunk, shrunk_form, shrunk_text
from ..fuzz.told import as_case, save_command, told_failure
from .fake_tokenizer import SUBJECT, Tokenizer, of


def test_shrinking_gives_the_same_small_text() -> None:
    def fails(text: str) -> bool:
        return "ﬁ" in text and text.count(" ") >= 2

    first = shrunk_text("one ﬁne day, and another ﬁne one", fails)
    assert first == shrunk_text("one ﬁne day, and another ﬁne one", fails)
    assert sorted(first) == sorted("ﬁ  ")
    assert shrunk(["aa", "bﬁb", "cc"], lambda words: any("ﬁ" in word for word in words)) == ["ﬁ"]
    assert shrunk("é", lambda text: len(text) == 1) == "a"


def test_shrinking_asks_a_bounded_number_of_times() -> None:
    asked = []

    def fails(text: str) -> bool:
        asked.append(text)
        return len(text) > 4990

    shrunk_text("x" * 5000, fails)
    assert len(asked) <= 3000


def test_forms_lose_the_options_that_do_not_matter() -> None:
    form = Form(truncation={"max_length": 3, "stride": 1}, padding={"length": 9})
    assert shrunk_form(form, lambda f: f.truncation is not None) == Form(
        truncation={"max_length": 3, "stride": 0}
    )


def failure(form: Form, sample: Any) -> Failure:
    oracle, engine = Tokenizer(), Tokenizer(lambda _, e: of(e, tokens=["?"]))
    difference = Duel(oracle, engine).ask(form, [sample]).difference
    assert difference is not None
    return Failure(SUBJECT, form, sample, difference, "kana")


def test_a_failure_tells_the_text_both_answers_and_the_command_that_keeps_it() -> None:
    found = failure(Form(), "it's \u3099\\")
    lines = "\n".join(told_failure(found, "fake", 7))
    assert r"\u3099" in lines
    assert "!=" in lines
    command = save_command(found, 7)
    assert command is not None
    assert command in lines
    assert "--tag kana" in command
    assert "seed 7" in command
    text = r"it's \u3099\\"
    assert unescaped(text) == "it's \u3099\\"
    assert text.split()[1] in command


plain = {"max_length": 4, "stride": 0, "strategy": "longest_first", "direction": "right"}


@pytest.mark.parametrize(
    ("form", "sample", "case"),
    [
        (Form(), "a", {"text": "a"}),
        (Form(pair=True), ("a", "b"), {"text": "a", "pair": "b"}),
        (Form(as_filed=True), "a", {"text": "a", "as_filed": True}),
        (Form(truncation=plain), "a", {"text": "a", "max_tokens": 4}),
        (Form(truncation={**plain, "direction": "left"}), "a", None),
        (Form(words=True), ["a"], None),
        (Form(add_special_tokens=False), "a", None),
        (Form(padding={"length": 3}), "a", None),
    ],
)
def test_what_cases_can_say_is_saved_and_nothing_else(
    form: Form, sample: Any, case: dict[str, Any] | None
) -> None:
    found = failure(form, sample)
    assert as_case(found) == case
    assert (save_command(found, 0) is None) is (case is None)
