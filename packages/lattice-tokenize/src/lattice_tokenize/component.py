"""A component of `tokenizer.json` <-> the frozen dataclass that does its work.

A component is an object with a "type" and fields. Here each type is a dataclass whose fields are
those of the format, with the same names, kinds and defaults, in the format's order; so the class
is the schema, for reading and for writing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .json_fields import JsonFields

__all__ = [
    "OptionlessComponent",
    "component_to_json",
    "flattened",
    "kind_of",
    "read_component",
    "required",
    "value_to_json",
]


@dataclasses.dataclass(frozen=True)
class OptionlessComponent:
    """The base of kinds whose object has a "type" and nothing else.

    Two of a kind are equal. Made into a dataclass once, since `dataclass` writes and compiles
    methods anew for each class, which is most of what importing such a class would take.
    """


def required(default: Any, **metadata: Any) -> Any:
    """A field that has a default for those who write Python, and none in the file."""
    return dataclasses.field(default=default, metadata={"required": True, **metadata})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def read_component(value: object, path: str, kinds: Mapping[str, type]) -> Any:
    """The object at `path` of the file, as an instance of one of `kinds`.

    A field is read by its annotation: `bool`, `int` (not negative), `str`, `Literal` of strings,
    these or `None`; or by the function `metadata["read"]`, called with the value and its path.
    A field with a default may be absent, unless it is `required`. Raises `TokenizerFileError`, or
    `UnsupportedComponentError` for a type or a field that is not known.
    """
    fields = JsonFields(value, path)
    kind = kinds[fields.one_of("type", tuple(kinds))]
    values = {}
    for field in dataclasses.fields(kind):
        if not field.init:
            continue
        has_default = field.default is not dataclasses.MISSING
        if has_default and not field.metadata.get("required") and not fields.has(field.name):
            continue
        if "read" in field.metadata:
            where = fields.where(field.name)
            read: Callable[[object, str], Any] = field.metadata["read"]
            values[field.name] = read(fields.anything(field.name), where)
        else:
            values[field.name] = _read(fields, field.name, _hints(kind)[field.name])
    fields.finish()
    return kind(**values)


def _read(fields: JsonFields, name: str, hint: Any) -> Any:
    if get_origin(hint) is Union or type(None) in get_args(hint):
        (hint,) = (choice for choice in get_args(hint) if choice is not type(None))
        if fields.is_null(name):
            fields.anything(name)
            return None
    if get_origin(hint) is Literal:
        return fields.one_of(name, get_args(hint))
    if hint is bool:
        return fields.boolean(name)
    return fields.natural(name) if hint is int else fields.string(name)


def value_to_json(value: Any) -> Any:
    """A field's value as the file has it."""
    if hasattr(value, "to_json"):
        return value.to_json()
    if dataclasses.is_dataclass(value):
        return component_to_json(value)
    if isinstance(value, (tuple, list)):
        return [value_to_json(item) for item in value]
    return value


def component_to_json(component: Any) -> dict[str, Any]:
    """The object that `read_component` would read as `component`."""
    own = {
        field.name: value_to_json(getattr(component, field.name))
        for field in dataclasses.fields(component)
        if field.init
    }
    return {"type": type(component).__name__, **own}


def kind_of(component: object) -> str:
    """The "type" of a component, for those who need not import its class to compare."""
    return type(component).__name__


def flattened(component: Any) -> Iterator[Any]:
    """A component, or those that a "Sequence" of them is made of, at any depth; `None` is none."""
    if component is not None and kind_of(component) == "Sequence":
        for field in dataclasses.fields(component):
            for part in getattr(component, field.name):
                yield from flattened(part)
    elif component is not None:
        yield component
