"""tokenizer.json -> for each part of it, the same document without it, or with another value.

A tokenizer that ignores the part would answer as that document does.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from .format_parts import FORMAT, Given, Part, Wording, choices

__all__ = ["Other", "others"]

Document = dict[str, Any]
# a part of a document, what stands instead of it ("nothing", "behavior=Removed"), and the document
Other = tuple[Part, str, Document]

_INSIDE = {
    "normalizer": "normalizers",
    "pre_tokenizer": "pretokenizers",
    "post_processor": "processors",
    "decoder": "decoders",
}
# the way to a part: keys and indices
_Path = tuple[str | int, ...]


def others(document: Document) -> Iterator[Other]:
    """Every part of the document, as often as it can be left out or have another value."""
    for path, component in _components(document):
        field = str(path[0])
        kind = component.get("type", "") if field not in ("added_tokens",) else ""
        if field in _INSIDE or field in ("truncation", "padding"):
            yield Part(field, kind), "nothing", _without(document, path)
        if kind == "Sequence":
            yield Part(field, kind), "the other order", _turned(document, path)
            continue
        for option, values in FORMAT[field][kind].items():
            yield from _other_values(document, path, component, option, values)


def _other_values(
    document: Document, path: _Path, component: Document, option: str, values: Any
) -> Iterator[Other]:
    field, kind = str(path[0]), component.get("type", "") if path[0] != "added_tokens" else ""
    now = component.get(option)
    if isinstance(values, Given):
        if now is not None and now != values.instead:
            part = Part(field, kind, option, "given")
            yield part, f"{values.instead}", _with(document, path, option, values.instead)
        return
    names = choices(values)
    if isinstance(values, Wording):
        ((wording, text),) = now.items() if isinstance(now, dict) else [("", "")]
        (other,) = set(names) - {wording}
        part = Part(field, kind, option, wording)
        yield part, other, _with(document, path, option, {other: text})
        return
    if isinstance(now, dict):  # {"Fixed": 8}
        now = next(iter(now))
    if now not in values:
        return
    part = Part(field, kind, option, names[values.index(now)])
    for value, name in zip(values, names, strict=True):
        if name != part.value:
            written = {"Fixed": 7} if value == "Fixed" else value
            yield part, name, _with(document, path, option, written)


def _components(document: Document) -> Iterator[tuple[_Path, Document]]:
    for field in FORMAT:
        value = document[field]
        if isinstance(value, list):
            yield from (((field, index), token) for index, token in enumerate(value))
        elif value is not None:
            yield from _nested(value, (field,))


def _nested(component: Document, path: _Path) -> Iterator[tuple[_Path, Document]]:
    yield path, component
    key = _INSIDE.get(str(path[0]))
    if key and component["type"] == "Sequence":
        for index, part in enumerate(component[key]):
            yield from _nested(part, (*path, key, index))


def _changed(document: Document, path: _Path, change: Callable[[Any], object]) -> Document:
    changed = copy.deepcopy({**document, "model": None})
    changed["model"] = dict(document["model"])  # its vocabulary is never changed
    place: Any = changed
    for key in path:
        place = place[key]
    change(place)
    return changed


def _with(document: Document, path: _Path, option: str, value: Any) -> Document:
    return _changed(document, path, lambda component: component.update({option: value}))


def _turned(document: Document, path: _Path) -> Document:
    return _changed(document, (*path, _INSIDE[str(path[0])]), lambda parts: parts.reverse())


def _without(document: Document, path: _Path) -> Document:
    *before, last = path
    if isinstance(last, int):
        return _changed(document, tuple(before), lambda parts: parts.pop(last))
    return _changed(document, (), lambda whole: whole.update({last: None}))
