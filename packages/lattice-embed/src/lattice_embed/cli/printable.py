"""A text or a number as it is -> how a terminal shows it, in one line."""

from __future__ import annotations

__all__ = ["counted", "printable"]


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


def counted(number: int, noun: str) -> str:
    """
    >>> counted(1, "vector"), counted(2000, "vector")
    ('1 vector', '2,000 vectors')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
