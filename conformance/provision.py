"""The manifest -> the folder `fixtures/`, complete and checked.

    what is there already -> the DVC storage -> the sources of each file -> the DVC storage again

Nothing is believed: whatever brought a file, its sha256 decides.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import click
from lattice_embed.pinned_files import fetch_files

from .fixtures import FIXTURES, ROOT, Fixture, absent, allows_missing, read_manifest, report_missing

__all__ = ["SOURCES_VARIABLE", "provision"]

SOURCES_VARIABLE = "LATTICE_FIXTURE_SOURCES"
_KINDS = ("storage", "hub", "wheel", "npm", "made")
_POINTER = "fixtures.dvc"


def provision() -> bool:
    """Bring every fixture; `False`, after saying what is missing, if some cannot be had.

    With `LATTICE_ALLOW_MISSING_FIXTURES=1` missing fixtures are said and allowed.
    """
    kinds = _allowed_kinds()
    manifest = read_manifest()
    missing = absent(manifest)
    reasons: dict[str, list[str]] = {}
    # without a pointer there is nothing to ask for, and `dvc pull` would clear the folder
    if missing and "storage" in kinds and (ROOT / _POINTER).exists():
        _pull(missing, reasons)
        missing = absent(manifest)
    if missing:
        _fetch(missing, kinds, reasons)
        missing = absent(manifest)
    if missing:
        click.echo(f"{len(missing)} of {len(manifest)} fixtures cannot be had:", err=True)
        click.echo(report_missing(missing, reasons), err=True)
        return allows_missing()
    _refuse_strangers(manifest)
    if "storage" in kinds:
        _push()
    click.echo(f"{len(manifest)} fixtures are in {FIXTURES.name}/, every sha256 as pinned.")
    return True


def _allowed_kinds() -> tuple[str, ...]:
    given = os.environ.get(SOURCES_VARIABLE, ",".join(_KINDS))
    kinds = () if given == "none" else tuple(kind.strip() for kind in given.split(","))
    unknown = [kind for kind in kinds if kind not in _KINDS]
    if unknown:
        raise click.UsageError(
            f"{SOURCES_VARIABLE}: expected none, or some of {','.join(_KINDS)}, received {given!r}"
        )
    return kinds


def _dvc(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run DVC; on a terminal it shows its own progress bars, elsewhere its words are kept."""
    on_terminal = sys.stderr.isatty()
    return subprocess.run(
        [sys.executable, "-m", "dvc", *arguments, *([] if on_terminal else ["--quiet"])],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None if on_terminal else subprocess.PIPE,
        text=True,
        check=False,
    )


def _last_line(text: str | None) -> str:
    return ((text or "").strip().splitlines() or ["it failed, see above"])[-1]


def _pull(missing: Iterable[Fixture], reasons: dict[str, list[str]]) -> None:
    # without --force: a file that somebody has put there by hand is not lost
    outcome = _dvc("pull", _POINTER)
    for fixture in missing:
        if outcome.returncode:
            reason = f"DVC storage: {_last_line(outcome.stderr)}"
            reasons.setdefault(fixture.file.path, []).append(reason)


def _fetch(
    missing: Iterable[Fixture], kinds: tuple[str, ...], reasons: dict[str, list[str]]
) -> None:
    files = []
    for fixture in missing:
        allowed = []
        for source, kind in zip(fixture.file.sources, fixture.kinds, strict=True):
            if kind in kinds:
                allowed.append(source)
            else:
                reason = f"{source}: switched off by {SOURCES_VARIABLE}"
                reasons.setdefault(fixture.file.path, []).append(reason)
        files.append(replace(fixture.file, sources=tuple(allowed)))
    outcome = fetch_files(files, FIXTURES)
    rescued: Counter[str] = Counter()
    for attempt in outcome.failed_attempts:
        reason = f"{attempt.source}: {attempt.error}"
        reasons.setdefault(attempt.file.path, []).append(reason)
        rescued[reason] += attempt.file not in outcome.missing
    for reason, count in rescued.items():
        if count:
            click.echo(f"Note: {reason} ({count} files; another source had them)", err=True)


def _refuse_strangers(manifest: Iterable[Fixture]) -> None:
    """A file that the manifest does not know would change the hash of the folder unseen."""
    known = {FIXTURES / fixture.file.path for fixture in manifest}
    strangers = sorted(p for p in FIXTURES.rglob("*") if p.is_file() and p not in known)
    if strangers:
        raise click.ClickException(
            f"{strangers[0].relative_to(ROOT)}: expected only files of conformance/fixtures.toml; "
            f"{len(strangers)} others are there. Remove them or add them to the manifest."
        )


def _push() -> None:
    """Put the folder into the storage, and see that the committed pointer means this content."""
    pointer = ROOT / _POINTER
    committed = pointer.read_bytes() if pointer.exists() else None
    if committed is None:
        outcome = _dvc("add", FIXTURES.name)
    else:
        outcome = _dvc("commit", "--force", _POINTER)
    if outcome.returncode:
        raise click.ClickException(f"dvc: {_last_line(outcome.stderr)}")
    if committed is not None and pointer.read_bytes() != committed:
        raise click.ClickException(
            f"{_POINTER}: expected the hash of the files in the manifest, received another. "
            "It has been written anew: commit it together with conformance/fixtures.toml."
        )
    outcome = _dvc("push")
    if outcome.returncode:
        raise click.ClickException(f"dvc push: {_last_line(outcome.stderr)}")
