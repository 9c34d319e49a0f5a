"""A parsed JSON object -> its fields, each type-checked and named by its path in the file.

`tokenizer.json` is read as a closed format: what nobody asked for is an error, because a field
that is silently ignored gives ids that are silently wrong.
"""

from __future__ import annotations

from typing import Any, TypeVar

from .errors import TokenizerFileError, UnsupportedComponentError

__all__ = ["MAX_TOKEN_ID", "JsonFields"]

MAX_TOKEN_ID = (1 << 31) - 1

Value = TypeVar("Value")


def _describe(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


class JsonFields:
    """One object of the file. Take each field once, then call `finish`."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, dict):
            raise TokenizerFileError(path or "document", "an object", _describe(value))
        self.path = path
        self._left: dict[str, Any] = dict(value)

    def where(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        return name in self._left

    def is_null(self, name: str) -> bool:
        return self._left.get(name, ...) is None

    def _take(self, name: str, kind: type[Value], expected: str, default: Value | None) -> Value:
        """The field, which must be there unless there is a default."""
        if name not in self._left:
            if default is None:
                raise TokenizerFileError(self.where(name), expected, "nothing")
            return default
        value = self._left.pop(name)
        # bool is an int to Python, never to the format
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise TokenizerFileError(self.where(name), expected, _describe(value))
        return value

    def string(self, name: str, default: str | None = None) -> str:
        return self._take(name, str, "a string", default)

    def boolean(self, name: str, default: bool | None = None) -> bool:
        return self._take(name, bool, "true or false", default)

    def natural(self, name: str, default: int | None = None, *, bits: int = 64) -> int:
        """An integer from 0 up that fits into as many bits as the format has for it."""
        value = self._take(name, int, "a non-negative integer", default)
        if value < 0 or value >= 1 << bits:
            expected = "a non-negative integer" if value < 0 else f"less than 2 ** {bits}"
            raise TokenizerFileError(self.where(name), expected, _describe(value))
        return value

    def token_id(self, name: str) -> int:
        """An id that fits into int32, as packed ids are."""
        value = self.natural(name)
        if value > MAX_TOKEN_ID:
            raise TokenizerFileError(self.where(name), f"an id up to {MAX_TOKEN_ID}", str(value))
        return value

    def list(self, name: str, default: list[Any] | None = None) -> list[Any]:
        return self._take(name, list, "a list", default)

    def mapping(self, name: str) -> dict[str, Any]:
        return self._take(name, dict, "an object", None)

    def anything(self, name: str) -> Any:
        """The field as it stands, `None` where it is null or absent."""
        return self._left.pop(name, None)

    def one_of(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.string(name, default)
        if value not in choices:
            raise UnsupportedComponentError(
                self.where(name), f"one of {', '.join(choices)}", repr(value)
            )
        return value

    def finish(self) -> None:
        """Refuse the fields that were not taken."""
        if self._left:
            name = next(iter(self._left))
            raise UnsupportedComponentError(
                self.where(name),
                "only fields that this version knows",
                _describe(self._left[name]),
                "It would change ids if it were ignored, so it is refused.",
            )
