"""The oracle's answers, a few texts for each code point -> `normalizers/grapheme_tables.py`.

`Precompiled` of the pinned `tokenizers` release treats a grapheme of fewer than six bytes as one
thing: where its map has something for the first bytes, all of it is replaced. With a map that has
"Y" for every first byte of a character that is not ASCII, the length of the answer tells where
graphemes begin: a short grapheme becomes one Y, a longer one a Y for each character. So the
classes are asked from the oracle and frozen as ranges: the same ids on every Python.

    python tools/make_grapheme_tables.py > src/lattice_tokenize/normalizers/grapheme_tables.py
"""

from __future__ import annotations

import struct

import tokenizers
from make_unicode_tables import literal, ranges
from tokenizers.normalizers import Precompiled

ASCII = range(1, 0x80)
BEYOND_ASCII = [*range(0x80, 0xD800), *range(0xE000, 0x110000)]  # all but the surrogates

ZWJ = "\u200d"
COPYRIGHT = "\u00a9"  # the shortest pictograph
KA, VIRAMA = "\u0915", "\u094d"  # a consonant and a linker of Devanagari
ACUTE = "\u0301"  # with it a character of three bytes is still short


def first_byte_map() -> bytes:
    """A charsmap in which every first byte of a character becomes Y."""
    root, children, leaf = 0, 0x100, 0x200
    units = [0] * 0x300
    units[root] = (root ^ children) << 10
    for byte in [*ASCII, *range(0xC2, 0xF5)]:
        unit = children ^ byte
        units[unit] = byte | 0x100 | (unit ^ leaf) << 10
    units[leaf] = 1 << 31
    return struct.pack(f"<{len(units) + 1}I", 4 * len(units), *units) + b"Y\0"


ASK = Precompiled(first_byte_map())


def answer(text: str) -> int:
    """How many Y the text becomes."""
    return len(ASK.normalize_str(text))


def those(before: str, after: str, length: int) -> list[int]:
    """The code points that, between `before` and `after`, give that many Y."""
    return [c for c in BEYOND_ASCII if answer(before + chr(c) + after) == length]


def main() -> None:
    joining = set(those("a", "", 1))
    prepended = set(those("", "a", 1))
    # nothing joins a control; two marks are one short grapheme, with a third character a long one
    controls = [c for c in ASCII if answer(chr(c) + ACUTE) == 2]
    controls += those("", ACUTE + ACUTE, 2)
    # if what comes before is joined, the last letter and its mark are no short grapheme any more
    extending = set(those(COPYRIGHT, f"{ZWJ}{COPYRIGHT}{ACUTE}", 5)) & joining
    pictographs = set(those("", f"{ZWJ}{COPYRIGHT}{ACUTE}", 4)) - joining - prepended
    consonants = set(those("", f"{VIRAMA}{KA}{ACUTE}", 4)) - joining - prepended
    linkers = set(those(KA, KA + ACUTE, 4)) & joining
    before_l = set(those("", f"\u1100{ACUTE}", 3)) - prepended
    before_v = set(those("", f"\u1161{ACUTE}", 3)) - prepended
    before_t = set(those("", f"\u11a8{ACUTE}", 3)) - prepended
    lead = before_l & before_v
    vowel = before_v & before_t - set(range(0xAC00, 0xD7A4))
    trail = before_t - before_v - set(range(0xAC00, 0xD7A4))
    version = tokenizers.__version__
    print(
        f'''"""How the oracle joins characters into graphemes, as ranges of hexadecimal code points.

Made by `tools/make_grapheme_tables.py` from tokenizers {version}; not edited by hand.
"""

# fmt: off'''
    )
    spacing = joining - extending - {ord(ZWJ)}
    print(
        literal("EXTENDING", "joins what is before; U+200D is not here", ranges(sorted(extending)))
    )
    print(
        literal("SPACING", "joins what is before, and is no part of emoji", ranges(sorted(spacing)))
    )
    print(literal("PREPENDED", "joins what is after", ranges(sorted(prepended))))
    print(literal("CONTROLS", "joins nothing", ranges([0, *controls])))
    print(literal("PICTOGRAPHS", "joins another one across U+200D", ranges(sorted(pictographs))))
    print(literal("CONSONANTS", "joins another one across a linker", ranges(sorted(consonants))))
    print(
        literal(
            "LINKERS", "stands between consonants; is in EXTENDING too", ranges(sorted(linkers))
        )
    )
    print(literal("HANGUL_LEAD", "L: before L, V and syllables", ranges(sorted(lead))))
    print(literal("HANGUL_VOWEL", "V: before V and T", ranges(sorted(vowel))))
    print(literal("HANGUL_TRAIL", "T: before T", ranges(sorted(trail))), end="")


if __name__ == "__main__":
    main()
