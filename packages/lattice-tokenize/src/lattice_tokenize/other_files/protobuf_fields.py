"""Bytes of a protobuf message -> its fields, one after the other, as (number, value).

Follows the wire format of Protocol Buffers: varints, 32 and 64 bits, and stretches of bytes.
Groups, which the format has given up, are refused. Every length is checked before anything is
taken, so that truncated or corrupt bytes are an error and cost no memory.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ..errors import TokenizerFileError

__all__ = ["ProtobufFields", "Value"]

Value = int | bytes | memoryview

_VARINT, _BITS64, _BYTES, _BITS32 = 0, 1, 2, 5
_KINDS = {_VARINT: "a varint", _BITS64: "64 bits", _BYTES: "bytes", _BITS32: "32 bits"}


class ProtobufFields:
    """One message. Iterate over it, then ask each field for its value in the kind it should have.

    >>> fields = ProtobufFields(memoryview(bytes([8, 150, 1, 18, 2, 104, 105])), "file", 0)
    >>> [(number, fields.text(value) if number == 2 else fields.integer(value))
    ...  for number, value in fields]
    [(1, 150), (2, 'hi')]
    """

    def __init__(self, content: memoryview, file: str, start: int) -> None:
        """`start`: where in the file the message begins, for errors."""
        self._content = content
        self._file = file
        self._start = start
        self._at = 0
        self._inner_start = start
        self._field = ""

    def error(self, expected: str, received: str) -> TokenizerFileError:
        """An error that names the byte where the current field begins."""
        return TokenizerFileError(
            f"{self._file}: byte {self._start + self._at}{self._field}",
            expected,
            received,
            "The file is damaged, or is none of SentencePiece's; fetch it again.",
        )

    def __iter__(self) -> Iterator[tuple[int, Value]]:
        content, size = self._content, len(self._content)
        at = 0
        while at < size:
            self._at, self._field = at, ""
            key, at = self._varint(at)
            number, kind = key >> 3, key & 7
            self._field = f" (field {number})"
            if not 0 < number < 1 << 29:
                raise self.error("a field number", str(number))
            if kind == _VARINT:
                value, after = self._varint(at)
                yield number, value
            else:
                if kind == _BYTES:
                    length, at = self._varint(at)
                elif kind in (_BITS32, _BITS64):
                    length = 4 if kind == _BITS32 else 8
                else:
                    raise self.error("a kind of field from 0, 1, 2 and 5", str(kind))
                after = at + length
                if after > size:
                    raise self.error(f"{length} bytes", f"the end of the message after {size - at}")
                stretch = content[at:after]
                self._inner_start = self._start + at
                # the two kinds differ in type: a stretch is a view, fixed bits are bytes
                yield number, stretch if kind == _BYTES else bytes(stretch)
            at = after

    def _varint(self, at: int) -> tuple[int, int]:
        value = shift = 0
        for index in range(at, min(at + 10, len(self._content))):
            byte = self._content[index]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & 0xFFFFFFFFFFFFFFFF, index + 1
            shift += 7
        raise self.error("a varint of up to 10 bytes", "one without end")

    def integer(self, value: Value) -> int:
        """A signed integer of 32 bits."""
        if not isinstance(value, int):
            raise self._wrong_kind(_VARINT, value)
        value &= 0xFFFFFFFF
        return value - (1 << 32) if value >> 31 else value

    def boolean(self, value: Value) -> bool:
        if not isinstance(value, int):
            raise self._wrong_kind(_VARINT, value)
        return value != 0

    def number(self, value: Value) -> float:
        """A float of 32 bits, which must be finite."""
        if not isinstance(value, bytes) or len(value) != 4:
            raise self._wrong_kind(_BITS32, value)
        number: float = struct.unpack("<f", value)[0]
        if number - number != 0:
            raise self.error("a finite number", str(number))
        return number

    def stretch(self, value: Value) -> bytes:
        if not isinstance(value, memoryview):
            raise self._wrong_kind(_BYTES, value)
        return bytes(value)

    def text(self, value: Value) -> str:
        try:
            return self.stretch(value).decode("utf-8")
        except UnicodeDecodeError:
            raise self.error("UTF-8", "bytes that are none") from None

    def message(self, value: Value) -> ProtobufFields:
        if not isinstance(value, memoryview):
            raise self._wrong_kind(_BYTES, value)
        return ProtobufFields(value, self._file, self._inner_start)

    def _wrong_kind(self, wanted: int, value: Value) -> TokenizerFileError:
        if isinstance(value, int):
            kind = _VARINT
        elif isinstance(value, memoryview):
            kind = _BYTES
        else:
            kind = _BITS32 if len(value) == 4 else _BITS64
        return self.error(_KINDS[wanted], _KINDS[kind])
