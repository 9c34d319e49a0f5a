r"""The small parts of a pattern: single characters, `\p{..}` and its like, and brackets."""

from __future__ import annotations

import re

from ..errors import TokenizerFileError, UnsupportedComponentError
from .classes import BRACKET_WORD, EVERYTHING, WORD, posix_class, property_class
from .code_points import CodePoints

__all__ = ["PatternText", "read_bracket", "read_character", "read_escaped_class"]

_MAX_NESTING = 50
_POSIX = re.compile(r"\[:(\^?)([A-Za-z]*):\]")
_PROPERTY = re.compile(r"\\([pP])\{(\^?)([^{}]*)\}")
_CONTROLS = {"t": "\t", "v": "\v", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_NUMBERS = (
    (re.compile(r"\\x\{([0-9A-Fa-f]{1,8})\}"), 16, 0x10FFFF),
    (re.compile(r"\\u([0-9A-Fa-f]{4})"), 16, 0x10FFFF),
    # \xHH and octal digits are bytes: those above 7F are parts of characters
    (re.compile(r"\\x([0-9A-Fa-f]{1,2})(?!\{)"), 16, 0x7F),
    (re.compile(r"\\(0[0-7]{0,2})"), 8, 0x7F),
)
_LETTERS_WITH_MEANING = frozenset("xuocCMpP0123456789")


class PatternText:
    """The text of a pattern and how far it has been read."""

    def __init__(self, pattern: str, path: str) -> None:
        self.pattern = pattern
        self.path = path
        self.at = 0

    @property
    def ended(self) -> bool:
        return self.at >= len(self.pattern)

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    def take(self, text: str) -> bool:
        if not self.peek(text):
            return False
        self.at += len(text)
        return True

    def _received(self) -> str:
        shown = repr(self.pattern[max(0, self.at - 10) : self.at + 10])
        return f"{shown} around character {self.at}"

    def malformed(self, expected: str) -> TokenizerFileError:
        return TokenizerFileError(
            self.path, expected, self._received(), "Oniguruma refuses this pattern too."
        )

    def unsupported(self, construct: str) -> UnsupportedComponentError:
        return UnsupportedComponentError(
            self.path,
            "a pattern that this version can match",
            f"{construct}, in {self._received()}",
            "It would change ids if it were ignored, so it is refused.",
        )


def read_escaped_class(text: PatternText, *, bracket: bool) -> CodePoints | None:
    r"""Takes `\w`, `\p{..}` and their like, if one stands here."""
    match = _PROPERTY.match(text.pattern, text.at)
    if match:
        points = property_class(match[3])
        if points is None:
            raise text.unsupported(f"the character property {match[3]!r}")
        text.at = match.end()
        if bracket and points == WORD:
            points = BRACKET_WORD
        return ~points if (match[1] == "P") != (match[2] == "^") else points
    letter = text.pattern[text.at + 1 : text.at + 2]
    name = {"w": "word", "s": "space", "d": "digit", "h": "xdigit"}.get(letter.lower())
    if not text.peek("\\") or name is None:
        return None
    text.at += 2
    points = WORD if name == "word" and not bracket else posix_class(name)
    assert points is not None  # the four names are POSIX names
    return ~points if letter.isupper() else points


def read_character(text: PatternText, *, bracket: bool) -> str:
    """Takes one character, written as it is or escaped."""
    character = text.pattern[text.at]
    if character != "\\":
        text.at += 1
        return character
    for form, radix, limit in _NUMBERS:
        match = form.match(text.pattern, text.at)
        if match:
            number = int(match[1], radix)
            if number > limit or 0xD800 <= number < 0xE000:
                raise text.unsupported(f"the code {match[0]}")
            text.at = match.end()
            return chr(number)
    letter = text.pattern[text.at + 1 : text.at + 2]
    if not letter:
        raise text.malformed("a character after the backslash")
    if letter in _LETTERS_WITH_MEANING:
        raise text.unsupported(f"the escape \\{letter}")
    text.at += 2
    if bracket and letter == "b":
        return "\b"
    return _CONTROLS.get(letter, letter)


def read_bracket(text: PatternText, depth: int = 0) -> tuple[CodePoints, bool]:
    """Takes a class in brackets: what is written in it, and whether that is negated."""
    if depth > _MAX_NESTING:
        raise text.unsupported("brackets this deep")
    text.take("[")
    negated = text.take("^")
    meet: CodePoints | None = None  # what was before the last &&
    pairs: list[tuple[int, int]] = []
    points = CodePoints.of("")
    first = True
    while first or not text.take("]"):
        if text.ended:
            raise text.malformed("the closing ] of a character class")
        if first and text.peek("]"):
            # the first ] is a character if another closes
            if "]" not in text.pattern[text.at + 1 :]:
                raise text.malformed("a character class that is not empty")
            text.at += 1
            _range(text, "]", pairs)
        elif text.take("&&"):
            points |= CodePoints.ranges(pairs)
            meet = points if meet is None else meet & points
            points, pairs = CodePoints.of(""), []
        elif (part := _class_part(text, depth)) is not None:
            points |= part
            if text.peek("-") and not text.peek("-]"):
                raise text.malformed("no range that begins with a class")
        else:
            _range(text, read_character(text, bracket=True), pairs)
        first = False
    points |= CodePoints.ranges(pairs)
    return (points if meet is None else meet & points), negated


def _class_part(text: PatternText, depth: int) -> CodePoints | None:
    """Takes `[:alpha:]`, a class in brackets or an escaped class, if one stands here."""
    posix = _POSIX.match(text.pattern, text.at)
    if posix:
        points = posix_class(posix[2])
        if points is None:
            raise text.malformed("the name of a POSIX class")
        text.at = posix.end()
        return ~points if posix[1] else points
    if text.peek("[:") and ":]" in text.pattern[text.at :]:
        raise text.unsupported("an unclear POSIX class")
    if text.peek("["):
        points, negated = read_bracket(text, depth + 1)
        return ~points & EVERYTHING if negated else points
    return read_escaped_class(text, bracket=True)


def _range(text: PatternText, first: str, pairs: list[tuple[int, int]]) -> None:
    """Takes the rest of the range that begins with `first`, if it is one."""
    last = first
    if text.peek("-") and not text.peek("-]"):
        if text.peek("-&&") or text.peek("-["):
            raise text.unsupported("a - before && or [ in a character class")
        text.take("-")
        if text.ended:
            raise text.malformed("the closing ] of a character class")
        if read_escaped_class(text, bracket=True) is not None:
            raise text.malformed("a range that ends with a character")
        last = read_character(text, bracket=True)
        if first > last:
            raise text.malformed("a range whose bounds ascend")
        if text.peek("-") and not text.peek("-]"):
            # [a-c-e] is a-c, - and e
            text.take("-")
            pairs.append((ord("-"), ord("-")))
    pairs.append((ord(first), ord(last)))
