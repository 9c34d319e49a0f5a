"""A failing input -> a small one that fails too. The same input always shrinks to the same one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from .forms import Form, Input, simpler_forms

__all__ = ["shrunk", "shrunk_form", "shrunk_text"]

Fails = Callable[[str], bool]
_SIMPLE = ("a", " ", "1", ".", "é", "か")
_QUESTIONS = 3000  # then what is left is small enough, or asking is too slow


@dataclass
class _Budget:
    left: int = _QUESTIONS

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


def shrunk_form(form: Form, fails: Callable[[Form], bool]) -> Form:
    """The form with every option taken away without which it fails still."""
    for simpler in simpler_forms(form):
        if fails(simpler):
            return shrunk_form(simpler, fails)
    return form


def shrunk(sample: Input, fails: Callable[[Any], bool]) -> Input:
    """A smaller input of the same kind: words or text, alone or in a pair.

    >>> shrunk(("left b", "right"), lambda pair: "b" in pair[0])
    ('b', '')
    """
    if isinstance(sample, str):
        return shrunk_text(sample, fails)
    if isinstance(sample, list):
        return _shrunk_words(sample, fails)
    first, second = cast("tuple[Any, Any]", sample)
    second = shrunk(second, lambda other: fails((first, other)))
    first = shrunk(first, lambda other: fails((other, second)))
    return cast("Input", (first, second))


def shrunk_text(text: str, fails: Fails) -> str:
    """Chunks are deleted, large ones first; then characters are replaced by simpler ones.

    >>> shrunk_text("some text, ﬁne or not", lambda text: "ﬁ" in text)
    'ﬁ'
    """
    budget = _Budget()
    while True:
        smaller = _with_simpler_characters(_without_chunks(text, fails, budget), fails, budget)
        if smaller == text or budget.left <= 0:
            return smaller
        text = smaller


def _shrunk_words(words: list[str], fails: Callable[[list[str]], bool]) -> list[str]:
    size = len(words)
    while size:
        start = 0
        while start < len(words):
            candidate = words[:start] + words[start + size :]
            if fails(candidate):
                words = candidate
            else:
                start += size
        size //= 2
    for i in range(len(words)):
        before, after = words[:i], words[i + 1 :]
        word = shrunk_text(words[i], partial(_fails_between, fails, before, after))
        words = [*before, word, *after]
    return words


def _fails_between(
    fails: Callable[[list[str]], bool], before: list[str], after: list[str], word: str
) -> bool:
    return fails([*before, word, *after])


def _without_chunks(text: str, fails: Fails, budget: _Budget) -> str:
    size = len(text)
    while size:
        start = 0
        while start < len(text):
            candidate = text[:start] + text[start + size :]
            if budget.spend() and fails(candidate):
                text = candidate
            else:
                start += size
        size //= 2
    return text


def _with_simpler_characters(text: str, fails: Fails, budget: _Budget) -> str:
    for i in range(len(text)):
        simplest = _SIMPLE.index(text[i]) if text[i] in _SIMPLE else len(_SIMPLE)
        for character in _SIMPLE[:simplest]:
            candidate = text[:i] + character + text[i + 1 :]
            if budget.spend() and fails(candidate):
                text = candidate
                break
    return text
