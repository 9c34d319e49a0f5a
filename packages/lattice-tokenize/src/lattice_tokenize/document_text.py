"""A `tokenizer.json` -> the text that `repr` and `str` of a tokenizer show.

Follows the serializer behind `Tokenizer.__repr__` of Hugging Face tokenizers: a component is its
type with its fields, text stands in quotes as it is, and of long lists only the beginning is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Any

__all__ = ["document_text"]

# fields whose strings are names of choices
_CHOICES = frozenset(("behavior", "direction", "prepend_scheme", "strategy"))
# objects without a type, by the field that they stand in
_UNTYPED = {"truncation": "TruncationParams", "padding": "PaddingParams"}
# objects whose one field says what they are
_NAMES = frozenset(("Fixed", "Regex", "String", "Sequence", "SpecialToken"))


def document_text(document: dict[str, Any], *, items: int, characters: int | None = None) -> str:
    """At most so many `items` of each list and object, and `characters` of each string.

    >>> document_text({"decoder": {"type": "CTC", "pad_token": "_", "cleanup": True}}, items=5)
    'Tokenizer(decoder=CTC(pad_token="_", cleanup=True))'
    """
    return _Text(items, characters).component("Tokenizer", document)


class _Text:
    def __init__(self, items: int, characters: int | None) -> None:
        self._items = items
        self._characters = characters

    def component(self, name: str, fields: dict[str, Any]) -> str:
        inside = [f"{key}={self._field(key, value)}" for key, value in fields.items()]
        return f"{name}({', '.join(inside)})"

    def _field(self, name: str, value: Any) -> str:
        if isinstance(value, str) and name in _CHOICES:
            return value
        if isinstance(value, dict) and name == "vocab":  # in which anything may be a key
            return self._entries((key, self._value(inner)) for key, inner in value.items())
        if isinstance(value, dict) and "type" in value:
            return self.component(value["type"], {k: v for k, v in value.items() if k != "type"})
        if isinstance(value, dict) and name in _UNTYPED:
            return self.component(_UNTYPED[name], value)
        if isinstance(value, dict) and name == "special_tokens":
            return self._entries(
                (key, self.component("SpecialToken", token)) for key, token in value.items()
            )
        if isinstance(value, list) and name in ("merges", "vocab"):
            return self._list(map(self._pair, value))
        if isinstance(value, list) and name in ("cls", "sep"):
            return self._pair(value)
        return self._value(value)

    def _value(self, value: Any) -> str:
        if value is None or isinstance(value, bool):
            return str(value)
        if isinstance(value, str):
            return self._quoted(value)
        if isinstance(value, list):
            return self._list(map(self._value, value))
        if isinstance(value, dict):
            return self._object(value)
        return format(Decimal(repr(value)), "f").removesuffix(".0")

    def _object(self, value: dict[str, Any]) -> str:
        if "type" in value:
            return self._field("", value)
        name = next(iter(value), "")
        if name not in _NAMES:
            return self._entries((key, self._value(inner)) for key, inner in value.items())
        inner = value[name]
        if name == "Sequence":  # whose id is a choice
            return f"Sequence(id={inner['id']}, type_id={inner['type_id']})"
        if isinstance(inner, dict):
            return self.component(name, inner)
        return f"{name}({self._value(inner)})"

    def _quoted(self, text: str) -> str:
        if self._characters is not None and len(text) > self._characters:
            text = f"{text[: self._characters]}..."
        return f'"{text}"'

    def _entries(self, entries: Iterable[tuple[str, str]]) -> str:
        return f"{{{self._some(f'{self._quoted(key)}:{value}' for key, value in entries)}}}"

    def _list(self, values: Iterable[str]) -> str:
        return f"[{self._some(values)}]"

    def _pair(self, values: Iterable[Any]) -> str:
        return f"({self._some(map(self._value, values))})"

    def _some(self, values: Iterable[str]) -> str:
        values = iter(values)
        shown = list(islice(values, self._items))
        return ", ".join([*shown, *(["..."] if next(values, None) is not None else [])])
