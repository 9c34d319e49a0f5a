r"""A random number generator -> a text of one kind that tokenizers may get wrong, with its tag.

These are kinds that know nothing of the tokenizer; `texts.py` has those of its pieces and tokens.
"""

from __future__ import annotations

import unicodedata
from random import Random
from typing import NamedTuple

from .characters import (
    CONTROLS,
    EMOJI,
    MARKS,
    SPACES,
    any_character,
    character_of_a_script,
    picked,
)
from .sentences import CODE, SENTENCES

__all__ = [
    "SWAP",
    "WORDS",
    "GeneratedText",
    "any_unicode",
    "bent_sentence",
    "code",
    "contractions",
    "controls",
    "cut",
    "emoji",
    "empty_or_one",
    "metaspaces",
    "numbers",
    "right_to_left",
    "scripts",
    "sentence",
    "some",
    "spaces",
    "spellings_mixed",
    "stacks",
]

WORDS = ("a", "I", "don", "it", "O", "foo", "Bar", "x1", "café", "ﬁ", "Straße", "naïve", "q", "zz")
_QUOTES = ("'", "\u2019", '"', "`", "\u2018", "\u201c", "\u201d", "''", "\u02bc", "\uff07")
_ENDINGS = (
    "s",
    "t",
    "re",
    "ve",
    "m",
    "ll",
    "d",
    "S",
    "T",
    "RE",
    "Ve",
    "M",
    "LL",
    "D",
    "\u017f",
    "x",
)
SWAP = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
)
_SENTENCES = tuple(SENTENCES.values())
_MIXED = ("Vietnamese", "Japanese", "Korean", "French", "Greek", "Hindi", "Hebrew", "Czech")
_SPELLINGS = tuple(
    unicodedata.normalize(form, SENTENCES[language])
    for language in _MIXED
    for form in ("NFC", "NFD")
)


class GeneratedText(NamedTuple):
    text: str
    tag: str


def some(random: Random, most: int) -> int:
    """1 to `most`, small numbers first."""
    return 1 + int(most * random.random() ** 2)


def cut(random: Random, text: str, most: int) -> str:
    """A part of `text`, often its beginning."""
    start = random.randrange(len(text)) if random.random() < 0.7 else 0
    return text[start : start + some(random, most)]


def empty_or_one(random: Random) -> GeneratedText:
    if random.random() < 0.2:
        return GeneratedText("", "empty")
    one = (any_character, character_of_a_script)[random.randrange(2)]
    return GeneratedText(one(random), "scripts")


def any_unicode(random: Random) -> GeneratedText:
    return GeneratedText("".join(any_character(random) for _ in range(some(random, 30))), "astral")


def scripts(random: Random) -> GeneratedText:
    parts = []
    for _ in range(some(random, 30)):
        parts.append(character_of_a_script(random))
        if random.random() < 0.2:
            parts.append(" ")
    return GeneratedText("".join(parts), "scripts")


def emoji(random: Random) -> GeneratedText:
    words = ("", " ", "a", "ok ", "!")
    count = some(random, 8)
    return GeneratedText(
        "".join(random.choice(EMOJI) + random.choice(words) for _ in range(count)), "emoji"
    )


def right_to_left(random: Random) -> GeneratedText:
    source = SENTENCES[random.choice(("Hebrew", "Arabic", "Persian"))]
    marks = (
        "\u200e",
        "\u200f",
        "\u202a",
        "\u202b",
        "\u202c",
        "\u2067",
        "\u2069",
        "\u061c",
        "",
        "(",
    )
    latin = ("abc", " 12 ", "", ".")
    return GeneratedText(
        "".join(
            random.choice(marks) + cut(random, source, 12) + random.choice(latin)
            for _ in range(some(random, 5))
        ),
        "scripts",
    )


def stacks(random: Random) -> GeneratedText:
    parts = []
    for _ in range(some(random, 6)):
        parts.append(character_of_a_script(random) if random.random() < 0.6 else "e")
        most = 40 if random.random() < 0.03 else 5
        parts.append(picked(random, MARKS, most))
    return GeneratedText("".join(parts), "accents")


def controls(random: Random) -> GeneratedText:
    return GeneratedText(
        "".join(random.choice(WORDS) + picked(random, CONTROLS, 3) for _ in range(some(random, 6))),
        "control",
    )


def spaces(random: Random) -> GeneratedText:
    parts = []
    for _ in range(some(random, 8)):
        run = random.random()
        if run < 0.4:
            parts.append(" " * some(random, 6))
        elif run < 0.7:
            parts.append(picked(random, SPACES, 4))
        else:
            parts.append(random.choice(SPACES) * some(random, 40 if run > 0.98 else 5))
        parts.append(random.choice(WORDS) if random.random() < 0.8 else random.choice(".1\u2581"))
    shift = random.randrange(3)
    return GeneratedText("".join(parts[shift and 1 : len(parts) - (shift == 2)]), "whitespace")


def contractions(random: Random) -> GeneratedText:
    parts = []
    for _ in range(some(random, 6)):
        parts.append(random.choice(WORDS) if random.random() < 0.8 else "")
        parts.append(random.choice(_QUOTES))
        parts.append(random.choice(_ENDINGS) if random.random() < 0.8 else "")
        parts.append(random.choice((" ", " ", "", "\n", ",", "s")))
    return GeneratedText("".join(parts), "contractions")


def metaspaces(random: Random) -> GeneratedText:
    items = (
        "\u2581",
        "\u2581",
        " ",
        "a",
        "foo",
        "\u0120",
        "\u010a",
        ".",
        "_",
        "\u2582",
        "é",
        "\t",
        "\u0301",
    )
    return GeneratedText(picked(random, items, some(random, 12)), "metaspace")


def code(random: Random) -> GeneratedText:
    return GeneratedText(cut(random, random.choice(CODE), 60), "code")


def numbers(random: Random) -> GeneratedText:
    parts = []
    digits = random.choice(
        ("0123456789", "0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３", "½²③Ⅷ𝟜")
    )
    for _ in range(some(random, 6)):
        parts += [random.choice(digits) for _ in range(some(random, 7))]
        parts.append(random.choice((" ", ".", ",", "-", "/", ":", "e", "%", "€", "", "x", "'")))
    return GeneratedText("".join(parts), "numbers")


def spellings_mixed(random: Random) -> GeneratedText:
    return GeneratedText(
        "".join(cut(random, random.choice(_SPELLINGS), 12) for _ in range(some(random, 5))),
        "normalization",
    )


def sentence(random: Random) -> GeneratedText:
    return GeneratedText(cut(random, random.choice(_SENTENCES), 80), "languages")


def bent_sentence(random: Random) -> GeneratedText:
    text = cut(random, random.choice(_SENTENCES), 60)
    for _ in range(some(random, 4)):
        at, way = random.randrange(len(text) + 1), random.randrange(8)
        if way == 0:
            text = text[:at] + any_character(random) + text[at:]
        elif way == 1:
            text = text[:at] + random.choice(SPACES) + text[at:]
        elif way == 2:
            text = text[:at] + random.choice(MARKS) + text[at:]
        elif way == 3:
            text = text[:at] + text[at + 1 :]
        elif way == 4:
            text = text[:at] + text[at:].translate(SWAP)
        elif way == 5:
            text = text[:at] + text[max(0, at - 5) :]
        elif way == 6:
            text = text[at:] + text[:at]
        else:
            text = text.replace(" ", random.choice(("", "  ", "\u00a0", "\u2581", "\n")))
    return GeneratedText(text, "languages")
