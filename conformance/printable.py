"""Text -> the same text with what a reader could not see as JSON escapes.

What counts as printable is a table, `unprintable.txt`, and not `str.isprintable`: that follows the
Unicode of the running Python, and a case file must be the same bytes, and have the same hashes,
under every Python.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["escaped"]

_TABLE = Path(__file__).resolve().parent / "unprintable.txt"


def escaped(text: str) -> str:
    r"""
    >>> escaped("a b\u00a0\U000e0001c") == r"a b\u00a0\udb40\udc01c"
    True
    """
    return text if text.isascii() and text.isprintable() else _unprintable().sub(_escape, text)


@cache
def _unprintable() -> re.Pattern[str]:
    ranges = [
        "-".join(f"\\U{int(end, 16):08x}" for end in word.split("-"))
        for line in _TABLE.read_text(encoding="ascii").splitlines()
        if not line.startswith("#")
        for word in line.split()
    ]
    return re.compile(f"[{''.join(ranges)}]")


def _escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
