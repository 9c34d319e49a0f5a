"""Text -> text in which what the map of a sentencepiece model knows is replaced.

Follows `Precompiled` of Hugging Face tokenizers: a grapheme of fewer than six bytes is looked up
whole, and what the map has for its beginning replaces all of it; where the map has nothing, and in
longer graphemes, characters are looked up one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from ..aligned_text import AlignedText
from .charsmap import MAX_KEY_BYTES, Charsmap
from .graphemes import (
    brackets,
    graphemes_of_several,
    may_hold_short_grapheme,
    reaches_over_ends,
)
from .normalizer import Normalizer

__all__ = ["Precompiled"]

_MAX_REMEMBERED = 1 << 16


class _Found(dict[str, "str | None"]):
    """Grapheme -> what the map has for it if it is short; looked up when it is first met."""

    def __init__(self, charsmap: Charsmap) -> None:
        super().__init__()
        self._charsmap = charsmap

    def __missing__(self, grapheme: str) -> str | None:
        if len(self) >= _MAX_REMEMBERED:
            self.clear()
        short = len(grapheme.encode("utf-8")) <= MAX_KEY_BYTES
        found = self[grapheme] = self._charsmap.find(grapheme) if short else None
        return found


class _Characters(dict[str, str]):
    """Character -> what becomes of it."""

    def __init__(self, found: _Found) -> None:
        super().__init__()
        self._found = found

    def __missing__(self, character: str) -> str:
        new = self._found[character]
        value = self[character] = character if new is None else new
        return value


class _AsciiTable(dict[int, "str | None"]):
    """The same for `str.translate`, to which None is nothing, and "" a reason to slow down."""

    def __init__(self, characters: _Characters) -> None:
        super().__init__()
        self._characters = characters

    def __missing__(self, code_point: int) -> str | None:
        value = self[code_point] = self._characters[chr(code_point)] or None
        return value


@dataclass(frozen=True)
class Precompiled(Normalizer):
    """The normalizer of most sentencepiece models.

    >>> import base64, struct
    >>> units = [0x100 << 10, *[0] * 0x2FF]
    >>> units[0x161] = (0x161 ^ 0x200) << 10 | 0x100 | 0x61  # "a" becomes the text at 0
    >>> units[0x200] = 1 << 31 | 0
    >>> blob = struct.pack(f"<{len(units) + 1}I", 4 * len(units), *units) + b"A\\0"
    >>> normalizer = Precompiled(Charsmap(base64.b64encode(blob).decode()))
    >>> normalizer("banana, bana\\u0301na")  # the accent goes with its letter
    'bAnAnA, bAnAnA'
    """

    precompiled_charsmap: Charsmap = field(metadata={"read": Charsmap.read})
    _found: _Found = field(init=False, repr=False, compare=False)
    _characters: _Characters = field(init=False, repr=False, compare=False)
    _ascii: _AsciiTable = field(init=False, repr=False, compare=False)
    _known: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = _Found(self.precompiled_charsmap)
        characters = _Characters(found)
        object.__setattr__(self, "_found", found)
        object.__setattr__(self, "_characters", characters)
        object.__setattr__(self, "_ascii", _AsciiTable(characters))
        object.__setattr__(self, "_known", _any_of(self.precompiled_charsmap.characters()))

    def __call__(self, text: str) -> str:
        if "\r\n" in text:
            # a grapheme of its own, and the only one of ASCII
            new = self._found["\r\n"]
            between = self._one_by_one("\r\n") if new is None else new
            return between.join([self(line) for line in text.split("\r\n")])
        if text.isascii():
            return text.translate(self._ascii)
        if not may_hold_short_grapheme(text):
            return self._one_by_one(text)
        parts: list[str] = []
        done = 0
        for start, stop, new in self._graphemes(text):
            if done < start:
                parts.append(self._one_by_one(text[done:start]))
            parts.append(new)
            done = stop
        parts.append(self._one_by_one(text[done:]))
        return "".join(parts)

    def _one_by_one(self, text: str) -> str:
        """What becomes of the text if no grapheme of it has several characters."""
        parts = self._known.split(text)  # what is known is at the odd places
        if len(parts) > 1:
            parts[1::2] = [self._characters[character] for character in parts[1::2]]
        return "".join(parts)

    def _graphemes(self, text: str) -> Iterator[tuple[int, int, str]]:
        """The graphemes of several characters that are replaced: start, stop, what comes."""
        for start, stop in graphemes_of_several(text):
            if stop - start <= MAX_KEY_BYTES:
                new = self._found[text[start:stop]]
                if new is not None:
                    yield start, stop, new

    def _pieces(self, text: str) -> Iterator[tuple[int, int, str]]:
        """All that is replaced, single characters too."""
        graphemes = self._graphemes(text) if may_hold_short_grapheme(text) else ()
        done = 0
        for start, stop, new in chain(graphemes, [(len(text), len(text), "")]):
            for match in self._known.finditer(text, done, start):
                yield match.start(), match.end(), self._characters[match[0]]
            if start < stop:
                yield start, stop, new
            done = stop

    def reaches_over(self, text: str) -> bool:
        """Whether a space before or behind the text would be in one grapheme with its end."""
        return reaches_over_ends(text)

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from.

        What is new where a replacement is longer comes from where the character before came from.
        What is dropped goes with the character before; at the beginning, where there is none, it
        is the end of the text that loses its place instead, as in the oracle.
        """
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = old = 0  # how far the text is done, and how far its places are taken
        last_is_new = False
        for start, stop, new in self._pieces(text.text):
            places = old + start - done
            longer = len(new) - (stop - start)
            taken = places + len(new) - max(longer, 0)
            parts += (text.text[done:start], new)
            starts += text.starts[old:taken]
            ends += text.ends[old:taken]
            last_is_new = last_is_new and taken == old
            old = taken
            if longer > 0:
                place = (text.starts[old - 1], text.ends[old - 1]) if old else (text.origin,) * 2
                starts += [place[0]] * longer
                ends += [place[1]] * longer
                last_is_new = True
            elif longer < 0 and starts:
                if last_is_new:
                    # the oracle counts +1 for what is new and -1 for what is dropped, and in sum
                    # the new character stands for the dropped one
                    starts[-1], ends[-1] = text.starts[old], text.ends[old]
                    last_is_new = False
                old -= longer
            done = stop
        if not parts:
            return text
        parts.append(text.text[done:])
        rest = old + len(text) - done
        starts += text.starts[old:rest]
        ends += text.ends[old:rest]
        return AlignedText("".join(parts), starts, ends, text.origin)


def _any_of(ranges: Iterable[tuple[int, int]]) -> re.Pattern[str]:
    """Finds, in a group, the characters in `ranges`, and maybe others beyond U+FFFF.

    A set is slow if it has many ranges there.
    """
    ranges = [*ranges]
    near = [(first, last) for first, last in ranges if first <= 0xFFFF]
    far = [(0x10000, 0x10FFFF)] if len(near) < len(ranges) else []
    return re.compile(f"({brackets([*near, *far])})" if ranges else "((?!))")
