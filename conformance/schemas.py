"""The closed JSON Schemas of `schema/` -> what a value that breaks one is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry, Resource

__all__ = ["SCHEMAS", "broken_rules", "read_schema", "stages", "told"]

SCHEMAS = Path(__file__).resolve().parent / "schema"
_SHORT = 60  # characters of a value that a message shows


@cache
def read_schema(name: str) -> dict[str, Any]:
    """`case`, `source` or `tags`."""
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())
    return schema


def stages() -> tuple[str, ...]:
    """The stages that cases can be of."""
    return tuple(read_schema("case")["$defs"]["stages"])


def broken_rules(value: object, name: str, stage: str | None = None) -> Iterator[ValidationError]:
    """Every rule of a schema, or of its part for one stage, that `value` breaks."""
    yield from sorted(
        _validator(name, stage).iter_errors(value), key=lambda e: list(map(str, e.path))
    )


@cache
def _validator(name: str, stage: str | None) -> Draft202012Validator:
    whole = read_schema(name)
    registry: Registry[Any] = Registry().with_resource(whole["$id"], Resource.from_contents(whole))
    part = f"{whole['$id']}#/$defs/stages/{stage}" if stage else whole["$id"]
    return Draft202012Validator({"$ref": part}, registry=registry, format_checker=FormatChecker())


def told(error: ValidationError) -> str:
    """A broken rule as "field: expected, received"."""
    field = error.json_path.removeprefix("$").removeprefix(".") or "it"
    rule, wanted = error.validator, error.validator_value
    instance: Any = error.instance
    received = _short(instance)
    if rule == "required" and isinstance(wanted, list):
        missing = [name for name in wanted if name not in instance]
        return f"{field}: expected the fields {_short(wanted)}, received none of {_short(missing)}"
    if rule in ("additionalProperties", "unevaluatedProperties"):
        return f"{field}: expected only known fields, received others: {error.message}"
    return f"{field}: expected {rule} {_short(wanted)}, received {received}"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}..."
