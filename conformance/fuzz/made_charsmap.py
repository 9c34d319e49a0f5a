"""Replacements of strings -> a precompiled map as SentencePiece writes it, in base64.

    4 bytes: the size of the trie in bytes | a double-array trie of uint32 | strings, NUL after each

The trie finds the UTF-8 bytes of a key; its value is where the replacement begins. A unit of the
array holds a label in its low 8 bits, bit 8 for "a value is here", and the offset to its children
from bit 10 on; a value has bit 31 set.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping

__all__ = ["charsmap"]

_HAS_VALUE, _VALUE, _OFFSET_BIT = 1 << 8, 1 << 31, 10


def charsmap(replacements: Mapping[str, str]) -> str:
    """The map that replaces each key by its value. Keys are not empty and hold no NUL."""
    strings = bytearray()
    values: dict[bytes, int] = {}
    for key, replacement in replacements.items():
        values[key.encode()] = len(strings)
        strings += replacement.encode() + b"\0"
    units = [unit or 0 for unit in _double_array(values)]
    trie = struct.pack(f"<{len(units)}I", *units)
    return base64.b64encode(struct.pack("<I", len(trie)) + trie + bytes(strings)).decode()


def _double_array(values: Mapping[bytes, int]) -> list[int | None]:
    # all states of the trie; a state is the bytes that lead to it
    children: dict[bytes, set[int]] = {b"": set()}
    for key in values:
        for end in range(len(key)):
            children.setdefault(key[:end], set()).add(key[end])
    units: list[int | None] = [None] * 1024
    units[0] = 0
    places = {b"": 0}
    queue = [b""]
    while queue:
        state = queue.pop(0)
        labels = sorted(children.get(state, ()))
        if state in values:
            labels.insert(0, 0)  # the value stands where a NUL would lead
        place = places[state]
        # an offset may not be zero: it would lead back to the state itself
        offset = next(
            o for o in range(1, 1 << 21) if _is_free(units, [place ^ o ^ label for label in labels])
        )
        unit = units[place]
        assert unit is not None
        units[place] = unit | offset << _OFFSET_BIT | (_HAS_VALUE if state in values else 0)
        for label in labels:
            target = place ^ offset ^ label
            if label == 0:
                units[target] = values[state] | _VALUE
                continue
            units[target] = label
            child = state + bytes([label])
            places[child] = target
            queue.append(child)
    return units


def _is_free(units: list[int | None], places: list[int]) -> bool:
    units += [None] * (max(places, default=0) + 256 - len(units))
    return all(units[place] is None for place in places)
