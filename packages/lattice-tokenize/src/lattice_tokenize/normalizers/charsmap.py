"""`precompiled_charsmap` of a sentencepiece model, in base64 -> what it has for a short text.

The blob is the size of a trie in bytes, the trie (a double array as Darts-clone writes it, four
bytes a unit, little-endian), and UTF-8 texts that end with NUL. A leaf of the trie is the place of
a text. Follows the crate spm_precompiled, which answers with the shortest key that begins the
text, takes a text without NUL to the end of the blob, and never looks at a NUL of a key.
On purpose different: a blob that could lead outside itself is refused when it is read; the crate
panics when a text comes across such a place.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..errors import TokenizerFileError

__all__ = ["MAX_KEY_BYTES", "Charsmap"]

# the longest text that is ever looked up
MAX_KEY_BYTES = 5

Integers = npt.NDArray[np.int64]

_BLOCK = 256  # the children of a node are in one block of units, at its place XOR their bytes
_LABEL = 1 << 31 | 0xFF
_ROOT_UNIT = 0
# of UTF-8 sequences in which 0, 1, 2 or 3 bytes follow the first: its range, the smallest code
# point, and the sum of the bits that only mark the bytes
_FIRST_BYTES = ((0x01, 0x80), (0xC2, 0xE0), (0xE0, 0xF0), (0xF0, 0xF5))
_SMALLEST = (0, 0x80, 0x800, 0x10000)
_MARKER_BITS = (0, 0x3080, 0xE2080, 0x3C82080)


@dataclass(frozen=True)
class Charsmap:
    """A map from texts of a few bytes to texts.

    >>> units = [0x100 << 10, *[0] * 0x2FF]  # the root's children are in the second block
    >>> units[0x161] = (0x161 ^ 0x200) << 10 | 0x100 | 0x61  # "a", and a leaf
    >>> units[0x200] = 1 << 31 | 0  # the leaf: the text at 0
    >>> blob = np.array([4 * len(units), *units], "<u4").tobytes() + b"bc\\0"
    >>> charsmap = Charsmap.read(base64.b64encode(blob).decode(), "normalizer")
    >>> charsmap.find("ab"), charsmap.find("b")
    ('bc', None)
    """

    encoded: str = field(repr=False)
    _units: Integers = field(init=False, repr=False, compare=False)
    _texts: bytes = field(init=False, repr=False, compare=False)
    _path: str = field(repr=False, compare=False, default="precompiled_charsmap")

    @classmethod
    def read(cls, value: object, path: str) -> Charsmap:
        """The map that `value`, at `path` of the file, spells. Raises `TokenizerFileError`."""
        if not isinstance(value, str):
            raise TokenizerFileError(path, "a string", type(value).__name__)
        return cls(value, path)

    def to_json(self) -> str:
        return self.encoded

    def __post_init__(self) -> None:
        blob = self._decoded()
        size_bytes = int.from_bytes(blob[:4], "little") // 4 * 4
        if len(blob) < 4 + size_bytes or size_bytes == 0:
            raise TokenizerFileError(
                self._path, f"a trie of {size_bytes or 'some'} bytes", f"{len(blob)} bytes in all"
            )
        texts = blob[4 + size_bytes :]
        try:
            texts.decode("utf-8")
        except UnicodeDecodeError as error:
            raise TokenizerFileError(self._path, "texts in UTF-8", str(error)) from None
        units = np.frombuffer(blob, "<u4", size_bytes // 4, offset=4).astype(np.int64)
        object.__setattr__(self, "_units", units)
        object.__setattr__(self, "_texts", texts)
        self._check_places()

    def _decoded(self) -> bytes:
        # like the oracle's decoder: padding may be missing, but nothing else may be odd
        padded = self.encoded + -len(self.encoded) % 4 * "="
        try:
            blob = base64.b64decode(padded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise TokenizerFileError(self._path, "base64", str(error)) from None
        if base64.b64encode(blob).decode("ascii") != padded:
            raise TokenizerFileError(self._path, "base64", "text with odd bits at its end")
        object.__setattr__(self, "encoded", padded)
        return blob

    def _check_places(self) -> None:
        """Refuse a trie in which a key of a few bytes leads outside the blob."""
        places = np.arange(len(self._units))
        labels = self._units & _LABEL
        parents = places ^ labels
        is_child = (labels > 0) & (labels < _BLOCK) & (parents < len(places))
        parents[~is_child] = 0
        children = _offsets(self._units) ^ places
        has_leaf = (self._units >> 8 & 1).astype(bool)
        nodes = children[[_ROOT_UNIT]]
        for _ in range(MAX_KEY_BYTES + 1):
            if len(nodes) and nodes.max() | (_BLOCK - 1) >= len(self._units):
                raise TokenizerFileError(
                    self._path,
                    f"a trie of {len(self._units)} units",
                    f"one that leads to unit {nodes.max()}",
                )
            reached = np.zeros(len(self._units), bool)
            reached[nodes] = True
            steps = is_child & reached[parents]
            nodes = np.unique(children[steps])
            inside = children[steps & has_leaf]
            self._check_leaves(inside[inside < len(self._units)])

    def _check_leaves(self, leaves: Integers) -> None:
        starts = np.unique(self._units[leaves] & ~(1 << 31))
        texts = np.frombuffer(self._texts + b"\0", np.uint8)
        if len(starts) and starts[-1] >= len(texts):
            raise TokenizerFileError(
                self._path, f"texts of {len(self._texts)} bytes", f"one at byte {starts[-1]}"
            )
        within = starts[texts[starts] & 0xC0 == 0x80]
        if len(within):
            raise TokenizerFileError(
                self._path, "texts that begin with a character", f"byte {within[0]}, inside one"
            )

    def find(self, key: str) -> str | None:
        """The text for the shortest beginning of `key` that has one; counted in bytes."""
        node = int(_offsets(self._units[_ROOT_UNIT]))
        for byte in key.encode("utf-8"):
            place = node ^ byte
            unit = int(self._units[place])
            if byte == 0 or unit & _LABEL != byte:
                return None
            node = place ^ int(_offsets(self._units[place]))
            if unit >> 8 & 1:
                start = int(self._units[node]) & ~(1 << 31)
                stop = self._texts.find(b"\0", start)
                return self._texts[start : stop if stop >= 0 else None].decode("utf-8")
        return None

    def characters(self) -> Iterator[tuple[int, int]]:
        """The characters for which there is a text, as ranges that ascend; ends are included."""
        for following, (first, last) in enumerate(_FIRST_BYTES):
            nodes = _offsets(self._units[[_ROOT_UNIT]])
            codes, found = np.zeros(1, np.int64), np.zeros(1, bool)
            steps = [np.arange(first, last), *[np.arange(0x80, 0xC0)] * following]
            for step in steps:
                places = nodes[:, None] ^ step
                units = self._units[places]
                there = (units & _LABEL) == step
                # what is found for the beginning of a character is found for all that begin so
                found = found[:, None] | (there & (units >> 8 & 1 == 1))
                kept = found | there
                nodes = np.where(there, places ^ _offsets(units), 0)[kept]
                codes = ((codes[:, None] << 6) + step)[kept]
                found = found[kept]
            # the bits of the bytes that only say which byte of how many it is
            codes = codes[found] - _MARKER_BITS[following]
            codes = codes[(codes >= _SMALLEST[following]) & (codes <= 0x10FFFF)]
            codes = codes[(codes < 0xD800) | (codes > 0xDFFF)]
            follows_on = np.diff(codes, prepend=-1) == 1
            firsts = codes[~follows_on].tolist()
            lasts = codes[~np.append(follows_on[1:], False)].tolist() if firsts else []
            yield from zip(firsts, lasts, strict=True)


def _offsets(units: Integers) -> Integers:
    """From a unit's place to its node, by XOR."""
    return units >> 10 << ((units & 0x200) >> 6)
