"""A text as it is -> one line that a terminal can show."""

from __future__ import annotations

__all__ = ["printable"]


def printable(text: str) -> str:
    r"""Line feeds, escapes and other characters that a terminal would obey, as Python writes them.

    >>> printable("two\nlines\x1b[31m, naïve")
    'two\\nlines\\x1b[31m, naïve'
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
