"""The oracle's answers -> `lattice_tokenize/normalizers/normalization_tables.py`.

The Unicode forms of the pinned `tokenizers` release are those of Unicode 9. What has been assigned
since neither decomposes, composes nor is reordered there, while Python's `unicodedata` is of a
later age, which changes with the interpreter. By Unicode's stability policy the two can differ
only where a newer character stands, so these are all that has to be known. Code points that are
not assigned yet count as newer: a later Python may know them.

    python3.13 tools/make_normalization_tables.py > normalization_tables.py

Run it with the newest supported Python, where `tokenizers` can be imported.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from typing import Any, Literal

import tokenizers
from tokenizers.normalizers import NFC, NFD, NFKC, NFKD, StripAccents

sys.path.insert(0, str(Path(__file__).parent))
from make_unicode_tables import CODE_POINTS, literal, ranges

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: dict[Form, Any] = {"NFC": NFC(), "NFD": NFD(), "NFKC": NFKC(), "NFKD": NFKD()}
LOWEST_CLASS, HIGHEST_CLASS = "\u0334", "\u0345"  # 1 and 240


def reordered(text: str) -> bool:
    return bool(FORMS["NFD"].normalize_str(text) != text)


def nonstarter(character: str) -> bool:
    """True where the oracle gives the character, or the first of its parts, a combining class."""
    first = FORMS["NFKD"].normalize_str(character)[0]
    return (
        first == LOWEST_CLASS or reordered(first + LOWEST_CLASS) or reordered(HIGHEST_CLASS + first)
    )


def unassigned(code_point: int) -> bool:
    permanent = code_point & 0xFFFE == 0xFFFE or 0xFDD0 <= code_point <= 0xFDEF
    return unicodedata.category(chr(code_point)) == "Cn" and not permanent


def newer_composition(composed: str) -> list[str]:
    """The characters that Python composes and the oracle does not."""
    parts = unicodedata.decomposition(composed).split()
    if len(parts) != 2 or parts[0].startswith("<"):
        return []
    pair = "".join(chr(int(part, 16)) for part in parts)
    if unicodedata.normalize("NFC", pair) == FORMS["NFC"].normalize_str(pair):
        return []
    return [composed, *pair]


def main() -> None:
    newer, nonstarters, combining = set(), [], []
    for code_point in CODE_POINTS:
        character = chr(code_point)
        marks = nonstarter(character)
        if marks:
            nonstarters.append(code_point)
        if StripAccents().normalize_str(character) == "":
            combining.append(code_point)
        if (
            unassigned(code_point)
            or (unicodedata.combining(character) and not marks)
            or any(
                oracle.normalize_str(character) != unicodedata.normalize(form, character)
                for form, oracle in FORMS.items()
            )
        ):
            newer.add(code_point)
        newer.update(map(ord, newer_composition(character)))
    for code_point in newer:
        character = chr(code_point)
        assert not nonstarter(character), f"U+{code_point:04X} is known to the oracle"
        assert all(form.normalize_str(character) == character for form in FORMS.values())
    version = tokenizers.__version__
    print(
        f'''"""Normalization classes of the oracle, as ranges of hexadecimal code points.

Made by `tools/make_normalization_tables.py` from tokenizers {version}; not edited by hand.
"""

# fmt: off'''
    )
    print(
        literal("NEWER", "without effect in the oracle, but not in Unicode", ranges(sorted(newer)))
    )
    print(
        literal("NONSTARTERS", "has a combining class, or its first part has", ranges(nonstarters))
    )
    print(literal("COMBINING", "dropped by StripAccents: all marks", ranges(combining)), end="")


if __name__ == "__main__":
    main()
