"""`fixtures.toml` -> what the source.json of a case set says of the files behind its cases."""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from lattice_embed.hub import HubSource
from lattice_embed.package_index import WheelSource
from lattice_embed.pinned_files import Source

from .cases import CaseSet, case_set_files
from .fixtures import Fixture, MadeSource
from .npm_source import NpmSource

__all__ = ["ORACLE_FILES", "dated", "provenance", "today"]

# what the oracle reads to answer the cases of a stage; the weights may be several files, and have
# an index
ORACLE_FILES: dict[str, tuple[str, ...]] = {
    "model_files": (),
    "tokenizer": ("tokenizer.json",),
    "vectors": ("config.json", "*.safetensors*", "tokenizer.json"),
    "service": ("config.json", "*.safetensors*", "tokenizer.json"),
}


def provenance(
    subject: str, patterns: Collection[str], manifest: Iterable[Fixture]
) -> dict[str, Any]:
    """`model` (its origin and revision), `licence` and `sha256` of the files of a subject.

    Without `patterns`, the subject is what its cases describe.
    Raises `ValueError` naming a pattern that no file of the manifest has, or a subject whose files
    do not come from one place.
    """
    if not patterns:  # the cases describe all that the oracle is shown
        return {"model": {"described": "cases.jsonl"}, "licence": "MIT", "sha256": {}}
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
