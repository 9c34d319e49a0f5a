"""A random number generator -> the ways in which a batch of texts is asked.

A form is a kind of input (a text, a pair, words) and the options of `encode_batch`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from .texts import TextMaker

__all__ = ["Form", "Input", "random_form", "random_inputs", "simpler_forms"]

# a text, a pair of texts, the words of a text, or a pair of those
Input = str | tuple[str, str] | list[str] | tuple[list[str], list[str]]
_STRATEGIES = ("longest_first",) * 5 + ("only_first",) * 3 + ("only_second",)
# Characters of a text whose parts are a token long each, where they meet all parts of another text:
# a thousand parts of both are a million encodings, and longer texts have taken all memory there is.
_LONGEST_OF_A_CUT_PAIR = 300


@dataclass(frozen=True)
class Form:
    """`truncation`, `padding`: the arguments of `enable_...`, `None` for neither.

    `as_filed`: nothing is enabled or disabled, so that what tokenizer.json says holds. It can be
    asked only before any other form.
    """

    pair: bool = False
    words: bool = False
    add_special_tokens: bool = True
    truncation: dict[str, Any] | None = None
    padding: dict[str, Any] | None = None
    as_filed: bool = False

    @property
    def max_tokens(self) -> int | None:
        """The `max_tokens` that means the same as the truncation, if one does."""
        plain = {"stride": 0, "strategy": "longest_first", "direction": "right"}
        if self.truncation is None or {**self.truncation, **plain} != self.truncation:
            return None
        length: int = self.truncation["max_length"]
        return length

    def __str__(self) -> str:
        said = [("words" if self.words else "text") + (" and pair" if self.pair else "")]
        said += ["as filed"] if self.as_filed else []
        said += [] if self.add_special_tokens else ["add_special_tokens=False"]
        said += [f"truncation={self.truncation}"] if self.truncation else []
        said += [f"padding={self.padding}"] if self.padding else []
        return ", ".join(said)


def random_form(random: Random, *, as_filed: bool = False) -> Form:
    kind = random.random()
    form = Form(
        pair=0.6 <= kind < 0.8 or kind >= 0.95,
        words=kind >= 0.8,
        add_special_tokens=random.random() < 0.75,
        as_filed=as_filed,
    )
    if as_filed:
        return form
    if random.random() < 0.35:
        length = random.choice((random.randrange(8), random.randrange(30), 128))
        truncation: dict[str, Any] = {"max_length": length, "stride": 0}
        truncation |= {"strategy": "longest_first", "direction": "right"}
        if random.random() < 0.7:
            # the oracle panics where the stride leaves no room beside the special tokens
            stride = random.randrange(max(1, length - 4)) if random.random() < 0.5 else 0
            strategy = random.choice(_STRATEGIES)
            direction = random.choice(("right", "left"))
            truncation |= {"stride": stride, "strategy": strategy, "direction": direction}
        form = replace(form, truncation=truncation)
    if random.random() < 0.25:
        padding = {
            "direction": random.choice(("right", "left")),
            "pad_id": random.randrange(9),
            "pad_type_id": random.randrange(3),
            "pad_token": random.choice(("[PAD]", "<pad>", "é")),
            "length": random.choice((None, None, random.randrange(40))),
            "pad_to_multiple_of": random.choice((None, None, 1, 8, 0)),
        }
        form = replace(form, padding=padding)
    return form


def random_inputs(maker: TextMaker, form: Form, count: int) -> tuple[list[Input], list[str]]:
    """So many inputs of the form, and what each is about (tags)."""
    longest = _longest(form)
    if form.words:
        if form.pair:
            pairs = [(maker.words(), maker.words()) for _ in range(count)]
            cut = [(_cut_words(one, longest), _cut_words(two, longest)) for one, two in pairs]
            return list(cut), ["pair"] * count
        return [maker.words() for _ in range(count)], ["languages"] * count
    texts = [maker.text() for _ in range(count)]
    if form.pair:
        return [(t.text[:longest], maker.text().text[:longest]) for t in texts], ["pair"] * count
    return [text.text for text in texts], [text.tag for text in texts]


def _longest(form: Form) -> int | None:
    """How many characters of each text of a pair are asked; `None` for all."""
    if form.truncation is None or form.truncation["strategy"] != "longest_first":
        return None
    # both share the room that special tokens leave, and what a part repeats brings nothing on
    step: int = (form.truncation["max_length"] - 4) // 2 - form.truncation["stride"]
    return _LONGEST_OF_A_CUT_PAIR * max(1, step)


def _cut_words(words: list[str], longest: int | None) -> list[str]:
    """The first words, of `longest` characters together."""
    lengths = itertools.accumulate(map(len, words))
    most = math.inf if longest is None else longest
    return [word for word, length in zip(words, lengths, strict=True) if length <= most]


def simpler_forms(form: Form) -> Iterator[Form]:
    """The same form with one option less, simplest first."""
    if form.as_filed:
        return
    if form.padding:
        yield replace(form, padding=None)
    if form.truncation:
        yield replace(form, truncation=None)
    if not form.add_special_tokens:
        yield replace(form, add_special_tokens=True)
    if form.truncation and form.truncation["stride"]:
        yield replace(form, truncation={**form.truncation, "stride": 0})
