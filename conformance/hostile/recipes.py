"""An entry of `catalogue.toml` -> the bytes of a hostile tokenizer.json, or a hostile call.

A file is one of the small valid documents of `documents/`, bent by the fields of its entry, in this
order: `remove` (paths), `set` ([path, JSON]), `fill` ([path, text, times]), `nest` ([path, open,
inner, close, times]), all of which put raw JSON in the place of a value; then, on the text,
`replace` ([old, new]), `before`, `after`, `keep` (a share of its length), and `encoding`. `bytes`
is a whole file in hexadecimal. Giant files are thus a line here and not stored.

A path is written "model.vocab.ab" or "added_tokens.0.id".
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["CATALOGUE", "Entry", "entries", "file_of"]

_HERE = Path(__file__).resolve().parent
CATALOGUE = _HERE / "catalogue.toml"
_FILE_KEYS = {
    "remove", "set", "fill", "nest", "replace", "before", "after", "keep", "encoding", "bytes",
}  # fmt: skip
_KEYS = {"id", "why", "base", "stricter", "free", "calls", *_FILE_KEYS}
# what every file that is accepted is asked
_CALLS: tuple[dict[str, Any], ...] = (
    {"do": "encode", "arguments": ["ab c"]},
    {"do": "encode", "arguments": ["dab zz", "c"]},
    {"do": "encode", "arguments": ["c <x>ab<unk>\u00e9"]},
)


@dataclass(frozen=True)
class Entry:
    """`stricter`: why an engine must refuse what the oracle accepts. `free`: why it may."""

    id: str
    base: str
    why: str
    recipe: dict[str, Any]
    calls: tuple[dict[str, Any], ...] = _CALLS
    stricter: str = ""
    free: str = ""


def entries(path: Path = CATALOGUE) -> list[Entry]:
    """All entries, those of the sweeps among them. Raises `ValueError` naming a wrong one."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    found = [_entry(fields) for fields in content["file"]]
    for sweep in content["sweep"]:
        found += _sweep(sweep)
    for entry in found:
        same = [other for other in found if other.id == entry.id]
        if len(same) > 1:
            raise ValueError(f"{path.name}: expected ids of their own, received {entry.id!r} twice")
    return found


def _entry(fields: dict[str, Any]) -> Entry:
    name = fields.get("id", "an entry without id")
    unknown, missing = fields.keys() - _KEYS, {"id", "why"} - fields.keys()
    if unknown or missing:
        odd = sorted(unknown or missing)
        raise ValueError(f"{name}: expected id, why and some of {sorted(_KEYS)}, differs in {odd}")
    if "stricter" in fields and "free" in fields:
        raise ValueError(f"{name}: expected stricter or free, received both")
    return Entry(
        name,
        fields.get("base", "word-level"),
        fields["why"],
        {key: fields[key] for key in _FILE_KEYS if key in fields},
        tuple(json.loads(call) for call in fields["calls"]) if "calls" in fields else _CALLS,
        fields.get("stricter", ""),
        fields.get("free", ""),
    )


def _sweep(sweep: dict[str, Any]) -> Iterator[Entry]:
    """A file for every field of a document and every value of the sweep; and one without it."""
    document = _document(sweep["base"])
    for path in _paths(document):
        recipes: dict[str, Any] = {
            f"={value}": {"set": [[path, value]]} for value in sweep["values"]
        }
        if not path.rpartition(".")[2].isdecimal():
            recipes[" absent"] = {"remove": [path]}
        for name, recipe in recipes.items():
            yield Entry(
                f"sweep/{sweep['base']}/{path}{name}",
                sweep["base"],
                sweep["why"],
                recipe,
                free=sweep["free"],
            )


def _paths(value: Any, before: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        items = [(key, item) for key, item in value.items() if "." not in key and key]
    elif isinstance(value, list):
        items = [(str(number), item) for number, item in enumerate(value[:2])]
    else:
        items = []
    for key, item in items:
        path = f"{before}.{key}" if before else key
        yield path
        yield from _paths(item, path)


def _document(base: str) -> Any:
    return json.loads((_HERE / "documents" / f"{base}.json").read_bytes())


def file_of(entry: Entry) -> bytes:
    """The file that the recipe makes."""
    recipe = entry.recipe
    if "bytes" in recipe:
        return bytes.fromhex(recipe["bytes"])
    document = _document(entry.base)
    raw: dict[str, str] = {}
    for path in recipe.get("remove", ()):
        place, key = _place(document, path)
        del place[key]
    changes = [(path, value) for path, value in recipe.get("set", ())]
    changes += [(p, json.dumps(text * times)) for p, text, times in recipe.get("fill", ())]
    changes += [
        (path, opening * times + inner + closing * times)
        for path, opening, inner, closing, times in recipe.get("nest", ())
    ]
    for path, value in changes:
        mark = f"@{len(raw)}@"
        raw[json.dumps(mark)] = value
        place, key = _place(document, path)
        if isinstance(place, list) and key == len(place):
            place.append(mark)
        else:
            place[key] = mark
    text: str = json.dumps(document, ensure_ascii=False)
    for mark, value in raw.items():
        text = text.replace(mark, value)
    for old, new in recipe.get("replace", ()):
        if old not in text:
            raise ValueError(f"{entry.id}: expected {old!r} in the document, received none")
        text = text.replace(old, new)
    text = recipe.get("before", "") + text + recipe.get("after", "")
    text = text[: int(len(text) * recipe.get("keep", 1.0))]
    encoding: str = recipe.get("encoding", "utf-8")
    return text.encode(encoding)


def _place(document: Any, path: str) -> tuple[Any, Any]:
    *above, last = path.split(".")
    place = document
    for key in above:
        place = place[int(key) if isinstance(place, list) else key]
    return place, int(last) if isinstance(place, list) else last
