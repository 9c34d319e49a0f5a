r"""A seed and the pieces of a tokenizer -> texts that it may get wrong, the same everywhere.

    TextMaker(seed, pieces=..., added=...).text() -> GeneratedText(text, tag)

`tag` is one of cases/tags.toml: what the text is about, for the case that it may become. Most texts
are short, some have thousands of characters, and the empty one is among them. There is no lone
surrogate: those are hostile (`conformance/hostile`), not text.

Only `random.Random` and the ranges of `characters.py` decide: nothing that changes with the Python.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from .characters import (
    CONTROLS,
    EMOJI,
    MARKS,
    SPACES,
    any_character,
    character_of_a_script,
    picked,
)
from .pieces import bare, bytes_as_text, is_text
from .sentences import CODE, SENTENCES

__all__ = ["GeneratedText", "TextMaker", "of_document"]

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
_WORDS = ("a", "I", "don", "it", "O", "foo", "Bar", "x1", "café", "ﬁ", "Straße", "naïve", "q", "zz")
_PUNCTUATION = tuple("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¿¡«»„“”‘’…–—·•、。，！？「」·؟،।॥።")
_NEIGHBOURS = (
    "", "", " ", "  ", "\t", "\n", "\r\n", "\xa0", "\u3000", "\u2581", "\u0120", "a", "Z", "9", "_",
    "é", "e\u0301", "\u0301", "か", "漢", ".", ",", "-", "(", ")", "'", "<", ">",
    "[", "]", "|", "\u200b",
    "\u200d", "\ufeff", "\x00", "\U0001f600", "##", "@@", "</w>",
)  # fmt: skip
_LONG = 0.002  # of all texts, those of thousands of characters
_SWAP = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
)
_WIDE = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000})
_FOLDS = str.maketrans({"s": "\u017f", "k": "\u212a", "i": "\u0131", "I": "\u0130", "S": "ß"})
# from here on Unicode still gets characters that a newer Python would decompose
_NEWER = "\U00010000"
_MIXED = ("Vietnamese", "Japanese", "Korean", "French", "Greek", "Hindi", "Hebrew", "Czech")


class GeneratedText(NamedTuple):
    text: str
    tag: str


def of_document(seed: int, document: Mapping[str, Any]) -> TextMaker:
    """A maker for the tokenizer that a parsed tokenizer.json describes."""
    vocab = document["model"].get("vocab") or {}
    pieces = [str(v[0]) for v in vocab] if isinstance(vocab, list) else list(vocab)
    added = [token["content"] for token in document.get("added_tokens") or []]
    return TextMaker(seed, pieces=pieces, added=added)


class TextMaker:
    """Makes texts, one after the other; the same for the same seed, pieces and added tokens.

    >>> makers = [TextMaker(7, pieces=["ab", "##c"], added=["<x>"]) for _ in range(2)]
    >>> [makers[0].text() for _ in range(99)] == [makers[1].text() for _ in range(99)]
    True
    """

    def __init__(self, seed: int, *, pieces: Sequence[str], added: Sequence[str]) -> None:
        self.random = Random(seed)
        # a piece that JSON escaped as a lone surrogate is not text
        self._pieces = tuple(p for p in pieces if is_text(p)) or ("a",)
        self._added = tuple(t for t in added if is_text(t)) or ("<unk>",)
        kinds = [kind for kind, share in self._shares() for _ in range(share)]
        self._kinds: tuple[Callable[[], GeneratedText], ...] = tuple(kinds)
        self._sentences = tuple(SENTENCES.values())
        self._spellings = tuple(
            unicodedata.normalize(form, SENTENCES[language])
            for language in _MIXED
            for form in ("NFC", "NFD")
        )

    def _shares(self) -> Iterable[tuple[Callable[[], GeneratedText], int]]:
        """How often each kind comes, of about a hundred."""
        return (
            (self._empty_or_one, 3),
            (self._any_unicode, 7),
            (self._scripts, 8),
            (self._emoji, 4),
            (self._right_to_left, 4),
            (self._stacks, 5),
            (self._controls, 4),
            (self._spaces, 9),
            (self._contractions, 6),
            (self._repeats, 4),
            (self._glued_pieces, 14),
            (self._added_tokens, 11),
            (self._metaspaces, 4),
            (self._code, 5),
            (self._numbers, 4),
            (self._spellings_mixed, 7),
            (self._sentence, 8),
            (self._bent_sentence, 10),
            (self._mixture, 6),
        )

    def text(self) -> GeneratedText:
        """The next text."""
        if self.random.random() < _LONG:
            return self._long()
        return self.random.choice(self._kinds)()

    def words(self) -> list[str]:
        """The next text, already cut into words; a word may be empty or hold spaces."""
        text = self.text().text
        words = text.split(" ")
        return words if self.random.random() < 0.8 else [*words, "", self.text().text][-9:]

    def _some(self, most: int) -> int:
        """1 to `most`, small numbers first."""
        return 1 + int(most * self.random.random() ** 2)

    def _empty_or_one(self) -> GeneratedText:
        if self.random.random() < 0.2:
            return GeneratedText("", "empty")
        one = (any_character, character_of_a_script)[self.random.randrange(2)]
        return GeneratedText(one(self.random), "scripts")

    def _any_unicode(self) -> GeneratedText:
        random = self.random
        return GeneratedText(_join(any_character(random) for _ in range(self._some(30))), "astral")

    def _scripts(self) -> GeneratedText:
        random, parts = self.random, []
        for _ in range(self._some(30)):
            parts.append(character_of_a_script(random))
            if random.random() < 0.2:
                parts.append(" ")
        return GeneratedText("".join(parts), "scripts")

    def _emoji(self) -> GeneratedText:
        words = ("", " ", "a", "ok ", "!")
        random, count = self.random, self._some(8)
        return GeneratedText(
            _join(random.choice(EMOJI) + random.choice(words) for _ in range(count)), "emoji"
        )

    def _right_to_left(self) -> GeneratedText:
        random = self.random
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
            _join(
                random.choice(marks) + self._cut(source, 12) + random.choice(latin)
                for _ in range(self._some(5))
            ),
            "scripts",
        )

    def _stacks(self) -> GeneratedText:
        random, parts = self.random, []
        for _ in range(self._some(6)):
            parts.append(character_of_a_script(random) if random.random() < 0.6 else "e")
            most = 40 if random.random() < 0.03 else 5
            parts.append(picked(random, MARKS, most))
        return GeneratedText("".join(parts), "accents")

    def _controls(self) -> GeneratedText:
        random = self.random
        return GeneratedText(
            _join(
                random.choice(_WORDS) + picked(random, CONTROLS, 3) for _ in range(self._some(6))
            ),
            "control",
        )

    def _spaces(self) -> GeneratedText:
        random = self.random
        parts = []
        for _ in range(self._some(8)):
            run = random.random()
            if run < 0.4:
                parts.append(" " * self._some(6))
            elif run < 0.7:
                parts.append(picked(random, SPACES, 4))
            else:
                parts.append(random.choice(SPACES) * self._some(40 if run > 0.98 else 5))
            parts.append(
                random.choice(_WORDS) if random.random() < 0.8 else random.choice(".1\u2581")
            )
        shift = random.randrange(3)
        return GeneratedText("".join(parts[shift and 1 : len(parts) - (shift == 2)]), "whitespace")

    def _contractions(self) -> GeneratedText:
        random = self.random
        parts = []
        for _ in range(self._some(6)):
            parts.append(random.choice(_WORDS) if random.random() < 0.8 else "")
            parts.append(random.choice(_QUOTES))
            parts.append(random.choice(_ENDINGS) if random.random() < 0.8 else "")
            parts.append(random.choice((" ", " ", "", "\n", ",", "s")))
        return GeneratedText("".join(parts), "contractions")

    def _repeats(self) -> GeneratedText:
        random = self.random
        unit = random.choice((
            character_of_a_script(random), random.choice(_WORDS), random.choice(self._pieces),
            picked(random, _PUNCTUATION, 2), random.choice(SPACES),
            random.choice(MARKS), "ab ", "\u2581",
        ))  # fmt: skip
        return GeneratedText(unit * self._some(300 if len(unit) < 4 else 40), "repeat")

    def _glued_pieces(self) -> GeneratedText:
        random, parts = self.random, []
        for _ in range(self._some(9)):
            piece = random.choice(self._pieces)
            way = random.random()
            if way < 0.35:
                piece = bare(piece)
            elif way < 0.5:
                piece = bare(piece) + random.choice((" ", "\n", ".", "'"))
            elif way < 0.6:
                piece = bytes_as_text(piece)
            elif way < 0.65:
                piece = piece.translate(_SWAP)
            parts.append(piece)
            if random.random() < 0.35:
                parts.append(" ")
        return GeneratedText("".join(parts), "subword")

    def _added_tokens(self) -> GeneratedText:
        random, parts = self.random, []
        for _ in range(self._some(5)):
            token, way = random.choice(self._added), random.random()
            if way < 0.08:
                token = token.translate(_SWAP)
            elif way < 0.12:
                token = token.translate(_WIDE)
            elif way < 0.15:
                token = token.translate(_FOLDS)
            elif way < 0.20 and token:
                at = random.randrange(len(token))
                token = token[:at] + random.choice(_NEIGHBOURS) + token[at:]
            elif way < 0.24:
                token = token[random.randrange(2) : len(token) - random.randrange(2)]
            elif way < 0.28 and max(token, default="") < _NEWER:
                token = unicodedata.normalize("NFD" if random.random() < 0.5 else "NFC", token)
            parts += [random.choice(_NEIGHBOURS), token, random.choice(_NEIGHBOURS)]
            if random.random() < 0.4:
                parts.append(random.choice(_WORDS))
        return GeneratedText("".join(parts), "added-tokens")

    def _metaspaces(self) -> GeneratedText:
        random = self.random
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
        return GeneratedText(picked(random, items, self._some(12)), "metaspace")

    def _code(self) -> GeneratedText:
        return GeneratedText(self._cut(self.random.choice(CODE), 60), "code")

    def _numbers(self) -> GeneratedText:
        random, parts = self.random, []
        digits = random.choice(
            ("0123456789", "0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３", "½²③Ⅷ𝟜")
        )
        for _ in range(self._some(6)):
            parts += [random.choice(digits) for _ in range(self._some(7))]
            parts.append(random.choice((" ", ".", ",", "-", "/", ":", "e", "%", "€", "", "x", "'")))
        return GeneratedText("".join(parts), "numbers")

    def _spellings_mixed(self) -> GeneratedText:
        random = self.random
        return GeneratedText(
            _join(self._cut(random.choice(self._spellings), 12) for _ in range(self._some(5))),
            "normalization",
        )

    def _sentence(self) -> GeneratedText:
        return GeneratedText(self._cut(self.random.choice(self._sentences), 80), "languages")

    def _bent_sentence(self) -> GeneratedText:
        random = self.random
        text = self._cut(random.choice(self._sentences), 60)
        for _ in range(self._some(4)):
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
                text = text[:at] + text[at:].translate(_SWAP)
            elif way == 5:
                text = text[:at] + text[max(0, at - 5) :]
            elif way == 6:
                text = text[at:] + text[:at]
            else:
                text = text.replace(" ", random.choice(("", "  ", "\u00a0", "\u2581", "\n")))
        return GeneratedText(text, "languages")

    def _mixture(self) -> GeneratedText:
        parts = [self.random.choice(self._kinds)() for _ in range(self.random.randrange(2, 5))]
        joint = self.random.choice(("", "", " ", "\n"))
        return GeneratedText(joint.join(part.text[:60] for part in parts), parts[0].tag)

    def _long(self) -> GeneratedText:
        parts, length, wanted = [], 0, 1000 + self.random.randrange(3000)
        while length < wanted:
            part = self.random.choice(self._kinds)().text
            parts.append(part)
            length += len(part) + 1
        return GeneratedText(self.random.choice((" ", "", "\n")).join(parts), "length")

    def _cut(self, text: str, most: int) -> str:
        """A part of `text`, often its beginning."""
        start = self.random.randrange(len(text)) if self.random.random() < 0.7 else 0
        return text[start : start + self._some(most)]


def _join(parts: Iterable[str]) -> str:
    return "".join(parts)
