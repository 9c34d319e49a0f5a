"""A file of text or JSON -> its text, its lines, its object; or an error that says where.

Errors name the file and the line or byte. Everything that another program may have cut off, saved
in another encoding or nested without end is a `TokenizerFileError`, never another exception.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import TokenizerFileError

__all__ = ["read_bytes", "read_json_object", "read_lines", "read_text"]

_BYTE_ORDER_MARK = "\ufeff"


def read_bytes(path: Path) -> bytes:
    """The content of the file at `path`, which must be there and be a file."""
    try:
        return path.read_bytes()
    except OSError as error:
        received = "nothing" if not path.exists() else f"an error: {error.strerror}"
        raise TokenizerFileError(str(path), "a file that can be read", received) from None


def read_text(path: Path) -> str:
    """The text of a UTF-8 file without byte order mark."""
    content = read_bytes(path)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TokenizerFileError(
            f"{path}: line {line}, byte {error.start}",
            "UTF-8",
            f"the byte 0x{content[error.start]:02X}",
            "Save the file as UTF-8.",
        ) from None
    if text.startswith(_BYTE_ORDER_MARK):
        raise TokenizerFileError(
            f"{path}: line 1",
            "UTF-8 without byte order mark",
            "a byte order mark",
            "It would become part of the first token; save the file without it.",
        )
    return text


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file, which end at LF or CR LF and at nothing else.

    A CR without LF ends a line for some readers of these files and not for others, so it is
    refused.
    """
    lines = read_text(path).split("\n")
    if lines[-1] == "":
        lines.pop()
    for index, line in enumerate(lines):
        if "\r" in line:
            lines[index] = line = line.removesuffix("\r")
            if "\r" in line:
                raise TokenizerFileError(
                    f"{path}: line {index + 1}",
                    "lines that end with LF or CR LF",
                    "a CR within a line",
                    "Readers disagree about it; save the file with LF line ends.",
                )
    return lines


def read_json_object(path: Path) -> dict[str, Any]:
    """The JSON object that is the whole of the file at `path`."""
    text = read_text(path)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise TokenizerFileError(
            f"{path}: line {error.lineno}, column {error.colno}", "JSON", error.msg
        ) from None
    except RecursionError:
        raise TokenizerFileError(str(path), "JSON", "JSON that is nested too deeply") from None
    except ValueError as error:  # an integer of more digits than Python converts
        raise TokenizerFileError(str(path), "JSON", str(error)) from None
    if not isinstance(value, dict):
        raise TokenizerFileError(str(path), "a JSON object", f"a {type(value).__name__}")
    return value
