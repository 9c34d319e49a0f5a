"""`fixtures.toml` -> what the source.json of a case set says of the files behind its cases."""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lattice_embed.hub import HubSource
from lattice_embed.package_index import WheelSource
from lattice_embed.pinned_files import Source, sha256_of

from .cases import CASES, CaseSet, case_set_files
from .fixtures import Fixture, MadeSource
from .npm_source import NpmSource

__all__ = ["ORACLE_FILES", "dated", "provenance", "today"]

_OWN_LICENCE = "MIT"
# what the oracle reads to answer the cases of a stage; the weights may be several files, and have
# an index. Without any, the cases describe all that it is shown; `None` where there is no oracle.
ORACLE_FILES: dict[str, tuple[str, ...] | None] = {
    "cache_key": None,
    "cache_file": None,
    "model_files": (),
    "tokenizer": ("tokenizer.json",),
    "vectors": ("config.json", "*.safetensors*", "tokenizer.json"),
    "service": ("config.json", "*.safetensors*", "tokenizer.json"),
}


def provenance(
    subject: str,
    patterns: Collection[str] | None,
    manifest: Iterable[Fixture],
    *,
    root: Path = CASES,
) -> dict[str, Any]:
    """`model` (its origin and revision), `licence` and `sha256` of the files of a subject.

    Raises `ValueError` naming a pattern that no file of the manifest has, or a subject whose files
    do not come from one place.
    """
    if patterns is None:
        return {}
    if not patterns:
        return {"model": {"described": "cases.jsonl"}, "licence": _OWN_LICENCE, "sha256": {}}
    beside = root / "tokenizer" / subject / "tokenizer.json"
    if beside.is_file():
        return {
            "model": {"beside": beside.name},
            "licence": _OWN_LICENCE,
            "sha256": {beside.name: sha256_of(beside)},
        }
    fixtures = {fixture.file.path: fixture for fixture in manifest}
    paths: dict[str, str] = {}
    for pattern in patterns:
        found = sorted(fnmatch.filter(fixtures, f"{subject}/{pattern}"))
        if not found:
            raise ValueError(f"expected a file of fixtures.toml, received '{subject}/{pattern}'")
        paths.update((path.removeprefix(f"{subject}/"), path) for path in found)
    used = [fixtures[path] for path in paths.values()]
    models = [_origin(fixture.file.sources[0], fixtures) for fixture in used]
    if any(model != models[0] for model in models):
        raise ValueError(f"expected {subject} to have one origin, received several")
    return {
        "model": models[0],
        "licence": " AND ".join(sorted({fixture.licence for fixture in used})),
        "sha256": {name: fixtures[path].file.sha256 for name, path in paths.items()},
    }


def _origin(source: Source, fixtures: dict[str, Fixture]) -> dict[str, Any]:
    if isinstance(source, HubSource):
        return {"repo_id": source.repo_id, "revision": source.revision}
    if isinstance(source, WheelSource):
        return {"project": source.project, "version": source.version}
    if isinstance(source, NpmSource):
        return {"package": source.package, "version": source.version}
    if isinstance(source, MadeSource):
        inputs = [_origin(fixtures[name].file.sources[0], fixtures) for name in source.inputs]
        return {"maker": source.maker, "inputs": inputs}
    raise ValueError(f"expected a hub, wheel, npm or made source, received {source}")


def dated(recorded: CaseSet, committed: CaseSet, date: str) -> CaseSet:
    """`recorded` with the date of `committed` if it says the same, else with `date`."""
    kept = {**recorded.source, "recorded": committed.source.get("recorded")}
    same = replace(recorded, source=kept)
    if kept["recorded"] and case_set_files(same) == case_set_files(committed):
        return same
    return replace(recorded, source={**kept, "recorded": date})


def today() -> str:
    """The date in UTC: 2026-01-31."""
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()
