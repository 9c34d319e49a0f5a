"""What a case of the stage "model_files" describes -> a hub's cache on disk, as
huggingface_hub would have left it: blobs, snapshots that link to them, and refs.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

__all__ = ["REPOSITORY", "make_hub_cache"]

REPOSITORY = "owner/model"
_POOLING = "sentence_transformers.models.Pooling"


def make_hub_cache(folder: Path, asked: dict[str, Any]) -> None:
    """`refs`: name -> commit. `snapshots`: commit -> when it was written, seconds since 1970."""
    repository = folder / f"models--{REPOSITORY.replace('/', '--')}"
    for name, commit in asked["refs"].items():
        reference = repository / "refs" / name
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(commit, encoding="utf-8")
    for commit, written_s in asked["snapshots"].items():
        # every content differs: a blob that snapshots share would have one time for all of them
        files = {
            "config.json": {"commit": commit},
            "modules.json": [{"path": "1_Pooling", "type": _POOLING, "name": commit}],
            "1_Pooling/config.json": {"pooling_mode_mean_tokens": True, "commit": commit},
            "tokenizer.json": {"commit": commit},
            "model.safetensors": f"weights of {commit}",
        }
        for name, content in files.items():
            _add(repository, commit, name, json.dumps(content).encode(), written_s)


def _add(repository: Path, commit: str, name: str, content: bytes, written_s: int) -> None:
    git_name = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    blob, link = repository / "blobs" / git_name, repository / "snapshots" / commit / name
    for path in (blob, link):
        path.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(content)
    os.utime(blob, (written_s, written_s))
    link.symlink_to(os.path.relpath(blob, link.parent))
    os.utime(link, (written_s, written_s), follow_symlinks=False)
