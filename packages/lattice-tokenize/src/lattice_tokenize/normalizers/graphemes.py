"""Text -> where its graphemes of more than one character are.

Follows the extended grapheme clusters of the crate unicode-segmentation, with the Unicode age of
the oracle: the classes are frozen in `grapheme_tables`. Regional indicators, which pair up to
flags, are left out on purpose: the one user of this module looks only at graphemes of fewer than
six bytes, and two indicators have eight.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from ..character_classes import CharacterClass, CharacterMap
from . import grapheme_tables

__all__ = ["brackets", "graphemes_of_several", "may_hold_short_grapheme", "reaches_over_ends"]

# A letter for each class, so that the rules are a pattern over letters. The first class that
# holds a code point wins; most code points are in none and have a dot.
_CLASSES = {
    "k": CharacterClass(grapheme_tables.LINKERS),
    "e": CharacterClass(grapheme_tables.EXTENDING),
    "z": CharacterClass("200D"),
    "s": CharacterClass(grapheme_tables.SPACING),
    "p": CharacterClass(grapheme_tables.PREPENDED),
    "r": CharacterClass("D"),
    "n": CharacterClass("A"),
    "c": CharacterClass(grapheme_tables.CONTROLS),
    "x": CharacterClass(grapheme_tables.PICTOGRAPHS),
    "i": CharacterClass(grapheme_tables.CONSONANTS),
    "L": CharacterClass(grapheme_tables.HANGUL_LEAD),
    "V": CharacterClass(grapheme_tables.HANGUL_VOWEL),
    "T": CharacterClass(grapheme_tables.HANGUL_TRAIL),
}
# not a joiner between consonants, unlike all others that extend
_ZERO_WIDTH_NON_JOINER = 0x200C
_FIRST_SYLLABLE, _LAST_SYLLABLE, _TRAILS = 0xAC00, 0xD7A3, 28


def _letter(code_point: int) -> str:
    if _FIRST_SYLLABLE <= code_point <= _LAST_SYLLABLE:
        # a syllable without a trail (LV) takes a vowel or a trail, one with it (LVT) only a trail
        return "G" if (code_point - _FIRST_SYLLABLE) % _TRAILS == 0 else "H"
    if code_point == _ZERO_WIDTH_NON_JOINER:
        return "o"
    return next((name for name, members in _CLASSES.items() if code_point in members), ".")


_LETTERS = CharacterMap(_letter)
_JOINING = "ekozs"  # with what is before

# Single characters are passed over quickly: the letter after them must allow more.
_MORE = f"(?=rn|p.|L[LVGH]|[GV][VT]|[HT]T|[^pcrn][{_JOINING}])"
# Each star is over letters that cannot begin what follows it, so nothing is tried twice and the
# time is linear, for a million marks too.
_CORE = (
    "(?:L*(?:V+|GV*|[GH])T*|L+|T+"  # Hangul
    "|x(?:[eko]*zx)*"  # emoji
    "|i(?:[ez]*k[ezk]*i)*"  # consonants joined by a virama
    f"|[^pcrn{_JOINING}])"
)
_SEVERAL = re.compile(f"{_MORE}(?:rn|p*{_CORE}[{_JOINING}]*|p*[{_JOINING}]+|p+)")


def graphemes_of_several(text: str) -> Iterator[tuple[int, int]]:
    """Start and stop of each grapheme of more than one character.

    >>> list(graphemes_of_several("a\\r\\ne\\u0302\\u0301"))
    [(1, 3), (3, 6)]
    """
    for match in _SEVERAL.finditer(text.translate(_LETTERS)):
        start, stop = match.span()
        if stop - start > 1:
            yield start, stop


def _ranges(table: str) -> Iterator[tuple[int, int]]:
    for part in table.split():
        first, _, last = part.partition("-")
        yield int(first, 16), int(last or first, 16)


def _clipped(ranges: Iterable[tuple[int, int]], first: int, last: int) -> Iterator[tuple[int, int]]:
    for start, end in ranges:
        if start <= last and end >= first:
            yield max(start, first), min(end, last)


def brackets(ranges: Iterable[tuple[int, int]], first: int = 0, last: int = 0x10FFFF) -> str:
    """A regular expression's set: what of `ranges`, ends included, is in `first` to `last`."""
    pairs = _clipped(ranges, first, last)
    return "[" + "".join(f"\\U{start:08X}-\\U{end:08X}" for start, end in pairs) + "]"


@cache
def _searches() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What joins at all, and what may join into a few bytes.

    A set is slow if it has many ranges beyond U+FFFF, so those are looked at only where such a
    character is.
    """
    prepended = [*_ranges(grapheme_tables.PREPENDED)]
    joining = [*_ranges(grapheme_tables.EXTENDING), *_ranges(grapheme_tables.SPACING)]
    joining.append((0x200D, 0x200D))
    far = "[\U00010000-\U0010ffff]"
    near = [*_clipped([*prepended, *joining], 0, 0xFFFF)]
    joins = brackets([*near, (0x10000, 0x10FFFF)])
    joins_briefly = (
        f"{brackets([*prepended, *_clipped(joining, 0, 0x7FF)], 0, 0xFFFF)}"
        f"|[\0-\u07ff]{brackets(joining, 0x800, 0xFFFF)}"
        f"|(?={far}){brackets(prepended, 0x10000)}"
        f"|[\0-\x7f](?={far}){brackets(joining, 0x10000)}"
    )
    return re.compile(joins), re.compile(joins_briefly)


def may_hold_short_grapheme(text: str) -> bool:
    """False only if every grapheme is a single character or has six bytes or more.

    >>> may_hold_short_grapheme("e\\u0301"), may_hold_short_grapheme("हिन्दी")
    (True, False)
    """
    joins, joins_briefly = _searches()
    return "\r\n" in text or bool(joins.search(text) and joins_briefly.search(text))


def reaches_over_ends(text: str) -> bool:
    """Whether the text begins with what joins a letter before, or ends with what joins one after.

    >>> reaches_over_ends("\\u0301a"), reaches_over_ends("a\\u0301")
    (True, False)
    """
    return text != "" and (_LETTERS[ord(text[0])] in _JOINING or _LETTERS[ord(text[-1])] == "p")
