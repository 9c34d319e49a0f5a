"""A random number generator -> characters that are hard on tokenizers.

The ranges are written out: what a Python's own Unicode tables call a letter is another set in
every version, and the same seed must give the same characters everywhere.
"""

from __future__ import annotations

from random import Random

__all__ = [
    "CONTROLS",
    "EMOJI",
    "MARKS",
    "SPACES",
    "any_character",
    "character_of_a_script",
    "picked",
]

SPACES = (
    " ", " ", " ", "\t", "\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85",
    "\xa0", "\u1680", "\u180e", *map(chr, range(0x2000, 0x2010)), "\u2028", "\u2029", "\u202f",
    "\u205f", "\u2060", "\u2800", "\u3000", "\u3164", "\ufeff",
)  # fmt: skip
CONTROLS = (
    *map(chr, range(0x20)), *map(chr, range(0x7F, 0xA1)), "\xad", "\u034f", "\u061c",
    *map(chr, range(0x200B, 0x2010)), *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2060, 0x2070)), "\ufe0e", "\ufe0f", "\ufeff", "\ufff9", "\ufffc", "\ufffd",
    "\ufffe", "\uffff", "\ue000", "\U000e0001", "\U000e0061", "\U000e0100", "\U000f0000",
    "\U0010ffff",
)  # fmt: skip
MARKS = (
    *map(chr, range(0x300, 0x370)), *map(chr, range(0x483, 0x48A)), *map(chr, range(0x591, 0x5BE)),
    *map(chr, range(0x64B, 0x660)), "\u0e31", "\u0e38", "\u0f71", "\u0f72", "\u093c", "\u094d",
    *map(chr, range(0x1AB0, 0x1ACF)), *map(chr, range(0x1DC0, 0x1E00)), "\u20d0", "\u20dd",
    "\u20e3", "\u302a", "\u3099", "\u309a", "\ufe20", "\ufe2f", "\U0001d165", "\U0001e8d0",
)  # fmt: skip
EMOJI = (
    "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd", "❤\ufe0f",
    "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f1e9\U0001f1ea", "\U0001f1e9", "1\ufe0f\u20e3", "☃",
    "\U0001f9d1\U0001f3ff\u200d\U0001f91d\u200d\U0001f9d1", "\U0001faf1\U0001f3fb\u200d\U0001faf2",
    "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\u200d", "\ufe0f", "\U0001f3fb", "™", "©\ufe0f",
)  # fmt: skip
_SCRIPTS = (
    (0x41, 0x5A), (0x61, 0x7A), (0x30, 0x39), (0x21, 0x7E), (0xC0, 0x24F), (0x250, 0x2FF),
    (0x370, 0x3FF), (0x400, 0x52F), (0x531, 0x58F), (0x5D0, 0x5F4), (0x620, 0x6FF), (0x700, 0x7BF),
    (0x900, 0x97F), (0x980, 0x9FF), (0xA00, 0xB7F), (0xB80, 0xDFF), (0xE01, 0xE5B), (0xE80, 0xFDA),
    (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x139F), (0x13A0, 0x13FD),
    (0x1400, 0x16FF), (0x1780, 0x18AF), (0x1900, 0x1CFF), (0x1E00, 0x1EFF), (0x1F00, 0x1FFF),
    (0x2010, 0x206F), (0x2070, 0x20CF), (0x2100, 0x218F), (0x2190, 0x23FF), (0x2400, 0x27BF),
    (0x2900, 0x2BFF), (0x2C00, 0x2DFF), (0x2E00, 0x2E7F), (0x2E80, 0x2FDF), (0x3001, 0x303F),
    (0x3041, 0x309F), (0x30A0, 0x30FF), (0x3105, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xA000, 0xA4CF), (0xA4D0, 0xABFF), (0xAC00, 0xD7A3), (0xD7B0, 0xD7FB), (0xF900, 0xFAFF),
    (0xFB00, 0xFDFF), (0xFE10, 0xFE6F), (0xFE70, 0xFEFF), (0xFF01, 0xFF60), (0xFF61, 0xFFEF),
    (0x10000, 0x100FF), (0x10140, 0x103FF), (0x10400, 0x1044F), (0x10450, 0x10FFF),
    (0x11000, 0x11FFF), (0x12000, 0x1342F), (0x13430, 0x16FFF), (0x17000, 0x18CFF),
    (0x1B000, 0x1B2FF), (0x1BC00, 0x1BCAF), (0x1D000, 0x1D24F), (0x1D400, 0x1D7FF),
    (0x1E000, 0x1E95F), (0x1EC70, 0x1EEFF), (0x1F000, 0x1F2FF), (0x1F300, 0x1FAFF),
    (0x20000, 0x2A6DF), (0x2A700, 0x2FA1F), (0x30000, 0x3134F),
)  # fmt: skip
_FIRST_SURROGATE, _AFTER_SURROGATES, _END = 0xD800, 0xE000, 0x110000


def picked(random: Random, items: tuple[str, ...], most: int) -> str:
    """One to `most` of `items`, joined."""
    return "".join([random.choice(items) for _ in range(random.randrange(most) + 1)])


def character_of_a_script(random: Random) -> str:
    """Any code point of a block that has letters or signs, assigned or not."""
    first, last = random.choice(_SCRIPTS)
    return chr(random.randrange(first, last + 1))


def any_character(random: Random) -> str:
    """Any code point but surrogates: half of them below U+3000, the rest of all planes."""
    if random.random() < 0.5:
        return chr(random.randrange(0x3000))
    code_point = random.randrange(_END - (_AFTER_SURROGATES - _FIRST_SURROGATE))
    if code_point >= _FIRST_SURROGATE:
        code_point += _AFTER_SURROGATES - _FIRST_SURROGATE
    return chr(code_point)
