"""Services that look for their vectors under other keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from .mutant import Mutant, Patch, exchange

__all__ = ["WRONG_CACHE_KEYS", "with_every_role", "without_dimensions", "without_role"]

_SPACE = "lattice_embed.cache_key.KeySpace"


def _suffix(parts: Callable[[Any], list[object]]) -> Patch:
    """What is hashed after the text: `parts` of the key space, and its role if it has one."""

    def suffix(self: Any) -> bytes:
        role = [] if self.role.value == "generic" else [self.role.value]
        return ":".join(map(str, [*parts(self), *role])).encode()

    return exchange(f"{_SPACE}.suffix", property(suffix))


def _whole(space: Any) -> list[object]:
    return [space.identity.model, space.identity.version, space.dimensions]


def _with_every_role(space: Any) -> list[object]:
    return [*_whole(space), *(["generic"] if space.role.value == "generic" else [])]


def _without_role(self: Any) -> bytes:
    return ":".join(map(str, _whole(self))).encode()


def _suffix_first(self: Any, text: str) -> bytes:
    return hashlib.sha256(self.suffix + text.encode()).digest()


def _stripped(self: Any, text: str) -> bytes:
    return hashlib.sha256(text.strip().encode() + self.suffix).digest()


with_every_role = _suffix(_with_every_role)
without_role = exchange(f"{_SPACE}.suffix", property(_without_role))
without_dimensions = _suffix(lambda s: [s.identity.model, s.identity.version])


def _key(name: str, patch: Patch, defect: str = "") -> Mutant:
    return Mutant(name, "cache-key", patch, defect, subjects=("catalog",))


WRONG_CACHE_KEYS = (
    _key("key-with-the-generic-role", with_every_role, "F7"),
    _key("key-without-role", without_role),
    _key("key-without-dimensions", without_dimensions),
    _key("key-without-model", _suffix(lambda s: [s.identity.version, s.dimensions])),
    _key("key-without-version", _suffix(lambda s: [s.identity.model, s.dimensions])),
    _key("key-with-the-suffix-first", exchange(f"{_SPACE}.key", _suffix_first)),
    _key("key-of-the-stripped-text", exchange(f"{_SPACE}.key", _stripped)),
)  # fmt: skip
