"""Every rule of the schemas is broken once, and says so; the committed files break none."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from ..cases import CASES, read_case_sets
from ..schemas import broken_rules, read_schema, stages, told
from ..tags import read_tags_file

Change = Callable[[Any], object]
# what only says where other rules apply
_STRUCTURE = {"$ref", "$defs", "$schema", "$id", "title", "description", "properties", "items"}
_STRUCTURE |= {"if", "then", "else", "anyOf", "dependentSchemas"}

_FILED = {"ids": [1], "tokens": ["a"], "type_ids": [0], "attention_mask": [1]}
_CUT = {"text": "a", "max_tokens": 8}
TOKENIZER = {
    "id": "whitespace/two-spaces",
    "hash": "0123456789ab",
    "input": {"text": "a  b"},
    "expect": {"ids": [1], "tokens": ["a"], "type_ids": [0], "decoded": "a"},
    "tags": ["whitespace"],
    "comment": "why",
}
FILED = {
    **TOKENIZER,
    "input": {"text": "a", "pair": "b", "as_filed": True},
    "expect": {**_FILED, "special_tokens_mask": [0]},
}
_ERROR = {"max_abs_diff": 1e-7, "cosine_distance": 0}
VECTORS = {**TOKENIZER, "expect": {"ids": [1], "vector": [0.6, -0.8], "float32_error": _ERROR}}
SERVICE = {**VECTORS, "input": {"text": "a", "role": "query"}}
MODEL_FILES = {
    **TOKENIZER,
    "input": {"refs": {"main": "a" * 40}, "snapshots": {"a" * 40: 1}},
    "expect": {"commit": "a" * 40},
}
_KEPT = {"text": "a", "model": "b", "key_version": "v2", "dimensions": 8, "role": "query"}
CACHE_KEY = {
    **TOKENIZER,
    "input": _KEPT,
    "expect": {"key": "0" * 64},
}
_ROW = {**_KEPT, "vector": [0.5]}
CACHE_FILE = {
    **TOKENIZER,
    "input": {
        "file": {"version": 0, "rows": [{**_ROW, "damage": "bit"}], "damage": "cut"},
        "put": [_ROW],
        "asked": [_KEPT],
    },
    "expect": {"found": [None, [0.5]], "file": "used", "rows": 1},
}
NO_FILE = {
    **CACHE_FILE,
    "input": {"file": None, "asked": [_KEPT]},
    "expect": {"found": [None], "file": "left", "rows": None},
}
SOURCE = {
    "about": "what",
    "cases": 1,
    "recorded": "2026-01-31",
    "oracle": {"tokenizers": "0.23.3"},
    "model": {"repo_id": "a/b", "revision": "0" * 40},
    "licence": "MIT",
    "sha256": {"tokenizer.json": "0" * 64},
}
MADE = {
    **SOURCE,
    "model": {"maker": "a", "inputs": [{"project": "b", "version": "1.2"}]},
    "limit": {
        "max_tokens": 8,
        "max_abs_diff": 1e-6,
        "min_cosine": 0.999,
        "why": "measured",
        "float32": {"times": 3, "floor": 1e-7, "cosine_floor": 1e-12},
    },
    "oracle": {
        "transformers": "5.1",
        "sentence-transformers": "6.1",
        "torch": "2.1",
        "tokenizers": "0.23.3",
        "dtype": "float64",
        "decimals": "8",
    },
    "sha256": dict.fromkeys(("config.json", "tokenizer.json", "model.safetensors"), "0" * 64),
}
DESCRIBED = {
    **SOURCE,
    "oracle": {"huggingface-hub": "2.4.0"},
    "model": {"described": "cases.jsonl"},
    "sha256": {},
}
TAGS = {"two-words": {"means": "what", "guards": ["F1", "F12"]}}
DERIVED = {
    **{key: SOURCE[key] for key in ("about", "cases", "recorded")},
    "oracle": {"derivation": "conformance/cache_keys.py"},
}
DERIVED_FILES = {**DERIVED, "oracle": {"derivation": "conformance/cache_files.py"}}
BESIDE = {**SOURCE, "offsets": True, "model": {"beside": "tokenizer.json"}}
VALID: dict[str, tuple[str, str | None, Any]] = {
    "tokenizer": ("case", "tokenizer", TOKENIZER),
    "filed": ("case", "tokenizer", FILED),
    "vectors": ("case", "vectors", VECTORS),
    "service": ("case", "service", SERVICE),
    "model_files": ("case", "model_files", MODEL_FILES),
    "described": ("source", "model_files", DESCRIBED),
    "cache key": ("case", "cache_key", CACHE_KEY),
    "cache file": ("case", "cache_file", CACHE_FILE),
    "no file": ("case", "cache_file", NO_FILE),
    "source": ("source", "tokenizer", SOURCE),
    "derived": ("source", "cache_key", DERIVED),
    "derived files": ("source", "cache_file", DERIVED_FILES),
    "made": ("source", "vectors", MADE),
    "beside": ("source", "tokenizer", BESIDE),
    "tags": ("tags", None, TAGS),
}


def put(*path: Any) -> Change:
    """Puts the last argument where the others lead."""
    *keys, last, value = path

    def change(document: Any) -> None:
        for key in keys:
            document = document[key]
        document[last] = value

    return change


def drop(*keys: Any) -> Change:
    def change(document: Any) -> None:
        for key in keys[:-1]:
            document = document[key]
        del document[keys[-1]]

    return change


_AT = "$.expect.float32_error"
# (a valid value, what breaks it, the keyword that must say so, where)
BROKEN: list[tuple[str, Change, str, str]] = [
    ("tokenizer", put("id", "NoGroup"), "pattern", "$.id"),
    ("tokenizer", put("id", "a/" + "b" * 60), "maxLength", "$.id"),
    ("tokenizer", put("id", 7), "type", "$.id"),
    ("tokenizer", put("hash", "0123"), "pattern", "$.hash"),
    ("tokenizer", put("tags", []), "minItems", "$.tags"),
    ("tokenizer", put("tags", ["a", "a"]), "uniqueItems", "$.tags"),
    ("tokenizer", put("tags", [7]), "type", "$.tags[0]"),
    ("tokenizer", put("comment", " "), "pattern", "$.comment"),
    ("tokenizer", put("seen", True), "unevaluatedProperties", "$"),
    ("tokenizer", drop("comment"), "required", "$"),
    ("tokenizer", put("expect", None), "type", "$.expect"),
    ("tokenizer", put("input", "text", "\ud800"), "pattern", "$.input.text"),
    ("tokenizer", put("input", "role", "QUERY"), "additionalProperties", "$.input"),
    ("tokenizer", put("input", "max_tokens", 0), "minimum", "$.input.max_tokens"),
    ("tokenizer", put("input", "max_tokens", 2.5), "type", "$.input.max_tokens"),
    ("tokenizer", put("input", {}), "required", "$.input"),
    ("tokenizer", put("expect", "ids", [-1]), "minimum", "$.expect.ids[0]"),
    ("tokenizer", put("expect", "attention_mask", [1]), "additionalProperties", "$.expect"),
    ("tokenizer", drop("expect", "decoded"), "required", "$.expect"),
    ("tokenizer", put("expect", "offsets", [[0, 1, 2]]), "maxItems", "$.expect.offsets[0]"),
    ("tokenizer", put("expect", "offsets", [[0]]), "minItems", "$.expect.offsets[0]"),
    ("tokenizer", put("expect", "offsets", [[0, -1]]), "minimum", "$.expect.offsets[0][1]"),
    ("filed", put("input", "as_filed", False), "const", "$.input.as_filed"),
    ("filed", put("input", _CUT | {"as_filed": True}), "enum", "$.input"),
    ("filed", put("expect", "attention_mask", [2]), "enum", "$.expect.attention_mask[0]"),
    ("filed", put("expect", "decoded", ""), "additionalProperties", "$.expect"),
    ("vectors", put("expect", "vector", []), "minItems", "$.expect.vector"),
    ("vectors", put("expect", "vector", ["1"]), "type", "$.expect.vector[0]"),
    ("vectors", put("input", "pair", "b"), "additionalProperties", "$.input"),
    ("service", put("input", "role", "QUERY"), "enum", "$.input.role"),
    ("service", drop("input", "role"), "required", "$.input"),
    ("model_files", put("input", "snapshots", {}), "minProperties", "$.input.snapshots"),
    ("model_files", put("input", "snapshots", "main", 1), "pattern", "$.input.snapshots"),
    ("model_files", put("input", "refs", "../x", "a" * 40), "pattern", "$.input.refs"),
    ("model_files", put("input", "refs", "main", "a"), "pattern", "$.input.refs.main"),
    ("model_files", put("expect", "commit", None), "type", "$.expect.commit"),
    ("described", put("sha256", "a", "0" * 64), "maxProperties", "$.sha256"),
    ("described", put("model", "described", "a.txt"), "oneOf", "$.model"),
    ("vectors", put("expect", "float32_error", {"max_abs_diff": 1e-7}), "required", _AT),
    (
        "vectors",
        put("expect", "float32_error", "max_abs_diff", 0),
        "exclusiveMinimum",
        f"{_AT}.max_abs_diff",
    ),
    ("cache key", put("expect", "key", "0" * 63), "pattern", "$.expect.key"),
    ("cache key", put("input", "dimensions", 0), "minimum", "$.input.dimensions"),
    ("cache key", drop("input", "key_version"), "required", "$.input"),
    ("cache key", put("input", "vector", [1]), "unevaluatedProperties", "$.input"),
    ("cache file", put("input", "file", "version", 3), "enum", "$.input.file.version"),
    ("cache file", put("input", "file", "damage", "old"), "enum", "$.input.file.damage"),
    ("cache file", put("input", "file", "path", "a"), "additionalProperties", "$.input.file"),
    ("cache file", drop("input", "file", "rows"), "required", "$.input.file"),
    ("cache file", put("input", "file", []), "type", "$.input.file"),
    (
        "cache file",
        put("input", "file", "rows", 0, "damage", "x"),
        "enum",
        "$.input.file.rows[0].damage",
    ),
    (
        "cache file",
        put("input", "file", "rows", 0, "used_s", 1),
        "unevaluatedProperties",
        "$.input.file.rows[0]",
    ),
    ("cache file", drop("input", "file", "rows", 0, "vector"), "required", "$.input.file.rows[0]"),
    (
        "cache file",
        put("input", "put", 0, "damage", "bit"),
        "unevaluatedProperties",
        "$.input.put[0]",
    ),
    ("cache file", put("input", "put", []), "minItems", "$.input.put"),
    ("cache file", put("input", "asked", []), "minItems", "$.input.asked"),
    (
        "cache file",
        put("input", "asked", 0, "vector", [1]),
        "unevaluatedProperties",
        "$.input.asked[0]",
    ),
    ("cache file", drop("input", "asked"), "required", "$.input"),
    ("cache file", put("expect", "found", 0, 1), "type", "$.expect.found[0]"),
    ("cache file", put("expect", "file", "lost"), "enum", "$.expect.file"),
    ("cache file", put("expect", "rows", -1), "minimum", "$.expect.rows"),
    ("cache file", drop("expect", "rows"), "required", "$.expect"),
    ("derived", put("oracle", {"derivation": "by hand"}), "const", "$.oracle.derivation"),
    (
        "derived files",
        put("oracle", {"derivation": "conformance/cache_keys.py"}),
        "const",
        "$.oracle.derivation",
    ),
    ("derived", put("licence", "MIT"), "additionalProperties", "$"),
    ("source", put("cases", "1"), "type", "$.cases"),
    ("source", put("cases", 0), "minimum", "$.cases"),
    ("source", put("recorded", "31.1.2026"), "format", "$.recorded"),
    ("source", put("oracle", "tokenizers", "latest"), "pattern", "$.oracle.tokenizers"),
    ("source", put("oracle", "torch", "2.1"), "additionalProperties", "$.oracle"),
    ("source", put("model", "revision", "main"), "oneOf", "$.model"),
    ("source", put("sha256", "tokenizer.json", "0"), "pattern", "$.sha256['tokenizer.json']"),
    ("source", put("sha256", {}), "required", "$.sha256"),
    ("source", put("limit", {}), "unevaluatedProperties", "$"),
    ("source", put("offsets", False), "const", "$.offsets"),
    ("source", drop("licence"), "required", "$"),
    ("made", put("limit", "max_abs_diff", 0), "exclusiveMinimum", "$.limit.max_abs_diff"),
    ("made", put("limit", "max_abs_diff", 1), "maximum", "$.limit.max_abs_diff"),
    ("made", put("limit", "min_cosine", 0.5), "minimum", "$.limit.min_cosine"),
    ("made", put("oracle", "dtype", "float8"), "enum", "$.oracle.dtype"),
    ("made", put("dtype", "float64"), "const", "$.dtype"),
    ("source", put("dtype", "bfloat16"), "unevaluatedProperties", "$"),
    ("made", put("model", "inputs", []), "oneOf", "$.model"),
    ("made", put("limit", "float32", "times", 5), "maximum", "$.limit.float32.times"),
    ("made", put("limit", "float32", "floor", 1e-6), "maximum", "$.limit.float32.floor"),
    ("made", drop("limit"), "required", "$"),
    ("tags", put("Two words", {"means": "what"}), "pattern", "$"),
    ("tags", drop("two-words", "means"), "required", "$['two-words']"),
    ("tags", put("two-words", "means", 7), "type", "$['two-words'].means"),
    ("tags", put("two-words", "means", ""), "pattern", "$['two-words'].means"),
    ("tags", put("two-words", "guards", ["F13"]), "pattern", "$['two-words'].guards[0]"),
    ("tags", put("two-words", "guards", []), "minItems", "$['two-words'].guards"),
    ("tags", put("two-words", "guards", ["F1", "F1"]), "uniqueItems", "$['two-words'].guards"),
    ("tags", put("two-words", "since", 1), "additionalProperties", "$['two-words']"),
]


@pytest.mark.parametrize("name", VALID)
def test_valid_values_break_no_rule(name: str) -> None:
    schema, stage, value = VALID[name]
    assert list(map(told, broken_rules(value, schema, stage))) == []


@pytest.mark.parametrize(("name", "change", "keyword", "path"), BROKEN)
def test_a_broken_rule_is_named(name: str, change: Change, keyword: str, path: str) -> None:
    schema, stage, value = VALID[name]
    value = copy.deepcopy(value)
    change(value)
    (error,) = broken_rules(value, schema, stage)
    assert error.validator == keyword
    assert error.json_path == path
    assert "expected" in told(error)
    assert "received" in told(error)


def _keywords(schema: object, *, names: bool = False) -> set[str]:
    """All keywords in a schema; `names`: the keys of this one are names and not keywords."""
    if isinstance(schema, list):
        return set[str]().union(*map(_keywords, schema))
    if not isinstance(schema, dict):
        return set()
    inside = {"properties", "$defs", "dependentSchemas", "stages"}
    found: set[str] = set() if names else set(schema) - {"stages"}
    for key, value in schema.items():
        if names or key not in ("enum", "const", "required"):
            found |= _keywords(value, names=key in inside and (not names or key == "stages"))
    return found


@pytest.mark.parametrize("schema", ["case", "source", "tags"])
def test_every_keyword_is_broken_by_a_test(schema: str) -> None:
    broken = {keyword for name, _, keyword, _ in BROKEN if VALID[name][0] == schema}
    present = _keywords(read_schema(schema)) - _STRUCTURE
    reported_otherwise = {"propertyNames"}  # as the pattern or the enum that a name breaks
    if schema == "source":
        reported_otherwise |= {"const", "minItems"}  # as the oneOf of the model
    assert present - broken - reported_otherwise == set()


def test_every_stage_has_a_schema_for_its_source() -> None:
    assert set(read_schema("source")["$defs"]["stages"]) == set(stages())
    for name in ("case", "source"):
        refs = {f"#/$defs/stages/{stage}" for stage in stages()}
        assert {part["$ref"] for part in read_schema(name)["anyOf"]} == refs


def test_the_committed_files_break_no_rule() -> None:
    assert list(broken_rules(read_tags_file(), "tags")) == []
    for case_set in read_case_sets():
        assert list(broken_rules(case_set.source, "source", case_set.stage)) == []
        for case in case_set.cases:
            assert list(broken_rules(json.loads(case.line), "case", case_set.stage)) == [], case.id
    assert (CASES / "tags.toml").exists()
