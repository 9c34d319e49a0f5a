"""Engines that read another snapshot of the hub's cache than the one that is meant."""

from __future__ import annotations

from typing import Any

from .mutant import Mutant, Patch, exchange, together

__all__ = ["WRONG_MODEL_FILES"]

_SUBJECTS, _TAG = ("hub-cache",), "snapshots"


def _chosen_by(key: Any) -> Patch:
    """The snapshot with the greatest key is taken for the newest."""
    return exchange("lattice_embed.hub_snapshots._written_ns", key)


_NO_REFS = exchange("lattice_embed.model_files.named_snapshot", lambda *_: None)

WRONG_MODEL_FILES = (
    Mutant("last-snapshot-by-name", _TAG, together(_NO_REFS, _chosen_by(lambda s: s.commit)), "F12", subjects=_SUBJECTS),
    Mutant("last-by-name-where-no-refs", _TAG, _chosen_by(lambda s: s.commit), "F12", subjects=_SUBJECTS),
    Mutant("first-by-name-where-no-refs", _TAG, _chosen_by(lambda s: -int(s.commit, 16)), "F12", subjects=_SUBJECTS),
    Mutant("newest-snapshot-whatever-refs-say", _TAG, _NO_REFS, subjects=_SUBJECTS),
    Mutant("oldest-snapshot", _TAG, _chosen_by(lambda s: -s.directory.joinpath("config.json").lstat().st_mtime), subjects=_SUBJECTS),
)  # fmt: skip
